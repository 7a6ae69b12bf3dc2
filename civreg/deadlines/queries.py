"""Đọc hạn: the working calendar of the database, deadlines with their reasons, notices, near and missed days."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import and_, any_, false, func, or_, select
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission, Role
from civreg.deadlines.models import (
    CalendarChange,
    CalendarDay,
    CalendarYear,
    Deadline,
    DeadlineNotice,
    DeadlineSegment,
    NoticeRule,
)
from civreg.deadlines.rules import (
    Calendar,
    CalendarMissing,
    Reason,
    add_working_days,
    hour_words,
    reason_from_json,
)
from civreg.deadlines.rules.coverage import covered_days, years_to_confirm
from civreg.deadlines.rules.notices import NoticeRuleRow
from civreg.deadlines.rules.shipped import OFF, CalendarRow, calendar_from_rows
from civreg.deadlines.rules.terms import last_moment, local
from civreg.shared import clock
from civreg.shared.database import many_ids

NEAR_WORKING_DAYS = 2
"""A deadline is near (sắp đến hạn) from two working days before its day."""

Kind = Literal["call", "part", "whole"]
"""The office's promise to call, the legal date of a part, or of a whole bundle where a text sets one."""

_CACHE = "deadlines.calendar"


@dataclass(frozen=True)
class CalendarDayRow:
    """A day of the calendar as the administrator sees it; `edited_by` None means: as shipped."""

    day: date
    kind: str
    name: str
    source: str
    certainty: str
    edited_by: UUID | None


@dataclass(frozen=True)
class CalendarChangeRow:
    """Days that began or ceased to be working days, as one edit or one load changed them."""

    id: int
    first_day: date
    last_day: date


@dataclass(frozen=True)
class CalendarYearRow:
    """A confirmed year and the notice; `confirmed_by` None means: as shipped."""

    year: int
    source: str
    confirmed_at: datetime
    confirmed_by: UUID | None


@dataclass(frozen=True)
class SegmentRow:
    """The clock started, paused or resumed at a moment, and why."""

    kind: str
    at: datetime
    reason: str


@dataclass(frozen=True)
class DeadlineRow:
    """Hạn: one promise of a case. Reasons are codes; `rules.reason_sentence` words them at the edge.

    `due_on` None: the limit is not confirmed, the calendar is missing, or the clock stands still.
    """

    id: UUID
    case_id: UUID
    subject_id: UUID
    kind: Kind
    ordinal: int
    unit_id: int
    procedure: str
    starts_at: datetime
    due_on: date | None
    due_at: datetime | None
    reasons: tuple[Reason, ...]
    state: str
    met_at: datetime | None
    segments: tuple[SegmentRow, ...]

    @property
    def paused(self) -> bool:
        """Whether the clock stands still now."""
        return bool(self.segments) and self.segments[-1].kind == "pause"

    @property
    def due_hour(self) -> str:
        """The hour of a promise that ends within its day ("9 giờ 30"); empty where the whole day is on time."""
        if self.due_on is None or self.due_at is None or self.due_at == last_moment(self.due_on, None):
            return ""
        return hour_words(local(self.due_at).time())

    @property
    def met_on_time(self) -> bool | None:
        """Whether the promise was kept in time; None while open, or when there was no day."""
        if self.met_at is None or self.due_at is None:
            return None
        return self.met_at < self.due_at


@dataclass(frozen=True)
class NoticeRow:
    """Nhắc hạn: a reminder, a breach or an escalation for somebody of the unit to act on."""

    id: UUID
    deadline_id: UUID
    case_id: UUID
    unit_id: int
    kind: str
    deadline_kind: str
    due_on: date
    given_at: datetime
    still_open: bool


@dataclass(frozen=True)
class DueRow:
    """An open deadline that is near or missed, for the desk."""

    deadline_id: UUID
    case_id: UUID
    subject_id: UUID
    kind: str
    unit_id: int
    due_on: date
    due_at: datetime
    missed: bool


@dataclass(frozen=True)
class MissedCount:
    """How many promises of a unit have passed and are still open: what the level above sees, without any case."""

    unit_id: int
    calls: int
    results: int
    oldest: date


def missed_counts(session: Session, unit_ids: Collection[int], now: datetime) -> list[MissedCount]:
    """Return the open promises that have passed, by unit, the oldest first; the caller checks the right to figures."""
    called = func.count().filter(Deadline.kind == "call")
    rows = session.execute(
        select(Deadline.unit_id, called, func.count() - called, func.min(Deadline.due_on))
        .where(Deadline.state == "open", Deadline.unit_id.in_(unit_ids), Deadline.due_at <= now)
        .group_by(Deadline.unit_id)
        .order_by(func.min(Deadline.due_on), Deadline.unit_id)
    )
    return [
        MissedCount(unit_id, calls, results, oldest) for unit_id, calls, results, oldest in rows if oldest
    ]


