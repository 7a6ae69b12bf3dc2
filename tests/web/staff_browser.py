"""A staff browser without JavaScript: signed in through the session table, sends the token of the page it opened."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from civreg.accounts import service as accounts
from tests.world import PASSWORD

Typed = Mapping[str, str | Sequence[str]]


class StaffBrowser:
    """One person at one computer; requests share the transaction of the test."""

    def __init__(self, client: FlaskClient, session: Session, username: str) -> None:
        self.client = client
        self.session = session
        self.token, _ = accounts.sign_in(session, username, PASSWORD)

    def get(self, path: str) -> TestResponse:
        """Open a page."""
        self._sit_down()
        return self.client.get(path)

    def post(self, path: str, typed: Typed | None = None, *, follow: bool = False) -> TestResponse:
        """Send a form with a fresh token."""
        self._sit_down()
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.client.get("/mat-khau").text)
        assert token is not None
        return self.client.post(
            path, data={**(typed or {}), "csrf_token": token.group(1)}, follow_redirects=follow
        )

    def _sit_down(self) -> None:
        """Write the test's own changes first, and be the only one signed in."""
        self.session.commit()
        self.session.expire_all()
        with self.client.session_transaction() as cookie:
            if cookie.get("_user_id") != self.token:
                cookie.clear()
                cookie["_user_id"] = self.token


Browsers = Callable[[str], StaffBrowser]
"""Username → the browser of that person."""


def errors(page: TestResponse) -> list[str]:
    """Return the sentences of the summary on top of a page."""
    summary = re.search(r'<div class="error-summary".*?</ul>', page.text, re.S)
    return re.findall(r"<li>(?:<a [^>]*>)?([^<]+)", summary.group(0)) if summary else []


def hidden(page: TestResponse, name: str) -> str:
    """Return the value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found is not None, f"no field {name}"
    return found.group(1)
