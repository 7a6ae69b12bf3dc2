"""Số điện thoại: Vietnamese phone numbers as families write them, brought to one form of digits."""

from __future__ import annotations

import re
import unicodedata

_PUNCTUATION = re.compile(r"[\s().\-\u2010-\u2015/]+")
_ELEVEN_TO_TEN = {
    "0120": "070", "0121": "079", "0122": "077", "0126": "076", "0128": "078",
    "0123": "083", "0124": "084", "0125": "085", "0127": "081", "0129": "082",
    "0162": "032", "0163": "033", "0164": "034", "0165": "035", "0166": "036",
    "0167": "037", "0168": "038", "0169": "039", "0186": "056", "0188": "058", "0199": "059",
}  # fmt: skip
"""Mobile prefixes of eleven digits, changed to ten by the Ministry of Information in September 2018."""
_MOBILE = re.compile(r"0[35789]\d{8}")
_LANDLINE = re.compile(r"02\d{9}")


def phone_digits(typed: str) -> str | None:
    """Return a phone number as its national digits ("0912345678"), or None when it is not a Vietnamese one.

    Accepts blanks, points, brackets and dashes, +84 / 84 / 0084 in front, an eleven-digit mobile of before
    2018 (changed to today's), and a mobile that lost its leading zero in a spreadsheet.
    """
    text = _PUNCTUATION.sub("", unicodedata.normalize("NFKC", typed))
    if not re.fullmatch(r"\+?[0-9]{9,15}", text):
        return None
    digits = _national(text)
    if len(digits) == 11 and digits[:4] in _ELEVEN_TO_TEN:
        digits = _ELEVEN_TO_TEN[digits[:4]] + digits[4:]
    return digits if _MOBILE.fullmatch(digits) or _LANDLINE.fullmatch(digits) else None


def _national(text: str) -> str:
    if text.startswith("+"):
        # "+84 (0)912…" is a common way to write it.
        return "0" + text[3:].removeprefix("0") if text.startswith("+84") else text[1:]
    if text.startswith("0084"):
        return "0" + text[4:].removeprefix("0")
    if text.startswith("84") and len(text) in (11, 12, 13):
        return "0" + text[2:].removeprefix("0")
    return text if text.startswith("0") else "0" + text
