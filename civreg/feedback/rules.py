"""Phản ánh: its states, what a family may write, how a head settles it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from civreg.shared.errors import InvalidInput
from civreg.shared.text import nfc

Outcome = Literal["answered", "closed"]

COMPLAINT_WORDS: Mapping[str, str] = {
    "new": "Chưa trả lời",
    "answered": "Đã trả lời gia đình",
    "closed": "Đã khép lại",
}
"""State → what the head reads."""
OUTCOME_WORDS: Mapping[str, str] = {
    "answered": "Đã trả lời gia đình",
    "closed": "Khép lại, không cần trả lời",
}
"""How a head settles a complaint."""

LONGEST_TEXT = 1000
LONGEST_NOTE = 500
MOST_WAITING = 3
"""Complaints of one case that wait at the same time: one who holds the code cannot bury the head in them."""


def clean_text(typed: str) -> str:
    """Return what a family wrote in its stored form, its lines kept.

    Raises:
        InvalidInput: nothing written, or too much.
    """
    return _clean(typed, "text", "Ông/bà ghi điều chưa hài lòng.", LONGEST_TEXT)


def clean_note(typed: str) -> str:
    """Return what a head wrote about what was done.

    Raises:
        InvalidInput: nothing written, or too much.
    """
    return _clean(typed, "note", "Ông/bà ghi đã xem xét và trả lời thế nào.", LONGEST_NOTE)


def _clean(typed: str, field: str, missing: str, limit: int) -> str:
    text = "\n".join(nfc(line) for line in typed.splitlines()).strip()
    sentence = ""
    if not text:
        sentence = missing
    elif len(text) > limit:
        sentence = f"Ông/bà rút ngắn còn {limit} chữ (đang có {len(text)} chữ)."
    if sentence:
        raise InvalidInput(sentence, {field: sentence})
    return text
