"""Bộ lọc hiển thị: how days, moments, numbers and phones look on pages."""

from __future__ import annotations

from datetime import date, datetime

from flask import Flask

from civreg.shared import clock
from civreg.shared.text import format_date_vi, in_sentence, thousands

_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


def day(value: date | datetime | None) -> str:
    """Return a day as people read it (25/9/2026); nothing gives a dash."""
    if value is None:
        return "–"
    return format_date_vi(value.astimezone(clock.ZONE).date() if isinstance(value, datetime) else value)


def weekday(value: date) -> str:
    """Return a day with its weekday: "thứ Sáu, 25/9/2026"."""
    return f"{_WEEKDAYS[value.weekday()]}, {format_date_vi(value)}"


def moment(value: datetime | None) -> str:
    """Return a moment in Vietnamese time: "15:30, 25/9/2026"; nothing gives a dash."""
    if value is None:
        return "–"
    local = value.astimezone(clock.ZONE)
    return f"{local:%H:%M}, {format_date_vi(local.date())}"


def hour(value: datetime) -> str:
    """Return the time of day: "15:30"."""
    return f"{value.astimezone(clock.ZONE):%H:%M}"


def number(value: int) -> str:
    """Return a number with points between thousands: 1.269."""
    return thousands(value)


def phone(value: str) -> str:
    """Return a phone number in groups: "0912 345 678"."""
    if len(value) == 10 and value.isdigit():
        return f"{value[:4]} {value[4:7]} {value[7:]}"
    return value


def init_app(app: Flask) -> None:
    """Offer the filters to templates under the names of the functions."""
    for offered in (day, weekday, moment, hour, number, phone, in_sentence):
        app.add_template_filter(offered, offered.__name__)
