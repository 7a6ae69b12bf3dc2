"""Ngày và giờ của cán bộ: a day and an hour typed by staff, as one moment of Vietnam."""

from __future__ import annotations

import re
from datetime import date, datetime, time

from civreg.shared import clock
from civreg.web.forms.answers import Answers, day_values

HOUR = "Ông/bà ghi giờ như 08:30 hoặc 14:00."
_YEARS = range(2000, 2200)
"""Outside of these nobody means a day, and adding to it may leave the calendar."""


def moment_of(typed: str) -> datetime | None:
    """Return a moment that one of our own pages wrote into an address or a button; None for anything else."""
    try:
        moment = datetime.fromisoformat(typed)
    except ValueError:
        return None
    return moment.astimezone(clock.ZONE) if moment.tzinfo and moment.year in _YEARS else None


def day_of(typed: str) -> date | None:
    """Return a day that one of our own pages wrote into an address; None for anything else."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return None
    return day if day.year in _YEARS else None


def moment_values(field: str, moment: datetime) -> dict[str, str]:
    """Return what shows a moment in date fields and an hour field."""
    local = moment.astimezone(clock.ZONE)
    return {**day_values(field, local.date()), f"{field}_time": f"{local:%H:%M}"}


def read_hour(answers: Answers, field: str) -> time | None:
    """Return an hour typed as 8:30, 08:30, 8h30 or 8; None when it was refused."""
    found = re.fullmatch(r"\s*(\d{1,2})(?:\s*[:hg.]\s*(\d{2})?)?\s*", answers.values.get(field, ""))
    if found is None:
        answers.refuse(field, HOUR)
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    if hour > 23 or minute > 59:
        answers.refuse(field, HOUR)
        return None
    return time(hour, minute)


def read_moment(answers: Answers, field: str, *, not_after: date | None = None) -> datetime | None:
    """Return the moment typed as `<field>_day/_month/_year` and `<field>_time`; None when it was refused."""
    day = answers.day(field, not_after=not_after)
    hour = read_hour(answers, f"{field}_time")
    if day is None or hour is None:
        return None
    return datetime.combine(day, hour, clock.ZONE)
