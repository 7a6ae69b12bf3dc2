"""Đọc lịch: the plan of a day, the visits of a case, the slots still free."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from civreg.accounts.queries import names_of
from civreg.accounts.rules import Actor, Permission
from civreg.cases.models import Case, Party
from civreg.deadlines.queries import calendar
from civreg.deadlines.rules import CalendarMissing
from civreg.procedures import catalogue
from civreg.shared import clock
from civreg.shared.errors import NotFound
from civreg.units.queries import participation_of
from civreg.visits import rules
from civreg.visits.models import Visit, VisitBook, VisitCase
from civreg.visits.queries.books import books_of_visits
from civreg.visits.rules import Book, BookNeed, Slot

SEARCH_DAYS = 60
"""How far ahead free slots are looked for, in days."""

NO_VISIT = "Không tìm thấy lịch đến nhà này ở đơn vị của ông/bà."


@dataclass(frozen=True)
class VisitCaseRow:
    """A case of a visit as the day plan shows it; the phone number is read by `service.phones_of_visit` only.

    Attributes:
        need: the register book in which this family signs when the result is brought; None when there is none.
        returns_visit_id: the first visit of this case when this one is its second (lần 2 của đăng ký lưu động).
        returns_at: when that first visit was.
    """

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
    need: BookNeed | None
    returns_visit_id: UUID | None
    returns_at: datetime | None


@dataclass(frozen=True)
class VisitRow:
    """Một chuyến đến nhà: when, who, where, for which cases, what came of it.

    Attributes:
        books: the register books it carries (sổ mang theo).
    """

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
    books: tuple[Book, ...]

    @property
    def needs(self) -> tuple[BookNeed, ...]:
        """Return the books the families of this trip sign in, each once."""
        return tuple(dict.fromkeys(case.need for case in self.cases if case.need))

    @property
    def lacking(self) -> tuple[BookNeed, ...]:
        """Return the books that nobody chose yet (chưa chọn sổ); a trip that is over lacks none."""
        if self.state != "planned":
            return ()
        return tuple(
            need for need in self.needs if not any(need.met_by(book.kind, book.year) for book in self.books)
        )


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
    return next_visits(session, [case_id]).get(case_id)


def next_visits(session: Session, case_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """Return for each of these cases that has a booking when its family is visited next, in one query."""
    query = (
        select(VisitCase.case_id, func.min(Visit.starts_at))
        .join(Visit, Visit.id == VisitCase.visit_id)
        .where(VisitCase.case_id.in_(case_ids), Visit.state == "planned")
        .group_by(VisitCase.case_id)
    )
    return {case_id: starts_at for case_id, starts_at in session.execute(query)}  # noqa: C416 - rows are no pairs


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


def last_visit_made(session: Session, case_id: UUID) -> datetime | None:
    """Return the time of the newest trip to the case's family that was made; None without one."""
    at = session.scalar(
        select(func.max(Visit.starts_at))
        .join(VisitCase, VisitCase.visit_id == Visit.id)
        .where(VisitCase.case_id == case_id, Visit.state == "done")
    )
    return at.astimezone(clock.ZONE) if at else None


def first_visit_of(session: Session, case_id: UUID) -> UUID | None:
    """Return the visit at which the papers of a case were taken last (lần 1), or None when nobody recorded one."""
    return session.scalar(
        select(Visit.id)
        .join(VisitCase, VisitCase.visit_id == Visit.id)
        .where(VisitCase.case_id == case_id, Visit.state == "done", Visit.purpose == "receive")
        .order_by(Visit.starts_at.desc(), Visit.id.desc())
        .limit(1)
    )


def free_slots(
    session: Session,
    unit_id: int,
    officer_id: UUID,
    from_day: date,
    count: int,
    *,
    book_id: UUID | None = None,
) -> list[Slot]:
    """Return the next half hours in office hours at which an officer (and a register book) is free, at most `count`.

    Days off and festivals have none; where the unit works on Saturday mornings those count. Past the end of the
    calendar nothing is offered.
    """
    last_day = from_day + timedelta(days=SEARCH_DAYS)
    taken = _bookings(session, officer_id, book_id, from_day, last_day)
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


def _bookings(
    session: Session, officer_id: UUID, book_id: UUID | None, first: date, last: date
) -> list[Slot]:
    theirs: ColumnElement[bool] = Visit.officer_id == officer_id
    if book_id is not None:
        carrying = select(VisitBook.visit_id).where(VisitBook.register_book_id == book_id)
        theirs = or_(theirs, Visit.id.in_(carrying))
    rows = session.execute(
        select(Visit.starts_at, Visit.ends_at).where(
            theirs,
            Visit.state == "planned",
            Visit.ends_at > datetime.combine(first, time(), clock.ZONE),
            Visit.starts_at < datetime.combine(last + timedelta(days=1), time(), clock.ZONE),
        )
    )
    return [Slot(row.starts_at, row.ends_at) for row in rows]


def _rows(session: Session, visits: Sequence[Visit]) -> list[VisitRow]:
    names = names_of(session, {visit.officer_id for visit in visits})
    ids = [visit.id for visit in visits]
    cases, books = _cases_of(session, ids), books_of_visits(session, ids)
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
            books=books.get(visit.id, ()),
        )
        for visit in visits
    ]


def _cases_of(session: Session, visit_ids: Sequence[UUID]) -> dict[UUID, tuple[VisitCaseRow, ...]]:
    if not visit_ids:
        return {}
    first = aliased(Visit)
    rows = session.execute(
        select(
            VisitCase.visit_id,
            VisitCase.returns_visit_id,
            first.starts_at.label("returns_at"),
            Visit.purpose,
            Case.id,
            Case.code,
            Case.procedure,
            Case.procedure_version,
            Case.registered_at,
            Case.state,
            Case.version,
            Party.full_name,
            Case.hamlet,
            Case.address,
            Party.sealed_phone,
            Case.interpreter_wanted,
        )
        .join(Visit, Visit.id == VisitCase.visit_id)
        .join(Case, Case.id == VisitCase.case_id)
        .outerjoin(first, first.id == VisitCase.returns_visit_id)
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
        need=_need(row),
        returns_visit_id=row.returns_visit_id,
        returns_at=row.returns_at.astimezone(clock.ZONE) if row.returns_at else None,
    )


def _need(row: Any) -> BookNeed | None:
    """Return the book this family signs in; a family of the trip whose papers are only taken now signs in none."""
    brings = row.purpose == "return" or row.returns_visit_id is not None
    if not brings or rules.purpose_for(row.state) != "return":
        return None
    return rules.book_need(catalogue.version_by_id(row.procedure_version), row.registered_at)


def bookings_by_unit(session: Session) -> dict[int, int]:
    """Return for each unit how many visits are planned there; counts only."""
    query = select(Visit.unit_id, func.count()).where(Visit.state == "planned").group_by(Visit.unit_id)
    return {row[0]: row[1] for row in session.execute(query)}
