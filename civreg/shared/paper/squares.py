"""Mã QR: a QR code drawn as shapes, so that it prints sharp at any size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import segno

from civreg.shared.paper.page import Page

_MASK = 2
"""The one pattern that is laid over the squares. Any of the eight can be read (the code says which it is); trying all
of them for the most even picture took four fifths of the time of a code and a third of issuing a letter."""


def draw_qr(page: Page, content: str, left: float, down: float, side: float) -> None:
    """Draw the QR code of `content` in a square of `side` points; read aloud as its content."""
    rows = [bytes(row) for row in segno.make(content, micro=False, error="m", mask=_MASK).matrix]
    with page.tagged("Figure", spoken=f"Mã QR: {content}"):
        page.cells(left, down, side / len(rows), _runs(rows))


def _runs(rows: Sequence[bytes]) -> Iterator[tuple[int, int, int]]:
    """Yield the dark squares that lie beside each other as column, row and count."""
    for row, squares in enumerate(rows):
        start = 0
        while (start := squares.find(1, start)) >= 0:
            end = squares.find(0, start)
            end = len(squares) if end < 0 else end
            yield start, row, end - start
            start = end
