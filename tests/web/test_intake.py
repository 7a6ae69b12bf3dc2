from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.procedures.catalogue import catalogue
from civreg.shared import clock, crypto
from civreg.units.service import add_hamlet
from civreg.web.intake.questions import pages_of
from civreg.web.intake.receipt import COOKIE
from tests.web.family import (
    BIRTH,
    MARRIAGE,
    Family,
    count_cases,
    radios_of,
    tell_birth,
    tell_marriage,
    token_of,
    told_of,
    value_of,
)
from tests.world import MONDAY, World, build_world

LATE = "Đã quá 60 ngày, gia đình vẫn đăng ký được bình thường."


@pytest.fixture(autouse=True)
def world(session: Session) -> Iterator[World]:
    with clock.travelling(MONDAY):
        yield build_world(session)


@pytest.fixture
def family(client: FlaskClient) -> Family:
    return Family(client)


def receipt_lines(page: str) -> str:
    """Return what the receipt says; what the page seals for later differs each time."""
    found = re.search(r'<dl class="receipt-lines">.*?</dl>', page, re.S)
    assert found is not None
    return found.group(0)


def test_every_service_of_the_catalogue_is_offered_and_no_other(family: Family) -> None:
    page = family.open("/yeu-cau")
    assert re.findall(r'class="big-choice"\s+href="/yeu-cau/([^"]+)"', page) == [
        "birth_at_home",
        "birth_bundle",
        "birth_mobile",
        "construction_tax_support",
        "death_at_home",
        "death_bundle",
        "death_mobile",
        "marriage_mobile",
    ]
    assert family.client.get("/yeu-cau/no_such_service").status_code == 404


def test_every_question_of_an_offered_service_has_its_pages() -> None:
    offered = [procedure for procedure in catalogue().values() if procedure.offered_to_families]
    assert offered
    for procedure in offered:
        for version in procedure.versions:
            pages = pages_of(version.questions, version.occasion)
            assert pages, version.id
            names = [name for question in pages for name in question.inputs()]
            assert len(names) == len(set(names)), version.id


def test_the_first_page_of_a_service_says_what_a_family_asks(family: Family) -> None:
    page = family.open(BIRTH)
    for words in (
        "Ông, bà hoặc người thân khác",
        "Giấy chứng sinh",
        "Xã không hỏi",
        "nhận sau 15 giờ thì vào ngày làm việc tiếp theo",
        "Luật Hộ tịch số 60/2014/QH13 điều 5 khoản 3, điều 16 khoản 2",
        "0 đồng nếu đăng ký trong 60 ngày",
        "Bắt đầu",
        "Để lại số, xã gọi lại",
    ):
        assert words in page
    assert "arts" not in page
    assert "DVCQG" not in page


def test_a_birth_from_the_first_question_to_the_receipt(
    family: Family, world: World, session: Session
) -> None:
    assert tell_birth(family, world) == f"{BIRTH}/xem-lai"
    review = family.open(f"{BIRTH}/xem-lai")
    assert "Thạch Minh Khang" in review
    assert "Xã Trà Cú, tỉnh Vĩnh Long" in review
    assert "Không khai" in review
    body = family.body(review)
    assert body["child_birth_year"] == "2026"

    sent = family.client.post(f"{BIRTH}/xem-lai", data=body)

    assert (sent.status_code, sent.headers["Location"]) == (303, "/yeu-cau/da-gui")
    receipt = family.open("/yeu-cau/da-gui")
    assert re.fullmatch(r"[2-9A-HJ-NP-Z]{5}-[2-9A-HJ-NP-Z]{5}", told_of(receipt, "Mã yêu cầu"))
    for words in ("Xã Trà Cú", "17/11/2026", "0294 3874 001", "0 đồng", "31/12/2026"):
        assert words in receipt
    row = session.execute(
        text("SELECT callback_only, interpreter_wanted, father_unknown, place_of_event, note FROM case_file")
    ).one()
    assert row == (False, True, True, "Tại nhà: Ấp Chợ, Xã Trà Cú, tỉnh Vĩnh Long", "Buổi chiều 😀")
    assert session.execute(text("SELECT answer FROM consent")).scalar_one() == "later"
    people = session.execute(text("SELECT role, full_name, birth_year FROM party ORDER BY role")).all()
    assert [tuple(person) for person in people] == [
        ("child", "Thạch Minh Khang", 2026),
        ("mother", "Thạch Thị Sa Rết", 1999),
        ("requester", "Thạch Thị Sa Rết", None),
    ]


