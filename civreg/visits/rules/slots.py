"""Giờ còn trống: the half hours in which an officer can be sent to a family."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path

from civreg.deadlines.rules import (
    VIETNAM,
    Calendar,
    CalendarMissing,
    is_working_day,
    next_working_day,
    shipped_office_hours,
)

SLOT = timedelta(minutes=30)
_SATURDAY = 5
_FILE = Path(__file__).parent.parent / "closures.toml"


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """Một giờ hẹn: from when to when, in Vietnamese time."""

    starts_at: datetime
    ends_at: datetime

    def overlaps(self, other: Slot) -> bool:
        """Tell whether the two share time; one that ends when the other starts does not."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


@dataclass(frozen=True, slots=True)
class Closure:
    """Ngày lễ đóng lịch hẹn: from the first to the last day no slot is offered."""

    first: date
    last: date
    name: str
    certainty: str

    def closes(self, day: date) -> bool:
        """Tell whether the day is one of the festival."""
        return self.first <= day <= self.last


@cache
def shipped_closures() -> tuple[Closure, ...]:
    """Return the festivals that ship with civreg (Chôl Chnăm Thmây, Sen Đôlta, Ok Om Bok)."""
    rows = tomllib.loads(_FILE.read_text(encoding="utf-8"))["closure"]
    return tuple(Closure(row["first"], row["last"], row["name"], row["certainty"]) for row in rows)


def day_slots(
    day: date, calendar: Calendar, closures: Iterable[Closure] = (), *, saturday_morning: bool = False
) -> tuple[Slot, ...]:
    """Return the slots of one day: none on a day off or a festival, the morning where Saturdays are worked.

    Raises:
        CalendarMissing: when the calendar does not cover the day.
    """
    if any(closure.closes(day) for closure in closures):
        return ()
    if is_working_day(day, calendar):
        return tuple(slot for hours in shipped_office_hours() for slot in _slots_between(day, *hours))
    if saturday_morning and is_plain_saturday(day, calendar):
        return _slots_between(day, *shipped_office_hours()[0])
    return ()


def is_plain_saturday(day: date, calendar: Calendar) -> bool:
    """Tell whether the day is a Saturday and no holiday."""
    return day.weekday() == _SATURDAY and day not in calendar.off


def free_among(slots: Iterable[Slot], taken: Collection[Slot], now: datetime) -> tuple[Slot, ...]:
    """Return the slots that still lie ahead and that no booking touches."""
    return tuple(
        slot
        for slot in slots
        if slot.starts_at >= now and not any(slot.overlaps(booking) for booking in taken)
    )


def opening_day(today: date, calendar: Calendar) -> date:
    """Return the day on which a day view opens: today, or the next working day when today is off.

    A year without calendar opens on today: a view must not fail because of it.
    """
    try:
        return today if is_working_day(today, calendar) else next_working_day(today, calendar)
    except CalendarMissing:
        return today


def _slots_between(day: date, opens: time, closes: time) -> tuple[Slot, ...]:
    start, end = (datetime.combine(day, hour, VIETNAM) for hour in (opens, closes))
    count = (end - start) // SLOT
    return tuple(Slot(start + SLOT * number, start + SLOT * (number + 1)) for number in range(count))
