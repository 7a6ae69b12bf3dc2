"""A family's way on a phone, with and without JavaScript; every page at 360 and 1280 px has no axe violation."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import text

from civreg.shared import clock
from civreg.shared.database import transaction
from civreg.units.service import add_hamlet
from tests.serving import served
from tests.web.family import MARRIAGE, Family, tell_marriage
from tests.widths import DESK, PHONE, fits
from tests.world import World, build_world

pytestmark = pytest.mark.browser

SHOTS = os.environ.get("CIVREG_SHOTS", "")


class Site:
    """The application in a thread of this process, on a database of its own."""

    def __init__(self, app: Flask, url: str, world: World) -> None:
        self.app = app
        self.url = url
        self.world = world

    def count(self, table: str) -> int:
        with self.app.app_context():
            session = self.app.extensions["sqlalchemy"].session()
            found = int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())
            session.rollback()
            return found


@pytest.fixture
def site(fresh_app: Flask) -> Iterator[Site]:
    with fresh_app.app_context():
        session = fresh_app.extensions["sqlalchemy"].session()
        with transaction(session):
            world = build_world(session)
            for name in ("Ấp Chợ", "Ấp Giồng Giữa", "Khóm 3"):
                add_hamlet(session, world.tra_cu, name)
    with served(fresh_app) as url:
        yield Site(fresh_app, url, world)


class Visitor:
    """Somebody who reads each page: axe looks over the shoulder, a picture is kept when asked for."""

    def __init__(self, page: Page, site: Site, name: str, *, javascript: bool = True) -> None:
        self.javascript = javascript
        self.page = page
        self.site = site
        self.name = name
        self.seen = 0

    def look(self, what: str) -> None:
        self.seen += 1
        self.page.wait_for_load_state()
        assert fits(self.page), what
        if SHOTS:
            path = Path(SHOTS) / f"{self.name}-{self.seen:02d}-{what}.png"
            self.page.screenshot(path=str(path), full_page=True)
        if not self.javascript:
            return  # axe is a script itself
        violations = Axe().run(self.page).response["violations"]
        told = [(found["id"], [node["html"] for node in found["nodes"]][:3]) for found in violations]
        assert not told, (what, told)

    def go(self, path: str) -> None:
        self.page.goto(self.site.url + path)

    def on(self) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("button", name="Tiếp tục").click()

    def heading(self, words: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(words)


def _date(page: Page, day: str, month: str, year: str) -> None:
    for word, typed in (("Ngày", day), ("Tháng", month), ("Năm", year)):
        page.get_by_label(word, exact=True).fill(typed)


def _tell_birth(visitor: Visitor, javascript: bool) -> None:
    page = visitor.page
    born = clock.today() - timedelta(days=12)
    visitor.heading("Gia đình ở xã nào?")
    page.get_by_label("Gia đình ở xã nào?").fill("tra cu")
    if not javascript:
        page.get_by_role("button", name="Tìm xã").click()
    page.get_by_label("Xã Trà Cú, tỉnh Vĩnh Long").check()
    visitor.look("commune")
    visitor.on()
    visitor.heading("Ông/bà là ai?")
    page.get_by_label("Họ, chữ đệm và tên").fill("Thạch Thị Sa Rết")
    page.get_by_label("Mẹ của bé").check()
    visitor.look("requester")
    visitor.on()
    visitor.heading("Xã gọi lại số nào?")
    page.get_by_label("Số của gia đình").check()
    page.get_by_label("Số để gọi").fill("0912 345 678")
    visitor.look("phone")
    visitor.on()
    page.get_by_label("Họ, chữ đệm và tên của bé", exact=True).fill("Thạch Minh Khang")
    visitor.look("child_name")
    visitor.on()
    page.get_by_label("Bé trai").check()
    visitor.look("child_sex")
    visitor.on()
    visitor.heading("Em bé sinh ngày nào?")
    _date(page, str(born.day), str(born.month), str(born.year))
    visitor.look("child_birth")
    visitor.on()
    page.get_by_label("Ở nhà", exact=True).check()
    visitor.look("birth_place")
    visitor.on()
    expect(page.get_by_label("Họ, chữ đệm và tên của mẹ")).to_have_value("Thạch Thị Sa Rết")
    visitor.look("mother")
    visitor.on()
    page.get_by_label("Không khai").check()
    visitor.look("father")
    visitor.on()
    page.get_by_label("Ấp hoặc khóm").fill("Ấp Chợ")
    page.get_by_label("Số nhà, đường, hoặc dấu hiệu dễ tìm").fill("Nhà cạnh chùa")
    visitor.look("address")
    visitor.on()
    visitor.look("visit_wish")
    visitor.on()
    page.get_by_label("Không cần").check()
    visitor.look("interpreter")
    visitor.on()
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    page.get_by_label("Trả lời sau").check()
    visitor.look("letter_consent")
    visitor.on()


@pytest.mark.parametrize(("width", "javascript"), [(PHONE, True), (PHONE, False), (DESK, True)])
def test_a_birth_from_home_to_follow(
    site: Site, new_context: Callable[..., BrowserContext], width: int, javascript: bool
) -> None:
    context = new_context(width=width, height=640 if width == PHONE else 900, javascript=javascript)
    page = context.new_page()
    refused: list[Any] = []
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    name = f"birth-{width}-{'js' if javascript else 'plain'}"
    visitor = Visitor(page, site, name, javascript=javascript)
    visitor.go("/yeu-cau")
    visitor.look("services")
    page.get_by_role("link", name="Giấy khai sinh tại nhà").click()
    visitor.look("about")
    page.get_by_role("link", name="Bắt đầu").click()
    _tell_birth(visitor, javascript)
    visitor.heading("Xem lại trước khi gửi")
    visitor.look("review")
    page.get_by_role("button", name="Sửa tên em bé").click()
    page.get_by_label("Họ, chữ đệm và tên của bé", exact=True).fill("Thạch Minh Khôi")
    visitor.on()
    expect(page.get_by_text("Thạch Minh Khôi")).to_be_visible()
    page.get_by_role("button", name="Gửi yêu cầu", exact=True).click()
    visitor.heading("Xã đã nhận yêu cầu")
    if width == PHONE:
        box = page.get_by_role("link", name="In trang này").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 640
    visitor.look("sent")
    code = page.locator(".receipt-code dd").inner_text()
    page.get_by_role("link", name="In trang này").click()
    visitor.look("print")
    assert page.locator(".receipt-qr svg").is_visible()
    visitor.go(f"/tra-cuu#ma={code}")
    visitor.look("search")
    if javascript:
        expect(page.get_by_label("Mã yêu cầu")).to_have_value(code)
    page.get_by_label("Mã yêu cầu").fill(code)
    page.get_by_label("Bốn số cuối điện thoại").fill("0000")
    page.get_by_role("button", name="Tra cứu").click()
    visitor.look("not-found")
    page.get_by_label("Bốn số cuối điện thoại").fill("5678")
    page.get_by_role("button", name="Tra cứu").click()
    visitor.heading("Yêu cầu mới")
    visitor.look("found")
    assert site.count("case_file") == 1
    assert [words for words in refused if "404" not in words] == []


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_call_back_and_its_refusals(
    site: Site, new_context: Callable[..., BrowserContext], width: int
) -> None:
    page = new_context(width=width, height=640).new_page()
    visitor = Visitor(page, site, f"callback-{width}")
    visitor.go("/yeu-cau/marriage_mobile")
    visitor.look("about")
    page.get_by_role("link", name="Để lại số, xã gọi lại").click()
    visitor.look("empty")
    page.get_by_role("button", name="Gửi, chờ xã gọi").click()
    expect(page.locator("#error-summary")).to_be_focused()
    visitor.look("refused")
    page.get_by_role("link", name="Ông/bà ghi họ tên để xã biết gọi ai.").click()
    page.keyboard.type("Sơn Thị Lành")
    page.get_by_label("Không có số nào").check()
    page.get_by_label("Tên xã").fill("Đại An")
    page.get_by_role("button", name="Tìm xã").click()
    expect(page.get_by_label("Họ tên của ông/bà")).to_have_value("Sơn Thị Lành")
    page.get_by_label("Xã Đại An, tỉnh Vĩnh Long").check()
    page.get_by_role("button", name="Gửi, chờ xã gọi").click()
    visitor.heading("Xã đã nhận yêu cầu")
    visitor.look("sent")
    assert site.count("case_file") == 1


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_a_refused_date_and_an_under_age_bride(
    site: Site, new_context: Callable[..., BrowserContext], width: int
) -> None:
    page = new_context(width=width, height=640).new_page()
    visitor = Visitor(page, site, f"marriage-{width}")
    visitor.go("/yeu-cau/marriage_mobile/bride")
    page.get_by_label("Bên nữ tên là gì?").fill("Sơn Thị Đa")
    visitor.look("bride")
    visitor.on()
    _date(page, "31", "2", "2004")
    visitor.on()
    expect(page.locator("#error-summary")).to_be_focused()
    visitor.look("refused")
    page.get_by_role("button", name="Quay lại").click()
    expect(page.get_by_label("Bên nữ tên là gì?")).to_have_value("Sơn Thị Đa")
    visitor.on()
    expect(page.get_by_label("Ngày", exact=True)).to_have_value("31")
    visitor.go("/yeu-cau/marriage_mobile/reason_mobile")
    visitor.look("reason")


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_notices_before_and_after_sending_and_the_printed_page(
    site: Site, new_context: Callable[..., BrowserContext], width: int
) -> None:
    family = Family(site.app.test_client())
    tell_marriage(family, site.world, bride_year=str(clock.today().year - 17))
    token = family.client.get_cookie("civreg_draft_marriage_mobile", path="/yeu-cau")
    assert token is not None
    context = new_context(width=width, height=640)
    context.add_cookies([{"name": token.key, "value": token.value, "url": f"{site.url}/yeu-cau"}])
    page = context.new_page()
    visitor = Visitor(page, site, f"notices-{width}")
    visitor.go(MARRIAGE)
    visitor.look("about-with-draft")
    page.get_by_role("link", name="Tiếp tục").click()
    expect(page.locator(".notice")).to_contain_text("Bên nữ (Sơn Thị Đa) đủ 18 tuổi từ ngày 9/12/")
    visitor.look("review")
    page.get_by_role("button", name="Gửi yêu cầu", exact=True).click()
    visitor.heading("Xã đã nhận yêu cầu")
    box = page.get_by_role("link", name="In trang này").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 640
    visitor.look("sent")
    page.get_by_role("link", name="In trang này").click()
    page.emulate_media(media="print")
    visitor.look("printed")
    expect(page.get_by_text("Dành cho cán bộ")).to_be_hidden()
    expect(page.get_by_text(re.compile("[2-9A-Z]{5}-[2-9A-Z]{5}"))).to_be_visible()


def test_the_first_load_is_light(site: Site, new_context: Callable[..., BrowserContext]) -> None:
    """What a family pays for on a slow line: everything of the first two pages, as it goes over the wire."""
    page = new_context(width=PHONE, height=640).new_page()
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.send("Network.clearBrowserCache")
    loaded: list[float] = []
    wire.on("Network.loadingFinished", lambda event: loaded.append(event["encodedDataLength"]))
    for path in ("/", "/yeu-cau"):
        answer = page.goto(site.url + path, wait_until="networkidle")
        assert answer is not None
        assert answer.header_value("content-encoding") == "gzip"
    total = sum(loaded)
    print(f"first load: {total / 1024:.1f} KiB in {len(loaded)} requests")
    assert len(loaded) > 3
    assert total <= 150 * 1024
