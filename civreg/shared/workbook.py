"""Bảng tính một tờ: a table of texts as XLSX; names come from people, so nothing is ever read as a formula."""

from __future__ import annotations

import io
from collections.abc import Sequence

import xlsxwriter

from civreg.shared import clock


def table_xlsx(
    title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], *, widths: Sequence[int]
) -> bytes:
    """Return a workbook: the title, a frozen line of headings, and the rows as texts.

    Args:
        title: first cell, and in the document's properties.
        headings: of the columns.
        rows: one text per column.
        widths: of the columns, in characters.
    """
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(target, options)
    made = clock.now().astimezone(clock.ZONE).replace(tzinfo=None)
    book.set_properties({"title": title, "author": "civreg", "created": made})
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True, "text_wrap": True, "border": 1, "bg_color": "#E8EEF4"})
    sheet.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 14}))
    for column, heading in enumerate(headings):
        sheet.write_string(2, column, heading, bold)
        sheet.set_column(column, column, widths[column])
    for index, row in enumerate(rows, start=3):
        for column, cell in enumerate(row):
            sheet.write_string(index, column, cell)
    sheet.freeze_panes(3, 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    book.close()
    return target.getvalue()