def test_a_receipt_that_another_release_wrote_is_read_as_far_as_it_goes(family: Family, world: World) -> None:
    """Two web servers of different releases serve one browser during a change: no line is lost, nothing falls over."""
    tell_birth(family, world)
    family.client.post(f"{BIRTH}/xem-lai", data=family.body(family.open(f"{BIRTH}/xem-lai")))
    cookie = family.client.get_cookie(COOKIE, path="/yeu-cau")
    assert cookie is not None
    row, _, sealed = cookie.value.partition(".")
    until, fields = json.loads(crypto.unseal(sealed, "receipt", UUID(row), "cookie") or "")

    def hold(**changed: str) -> None:
        body = json.dumps([until, fields | changed])
        family.client.set_cookie(
            COOKIE, f"{row}.{crypto.seal(body, 'receipt', UUID(row), 'cookie')}", path="/yeu-cau"
        )

    fields.pop("cost_line")
    hold()
    assert "0 đồng" in told_of(family.open("/yeu-cau/da-gui"), "Chi phí")
    hold(a_field_of_tomorrow="x")
    assert "Máy này không còn giữ giấy báo" in family.open("/yeu-cau/da-gui")


def test_sending_twice_makes_one_request_with_one_receipt(
    family: Family, world: World, session: Session
) -> None:
    tell_birth(family, world)
    body = family.body(family.open(f"{BIRTH}/xem-lai"))
    sent = family.client.post(f"{BIRTH}/xem-lai", data=body)
    told = "SELECT payload->>'request_id' FROM outbox WHERE topic = 'case.requested'"
    assert session.scalar(text(told)) == sent.headers["X-Request-Id"], (
        "the work knows the page that caused it"
    )
    first = family.open("/yeu-cau/da-gui")
    again = family.client.post(f"{BIRTH}/xem-lai", data=body)
    assert again.status_code == 303
    assert receipt_lines(family.open("/yeu-cau/da-gui")) == receipt_lines(first)
    assert count_cases(session) == 1


def test_another_body_under_the_same_key_is_refused_in_a_sentence(
    family: Family, world: World, session: Session
) -> None:
    tell_birth(family, world)
    body = family.body(family.open(f"{BIRTH}/xem-lai"))
    family.client.post(f"{BIRTH}/xem-lai", data=body)
    answer = family.client.post(f"{BIRTH}/xem-lai", data={**body, "child_name": "Thạch Minh Khôi"})
    assert answer.status_code == 422
    assert "Yêu cầu này đã được gửi trước đó với nội dung khác." in answer.text
    assert 'value="Thạch Minh Khôi"' in answer.text
    assert count_cases(session) == 1


def test_the_last_post_needs_no_draft(family: Family, world: World, session: Session) -> None:
    tell_birth(family, world)
    body = family.body(family.open(f"{BIRTH}/xem-lai"))
    session.execute(text("DELETE FROM draft"))
    assert family.client.post(f"{BIRTH}/xem-lai", data=body).status_code == 303
    assert count_cases(session) == 1


def test_sua_puts_the_whole_body_back_even_without_a_draft(
    family: Family, world: World, session: Session
) -> None:
    tell_birth(family, world)
    body = family.body(family.open(f"{BIRTH}/xem-lai"))
    session.execute(text("DELETE FROM draft"))
    answer = family.client.post(f"{BIRTH}/xem-lai", data={**body, "sua": "child_name"})
    assert answer.headers["Location"] == f"{BIRTH}/child_name?ve=xem-lai"
    location = family.answer(f"{BIRTH}/child_name?ve=xem-lai", child_name="Thạch Minh Khôi", ve="xem-lai")
    assert location == f"{BIRTH}/xem-lai"
    review = family.open(location)
    assert "Thạch Minh Khôi" in review
    assert "Nhà sau chùa" in review
    assert family.body(review)["request_key"] == body["request_key"]


def test_quay_lai_keeps_what_was_typed_even_if_it_cannot_be_used(family: Family) -> None:
    answer = family.send(
        f"{BIRTH}/child_birth",
        child_birth_day="31",
        child_birth_month="2",
        child_birth_year="2026",
        go="back",
    )
    assert answer.headers["Location"] == f"{BIRTH}/child_sex"
    assert value_of(family.open(f"{BIRTH}/child_birth"), "child_birth_day") == "31"


def test_the_review_page_leads_to_the_first_missing_answer(family: Family, world: World) -> None:
    family.answer(f"{BIRTH}/commune", commune=str(world.tra_cu))
    page = family.open(f"{BIRTH}/xem-lai")
    assert "Còn câu này chưa trả lời." in page
    assert "Ông/bà là ai?" in page


