"""Đọc lịch đến nhà: the plan of a day, the visits of a case, the slots still free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from civreg.accounts.queries import names_of
from civreg.accounts.rules import Actor, Permission
from civreg.cases.models import Case, Party
from civreg.deadlines.queries import calendar
from civreg.deadlines.rules import CalendarMissing
from civreg.shared import clock
from civreg.shared.errors import NotFound
from civreg.units.queries import participation_of
from civreg.visits import rules
from civreg.visits.models import Visit, VisitCase
from civreg.visits.rules import Slot

SEARCH_DAYS = 60
"""How far ahead free slots are looked for, in days."""

NO_VISIT = "Không tìm thấy lịch đến nhà này ở đơn vị của ông/bà."


@dataclass(frozen=True)
class VisitCaseRow:
    """A case of a visit as the day plan shows it; the phone number is read by `service.phones_of_visit` only."""

    case_id: UUID
    code: str
    procedure: str
    state: str
    version: int
    requester_name: str
    hamlet: str
    address: str
    has_phone: bool
    interpreter_wanted: bool


@dataclass(frozen=True)
class VisitRow:
    """Một chuyến đến nhà: when, who, where, for which cases, what came of it."""

    id: UUID
    unit_id: int
    officer_id: UUID
    officer_name: str
    purpose: str
    starts_at: datetime
    ends_at: datetime
    place: str
    state: str
    outcome: str | None
    recorded_at: datetime | None
    recorded_afterwards: bool
    version: int
    cases: tuple[VisitCaseRow, ...]


def day_plan(session: Session, actor: Actor, day: date, *, officer_id: UUID | None = None) -> list[VisitRow]:
    """Return the visits of a day (lịch trong ngày) at the actor's units by time, without cancelled ones.

    Args:
        session: the open transaction.
        actor: who looks; another unit's visits are not there.
        day: a day of Vietnam.
        officer_id: only this officer's visits.
    """
    start = datetime.combine(day, time(), clock.ZONE)
    query = _seen_by(actor).where(
        Visit.starts_at >= start,
        Visit.starts_at < start + timedelta(days=1),
        Visit.state != "cancelled",
    )
    if officer_id is not None:
        query = query.where(Visit.officer_id == officer_id)
    return _rows(session, session.scalars(query.order_by(Visit.starts_at, Visit.id)).all())


def visits_of_case(session: Session, actor: Actor, case_id: UUID) -> list[VisitRow]:
    """Return every visit of a case, the latest first, cancelled ones too.

    Raises:
        NotFound: no such case, or another unit's.
    """
    unit_id = session.scalar(select(Case.current_unit_id).where(Case.id == case_id))
    if unit_id is None or unit_id not in actor.units(Permission.VISIT_VIEW):
        raise NotFound("Không tìm thấy hồ sơ này ở đơn vị của ông/bà.")
    query = (
        select(Visit)
        .join(VisitCase, VisitCase.visit_id == Visit.id)
        .where(VisitCase.case_id == case_id)
        .order_by(Visit.starts_at.desc(), Visit.id)
    )
    return _rows(session, session.scalars(query).all())


def visit_page(session: Session, actor: Actor, visit_id: UUID) -> VisitRow:
    """Return one visit.

    Raises:
        NotFound: no such visit, or another unit's.
    """
    found = _rows(session, session.scalars(_seen_by(actor).where(Visit.id == visit_id)).all())
    if not found:
        raise NotFound(NO_VISIT)
    return found[0]


def next_visit(session: Session, case_id: UUID) -> datetime | None:
    """Return when the family is visited next, for the page that follows a case by its code; None without a booking."""
    return session.scalar(
        select(Visit.starts_at)
        .join(VisitCase, VisitCase.visit_id == Visit.id)
        .where(VisitCase.case_id == case_id, Visit.state == "planned")
        .order_by(Visit.starts_at)
        .limit(1)
    )


def planned_visits_of(session: Session, case_id: UUID) -> list[UUID]:
    """Return the ids of the case's bookings, the next one first."""
    query = (
        select(Visit.id)
        .join(VisitCase, VisitCase.visit_id == Visit.id)
        .where(VisitCase.case_id == case_id, Visit.state == "planned")
        .order_by(Visit.starts_at)
    )
    return list(session.scalars(query))


