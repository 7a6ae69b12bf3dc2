"""Dàn chữ: breaking a text into lines of a given width, justified by the gaps between words.

Own and small: ReportLab's Paragraph reads its text as markup and measures each word again for every sheet.
All lengths are points.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from civreg.shared.paper.fonts import Face, word_width
from civreg.shared.paper.khmer import BREAK, syllables

_PHRASE_END = re.compile(r" (?=và )|(?<=,) ")


@dataclass(frozen=True, slots=True)
class Type:
    """Cỡ và kiểu chữ: a face at a size in points."""

    face: Face
    size: float

    def width(self, text: str) -> float:
        """Return the width of `text` in points."""
        if " " not in text:
            return word_width(text, self.face) * self.size / 1000
        spaces = text.count(" ") * word_width(" ", self.face)
        return (
            (spaces + sum(word_width(word, self.face) for word in text.split(" ") if word)) * self.size / 1000
        )


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its text, where it starts in the column, and what each gap gains to fill the column.

    `broken` says that the text goes on: the blank that the break swallowed is drawn too (it is not seen), so
    that a screen reader does not join two words.
    """

    text: str
    indent: float
    width: float
    stretch: float = 0.0
    broken: bool = False

    @property
    def drawn(self) -> str:
        """Return the text as it is written into the document."""
        return f"{self.text} " if self.broken and not self.text.endswith(BREAK) else self.text


def break_lines(
    text: str, kind: Type, column: float, *, first_indent: float = 0.0, justified: bool = False
) -> list[Line]:
    """Break `text` (clean, see `fonts.drawable`) into lines no wider than `column`.

    A word wider than the column is cut between letters. The last line of a justified text is not stretched.
    """
    return _packed(_words(text, kind, column - first_indent), kind, column, first_indent, justified)


def break_balanced(text: str, kind: Type, column: float) -> list[Line]:
    """Break a centred text into lines of about equal width, between names rather than inside them.

    The places before “và” and after a comma come first; words only when a phrase does not fit.
    """
    phrases = [phrase for phrase in _PHRASE_END.split(text) if phrase]
    if any(kind.width(phrase) > column for phrase in phrases):
        phrases = _words(text, kind, column)
    lines = _packed(phrases, kind, column, 0.0, justified=False)
    narrower = column
    while len(lines) > 1 and narrower > column / 2:
        narrower *= 0.96
        tried = _packed(phrases, kind, narrower, 0.0, justified=False)
        if len(tried) > len(lines) or any(line.width > narrower for line in tried):
            break
        lines = tried
    return lines


def _packed(units: list[str], kind: Type, column: float, first_indent: float, justified: bool) -> list[Line]:
    """Put `units` on lines, as many on each as fit."""
    space = kind.width(" ")
    lines: list[Line] = []
    held: list[str] = []
    used, indent = 0.0, first_indent
    for unit in units:
        width = kind.width(unit)
        gap = 0.0 if held and held[-1].endswith(BREAK) else space
        if held and indent + used + gap + width > column:
            words = _joined(held)
            gaps = words.count(" ")
            stretch = (column - indent - used) / gaps if justified and gaps else 0.0
            lines.append(Line(words, indent, used, stretch, broken=True))
            held, used, indent = [], 0.0, 0.0
        used += width + (gap if held else 0.0)
        held.append(unit)
    if held:
        lines.append(Line(_joined(held), indent, used))
    return lines


def _joined(units: list[str]) -> str:
    """Put units together with blanks; after a break mark of Khmer there is none."""
    return " ".join(units).replace(f"{BREAK} ", BREAK)


def _words(text: str, kind: Type, widest: float) -> list[str]:
    """Return the words of `text`, those wider than a line cut into pieces that fit."""
    words: list[str] = []
    for word in text.replace(BREAK, f"{BREAK} ").split():
        if kind.width(word) <= widest:
            words.append(word)
            continue
        piece, used = "", 0.0
        for letter in syllables(word):
            width = kind.width(letter)
            if piece and used + width > widest:
                words.append(piece)
                piece, used = "", 0.0
            piece, used = piece + letter, used + width
        words.append(piece)
    return words
