"""Sổ thư mang đi: the same rows as the page, as PDF to bind and as XLSX to sort."""

from __future__ import annotations

from civreg.letters.queries.book import BookRow, LetterBook
from civreg.shared import clock
from civreg.shared.paper.heading import Heading
from civreg.shared.paper.letter_book import BookPaper, render_book
from civreg.shared.workbook import table_xlsx

HEADINGS = ("Số", "Ngày cấp số", "Loại thư", "Tên trên thư", "Ngày trao", "Ghi chú")


def book_pdf(book: LetterBook) -> bytes:
    """Return the book as PDF, under the heading of its unit."""
    return render_book(
        BookPaper(
            heading=Heading.of_commune(book.unit_spoken),
            place=book.unit_bare,
            dated_on=clock.today(),
            year=book.state.year,
            first_number=book.state.first_number,
            rows=[_cells(row) for row in book.rows],
        )
    )


def book_xlsx(book: LetterBook) -> bytes:
    """Return the book as a workbook with one sheet."""
    title = f"Sổ thư năm {book.state.year} - {book.unit_name}"
    return table_xlsx(title, HEADINGS, [_cells(row) for row in book.rows], widths=(10, 14, 28, 44, 14, 40))


def _cells(row: BookRow) -> tuple[str, str, str, str, str, str]:
    note = f"Số đã hủy: {row.note}" if row.void else "" if row.handed_on else row.state
    handed = f"{row.handed_on:%d/%m/%Y}" if row.handed_on else ""
    return (row.number, f"{row.issued_on:%d/%m/%Y}", row.kind, row.names, handed, note)
