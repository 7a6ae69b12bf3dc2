"""Ngày nghỉ nói bằng lời: why a day view has no visits, or opens on another day."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from civreg.deadlines import queries as deadlines
from civreg.visits import queries as visits
from civreg.web.filters import weekday


def day_off_words(session: Session, day: date) -> str:
    """Return why a day is off ("Chủ nhật", the name of the holiday); empty for a working day."""
    if visits.opening_day(session, day) == day:
        return ""
    return deadlines.calendar(session).names.get(day) or weekday(day).partition(",")[0]
