"""A week of the letter desk on the running stack: six letters earned, one held, five numbered, one sheet spoiled.

The worker is killed while it numbers them; four letters are handed over, one comes back; the month shows exactly that.
The stack's clock is the real one, so the days of the week are hours here; the office's people and pages are the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from playwright.sync_api import BrowserContext, expect

from civreg.cases.rules import PersonForm, RequestForm
from civreg.shared import clock
from civreg.shared.partial_date import PartialDate
from civreg.statistics.rules import LINE_WORDS, Line
from tests.cases.test_circumstances import DEATH
from tests.journeys.staff import Clerk, Head, Officer
from tests.journeys.test_two_services import LiveCompany
from tests.live_office import LiveOffice, open_office
from tests.live_stack import LiveStack, wait_until
from tests.world import BIRTH, MARRIAGE, ask, receive, register

pytestmark = [pytest.mark.live, pytest.mark.browser]

COMMUNE = "29489"
HELD_FOR = "Gia đình vừa có người mất, vừa có trẻ mới sinh: người biết gia đình quyết định."
MOURNED = "Lâm Thị Bé Tám"


def born(child: str, mother: str, phone: str) -> RequestForm:
    """A birth of a family of its own."""
    people = (
        replace(BIRTH.people[0], full_name=child),
        replace(BIRTH.people[1], full_name=mother),
        BIRTH.people[2],
    )
    return replace(BIRTH, requester_name=mother, phone=phone, people=people, address=f"Nhà {mother}")


def married(groom: str, bride: str, phone: str) -> RequestForm:
    """A marriage of two people of their own."""
    people = (replace(MARRIAGE.people[0], full_name=groom), replace(MARRIAGE.people[1], full_name=bride))
    return replace(MARRIAGE, requester_name=groom, phone=phone, people=people, address=f"Nhà {groom}")


def a_week(office: LiveOffice) -> dict[str, UUID]:
    """Let three births, two marriages and a death be registered; the mother of the third newborn is the deceased."""
    today = clock.today()
    deceased = PersonForm("deceased", MOURNED, birth=PartialDate(1996), sex="female")
    forms = {
        "Kim Minh An": born("Kim Minh An", "Sơn Thị Bảy", "0912 000 001"),
        "Kim Minh Bình": born("Kim Minh Bình", "Sơn Thị Tư", "0912 000 002"),
        "Kim Minh Chi": born("Kim Minh Chi", MOURNED, "0912 000 003"),
        "Lâm Chí Dũng": married("Lâm Chí Dũng", "Kiên Thị Lan", "0912 000 004"),
        "Lâm Chí Em": married("Lâm Chí Em", "Kiên Thị Phượng", "0912 000 005"),
        MOURNED: replace(
            DEATH,
            people=(deceased,),
            phone="0912 000 006",
            address="Nhà bà Tám",
            event=PartialDate(today.year, today.month, today.day),
        ),
    }
    cases: dict[str, UUID] = {}
    world = office.world()
    for name, form in forms.items():
        with office.session() as session:
            cases[name] = ask(session, world, form).case_id
            receive(session, world, cases[name])
    for case_id in cases.values():
        with office.session() as session:
            register(session, world, case_id)
    return cases


def read_and_approve(head: Head, names: list[str]) -> None:
    """Read one letter of each kind, then approve the pile."""
    for kind in ("Thư chúc mừng khai sinh", "Thư chúc mừng kết hôn", "Thư chia buồn"):
        head.go("/thu?state=draft")
        row = head.page.locator(".letter-list tbody tr").filter(has_text=kind)
        head.tap(row.locator("th a"))
        head.look()
    head.go("/thu?state=draft")
    for name in names:
        row = head.page.locator(".letter-list tbody tr").filter(has_text=name)
        row.locator("input[name=letter]").check()
    head.look()
    head.tap(head.page.locator("form#letters button[type=submit]"))
    expect(head.page.get_by_text("Đã duyệt 5 thư. Máy cấp số ngay; sau đó thư chờ in.")).to_be_visible()


def spoils(clerk: Clerk, name: str, why: str) -> None:
    """One sheet of the run is spoiled: note it, print it again."""
    clerk.tap(clerk.page.locator(".letter-list").get_by_role("link", name=name))
    clerk.follow_link("Tờ hỏng, in lại")
    clerk.look()
    clerk.fill("Tờ thư hỏng thế nào?", why)
    clerk.press("Ghi tờ hỏng")
    expect(clerk.page.locator(".case-head")).to_contain_text("Đã cấp số, chờ in")


def seals(clerk: Clerk) -> None:
    """Note that every sheet of the run on the page was signed and sealed."""
    for box in clerk.page.locator('input[name="letter"]').all():
        box.check()
    clerk.tap(clerk.page.locator("form#letters button[type=submit]"))
    expect(clerk.page.get_by_text("đã ký, đóng dấu").first).to_be_visible()


def brings_back(officer: Officer, case_id: UUID, why: str) -> None:
    """Nobody was at home: the letter comes back."""
    officer.go(f"/ho-so/{case_id}")
    officer.tap(officer.page.locator('a[href^="/thu/"]'))
    officer.follow_link("Chưa trao được, mang về")
    officer.look()
    officer.fill("Vì sao chưa trao được?", why)
    officer.press("Ghi: đã mang về")
    expect(officer.page.locator(".case-head")).to_contain_text("Chưa trao được, đã mang về")


def test_a_week_of_the_letter_desk(live_stack: LiveStack, new_context: Callable[..., BrowserContext]) -> None:
    office = open_office(live_stack, COMMUNE)
    company = LiveCompany(new_context, office)
    cases = a_week(office)
    office.wait_for_jobs()

    head = company.head()
    head.opens_letter(f"/ho-so/{cases['Kim Minh Chi']}")
    expect(head.page.locator("main")).to_contain_text(f"Tạm giữ: {HELD_FOR}")
    head.opens_letter(f"/ho-so/{cases[MOURNED]}")
    expect(head.page.locator("main")).to_contain_text(HELD_FOR)
    head.releases({})
    five = [name for name in cases if name != "Kim Minh Chi"]
    read_and_approve(head, five)
    live_stack.kill("worker")
    live_stack.start("worker")
    numbered = "SELECT count(*) FROM letter WHERE unit_id = :unit AND number IS NOT NULL"
    wait_until(lambda: office.scalar(numbered, unit=office.unit_id) == 5, 120, "five numbers")

    clerk = company.clerk()
    sheets = clerk.prints(office)
    assert len(sheets) == 5
    first_run = clerk.page.url
    spoils(clerk, "Kim Minh Bình", "Kẹt giấy, rách góc")
    clerk.go(first_run)
    seals(clerk)
    [again] = clerk.prints(office)
    assert "Kim Minh Bình" in again
    listed = clerk.seals_and_gives(office)
    assert re.findall(r"\d\d/20\d\d", listed)[:5] == [f"{n:02d}/{clock.today().year}" for n in range(1, 6)]

    officer = company.officer()
    for name in five:
        officer.case_path = f"/ho-so/{cases[name]}"
        if name == "Kim Minh An":
            brings_back(officer, cases[name], "Gia đình về quê ngoại")
        else:
            officer.hands_letter_over("Người nhà", "người nhà")
    office.wait_for_jobs()

    told = company.staff().month_of(office.code)
    assert {line: told[LINE_WORDS[line]] for line in Line if line.startswith("letter_")} == {
        Line.LETTER_CONGRATULATION_BIRTH: 1,
        Line.LETTER_CONGRATULATION_MARRIAGE: 2,
        Line.LETTER_CONDOLENCE: 1,
    }
    assert (told[LINE_WORDS[Line.REGISTERED]], told[LINE_WORDS[Line.REQUESTED]]) == (6, 6)
    states = "SELECT string_agg(state, ' ' ORDER BY state) FROM letter WHERE unit_id = :unit"
    assert office.scalar(states, unit=office.unit_id) == (
        "handed_over handed_over handed_over handed_over held returned"
    )
    book = "SELECT string_agg(number::text, ' ' ORDER BY number) FROM letter WHERE unit_id = :unit"
    assert office.scalar(book, unit=office.unit_id) == "1 2 3 4 5"
