"""Chữ cái: one stored form of a text (NFC) and the folded forms that searches compare."""

from __future__ import annotations

import re
import unicodedata

_BLANKS = re.compile(r"\s+")
_LATIN_MARKS = re.compile(r"[\u0300-\u036f]")
_DROPPED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Cn"})
_NON_LETTERS = re.compile(r"[\W_]+")


def nfc(text: str) -> str:
    """Return the text as it is stored: composed letters, no control characters, single blanks, no edges.

    Phones and scanners send decomposed accents (NFD), zero-width and direction marks; kept, they would make
    two spellings of one name. Lone surrogates and unassigned code points go too: PostgreSQL refuses them.
    """
    composed = unicodedata.normalize("NFC", text)
    if composed.isprintable():  # nothing of the dropped kinds, no blank but the plain one: nearly every text
        return _BLANKS.sub(" ", composed).strip()
    kept = (
        " " if character.isspace() else character
        for character in composed
        if character.isspace() or unicodedata.category(character) not in _DROPPED_CATEGORIES
    )
    # A dropped mark may have stood between a letter and its accent, so compose once more.
    return _BLANKS.sub(" ", unicodedata.normalize("NFC", "".join(kept))).strip()


def strip_accents(text: str) -> str:
    """Return the text without Latin accents and with đ as d, in the case it came in.

    Only Latin marks go: the vowel signs of Khmer are marks too and carry the word.
    """
    bare = _LATIN_MARKS.sub("", unicodedata.normalize("NFKD", text))
    return unicodedata.normalize("NFC", bare.replace("đ", "d").replace("Đ", "D"))


def fold(text: str) -> str:
    """Return the search key of a name (khóa tìm kiếm): lower case, no accents, đ as d, single blanks.

    >>> fold("NGUYỄN  Thị Đào")
    'nguyen thi dao'
    """
    # Some signs decompose into a blank and a mark, hence the second cleaning.
    return nfc(strip_accents(strip_accents(nfc(text)).casefold()))


def fold_joined(text: str) -> str:
    """Return the search key with syllables joined: Khmer names are written "Sa Rết" or "Sarết".

    >>> fold_joined("Sa Rết") == fold_joined("Sarết")
    True
    """
    return _NON_LETTERS.sub("", fold(text))


def capitals(text: str) -> str:
    """Return the text in capitals as declaration forms want names (CHỮ IN HOA)."""
    return nfc(text).upper()


def in_sentence(text: str) -> str:
    """Return a title as it stands inside a sentence; one that begins with an abbreviation stays. Not for names."""
    return text if text[:2].isupper() else text[:1].lower() + text[1:]
