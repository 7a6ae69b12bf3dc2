"""Ngày biết một phần: a date of which day and month may be unknown, as families remember births and deaths.

"Khoảng tháng 3 năm 1961" is an answer; a made-up first of January would be a false one.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Literal

from civreg.shared.errors import InvalidInput
from civreg.shared.text import date_in_words, date_line, format_date_vi, month_in_words, number_in_words

Precision = Literal["known", "about", "unknown"]

EARLIEST_YEAR = 1900
"""People served today were not born before; an earlier year is a slip of the finger."""


@dataclass(frozen=True, slots=True)
class PartialDate:
    """Một ngày, tháng, năm có thể thiếu.

    Attributes:
        year: None when nothing is known.
        month: None when only the year is known.
        day: None when the day is not known.
        precision: known (nhớ chắc), about (khoảng), unknown (không rõ).
        hour: the hour as told ("khoảng 03 giờ"), or empty.
    """

    year: int | None = None
    month: int | None = None
    day: int | None = None
    precision: Precision = "known"
    hour: str = ""

    def __post_init__(self) -> None:
        if (self.month is not None and self.year is None) or (self.day is not None and self.month is None):
            raise ValueError("a day needs its month and a month needs its year")
        if self.year is None and self.precision != "unknown":
            object.__setattr__(self, "precision", "unknown")
        if self.year is not None and self.precision == "unknown":
            raise ValueError("a date with a year is known or about")
        if self.year is not None:
            date(self.year, self.month or 1, self.day or 1)

    @classmethod
    def of(cls, day: date) -> PartialDate:
        """Return the fully known date."""
        return cls(day.year, day.month, day.day)

    def as_date(self) -> date | None:
        """Return the date when day, month and year are given, else None (a deadline cannot be counted)."""
        if self.year is None or self.month is None or self.day is None:
            return None
        return date(self.year, self.month, self.day)

    def earliest(self) -> date | None:
        """Return the first day it can have been; None when nothing is known."""
        return None if self.year is None else date(self.year, self.month or 1, self.day or 1)

    def latest(self) -> date | None:
        """Return the last day it can have been; None when nothing is known."""
        if self.year is None:
            return None
        month = self.month or 12
        return date(self.year, month, self.day or calendar.monthrange(self.year, month)[1])

    def sentence(self) -> str:
        """Return the date as a person reads it: "5/3/1961", "khoảng tháng 3 năm 1961", "không rõ"."""
        if self.year is None:
            return "không rõ"
        known = self.as_date()
        if known:
            text = format_date_vi(known)
        else:
            text = f"tháng {self.month} năm {self.year}" if self.month else f"năm {self.year}"
        if self.precision == "about":
            text = f"khoảng {text}"
        return f"{self.hour}, {text}" if self.hour else text

    def on_paper(self) -> str:
        """Return the date as a form shows it: "khoảng 03 giờ, ngày 09 tháng 11 năm 2026"; empty when unknown."""
        if self.year is None:
            return self.hour
        if (known := self.as_date()) is not None:
            text = date_line(known)
        else:
            text = f"tháng {self.month} năm {self.year}" if self.month else f"năm {self.year}"
        if self.precision == "about":
            text = f"khoảng {text}"
        return f"{self.hour}, {text}" if self.hour else text

    def in_words(self) -> str:
        """Return the date spelled out as far as it is known; empty when nothing is."""
        if self.year is None:
            return ""
        if (known := self.as_date()) is not None:
            text = date_in_words(known)
        else:
            spelled = number_in_words(self.year)
            text = (
                f"Năm {spelled}"
                if self.month is None
                else f"Tháng {month_in_words(self.month)} năm {spelled}"
            )
        return f"Khoảng {text[:1].lower()}{text[1:]}" if self.precision == "about" else text


def parse_day_month_year(
    day: str,
    month: str,
    year: str,
    *,
    allow_partial: bool,
    not_after: date | None = None,
    precision: Precision = "known",
    hour: str = "",
) -> PartialDate:
    """Return the date typed as three numbers (ngày, tháng, năm).

    Args:
        day: as typed; blank when unknown.
        month: as typed; blank when unknown.
        year: four digits; blank (with the others) when nothing is known.
        allow_partial: whether year alone, month and year, or nothing is an answer.
        not_after: the last day that is possible (today for an event); None when the future is allowed.
        precision: known or about.
        hour: the hour as told, kept as it is.

    Raises:
        InvalidInput: one sentence that says what to do, its field "day", "month" or "year" in `fields`.
    """
    typed = {"day": _digits(day), "month": _digits(month), "year": _digits(year)}
    if not any(typed.values()):
        if allow_partial:
            return PartialDate(precision="unknown", hour=hour)
        raise _refusal("Ông/bà ghi đủ ngày, tháng và năm, ví dụ 25, 9, 2026.", "day")
    numbers = {part: _number(part, text) for part, text in typed.items()}
    _check_present(numbers, allow_partial=allow_partial)
    _check_year(numbers["year"], typed["year"], not_after)
    _check_month(numbers["month"])
    _check_day(numbers["day"], numbers["month"], numbers["year"])
    answer = PartialDate(
        numbers["year"],
        numbers["month"],
        numbers["day"],
        precision="known" if precision == "unknown" else precision,
        hour=hour,
    )
    first_possible = answer.earliest()
    if not_after and first_possible and first_possible > not_after:
        raise _refusal(
            f"Ngày này chưa đến. Ông/bà ghi ngày không muộn hơn {format_date_vi(not_after)}.",
            _smallest(numbers),
        )
    return answer


def _digits(typed: str) -> str:
    return "".join(unicodedata.normalize("NFKC", typed).split())


def _refusal(sentence: str, part: str) -> InvalidInput:
    return InvalidInput(sentence, {part: sentence})


def _number(part: str, text: str) -> int | None:
    if not text:
        return None
    if re.fullmatch(r"[0-9]{1,9}", text):
        return int(text)
    example = {"day": "Ngày chỉ ghi bằng số, ví dụ 25.", "month": "Tháng chỉ ghi bằng số, ví dụ 9."}
    raise _refusal(example.get(part, "Năm chỉ ghi bằng bốn chữ số, ví dụ 2026."), part)


def _check_present(numbers: dict[str, int | None], *, allow_partial: bool) -> None:
    if numbers["year"] is None:
        raise _refusal("Ông/bà ghi thêm năm, đủ bốn chữ số, ví dụ 2026.", "year")
    if numbers["month"] is None and (numbers["day"] is not None or not allow_partial):
        raise _refusal("Ông/bà ghi thêm tháng, từ 1 đến 12.", "month")
    if numbers["day"] is None and not allow_partial:
        raise _refusal("Ông/bà ghi thêm ngày, từ 1 đến 31.", "day")


def _check_year(year: int | None, text: str, not_after: date | None) -> None:
    if year is None:
        return
    if len(text.lstrip("0")) < 4:
        raise _refusal("Ông/bà ghi năm đủ bốn chữ số, ví dụ 2026.", "year")
    if year < EARLIEST_YEAR:
        raise _refusal(f"Ông/bà xem lại năm: hệ thống chỉ nhận từ năm {EARLIEST_YEAR} trở đi.", "year")
    last_year = not_after.year if not_after else 2200
    if year > last_year:
        limit = format_date_vi(not_after) if not_after else f"năm {last_year}"
        sentence = f"Năm {year} chưa đến. Ông/bà ghi ngày không muộn hơn {limit}."
        raise _refusal(sentence if len(text) <= 4 else "Ông/bà ghi năm đủ bốn chữ số, ví dụ 2026.", "year")


def _check_month(month: int | None) -> None:
    if month is not None and not 1 <= month <= 12:
        raise _refusal(f"Không có tháng {month}. Ông/bà ghi tháng từ 1 đến 12.", "month")


def _check_day(day: int | None, month: int | None, year: int | None) -> None:
    if day is None or month is None or year is None:
        return
    if not 1 <= day <= 31:
        raise _refusal(f"Không có ngày {day}. Ông/bà ghi ngày từ 1 đến 31.", "day")
    last = calendar.monthrange(year, month)[1]
    if day > last:
        raise _refusal(
            f"Tháng {month} năm {year} chỉ có {last} ngày. Ông/bà ghi lại ngày hoặc tháng.",
            "day",
        )


def _smallest(numbers: dict[str, int | None]) -> str:
    return next(part for part in ("day", "month", "year") if numbers[part] is not None)
