"""Quy tắc tên và danh mục đơn vị: how a unit's name is compared, and what one list changes in the one before.

Pure: no database and no clock. Dates are arguments.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from civreg.shared.text import fold, sort_key

KIND_WORDS: tuple[tuple[str, str, frozenset[str]], ...] = (
    ("thành phố", "thanh pho", frozenset({"municipality", "city"})),
    ("thị trấn", "thi tran", frozenset({"township"})),
    ("thị xã", "thi xa", frozenset({"town"})),
    ("đặc khu", "dac khu", frozenset({"special_zone"})),
    ("phường", "phuong", frozenset({"ward"})),
    ("huyện", "huyen", frozenset({"district"})),
    ("tỉnh", "tinh", frozenset({"province"})),
    ("quận", "quan", frozenset({"urban_district"})),
    ("xã", "xa", frozenset({"commune"})),
)
"""Words before a name, as written, folded, and the kinds they stand for. Data for reading only: no level is implied."""

_SHORT_WORDS: Mapping[str, str] = {
    "tp": "thanh pho",
    "tt": "thi tran",
    "tx": "thi xa",
    "dk": "dac khu",
    "p": "phuong",
    "h": "huyen",
    "q": "quan",
    "t": "tinh",
    "x": "xa",
}
_KINDS_OF_WORD: Mapping[str, frozenset[str]] = {folded: kinds for _, folded, kinds in KIND_WORDS}
_SHORT_PREFIX = re.compile(r"^(tp|tt|tx|dk|[phqtx])(?:\s+(?=\S)|(?=\d))")
_LEADING_ZEROS = re.compile(r"\b0+(?=\d)")

SEARCH_LENGTH = 80
"""Longest search text that is looked at, in letters after folding; the longest real name has under 40."""


def clean_name(name: str) -> str:
    """Return the name in NFC with single blanks ("Xã Đại Ân  2" → "Xã Đại Ân 2")."""
    return " ".join(unicode_nfc(name).split())
