"""A thousand malformed inputs over every form and address: a sentence each, nothing lost, nothing written by a refusal."""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from civreg.accounts import service as accounts
from civreg.accounts.rules import Role
from civreg.cases import service as cases
from civreg.letters import service as letters
from civreg.shared import clock
from civreg.shared.database import new_id
from civreg.shared.text import nfc
from civreg.visits import service as visits
from civreg.web.errors import UNUSABLE
from civreg.web.kept import SECRET_WORDS
from tests import world as small
from tests.letters.flow import issued, letter_of, registered
from tests.web.access_matrix import PEOPLE, ROWS
from tests.web.access_world import AccessWorld, Objects, build_access_world
from tests.web.malformed import Address, Door, Sent, doors, malformed, read_page
from tests.world import MONDAY, PASSWORD, World

INPUTS = int(os.environ.get("CIVREG_MALFORMED", "1000"))
SEED = int(os.environ.get("CIVREG_SEED", "20261124"))
WRITTEN_ANYHOW = frozenset({"failed_try", "user_session", "read_log"})
"""Tries that are counted, sessions that are touched, reads that are logged: true of a refusal too."""


@dataclass(frozen=True)
class Site:
    """The application over a world with a case and a letter at every step."""

    app: Flask
    client: FlaskClient
    connection: Connection
    tokens: dict[str, str]
    addresses: tuple[Address, ...]

    def sit(self, person: str) -> None:
        with self.client.session_transaction() as cookie:
            cookie.clear()
            if person in self.tokens:
                cookie["_user_id"] = self.tokens[person]

    def open(self, person: str, path: str) -> TestResponse:
        self.sit(person)
        with self.connection.begin_nested() as attempt:
            answer = self.client.get(path)
            attempt.rollback()
        return answer


@pytest.fixture
def site(app: Flask, client: FlaskClient, session: Session) -> Iterator[Site]:
    app.config["WTF_CSRF_ENABLED"] = False
    with clock.travelling(MONDAY):
        world = build_access_world(session)
        small._user(session, "auditor", Role.AUDITOR, world.people.province, "Lý Thị Kiểm")
        filled = _addresses(world, _every_step(session, world))
        people = [*PEOPLE[:-1], "auditor"]
        tokens = {person: accounts.sign_in(session, person, PASSWORD)[0] for person in people}
        session.commit()
        yield Site(app, client, session.connection(), tokens, filled)
    app.config["WTF_CSRF_ENABLED"] = True


def _every_step(session: Session, world: AccessWorld) -> list[Objects]:
    """Return the objects of the own unit, and again with a case and a letter at each other step."""
    people, own = world.people, world.own
    asked, booked, received, waiting, numbered, done, ended = (
        small.ask(session, people, key=str(new_id())).case_id for _ in range(7)
    )
    assert people.officer.user_id is not None
    visit_id = visits.book_visit(
        session, people.officer, case_id=booked, expected_version=1,
        officer_id=people.officer.user_id, starts_at=MONDAY + timedelta(hours=2),
    )  # fmt: skip
    for case_id in (received, waiting, numbered, done):
        small.receive(session, people, case_id)
    cases.request_papers(
        session, people.officer, waiting, expected_version=small.version(session, people, waiting),
        papers=small.papers_of(session, people, waiting)[:1], reason="Giấy chứng sinh bị mờ",
    )  # fmt: skip
    cases.enter_numbers(
        session, people.officer, numbered, expected_version=small.version(session, people, numbered),
        register_number="124/2026", personal_number="084326012346",
    )  # fmt: skip
    small.register(session, people, done, personal_number="084326012347")
    cases.withdraw(session, people.officer, ended, expected_version=1, reason="Gia đình đổi ý")
    steps = [replace(own, case_id=case_id) for case_id in (asked, received, waiting, numbered, done, ended)]
    steps.append(replace(own, case_id=booked, visit_id=visit_id))
    return [own, *steps, *(replace(own, letter_id=letter_id) for letter_id in _letters(session, people))]


def _letters(session: Session, people: World) -> list[UUID]:
    draft, held = (letter_of(session, registered(session, people)) for _ in range(2))
    letters.hold(session, people.officer, held.id, expected_version=held.version, reason="Gia đình có tang")
    to_print, printed = (issued(session, people) for _ in range(2))
    letters.print_run(session, people.clerk, [printed.unit_id], [printed.id])
    return [draft.id, held.id, to_print.id, printed.id]


def _addresses(world: AccessWorld, steps: list[Objects]) -> tuple[Address, ...]:
    found: dict[tuple[str, str, str], Address] = {}
    for row in ROWS:
        people = tuple(person for person, cell in row.expected().items() if cell[0] == "o") or ("auditor",)
        people = ("anonymous",) if "anonymous" in people else people
        for objects in steps if row.method == "GET" else steps[:1]:
            path = objects.fill(row.path)
            found[row.endpoint, row.method, path] = Address(row.endpoint, row.method, path, people)
    return tuple(found.values())


