"""What officer, head, letter clerk and programme staff do at their desks."""

from __future__ import annotations

import csv
import io
import re
from typing import Protocol

import openpyxl
from playwright.sync_api import expect

from civreg.accounts.rules import Actor
from civreg.shared import clock
from tests.journeys.walker import Walker
from tests.shared.paper_reading import pages


class Commune(Protocol):
    """What the letter clerk's pages need to know of a commune: a live office and a village both do."""

    @property
    def unit_id(self) -> int: ...
    @property
    def actors(self) -> dict[str, Actor]: ...


class Officer(Walker):
    """The one who works on the case (công chức làm công tác hộ tịch)."""

    case_path = ""
    case_code = ""

    def finds_call(self, name: str) -> None:
        """See the call on the desk and open the case."""
        self.heading("Bàn làm việc")
        self.look()
        calls = self.page.locator("#goi")
        self.tap(calls.get_by_role("link", name=re.compile(re.escape(name))))
        self.case_path = self.page.url.removeprefix(self.url).partition("?")[0]
        self.case_code = self.page.locator(".crumbs .tabular").inner_text()
        self.look()

    def opens_case(self) -> None:
        self.go(self.case_path)

    def state_is(self, words: str) -> None:
        expect(self.page.locator(".case-head")).to_contain_text(words)

    def calls(self) -> None:
        self.press("Ghi là đã gọi")
        expect(self.page.get_by_text("Đã ghi cuộc gọi")).to_be_visible()

    def completes(self, answers: dict[str, str]) -> None:
        """Fill in what the family tells on the phone; a key is the name of the box."""
        self.follow_link("Sửa, bổ sung thông tin")
        self.look()
        for name, typed in answers.items():
            self.page.locator(f'[name="{name}"]').fill(typed)
        self.press("Lưu")
        expect(self.page.locator(".case-head")).to_be_visible()

    def books_in_two_taps(self) -> None:
        """One tap opens the free hours, the second takes the first of them."""
        self.follow_link("Hẹn đến nhà", exact=True)
        self.look()
        self.tap(self.page.locator("form.slots button.slot"))
        expect(self.page.get_by_text(re.compile(r"^Đã hẹn \d"))).to_be_visible()
        self.state_is("Đã hẹn đến nhà")
        self.look()

    def goes_there(self) -> None:
        """Open today's visit and record that the family was met."""
        self.go("/lich-den-nha")
        self.look()
        self.opens_case()
        self.tap(self.page.locator('a[href^="/lich-den-nha/"]'))
        self.look()
        self.choose("Đã gặp")
        self.press("Ghi kết quả")
        expect(self.page.get_by_text(re.compile("^Đã ghi (kết quả )?chuyến đi"))).to_be_visible()

    def takes_papers(self) -> str:
        """Tick every paper; return the words of the slip."""
        if "/nhan-ho-so" not in self.page.url:
            self.opens_case()
            self.follow_link("Nhận hồ sơ", exact=True)
        self.look()
        for box in self.page.locator('input[type="checkbox"][name^="paper."]').all():
            box.check()
        if self.page.locator(".mobile-reason").count():  # a mobile registration says why
            self.page.locator('[name="eligibility"]').first.check()
        self.press("Nhận hồ sơ, viết giấy hẹn")
        expect(self.page.get_by_text("Đã nhận hồ sơ")).to_be_visible()
        self.look()
        return " ".join(pages(self.fetch_link("Giấy hẹn")))

    def waits_for_number(self) -> None:
        self.opens_case()
        self.go(f"{self.case_path}/so-dang-ky")
        self.follow_link("Chưa có số định danh")
        self.look()
        self.press("Ghi là đang chờ số định danh")
        self.state_is("Chờ số định danh")
        self.look()

    def types_numbers(self, numbers: dict[str, str]) -> None:
        self.opens_case()
        self.go(f"{self.case_path}/so-dang-ky")
        self.look()
        for name, typed in numbers.items():
            self.page.locator(f'[name="{name}"]').fill(typed)
        self.press("Lưu số")
        expect(self.page.get_by_text("Đã lưu số")).to_be_visible()

    def notes_signature(self) -> None:
        self.go(f"{self.case_path}/da-ky")
        self.look()
        self.press("Ghi là đã ký")
        self.state_is("Đã đăng ký, chờ trả kết quả")
        self.look()

    def notes(self, answers: dict[str, str]) -> None:
        """Note circumstances beside the form; a key is the name of a box, a value what is typed or chosen."""
        self.opens_case()
        self.follow_link("Ghi hoàn cảnh")
        self.look()
        self.types(answers)
        self.press("Lưu")
        expect(self.page.locator(".case-head")).to_be_visible()

    def adds_twin(self, name: str, sex: str) -> None:
        self.opens_case()
        self.follow_link("Thêm bé sinh đôi, sinh ba")
        self.look()
        self.page.locator('[name="child.full_name"]').fill(name)
        self.choose(sex)
        self.press("Ghi thêm bé")
        expect(self.page.get_by_text("Đã ghi thêm bé")).to_be_visible()
        self.look()

    def goes_to(self, name: str) -> None:
        """Open a case that is tied to this one."""
        self.tap(
            self.page.locator(".panel").filter(has_text="Hồ sơ liên quan").get_by_role("link", name=name)
        )
        self.case_path = self.page.url.removeprefix(self.url).partition("?")[0]
        self.case_code = self.page.locator(".crumbs .tabular").inner_text()

    def registers(self, number: str, personal_number: str = "") -> None:
        """Type the numbers of the Ministry's software and note the signature."""
        self.types_numbers(
            {"register_number": number} | ({"personal_number": personal_number} if personal_number else {})
        )
        self.notes_signature()

    def works_part(self, title: str, step: str, typed: dict[str, str], choice: str = "") -> None:
        """Note what another agency did with one part of a bundle."""
        self.opens_case()
        part = self.page.locator(".parts > li").filter(has_text=title)
        self.tap(part.get_by_role("link", name=step))
        self.look()
        if choice:
            self.choose(choice)
        for name, value in typed.items():
            self.page.locator(f'[name="{name}"]').fill(value)
        self.tap(self.page.locator("main form:has([name=expected_version]) button.btn-primary"))
        expect(self.page.locator(".case-head")).to_be_visible()

    def hands_letter_over(self, to_whom: str, relation: str) -> None:
        self.opens_case()
        self.tap(self.page.locator('a[href^="/thu/"]'))
        self.look()
        self.follow_link("Ghi: đã trao tận tay")
        self.look()
        self.fill("Họ tên người nhận", to_whom)
        self.page.get_by_label("Là gì của gia đình").fill(relation)
        self.press("Ghi: đã trao tận tay")
        expect(self.page.locator(".case-head")).to_contain_text("Đã trao tận tay")
        self.look()

    def delivers(self) -> None:
        self.go(f"{self.case_path}/tra-ket-qua")
        self.look()
        self.choose("Tại nhà gia đình")
        if self.page.locator("#both_present").count():
            self.page.locator("#both_present").check()
        self.press("Ghi là đã trả")
        self.state_is("Đã trả kết quả")
        self.look()


