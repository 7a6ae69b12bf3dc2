"""Figures on pages: each opens to as many cases as it says, nothing names anybody, files read back as shown."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from civreg import work
from civreg.shared import clock
from civreg.shared.partial_date import PartialDate
from civreg.statistics import queries
from civreg.statistics.rules import Line, Period, month_of
from tests.letters.flow import handed_over, registered
from tests.web.staff_browser import StaffBrowser, errors
from tests.world import BIRTH, MARRIAGE, MONDAY, World, ask, build_world, receive

Browsers = Callable[[str], StaffBrowser]

CANARY = "Canary Thị Chim Vàng"
OCTOBER = datetime(2026, 10, 12, 9, 0, tzinfo=clock.ZONE)
OCTOBER_2025 = datetime(2025, 10, 14, 9, 0, tzinfo=clock.ZONE)
NO_FIGURES = "Không có số liệu của đơn vị này trong phạm vi của ông/bà."


@pytest.fixture
def world(session: Session) -> Iterator[World]:
    with clock.travelling(MONDAY):
        yield build_world(session)


@pytest.fixture
def browse(client: FlaskClient, session: Session, world: World) -> Browsers:
    """Gives the browser of a person."""
    return lambda username: StaffBrowser(client, session, username)


@pytest.fixture
def busy(session: Session, world: World) -> World:
    """October: two requests, one registered. A year before: one. November: a letter handed over."""
    with clock.travelling(OCTOBER_2025):
        registered(session, world, MARRIAGE)
    with clock.travelling(OCTOBER):
        born = PartialDate(2026, 10, 1)
        child, *parents = BIRTH.people
        registered(session, world, event=born, people=(replace(child, birth=born), *parents))
        ask(session, world, MARRIAGE, key="october")
    handed_over(session, world)
    work.run_waiting(session)
    return world


def links(page: str) -> list[tuple[int, str]]:
    """Return (number, address) of every figure of a page that opens."""
    found = re.findall(r'<a href="(/thong-ke/ho-so\?[^"]+)">([\d.]+)<', page)
    return [(int(number.replace(".", "")), html.unescape(address)) for address, number in found]


def cells(page: str, row: str) -> list[str]:
    """Return what the row of a table says, without the words for screen readers."""
    plain = re.sub(r'<span class="(visually-hidden|hint)">.*?</span>', "", page, flags=re.S)
    plain = re.sub(r"</?a\b[^>]*>", "", plain)
    found = re.search(rf'<th scope="row">\s*{re.escape(row)}\s*</th>(.*?)</tr>', plain, re.S)
    assert found is not None, f"no row {row}"
    return re.findall(r"<td[^>]*>\s*(.*?)\s*</td>", found.group(1), re.S)


def test_the_month_stands_beside_the_year_before(browse: Browsers, busy: World) -> None:
    page = browse("staff").get("/thong-ke?thang=2026-10&don-vi=29461").text
    #                 asked received registered on-time late overdue-by-family delivered
    assert cells(page, "Giấy khai sinh tại nhà") == ["1", "1", "1", "1", "0", "0", "0"]
    assert cells(page, "Đăng ký kết hôn lưu động") == ["1", "0", "0", "0", "0", "–", "0"]
    assert cells(page, "Tất cả thủ tục") == ["2", "1", "1", "1", "0", "0", "0"]
    assert cells(page, "Cùng kỳ năm trước") == ["1", "1", "1", "1", "0", "0", "0"]
    assert cells(page, "So với cùng kỳ") == ["+1", "bằng", "bằng", "bằng", "bằng", "bằng", "bằng"]
    assert "Xã Trà Cú, tỉnh Vĩnh Long, tháng 10 năm 2026. Đơn vị tính: hồ sơ" in page


def test_every_figure_opens_to_as_many_cases(browse: Browsers, busy: World) -> None:
    staff = browse("staff")
    figures: list[tuple[int, str]] = []
    for period in ("thang=2026-11&ky=thang", "thang=2026-10&ky=15-14", "thang=2026-11&ky=nam"):
        for unit in ("86", "29461"):
            found = links(staff.get(f"/thong-ke?{period}&don-vi={unit}").text)
            assert len(found) > 8
            figures += found
    for number, address in dict.fromkeys(figures):
        page = staff.get(address).text
        assert re.search(rf"<h1>[^<]+: {number} (hồ sơ|thư)</h1>", page), address
        assert len(re.findall(r'<th scope="row" class="tabular text-nowrap">', page)) == number
        rows = list(csv.reader(staff.get(address.replace("ho-so?", "ho-so.csv?")).text.splitlines()))
        assert len(rows) == number + 1


def test_no_page_of_figures_names_anybody(session: Session, world: World, browse: Browsers) -> None:
    people = tuple(replace(person, full_name=CANARY) for person in BIRTH.people)
    handed_over(session, world, replace(BIRTH, requester_name=CANARY, people=people, note=CANARY))
    for person in ("staff", "clerk", "officer"):
        browser = browse(person)
        pages = [browser.get("/thong-ke"), browser.get("/thong-ke?don-vi=29461&ky=nam")]
        figures = [figure for page in pages for figure in links(page.text)]
        assert figures
        pages += [browser.get(address) for _, address in figures]
        pages += [browser.get(address.replace("ho-so?", "ho-so.csv?")) for _, address in figures]
        pages += [browser.get(f"/thong-ke/thang.{kind}?don-vi=29461") for kind in ("csv", "xlsx")]
        for page in pages:
            assert page.status_code == 200
            assert b"Canary" not in page.data
            assert "Chim Vàng" not in page.get_data().decode(errors="replace")
        book = openpyxl.load_workbook(io.BytesIO(browser.get("/thong-ke/thang.xlsx").data))
        assert "Canary" not in " ".join(str(cell) for row in book.active.values for cell in row)  # type: ignore[union-attr]


def test_only_who_may_open_a_case_is_led_to_it(browse: Browsers, busy: World) -> None:
    address = "/thong-ke/ho-so?don-vi=29461&tu=2026-10-01&den=2026-10-31&dong=registered"
    assert 'href="/ho-so/' in browse("officer").get(address).text.split("<main")[1]
    for person in ("staff", "clerk"):
        assert 'href="/ho-so/' not in browse(person).get(address).text


def test_who_opens_figures(browse: Browsers, busy: World) -> None:
    own, province = "/thong-ke?don-vi=29461", "/thong-ke?don-vi=86"
    opened = {
        person: (browse(person).get(own).status_code, browse(person).get(province).status_code)
        for person in ("officer", "head", "clerk", "staff", "neighbour", "administrator", "stranger")
    }
    assert opened == {
        "officer": (200, 404),
        "head": (200, 404),
        "clerk": (200, 200),
        "staff": (200, 200),
        "neighbour": (404, 404),
        "administrator": (403, 403),
        "stranger": (403, 403),
    }
    neighbour = browse("neighbour")
    assert NO_FIGURES in neighbour.get(own).text
    for path in ("thang.csv?don-vi=29461", "thang.xlsx?don-vi=29461"):
        assert neighbour.get(f"/thong-ke/{path}").status_code == 404
    behind = "don-vi=29461&tu=2026-10-01&den=2026-10-31&dong=registered"
    for path in ("ho-so", "ho-so.csv"):
        assert neighbour.get(f"/thong-ke/{path}?{behind}").status_code == 404


def test_each_one_starts_at_the_own_unit(browse: Browsers, busy: World) -> None:
    assert "<h1>Xã Trà Cú" in browse("officer").get("/thong-ke").text
    page = browse("staff").get("/thong-ke").text
    assert "<h1>Tỉnh Vĩnh Long" in page
    assert "Tháng 11 năm 2026" in page
    assert "tính đến hết ngày 16/11/2026" in page
    assert "(từ ngày 01/11/2025 đến ngày 16/11/2025)" in page


def test_units_stand_side_by_side_with_their_sum(session: Session, browse: Browsers, busy: World) -> None:
    with clock.travelling(OCTOBER):
        ask(session, busy, MARRIAGE, key="neighbours", unit_id=busy.dai_an)
    work.run_waiting(session)
    page = browse("staff").get("/thong-ke?thang=2026-10").text
    assert cells(page, "Xã Trà Cú")[:3] == ["2", "1", "1"]
    assert cells(page, "Xã Đại An")[:3] == ["1", "0", "0"]
    assert cells(page, "Tổng")[:3] == ["3", "1", "1"]
    below = browse("staff").get("/thong-ke?thang=2026-10&don-vi=29491").text
    assert '<a href="/thong-ke?thang=2026-10&amp;don-vi=86">Tỉnh Vĩnh Long</a>' in below
    assert "Không phát sinh trong kỳ: " not in page
    november = browse("staff").get("/thong-ke?thang=2026-11").text
    assert re.search(r"Không phát sinh trong kỳ: <a [^>]+>Xã Đại An</a>\.", november)


def test_a_month_without_cases_says_so(browse: Browsers, busy: World) -> None:
    page = browse("staff").get("/thong-ke?thang=2026-08&don-vi=29461").text
    assert "Tháng 8 năm 2026: Xã Trà Cú không phát sinh hồ sơ nào" in page
    assert "Đây là số liệu đầy đủ, không phải thiếu." in page
    ahead = browse("staff").get("/thong-ke?thang=2027-01&don-vi=29461").text
    assert "Tháng 1 năm 2027 chưa đến" in ahead
    assert "không phát sinh" not in ahead


def test_thirteen_months_stand_in_a_row(browse: Browsers, busy: World) -> None:
    page = browse("staff").get("/thong-ke?thang=2026-10&don-vi=29461").text
    assert "Hồ sơ đăng ký xong mỗi tháng, 13 tháng gần đây" in page
    months = re.findall(r">(\d\d/20\d\d)</a></th>", page)
    assert (len(months), months[0], months[-1]) == (13, "10/2025", "10/2026")
    assert re.findall(r'<rect width="([\d.]+)%"', page) == ["80.0", "80.0"]
    assert page.count("<text ") == 13


def test_a_month_that_is_none(browse: Browsers, world: World) -> None:
    sentence = "Địa chỉ trang ghi một tháng không có. Ông/bà chọn tháng trong danh sách."
    staff = browse("staff")
    for month in ("thang-10", "2026-13", "2026-00", "9" * 10_000):
        answer = staff.get(f"/thong-ke?thang={month}")
        assert (answer.status_code, errors(answer)) == (422, [sentence])
        assert "Tháng 11 năm 2026" in answer.text
        file = staff.get(f"/thong-ke/thang.csv?thang={month}")
        assert file.status_code == 422
        assert sentence in file.text


def test_an_address_that_names_no_figure(browse: Browsers, world: World) -> None:
    staff, dates = browse("staff"), "&tu=2026-10-01&den=2026-10-31"
    for query, status in {
        f"don-vi=29461{dates}": 422,
        "don-vi=29461&tu=x&den=2026-10-31&dong=registered": 422,
        "don-vi=29461&tu=2026-11-01&den=2026-10-31&dong=registered": 422,
        f"don-vi=29461{dates}&dong=names": 422,
        f"don-vi=99999{dates}&dong=registered": 404,
        f"don-vi=29461@x{dates}&dong=registered": 404,
        f"don-vi=29461%00{dates}&dong=registered": 404,
        f"don-vi=xã{dates}&dong=registered": 404,
        f"don-vi=29461{dates}&dong=registered&trang=0": 200,
        f"don-vi=29461{dates}&dong=registered&thu-tuc=khong-co": 200,
    }.items():
        assert staff.get(f"/thong-ke/ho-so?{query}").status_code == status, query


def test_the_workbook_says_what_the_page_says(browse: Browsers, busy: World) -> None:
    answer = browse("staff").get("/thong-ke/thang.xlsx?thang=2026-10")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="thong-ke-86-2026-10.xlsx"'
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    assert sheet is not None
    rows = {row[0]: row[1:] for row in sheet.iter_rows(values_only=True) if row[0]}
    assert rows["Kỳ số liệu"][0] == "Tháng 10 năm 2026"
    assert rows["Địa bàn"][0] == "Tỉnh Vĩnh Long"
    assert rows["Giấy khai sinh tại nhà"][:7] == (1, 1, 1, 1, 0, 0, 0)
    assert rows["Tất cả thủ tục"][:7] == (2, 1, 1, 1, 0, 0, 0)
    assert rows["Xã Trà Cú"][:8] == (2, 1, 1, 1, 0, 0, 0, 0)
    assert rows["Tổng các đơn vị"][:8] == (2, 1, 1, 1, 0, 0, 0, 0)


def test_the_csv_says_what_the_page_says(browse: Browsers, busy: World) -> None:
    answer = browse("officer").get("/thong-ke/thang.csv?thang=2026-11&ky=nam")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="thong-ke-29461-2026-11-nam.csv"'
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = {row[0]: row[1:] for row in csv.reader(answer.data.decode("utf-8-sig").splitlines()) if row}
    assert rows["Kỳ số liệu"] == ["Từ ngày 01/01/2026 đến ngày 30/11/2026"]
    assert rows["Tất cả thủ tục"] == ["3", "2", "2", "2", "0", "0", "0"]
    assert rows["Tổng số thư đã trao"] == ["1"]


def test_the_files_hold_the_bundles_of_the_page(session: Session, browse: Browsers, world: World) -> None:
    case_id = ask(session, world, replace(BIRTH, procedure="birth_bundle"), key="bundle").case_id
    receive(session, world, case_id)
    work.run_waiting(session)
    staff = browse("staff")
    assert "Liên thông: các thủ tục cùng một hồ sơ" in staff.get("/thong-ke?thang=2026-11").text
    file = staff.get("/thong-ke/thang.csv?thang=2026-11").data.decode("utf-8-sig")
    assert ["Xã Trà Cú", "1", "0", "0%", "1", "0"] in list(csv.reader(file.splitlines()))
    book = openpyxl.load_workbook(io.BytesIO(staff.get("/thong-ke/thang.xlsx?thang=2026-11").data))
    sheet = [row[:6] for row in book.worksheets[0].iter_rows(values_only=True)]
    assert ("Xã Trà Cú", 1, 0, "0%", 1, 0) in sheet


def test_months_of_a_changed_tree_equal_their_pages(session: Session, busy: World) -> None:
    """Across the reform of July 2025 units came and went: the row of months still says what each month says."""
    for until in (month_of(2026, 10), month_of(2025, 12)):
        months = queries.last_months(session, busy.staff, busy.province, until, 13)
        assert [month.period for month in months][-1] == until
        for month in months:
            alone = queries.over(session, busy.staff, busy.province, month.period)
            assert {line: month.counts[line] for line in month.counts if not line.startswith("letter_")} == {
                figure.line: figure.count for figure in alone.total.figures
            }


def test_several_lines_open_together(session: Session, busy: World) -> None:
    whole = Period(date(2026, 1, 1), date(2026, 11, 30))
    found = queries.cases_behind(
        session,
        busy.staff,
        busy.province,
        whole.from_on,
        whole.to_on,
        None,
        (Line.REGISTERED, Line.REGISTERED_ON_TIME),
    )
    assert len(found) == 4
    assert len({case.case_id for case in found}) == 2
