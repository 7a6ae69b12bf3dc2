"""Tập ảnh giấy tờ: the photographs of a case's papers, one to an A4 sheet, as one PDF to attach or print."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass

from reportlab.lib.utils import ImageReader

from civreg.shared.paper.fonts import Face, drawable
from civreg.shared.paper.page import MM, Measures, Page
from civreg.shared.paper.setting import Type, break_lines

SHEET = Measures(width=210, height=297, top=15, bottom=10, left=15, right=10)
"""Narrower margins than a paper of the office: the photograph is what counts."""
_CAPTION = Type(Face.REGULAR, 10)
_LEADING = 13.0
_GAP = 3 * MM


@dataclass(frozen=True, slots=True)
class AlbumSheet:
    """Một ảnh trong tập: what it shows and its JPEG.

    Attributes:
        title: of the paper, printed above and read aloud.
        jpeg: the bytes; put into the PDF as they are.
        width: in pixels.
        height: in pixels.
    """

    title: str
    jpeg: bytes
    width: int
    height: int


def render_album(case_code: str, sheets: Iterable[AlbumSheet]) -> bytes:
    """Return the PDF of the photographs, each as large as its sheet allows and never cropped.

    Args:
        case_code: printed above each photograph, so that a loose sheet finds its case.
        sheets: at least one; taken one at a time.

    Raises:
        Refusal: a title cannot be printed.
    """
    page = Page(f"Giấy tờ của hồ sơ {case_code}", SHEET)
    for place, sheet in enumerate(sheets):
        if place:
            page.next_page()
        _draw(page, case_code, sheet)
    return page.finish()


def _draw(page: Page, case_code: str, sheet: AlbumSheet) -> None:
    down = page.top
    with page.tagged("P"):
        for line in break_lines(drawable(f"Hồ sơ {case_code}. {sheet.title}"), _CAPTION, SHEET.column):
            down += _LEADING
            page.line(page.left, down, line, _CAPTION)
    down += _GAP
    scale = min(SHEET.column / sheet.width, (page.bottom - down) / sheet.height)
    width, height = sheet.width * scale, sheet.height * scale
    with page.tagged("Figure", spoken=f"Ảnh chụp: {sheet.title}"):
        page.canvas.drawImage(
            ImageReader(io.BytesIO(sheet.jpeg)),
            page.x(page.left + (SHEET.column - width) / 2),
            page.y(down + height),
            width,
            height,
        )
