"""Pages that few people open: recovery, the trail, alarms, the code of the phone, following a bundle, deaths, errors."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from civreg.accounts.rules import Role
from civreg.cases.queries import Receipt
from civreg.shared.database import transaction
from tests import world as small
from tests.accounts.phone import enrol
from tests.letters.flow import handed_over
from tests.serving import served
from tests.widths import DESK, PHONE, fits
from tests.world import BIRTH, PASSWORD, World, ask, build_world, receive

pytestmark = pytest.mark.browser

SHOTS = os.environ.get("CIVREG_SHOTS", "")


@dataclass(frozen=True)
class Site:
    """The application in a thread of this process, with a bundle under way and a letter that was handed over."""

    url: str
    world: World
    bundle: Receipt
    letter_id: UUID


@pytest.fixture
def site(fresh_app: Flask) -> Iterator[Site]:
    with fresh_app.app_context():
        session = fresh_app.extensions["sqlalchemy"].session()
        with transaction(session):
            world = build_world(session)
            small._user(session, "second", Role.ADMINISTRATOR, world.province, "Lý Văn Hai")
            small._user(session, "auditor", Role.AUDITOR, world.province, "Lý Thị Kiểm")
            bundle = ask(session, world, replace(BIRTH, procedure="birth_bundle"))
            receive(session, world, bundle.case_id)
            letter_id = handed_over(session, world).id
            enrol(session, world.head)
    with served(fresh_app) as url:
        yield Site(url, world, bundle, letter_id)


@dataclass(frozen=True)
class Reader:
    """Somebody who reads each page at both widths: axe looks over the shoulder."""

    page: Page
    site: Site

    def go(self, path: str, name: str = "") -> None:
        self.page.goto(self.site.url + path)
        if name:
            self.look(name)

    def press(self, words: str) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=words).first.click()

    def look(self, name: str) -> None:
        for width in (PHONE, DESK):
            self.page.set_viewport_size({"width": width, "height": 760})
            assert fits(self.page), (name, width)
            if SHOTS:
                self.page.screenshot(path=str(Path(SHOTS) / f"{name}-{width}.png"), full_page=True)
            violations = Axe().run(self.page).response["violations"]
            told = [(found["id"], [node["html"] for node in found["nodes"]][:3]) for found in violations]
            assert not told, (name, width, told)


@pytest.fixture
def reader(site: Site, new_context: Callable[..., BrowserContext]) -> Callable[[str], Reader]:
    def make(person: str) -> Reader:
        reader = Reader(new_context().new_page(), site)
        if person:
            reader.go("/dang-nhap")
            reader.page.fill("#username", person)
            reader.page.fill("#password", PASSWORD)
            reader.press("Đăng nhập")
        return reader

    return make


def test_recovery_takes_two_administrators(site: Site, reader: Callable[[str], Reader]) -> None:
    user = f"/quan-tri/tai-khoan/{site.world.head.user_id}"
    lost = reader("head")
    lost.look("sign-in-code")
    first, second = reader("administrator"), reader("second")
    for path, name in (("", "admin-users"), ("/canh-bao", "admin-alarms"), ("/viec", "admin-jobs")):
        first.go(f"/quan-tri{path}", name)
    first.go(user, "admin-user")
    first.go(f"{user}/khoi-phuc", "admin-recovery")
    first.page.fill("#reason", "Mất điện thoại")
    first.press("Đề nghị khôi phục")
    first.look("admin-recovery-asked")
    second.go(f"{user}/khoi-phuc", "admin-recovery-to-confirm")
    second.press("Xác nhận khôi phục")
    second.look("admin-recovery-confirmed")
    first.go("/thu", "error-403")
    expect(first.page.get_by_role("heading", level=1)).to_have_text("Tài khoản này không vào được phần này")


def test_the_auditor_reads_the_trail(site: Site, reader: Callable[[str], Reader]) -> None:
    auditor = reader("auditor")
    auditor.go("/quan-tri/nhat-ky", "trail")
    year, button = (
        auditor.page.locator("#ngay_year").bounding_box(),
        auditor.page.get_by_role("button", name="Lọc"),
    )
    box = button.bounding_box()
    assert year is not None
    assert box is not None
    assert box["x"] >= year["x"] + year["width"] or box["y"] >= year["y"] + year["height"], (
        "they do not overlap"
    )
    auditor.go("/quan-tri/nhat-ky?loai=xem", "trail-looks")
    auditor.go("/quan-tri/nhat-ky?ngay_day=31&ngay_month=2&ngay_year=2026", "trail-refused")
    auditor.press("Kiểm tra nhật ký còn nguyên")
    auditor.look("trail-verified")


def test_an_account_and_its_code(site: Site, reader: Callable[[str], Reader]) -> None:
    officer = reader("officer")
    officer.go("/tai-khoan", "account")
    officer.go("/mat-khau", "password")
    officer.page.fill("#old_password", "x")
    officer.page.fill("#new_password", "y")
    officer.press("Đổi mật khẩu")
    officer.look("password-refused")
    officer.go("/tai-khoan/ma-xac-thuc", "code-begin")
    officer.page.fill("#password", PASSWORD)
    officer.press("Bật mã xác thực")
    officer.look("code-scan")
    officer.page.fill("#code", "000000")
    officer.press("Xác nhận và bật")
    officer.look("code-wrong")
    officer.go(f"/thu/{site.letter_id}/tam-giu", "error-409")
    officer.go("/ho-so/khong-co", "error-404")


def test_a_family_follows_a_bundle_and_sends_photographs(site: Site, reader: Callable[[str], Reader]) -> None:
    family = reader("")
    family.go("/gui-anh", "photographs-closed")
    family.go("/tra-cuu")
    family.page.fill("#code", site.bundle.tracking_code)
    family.page.fill("#fact", "5678")
    family.press("Tra cứu")
    family.look("follow-bundle")
    family.page.locator('form[action="/gui-anh/mo"] button').click()
    expect(family.page.get_by_role("heading", level=1)).to_contain_text("ảnh")
    family.look("photographs")
    for _ in range(11):
        family.go("/tra-cuu")
        family.page.fill("#code", "K7M3P-9QX2T")
        family.page.fill("#fact", "0000")
        family.press("Tra cứu")
    expect(family.page.locator("#error-summary")).to_contain_text("Xin chờ 15 phút rồi thử lại")
    family.look("follow-429")


@pytest.mark.parametrize("service", ["death_at_home", "death_bundle"])
def test_the_questions_after_a_death(site: Site, reader: Callable[[str], Reader], service: str) -> None:
    family, start = reader(""), f"/yeu-cau/{service}"
    steps = ["", "/requester", "/deceased", "/death_day", "/death_place", "/letter_consent"]
    for step in [*steps, *(["/death_benefits"] if service == "death_bundle" else [])]:
        family.go(start + step, f"{service}{step.replace('/', '-')}")
    family.go(f"{start}/death_day")
    family.press("Tiếp tục")
    family.look(f"{service}-refused")
