"""Lịch làm việc: which days count as working days (ngày làm việc) of the offices.

Monday to Friday, without holidays and compensated days off, plus Saturdays and Sundays worked in exchange
(làm bù). Bộ luật Lao động 2019 art 112; yearly notices of the Government.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta

from civreg.shared.errors import Refusal

_DAY = timedelta(days=1)
_FRIDAY = 4


class CalendarMissing(Refusal):
    """The calendar says nothing about a year that the count needs; nobody should get a guessed date.

    Attributes:
        year: the year whose days are missing.
    """

    def __init__(self, year: int) -> None:
        super().__init__(
            f"Chưa có lịch nghỉ của năm {year}. Ông/bà báo người quản trị nhập lịch nghỉ năm này."
        )
        self.year = year


@dataclass(frozen=True, slots=True)
class Calendar:
    """Lịch nghỉ đã biết.

    Attributes:
        off: days off besides weekends (holidays and compensated days).
        worked: Saturdays and Sundays worked in exchange.
        covers: first and last day the calendar speaks for.
        names: what each listed day is called, for the sentences.
        unconfirmed: listed days whose source is only recalled or inferred (certainty D).
        office_hours: opening and closing of the office on a working day, in order; terms in working hours run in them.
        open_years: covered years whose yearly notice nobody has confirmed; their dates are counted and said to be open.
    """

    off: frozenset[date]
    worked: frozenset[date]
    covers: tuple[date, date]
    names: Mapping[date, str] = field(default_factory=dict, hash=False)
    unconfirmed: frozenset[date] = frozenset()
    open_years: frozenset[int] = frozenset()
    office_hours: tuple[tuple[time, time], ...] = ()


def is_working_day(day: date, calendar: Calendar) -> bool:
    """Return whether offices work on that day.

    Raises:
        CalendarMissing: when the calendar does not cover the day.
    """
    first, last = calendar.covers
    if not first <= day <= last:
        raise CalendarMissing(day.year)
    if day in calendar.worked:
        return True
    return day.weekday() <= _FRIDAY and day not in calendar.off


def next_working_day(day: date, calendar: Calendar) -> date:
    """Return the first working day after that day (ngày làm việc tiếp theo).

    Raises:
        CalendarMissing: when the count leaves the calendar.
    """
    following = day + _DAY
    while not is_working_day(following, calendar):
        following += _DAY
    return following


def add_working_days(day: date, count: int, calendar: Calendar) -> date:
    """Return the `count`-th working day after that day; the day itself is not counted (BLDS 2015 art 147).

    Raises:
        CalendarMissing: when the count leaves the calendar.
        ValueError: when `count` is negative.
    """
    if count < 0:
        raise ValueError("a term has no negative days")
    for _ in range(count):
        day = next_working_day(day, calendar)
    return day


def working_days_between(start: date, end: date, calendar: Calendar) -> int:
    """Return how many working days lie after `start` up to and with `end`; negative when `end` is earlier.

    Raises:
        CalendarMissing: when the count leaves the calendar.
    """
    if end < start:
        return -working_days_between(end, start, calendar)
    days = (start + _DAY * offset for offset in range(1, (end - start).days + 1))
    return sum(is_working_day(day, calendar) for day in days)


def last_due_day_touched(changed: date, calendar: Calendar) -> date:
    """Return the last due day that can differ because a day changed, of terms that only roll; the changed day is the first.

    A term of days moves with a change of the calendar only when it ended on the changed day, or among days off that the
    changed day belonged to.
    """
    try:
        return next_working_day(changed, calendar)
    except (CalendarMissing, OverflowError):
        return date.max


def days_off_between(start: date, end: date, calendar: Calendar) -> tuple[date, ...]:
    """Return the named days off on weekdays and worked weekends after `start` up to and with `end`."""
    days = (start + _DAY * offset for offset in range(1, (end - start).days + 1))
    return tuple(
        day for day in days if day in calendar.worked or (day in calendar.off and day.weekday() <= _FRIDAY)
    )
