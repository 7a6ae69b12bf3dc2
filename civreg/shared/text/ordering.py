"""Thứ tự chữ cái tiếng Việt: a stored sort key, because PostgreSQL's builtin collation has no Vietnamese.

The key is plain text whose code-point order ("C") is the wanted order, so an index serves it.
"""

from __future__ import annotations

import unicodedata

from civreg.shared.text.letters import nfc

_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_LETTER_KEY = {letter: chr(ord("A") + rank) for rank, letter in enumerate(_ALPHABET)}
_TONE_KEY = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
"""Tones in dictionary order: none (0), huyền, hỏi, ngã, sắc, nặng."""
_QUALITY = {
    ("a", "\u0306"): "ă",
    ("a", "\u0302"): "â",
    ("e", "\u0302"): "ê",
    ("o", "\u0302"): "ô",
    ("o", "\u031b"): "ơ",
    ("u", "\u031b"): "ư",
}
_PART_END = " "
_WORD_END = "!"
_OTHER = "~"


def _letter_and_tone_keys(words: str) -> tuple[str, str]:
    letters: list[str] = []
    tones: list[str] = []
    base = ""
    for character in unicodedata.normalize("NFD", words.lower()):
        if unicodedata.combining(character):
            # A mark without a letter before it (bad paste) is ignored instead of failing.
            if letters and character in _TONE_KEY:
                tones[-1] = _TONE_KEY[character]
            elif letters and (base, character) in _QUALITY:
                base = _QUALITY[base, character]
                letters[-1] = _LETTER_KEY[base]
            continue
        base = character
        letters.append(_character_key(character))
        tones.append("0")
    return "".join(letters), "".join(tones)


def _character_key(character: str) -> str:
    if character in _LETTER_KEY:
        return _LETTER_KEY[character]
    if character == " ":
        return _WORD_END
    if character in "0123456789":
        return chr(ord("#") + int(character))
    return _OTHER + character


def _part_key(words: str) -> str:
    letters, tones = _letter_and_tone_keys(words)
    return letters + _PART_END + tones


def sort_key_vi(full_name: str) -> str:
    """Return the key that puts people in Vietnamese order: given name, then middle names, then family name.

    Letters decide before tones inside each of the three (a ă â … d đ … o ô ơ …; không dấu, huyền, hỏi, ngã,
    sắc, nặng). A name of one word is its given name. Never fails, whatever was typed.
    """
    words = nfc(full_name).split(" ")
    given, family = words[-1], words[0] if len(words) > 1 else ""
    middle = " ".join(words[1:-1])
    return _PART_END.join(_part_key(part) for part in (given, middle, family))
