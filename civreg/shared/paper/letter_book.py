"""Sổ thư trên giấy: the numbers of a unit and year as a ruled list, to be printed, bound and signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from civreg.shared.paper.flow import Column, Flow
from civreg.shared.paper.fonts import Face
from civreg.shared.paper.heading import Heading, draw_heading
from civreg.shared.paper.page import A4, Page

COLUMNS = (
    Column("Số", 20, "centre"),
    Column("Ngày cấp số", 25, "centre"),
    Column("Loại thư", 28),
    Column("Tên trên thư", 44),
    Column("Ngày trao", 25, "centre"),
    Column("Ghi chú", 28),
)


@dataclass(frozen=True, slots=True)
class BookPaper:
    """Sổ thư of one year.

    Attributes:
        rows: number, day of the number, kind, names, day of the hand-over, note; in the order of the numbers.
        first_number: where civreg began; the numbers before it stand in the book on paper.
    """

    heading: Heading
    place: str
    dated_on: date
    year: int
    first_number: int
    rows: Sequence[tuple[str, str, str, str, str, str]]


def render_book(book: BookPaper) -> bytes:
    """Return the PDF of the book.

    Raises:
        Refusal: a character cannot be printed, or a text is too long for paper.
    """
    title = f"SỔ THƯ NĂM {book.year}"
    page = Page(title, A4)
    down = draw_heading(page, book.heading, place=book.place, dated_on=book.dated_on)
    flow = Flow(page, down + 12, size=11)
    flow.centred(title, size=14, role="H1")
    flow.centred(f"{len(book.rows):02d} số", face=Face.REGULAR, size=12)
    if book.first_number > 1:
        flow.centred(
            f"Các số trước {book.first_number:02d}/{book.year} ghi ở sổ giấy", face=Face.REGULAR, size=12
        )
    flow.skip(8)
    flow.table(COLUMNS, book.rows)
    return page.finish()
