"""Dàn chữ: breaking a text into lines of a given width, justified by the gaps between words.

Own and small: ReportLab's Paragraph reads its text as markup and measures each word again for every sheet.
All lengths are points.
"""

from __future__ import annotations

from dataclasses import dataclass

from civreg.shared.paper.fonts import Face, word_width


@dataclass(frozen=True, slots=True)
class Type:
    """Cỡ và kiểu chữ: a face at a size in points."""

    face: Face
    size: float

    def width(self, text: str) -> float:
        """Return the width of `text` in points."""
        spaces = text.count(" ") * word_width(" ", self.face)
        return (
            (spaces + sum(word_width(word, self.face) for word in text.split(" ") if word)) * self.size / 1000
        )


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its text, where it starts in the column, and what each gap gains to fill the column."""

    text: str
    indent: float
    width: float
    stretch: float = 0.0


def break_lines(
    text: str, kind: Type, column: float, *, first_indent: float = 0.0, justified: bool = False
) -> list[Line]:
    """Break `text` (clean, see `fonts.drawable`) into lines no wider than `column`.

    A word wider than the column is cut between letters. The last line of a justified text is not stretched.
    """
    space = kind.width(" ")
    lines: list[Line] = []
    words: list[str] = []
    used = 0.0
    indent = first_indent

    def close(last: bool) -> None:
        nonlocal words, used, indent
        gaps = len(words) - 1
        stretch = (column - indent - used) / gaps if justified and gaps and not last else 0.0
        lines.append(Line(" ".join(words), indent, used, stretch))
        words, used, indent = [], 0.0, 0.0

    for word in _words(text, kind, column - first_indent):
        width = kind.width(word)
        if words and indent + used + space + width > column:
            close(last=False)
        used += width + (space if words else 0.0)
        words.append(word)
    if words:
        close(last=True)
    return lines


def _words(text: str, kind: Type, widest: float) -> list[str]:
    """Return the words of `text`, those wider than a line cut into pieces that fit."""
    words: list[str] = []
    for word in text.split():
        if kind.width(word) <= widest:
            words.append(word)
            continue
        piece, used = "", 0.0
        for letter in word:
            width = kind.width(letter)
            if piece and used + width > widest:
                words.append(piece)
                piece, used = "", 0.0
            piece, used = piece + letter, used + width
        words.append(piece)
    return words
