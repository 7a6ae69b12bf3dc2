"""The running stack when everybody comes at once, when PostgreSQL is away, and when the worker is killed."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from civreg.accounts.rules import SYSTEM
from civreg.cases import queries as case_queries
from civreg.letters import queries as letter_queries
from civreg.letters import service as letters
from civreg.letters.queries import LetterRow
from civreg.shared import clock
from civreg.shared.database import new_id
from civreg.visits import queries as visit_queries
from tests.live_office import Answer, HttpVisitor, LiveOffice, at_once, birth_answers, open_office
from tests.live_stack import LiveStack, wait_until
from tests.world import MARRIAGE, ask, receive, register

pytestmark = pytest.mark.live

CLIENTS = 50
REVIEW = "/yeu-cau/birth_at_home/xem-lai"


@pytest.fixture
def office(live_stack: LiveStack) -> LiveOffice:
    return open_office(live_stack, "29362")


def ready_to_send(office: LiveOffice, key: str, **changes: str) -> tuple[HttpVisitor, dict[str, str]]:
    """Return a family's browser and the body of its last step."""
    visitor = HttpVisitor(office.stack.url)
    token = visitor.get("/yeu-cau/birth_at_home/goi-lai").hidden("csrf_token")
    return visitor, {**birth_answers(office, **changes), "csrf_token": token, "request_key": key}


def request_key() -> str:
    return new_id().hex + "abcdefgh"


def receipt_code(answer: Answer) -> str:
    """Return the code on the receipt the browser was led to."""
    assert answer.url.endswith("/yeu-cau/da-gui"), answer.text[:3000]
    found = re.search(r'receipt-code">.*?<dd[^>]*>(.*?)</dd>', answer.text, re.DOTALL)
    assert found is not None, answer.text
    return found[1].strip()


def test_fifty_clients_with_one_key_make_one_request(office: LiveOffice) -> None:
    before = office.scalar("SELECT count(*) FROM case_file")
    key = request_key()
    ready = [ready_to_send(office, key) for _ in range(CLIENTS)]
    answers = at_once([lambda v=visitor, b=body: v.post(REVIEW, b) for visitor, body in ready])
    assert [answer.status for answer in answers] == [200] * CLIENTS
    assert len({receipt_code(answer) for answer in answers}) == 1
    assert office.scalar("SELECT count(*) FROM case_file") == before + 1
    assert office.scalar("SELECT count(*) FROM request_key WHERE key = :key", key=key) == 1
    case_id = office.scalar("SELECT case_id FROM request_key WHERE key = :key", key=key)
    told = "SELECT count(*) FROM outbox WHERE topic = 'case.requested' AND subject_id = :id"
    assert office.scalar(told, id=case_id) == 1
    other = office.scalar("SELECT count(*) FROM party WHERE case_id = :id AND role = 'child'", id=case_id)
    assert other == 1
    visitor, body = ready[0]
    changed = visitor.post(REVIEW, {**body, "child_name": "Thạch Minh Khôi"})
    assert changed.status == 422
    assert "Thạch Minh Khôi" in changed.text


def test_fifty_officers_booking_one_slot_make_one_visit(office: LiveOffice) -> None:
    with office.session() as session:
        case_ids = [ask(session, office.world(), key=request_key()).case_id for _ in range(CLIENTS)]
        officer_id = office.actors["officer"].user_id
        assert officer_id is not None
        slot = visit_queries.free_slots(
            session, office.unit_id, officer_id, clock.today() + timedelta(days=20), 1
        )[0]
        versions = [
            case_queries.case_page(session, office.actors["officer"], case_id).version for case_id in case_ids
        ]
    visitor = HttpVisitor(office.stack.url)
    visitor.sign_in(office.username("officer"))
    token = visitor.get(f"/ho-so/{case_ids[0]}/lich-den-nha").hidden("csrf_token")

    def book(case_id: UUID, version: int) -> Answer:
        fields = {
            "csrf_token": token,
            "expected_version": str(version),
            "officer_id": str(officer_id),
            "slot": slot.starts_at.isoformat(),
        }
        return visitor.post(f"/ho-so/{case_id}/lich-den-nha", fields)

    answers = at_once([lambda c=c, v=v: book(c, v) for c, v in zip(case_ids, versions, strict=True)])
    statuses = sorted(answer.status for answer in answers)
    assert statuses == [200] + [409] * (CLIENTS - 1)
    assert all("Ghép vào chuyến ấy" in answer.text for answer in answers if answer.status == 409)
    booked = "SELECT count(*) FROM visit WHERE officer_id = :o AND starts_at = :s AND state = 'planned'"
    assert office.scalar(booked, o=officer_id, s=slot.starts_at) == 1
    moved = "SELECT count(*) FROM case_file WHERE id = ANY(:ids) AND state = 'visit_scheduled'"
    assert office.scalar(moved, ids=case_ids) == 1