class Head(Walker):
    """The head of the commune (lãnh đạo đơn vị)."""

    def approves(self, names: str) -> None:
        """Read the drafted letter and approve it; stay until the machine has given the number."""
        self.until(lambda: self.page.get_by_role("link", name="Mở thư chờ duyệt").count() > 0, "the draft")
        self.look()
        self.follow_link("Mở thư chờ duyệt")
        self.look()
        self.tap(self.page.get_by_role("link", name=names))
        self.look()
        self.press("Duyệt thư")
        numbered = self.page.get_by_text(re.compile(r"số \d+"))
        self.until(lambda: numbered.count() > 0, "the number")
        self.look()

    def opens_letter(self, case_path: str) -> None:
        """Open the letter of a case from its page."""
        self.go(case_path)
        self.tap(self.page.locator('a[href^="/thu/"]'))
        self.look()

    def releases(self, answers: dict[str, str]) -> None:
        """Let a held letter go on, with what this letter needs."""
        self.follow_link("Bỏ tạm giữ")
        self.look()
        self.types(answers)
        self.press("Bỏ tạm giữ, chuyển lãnh đạo duyệt")
        expect(self.page.get_by_text("Đã bỏ tạm giữ")).to_be_visible()


class Clerk(Walker):
    """The one who prints and gives out letters (người phụ trách in, giao thư)."""

    def prints(self, office: Commune) -> list[str]:
        """Print what waits in the commune as one PDF; return the words of its sheets, without the cover."""
        self.go("/thu/in")
        self.look()
        for box in self.page.locator('input[name="unit"]').all():
            box.set_checked(box.get_attribute("value") == str(office.unit_id))
        self.tap(self.page.locator("form:has(input[name=unit]) button[type=submit]"))
        self.heading("Đợt in")
        self.look()
        cover, *sheets = pages(self.fetch_link("Mở tệp PDF để in"))
        assert cover.startswith("BÌA ĐỢT IN THƯ")
        return sheets

    def seals_and_gives(self, office: Commune) -> str:
        """Note that all were signed and sealed, give them to the officer; return the words of the list to sign."""
        for box in self.page.locator('input[name="letter"]').all():
            box.check()
        self.tap(self.page.locator("form#letters button[type=submit]"))
        expect(self.page.get_by_text("đã ký, đóng dấu").first).to_be_visible()
        self.go(f"/thu/giao/{office.unit_id}")
        self.look()
        self.page.get_by_label("Cán bộ nhận thư").select_option(label=office.actors["officer"].full_name)
        self.tap(self.page.locator("form:has(#officer_id) button.btn-primary"))
        self.heading("Đã giao")
        self.look()
        return " ".join(pages(self.fetch_link("Mở danh sách ký nhận")))


class Staff(Walker):
    """Programme staff of the province: figures, never names."""

    def month_of(self, code: str) -> dict[str, int]:
        """Return the figures of this month of a unit: the lines of all services together, and letters by occasion."""
        self.go(f"/thong-ke?don-vi={code}&thang={clock.today():%Y-%m}")
        book = openpyxl.load_workbook(io.BytesIO(self.fetch_link("Tải Excel")))
        rows = list(csv.reader(io.StringIO(self.fetch_link("Tải CSV").decode("utf-8-sig"))))
        figures = figures_of(rows)
        sheet = [
            [str(cell.value) for cell in row if cell.value is not None]
            for row in book.worksheets[0].iter_rows()
        ]
        assert figures_of(sheet) == figures, "both files tell the same"
        return figures

    def opens_figure(self, words: str, count: int) -> str:
        """Open a figure of the page to its cases; return what the page says."""
        self.look()
        self.tap(self.page.get_by_role("link", name=re.compile(re.escape(words))))
        self.heading(f": {count}")
        self.look()
        return self.page.locator("main").inner_text()


def figures_of(rows: list[list[str]]) -> dict[str, int]:
    """Read a file of figures as a person does: all services together by line, and letters by occasion."""
    headings = next(row for row in rows if row[:1] == ["Thủ tục"])
    total = next(row for row in rows if row[:1] == ["Tất cả thủ tục"])
    found = {line: int(count) for line, count in zip(headings[1:], total[1:], strict=True)}
    found |= {row[0]: int(row[1]) for row in rows if len(row) == 2 and row[0].startswith("Thư c")}
    return found
