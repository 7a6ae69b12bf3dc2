"""Mã QR: the squares of a QR code, for paper and pages."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

import zxingcpp

Run = tuple[int, int, int]
"""Dark squares beside each other: column, row (going down) and how many."""
QUIET = 4
"""Light squares that ISO/IEC 18004 wants on every side of a code."""


def dark_runs(content: str) -> tuple[int, Iterator[Run]]:
    """Return how many squares a side of the QR code of `content` has, without the quiet zone, and its dark runs.

    A code with level M is read with 15 in 100 squares soiled, enough for a letter that was carried by hand.
    """
    code = zxingcpp.create_barcode(content, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    picture: Any = code.to_image(scale=1, add_quiet_zones=False)  # a buffer, which its stub does not say
    side = picture.shape[0]
    return side, _runs(bytes(memoryview(picture)), side)


def _runs(squares: bytes, side: int) -> Iterator[Run]:
    """Yield the dark runs of a picture with a byte a square, 0 for dark."""
    for row in range(side):
        line = squares[row * side : (row + 1) * side]
        start = 0
        while (start := line.find(0, start)) >= 0:
            end = line.find(255, start)
            end = side if end < 0 else end
            yield start, row, end - start
            start = end


def qr_svg(content: str, title: str, *, scale: int) -> str:
    """Return the QR code of `content` as inline SVG, quiet zone included.

    Args:
        content: what a telephone reads.
        title: said in place of the picture.
        scale: width of a square, in pixels.
    """
    side, runs = dark_runs(content)
    whole = side + 2 * QUIET
    dark = "".join(f"M{column + QUIET} {row + QUIET}h{count}v1h-{count}z" for column, row, count in runs)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{whole * scale}" height="{whole * scale}" '
        f'viewBox="0 0 {whole} {whole}" shape-rendering="crispEdges"><title>{escape(title)}</title>'
        f'<path fill="#fff" d="M0 0h{whole}v{whole}H0z"/><path fill="#1a1a1a" d="{dark}"/></svg>'
    )