def test_a_thousand_malformed_inputs(site: Site) -> None:
    places = doors(site.app, site.addresses, site.open)
    assert _routes(site.app) - {(door.endpoint, door.method) for door in places} == set()
    chance = random.Random(SEED)
    chance.shuffle(places)
    before, wrong, seen = _state(site.connection), [], Counter[str]()
    for number in range(INPUTS):
        door = places[number % len(places)]
        sent = malformed(door, chance)
        seen[door.endpoint] += 1
        attempt = site.connection.begin_nested()
        try:
            found = _judge(site, door, sent, before)
        except Exception as fault:
            found = [f"{type(fault).__name__}: {str(fault)[:300]}"]
        attempt.rollback()
        wrong += [
            f"{number}: {door.method} {sent.path[:120]} ({door.person}; {sent.what}): {one}" for one in found
        ]
    assert len(places) > INPUTS or set(seen) == {door.endpoint for door in places}
    assert not wrong, f"seed {SEED}, {len(wrong)} of {INPUTS}:\n" + "\n".join(wrong)


def _routes(app: Flask) -> set[tuple[str, str]]:
    return {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) & {"GET", "POST"}
        if rule.endpoint.rpartition(".")[2] != "static"
    }


def test_a_stale_token_loses_nothing_on_any_form(site: Site) -> None:
    site.app.config["WTF_CSRF_ENABLED"] = True
    forms = [
        door for door in doors(site.app, site.addresses, site.open) if door.method == "POST" and door.typed
    ]
    lost = []
    for door in forms:
        pairs = [(name, values[0]) for name, values in door.fields.items()]
        site.sit(door.person)
        answer = site.client.post(door.path, data={**dict(pairs), "csrf_token": "của trang cũ"})
        if answer.status_code != 400 or "Trang đã mở quá lâu nên chưa gửi được." not in answer.text:
            lost.append(f"{door.path}: {answer.status_code}")
        lost += _lost(door, Sent("stale token", door.path, pairs=pairs), answer)
    assert len(forms) > 40
    assert not lost


def _judge(site: Site, door: Door, sent: Sent, before: dict[str, tuple[int, int]]) -> list[str]:
    """Send one input and return what is wrong with the answer."""
    site.sit(door.person)
    answer = site.client.open(
        sent.path,
        method=door.method,
        query_string=sent.query,
        data=sent.body,
        content_type=sent.kind or None,
    )
    if answer.status_code < 400 or door.endpoint == "health.ready":  # it tells a machine what is down
        return []
    wrong = [f"status {answer.status_code}"] if answer.status_code >= 500 else []
    if not _says_what_to_do(answer):
        wrong.append(f"{answer.status_code} without a sentence: {answer.text[:200]!r}")
    if UNUSABLE in answer.text:
        wrong.append("only the database refused it")
    now = _state(site.connection)
    changed = [table for table in before if before[table] != now[table]]
    if changed:
        wrong.append(f"{answer.status_code} wrote into {changed}")
    if answer.mimetype == "text/html" and sent.pairs:
        wrong += _lost(door, sent, answer)
    return wrong


def _says_what_to_do(answer: TestResponse) -> bool:
    """Tell whether a refusal carries a sentence: of a page, of its boxes, the one a script shows, or a machine reads."""
    if answer.is_json:
        said = answer.json or {}
        return bool(said.get("sentence") or said.get("error"))
    at_a_box = re.search(
        r'class="[^"]*(?:error-summary|field-error)[^"]*"[^>]*>.*?[\wÀ-ỹ]{2}', answer.text, re.S
    )
    return at_a_box is not None or re.search("[Ôô]ng/bà", answer.text) is not None


def _lost(door: Door, sent: Sent, answer: TestResponse) -> list[str]:
    """Return the answers of a person that are no longer on the page."""
    forms, words = read_page(answer.text)
    held = {nfc(control.value) for form in forms for control in form.controls.values()}
    shown = nfc(words)
    typed = dict(reversed(sent.pairs or []))  # the first of a repeated name counts
    return [
        f"{answer.status_code} lost {name}={value[:40]!r}"
        for name, value in typed.items()
        if name in door.typed and not any(word in name for word in SECRET_WORDS)
        and typed.get(f"before.{name}") != value  # as it was opened: nobody typed it, the newer value of others is shown
        and (f"before.{name}" not in door.fields or f"before.{name}" in typed)  # else no form offered it: it is planted
        and (name not in door.choices or value in door.fields[name])
        and (clean := nfc(value)) and clean not in held and clean not in shown
    ]  # fmt: skip


def _state(connection: Connection) -> dict[str, tuple[int, int]]:
    """Return for each table how many rows it has and a sum over them."""
    statement = " UNION ALL ".join(
        f"SELECT '{table}', count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) FROM {table} t"
        for table in _tables(connection)
    )
    return {name: (count, int(total)) for name, count, total in connection.execute(text(statement))}


def _tables(connection: Connection) -> list[str]:
    names = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"))
    return [name for (name,) in names if name not in WRITTEN_ANYHOW]
