"""The copy card and báo tin in a real browser: one tap, the keyboard, no script, clean at both widths."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from civreg.shared.database import transaction
from tests.serving import served
from tests.widths import DESK, PHONE, fits
from tests.world import PASSWORD, ask, build_world, receive

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Site:
    """The application in a thread of this process, with one birth whose papers were taken."""

    url: str
    case_id: UUID

    def card(self, page: Page) -> None:
        """Sign the officer in and open the copy card."""
        page.goto(f"{self.url}/dang-nhap")
        page.fill("[name=username]", "officer")
        page.fill("[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_url("**/ban-lam-viec")
        page.goto(f"{self.url}/ho-so/{self.case_id}/the-chep")


@pytest.fixture
def site(fresh_app: Flask) -> Iterator[Site]:
    with fresh_app.app_context():
        session = fresh_app.extensions["sqlalchemy"].session()
        with transaction(session):
            world = build_world(session)
            case_id = ask(session, world).case_id
            receive(session, world, case_id)
    with served(fresh_app) as url:
        yield Site(url, case_id)


def copied(page: Page, site: Site) -> str:
    """Return what the clipboard holds, by pasting it where numbers are pasted."""
    page.goto(f"{site.url}/ho-so/{site.case_id}/so-dang-ky")
    page.locator("#pasted").focus()
    page.keyboard.press("Control+V")
    return page.locator("#pasted").input_value()


@pytest.mark.parametrize("has_clipboard", [True, False], ids=["clipboard", "old command"])
def test_one_tap_copies_one_field(
    site: Site, new_context: Callable[..., BrowserContext], has_clipboard: bool
) -> None:
    context = new_context()
    if not has_clipboard:  # a page that is not served over TLS
        context.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined });")
    page = context.new_page()
    site.card(page)
    name = page.get_by_role("button", name="Chép Họ, chữ đệm, tên", exact=True)
    expect(name).to_have_text("Chép")
    name.click()
    expect(name).to_have_text("Đã chép")
    expect(page.locator("[data-copied]")).to_have_text("Đã chép Họ, chữ đệm, tên.")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Chép Ngày, tháng, năm sinh", exact=True)).to_be_focused()
    assert copied(page, site) == "KIM SÔ KHANE"


def test_the_whole_card_is_copied_as_text(site: Site, page: Page) -> None:
    site.card(page)
    page.get_by_role("button", name="Chép cả thẻ").click()
    expect(page.locator("[data-copied]")).to_have_text("Đã chép cả thẻ.")
    text = copied(page, site)
    assert text.startswith("NGƯỜI ĐƯỢC KHAI SINH\nHọ, chữ đệm, tên: KIM SÔ KHANE\n")
    assert "Ngày sinh ghi bằng chữ: Ngày hai tháng mười một năm hai nghìn không trăm hai mươi sáu" in text


def test_without_a_script_the_keyboard_selects_a_whole_field(
    site: Site, new_context: Callable[..., BrowserContext]
) -> None:
    page = new_context(javascript=False).new_page()
    site.card(page)
    expect(page.locator("button[data-copy]").first).to_be_hidden()
    expect(page.get_by_text("Mỗi ô đã khóa, chỉ để chép")).to_be_visible()
    page.locator(".copy-empty a").nth(2).focus()
    page.keyboard.press("Tab")
    expect(page.locator("#o-1")).to_be_focused()
    page.keyboard.press("Control+C")
    assert copied(page, site) == "KIM SÔ KHANE"


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_the_card_and_the_numbers_are_clean(
    site: Site, new_context: Callable[..., BrowserContext], width: int
) -> None:
    page = new_context(width=width).new_page()
    site.card(page)
    for path in ("the-chep", "so-dang-ky"):
        page.goto(f"{site.url}/ho-so/{site.case_id}/{path}")
        assert Axe().run(page).response["violations"] == []
        assert fits(page)


def test_a_pagoda_tells_of_a_death_without_a_script(
    site: Site, new_context: Callable[..., BrowserContext]
) -> None:
    page = new_context(width=PHONE, javascript=False).new_page()
    page.goto(site.url)
    page.get_by_role("link", name="Báo tin giúp một gia đình").click()
    page.get_by_role("link", name="Có người qua đời").click()
    page.get_by_label("Họ tên một người trong gia đình").fill("Sơn Thị Ánh Nguyệt")
    page.get_by_label("Gia đình ở xã, phường nào?").fill("dai an")
    page.get_by_role("button", name="Tìm xã").click()
    page.get_by_label("Ấp hoặc khóm").fill("Ấp Giồng Giữa")
    page.get_by_label("Chùa").check()
    page.get_by_label("Họ tên của ông/bà").fill("Thạch Sa Vuông")
    assert fits(page)
    page.get_by_role("button", name="Gửi tin cho xã").click()
    expect(page.get_by_role("heading", name="Xã đã nhận tin")).to_be_visible()
    expect(page.get_by_text("Xã Đại An cho người đến hỏi thăm gia đình")).to_be_visible()
    assert fits(page)


@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("path", ["", "/sinh", "/mat", "/cuoi"])
def test_the_pages_of_telling_are_clean(
    site: Site, new_context: Callable[..., BrowserContext], path: str, width: int
) -> None:
    page = new_context(width=width).new_page()
    page.goto(f"{site.url}/bao-tin{path}")
    assert Axe().run(page).response["violations"] == []
    assert fits(page)
