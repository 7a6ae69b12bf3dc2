"""Nét ký: a signature drawn on a screen, as the lines a finger made, before it becomes a picture. Pure.

Lines and not a picture come from the phone: they are small, can be checked point by point, and are drawn again when the
form comes back with a question.
"""

from __future__ import annotations

from itertools import pairwise

from civreg.shared.errors import Refusal

Stroke = tuple[tuple[int, int], ...]
"""Points of one line, in the order of the finger: x in 0…WIDTH, y in 0…HEIGHT."""

WIDTH, HEIGHT = 1000, 400
"""The field in units of its own; the screen's size does not matter."""
MOST_POINTS = 6000
_LONGEST = MOST_POINTS * 9
_LEAST_LENGTH = 60
"""Units all lines together must be long: a touch by mistake is no signature."""
_BROKEN = (
    "Chữ ký trên màn hình chưa đọc được. Ông/bà bấm “Ký lại” rồi ký lần nữa, hoặc chụp ảnh chữ ký trên giấy."
)
_TOO_LONG = "Nét ký quá dài. Ông/bà bấm “Ký lại” rồi ký ngắn hơn."
_TOO_SHORT = "Chưa thấy nét ký. Ông/bà bấm “Ký lại” rồi ký lần nữa, hoặc để trống ô ký."


def parse_strokes(sent: str) -> tuple[Stroke, ...]:
    """Return the lines of a signature; none when nothing was drawn.

    Args:
        sent: lines parted by “;”, points by blanks, as in “10,20 30,40;50,60 70,80”.

    Raises:
        Refusal: not such lines, outside of the field, or too long or short to be a signature.
    """
    if not sent.strip():
        return ()
    if len(sent) > _LONGEST:
        raise Refusal(_TOO_LONG)
    strokes = tuple(
        tuple(_point(point) for point in line.split()) for line in sent.split(";") if line.strip()
    )
    if sum(len(line) for line in strokes) > MOST_POINTS:
        raise Refusal(_TOO_LONG)
    if sum(_length(line) for line in strokes) < _LEAST_LENGTH:
        raise Refusal(_TOO_SHORT)
    return strokes


def _point(text: str) -> tuple[int, int]:
    x, comma, y = text.partition(",")
    if not (comma and all(part.isascii() and part.isdigit() and len(part) < 5 for part in (x, y))):
        raise Refusal(_BROKEN)
    if int(x) > WIDTH or int(y) > HEIGHT:
        raise Refusal(_BROKEN)
    return int(x), int(y)


def _length(line: Stroke) -> int:
    """Return how far the finger went, straight along the axes: enough to tell a touch from a name."""
    return sum(abs(x - a) + abs(y - b) for (a, b), (x, y) in pairwise(line))
