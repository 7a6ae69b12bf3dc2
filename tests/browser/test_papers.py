"""Photographs in a real browser: made small in the phone, one lost on the line and sent again, clean at both widths."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import BrowserContext, Page, Route, expect
from sqlalchemy import text

from civreg.cases.queries import Receipt
from civreg.shared.database import transaction
from tests.photographs import jpeg
from tests.serving import served
from tests.widths import DESK, PHONE, fits
from tests.world import PASSWORD, ask, build_world

pytestmark = pytest.mark.browser

SHOTS = os.environ.get("CIVREG_SHOTS", "")


@dataclass(frozen=True)
class Site:
    """The application in a thread of this process, with one birth that was asked for."""

    app: Flask
    url: str
    receipt: Receipt

    def sizes(self) -> list[tuple[int, int]]:
        """Return width and height of the photographs that lie there."""
        with self.app.app_context():
            session = self.app.extensions["sqlalchemy"].session()
            rows = session.execute(text("SELECT width, height FROM paper_image ORDER BY ordinal")).all()
            session.rollback()
            return [(row.width, row.height) for row in rows]


@pytest.fixture
def site(fresh_app: Flask) -> Iterator[Site]:
    with fresh_app.app_context():
        session = fresh_app.extensions["sqlalchemy"].session()
        with transaction(session):
            receipt = ask(session, build_world(session))
    with served(fresh_app) as url:
        yield Site(fresh_app, url, receipt)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Two photographs larger than what is kept, and a paper that is no photograph."""
    made = {
        "mot.jpg": jpeg(4000, 3000),
        "hai.jpg": jpeg(900, 1200, colour="#aa2222"),
        "ba.jpg": b"%PDF-1.7\n",
    }
    for name, content in made.items():
        (tmp_path / name).write_bytes(content)
    return [tmp_path / name for name in made]


def look(page: Page, name: str) -> None:
    assert fits(page), name
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)
    violations = Axe().run(page).response["violations"]
    told = [(found["id"], [node["html"] for node in found["nodes"]][:3]) for found in violations]
    assert not told, (name, told)


def follow(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/tra-cuu")
    page.locator("[name=code]").fill(site.receipt.tracking_code)
    page.locator("[name=fact]").fill("5678")
    page.locator("main form button").click()
    page.get_by_role("button", name="Chụp, gửi ảnh").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Gửi ảnh giấy tờ")


def test_a_family_sends_and_sends_again_what_the_line_lost(
    site: Site, files: list[Path], new_context: Callable[..., BrowserContext]
) -> None:
    page = new_context(width=PHONE).new_page()
    follow(page, site)
    look(page, "family-empty")
    lost: list[str] = []

    def lose_first(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.request.url)
            route.abort("internetdisconnected")
        else:
            route.continue_()

    page.route("**/gui-anh", lose_first)
    page.locator("#photo").set_input_files(files)
    page.get_by_role("button", name="Gửi ảnh").click()
    lines = page.locator("[data-photographs] li")
    expect(lines.nth(2)).to_contain_text("Ảnh 3 (ba.jpg): Tệp này là PDF")
    expect(lines.nth(0)).to_contain_text("Ảnh 1 (mot.jpg): chưa gửi được vì mất mạng")
    expect(lines.nth(1)).to_contain_text("Ảnh 2 (hai.jpg): đã gửi.")
    look(page, "family-lost")
    page.get_by_role("button", name="Gửi lại ảnh này").click()
    expect(lines.nth(0)).to_contain_text("Ảnh 1 (mot.jpg): đã gửi.")
    assert site.sizes() == [(900, 1200), (2000, 1500)]
    page.reload()
    expect(page.get_by_text("Đã gửi 2 ảnh.")).to_be_visible()
    look(page, "family-sent")


def test_without_a_script_several_go_in_one_form(
    site: Site, files: list[Path], new_context: Callable[..., BrowserContext]
) -> None:
    page = new_context(width=PHONE, javascript=False).new_page()
    follow(page, site)
    page.locator("#photo").set_input_files(files)
    page.get_by_role("button", name="Gửi ảnh").click()
    expect(page.get_by_role("alert")).to_contain_text("Ảnh 3 (ba.jpg): Tệp này là PDF")
    assert site.sizes() == [(2000, 1500), (900, 1200)]


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_an_officer_adds_and_looks(
    site: Site, files: list[Path], new_context: Callable[..., BrowserContext], width: int
) -> None:
    page = new_context(width=width).new_page()
    page.goto(f"{site.url}/dang-nhap")
    page.locator("#username").fill("officer")
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    page.goto(f"{site.url}/ho-so/{site.receipt.case_id}")
    page.get_by_role("link", name="Thêm ảnh giấy tờ").click()
    expect(page.locator("#photo")).to_be_visible()
    look(page, f"officer-{width}-empty")
    page.get_by_label("Giấy chứng sinh").check()
    page.locator("#photo").set_input_files(files[:2])
    page.get_by_role("button", name="Thêm ảnh").click()
    expect(page.get_by_role("heading", name="Đã có 2 ảnh")).to_be_visible()
    look(page, f"officer-{width}-list")
    page.get_by_role("link", name="Ảnh 1:").click()
    picture = page.get_by_role("img", name="Ảnh chụp: Giấy chứng sinh")
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("naturalWidth", 2000)
    look(page, f"officer-{width}-look")
    page.get_by_role("link", name="Bỏ ảnh này").click()
    expect(page.get_by_role("button", name="Bỏ ảnh")).to_be_visible()
    look(page, f"officer-{width}-remove")
    page.get_by_role("button", name="Bỏ ảnh").click()
    expect(page.get_by_role("heading", name="Đã có 1 ảnh")).to_be_visible()
