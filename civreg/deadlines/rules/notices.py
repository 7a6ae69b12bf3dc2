"""Nhắc hạn: when a deadline is reminded of, when it is overdue, and when the head hears of it.

A due day ends at 24:00 (BLDS 2015 art 148.5); people read notices in office hours, so reminders and escalations
come at the opening of the office.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from civreg.deadlines.rules.calendar import Calendar, CalendarMissing, is_working_day
from civreg.deadlines.rules.terms import VIETNAM, local

NoticeKind = Literal["reminder", "overdue", "escalation"]
"""Nhắc trước hạn, quá hạn, báo lãnh đạo."""

OFFICE_OPENS = time(8)
LAST_CALL = time(16)
"""One hour before the office closes: the reminder of what is due the same day."""

FOR_ROLE: dict[NoticeKind, str] = {"reminder": "officer", "overdue": "officer", "escalation": "head"}
"""Who a notice is for; it ends at the head of the unit, the province sees counts."""

_DAY = timedelta(days=1)
_FRIDAY = 4


@dataclass(frozen=True, slots=True)
class NoticeTimes:
    """Ba mốc của một hạn: moments in Vietnamese time."""

    reminder: datetime
    overdue: datetime
    escalation: datetime

    def in_order(self) -> tuple[tuple[NoticeKind, datetime], ...]:
        """Return the notices in the order in which they are given."""
        return (("reminder", self.reminder), ("overdue", self.overdue), ("escalation", self.escalation))


def end_of_day(due_on: date) -> datetime:
    """Return the moment at which the last day on time is over: 24:00 (BLDS 2015 art 148.5)."""
    return datetime.combine(due_on + _DAY, time(), VIETNAM)


def notice_times(due_on: date, known_at: datetime, calendar: Calendar) -> NoticeTimes:
    """Return when each notice of a deadline is given.

    Args:
        due_on: the last day on time.
        known_at: when that day became known (opening, resuming); nobody is reminded before.
        calendar: the working days.
    """
    known = local(known_at)
    if known.date() >= due_on:
        reminder = datetime.combine(due_on, LAST_CALL, VIETNAM)
    else:
        reminder = datetime.combine(_step_to_working_day(due_on, -_DAY, calendar), OFFICE_OPENS, VIETNAM)
    escalation = datetime.combine(_step_to_working_day(due_on, _DAY, calendar), OFFICE_OPENS, VIETNAM)
    return NoticeTimes(max(reminder, known), end_of_day(due_on), escalation)


def next_notice(
    times: NoticeTimes, given: Collection[str], now: datetime
) -> tuple[NoticeKind, datetime] | None:
    """Return the notice that comes next and its moment, or None when all were given.

    A reminder of what is overdue already helps nobody: it is left out when its time was slept through.
    """
    for kind, at in times.in_order():
        if kind in given or (kind == "reminder" and times.overdue <= now):
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
