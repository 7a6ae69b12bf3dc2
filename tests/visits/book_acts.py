"""What the tests of register books share."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from civreg.shared import clock
from civreg.visits import queries, service
from tests.visits.booking_acts import at, officer_id
from tests.world import BIRTH, MARRIAGE, MONDAY, World, ask, receive, register, version

TODAY = MONDAY.date()
MOBILE_BIRTH = replace(BIRTH, procedure="birth_mobile")


def open_book(session: Session, world: World, kind: str = "marriage", **changes: Any) -> UUID:
    book = {"unit_id": world.tra_cu, "kind": kind, "year": 2026, "label": "01", **changes}
    return service.open_book(session, world.officer, **book)


def book_trip(session: Session, world: World, case_id: UUID, **changes: Any) -> UUID:
    trip: dict[str, Any] = {
        "case_id": case_id,
        "expected_version": version(session, world, case_id),
        "officer_id": officer_id(world.officer),
        "starts_at": at(17),
        "purpose": "return",
        **changes,
    }
    return service.book_visit(session, world.officer, **trip)


def visited(session: Session, world: World, form: Any = MARRIAGE) -> tuple[UUID, UUID]:
    """Return a case whose papers were taken at a booked visit on Monday, and that visit."""
    case_id = ask(session, world, form).case_id
    with clock.travelling(MONDAY):
        visit_id = book_trip(session, world, case_id, starts_at=at(16, 8), purpose="receive")
        service.record_visit(session, world.officer, visit_id, "done")
        receive(session, world, case_id)
    return case_id, visit_id


def registered(session: Session, world: World, form: Any = MARRIAGE) -> tuple[UUID, UUID]:
    case_id, visit_id = visited(session, world, form)
    register(session, world, case_id)
    return case_id, visit_id


def book_row(session: Session, world: World, book_id: UUID, today: date = TODAY) -> queries.BookRow:
    return queries.book_page(session, world.officer, book_id, today)


def trip_row(session: Session, world: World, visit_id: UUID) -> queries.VisitRow:
    return queries.visit_page(session, world.officer, visit_id)