def test_a_parent_who_asks_is_not_typed_twice(family: Family) -> None:
    family.answer(f"{BIRTH}/requester", requester_name="Thạch Thị Sa Rết", requester_relation="mother")
    assert 'value="Thạch Thị Sa Rết"' in family.open(f"{BIRTH}/mother")
    assert "Thạch Thị Sa Rết" not in family.open(f"{BIRTH}/father")


def test_call_back_needs_a_name_a_phone_and_a_commune(family: Family, world: World, session: Session) -> None:
    path = f"{BIRTH}/goi-lai"
    key = family.body(family.open(path))["request_key"]
    answer = family.send(
        path,
        request_key=key,
        caller_name="Sơn Thị Lành",
        phone_owner="neighbour",
        phone="0987654321",
        phone_neighbour="Bà Sáu",
        commune=str(world.dai_an),
    )
    assert answer.headers["Location"] == "/yeu-cau/da-gui"
    receipt = family.open("/yeu-cau/da-gui")
    assert "Xã Đại An" in receipt
    assert "Xã tính khi gọi lại" in receipt
    row = session.execute(text("SELECT callback_only, note FROM case_file")).one()
    assert row == (True, "Số gọi lại là của hàng xóm: Bà Sáu.")


def test_without_a_phone_the_receipt_shows_a_pin(family: Family, world: World) -> None:
    path = f"{BIRTH}/goi-lai"
    key = family.body(family.open(path))["request_key"]
    family.answer(
        path, request_key=key, caller_name="Sơn Thị Lành", phone_owner="none", commune=str(world.dai_an)
    )
    assert re.fullmatch(r"\d{6}", told_of(family.open("/yeu-cau/da-gui"), "Mã PIN (thay số điện thoại)"))


def test_under_age_says_from_which_day_and_keeps_the_request(
    family: Family, world: World, session: Session
) -> None:
    tell_marriage(family, world, bride_year="2008")
    review = family.open(f"{MARRIAGE}/xem-lai")
    sentence = (
        "Bên nữ (Sơn Thị Đa) đủ 18 tuổi từ ngày 9/12/2026; từ ngày đó mới đăng ký kết hôn được. "
        "Xã giữ yêu cầu này và gọi lại cho ông/bà."
    )
    assert sentence in review
    assert family.client.post(f"{MARRIAGE}/xem-lai", data=family.body(review)).status_code == 303
    assert sentence in family.open("/yeu-cau/da-gui")
    assert session.execute(text("SELECT keep_for_call FROM case_file")).scalar_one() == sentence


def test_a_marriage_without_phone_from_question_to_receipt(
    family: Family, world: World, session: Session
) -> None:
    tell_marriage(family, world)
    review = family.open(f"{MARRIAGE}/xem-lai")
    assert family.client.post(f"{MARRIAGE}/xem-lai", data=family.body(review)).status_code == 303
    people = session.execute(
        text("SELECT role, sex, marriage_ordinal FROM party WHERE role <> 'requester' ORDER BY role")
    )
    assert [tuple(person) for person in people] == [("bride", "female", 1), ("groom", "male", 1)]
    assert "Gia đình không có điện thoại." in session.execute(text("SELECT note FROM case_file")).scalar_one()


def test_a_late_registration_gets_a_friendly_sentence(family: Family, world: World) -> None:
    long_ago = {"child_birth_day": "1", "child_birth_month": "3", "child_birth_year": "2026"}
    tell_birth(family, world, child_birth=long_ago)
    review = family.open(f"{BIRTH}/xem-lai")
    assert LATE in review
    family.client.post(f"{BIRTH}/xem-lai", data=family.body(review))
    receipt = family.open("/yeu-cau/da-gui")
    assert LATE in receipt
    assert told_of(receipt, "Ngày cuối để đúng hạn") == "4/5/2026"
    assert "có biên lai" in receipt


def test_a_birth_before_the_calendar_is_late_without_a_day(family: Family, world: World) -> None:
    childhood = {"child_birth_day": "1", "child_birth_month": "3", "child_birth_year": "1958"}
    mother = {"mother_name": "Thạch Thị Sa Rết", "mother_birth_year": "1930"}
    tell_birth(family, world, child_birth=childhood, mother=mother)
    family.client.post(f"{BIRTH}/xem-lai", data=family.body(family.open(f"{BIRTH}/xem-lai")))
    receipt = family.open("/yeu-cau/da-gui")
    assert "Đã qua, vẫn đăng ký được" in receipt
    assert LATE in receipt


