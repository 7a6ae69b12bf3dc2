"""Xuất số liệu: a period's figures as CSV and as a spreadsheet; the only user of the spreadsheet writer.

A text that begins like a formula stays a text: names of units and services come from people.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import xlsxwriter

from civreg.shared import clock
from civreg.statistics.queries import BundleFigures, CaseLine, MonthFigures, UnitFigures
from civreg.statistics.rules import CASE_LINES, LETTER_LINES, LINE_WORDS

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_HEADINGS = ("Thủ tục", *(LINE_WORDS[line] for line in CASE_LINES))
_LETTER_HEADINGS = ("Thư đã trao", "Số lượng")
_UNIT_HEADINGS = ("Đơn vị", *(LINE_WORDS[line] for line in CASE_LINES), "Thư đã trao")
_BUNDLE_HEADINGS = (
    "Liên thông: các thủ tục cùng một hồ sơ",
    "Đã tiếp nhận",
    "Đủ mọi kết quả",
    "Tỷ lệ",
    "Còn chờ",
    "Dừng giữa chừng",
)
_NOTE = "Thư được đếm khi đã trao tận tay gia đình, không suy ra từ số đăng ký."

Cell = str | int


def month_csv(
    figures: MonthFigures, below: Sequence[UnitFigures] = (), bundles: Sequence[BundleFigures] = ()
) -> bytes:
    """Return the figures as CSV: UTF-8 with BOM, commas, one heading line per table.

    Args:
        figures: what to write.
        below: the units directly below, side by side in a table of their own.
        bundles: how far the bundles of the period have come, by unit.
    """
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\r\n")
    for row in _sheet(figures, below, bundles):
        writer.writerow([as_text(cell) if isinstance(cell, str) else cell for cell in row])
    return b"\xef\xbb\xbf" + target.getvalue().encode()


def month_xlsx(
    figures: MonthFigures,
    made_at: datetime | None = None,
    *,
    below: Sequence[UnitFigures] = (),
    bundles: Sequence[BundleFigures] = (),
) -> bytes:
    """Return the figures as a workbook with one sheet, headings frozen.

    Args:
        figures: what to write.
        made_at: the moment in the document's properties; now when None.
        below: the units directly below, side by side in a table of their own.
        bundles: how far the bundles of the period have come, by unit.
    """
    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    moment = (made_at or clock.now()).astimezone(clock.ZONE).replace(tzinfo=None)
    book.set_properties({"title": _title(figures), "author": "civreg", "created": moment})
    sheet = book.add_worksheet(_sheet_name(figures))
    _write_sheet(book, sheet, figures, _sheet(figures, below, bundles), totals_last=bool(below))
    book.close()
    return target.getvalue()


def cases_csv(cases: Sequence[CaseLine], state_words: dict[str, str], titles: dict[str, str]) -> bytes:
    """Return the cases behind a figure as CSV: code, unit, day, service, state; no names.

    Args:
        cases: the rows of the drill-down.
        state_words: state → its Vietnamese words.
        titles: procedure → its Vietnamese name.
    """
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(["Mã hồ sơ", "Đơn vị", "Ngày", "Thủ tục", "Trạng thái"])
    for case in cases:
        title, state = titles.get(case.procedure, case.procedure), state_words.get(case.state, case.state)
        writer.writerow(
            [as_text(text) for text in (case.code, case.unit, f"{case.day:%d/%m/%Y}", title, state)]
        )
    return b"\xef\xbb\xbf" + target.getvalue().encode()


def as_text(cell: str) -> str:
    """Return a cell that a spreadsheet program shows and does not compute (an apostrophe before = + - @)."""
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell


def _title(figures: MonthFigures) -> str:
    return f"Số liệu đăng ký hộ tịch tại nhà - {figures.unit_name} - {figures.period.words}"


def _sheet(
    figures: MonthFigures, below: Sequence[UnitFigures], bundles: Sequence[BundleFigures]
) -> list[list[Cell]]:
    """Return every row of the report, top to bottom."""
    rows: list[list[Cell]] = [
        ["Số liệu đăng ký hộ tịch tại nhà"],
        ["Đơn vị", figures.unit_name],
        ["Địa bàn", figures.place],
        ["Mã đơn vị", figures.unit_code],
        ["Kỳ số liệu", figures.period.words],
        [],
        list(_HEADINGS),
    ]
    for service in (*figures.services, figures.total):
        rows += [[service.title, *(cell.count if cell.reported else "" for cell in service.figures)]]
    rows += [[], list(_LETTER_HEADINGS)]
    rows += [[letter.words, letter.count] for letter in figures.letters]
    rows += [["Tổng số thư đã trao", figures.letters_handed_over], [_NOTE]]
    if bundles:
        rows += [[], list(_BUNDLE_HEADINGS)]
        rows += [
            [one.unit_name, one.received, one.complete, one.rate, one.waiting, one.stopped] for one in bundles
        ]
    if below:
        numbers = [_numbers_of(unit) for unit in below]
        rows += [[], list(_UNIT_HEADINGS)]
        rows += [[unit.unit_name, *row] for unit, row in zip(below, numbers, strict=True)]
        rows += [["Tổng các đơn vị", *(sum(column) for column in zip(*numbers, strict=True))]]
    return rows


def _numbers_of(unit: UnitFigures) -> list[int]:
    letters = sum(unit.counts[line] for line in LETTER_LINES)
    return [*(unit.counts[line] for line in CASE_LINES), letters]


def _sheet_name(figures: MonthFigures) -> str:
    return f"{figures.period.from_on:%d-%m-%Y} {figures.period.to_on:%d-%m-%Y}"


def _write_sheet(
    book: Any, sheet: Any, figures: MonthFigures, rows: Sequence[list[Cell]], *, totals_last: bool
) -> None:
    bold, heading = book.add_format({"bold": True}), _heading_format(book)
    number = book.add_format({"num_format": "#,##0"})
    title = book.add_format({"bold": True, "font_size": 14})
    headings = [list(one) for one in (_HEADINGS, _LETTER_HEADINGS, _BUNDLE_HEADINGS, _UNIT_HEADINGS)]
    heads = [index for index, row in enumerate(rows) if row in headings]
    totals = {heads[0] + len(figures.services) + 1, len(rows) - 1 if totals_last else -1}
    for index, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, int):
                sheet.write_number(index, column, cell, number)
            else:
                kind = (
                    title if index == 0 else heading if index in heads else bold if index in totals else None
                )
                sheet.write_string(index, column, cell, kind)
    sheet.freeze_panes(heads[0] + 1, 1)
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, len(_UNIT_HEADINGS) - 1, 16)
    sheet.set_row(heads[0], 34)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _heading_format(book: Any) -> Any:
    return book.add_format(
        {
            "bold": True,
            "text_wrap": True,
            "align": "center",
            "valign": "vcenter",
            "bg_color": "#E8EEF4",
            "border": 1,
        }
    )
