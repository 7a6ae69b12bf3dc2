"""The hard cases of practice, each in a browser: what the family is asked, what the officer does, which letter goes."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from civreg.statistics.rules import LINE_WORDS, Line
from tests.journeys.staff import Officer
from tests.journeys.village import Village

pytestmark = pytest.mark.browser

FIRST, SECOND = "084226012345", "084226012346"


def letter_words(village: Village, officer: Officer) -> str:
    """Return the page of the letter of the officer's case as the head reads it."""
    village.work()
    head = village.head()
    head.opens_letter(officer.case_path)
    return head.page.locator("main").inner_text()


def test_twins_are_two_cases_one_visit_and_one_letter(village: Village) -> None:
    village.asks("birth_at_home", child_name="Kim Minh Khang")
    officer = village.officer()
    officer.finds_call("Kim Minh Khang")
    officer.calls()
    officer.books_in_two_taps()
    officer.adds_twin("Kim Minh Khôi", "Bé trai")
    village.let_the_visit_come(officer.case_code)
    officer = village.officer(officer)
    officer.goes_there()
    officer.takes_papers()
    officer.registers("101/2026", FIRST)
    assert "Bé sinh cùng lần chưa đăng ký xong" in letter_words(village, officer)
    officer.opens_case()
    officer.goes_to("Kim Minh Khôi")
    assert village.scalar("SELECT count(*) FROM visit") == 1
    officer.takes_papers()
    officer.registers("102/2026", SECOND)
    village.work()
    head = village.head()
    head.approves("Kim Minh Khang và Kim Minh Khôi")
    clerk = village.clerk()
    (sheet,) = clerk.prints(village)
    assert "hai cháu Kim Minh Khang và Kim Minh Khôi" in " ".join(sheet.split())
    told = village.figures()
    assert told[LINE_WORDS[Line.REGISTERED]] == 2


def test_parents_marry_first_and_the_birth_follows_in_one_visit(village: Village) -> None:
    village.asks("birth_at_home", child_name="Kim Minh Khang")
    officer = village.officer()
    officer.finds_call("Kim Minh Khang")
    officer.calls()
    officer.follow_link("Cha mẹ kết hôn trước, khai sinh sau")
    officer.look()
    officer.press("Ghi hồ sơ kết hôn")
    officer.look()
    birth = officer.case_path
    officer.goes_to("Kim Văn Sơn")
    marriage = officer.case_path
    officer.completes({"groom.birth_year": "1995", "bride.birth_year": "1999"})
    officer.go(birth)
    officer.case_path = birth
    officer.case_code = officer.page.locator(".crumbs .tabular").inner_text()
    officer.books_in_two_taps()
    village.let_the_visit_come(officer.case_code)
    officer = village.officer(officer)
    officer.goes_there()
    officer.takes_papers()
    officer.go(f"{birth}/so-dang-ky")
    officer.page.locator('[name="register_number"]').fill("101/2026")
    officer.page.get_by_role("button", name="Lưu số").click()
    expect(officer.page.get_by_text(re.compile("^Cha mẹ kết hôn trước: hồ sơ"))).to_be_visible()
    officer.complaints.clear()  # the browser notes the 409 on its console
    officer.case_path = marriage
    officer.takes_papers()
    officer.registers("21/2026")
    officer.case_path = birth
    officer.registers("101/2026", FIRST)
    told = village.figures()
    assert told[LINE_WORDS[Line.REGISTERED]] == 2


def test_a_birth_with_recognition_is_promised_later_and_says_why(village: Village) -> None:
    family = village.asks("birth_at_home", child_name="Kim Minh Khang")
    officer = village.is_visited("Kim Minh Khang")
    officer.notes({"evidence": "two_witnesses", "witness_1": "Thạch Thị Mỹ", "witness_2": "Kim Sa Vuông"})
    expect(officer.page.get_by_text("Thạch Thị Mỹ, Kim Sa Vuông")).to_be_visible()
    slip = officer.takes_papers()
    assert "nhận cha, mẹ, con" in " ".join(slip.split())
    family.looks_up("5678", "Đã tiếp nhận hồ sơ")
    assert family.reads_promise() == "19/11/2026"


def test_a_father_who_is_not_named_leaves_a_letter_to_mother_and_baby(village: Village) -> None:
    village.asks("birth_at_home", father_declared="no")
    officer = village.is_visited("Thạch Minh Khang")
    officer.takes_papers()
    officer.registers("101/2026", FIRST)
    assert "Hồ sơ không có tên cha" in letter_words(village, officer)
    head = village.head()
    head.opens_letter(officer.case_path)
    head.releases({"mother_and_child": "1"})
    head.press("Duyệt thư")
    village.work()
    (sheet,) = village.clerk().prints(village)
    words = " ".join(sheet.split())
    assert "Thạch Thị Sa Rết" in words
    assert " cha " not in words


