"""Dán số: reads the numbers of the register out of whatever was copied from the Ministry's screen.

Nothing is decided here: what was read fills the fields, and a person checks them before anything is saved. Words may
stand in any order, on one line or many, with or without accents.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from civreg.shared.text import strip_accents

MOST_READ = 4000
"""Letters that are read; a whole screen of the Ministry's software has fewer."""

_BLANK = "\x00"
_WORD = r"(?=[0-9a-z./-]{0,39}\d)([0-9a-z][0-9a-z./-]{0,39})"
_DATES = (
    re.compile(r"(?<![\d/])(?P<d>\d{1,2})[/.-](?P<m>\d{1,2})[/.-](?P<y>\d{4})(?![\d/])"),
    re.compile(r"(?<!\d)(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})(?!\d)"),
    re.compile(
        r"ngay\s{1,3}(?P<d>\d{1,2})\s{1,3}thang\s{1,3}(?P<m>\d{1,2})\s{1,3}nam\s{1,3}(?P<y>\d{4})(?!\d)"
    ),
)
_OTHER_DAYS = re.compile(r"(sinh|mat|chet|tu tran|cap)\b[^\n\d\x00]{0,30}$")
"""What stands before a day that is not the day of the register."""
_PERSONAL_LABEL = re.compile(
    r"(?:so )?(?:dinh danh|ddcn)(?: ca nhan)?[^\w\x00]{0,5}((?:\d[ .]?){5,20})(?![\d/])"
)
_PERSONAL = re.compile(
    r"(?<![\w/.-])(?:\d{12}|\d{3}([ .-])\d{3}\1\d{3}\1\d{3}|\d{4}([ .-])\d{4}\2\d{4})(?![\w/-])"
)
_BOOK_LABEL = re.compile(r"quyen(?: so)?[^\w\x00]{0,5}" + _WORD)
_BOOK = re.compile(r"(?<![\w/.-])(\d{1,3}/\d{4}[-/]?[a-z]{2,4}\d?)(?![\w/-])")
_NUMBER_LABEL = re.compile(r"\bso(?: dang ky| vao so| ho tich)?[^\w\x00]{0,5}(?=\d)" + _WORD)
_NUMBER = re.compile(r"(?<![\w/.-])(\d{1,6}/\d{4})(?![\w/-])")
_ALONE = re.compile(r"(?m)^[^\S\n]*(\d{1,5})[^\S\n]*$")


@dataclass(frozen=True)
class Pasted:
    """What was read (số dán vào); empty where nothing was found or where there were several.

    Attributes:
        doubts: sentences for the person who checks.
    """

    register_number: str = ""
    register_book: str = ""
    personal_number: str = ""
    registered_on: date | None = None
    doubts: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was read at all."""
        return not (self.register_number or self.register_book or self.personal_number or self.registered_on)


class _Reading:
    """The text while it is read: `key` is searched, `text` is what is taken; both have the same places."""

    def __init__(self, typed: str) -> None:
        kept = unicodedata.normalize("NFKC", typed[:MOST_READ])
        letters = [
            letter
            if letter == "\n"
            else " "
            if letter.isspace()
            else ""
            if unicodedata.category(letter) in ("Cf", "Cc", "Cs", "Cn", "Co", "Mn")
            else letter
            for letter in unicodedata.normalize("NFC", kept.replace("\r", "\n"))
        ]
        self.text = "".join(letters)
        self.key = "".join((strip_accents(letter) or " ")[0].lower()[:1] for letter in self.text)
        self.doubts: list[str] = []

    def take(self, pattern: re.Pattern[str]) -> list[str]:
        """Return what a pattern's only group (or all of it) holds, and blank it for those that follow."""
        found = []
        for match in list(pattern.finditer(self.key)):
            group = 1 if match.re is not _PERSONAL and match.re.groups else 0
            found.append(self.text[match.start(group) : match.end(group)].strip(" ./-"))
            self.blank(match.start(), match.end())
        return found

    def blank(self, start: int, end: int) -> None:
        self.key = self.key[:start] + _BLANK * (end - start) + self.key[end:]

    def one(self, found: Iterable[str], what: str) -> str:
        """Return the only value; several different ones are none, and a doubt."""
        values = list(dict.fromkeys(value for value in found if value))
        if len(values) > 1:
            self.doubts.append(f"Đoạn dán có hơn một {what} nên ô này để trống. Ông/bà ghi số đúng vào ô.")
            return ""
        return values[0] if values else ""


def read_pasted(typed: str, today: date) -> Pasted:
    """Return the numbers that stand in a text copied from the Ministry's software; never fails.

    Args:
        typed: what was pasted, whatever it is.
        today: a later day is no day of the register.
    """
    reading = _Reading(typed)
    registered_on = _date(reading, today)
    personal = _personal_number(reading)
    book = reading.one(reading.take(_BOOK_LABEL) or reading.take(_BOOK), "quyển số")
    number = reading.one(
        reading.take(_NUMBER_LABEL) or reading.take(_NUMBER) or reading.take(_ALONE), "số đăng ký"
    )
    pasted = Pasted(number.upper(), book.upper(), personal, registered_on, tuple(reading.doubts))
    if pasted.is_empty and not pasted.doubts:
        return Pasted(doubts=("Chưa đọc được số nào trong đoạn dán. Ông/bà ghi vào từng ô.",))
    return pasted


def _personal_number(reading: _Reading) -> str:
    found = reading.take(_PERSONAL_LABEL) or reading.take(_PERSONAL)
    return reading.one((re.sub(r"[^0-9]", "", value) for value in found), "số định danh")


def _date(reading: _Reading, today: date) -> date | None:
    found: dict[date, None] = {}
    for pattern in _DATES:
        for match in list(pattern.finditer(reading.key)):
            other = _OTHER_DAYS.search(reading.key[max(0, match.start() - 60) : match.start()])
            reading.blank(match.start(), match.end())
            try:
                day = date(int(match["y"]), int(match["m"]), int(match["d"]))
            except ValueError:
                continue
            if not other and day <= today:
                found[day] = None
    if len(found) > 1:
        reading.doubts.append("Đoạn dán có hơn một ngày nên ô này để trống. Ông/bà ghi ngày đăng ký vào ô.")
        return None
    return next(iter(found), None)