def test_a_partial_date_is_an_answer_and_the_last_day_says_so(family: Family, world: World) -> None:
    only_month = {"child_birth_day": "", "child_birth_month": "10", "child_birth_year": "2026"}
    tell_birth(family, world, child_birth=only_month)
    review = family.open(f"{BIRTH}/xem-lai")
    assert "tháng 10 năm 2026" in review
    family.client.post(f"{BIRTH}/xem-lai", data=family.body(review))
    assert "Chưa tính được vì chưa rõ ngày" in family.open("/yeu-cau/da-gui")


def test_the_hamlets_of_the_chosen_commune_are_suggested(
    family: Family, world: World, session: Session
) -> None:
    add_hamlet(session, world.tra_cu, "Ấp Giồng Giữa")
    family.answer(f"{BIRTH}/commune", commune=str(world.tra_cu))
    page = family.open(f"{BIRTH}/address")
    assert 'list="hamlets"' in page
    assert '<option value="Ấp Giồng Giữa">' in page


def test_a_commune_is_found_without_accents_and_without_script(family: Family, world: World) -> None:
    answer = family.send(f"{BIRTH}/commune", commune_search="dai an", go="search")
    assert answer.status_code == 200
    assert radios_of(answer.text, "commune") == {str(world.dai_an): True}
    assert "Xã Đại An, tỉnh Vĩnh Long" in answer.text


def test_typing_a_name_and_pressing_on_searches_first(family: Family, world: World) -> None:
    answer = family.send(f"{BIRTH}/commune", commune_search="Trà Cú")
    assert answer.status_code == 200
    assert radios_of(answer.text, "commune") == {str(world.tra_cu): True}
    page = family.open(f"{BIRTH}/commune")
    assert radios_of(page, "commune") == {}


def test_cookies_are_closed_to_scripts_and_hold_nothing_readable(family: Family, world: World) -> None:
    answer = family.send(f"{BIRTH}/child_name", child_name="Thạch Minh Khang")
    cookie = next(value for value in answer.headers.getlist("Set-Cookie") if "civreg_draft" in value)
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Max-Age=604800" in cookie
    tell_birth(family, world)
    body = family.body(family.open(f"{BIRTH}/xem-lai"))
    sent = family.client.post(f"{BIRTH}/xem-lai", data=body)
    receipt = next(value for value in sent.headers.getlist("Set-Cookie") if "civreg_receipt" in value)
    assert told_of(family.open("/yeu-cau/da-gui"), "Mã yêu cầu") not in receipt
    assert len(receipt) < 4096


def test_a_receipt_is_gone_after_two_hours(family: Family, world: World) -> None:
    tell_birth(family, world)
    family.client.post(f"{BIRTH}/xem-lai", data=family.body(family.open(f"{BIRTH}/xem-lai")))
    printable = family.open("/yeu-cau/da-gui/in")
    assert "<svg" in printable
    assert "Giấy chứng sinh" in printable
    with clock.travelling(MONDAY + timedelta(hours=3)):
        assert "Máy này không còn giữ giấy báo" in family.open("/yeu-cau/da-gui")


def test_a_tampered_receipt_cookie_shows_nothing(family: Family) -> None:
    for value in ("", "x", "0190-x.k1:AAAA", "01900000-0000-7000-8000-000000000000.k1:AAAA", "." * 50):
        family.client.set_cookie("civreg_receipt", value, path="/yeu-cau")
        assert "Máy này không còn giữ giấy báo" in family.open("/yeu-cau/da-gui")


def test_drafts_live_seven_days_from_the_last_answer(family: Family, session: Session) -> None:
    family.answer(f"{BIRTH}/child_name", child_name="Thạch Minh Khang")
    expires: datetime = session.execute(text("SELECT expires_at FROM draft")).scalar_one()
    assert expires == MONDAY + timedelta(days=7)


def test_a_shared_phone_can_forget_the_unfinished_answers(family: Family, session: Session) -> None:
    family.answer(f"{BIRTH}/child_name", child_name="Thạch Minh Khang")
    assert "Máy này còn giữ phần đang ghi dở." in family.open(BIRTH)
    answer = family.client.post(f"{BIRTH}/xoa-ban-nhap", data={"csrf_token": token_of(family.open(BIRTH))})
    assert answer.headers["Location"] == BIRTH
    assert "Máy này còn giữ" not in family.open(BIRTH)
    assert session.execute(text("SELECT count(*) FROM draft")).scalar_one() == 0
    assert "Thạch Minh Khang" not in family.open(f"{BIRTH}/child_name")
