"""From a family's phone to the figure in the month, through the running stack, in a browser for each person."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext

from civreg.statistics.rules import LINE_WORDS, Line
from tests.journeys.company import Company
from tests.journeys.family import tell_birth, tell_marriage
from tests.journeys.staff import Officer, Staff
from tests.live_office import PASSWORD, LiveOffice, open_office
from tests.live_stack import LiveStack

pytestmark = [pytest.mark.live, pytest.mark.browser]

COUNTED = (Line.REQUESTED, Line.RECEIVED, Line.REGISTERED, Line.REGISTERED_ON_TIME, Line.DELIVERED)


class LiveCompany(Company):
    """The people of one commune on the running stack."""

    def __init__(self, new_context: Callable[..., BrowserContext], office: LiveOffice) -> None:
        super().__init__(new_context, office.stack.url)
        self.office = office

    def account(self, role: str) -> tuple[str, str]:
        return self.office.username(role), PASSWORD


def month_counts(before: dict[str, int], after: dict[str, int], letter: Line) -> None:
    """Each line of this journey went up by one, no other moved."""
    moved = {line: after[line] - before[line] for line in after}
    once = {LINE_WORDS[line] for line in (*COUNTED, letter)}
    assert {line for line, count in moved.items() if count} == once
    assert all(moved[line] == 1 for line in once)


def letter_reaches_family(
    company: LiveCompany, officer: Officer, names: str, on_sheet: tuple[str, ...], to_whom: str
) -> None:
    """The worker drafts, the head approves, the clerk prints one PDF, the officer hands the letter over."""
    company.head().approves(names)
    clerk = company.clerk()
    (sheet,) = clerk.prints(company.office)
    for name in on_sheet:
        assert name in sheet
    assert "ỦY BAN NHÂN DÂN" in sheet
    listed = clerk.seals_and_gives(company.office)
    assert officer.case_code in listed or on_sheet[0] in listed
    officer.hands_letter_over(to_whom, "người nhà")
    officer.delivers()


def figures_tell_it(
    company: LiveCompany,
    staff: Staff,
    officer: Officer,
    before: list[dict[str, int]],
    letter: Line,
    names: tuple[str, ...],
) -> None:
    """The month went up by one at the commune and at the province; the figure opens to the code and to no name."""
    company.office.wait_for_jobs()
    for code, then in zip((company.office.code, "86"), before, strict=True):
        month_counts(then, staff.month_of(code), letter)
    now = staff.month_of(company.office.code)
    for line in (Line.REGISTERED, letter):
        staff.month_of(company.office.code)
        told = staff.opens_figure(LINE_WORDS[line].lower(), now[LINE_WORDS[line]])
        assert officer.case_code in told
        assert not [name for name in names if name in told]


def test_birth_at_home(live_stack: LiveStack, new_context: Callable[..., BrowserContext]) -> None:
    office = open_office(live_stack, "29461")
    company = LiveCompany(new_context, office)
    staff = company.staff()
    before = [staff.month_of(code) for code in (office.code, "86")]

    family = company.family(javascript=False)
    family.begin("Giấy khai sinh tại nhà")
    tell_birth(family, "0912 345 678")
    family.send()
    family.looks_up("5678", "Yêu cầu mới")

    officer = company.officer()
    officer.finds_call("Kim Minh Khang")
    officer.calls()
    officer.completes(
        {
            "mother.ethnic_group": "Khmer",
            "father.ethnic_group": "Khmer",
            "child.ethnic_group": "Khmer",
            "mother.residence": "Ấp Chợ, xã Trà Cú",
        }
    )
    officer.books_in_two_taps()
    family.looks_up("5678", "Đã hẹn đến nhà")
    office.let_the_visit_come(office.case_of(officer.case_code))
    officer.goes_there()
    slip = officer.takes_papers()
    assert officer.case_code in slip

    family.looks_up("5678", "Đã tiếp nhận hồ sơ")
    assert family.reads_promise() in slip
    officer.waits_for_number()
    family.looks_up("5678", "Chờ số định danh")
    officer.types_numbers(
        {"register_number": "123/2026", "register_book": "01/2026-KS", "personal_number": "084226012345"}
    )
    officer.notes_signature()

    letter_reaches_family(
        company, officer, "Kim Minh Khang", ("Kim Minh Khang", "Kim Văn Sơn"), "Kim Văn Sơn"
    )
    family.looks_up("5678", "Đã trả kết quả")
    names = ("Kim Minh Khang", "Thạch Thị Sa Rết", "Kim Văn Sơn", "0912345678")
    figures_tell_it(company, staff, officer, before, Line.LETTER_CONGRATULATION_BIRTH, names)
    company.no_address_names(*names, "0912 345 678", "084226012345", "Khmer", family.code)


def test_marriage_mobile(live_stack: LiveStack, new_context: Callable[..., BrowserContext]) -> None:
    office = open_office(live_stack, "29491")
    company = LiveCompany(new_context, office)
    staff = company.staff()
    before = [staff.month_of(code) for code in (office.code, "86")]

    family = company.family(javascript=True)
    family.begin("Kết hôn lưu động")
    tell_marriage(family, "0987 654 321")
    family.send()
    family.looks_up("4321", "Yêu cầu mới")

    officer = company.officer()
    officer.finds_call("Sơn Thị Na")
    officer.calls()
    officer.completes({"groom.ethnic_group": "Kinh", "bride.ethnic_group": "Khmer"})
    officer.books_in_two_taps()
    office.let_the_visit_come(office.case_of(officer.case_code))
    officer.goes_there()
    slip = officer.takes_papers()
    family.looks_up("4321", "Đã tiếp nhận hồ sơ")
    assert family.reads_promise() in slip
    officer.types_numbers({"register_number": "45/2026", "register_book": "01/2026-KH"})
    officer.notes_signature()

    letter_reaches_family(company, officer, "Sơn Thị Na", ("Trần Văn Út", "Sơn Thị Na"), "Sơn Thị Na")
    family.looks_up("4321", "Đã trả kết quả")
    names = ("Trần Văn Út", "Sơn Thị Na", "0987654321")
    figures_tell_it(company, staff, officer, before, Line.LETTER_CONGRATULATION_MARRIAGE, names)
    company.no_address_names(*names, "0987 654 321", "Khmer", family.code)
