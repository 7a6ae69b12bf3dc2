"""Mã QR: a QR code drawn as shapes, so that it prints sharp at any size."""

from __future__ import annotations

import segno

from civreg.shared.paper.page import BLACK, Page


def draw_qr(page: Page, content: str, left: float, down: float, side: float) -> None:
    """Draw the QR code of `content` in a square of `side` points; read aloud as its content."""
    code = segno.make(content, micro=False, error="m")
    rows = [bytes(row) for row in code.matrix]
    cell = side / len(rows)
    with page.tagged("Figure", spoken=f"Mã QR: {content}"):
        page.canvas.setFillColorRGB(*BLACK)
        path = page.canvas.beginPath()
        for index, row in enumerate(rows):
            start = 0
            while (start := row.find(1, start)) >= 0:
                end = row.find(0, start)
                end = len(row) if end < 0 else end
                low = page.y(down + (index + 1) * cell)
                path.rect(page.x(left + start * cell), low, (end - start) * cell, cell)
                start = end
        page.canvas.drawPath(path, stroke=0, fill=1)
