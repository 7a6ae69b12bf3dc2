"""Số và ngày bằng chữ: numbers, days and shares the way Vietnamese papers print and read them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_GROUPS = ("", "nghìn", "triệu")
_BILLION = 1_000_000_000


def number_in_words(number: int) -> str:
    """Return a number in words (số bằng chữ): 2026 is "hai nghìn không trăm hai mươi sáu".

    Raises:
        ValueError: for a negative number.
    """
    if number < 0:
        raise ValueError("only numbers from zero are spelled out")
    return _spell(number, leading=True)


def _spell(number: int, *, leading: bool) -> str:
    if number >= _BILLION:
        head, rest = divmod(number, _BILLION)
        spoken = f"{_spell(head, leading=leading)} tỷ"
        return spoken if rest == 0 else f"{spoken} {_spell(rest, leading=False)}"
    if number == 0:
        return _DIGITS[0]
    words: list[str] = []
    for power in (2, 1, 0):
        group = number // 1000**power % 1000
        if group:
            words.append(_three_digits(group, leading=leading and not words))
            words.append(_GROUPS[power])
    return " ".join(word for word in words if word)


def _three_digits(group: int, *, leading: bool) -> str:
    hundreds, rest = divmod(group, 100)
    words: list[str] = []
    if hundreds or not leading:
        words += [_DIGITS[hundreds], "trăm"]
    if rest and rest < 10 and words:
        words += ["linh", _DIGITS[rest]]
    elif rest:
        words.append(_two_digits_in_words(rest))
    return " ".join(words)


def _two_digits_in_words(rest: int) -> str:
    tens, units = divmod(rest, 10)
    if tens == 0:
        return _DIGITS[units]
    spoken = "mười" if tens == 1 else f"{_DIGITS[tens]} mươi"
    if units == 0:
        return spoken
    special = {5: "lăm"} if tens == 1 else {1: "mốt", 4: "tư", 5: "lăm"}
    return f"{spoken} {special.get(units, _DIGITS[units])}"


def date_in_words(day: date) -> str:
    """Return a day in words as the birth certificate writes it (ngày, tháng, năm sinh ghi bằng chữ).

    >>> date_in_words(date(2026, 9, 25))
    'Ngày hai mươi lăm tháng chín năm hai nghìn không trăm hai mươi sáu'
    """
    month, year = month_in_words(day.month), number_in_words(day.year)
    return f"Ngày {number_in_words(day.day)} tháng {month} năm {year}"


def month_in_words(month: int) -> str:
    """Return the word of a month after "tháng": "một", … "tư", … "mười hai"."""
    return "tư" if month == 4 else number_in_words(month)


def format_date_vi(day: date) -> str:
    """Return a day as people read it: 25/9/2026."""
    return f"{day.day}/{day.month}/{day.year}"


def format_moment_vi(moment: datetime) -> str:
    """Return a moment as people read it: "15 giờ 30, 25/9/2026" (in the time zone it carries)."""
    minutes = f" {moment.minute:02d}" if moment.minute else ""
    return f"{moment.hour} giờ{minutes}, {format_date_vi(moment)}"


def date_line(day: date) -> str:
    """Return the date of a paper: days under 10 and months 1, 2 take a leading 0 (NĐ 30/2020, Phụ lục I)."""
    month = f"{day.month:02d}" if day.month <= 2 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


def thousands(number: int) -> str:
    """Return a count with points between groups of three digits: 1.269."""
    return f"{number:,}".replace(",", ".")


def two_digits(number: int) -> str:
    """Return a count for prose, with a leading zero under ten ("09 xã"), points from a thousand on."""
    return f"{number:02d}" if 0 <= number < 10 else thousands(number)


def percent(share: float, *, decimals: int = 1) -> str:
    """Return a share (0.975) as a percentage with a comma ("97,5%"), rounded half up, no idle zero."""
    step = Decimal(1).scaleb(-decimals)
    rounded = (Decimal(str(share)) * 100).quantize(step, rounding=ROUND_HALF_UP)
    written = f"{rounded:f}"
    if "." in written:
        written = written.rstrip("0").rstrip(".")
    return ("0" if written == "-0" else written).replace(".", ",") + "%"
