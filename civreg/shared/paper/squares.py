"""Mã QR: a QR code drawn as shapes, so that it prints sharp at any size."""

from __future__ import annotations

from civreg.shared.paper.page import Page
from civreg.shared.qr import dark_runs


def draw_qr(page: Page, content: str, left: float, down: float, side: float) -> None:
    """Draw the QR code of `content` in a square of `side` points; read aloud as its content."""
    squares, runs = dark_runs(content)
    with page.tagged("Figure", spoken=f"Mã QR: {content}"):
        page.cells(left, down, side / squares, runs)
