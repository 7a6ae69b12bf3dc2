"""Letters and figures in a real browser, on a phone and at a desk: no axe violation, nothing wider than the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from civreg.cases.rules import PersonForm
from civreg.letters import service as letters
from civreg.letters.queries import shipped_wording
from civreg.letters.rules import Language, LetterKind
from civreg.shared import clock
from civreg.shared.database import transaction
from civreg.shared.partial_date import PartialDate
from civreg.work import LETTER_TEMPLATES
from tests.letters.flow import handed_over, issued, letter_of, registered
from tests.serving import served
from tests.widths import DESK, PHONE, fits
from tests.world import BIRTH, MARRIAGE, MONDAY, PASSWORD, World, build_world

pytestmark = pytest.mark.browser


DEATH = replace(
    BIRTH,
    procedure="death_at_home",
    requester_name="Lý Văn Hai",
    phone="0909 111 222",
    address="Nhà đầu cầu",
    people=(PersonForm("deceased", "Lý Thị Vươl", birth=PartialDate(precision="unknown")),),
    event=PartialDate(2026, 11, 12),
)


@dataclass(frozen=True)
class Site:
    """The application in a thread of this process, with letters at several steps."""

    url: str
    world: World
    pages: dict[str, tuple[str, ...]]
    """Person → addresses of hers to look at."""


@pytest.fixture
def site(fresh_app: Flask) -> Iterator[Site]:
    with fresh_app.app_context(), clock.travelling(MONDAY):
        session = fresh_app.extensions["sqlalchemy"].session()
        with transaction(session):
            world = build_world(session)
            done = handed_over(session, world)
            printed = issued(session, world, MARRIAGE)
            run = letters.print_run(session, world.clerk, [world.tra_cu], [printed.id])
            signed = issued(session, world, MARRIAGE)
            letters.print_run(session, world.clerk, [world.tra_cu], [signed.id])
            letters.sign_many(session, world.clerk, [signed.id])
            issued(session, world)
            draft = letter_of(session, registered(session, world))
            condolence = letter_of(session, registered(session, world, DEATH))
            birth, both = LetterKind.CONGRATULATION_BIRTH, Language.WITH_KHMER
            text = shipped_wording(birth, both, LETTER_TEMPLATES).body
            own_words = letters.write_wording(session, world.clerk, world.tra_cu, birth, both, text)
            pages = {
                "head": (
                    "/thu",
                    f"/thu/{draft.id}",
                    f"/thu/{draft.id}/huy",
                    f"/thu/{condolence.id}",
                    f"/thu/{condolence.id}/bo-tam-giu",
                    f"/thu/{draft.id}/ngon-ngu",
                    "/thu/loi-van",
                    f"/thu/loi-van/{own_words}",
                    f"/thu/mau-giay/{world.tra_cu}/nguoi-ky",
                ),
                "clerk": (
                    "/thu",
                    "/thu/in",
                    f"/thu/in/{run.id}",
                    "/thu/giao",
                    f"/thu/giao/{world.tra_cu}",
                    f"/thu/loi-van/soan/{world.tra_cu}/congratulation_birth/vi_km",
                    "/thu/mau-giay",
                    f"/thu/mau-giay/{world.tra_cu}/congratulation_birth",
                    "/kiem-tra-thu/khong-co",
                ),
                "officer": ("/thu?state=held", f"/thu/{done.id}", "/thu?state=cancelled"),
                "staff": (
                    "/thong-ke?thang=2026-11",
                    "/thong-ke?thang=2026-11&don-vi=29461",
                    "/thong-ke?thang=2026-08",
                    "/thong-ke?thang=8",
                    "/thong-ke/ho-so?don-vi=86&tu=2026-11-01&den=2026-11-30&dong=letters",
                ),
            }
    with served(fresh_app) as url:
        yield Site(url, world, pages)


def signed_in(context: BrowserContext, site: Site, person: str) -> Page:
    page = context.new_page()
    page.goto(f"{site.url}/dang-nhap")
    page.fill("#username", person)
    page.fill("#password", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(lambda url: "/dang-nhap" not in url)
    return page


def faults(page: Page) -> list[str]:
    """Return axe's violations, and whether the page is wider than the screen."""
    found = [rule["id"] for rule in Axe().run(page).response["violations"]]
    return found if fits(page) else [*found, "wider than the screen"]


def test_every_page_is_clean_on_a_phone_and_at_a_desk(
    site: Site, new_context: Callable[..., BrowserContext]
) -> None:
    for person, addresses in site.pages.items():
        context = new_context(width=PHONE)
        page = signed_in(context, site, person)
        for address in addresses:
            for width in (PHONE, DESK):
                page.set_viewport_size({"width": width, "height": 900})
                page.goto(f"{site.url}{address}")
                assert faults(page) == [], (person, address, width)


def test_a_text_shows_its_cases_while_it_is_typed(
    site: Site, new_context: Callable[..., BrowserContext]
) -> None:
    page = signed_in(new_context(width=DESK), site, "clerk")
    page.goto(f"{site.url}/thu/loi-van/soan/{site.world.tra_cu}/condolence/vi")
    assert "Dùng được cho cả" in page.inner_text("#cases")
    page.fill("#body", page.input_value("#body").replace("{đơn vị}", "{đơn vi}"))
    page.wait_for_selector("text=Lời thư có chỗ điền lạ {đơn vi}")
    page.click("text=Lưu bản nháp")
    assert "Lời thư có chỗ điền lạ {đơn vi}" in page.inner_text(".error-summary")
    assert "{đơn vi}" in page.input_value("#body")
    assert faults(page) == []


def test_the_button_says_how_many_are_ticked(site: Site, new_context: Callable[..., BrowserContext]) -> None:
    page = signed_in(new_context(width=PHONE), site, "head")
    page.goto(f"{site.url}/thu?state=draft")
    expect(page.get_by_role("button", name="Duyệt 0 thư đã chọn")).to_be_visible()
    page.check("input[name=letter]")
    page.get_by_role("button", name="Duyệt 1 thư đã chọn").click()
    expect(page.get_by_role("alert")).to_contain_text("Chưa duyệt thư nào. Ông/bà mở đọc ít nhất một thư")
    page.get_by_role("rowheader").get_by_role("link").click()
    page.goto(f"{site.url}/thu?state=draft")
    page.check("input[name=letter]")
    page.get_by_role("button", name="Duyệt 1 thư đã chọn").click()
    expect(page.get_by_role("status")).to_have_text("Đã duyệt 1 thư. Máy cấp số ngay; sau đó thư chờ in.")


def test_letters_are_printed_without_javascript(
    site: Site, new_context: Callable[..., BrowserContext]
) -> None:
    page = signed_in(new_context(javascript=False), site, "clerk")
    page.goto(f"{site.url}/thu/in")
    page.get_by_role("button", name="In thư các xã đã chọn").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Đợt in")
    expect(page.get_by_role("link", name="Mở tệp PDF để in")).to_be_visible()
    page.get_by_role("button", name="Ghi các thư đã chọn: đã ký, đóng dấu").click()
    expect(page.get_by_role("link", name="Giao thư của Xã Trà Cú")).to_be_visible()