def visits_to_record(session: Session, actor: Actor, now: datetime, limit: int = 50) -> list[VisitRow]:
    """Return bookings whose time is over without an outcome (chưa ghi kết quả), the oldest first."""
    query = (
        _seen_by(actor)
        .where(Visit.state == "planned", Visit.ends_at <= now)
        .order_by(Visit.starts_at, Visit.id)
        .limit(limit)
    )
    return _rows(session, session.scalars(query).all())


def free_slots(session: Session, unit_id: int, officer_id: UUID, from_day: date, count: int) -> list[Slot]:
    """Return the next free half hours of an officer in office hours, at most `count`.

    Days off and festivals have none; where the unit works on Saturday mornings those count. Past the end of the
    calendar nothing is offered.
    """
    last_day = from_day + timedelta(days=SEARCH_DAYS)
    taken = _bookings(session, officer_id, from_day, last_day)
    terms = participation_of(session, unit_id, from_day)
    now, found = clock.now(), list[Slot]()
    day = from_day
    while len(found) < count and day <= last_day:
        try:
            slots = rules.day_slots(
                day,
                calendar(session),
                rules.shipped_closures(),
                saturday_morning=bool(terms and terms.saturday_morning),
            )
        except CalendarMissing:
            break
        found.extend(rules.free_among(slots, taken, now))
        day += timedelta(days=1)
    return found[:count]


def opening_day(session: Session, today: date) -> date:
    """Return the day on which a day view opens: the next working day when today is off."""
    try:
        return rules.opening_day(today, calendar(session))
    except CalendarMissing:
        return today


def _seen_by(actor: Actor) -> Select[Visit]:
    return select(Visit).where(Visit.unit_id.in_(actor.units(Permission.VISIT_VIEW)))


def _bookings(session: Session, officer_id: UUID, first: date, last: date) -> list[Slot]:
    rows = session.execute(
        select(Visit.starts_at, Visit.ends_at).where(
            Visit.officer_id == officer_id,
            Visit.state == "planned",
            Visit.ends_at > datetime.combine(first, time(), clock.ZONE),
            Visit.starts_at < datetime.combine(last + timedelta(days=1), time(), clock.ZONE),
        )
    )
    return [Slot(row.starts_at, row.ends_at) for row in rows]


def _rows(session: Session, visits: Sequence[Visit]) -> list[VisitRow]:
    names = names_of(session, {visit.officer_id for visit in visits})
    cases = _cases_of(session, [visit.id for visit in visits])
    return [
        VisitRow(
            id=visit.id,
            unit_id=visit.unit_id,
            officer_id=visit.officer_id,
            officer_name=names.get(visit.officer_id, ""),
            purpose=visit.purpose,
            starts_at=visit.starts_at.astimezone(clock.ZONE),
            ends_at=visit.ends_at.astimezone(clock.ZONE),
            place=visit.place,
            state=visit.state,
            outcome=visit.outcome,
            recorded_at=visit.recorded_at,
            recorded_afterwards=visit.recorded_afterwards,
            version=visit.version,
            cases=cases.get(visit.id, ()),
        )
        for visit in visits
    ]


def _cases_of(session: Session, visit_ids: Sequence[UUID]) -> dict[UUID, tuple[VisitCaseRow, ...]]:
    if not visit_ids:
        return {}
    rows = session.execute(
        select(
            VisitCase.visit_id,
            Case.id,
            Case.code,
            Case.procedure,
            Case.state,
            Case.version,
            Party.full_name,
            Case.hamlet,
            Case.address,
            Party.sealed_phone,
            Case.interpreter_wanted,
        )
        .join(Case, Case.id == VisitCase.case_id)
        .outerjoin(Party, (Party.case_id == Case.id) & (Party.role == "requester") & (Party.ordinal == 1))
        .where(VisitCase.visit_id.in_(visit_ids))
        .order_by(Case.code)
    )
    found: dict[UUID, tuple[VisitCaseRow, ...]] = {}
    for row in rows:
        found[row.visit_id] = (*found.get(row.visit_id, ()), _case_row(row))
    return found


def _case_row(row: Any) -> VisitCaseRow:
    return VisitCaseRow(
        case_id=row.id,
        code=row.code,
        procedure=row.procedure,
        state=row.state,
        version=row.version,
        requester_name=row.full_name or "",
        hamlet=row.hamlet,
        address=row.address,
        has_phone=bool(row.sealed_phone),
        interpreter_wanted=row.interpreter_wanted,
    )
