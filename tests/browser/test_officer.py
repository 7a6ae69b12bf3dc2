"""The officer's and the head's pages in a real browser: clean at both widths, big enough to tap, two taps to a visit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy.orm import Session

from civreg.cases import service as cases
from civreg.cases.queries import supplements_waiting
from civreg.deadlines import service as deadlines
from civreg.letters import service as letters
from civreg.shared import clock
from civreg.shared.database import transaction
from civreg.shared.partial_date import PartialDate
from civreg.visits import service as visits
from tests.serving import served
from tests.widths import DESK, PHONE, fits
from tests.world import (
    MARRIAGE,
    MONDAY,
    PASSWORD,
    World,
    ask,
    build_world,
    papers_of,
    receive,
    register,
    version,
)

pytestmark = pytest.mark.browser

LATER = MONDAY + timedelta(days=9)
"""A Wednesday on which some promises are late."""


@dataclass(frozen=True)
class Site:
    """The application in a thread of this process on a day of its own, with cases at every step."""

    url: str
    to_call: UUID
    pages: dict[str, tuple[str, ...]]


@pytest.fixture
def site(fresh_app: Flask) -> Iterator[Site]:
    with fresh_app.app_context():
        session = fresh_app.extensions["sqlalchemy"].session()
        with clock.travelling(MONDAY), transaction(session):
            world = build_world(session)
            pages, late = _fill(session, world)
        with clock.travelling(LATER), transaction(session):
            deadlines.sweep(session)
            young = replace(MARRIAGE.people[1], birth=PartialDate(2009, 7, 9))
            people = (MARRIAGE.people[0], young)
            kept = ask(session, world, MARRIAGE, people=people, requester_name="Sơn Văn Chân").case_id
            to_call = ask(
                session, world, people=(), event=None, callback_only=True, letter_consent=None
            ).case_id
            for number in range(6):
                ask(session, world, key=f"many-{number}")
    pages["officer"] += (
        f"/ho-so/{kept}",
        f"/ho-so/{late}",
        f"/ho-so/{to_call}",
        f"/ho-so/{to_call}/nhan-ho-so",
    )
    _stop_clock(fresh_app)
    with served(fresh_app) as url:
        yield Site(url, to_call, pages)


def _stop_clock(app: Flask) -> None:
    """Let every request of the server happen at `LATER`."""
    inner = app.wsgi_app

    def at_that_day(environ: Any, start: Any) -> Iterable[bytes]:
        with clock.travelling(LATER):
            return inner(environ, start)

    app.wsgi_app = at_that_day  # type: ignore[method-assign]


def _fill(session: Session, world: World) -> tuple[dict[str, tuple[str, ...]], UUID]:
    """Make a case for each step and return person → addresses to look at, and a case whose promise is missed."""
    assert world.officer.user_id is not None
    asked = ask(session, world, note="Gọi buổi chiều", interpreter_wanted=True).case_id
    booked = ask(session, world, MARRIAGE).case_id
    visit = visits.book_visit(
        session, world.officer, case_id=booked, expected_version=1,
        officer_id=world.officer.user_id, starts_at=MONDAY + timedelta(hours=1),
    )  # fmt: skip
    late = ask(session, world, MARRIAGE, requester_name="Kiên Văn Muộn").case_id
    waiting = ask(session, world).case_id
    signed = ask(session, world).case_id
    numbered = ask(session, world).case_id
    ended = ask(session, world).case_id
    for one in (late, waiting, signed, numbered):
        receive(session, world, one)
    cases.request_papers(
        session, world.officer, waiting, expected_version=version(session, world, waiting),
        papers=papers_of(session, world, waiting)[:1], reason="Giấy chứng sinh bị mờ, không đọc được tên mẹ",
    )  # fmt: skip
    married = ask(session, world, MARRIAGE).case_id
    asking = ask(session, world, MARRIAGE).case_id
    for one in (married, asking):
        receive(session, world, one)
    register(session, world, married)
    proposed = _propose(session, world, asking)
    register(session, world, signed)
    letters.draft_earned_letter(session, signed)
    cases.enter_numbers(
        session, world.officer, numbered, expected_version=version(session, world, numbered),
        register_number="124/2026", personal_number="084326012346",
    )  # fmt: skip
    cases.decline_home_service(
        session, world.officer, ended, expected_version=1, reason="Gia đình hẹn đến trụ sở thứ Sáu"
    )
    officer = (
        "/ban-lam-viec", "/ho-so", "/ho-so/moi", "/lich-den-nha",
        "/lich-den-nha?ngay=2026-11-16", "/lich-den-nha?ngay=2026-11-24", f"/lich-den-nha/{visit}",
        f"/lich-den-nha/{visit}/doi-gio", f"/ho-so/{asked}", f"/ho-so/{asked}/sua", f"/ho-so/{asked}/lich-den-nha",
        f"/ho-so/{asked}/chuyen-da-di", f"/ho-so/{asked}/nhan-ho-so", f"/ho-so/{asked}/dong/transfer",
        f"/ho-so/{asked}/dong/decline_home_service", f"/ho-so/{late}/bo-sung", f"/ho-so/{late}/so-dang-ky",
        f"/ho-so/{waiting}", f"/ho-so/{waiting}/nhan-bo-sung", f"/ho-so/{numbered}", f"/ho-so/{numbered}/da-ky",
        f"/ho-so/{signed}", f"/ho-so/{signed}/tra-ket-qua", f"/ho-so/{ended}", f"/ho-so/{booked}/nhan-ho-so",
        f"/ho-so/{married}/tra-ket-qua", f"/ho-so/{asking}", f"/ho-so/{asking}/bo-sung", f"/ho-so/{asking}/tai-nha",
    )  # fmt: skip
    head = (
        "/ban-lam-viec", f"/ho-so/{late}", f"/ho-so/{late}/dong/refuse", f"/ho-so/{asking}",
        f"/ho-so/{asking}/bo-sung/{proposed}",
    )  # fmt: skip
    return {"officer": officer, "head": head}, late


def _propose(session: Session, world: World, case_id: UUID) -> UUID:
    """Ask for a paper, take it, and want another, which waits for the head."""
    first, second = papers_of(session, world, case_id)[:2]
    cases.request_papers(
        session, world.officer, case_id, expected_version=version(session, world, case_id),
        papers=(first,), reason="Giấy bị mờ",
    )  # fmt: skip
    cases.take_papers(
        session, world.officer, case_id, expected_version=version(session, world, case_id), papers=(first,)
    )
    cases.request_papers(
        session, world.officer, case_id, expected_version=version(session, world, case_id),
        papers=(second,), reason="Bên nữ từng ly hôn, lần trước gia đình chưa cho biết",
    )  # fmt: skip
    return supplements_waiting(session, world.head)[0].id


def signed_in(context: BrowserContext, site: Site, person: str) -> Page:
    page = context.new_page()
    page.goto(f"{site.url}/dang-nhap")
    page.fill("#username", person)
    page.fill("#password", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/ban-lam-viec")
    return page


_SMALL = """() => [...document.querySelectorAll('main .btn, main select, main input:not([type=hidden])')]
  .filter(one => { const box = (one.closest('.choice') || one).getBoundingClientRect();
                   return box.width && box.height && box.height < 43.5; })
  .map(one => one.outerHTML.slice(0, 120))"""
_BROKEN = """() => [...document.querySelectorAll('main .tabular')]
  .filter(one => one.getClientRects().length > 1).map(one => one.textContent)"""


def faults(page: Page) -> list[object]:
    """Return axe's violations, what is wider than the screen, too small to tap, or a code broken over two lines."""
    found: list[object] = [rule["id"] for rule in Axe().run(page).response["violations"]]
    if not fits(page):
        found.append("wider than the screen")
    return [*found, *page.evaluate(_SMALL), *page.evaluate(_BROKEN)]


