"""Tên đơn vị: names split into the word of their kind and the rest, and compared the way people type them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from civreg.shared.text import fold, nfc, sort_key_vi

SEARCH_LENGTH = 80
"""Letters of a name that are compared; the longest real name has under 40."""

_TYPED_LENGTH = 400
_MOST_CONTEXT = 4

_KIND_WORDS: Mapping[str, frozenset[str]] = {
    "thanh pho": frozenset({"municipality", "city"}),
    "thi tran": frozenset({"township"}),
    "dac khu": frozenset({"special_zone"}),
    "thi xa": frozenset({"town"}),
    "phuong": frozenset({"ward"}),
    "huyen": frozenset({"district"}),
    "tinh": frozenset({"province"}),
    "quan": frozenset({"urban_district"}),
    "xa": frozenset({"commune"}),
}
"""Folded words before a name and the kinds they stand for. For reading only: no level follows from them."""

_SHORT_WORDS: Mapping[str, str] = {
    "tp": "thanh pho",
    "tt": "thi tran",
    "tx": "thi xa",
    "dk": "dac khu",
    "p": "phuong",
    "f": "phuong",
    "h": "huyen",
    "q": "quan",
    "t": "tinh",
    "x": "xa",
}
_SHORT_PREFIX = re.compile(r"^(tp|tt|tx|dk|[pfhqtx])(?:\s+(?=\S)|(?=\d))")
_LEADING_ZEROS = re.compile(r"\b0+(?=\d)")
_SEPARATORS = re.compile(r"[,;/|()\n\r]+")
_NOT_LETTERS = re.compile(r"[\W_]+")


def clean_name(name: str) -> str:
    """Return a name as it is stored: composed letters, single blanks ("Xã Đại Ân  2" → "Xã Đại Ân 2")."""
    return nfc(name)


def _folded_words(text: str) -> str:
    words = " ".join(_NOT_LETTERS.sub(" ", fold(text)).split())
    return _LEADING_ZEROS.sub("", words)


def _kind_word(folded: str) -> str | None:
    return next((word for word in _KIND_WORDS if folded.startswith(word + " ")), None)


@lru_cache(maxsize=1 << 14)  # lists repeat the names of the lists before
def bare_name(name: str) -> str:
    """Return the name without the word of its kind: "Thị trấn Định An" → "Định An"."""
    clean = clean_name(name)
    word = _kind_word(fold(clean))
    return clean.split(" ", word.count(" ") + 1)[-1] if word else clean


def spoken_name(name: str) -> str:
    """Return the name inside a sentence: "Xã Trà Cú" → "xã Trà Cú"; a name without a kind word stays."""
    clean = clean_name(name)
    return clean[:1].lower() + clean[1:] if _kind_word(fold(clean)) else clean


@lru_cache(maxsize=1 << 14)
def name_key(name: str) -> str:
    """Return the folded bare name that searches compare: "Phường 09" → "9", "Xã Đại An" → "dai an"."""
    return _folded_words(bare_name(name))


def name_key_joined(name: str) -> str:
    """Return the folded bare name with its syllables joined: "Huyện M'Đrắk" → "mdrak"."""
    return name_key(name).replace(" ", "")


def name_sort_key(name: str) -> str:
    """Return the key of Vietnamese order read from the left: syllable by syllable, "Phường 2" before "10"."""
    return " ".join(_syllable_sort_key(word) for word in bare_name(name).split(" "))


@lru_cache(maxsize=4096)  # the whole country is written with some two thousand syllables
def _syllable_sort_key(word: str) -> str:
    return sort_key_vi(word.zfill(6) if word.isdecimal() else word).strip()


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand a search text: a folded name and, when a word said so, the kinds meant.

    Attributes:
        name: folded, syllables apart.
        kinds: the kinds that the word before the name stands for; empty when there was none.
    """

    name: str
    kinds: frozenset[str]

    @property
    def joined(self) -> str:
        """The name with its syllables joined."""
        return self.name.replace(" ", "")


@dataclass(frozen=True, slots=True)
class SearchText:
    """What somebody typed to find a commune.

    Attributes:
        readings: ways to understand the first part, the likelier first; empty when nothing can be read.
        context: folded names after a comma ("Định An, Trà Cú" → "tra cu"): where the place lies.
        typed: the first part as typed, in small letters with its accents: "đại an" is not "đại ân".
    """

    readings: tuple[Reading, ...]
    context: tuple[str, ...]
    typed: str = ""

    def spells(self, name: str) -> bool:
        """Say whether the text writes a name with its accents, with or without the word of its kind."""
        return self.typed in (clean_name(name).casefold(), bare_name(name).casefold())


def _readings(folded: str) -> tuple[Reading, ...]:
    whole = Reading(folded, frozenset())
    word = _kind_word(folded)
    if word is not None:
        return Reading(_LEADING_ZEROS.sub("", folded[len(word) :].strip()), _KIND_WORDS[word]), whole
    short = _SHORT_PREFIX.match(folded)
    if short is not None:
        rest = _LEADING_ZEROS.sub("", folded[short.end() :])
        return Reading(rest, _KIND_WORDS[_SHORT_WORDS[short.group(1)]]), whole
    return (whole,)


def read_search_text(text: str) -> SearchText:
    """Return how a typed place can be understood; never fails, whatever was typed (NFD, emoji, 10,000 letters).

    Both readings are kept where a word may be a kind or part of the name: "Xà Phiên" is a name and reads like
    "xã Phiên" once its accents are gone.
    """
    typed = [part for part in _SEPARATORS.split(text[:_TYPED_LENGTH]) if _folded_words(part)]
    if not typed:
        return SearchText((), ())
    folded = [_folded_words(part)[:SEARCH_LENGTH].strip() for part in typed]
    context = tuple(_readings(part)[0].name for part in folded[1 : 1 + _MOST_CONTEXT])
    return SearchText(_readings(folded[0]), context, clean_name(typed[0]).casefold())
