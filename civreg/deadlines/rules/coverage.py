"""Lịch phủ đến năm nào: which years the calendar rows of the database speak for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import date

DAYS_OFF_A_YEAR = 10
"""A year with fewer listed days off is not entered yet: Bộ luật Lao động 2012 art 115 gives ten, 2019 art 112
eleven. One holiday typed ahead of the yearly notice must not make a whole year look known."""


NEXT_YEAR_RINGS_FROM = 10
"""From October on a family's 60 days, with the Tết after them, reach into the next year; the notice comes about then."""


def years_to_confirm(today: date, confirmed: Collection[int]) -> list[int]:
    """Return the years that need somebody: this one, and the next from October on, while they are not confirmed."""
    needed = [today.year, today.year + 1] if today.month >= NEXT_YEAR_RINGS_FROM else [today.year]
    return [year for year in needed if year not in confirmed]


def rings_from(year: int) -> date:
    """Return the first day on which a year that nobody confirmed rings."""
    return date(year - 1, NEXT_YEAR_RINGS_FROM, 1)


def covered_days(days_off: Iterable[date]) -> tuple[date, date] | None:
    """Return the first and last day of the unbroken run of entered years, or None when no year is entered."""
    counted = Counter(day.year for day in days_off)
    entered = sorted(year for year, listed in counted.items() if listed >= DAYS_OFF_A_YEAR)
    if not entered:
        return None
    last = entered[0]
    while last + 1 in entered:
        last += 1
    return date(entered[0], 1, 1), date(last, 12, 31)
