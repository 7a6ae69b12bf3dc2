"""A desk for tests: a signed-in browser without JavaScript that fills in the forms of the pages it opens."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from civreg.accounts import service as accounts
from civreg.cases.queries import CasePage, case_page
from tests.world import PASSWORD, World, papers_of

SIGN_OUT = "/dang-xuat"


@dataclass
class Form:
    """One form of a page: where it goes, what it would send untouched, and its buttons."""

    method: str
    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._area = ""
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "form":
            self.forms.append(Form(given.get("method", "get"), given.get("action", "")))
        elif not self.forms or (not name and tag != "option"):
            return
        elif tag == "button":
            self.forms[-1].buttons.append((name, given.get("value", "")))
        elif tag == "textarea":
            self._area = name
            self.forms[-1].fields[name] = ""
        elif tag == "select":
            self._select = name
            self.forms[-1].fields.setdefault(name, "")
        elif tag == "option" and "selected" in given:
            self.forms[-1].fields[self._select] = given["value"]
        elif tag == "input" and (given.get("type") not in ("radio", "checkbox") or "checked" in given):
            self.forms[-1].fields[name] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._area:
            self.forms[-1].fields[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""


def forms_of(answer: TestResponse) -> list[Form]:
    """Return the forms of a page, without the sign-out of its head."""
    parser = _Forms()
    parser.feed(answer.text)
    return [form for form in parser.forms if form.action != SIGN_OUT]


@dataclass
class Desk:
    """Somebody signed in, with a browser of her own."""

    client: FlaskClient

    def open(self, path: str) -> TestResponse:
        """Open a page."""
        return self.client.get(path)

    def form(self, path: str, action: str = "") -> Form:
        """Open a page and return its POST form (the one that goes to `action`)."""
        answer = self.open(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return self.form_in(answer, path, action)

    def form_in(self, answer: TestResponse, path: str, action: str = "") -> Form:
        """Return the POST form of an answer with its address made whole."""
        found = [
            form
            for form in forms_of(answer)
            if form.method == "post" and (not action or form.action.endswith(action))
        ]
        assert found, f"no form to {action or path}"
        found[0].action = urljoin(path, found[0].action)
        return found[0]

    def send(self, form: Form, **typed: str) -> TestResponse:
        """Send a form as it stands, with what was typed over it."""
        return self.client.post(form.action, data={**form.fields, **typed})

    def fill(self, path: str, typed: dict[str, str] | None = None, *, to: str = "") -> TestResponse:
        """Open a page, type into its form, send it."""
        return self.send(self.form(path, to), **(typed or {}))

    def search(self, text: str, **filters: str) -> TestResponse:
        """Type into the search of the list of cases; return the list it leads to."""
        found = self.fill("/ho-so", {"q": text, **filters}, to="/ho-so/tim")
        assert found.status_code == 303, found.status_code
        return self.client.get(found.headers["Location"])

    def post(self, path: str, data: dict[str, str]) -> TestResponse:
        """Send fields that no form offered, with the token a page of this session carries."""
        token = self.form("/ho-so/moi").fields["csrf_token"]
        return self.client.post(path, data={"csrf_token": token, **data})


def sit(client: FlaskClient, session: Session, username: str) -> Desk:
    """Return the desk of a person of the world."""
    token, _ = accounts.sign_in(session, username, PASSWORD)
    session.commit()
    own = client.application.test_client()
    with own.session_transaction() as cookie:
        cookie["_user_id"] = token
    return Desk(own)


def landed(answer: TestResponse) -> str:
    """Return where a redirect leads, without its query."""
    assert answer.status_code == 302, (answer.status_code, answer.text[:2000])
    return str(answer.headers["Location"]).partition("?")[0]


def now(session: Session, world: World, case_id: UUID) -> CasePage:
    """Return a case as it stands in the database."""
    session.expire_all()
    return case_page(session, world.officer, case_id)


def all_papers(session: Session, world: World, case_id: UUID) -> dict[str, str]:
    """Return the boxes of every paper of a case, ticked."""
    return {f"paper.{code}": "1" for code in papers_of(session, world, case_id)}
