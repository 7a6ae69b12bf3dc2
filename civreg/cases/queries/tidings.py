"""Tin báo: what waits at a unit, one tiding whole (reading it is logged), and what the reporter is shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.cases.models import Tiding
from civreg.shared import audit, crypto
from civreg.shared.errors import NotFound
from civreg.shared.partial_date import PartialDate
from civreg.units import queries as units

NO_TIDING = "Không tìm thấy tin này ở đơn vị của ông/bà."


@dataclass(frozen=True)
class TidingReceipt:
    """What whoever told sees (đã nhận tin): a short code, who calls whom by when."""

    code: str
    occasion: str
    unit_name: str
    hotline: str
    call_by: date | None
    has_family_phone: bool
    has_reporter_phone: bool


@dataclass(frozen=True)
class TidingRow:
    """A tiding as the desk lists it."""

    id: UUID
    code: str
    reporter: str
    occasion: str
    family_name: str
    hamlet: str
    told_at: datetime
    call_by: date | None


@dataclass(frozen=True)
class TidingPage:
    """A tiding, whole, with what became of it."""

    id: UUID
    code: str
    unit_id: int
    reporter: str
    reporter_name: str
    reporter_phone: str
    occasion: str
    family_name: str
    family_phone: str
    hamlet: str
    note: str
    event: PartialDate
    told_at: datetime
    call_by: date | None
    state: str
    version: int
    case_id: UUID | None
    settled_by: UUID | None
    settled_at: datetime | None
    dropped_reason: str | None


def _visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition under which a tiding exists for the actor: as for cases, where it lies now."""
    return true() if actor.unlimited else Tiding.unit_id.in_(actor.units(Permission.CASE_VIEW))


def tidings_waiting(session: Session, actor: Actor, limit: int = 100) -> tuple[TidingRow, ...]:
    """Return the tidings nobody settled yet, the nearest promised call first."""
    columns = (
        Tiding.id,
        Tiding.code,
        Tiding.reporter,
        Tiding.occasion,
        Tiding.family_name,
        Tiding.hamlet,
        Tiding.told_at,
        Tiding.call_by,
    )
    query = (
        select(*columns)
        .where(Tiding.state == "new", _visible_to(actor))
        .order_by(Tiding.call_by.asc().nulls_last(), Tiding.told_at)
        .limit(limit)
    )
    return tuple(TidingRow(*row) for row in session.execute(query))


def tiding_page(session: Session, actor: Actor, tiding_id: UUID) -> TidingPage:
    """Return a tiding with its phones and note, and write down who read it.

    Raises:
        NotFound: no such tiding, or another unit's.
    """
    row = session.scalars(select(Tiding).where(Tiding.id == tiding_id, _visible_to(actor))).first()
    if row is None:
        raise NotFound(NO_TIDING)
    audit.record_read(
        session, "tiding_page", actor_id=actor.user_id, subject_type="tiding", subject_id=row.id
    )
    known = PartialDate(row.event_year, row.event_month, row.event_day)
    return TidingPage(
        **{name: getattr(row, name) for name in _PLAIN},
        reporter_phone=_open(row, "sealed_reporter_phone"),
        family_phone=_open(row, "sealed_family_phone"),
        note=_open(row, "sealed_note"),
        event=known,
    )


_PLAIN = (
    "id", "code", "unit_id", "reporter", "reporter_name", "occasion", "family_name", "hamlet", "told_at", "call_by",
    "state", "version", "case_id", "settled_by", "settled_at", "dropped_reason",
)  # fmt: skip


def _open(row: Tiding, column: str) -> str:
    return crypto.unseal(getattr(row, column), "tiding", row.id, column)


def tiding_receipt(session: Session, tiding_id: UUID) -> TidingReceipt:
    """Return what whoever told is shown; nothing of what was told but its occasion."""
    row = session.get_one(Tiding, tiding_id)
    office = units.terms_near(session, row.unit_id, row.told_at.date())
    return TidingReceipt(
        code=row.code,
        occasion=row.occasion,
        unit_name=units.unit_by_id(session, row.unit_id).name,
        hotline=office.hotline if office else "",
        call_by=row.call_by,
        has_family_phone=bool(_open(row, "sealed_family_phone")),
        has_reporter_phone=bool(_open(row, "sealed_reporter_phone")),
    )
