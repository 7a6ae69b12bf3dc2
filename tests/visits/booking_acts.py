"""What the tests of bookings share."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor
from civreg.cases.queries import case_page
from civreg.shared import clock
from civreg.shared.database import new_id
from civreg.visits import service
from tests.world import World, ask, version


def at(day: int, hour: int = 9, minute: int = 0) -> datetime:
    """Return a moment of November 2026; the 16th is a Monday, the 24th a holiday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=clock.ZONE)


def request(session: Session, world: World, **changes: Any) -> UUID:
    return ask(session, world, key=str(new_id()), **changes).case_id


def officer_id(actor: Actor) -> UUID:
    assert actor.user_id is not None
    return actor.user_id


def book(session: Session, world: World, case_id: UUID, **changes: Any) -> UUID:
    booking: dict[str, Any] = {
        "case_id": case_id,
        "expected_version": version(session, world, case_id),
        "officer_id": officer_id(world.officer),
        "starts_at": at(17),
        **changes,
    }
    return service.book_visit(session, world.officer, **booking)


def state(session: Session, world: World, case_id: UUID) -> str:
    return case_page(session, world.officer, case_id).state


def topics(session: Session) -> list[str]:
    return list(session.scalars(text("SELECT topic FROM outbox WHERE topic LIKE 'visit.%' ORDER BY id")))