def test_postgres_away_at_the_last_step_loses_nothing(office: LiveOffice) -> None:
    key = request_key()
    visitor, body = ready_to_send(
        office, key, child_name="Thạch Ngọc Bình Yên", visit_wish="chiều, trừ thứ tư"
    )
    stack = office.stack
    stack.postgres.stop(immediate=True)
    try:
        refused = visitor.post(REVIEW, body)
    finally:
        stack.postgres.start()
    assert refused.status == 503
    kept = refused.form()
    for name, value in body.items():
        if value and name != "csrf_token":
            assert kept[name] == value, name
    office.engine.dispose()
    wait_until(lambda: visitor.get("/readyz").status == 200, 60, "the database")
    answers = [visitor.post(REVIEW, {**kept, "csrf_token": body["csrf_token"]}) for _ in range(2)]
    assert receipt_code(answers[0]) == receipt_code(answers[1])
    assert office.scalar("SELECT count(*) FROM request_key WHERE key = :key", key=key) == 1
    named = "SELECT count(*) FROM party WHERE full_name = 'Thạch Ngọc Bình Yên' AND role = 'child'"
    assert office.scalar(named) == 1


def _drafted(office: LiveOffice, count: int) -> list[LetterRow]:
    """Return new letters that wait for the head, after cases that went their way."""
    with office.session() as session:
        case_ids = [ask(session, office.world(), MARRIAGE, key=request_key()).case_id for _ in range(count)]
        for case_id in case_ids:
            receive(session, office.world(), case_id)
            register(session, office.world(), case_id)
    office.wait_for_jobs()
    with office.session() as session:
        return [letter_queries.letters_of_case(session, SYSTEM, case_id)[0] for case_id in case_ids]


def _approve(office: LiveOffice, rows: list[LetterRow]) -> None:
    for row in rows:
        with office.session() as session:
            letters.approve(session, office.actors["head"], row.id, expected_version=row.version)


def test_worker_killed_between_approval_and_letter(office: LiveOffice) -> None:
    stack, head = office.stack, office.actors["head"]
    first, *rest = rows = _drafted(office, 5)
    ids = [row.id for row in rows]
    _approve(office, [first])
    office.wait_for_jobs()
    counter = "SELECT last FROM counter WHERE series = 'letter' AND unit_id = :u"
    waiting = (
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query ILIKE '%counter%'"
    )
    with office.engine.connect() as somebody, somebody.begin():
        before = somebody.execute(text(f"{counter} FOR UPDATE"), {"u": office.unit_id}).scalar_one()
        _approve(office, rest)
        # a letter is rendered and stored, and its transaction waits for the number: here the worker dies
        wait_until(lambda: office.scalar(waiting) >= 1, 60, "a job to reach its number")
        stack.kill("worker")
    assert office.scalar(counter, u=office.unit_id) == before
    assert office.scalar(
        "SELECT count(*) FROM letter WHERE id = ANY(:ids) AND number IS NULL", ids=ids
    ) == len(rest)
    with office.engine.begin() as connection:  # the minute of the lease goes by
        connection.execute(text("UPDATE job SET lease_until = now() WHERE state = 'waiting'"))
    stack.start("worker")
    office.wait_for_jobs(120)
    with office.session() as session:
        after = [letter_queries.letters_of_case(session, head, row.case_id) for row in rows]
        assert [[row.state for row in found] for found in after] == [["issued"]] * len(rows)
        numbers = session.scalars(
            text("SELECT number FROM letter WHERE unit_id = :u AND number IS NOT NULL ORDER BY number"),
            {"u": office.unit_id},
        ).all()
    assert numbers == list(range(1, before + len(rest) + 1))
    assert office.scalar(counter, u=office.unit_id) == before + len(rest)
    moves = "SELECT count(*) FROM letter_move WHERE action = 'issue' AND letter_id = ANY(:ids)"
    assert office.scalar(moves, ids=ids) == len(ids)
    files = "SELECT count(DISTINCT file_id) FROM letter WHERE id = ANY(:ids)"
    assert office.scalar(files, ids=ids) == len(ids)
    assert (
        office.scalar("SELECT count(*) FROM file f LEFT JOIN letter l ON l.file_id = f.id WHERE l.id IS NULL")
        == 0
    )
