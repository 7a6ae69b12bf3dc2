"""Each service from the family's phone to the figure of the month, in a browser for each person."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from civreg.procedures.catalogue import catalogue, version_on
from civreg.statistics.rules import LINE_WORDS, Line
from tests.journeys.village import Village

pytestmark = pytest.mark.browser

NUMBERS = {"register_number": "123/2026", "register_book": "01/2026"}
OUTSIDE = {
    "residence": ("thường trú", "TT-77"),
    "insurance_card": ("thẻ bảo hiểm y tế", "TE1842612345678"),
    "burial_support": ("mai táng", "MT-12"),
}
"""Part → words of its title, number of its result; the parts that `tests.answers` does not decline."""


@pytest.mark.parametrize("procedure", sorted(catalogue()))
def test_service(village: Village, procedure: str) -> None:
    rules = version_on(procedure, village.now.date())
    family = village.asks(procedure)
    officer = village.is_visited()
    assert officer.case_code in officer.takes_papers()
    family.looks_up("5678", "Đã tiếp nhận hồ sơ")
    counted = {Line.REQUESTED, Line.RECEIVED, Line.DELIVERED}
    if rules.flow == "registration":
        officer.types_numbers(
            NUMBERS | ({"personal_number": "084226012345"} if rules.needs_personal_number else {})
        )
        officer.notes_signature()
        counted |= {Line.REGISTERED, Line.REGISTERED_ON_TIME}
    if rules.letter:
        village.work()
        village.head().approves("Thạch")
        clerk = village.clerk()
        clerk.prints(village)
        clerk.seals_and_gives(village)
        officer.hands_letter_over("Thạch Thị Sa Rết", "người nhà")
        counted.add(Line(f"letter_{rules.letter}"))
    officer.delivers()
    family.looks_up("5678", "Đã trả kết quả")
    for part in rules.parts:
        if part.code in OUTSIDE:
            title, number = OUTSIDE[part.code]
            officer.works_part(
                title, "Đã nộp trên Cổng", {"portal_code": f"000.00.01.{part.code}"}, "tài khoản của gia đình"
            )
            officer.works_part(title, "Đã có kết quả", {"result_number": number})
    told = village.figures()
    assert {line for line, count in told.items() if count} == {LINE_WORDS[line] for line in counted}
    assert {count for count in told.values() if count} == {1}


def test_a_bundle_is_followed_by_the_family(village: Village) -> None:
    """The family says that the card came; the commune sees that it was the family who said so."""
    family = village.asks("birth_bundle")
    officer = village.is_visited()
    assert officer.case_code in officer.takes_papers()
    family.looks_up("5678", "Đã tiếp nhận hồ sơ")
    family.press("Đã nhận thẻ bảo hiểm y tế")
    family.look()
    officer.opens_case()
    card = officer.page.locator(".parts > li").filter(has_text="thẻ bảo hiểm y tế")
    expect(card).to_contain_text("Gia đình báo đã nhận ngày")
