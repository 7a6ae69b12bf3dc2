"""Dòng số liệu: which steps count, on which lines, and which days a period has. Pure."""

from __future__ import annotations

import calendar
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from civreg.shared.errors import InvalidInput


class Line(StrEnum):
    """One line of the figures (dòng số liệu)."""

    REQUESTED = "requested"
    RECEIVED = "received"
    REGISTERED = "registered"
    REGISTERED_ON_TIME = "registered_on_time"
    REGISTERED_LATE = "registered_late"
    LATE_REGISTRATION = "late_registration"
    DELIVERED = "delivered"
    LETTER_CONGRATULATION_BIRTH = "letter_congratulation_birth"
    LETTER_CONGRATULATION_MARRIAGE = "letter_congratulation_marriage"
    LETTER_CONDOLENCE = "letter_condolence"


LINE_WORDS: Mapping[Line, str] = {
    Line.REQUESTED: "Yêu cầu",
    Line.RECEIVED: "Hồ sơ tiếp nhận",
    Line.REGISTERED: "Đã đăng ký",
    Line.REGISTERED_ON_TIME: "Đăng ký đúng hạn",
    Line.REGISTERED_LATE: "Đăng ký trễ hẹn",
    Line.LATE_REGISTRATION: "Đăng ký quá hạn của người dân",
    Line.DELIVERED: "Đã trả kết quả",
    Line.LETTER_CONGRATULATION_BIRTH: "Thư chúc mừng (khai sinh) đã trao",
    Line.LETTER_CONGRATULATION_MARRIAGE: "Thư chúc mừng (kết hôn) đã trao",
    Line.LETTER_CONDOLENCE: "Thư chia buồn đã trao",
}

CASE_LINES = tuple(line for line in Line if not line.startswith("letter_"))
LETTER_LINES = tuple(line for line in Line if line.startswith("letter_"))

_ONE_LINE: Mapping[str, Line] = {
    "case.requested": Line.REQUESTED,
    "case.received": Line.RECEIVED,
    "case.registered": Line.REGISTERED,
    "case.delivered": Line.DELIVERED,
}
_TAKEN_BACK: Mapping[str, str] = {
    "case.annulled": "case.registered",
    "case.delivery_annulled": "case.delivered",
}
"""A topic that takes away, on the same day, what an earlier one counted."""
COUNTED_TOPICS = (*_ONE_LINE, *_TAKEN_BACK, "letter.handed_over", "letter.returned")
"""The topics that change a figure."""


@dataclass(frozen=True)
class Step:
    """One signed step of one line: +1 or −1."""

    line: Line
    delta: int


def steps_of(
    topic: str, payload: Mapping[str, Any], reported: Collection[str] = CASE_LINES
) -> tuple[Step, ...]:
    """Return what a topic adds to or takes from the figures, in the order counts are locked.

    A case counts only on the lines that its procedure reports, by the catalogue.
    A letter that came back takes away only what was counted: one that never reached the family was not.
    """
    if topic.startswith("letter."):
        if topic not in COUNTED_TOPICS or (topic == "letter.returned" and not payload.get("was_handed_over")):
            return ()
        line = f"letter_{payload['kind']}"
        if line not in LETTER_LINES:
            return ()  # an apology is the office's debt, no letter of the programme
        return (Step(Line(line), -1 if topic == "letter.returned" else 1),)
    if topic in _TAKEN_BACK:
        return tuple(Step(step.line, -step.delta) for step in steps_of(_TAKEN_BACK[topic], payload, reported))
    if topic not in _ONE_LINE:
        return ()
    lines = [_ONE_LINE[topic]]
    if topic == "case.registered":
        if payload.get("on_time") is not None:
            lines.append(Line.REGISTERED_ON_TIME if payload["on_time"] else Line.REGISTERED_LATE)
        if payload.get("late"):
            lines.append(Line.LATE_REGISTRATION)
    return tuple(Step(line, 1) for line in sorted(lines) if line in reported)


@dataclass(frozen=True)
class Period:
    """Kỳ số liệu: days from the first to the last, both counted."""

    from_on: date
    to_on: date

    def __post_init__(self) -> None:
        if self.to_on < self.from_on:
            raise InvalidInput("Ngày cuối kỳ phải từ ngày đầu kỳ trở đi. Ông/bà chọn lại kỳ số liệu.")

    @property
    def words(self) -> str:
        """Return the period as a person reads it (“Tháng 10 năm 2026”, “Từ ngày … đến ngày …”)."""
        if self == month_of(self.from_on.year, self.from_on.month):
            return f"Tháng {self.from_on.month} năm {self.from_on.year}"
        return f"Từ ngày {self.from_on:%d/%m/%Y} đến ngày {self.to_on:%d/%m/%Y}"


def month_of(year: int, month: int) -> Period:
    """Return a calendar month.

    Raises:
        InvalidInput: when there is no such month.
    """
    if not (1 <= month <= 12 and 2000 <= year <= 9998):
        raise InvalidInput("Không có tháng này. Ông/bà chọn tháng từ 1 đến 12 và năm gồm bốn chữ số.")
    return Period(date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]))


def month_from(text: str) -> Period:
    """Read a month written as 2026-10.

    Raises:
        InvalidInput: when the text is no month.
    """
    year, _, month = text.strip().partition("-")
    if not (
        len(year) == 4 and 1 <= len(month) <= 2 and (year + month).isascii() and (year + month).isdigit()
    ):
        raise InvalidInput("Tháng được viết như 2026-10. Ông/bà nhập lại tháng.")
    return month_of(int(year), int(month))


def months_around(period: Period) -> tuple[Period, Period]:
    """Return the calendar months before and after the one in which the period begins."""
    this = month_of(period.from_on.year, period.from_on.month)
    before, after = this.from_on - timedelta(days=1), this.to_on + timedelta(days=1)
    return month_of(before.year, before.month), month_of(after.year, after.month)


def fifteenth_to_fourteenth(year: int, month: int) -> Period:
    """Return the reporting month that ends on the 14th of the named month."""
    named = month_of(year, month)
    before = named.from_on - timedelta(days=1)
    return Period(before.replace(day=15), named.from_on.replace(day=14))


def year_to(day: date) -> Period:
    """Return the year up to and with a day."""
    return Period(date(day.year, 1, 1), day)


def same_period_last_year(period: Period) -> Period:
    """Return the same days a year earlier; a whole February stays whole."""
    year = period.from_on.year
    if period == month_of(year, period.from_on.month):
        return month_of(year - 1, period.from_on.month)
    return Period(_year_before(period.from_on), _year_before(period.to_on))


def _year_before(day: date) -> date:
    last = calendar.monthrange(day.year - 1, day.month)[1]
    return day.replace(year=day.year - 1, day=min(day.day, last))
