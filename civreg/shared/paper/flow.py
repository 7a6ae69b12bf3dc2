"""Dòng nội dung: paragraphs, fields and tables set one under the other, starting new pages as needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from civreg.shared.paper.fonts import Face, drawable
from civreg.shared.paper.page import MM, Align, Page
from civreg.shared.paper.setting import Line, Type, break_balanced, break_lines

PADDING = 1.6 * MM
"""Room between the rule of a table cell and its text."""

CELL_LIMIT = 600
"""Characters a cell may have: a row is never cut, so it must fit on a page."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: its heading, its share of the width and how its cells stand."""

    heading: str
    share: float
    align: Align = "left"


class Flow:
    """A pen that moves down the page; `down` is the lower edge of what is drawn."""

    def __init__(self, page: Page, down: float, *, size: float = 13) -> None:
        self.page = page
        self.down = down
        self.size = size

    @property
    def leading(self) -> float:
        """Return the distance between lines, in points."""
        return self.size * 1.22

    def room(self, height: float) -> None:
        """Start a new page when fewer than `height` points are left on this one."""
        if self.down + height > self.page.bottom:
            self.page.next_page()
            self.down = self.page.top

    def skip(self, height: float) -> None:
        """Leave `height` points empty."""
        self.down += height

    def centred(
        self, text: str, *, face: Face = Face.BOLD, size: float | None = None, role: str = "P"
    ) -> None:
        """Set a centred text."""
        kind = Type(face, size or self.size)
        middle = (self.page.left + self.page.right) / 2
        lines = break_balanced(drawable(text), kind, self.page.measures.column)
        self.room(kind.size * 1.3 * len(lines))
        with self.page.tagged(role):
            for line in lines:
                self.down += kind.size * 1.3
                self.page.line(middle, self.down, line, kind, align="centre")

    def paragraph(
        self, text: str, *, face: Face = Face.REGULAR, size: float | None = None, width: float | None = None
    ) -> None:
        """Set a paragraph from the left edge, not indented."""
        kind = Type(face, size or self.size)
        self._lines(break_lines(drawable(text), kind, width or self.page.measures.column), kind)

    def field(self, label: str, value: str, *, width: float | None = None) -> None:
        """Set “label: value” with the value in bold; an empty value is left out."""
        if not value:
            return
        label_kind, kind = Type(Face.REGULAR, self.size), Type(Face.BOLD, self.size)
        heading = f"{drawable(label)}: "
        indent = label_kind.width(heading)
        lines = break_lines(drawable(value), kind, width or self.page.measures.column, first_indent=indent)
        self.room(self.leading * min(len(lines), 3))
        with self.page.tagged("P"):
            self.page.text(self.page.left, self.down + self.leading, heading, label_kind)
            for line in lines[:3]:
                self.down += self.leading
                self.page.line(self.page.left, self.down, line, kind)
        self._lines(lines[3:], kind)

    def _lines(self, lines: Sequence[Line], kind: Type) -> None:
        leading = kind.size * 1.22
        while lines:
            self.room(leading)
            fitting = max(1, int((self.page.bottom - self.down) / leading))
            with self.page.tagged("P"):
                for line in lines[:fitting]:
                    self.down += leading
                    self.page.line(self.page.left, self.down, line, kind)
            lines = lines[fitting:]

    def table(
        self, columns: Sequence[Column], rows: Sequence[Sequence[str]], *, row_height: float = 0.0
    ) -> None:
        """Set a ruled table; the heading is repeated on every page, a row is never cut.

        `row_height` is the least height of a row in points, to leave room for a signature.
        """
        kind = self._kind(heading=False)
        self._heading(columns)
        for row in rows:
            cells = self._cells(columns, row, kind)
            height = max(row_height, _height(cells, kind))
            if self.down + height > self.page.bottom:
                self.page.next_page()
                self.down = self.page.top
                self._heading(columns)
            self._row(columns, cells, kind, height)

    def _heading(self, columns: Sequence[Column]) -> None:
        kind = self._kind(heading=True)
        cells = self._cells(columns, [column.heading for column in columns], kind)
        height = _height(cells, kind)
        self.room(height * 2)
        self._row([replace(column, align="centre") for column in columns], cells, kind, height)

    def _cells(self, columns: Sequence[Column], row: Sequence[str], kind: Type) -> list[list[Line]]:
        total = sum(column.share for column in columns)
        whole = self.page.measures.column
        return [
            break_lines(drawable(text, limit=CELL_LIMIT), kind, whole * column.share / total - 2 * PADDING)
            for column, text in zip(columns, row, strict=True)
        ]

    def _kind(self, heading: bool) -> Type:
        return Type(Face.BOLD if heading else Face.REGULAR, self.size - 1)

    def _row(
        self, columns: Sequence[Column], cells: Sequence[Sequence[Line]], kind: Type, height: float
    ) -> None:
        total = sum(column.share for column in columns)
        widths = [self.page.measures.column * column.share / total for column in columns]
        lefts = list(accumulate(widths, initial=self.page.left))
        self.page.boxes((left, self.down, width, height) for left, width in zip(lefts, widths, strict=False))
        for column, lines, left, width in zip(columns, cells, lefts, widths, strict=False):
            at = {"left": left + PADDING, "centre": left + width / 2, "right": left + width - PADDING}
            baseline = self.down + PADDING - kind.size * 0.12
            if lines:
                with self.page.tagged("P"):
                    for line in lines:
                        baseline += kind.size * 1.2
                        self.page.line(at[column.align], baseline, line, kind, align=column.align)
        self.down += height


def _height(cells: Sequence[Sequence[Line]], kind: Type) -> float:
    """Return how high a row with these cells is, in points."""
    return max(len(lines) for lines in cells) * kind.size * 1.2 + 2 * PADDING
