"""Ngày hẹn khi nhận hồ sơ: every due date of a case, by the calendar of the database and the reading of this system.

Slip, page, letter, message and sweep show or use what was counted here once and stored; nobody counts a second time.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy.orm import Session

from civreg.deadlines.queries import calendar
from civreg.deadlines.rules import AfterCutoff, ProcedureDue, due_dates
from civreg.procedures.rules import ProcedureVersion

_reading: AfterCutoff = "next_day_is_reception"


def use_after_cutoff(reading: AfterCutoff) -> None:
    """Say once, at the start of a process, how bundles taken after 15:00 count (NĐ 63/2024 allows both readings)."""
    global _reading
    _reading = reading


def after_cutoff_reading() -> AfterCutoff:
    """Return the reading that this process counts with."""
    return _reading


def promised_dates(
    session: Session,
    version: ProcedureVersion,
    received_at: datetime,
    occurred_on: date | None,
    flags: Collection[str],
) -> ProcedureDue:
    """Return every due date of a case whose complete papers were taken at that moment (ngày hẹn trả kết quả).

    Raises:
        CalendarMissing: when no year of the calendar is entered at all.
        InvalidInput: for a flag that does not exist.
    """
    return due_dates(
        version,
        received_at,
        occurred_on,
        flags,
        calendar(session),
        bundle_after_cutoff=_reading,
    )
