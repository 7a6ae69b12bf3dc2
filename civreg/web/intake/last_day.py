"""Ngày cuối để đúng hạn: the family's own term in words, late or not, without blame.

Counted from the shipped calendar, so that the review page can say it without the database; what the case keeps
(counted from the office's calendar) wins on the receipt.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from civreg.cases.rules import RequestForm
from civreg.deadlines.rules import citizen_due, load_calendar
from civreg.procedures.rules import ProcedureVersion
from civreg.shared.text import format_date_vi


@dataclass(frozen=True, slots=True)
class LastDay:
    """What a page says of the last day; empty words when the service has none."""

    words: str
    is_late: bool = False


def last_day_of(
    version: ProcedureVersion, form: RequestForm, today: date, kept: date | None = None
) -> LastDay:
    """Return the last day to be on time.

    Args:
        version: the rules of the service.
        form: what the family told.
        today: the day of asking.
        kept: the day the case keeps, once there is a case.
    """
    if version.citizen_deadline is None:
        return LastDay("")
    if form.callback_only:
        return LastDay("Xã tính khi gọi lại")
    happened = form.event.as_date() if form.event else None
    if happened is None:
        return LastDay("Chưa tính được vì chưa rõ ngày")
    due = citizen_due(version.citizen_deadline, happened, today, load_calendar())
    due_on = kept or (due.due_on if due else None)
    if due_on is not None:
        return LastDay(format_date_vi(due_on), due_on < today)
    if due is not None and due.late:
        return LastDay("Đã qua, vẫn đăng ký được", True)
    return LastDay("Chưa xác nhận được, xã sẽ báo khi gọi lại")


def late_sentence(version: ProcedureVersion) -> str:
    """Return what a family that is late reads: it is served all the same."""
    days = version.citizen_deadline.days if version.citizen_deadline else None
    return (
        f"Đã quá {days} ngày, gia đình vẫn đăng ký được bình thường. "
        "Xã sẽ nói rõ lệ phí, nếu có, khi gọi lại."
    )
