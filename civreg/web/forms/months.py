"""Chọn tháng: the month that an address asks for, and the months its drop-down offers."""

from __future__ import annotations

from civreg.shared import clock
from civreg.shared.errors import InvalidInput
from civreg.statistics.rules import Period, month_from, month_of, months_around

_OFFERED = 36
NO_MONTH = "Địa chỉ trang ghi một tháng không có. Ông/bà chọn tháng trong danh sách."


def asked_month(text: str) -> tuple[Period, str]:
    """Return the month of an address and, where it is none, this month with the sentence that says so."""
    today = clock.today()
    this = month_of(today.year, today.month)
    if not text:
        return this, ""
    try:
        return month_from(text), ""
    except InvalidInput:
        return this, NO_MONTH


def months_offered(named: Period) -> list[tuple[str, str]]:
    """Return (2026-10, "Tháng 10/2026") of this month and those before it, the latest first, and of the named one."""
    today = clock.today()
    months = [month_of(today.year, today.month)]
    while len(months) < _OFFERED:
        months.append(months_around(months[-1])[0])
    if named not in months:
        months.append(named)
    return [(month_key(one), one.words) for one in months]


def month_key(period: Period) -> str:
    """Return the month in which a period begins as addresses write it."""
    return f"{period.from_on:%Y-%m}"
