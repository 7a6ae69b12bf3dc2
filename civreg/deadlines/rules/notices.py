"""Nhắc hạn: when a deadline is reminded of, when it is due and overdue, and when the head hears of it.

A due day ends at 24:00 (BLDS 2015 art 148.5); people read notices in the office, so what concerns a day comes at seven
in the morning of it. How long before, and after how many hours the head hears, is a setting of each procedure.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal

from civreg.deadlines.rules.calendar import Calendar, CalendarMissing, is_working_day
from civreg.deadlines.rules.reasons import Due
from civreg.deadlines.rules.terms import VIETNAM, last_moment, local

NoticeKind = Literal["reminder", "due_today", "overdue", "escalation"]
"""Nhắc trước hạn, hôm nay đến hạn, quá hạn, báo lãnh đạo."""

MORNING = time(7)
LAST_CALL = time(16)
"""One hour before the office closes: when what came in the same day is still open."""

BEFORE_THE_HOUR = timedelta(hours=1)
"""How long before the hour of a promise that ends within its day the last call comes."""

FOR_ROLE: dict[NoticeKind, str] = {
    "reminder": "officer",
    "due_today": "officer",
    "overdue": "officer",
    "escalation": "head",
}
"""Who a notice is for; it ends at the head of the unit, the level above sees counts."""

_DAY = timedelta(days=1)
_FRIDAY = 4


@dataclass(frozen=True, slots=True)
class NoticeRuleRow:
    """Quy định nhắc: how many working days before the reminder comes (0: none), after how many hours the head hears.

    The hours run on working days only, from the first moment after the due day: 8 is eight o'clock of the next
    working day, 24 the beginning of the one after it. `missed_after_hours` runs by the clock: a trip that nobody
    recorded so long after its end counts as missed; officers write down in the evening at the latest.
    """

    remind_before_days: int = 1
    escalate_after_hours: int = 8
    missed_after_hours: int = 4


USUAL = NoticeRuleRow()
"""What holds for a procedure until an administrator sets something else."""


@dataclass(frozen=True, slots=True)
class NoticeTimes:
    """Các mốc của một hạn: moments in Vietnamese time; no reminder when its time was past before the day was known."""

    reminder: datetime | None
    due_today: datetime
    overdue: datetime
    escalation: datetime

    def in_order(self) -> tuple[tuple[NoticeKind, datetime], ...]:
        """Return the notices in the order in which they are given."""
        later: tuple[tuple[NoticeKind, datetime], ...] = (
            ("due_today", self.due_today),
            ("overdue", self.overdue),
            ("escalation", self.escalation),
        )
        return (("reminder", self.reminder), *later) if self.reminder else later


def end_of_day(due_on: date) -> datetime:
    """Return the moment at which the last day on time is over: 24:00 (BLDS 2015 art 148.5)."""
    return last_moment(due_on, None)


def first_late_moment(due: Due) -> datetime | None:
    """Return from when a promise is late; what is done in the last moment itself is on time, None without a day."""
    if due.due_on is None:
        return None
    return due.due_at + timedelta.resolution if due.due_at else end_of_day(due.due_on)


def notice_times(
    due_on: date,
    known_at: datetime,
    calendar: Calendar,
    rule: NoticeRuleRow = USUAL,
    *,
    late_from: datetime | None = None,
) -> NoticeTimes:
    """Return when each notice of a deadline is given.

    Args:
        due_on: the last day on time.
        known_at: when that day became known (opening, resuming); nobody is reminded before.
        calendar: the working days.
        rule: the procedure's own setting.
        late_from: the first moment that is late, for a promise that ends within its day; 24:00 when None.
    """
    known = local(known_at)
    reminder, morning, escalation = _day_times(due_on, calendar, rule)
    ends = late_from or end_of_day(due_on)
    due_today = morning if known < morning else datetime.combine(due_on, LAST_CALL, VIETNAM)
    if due_today >= ends:
        due_today = ends - BEFORE_THE_HOUR
    return NoticeTimes(
        reminder if reminder and known < reminder else None,
        max(due_today, known),
        ends,
        escalation,
    )


@lru_cache(maxsize=4096)
def _day_times(
    due_on: date, calendar: Calendar, rule: NoticeRuleRow
) -> tuple[datetime | None, datetime, datetime]:
    """Return reminder, morning and escalation of a day; a sweep meets the same few days thousands of times."""
    day, reminder = due_on, None
    for _ in range(rule.remind_before_days):
        day = _step_to_working_day(day, -_DAY, calendar)
        reminder = datetime.combine(day, MORNING, VIETNAM)
    whole_days, hour = divmod(rule.escalate_after_hours, 24)
    heard = due_on
    for _ in range(1 + whole_days):
        heard = _step_to_working_day(heard, _DAY, calendar)
    return reminder, datetime.combine(due_on, MORNING, VIETNAM), datetime.combine(heard, time(hour), VIETNAM)


def next_notice(
    times: NoticeTimes, given: Collection[str], now: datetime
) -> tuple[NoticeKind, datetime] | None:
    """Return the notice that comes next and its moment, or None when all were given.

    A reminder of what is overdue already helps nobody: it is left out when its time was slept through.
    """
    for kind, at in times.in_order():
        slept_through = kind in ("reminder", "due_today") and times.overdue <= now
        if kind in given or slept_through or (kind == "reminder" and times.due_today <= now):
            continue
        return kind, at
    return None


def _step_to_working_day(day: date, step: timedelta, calendar: Calendar) -> date:
    day += step
    while not _office_is_open(day, calendar):
        day += step
    return day


def _office_is_open(day: date, calendar: Calendar) -> bool:
    """Tell whether the office works on that day.

    Beyond the calendar a notice follows the plain week: a missing year must delay no warning (a *due day* is
    never counted that way).
    """
    try:
        return is_working_day(day, calendar)
    except CalendarMissing:
        return day.weekday() <= _FRIDAY