def test_a_mother_under_age_is_for_a_person_to_decide(village: Village) -> None:
    village.asks("birth_at_home", mother_birth_year="2010")
    officer = village.is_visited("Thạch Minh Khang")
    officer.takes_papers()
    officer.registers("101/2026", FIRST)
    assert "Mẹ chưa đủ hoặc chưa chắc đủ 18 tuổi khi sinh" in letter_words(village, officer)


def test_dates_that_are_known_in_part_stay_as_told(village: Village) -> None:
    family = village.asks(
        "birth_at_home", child_birth_day="", child_birth_month="10", birth_hour="khoảng 03 giờ"
    )
    officer = village.is_visited("Thạch Minh Khang")
    officer.opens_case()
    officer.look()
    expect(officer.page.locator("main")).to_contain_text("10/2026")
    expect(officer.page.locator("main")).to_contain_text("khoảng 03 giờ")
    officer.takes_papers()
    family.looks_up("5678", "Đã tiếp nhận hồ sơ")


def test_three_family_names_in_one_family_raise_nothing_and_are_printed_in_full(village: Village) -> None:
    village.asks("birth_at_home", child_name="Kiên Minh Khang")
    officer = village.is_visited("Kiên Minh Khang")
    officer.opens_case()
    officer.look()
    expect(officer.page.locator(".notice-warning")).to_have_count(0)
    officer.takes_papers()
    officer.registers("101/2026", FIRST)
    village.work()
    village.head().approves("Kiên Minh Khang")
    (sheet,) = village.clerk().prints(village)
    words = " ".join(sheet.split())
    for name in ("Kiên Minh Khang", "Thạch Thị Sa Rết", "Kim Văn Sơn"):
        assert name in words


def test_an_abandoned_child_has_no_mother_to_name(village: Village) -> None:
    village.asks("birth_at_home", requester_relation="other")
    officer = village.is_visited("Thạch Minh Khang")
    officer.notes({"abandoned": "1"})
    expect(officer.page.get_by_text("Trẻ bị bỏ rơi, chưa xác định được cha mẹ.")).to_be_visible()
    officer.takes_papers()
    officer.registers("101/2026", FIRST)
    assert "Trẻ bị bỏ rơi: cân nhắc có gửi thư không" in letter_words(village, officer)


def test_an_infant_of_less_than_a_day_is_registered_only_when_the_parents_ask(village: Village) -> None:
    village.asks("birth_at_home")
    officer = village.is_visited("Thạch Minh Khang")
    officer.notes({"lived_under_a_day": "1"})
    officer.go(f"{officer.case_path}/nhan-ho-so")
    for box in officer.page.locator('input[type="checkbox"][name^="paper."]').all():
        box.check()
    officer.page.get_by_role("button", name="Nhận hồ sơ, viết giấy hẹn").click()
    expect(officer.page.locator(".error-summary")).to_contain_text("Ông/bà hỏi cha mẹ, ghi câu trả lời")
    officer.complaints.clear()
    officer.notes({"lived_under_a_day": "1", "registration_asked": "yes"})
    officer.takes_papers()
    officer.registers("101/2026", FIRST)
    village.work()
    assert village.scalar("SELECT count(*) FROM letter") == 0


def register_death(village: Village, officer: Officer, number: str) -> None:
    """Note that the commune writes giấy báo tử itself, and the cause; take the papers, register."""
    officer.notes({"death_paper_by_commune": "1", "cause": "tai nạn đường thủy"})
    expect(officer.page.get_by_text("Mất tại nhà: xã tự cấp giấy báo tử")).to_be_visible()
    officer.takes_papers()
    officer.registers(number)
    village.work()


def test_mother_and_child_have_one_letter_when_the_head_says_so(village: Village) -> None:
    for name, year in (("Thạch Thị Đa", "1996"), ("Kim Bé Na", "2023")):
        village.asks("death_at_home", deceased_name=name, deceased_sex="female", deceased_birth_year=year)
    officer = village.officer()
    officer.finds_call("Kim Bé Na")
    child = officer.case_code
    officer.go("/ban-lam-viec")
    officer.finds_call("Thạch Thị Đa")
    officer.follow_link("Nối với hồ sơ khác")
    officer.look()
    officer.types({"kind": "mother_and_child", "code": child})
    officer.press("Nối hai hồ sơ")
    officer.look()
    mother = officer.case_path
    register_death(village, officer, "31/2026")
    officer.opens_case()
    officer.goes_to("Kim Bé Na")
    register_death(village, officer, "32/2026")
    head = village.head()
    head.opens_letter(mother)
    head.releases({"together": "1"})
    head.press("Duyệt thư")
    village.work()
    (sheet,) = village.clerk().prints(village)
    words = " ".join(sheet.split())
    assert "Thạch Thị Đa" in words
    assert "Kim Bé Na" in words
    assert "tai nạn" not in words