def calendar_rows(session: Session, year: int | None = None) -> list[CalendarDayRow]:
    """Return the listed days in order, of one year or of all."""
    query = select(
        CalendarDay.day,
        CalendarDay.kind,
        CalendarDay.name,
        CalendarDay.source,
        CalendarDay.certainty,
        CalendarDay.edited_by,
    ).order_by(CalendarDay.day)
    if year is not None:
        query = query.where(CalendarDay.day.between(date(year, 1, 1), date(year, 12, 31)))
    return [CalendarDayRow(*row) for row in session.execute(query)]


def calendar(session: Session) -> Calendar:
    """Return the working calendar (lịch làm việc) of the database; read once per transaction.

    It covers the unbroken run of years that are entered; a later year gives no date but an alarm.

    Raises:
        CalendarMissing: when no year is entered at all.
    """
    return _calendar_with_change(session)[0]


def newest_change(session: Session) -> int:
    """Return the number of the newest change that `calendar` takes into account; 0 before any."""
    try:
        return _calendar_with_change(session)[1]
    except CalendarMissing:
        return 0


def changed_since(session: Session, change: int) -> list[CalendarChangeRow]:
    """Return the changes of the calendar after that one, in order."""
    rows = session.execute(
        select(CalendarChange.id, CalendarChange.first_day, CalendarChange.last_day)
        .where(CalendarChange.id > change)
        .order_by(CalendarChange.id)
    )
    return [CalendarChangeRow(*row) for row in rows]


def _calendar_with_change(session: Session) -> tuple[Calendar, int]:
    current = session.get_transaction()
    kept = session.info.get(_CACHE)
    if kept is not None and current is not None and kept[0] is current:
        known: tuple[Calendar, int] = kept[1]
        return known
    # first the number, then the days: a change that is committed between the two is counted again, never missed
    change = session.scalar(select(func.max(CalendarChange.id))) or 0
    rows = [
        CalendarRow(row.day, row.kind, row.name, row.source, row.certainty)  # type: ignore[arg-type]
        for row in calendar_rows(session)
    ]
    covers = covered_days(row.day for row in rows if row.kind in OFF)
    if covers is None:
        raise CalendarMissing(clock.today().year)
    found = calendar_from_rows(rows, covers, confirmed_years(session).keys()), change
    session.info[_CACHE] = (session.get_transaction(), found)
    return found


def confirmed_years(session: Session) -> dict[int, CalendarYearRow]:
    """Return the years whose list of days off somebody confirmed, or that came confirmed."""
    return {
        row.year: CalendarYearRow(row.year, row.source, row.confirmed_at, row.confirmed_by)
        for row in session.scalars(select(CalendarYear).order_by(CalendarYear.year))
    }


def years_without_confirmation(session: Session, today: date) -> list[int]:
    """Return the years that ring: they are here or near, and nobody has confirmed their days off."""
    return years_to_confirm(today, confirmed_years(session))


def notice_rules(session: Session) -> dict[str, NoticeRuleRow]:
    """Return the procedures whose notices an administrator set, with what holds for them."""
    return {
        row.procedure: NoticeRuleRow(row.remind_before_days, row.escalate_after_hours, row.missed_after_hours)
        for row in session.scalars(select(NoticeRule))
    }


def forget_calendar(session: Session) -> None:
    """Read the calendar again at the next question; called after an edit."""
    session.info.pop(_CACHE, None)


def deadlines_of(session: Session, case_id: UUID) -> list[DeadlineRow]:
    """Return every deadline of a case, the oldest first, with reasons and segments.

    The caller has checked that the actor sees the case.
    """
    return deadlines_of_cases(session, [case_id]).get(case_id, [])


def deadlines_of_cases(session: Session, case_ids: Collection[UUID]) -> dict[UUID, list[DeadlineRow]]:
    """Return every deadline of several cases, each as `deadlines_of` gives them, in two queries for all."""
    deadlines = session.scalars(
        select(Deadline)
        .where(Deadline.case_id == any_(many_ids(case_ids)))
        .order_by(Deadline.starts_at, Deadline.id)
    ).all()
    segments = segments_of(session, [deadline.id for deadline in deadlines])
    found: dict[UUID, list[DeadlineRow]] = {}
    for deadline in deadlines:
        row = _deadline_row(deadline, segments.get(deadline.id, ()))
        found.setdefault(deadline.case_id, []).append(row)
    return found


def deadline_by_id(session: Session, deadline_id: UUID) -> DeadlineRow | None:
    """Return one promise, or None."""
    deadline = session.get(Deadline, deadline_id, populate_existing=True)
    if deadline is None:
        return None
    return _deadline_row(deadline, segments_of(session, [deadline.id]).get(deadline.id, ()))


