"""Mã hồ sơ, mã tra cứu và mã PIN: what people read aloud, type and scan."""

from __future__ import annotations

import secrets

TRACKING_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No 0/O, 1/I/L or U: read aloud over a phone without doubt."""

PERSONAL_NUMBER_DIGITS = 12
"""Digits of a số định danh cá nhân (NĐ 137/2015 art 13)."""


def new_tracking_code() -> str:
    """Return a tracking code of ten characters (49 bits), as `K7M3P-9QX2T`; it counts only with a second fact."""
    letters = "".join(secrets.choice(TRACKING_ALPHABET) for _ in range(10))
    return f"{letters[:5]}-{letters[5:]}"


def plain_tracking_code(typed: str) -> str:
    """Return what a person typed in the form it is stored (capitals, no blanks or dashes)."""
    return "".join(letter for letter in typed.upper() if letter.isalnum())


def new_pin() -> str:
    """Return the six digits printed on the slip for families without a phone."""
    return f"{secrets.randbelow(1_000_000):06d}"


def case_code(unit_code: str, year: int, number: int) -> str:
    """Return the number of a case as staff read it: unit, year, serial (`29461-26-00012`)."""
    return f"{unit_code}-{year % 100:02d}-{number:05d}"


def personal_number_warnings(number: str, sex: str | None, birth_year: int | None) -> tuple[str, ...]:
    """Return what looks odd in a số định danh (NĐ 137/2015 art 13); a warning, never a refusal.

    The province prefix is not checked: which one newborns get after the merger is not confirmed.
    """
    if len(number) != PERSONAL_NUMBER_DIGITS:
        return (f"Số định danh có {len(number)} chữ số, không phải {PERSONAL_NUMBER_DIGITS}.",)
    found = []
    century, year = int(number[3]), int(number[4:6])
    if birth_year is not None:
        if year != birth_year % 100:
            found.append("Hai chữ số năm sinh trong số định danh khác năm sinh đã ghi.")
        if century // 2 != birth_year // 100 - 19:
            found.append("Chữ số thế kỷ trong số định danh khác thế kỷ của năm sinh.")
    if sex is not None and (century % 2 == 1) != (sex == "female"):
        found.append("Chữ số giới tính trong số định danh khác giới tính đã ghi.")
    return tuple(found)