def test_every_page_is_clean_on_a_phone_and_at_a_desk(
    site: Site, new_context: Callable[..., BrowserContext]
) -> None:
    wrong = {}
    for person, addresses in site.pages.items():
        page = signed_in(new_context(width=PHONE), site, person)
        for address in addresses:
            for width in (PHONE, DESK):
                page.set_viewport_size({"width": width, "height": 800})
                page.goto(site.url + address)
                assert page.url == site.url + address
                if told := faults(page):
                    wrong[person, address, width] = told
    assert wrong == {}


def test_an_officer_completes_a_call_and_books_in_two_taps_on_a_phone(
    site: Site, new_context: Callable[..., BrowserContext]
) -> None:
    page = signed_in(new_context(width=PHONE, height=740), site, "officer")
    page.goto(f"{site.url}/ho-so/{site.to_call}")
    next_step = page.get_by_role("link", name="Hẹn đến nhà")
    call = page.get_by_role("link", name="Gọi 0912 345 678")
    for one in (next_step, call):
        box = one.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < 740, "the next step and the number show without scrolling"
    page.get_by_role("button", name="Ghi là đã gọi").click()
    page.get_by_role("link", name="Sửa, bổ sung thông tin").click()
    page.fill("[id='child.full_name']", "Kim Sô Khane")
    page.fill("[id='child.birth_day']", "31")
    page.fill("[id='child.birth_month']", "2")
    page.fill("[id='child.birth_year']", "2026")
    page.fill("[id='mother.full_name']", "Thạch Thị Sa Rết")
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_role("alert")).to_be_focused()
    assert faults(page) == []
    page.fill("[id='child.birth_day']", "2")
    page.fill("[id='child.birth_month']", "11")
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Kim Sô Khane")
    page.get_by_role("button", name="Có, nhận thư").click()
    page.get_by_role("link", name="Hẹn đến nhà").click()
    page.locator("button.slot").first.click()
    expect(page.get_by_text("Gia đình tra cứu sẽ thấy giờ hẹn này.")).to_be_visible()
    page.get_by_role("button", name="Đọc mã tra cứu").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Đọc mã tra cứu cho gia đình")
    assert faults(page) == []


def test_two_officers_at_one_field_see_both_values(
    site: Site, new_context: Callable[..., BrowserContext]
) -> None:
    officer = signed_in(new_context(width=PHONE), site, "officer")
    head = signed_in(new_context(), site, "head")
    for page in (officer, head):
        page.goto(f"{site.url}/ho-so/{site.to_call}/sua")
    head.fill("#hamlet", "Ấp Leng")
    head.get_by_role("button", name="Lưu").click()
    expect(head.get_by_text("Đã lưu.")).to_be_visible()
    officer.fill("#hamlet", "Ấp Chợ Mới")
    officer.get_by_role("button", name="Lưu").click()
    expect(officer.get_by_role("alert")).to_contain_text("Người khác vừa sửa cùng một ô")
    expect(officer.locator("#hamlet")).to_have_value("Ấp Chợ Mới")
    assert faults(officer) == []
    officer.get_by_role("button", name="Lưu").click()
    expect(officer.get_by_text("Đã lưu.")).to_be_visible()