def segments_of(session: Session, deadline_ids: Collection[UUID]) -> dict[UUID, tuple[SegmentRow, ...]]:
    """Return the segments of several deadlines in the order in which they happened."""
    rows = session.scalars(
        select(DeadlineSegment)
        .where(DeadlineSegment.deadline_id == any_(many_ids(deadline_ids)))
        .order_by(DeadlineSegment.at, DeadlineSegment.id)
    )
    found: dict[UUID, tuple[SegmentRow, ...]] = {}
    for row in rows:
        segment = SegmentRow(row.kind, row.at, row.reason)
        found[row.deadline_id] = (*found.get(row.deadline_id, ()), segment)
    return found


def notices_for(session: Session, actor: Actor, limit: int = 100) -> list[NoticeRow]:
    """Return the unseen notices for the roles that the actor holds, at the units each role covers.

    A reminder shows only while its day still counts; a breach stays until somebody has seen it.
    """
    theirs = [
        and_(DeadlineNotice.for_role == grant.role.value, DeadlineNotice.unit_id.in_(grant.covers))
        for grant in actor.grants
        if grant.role in (Role.OFFICER, Role.HEAD) and grant.allows(Permission.CASE_VIEW)
    ]
    counts_still = and_(Deadline.state == "open", Deadline.due_on == DeadlineNotice.due_on)
    rows = session.execute(
        select(
            DeadlineNotice.id,
            DeadlineNotice.deadline_id,
            DeadlineNotice.case_id,
            DeadlineNotice.unit_id,
            DeadlineNotice.kind,
            Deadline.kind.label("deadline_kind"),
            DeadlineNotice.due_on,
            DeadlineNotice.given_at,
            counts_still.label("still_open"),
        )
        .join(Deadline, Deadline.id == DeadlineNotice.deadline_id)
        .where(DeadlineNotice.seen_at.is_(None), or_(false(), *theirs))
        .where(or_(DeadlineNotice.kind != "reminder", counts_still))
        .order_by(DeadlineNotice.due_on, DeadlineNotice.id)
        .limit(limit)
    )
    return [NoticeRow(*row) for row in rows]


def near_and_missed(
    session: Session, unit_ids: Collection[int], now: datetime, limit: int = 200
) -> list[DueRow]:
    """Return the open deadlines of the units that are missed or due soon, the most urgent first."""
    rows = session.execute(
        select(
            Deadline.id,
            Deadline.case_id,
            Deadline.subject_id,
            Deadline.kind,
            Deadline.unit_id,
            Deadline.due_on,
            Deadline.due_at,
        )
        .where(
            Deadline.state == "open",
            Deadline.unit_id.in_(unit_ids),
            Deadline.due_on.is_not(None),
            Deadline.due_on <= _near_until(session, now),
        )
        .order_by(Deadline.due_at, Deadline.id)
        .limit(limit)
    )
    return [_due_row(row, now) for row in rows]


def oldest_overdue(session: Session, now: datetime | None = None) -> datetime | None:
    """Return when the longest missed open deadline ended, for the alarm; None when nothing is missed."""
    return session.scalar(
        select(Deadline.due_at)
        .where(Deadline.state == "open", Deadline.due_at <= (now or clock.now()))
        .order_by(Deadline.due_at)
        .limit(1)
    )


def latest_notice_due(session: Session, now: datetime) -> datetime | None:
    """Return the oldest moment at which a notice should have been given and was not: how far the sweep is behind."""
    return session.scalar(
        select(Deadline.next_notice_at)
        .where(Deadline.state == "open", Deadline.next_notice_at <= now)
        .order_by(Deadline.next_notice_at)
        .limit(1)
    )


def _near_until(session: Session, now: datetime) -> date:
    today = now.astimezone(clock.ZONE).date()
    try:
        return add_working_days(today, NEAR_WORKING_DAYS, calendar(session))
    except CalendarMissing:
        return today  # the missed ones must show even when nobody entered the year


def _deadline_row(deadline: Deadline, segments: tuple[SegmentRow, ...]) -> DeadlineRow:
    return DeadlineRow(
        id=deadline.id,
        case_id=deadline.case_id,
        subject_id=deadline.subject_id,
        kind=deadline.kind,  # type: ignore[arg-type]
        ordinal=deadline.ordinal,
        unit_id=deadline.unit_id,
        procedure=deadline.procedure,
        starts_at=deadline.starts_at,
        due_on=deadline.due_on,
        due_at=deadline.due_at,
        reasons=tuple(reason_from_json(stored) for stored in deadline.reasons),
        state=deadline.state,
        met_at=deadline.met_at,
        segments=segments,
    )


def _due_row(row: Any, now: datetime) -> DueRow:
    return DueRow(
        row.id, row.case_id, row.subject_id, row.kind, row.unit_id, row.due_on, row.due_at, row.due_at <= now
    )
