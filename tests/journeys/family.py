"""What a family does on its phone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

from playwright.sync_api import expect

from civreg.shared import clock
from tests.journeys.walker import Walker
from tests.widths import fits


class Family(Walker):
    """A family on a phone of 360 px."""

    code = ""

    def on(self) -> None:
        self.look()
        self.press("Tiếp tục")

    def begin(self, service: str) -> None:
        """Choose the service and read what to have ready."""
        self.go("/")
        self.look()
        self.go("/yeu-cau")
        self.look()
        self.follow_link(service)
        self.look()
        self.follow_link("Bắt đầu")

    def tells(self, answers: Mapping[str, str]) -> None:
        """Answer page after page as the service leads, up to the review; a key is the name of a box."""
        while not self.page.url.endswith("/xem-lai"):
            self.look()
            boxes = self.page.locator("main form [name]:not([type=hidden]):not(button)")
            asked = boxes.evaluate_all("all => all.map(one => one.name)")
            self.types({name: answers[name] for name in dict.fromkeys(asked) if name in answers})
            self.press("Tiếp tục")
            expect(self.page.locator("[data-error-summary], .error-summary")).to_have_count(0)

    def commune(self, typed: str, chosen: str) -> None:
        self.heading("Gia đình ở xã nào?")
        self.fill("Gia đình ở xã nào?", typed)
        if self._eyes is not None:
            self.press("Tìm xã")
        self.page.get_by_label(chosen).check()
        self.on()

    def requester(self, heading: str, name: str, relation: str, phone: str) -> None:
        self.heading(heading)
        self.page.get_by_label("Họ, chữ đệm và tên").fill(name)
        self.choose(relation)
        self.on()
        self.heading("Xã gọi lại số nào?")
        self.choose("Số của gia đình")
        self.fill("Số để gọi", phone)
        self.on()

    def home(self, hamlet: str, address: str) -> None:
        self.page.get_by_label("Ấp hoặc khóm").fill(hamlet)
        self.page.get_by_label("Số nhà, đường, hoặc dấu hiệu dễ tìm").fill(address)
        self.on()
        self.on()  # when it suits: nothing to say
        self.choose("Không cần")
        self.on()

    def wants_letter(self) -> None:
        self.choose("Có")
        self.on()

    def send(self) -> None:
        """Read everything once more, send, keep the code."""
        self.heading("Xem lại trước khi gửi")
        self.look()
        self.press("Gửi yêu cầu")
        self.heading("Xã đã nhận yêu cầu")
        self.look()
        expect(self.page.get_by_text("Số của xã")).to_be_visible()
        last = self.page.get_by_role("link", name="In trang này").bounding_box()
        assert last is not None
        assert last["y"] + last["height"] <= 640, "code, call, hotline, cost and last day fit one screen"
        self.code = self.page.locator(".receipt-code dd").inner_text()
        self.follow_link("In trang này")
        self.look()

    def looks_up(self, tail: str, state: str) -> None:
        """Follow by code and the last digits of the phone; the page must say this state."""
        self.go("/tra-cuu")
        self.page.get_by_label("Mã yêu cầu").fill(self.code)
        self.page.get_by_label("Bốn số cuối điện thoại").fill(tail)
        self.press("Tra cứu")
        self.heading(state)
        assert fits(self.page)
        assert not self.complaints, self.complaints

    def reads_promise(self) -> str:
        """Return the promised day on the page, which comes with its reasons."""
        told = self.page.get_by_text(re.compile(r"^Chậm nhất ngày")).inner_text()
        expect(self.page.get_by_role("heading", name="Vì sao hẹn ngày này")).to_be_visible()
        assert self.page.locator("h2:has-text('Vì sao hẹn ngày này') + ul li").count() >= 1
        return told.removeprefix("Chậm nhất ngày ").strip()


def tell_birth(family: Family, phone: str) -> None:
    """Answer every question about a birth nine days ago."""
    born = clock.today() - timedelta(days=9)
    family.commune("tra cu", "Xã Trà Cú, tỉnh Vĩnh Long")
    family.requester("Ông/bà là ai?", "Thạch Thị Sa Rết", "Mẹ của bé", phone)
    family.page.get_by_label("Họ, chữ đệm và tên của bé", exact=True).fill("Kim Minh Khang")
    family.on()
    family.choose("Bé trai")
    family.on()
    family.heading("Em bé sinh ngày nào?")
    for word, typed in (("Ngày", born.day), ("Tháng", born.month), ("Năm", born.year)):
        family.fill(word, str(typed))
    family.on()
    family.choose("Ở nhà")
    family.on()
    expect(family.page.get_by_label("Họ, chữ đệm và tên của mẹ")).to_have_value("Thạch Thị Sa Rết")
    family.on()
    family.choose("Có khai tên cha")
    family.page.get_by_label("Họ, chữ đệm và tên của cha").fill("Kim Văn Sơn")
    family.on()
    family.home("Ấp Chợ", "Nhà cạnh chùa")
    family.wants_letter()


def tell_marriage(family: Family, phone: str) -> None:
    """Answer every question about two people who marry at home because one of them is ill."""
    family.commune("dai an", "Xã Đại An, tỉnh Vĩnh Long")
    family.requester("Ai gửi yêu cầu này?", "Trần Văn Út", "Bên nam", phone)
    family.heading("Vì sao gia đình cần đăng ký tại nhà?")
    family.page.get_by_label("Có người khuyết tật hoặc đau ốm, không đi được").check()
    family.on()
    for who, name, (day, month, year) in (
        ("Bên nam", "Trần Văn Út", (5, 3, 1999)),
        ("Bên nữ", "Sơn Thị Na", (9, 7, 2001)),
    ):
        family.heading(f"{who} tên là gì?")
        family.page.get_by_label(f"{who} tên là gì?").fill(name)
        family.on()
        family.heading(f"{who} sinh ngày nào?")
        for word, typed in (("Ngày", day), ("Tháng", month), ("Năm", year)):
            family.fill(word, str(typed))
        family.on()
        family.page.get_by_label(f"{who} đang ở đâu?").fill("Ấp Chợ, xã Đại An, tỉnh Vĩnh Long")
        family.on()
        family.choose("Lần đầu")
        family.on()
    family.home("Ấp Chợ", "Cách cầu sắt 200 mét")
    family.wants_letter()
