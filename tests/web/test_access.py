"""The access matrix of the whole application, and what holds for every route."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from civreg.accounts import service as accounts
from civreg.accounts.rules import Permission
from civreg.shared import clock
from civreg.web import access
from civreg.web.access import page
from tests.web.access_matrix import PEOPLE, ROWS, Row
from tests.web.access_world import AccessWorld, build_access_world
from tests.world import MONDAY, PASSWORD


@pytest.fixture
def world(session: Session) -> Iterator[AccessWorld]:
    with clock.travelling(MONDAY):
        yield build_access_world(session)


@pytest.fixture
def without_csrf(app: Flask) -> Iterator[None]:
    app.config["WTF_CSRF_ENABLED"] = False
    yield
    app.config["WTF_CSRF_ENABLED"] = True


@dataclass(frozen=True)
class Visitor:
    """A browser that may be signed in."""

    client: FlaskClient
    token: str

    def ask(self, method: str, path: str) -> TestResponse:
        """Send one request with a fresh cookie, as nothing but the session counts."""
        with self.client.session_transaction() as cookie:
            cookie.clear()
            if self.token:
                cookie["_user_id"] = self.token
        return self.client.open(path, method=method, data={"page": "1"} if method == "POST" else None)


def _visitor(client: FlaskClient, session: Session, person: str) -> Visitor:
    if person == "anonymous":
        return Visitor(client, "")
    token, _ = accounts.sign_in(session, person, PASSWORD)
    session.commit()
    return Visitor(client, token)


def _outcome(answer: TestResponse) -> str:
    if answer.status_code == 401 or answer.headers.get("Location", "").startswith("/dang-nhap?"):
        return "s"
    return {403: "d", 404: "h"}.get(answer.status_code, "o")


def test_the_matrix_holds(
    client: FlaskClient, session: Session, world: AccessWorld, without_csrf: None
) -> None:
    visitors = {person: _visitor(client, session, person) for person in PEOPLE}
    connection = session.connection()
    wrong = []
    for row in ROWS:
        for person, cell in row.expected().items():
            for letter, objects in zip(cell, (world.own, world.other), strict=False):
                attempt = connection.begin_nested()
                answer = visitors[person].ask(row.method, objects.fill(row.path))
                attempt.rollback()
                if _outcome(answer) != letter:
                    where = "own" if objects is world.own else "other"
                    wrong.append(
                        f"{row.method} {row.path} {person} {where}: {answer.status_code}, not {letter}"
                    )
    assert not wrong, "\n" + "\n".join(wrong)


def test_every_route_has_its_rows(app: Flask) -> None:
    routes = {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint.rpartition(".")[2] != "static"
    }
    rows = [(row.endpoint, row.method) for row in ROWS]
    assert sorted(routes - set(rows)) == []
    assert sorted(set(rows) - routes) == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.method} {row.endpoint}")
def test_the_path_of_a_row_leads_to_its_endpoint(app: Flask, row: Row) -> None:
    example = dict.fromkeys(
        (
            "user_id",
            "grant_id",
            "case_id",
            "visit_id",
            "letter_id",
            "wording_id",
            "job_id",
            "notice_id",
            "run_id",
            "image_id",
            "bundle_id",
            "apology_id",
            "tied_id",
            "tiding_id",
            "supplement_id",
            "book_id",
            "asked_id",
            "complaint_id",
            "own_rule_id",
            "wait_id",
            "move_id",
        ),
        "01a20bf5-d955-7000-a891-9aa01df39c2c",
    )
    path = row.path.format(
        unit_id=1, old_unit_id=2, unit_code="29461", case_code="TC-2026-000001", **example
    ).partition("?")[0]
    assert app.url_map.bind("localhost").match(path, method=row.method)[0] == row.endpoint


def test_objects_have_two_letters_and_areas_one(app: Flask) -> None:
    for row in ROWS:
        lengths = {len(cell) for cell in row.cells.split()}
        assert len(lengths) == 1, row.endpoint


def test_a_route_without_a_declaration_stops_the_start() -> None:
    app = Flask("undeclared")
    app.add_url_rule("/quen", "forgotten", lambda: "")
    with pytest.raises(RuntimeError, match="forgotten"):
        access.init_app(app)


@pytest.mark.parametrize(
    "declaration",
    [{}, {"public": True, "signed_in": True}, {"public": True, "permission": Permission.CASE_VIEW}],
)
def test_a_declaration_says_one_thing(declaration: dict[str, bool]) -> None:
    declare: Callable[..., object] = page
    with pytest.raises(ValueError, match="exactly one"):
        declare(**declaration)
