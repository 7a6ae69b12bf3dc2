from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date, datetime

import openpyxl
import pytest

from civreg.shared import clock
from civreg.shared.database import new_id
from civreg.statistics import export
from civreg.statistics.queries import BundleFigures, CaseLine, Figure, MonthFigures, ServiceRow
from civreg.statistics.rules import CASE_LINES, LETTER_LINES, month_of

OCTOBER = month_of(2026, 10)


def _figures(unit_name: str = "Xã Trà Cú", title: str = "Khai sinh tại nhà") -> MonthFigures:
    def cells(lines: tuple[object, ...], base: int) -> tuple[Figure, ...]:
        return tuple(
            Figure(1, OCTOBER.from_on, OCTOBER.to_on, "birth_at_home", line, base + index)  # type: ignore[arg-type]
            for index, line in enumerate(lines)
        )

    return MonthFigures(
        unit_id=1,
        unit_code="29461",
        unit_name=unit_name,
        place="Xã Trà Cú, tỉnh Vĩnh Long",
        period=OCTOBER,
        services=(ServiceRow("birth_at_home", title, cells(CASE_LINES, 1)),),
        total=ServiceRow(None, "Tất cả thủ tục", cells(CASE_LINES, 1)),
        letters=cells(LETTER_LINES, 1260),
    )


def test_a_csv_opens_in_vietnamese_and_holds_the_numbers() -> None:
    content = export.month_csv(_figures())
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert ["Đơn vị", "Xã Trà Cú"] in rows
    assert ["Kỳ số liệu", "Tháng 10 năm 2026"] in rows
    assert ["Khai sinh tại nhà", "1", "2", "3", "4", "5", "6", "7"] in rows
    assert ["Tổng số thư đã trao", str(1260 + 1261 + 1262)] in rows


def test_both_files_hold_how_far_the_bundles_came() -> None:
    bundles = [BundleFigures("Xã Trà Cú", received=1208, complete=604, stopped=4, waiting=600)]
    rows = list(csv.reader(io.StringIO(export.month_csv(_figures(), bundles=bundles).decode("utf-8-sig"))))
    heading = rows.index(
        [
            "Liên thông: các thủ tục cùng một hồ sơ",
            "Đã tiếp nhận",
            "Đủ mọi kết quả",
            "Tỷ lệ",
            "Còn chờ",
            "Dừng giữa chừng",
        ]
    )
    assert rows[heading + 1] == ["Xã Trà Cú", "1208", "604", "50%", "600", "4"]
    book = openpyxl.load_workbook(io.BytesIO(export.month_xlsx(_figures(), bundles=bundles)))
    cells = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]
    assert ["Xã Trà Cú", 1208, 604, "50%", 600, 4] in [row[:6] for row in cells]
    assert "Liên thông" not in export.month_csv(_figures()).decode("utf-8-sig")


def test_a_workbook_holds_numbers_as_numbers_under_a_frozen_heading() -> None:
    book = openpyxl.load_workbook(io.BytesIO(export.month_xlsx(_figures())))
    (sheet,) = book.worksheets
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    heading = next(index for index, row in enumerate(rows) if row[0] == "Thủ tục")
    assert rows[heading + 1][:3] == ["Khai sinh tại nhà", 1, 2]
    assert sheet.freeze_panes == f"B{heading + 2}"
    assert sheet.cell(heading + 2, 2).number_format == "#,##0"
    assert any(row[:2] == ["Đơn vị", "Xã Trà Cú"] for row in rows)
    assert sheet.title == "01-10-2026 31-10-2026"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_name_that_looks_like_a_formula_stays_a_text(start: str) -> None:
    name = f'{start}HYPERLINK("http://example.org")'
    rows = list(csv.reader(io.StringIO(export.month_csv(_figures(title=name)).decode("utf-8-sig"))))
    assert any(row and row[0] == f"'{name}" for row in rows)
    book = openpyxl.load_workbook(io.BytesIO(export.month_xlsx(_figures(title=name))))
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row]
    assert not any(cell.data_type == "f" for cell in cells)
    assert any("HYPERLINK" in str(cell.value) for cell in cells)


def test_the_same_figures_give_the_same_bytes() -> None:
    moment = datetime(2026, 11, 1, 8, tzinfo=clock.ZONE)
    assert export.month_xlsx(_figures(), moment) == export.month_xlsx(_figures(), moment)
    assert export.month_csv(_figures()) == export.month_csv(_figures())


def test_cases_are_exported_without_names() -> None:
    case = CaseLine(new_id(), "29461-26-00001", "Xã Trà Cú", date(2026, 10, 5), "birth_at_home", "registered")
    content = export.cases_csv(
        [case, replace(case, code="=1+1")],
        {"registered": "Đã đăng ký, chờ trả kết quả"},
        {"birth_at_home": "Khai sinh tại nhà"},
    )
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert rows[1] == [
        "29461-26-00001",
        "Xã Trà Cú",
        "05/10/2026",
        "Khai sinh tại nhà",
        "Đã đăng ký, chờ trả kết quả",
    ]
    assert rows[2][0] == "'=1+1"
