"""Hoa văn: a quiet frame and a lotus as vector shapes, for letters of congratulation only.

One accent colour; nothing is drawn on a letter of condolence.
"""

from __future__ import annotations

from enum import StrEnum

from civreg.shared.paper.page import MM, Colour, Page

ROSE: Colour = (0.62, 0.20, 0.32)
TINT: Colour = (0.975, 0.925, 0.935)


class Ornament(StrEnum):
    """What surrounds the words: nothing, or the lotus frame."""

    NONE = "none"
    LOTUS = "lotus"


def draw_frame(page: Page) -> None:
    """Draw a double hairline around the text, its corners turned inward."""
    page.shape(_frame)


def _frame(page: Page) -> None:
    inset = 10 * MM
    left, right = page.left - inset, page.right + inset
    top, bottom = page.top - inset, page.bottom + inset
    page.canvas.setStrokeColorRGB(*ROSE)
    for gap, thickness, notch in ((0.0, 1.1, 6 * MM), (1.6 * MM, 0.4, 6 * MM)):
        page.canvas.setLineWidth(thickness)
        _notched(page, left + gap, top + gap, right - gap, bottom - gap, notch)


def _notched(page: Page, left: float, top: float, right: float, bottom: float, notch: float) -> None:
    """Draw a rectangle whose corners are quarter circles turned inward."""
    k = notch * 0.5523
    path = page.canvas.beginPath()
    x, y = page.x, page.y
    path.moveTo(x(left + notch), y(top))
    path.lineTo(x(right - notch), y(top))
    path.curveTo(x(right - notch), y(top + k), x(right - k), y(top + notch), x(right), y(top + notch))
    path.lineTo(x(right), y(bottom - notch))
    path.curveTo(
        x(right - k), y(bottom - notch), x(right - notch), y(bottom - k), x(right - notch), y(bottom)
    )
    path.lineTo(x(left + notch), y(bottom))
    path.curveTo(x(left + notch), y(bottom - k), x(left + k), y(bottom - notch), x(left), y(bottom - notch))
    path.lineTo(x(left), y(top + notch))
    path.curveTo(x(left + k), y(top + notch), x(left + notch), y(top + k), x(left + notch), y(top))
    path.close()
    page.canvas.drawPath(path, stroke=1, fill=0)


PETALS: tuple[tuple[float, float, float], ...] = (
    (-66, 0.98, 0.20),
    (66, 0.98, 0.20),
    (-44, 1.0, 0.25),
    (44, 1.0, 0.25),
    (-22, 1.03, 0.28),
    (22, 1.03, 0.28),
    (0, 1.08, 0.30),
)
"""Petals from the outer to the front one: angle in degrees, length and half width in parts of the height."""


def draw_lotus(page: Page, middle: float, foot: float, height: float) -> None:
    """Draw an open lotus over two lines of water; `foot` is where the petals meet, sizes in points."""
    page.shape(_lotus, middle, foot, height)


def _lotus(page: Page, middle: float, foot: float, height: float) -> None:
    canvas = page.canvas
    canvas.setStrokeColorRGB(*ROSE)
    canvas.setFillColorRGB(*TINT)
    canvas.setLineWidth(0.8)
    canvas.setLineJoin(1)
    for angle, length, half in PETALS:
        canvas.saveState()
        canvas.translate(page.x(middle), page.y(foot))
        canvas.rotate(-angle)
        tip, side = height * length, height * half
        path = canvas.beginPath()
        path.moveTo(0, 0)
        path.curveTo(-side * 1.25, tip * 0.32, -side * 0.95, tip * 0.72, 0, tip)
        path.curveTo(side * 0.95, tip * 0.72, side * 1.25, tip * 0.32, 0, 0)
        path.close()
        canvas.drawPath(path, stroke=1, fill=1)
        canvas.restoreState()
    _water(page, middle, foot, height)


def _water(page: Page, middle: float, foot: float, height: float) -> None:
    """Draw the two lines under the flower, fading to the sides by their length."""
    canvas = page.canvas
    canvas.setLineCap(1)
    for drop, reach, thickness in ((0.10, 1.55, 0.8), (0.22, 0.95, 0.6)):
        canvas.setLineWidth(thickness)
        path = canvas.beginPath()
        down = foot + height * drop
        dip = height * 0.05
        wide = height * reach
        path.moveTo(page.x(middle - wide), page.y(down))
        path.curveTo(
            page.x(middle - wide * 0.5),
            page.y(down + dip),
            page.x(middle + wide * 0.5),
            page.y(down + dip),
            page.x(middle + wide),
            page.y(down),
        )
        canvas.drawPath(path, stroke=1, fill=0)
