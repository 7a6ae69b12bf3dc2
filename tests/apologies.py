"""Xin lỗi in tests: a result or a trip that is missed, drafted for and signed by the head, for every test that needs one."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg import work
from civreg.cases import service as cases
from civreg.cases.queries import apologies_of, apologies_waiting
from civreg.cases.rules import RequestForm
from civreg.deadlines import service as deadlines
from civreg.shared import clock
from civreg.visits import service as visits
from tests.world import MARRIAGE, MONDAY, World, ask, receive

LATE = datetime(2026, 11, 24, 8, tzinfo=clock.ZONE)
"""The morning after a marriage of `MONDAY` was promised."""
NEW_DAY = date(2026, 11, 27)
BOOKED = MONDAY + timedelta(hours=1)
NOTICED = BOOKED + timedelta(minutes=30) + timedelta(hours=4)
"""From when a trip booked at `BOOKED` counts as missed."""
NEW_AT = MONDAY + timedelta(days=1, hours=2)
WHY = "Xe của cán bộ hỏng giữa đường"


def missed_result(session: Session, world: World, form: RequestForm = MARRIAGE, at: datetime = LATE) -> UUID:
    """Take the papers on `MONDAY` and let the promised day come; the head finds the draft at `at`."""
    with clock.travelling(MONDAY):
        case_id = ask(session, world, form).case_id
        receive(session, world, case_id)
    with clock.travelling(at):
        deadlines.sweep(session)
        work.run_waiting(session)
    return case_id


def sign_result(session: Session, world: World, case_id: UUID, **said: Any) -> UUID:
    """Let the head sign the apology of a case; return it."""
    (draft,) = (one for one in apologies_waiting(session, world.head) if one.case_id == case_id)
    signed = {"reason": "Mất điện", "new_due_on": NEW_DAY, "expected_version": draft.version, **said}
    cases.sign_apology(session, world.head, draft.id, **signed)
    return draft.id


def tell_result(session: Session, world: World, case_id: UUID, how: str = "handed") -> None:
    """Let the officer note how the family learned of the signed apology of a case."""
    (signed,) = (one for one in apologies_of(session, world.officer, case_id) if one.state == "signed")
    cases.send_apology(session, world.officer, signed.id, expected_version=signed.version, how=how)


def booked_trip(session: Session, world: World, case_id: UUID | None = None, **booked: Any) -> UUID:
    """Book a trip at `BOOKED` to a new family, or to that of the case."""
    assert world.officer.user_id is not None
    trip = {"expected_version": None, "officer_id": world.officer.user_id, "starts_at": BOOKED, **booked}
    return visits.book_visit(session, world.officer, case_id=case_id or ask(session, world).case_id, **trip)


def missed_trip(session: Session, world: World, case_id: UUID | None = None, **booked: Any) -> UUID:
    """Book a trip that nobody makes; the head finds the draft at `NOTICED`."""
    visit_id = booked_trip(session, world, case_id, **booked)
    with clock.travelling(NOTICED):
        assert visits.draft_missed(session) == 1
    return visit_id


def sign_trip(session: Session, world: World, visit_id: UUID, **said: Any) -> None:
    """Let the head sign the apology for a trip."""
    signed = {"reason": WHY, "new_at": NEW_AT, "expected_version": 1, **said}
    visits.sign_visit_apology(session, world.head, visit_id, **signed)


def case_of(session: Session, visit_id: UUID) -> UUID:
    """Return the case that a trip serves."""
    query = text("SELECT case_id FROM visit_case WHERE visit_id = :id")
    return UUID(str(session.scalars(query, {"id": visit_id}).one()))
