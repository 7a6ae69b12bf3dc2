from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.shared import clock
from civreg.units.service import add_hamlet
from tests.web.family import BIRTH, MARRIAGE, Family, tell_birth, tell_marriage, token_of
from tests.world import MONDAY, World, build_world

LATE = "Đã quá 60 ngày, gia đình vẫn đăng ký được bình thường."


@pytest.fixture(autouse=True)
def world(session: Session) -> Iterator[World]:
    with clock.travelling(MONDAY):
        yield build_world(session)


@pytest.fixture
def family(client: FlaskClient) -> Family:
    return Family(client)


def count_cases(session: Session) -> int:
    return int(session.execute(text("SELECT count(*) FROM case_file")).scalar_one())


def test_the_two_services_are_offered_and_no_other(family: Family) -> None:
    page = family.open("/yeu-cau")
    assert re.findall(r'class="big-choice" href="/yeu-cau/([^"]+)"', page) == [
        "birth_at_home",
        "marriage_mobile",
    ]
    assert family.client.get("/yeu-cau/death_bundle").status_code == 404


def test_the_first_page_of_a_service_says_what_a_family_asks(family: Family) -> None:
    page = family.open(BIRTH)
    for words in (
        "Ông, bà hoặc người thân khác",
        "Giấy chứng sinh",
        "Xã không hỏi",
        "nhận sau 15 giờ thì vào ngày làm việc tiếp theo",
        "Luật Hộ tịch 2014 điều 5.3, 16.2",
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
    assert re.search(r"<dd>[2-9A-HJ-NP-Z]{5}-[2-9A-HJ-NP-Z]{5}</dd>", receipt)
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


def test_sending_twice_makes_one_request_with_one_receipt(
    family: Family, world: World, session: Session
) -> None:
    tell_birth(family, world)
    body = family.body(family.open(f"{BIRTH}/xem-lai"))
    family.client.post(f"{BIRTH}/xem-lai", data=body)
    first = family.open("/yeu-cau/da-gui")
    again = family.client.post(f"{BIRTH}/xem-lai", data=body)
    assert again.status_code == 303
    assert family.open("/yeu-cau/da-gui") == first
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
    assert (
        'name="child_birth_day" type="text" inputmode="numeric" autocomplete="off" maxlength="4" value="31"'
        in (family.open(f"{BIRTH}/child_birth"))
    )


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
    assert re.search(r"Mã PIN \(thay số điện thoại\)</dt><dd>\d{6}</dd>", family.open("/yeu-cau/da-gui"))


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
    assert "<dd>4/5/2026</dd>" in receipt
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


@pytest.mark.parametrize(
    ("step", "typed", "sentence"),
    [
        (
            "child_birth",
            {"child_birth_day": "30", "child_birth_month": "2", "child_birth_year": "2026"},
            "Tháng 2 năm 2026 chỉ có 28 ngày. Ông/bà ghi lại ngày hoặc tháng.",
        ),
        (
            "child_birth",
            {"child_birth_day": "một", "child_birth_month": "2", "child_birth_year": "2026"},
            "Ngày chỉ ghi bằng số, ví dụ 25.",
        ),
        (
            "child_birth",
            {"child_birth_day": "1", "child_birth_month": "13", "child_birth_year": "2026"},
            "Không có tháng 13. Ông/bà ghi tháng từ 1 đến 12.",
        ),
        (
            "child_birth",
            {"child_birth_day": "17", "child_birth_month": "11", "child_birth_year": "2026"},
            "Ngày này chưa đến. Ông/bà ghi ngày không muộn hơn 16/11/2026.",
        ),
        ("child_birth", {}, "Ông/bà ghi ngày sinh của bé."),
        ("child_birth", {"child_birth_day": "5"}, "Ông/bà ghi thêm năm, đủ bốn chữ số, ví dụ 2026."),
        ("child_name", {"child_name": "Bé Na 😀"}, "Họ tên chỉ gồm chữ cái. Ông/bà bỏ “😀” rồi gửi lại."),
        ("child_name", {"child_name": "Na 2"}, "Họ tên không có chữ số. Ông/bà ghi lại bằng chữ."),
        (
            "child_name",
            {"child_name": "a" * 10_000},
            "Ô này ghi được 100 ký tự, ông/bà đã ghi 10.000. Xin ghi ngắn lại.",
        ),
        (
            "visit_wish",
            {"visit_wish": "sáng " * 2_000},
            "Ô này ghi được 500 ký tự, ông/bà đã ghi 9.999. Xin ghi ngắn lại.",
        ),
        (
            "address",
            {"hamlet": "Ấp Chợ", "address": "Nhà 🏠 xanh"},
            "Ô này in ra giấy nên chỉ nhận chữ và số. Ông/bà bỏ “🏠” rồi gửi lại.",
        ),
        (
            "phone",
            {"phone_owner": "own", "phone": "12345"},
            "Ông/bà ghi số điện thoại đủ 10 chữ số, ví dụ 0912 345 678.",
        ),
        ("phone", {"phone_owner": "own"}, "Ông/bà ghi số để xã gọi lại."),
        ("phone", {"phone_owner": "someone"}, "Ông/bà chọn một câu trả lời."),
        ("letter_consent", {}, "Ông/bà chọn một câu trả lời."),
        ("father", {"father_declared": "yes"}, "Ông/bà ghi họ tên cha của bé."),
        (
            "mother",
            {"mother_name": "Kim Thị Sáu", "mother_birth_year": "1850"},
            "Ông/bà xem lại năm: hệ thống chỉ nhận từ năm 1900 trở đi.",
        ),
        ("commune", {}, "Ông/bà ghi tên xã, bấm “Tìm xã”, rồi chọn xã trong danh sách."),
        ("commune", {"commune": "999999999"}, "Không có xã này trong danh sách. Ông/bà tìm lại tên xã."),
        (
            "commune",
            {"commune": "99999999999999999999"},
            "Ông/bà ghi tên xã, bấm “Tìm xã”, rồi chọn xã trong danh sách.",
        ),
    ],
)
def test_every_refusal_says_what_to_do_and_keeps_what_was_typed(
    family: Family, step: str, typed: dict[str, str], sentence: str
) -> None:
    answer = family.send(f"{BIRTH}/{step}", **typed)
    assert answer.status_code == 422
    assert answer.text.count(sentence) == 2, re.findall(r"field-error.*", answer.text)
    assert 'href="#' in answer.text
    for name, value in typed.items():
        if name.endswith(("name", "wish", "day", "month", "year", "address", "hamlet", "phone")):
            assert value in answer.text


def test_decomposed_letters_become_one_spelling(family: Family) -> None:
    family.answer(f"{BIRTH}/child_name", child_name=unicodedata.normalize("NFD", "Thạch  Thị\u200b Đào "))
    assert 'value="Thạch Thị Đào"' in family.open(f"{BIRTH}/child_name")


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
    assert f'name="commune" value="{world.dai_an}" checked' in answer.text
    assert "Xã Đại An, tỉnh Vĩnh Long" in answer.text


def test_typing_a_name_and_pressing_on_searches_first(family: Family, world: World) -> None:
    answer = family.send(f"{BIRTH}/commune", commune_search="Trà Cú")
    assert answer.status_code == 200
    assert f'value="{world.tra_cu}"' in answer.text
    page = family.open(f"{BIRTH}/commune")
    assert str(world.tra_cu) not in re.findall(r'name="commune" value="(\d+)"', page)


def test_an_unknown_commune_gets_a_sentence(family: Family) -> None:
    answer = family.send(f"{BIRTH}/commune", commune_search="Không Đâu Cả", go="search")
    assert "Chưa tìm thấy xã nào có tên này." in answer.text
    assert 'value="Không Đâu Cả"' in answer.text


@pytest.mark.parametrize("typed", ["😀", "a" * 10_000, "%_\\'", "\x00", "ា" * 50])
def test_no_search_text_breaks_the_search(family: Family, typed: str) -> None:
    assert family.send(f"{BIRTH}/commune", commune_search=typed, go="search").status_code == 200
    assert family.client.get("/yeu-cau/xa", query_string={"tim": typed}).status_code == 200


def test_a_vanished_commune_offers_its_successor(family: Family, world: World, session: Session) -> None:
    old = session.execute(
        text(
            "INSERT INTO unit (code, valid_from, valid_to, name, kind, parent_code, known_from, since_before,"
            " name_folded, name_joined, sort_key) VALUES ('29462', '2021-11-01', '2025-07-01', 'Thị trấn Định An',"
            " 'township', '849', '2021-11-01', true, 'dinh an', 'dinhan', 'dinh an') RETURNING id"
        )
    ).scalar_one()
    session.execute(
        text(
            "INSERT INTO unit_successor (old_unit_id, new_unit_id, effective_on, is_split, source)"
            " VALUES (:old, :new, '2025-07-01', false, 'list')"
        ),
        {"old": old, "new": world.dai_an},
    )
    answer = family.send(f"{BIRTH}/commune", commune=str(old))
    assert answer.status_code == 422
    assert "Thị trấn Định An nay là xã Đại An. Ông/bà tìm và chọn xã Đại An." in answer.text
    assert f'name="commune" value="{world.dai_an}" checked' in answer.text
    found = family.send(f"{BIRTH}/commune", commune_search="dinh an", go="search")
    assert "thị trấn Định An cũ" in found.text


def test_a_commune_outside_the_programme_says_where_to_go(
    family: Family, world: World, session: Session
) -> None:
    session.execute(text("DELETE FROM participation WHERE unit_id = :unit"), {"unit": world.dai_an})
    answer = family.send(f"{BIRTH}/commune", commune=str(world.dai_an))
    assert answer.status_code == 422
    assert "Xã Đại An chưa nhận đăng ký tại nhà qua mạng." in answer.text


def test_a_commune_that_left_meanwhile_is_refused_on_the_review_page(
    family: Family, world: World, session: Session
) -> None:
    tell_birth(family, world)
    body = family.body(family.open(f"{BIRTH}/xem-lai"))
    session.execute(text("DELETE FROM participation WHERE unit_id = :unit"), {"unit": world.tra_cu})
    answer = family.client.post(f"{BIRTH}/xem-lai", data=body)
    assert answer.status_code == 422
    assert "Xã Trà Cú chưa nhận đăng ký tại nhà qua mạng." in answer.text
    assert family.body(answer.text)["request_key"] == body["request_key"]
    assert count_cases(session) == 0


def test_an_expired_draft_says_so_and_keeps_the_answer_just_sent(family: Family, world: World) -> None:
    family.answer(f"{BIRTH}/commune", commune=str(world.tra_cu))
    token = token_of(family.open(f"{BIRTH}/child_name"))
    with clock.travelling(MONDAY + timedelta(days=8)):
        answer = family.client.post(
            f"{BIRTH}/child_name", data={"csrf_token": token, "child_name": "Thạch Minh Khang"}
        )
        page = family.open(answer.headers["Location"])
        assert "Phần khai trước đã để quá 7 ngày nên không còn giữ." in page
        assert 'value="Thạch Minh Khang"' in family.open(f"{BIRTH}/child_name")


@pytest.mark.parametrize("token", ["", "một mã lạ", "IjEi.abc.def"])
def test_a_foreign_token_is_400_with_the_values_still_there(family: Family, token: str) -> None:
    answer = family.client.post(
        f"{BIRTH}/child_name", data={"csrf_token": token, "child_name": "Thạch Minh Khang"}
    )
    assert answer.status_code == 400
    assert "Những gì ông/bà đã ghi vẫn còn" in answer.text
    assert 'value="Thạch Minh Khang"' in answer.text
    assert (
        family.client.post(
            f"{BIRTH}/child_name",
            data={"csrf_token": token_of(answer.text), "child_name": "Thạch Minh Khang"},
        ).status_code
        == 303
    )


def test_a_foreign_token_on_the_review_page_keeps_every_answer(
    family: Family, world: World, session: Session
) -> None:
    tell_birth(family, world)
    body = family.body(family.open(f"{BIRTH}/xem-lai"))
    answer = family.client.post(f"{BIRTH}/xem-lai", data={**body, "csrf_token": "lạ"})
    assert answer.status_code == 400
    kept = family.body(answer.text)
    assert {**kept, "csrf_token": ""} == {**body, "csrf_token": ""}
    assert family.client.post(f"{BIRTH}/xem-lai", data=kept).status_code == 303
    assert count_cases(session) == 1


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
    code = re.search(r"<dd>([2-9A-Z]{5}-[2-9A-Z]{5})</dd>", family.open("/yeu-cau/da-gui"))
    assert code is not None
    assert code.group(1) not in receipt
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


def test_an_endless_answer_is_not_kept_unread(family: Family, session: Session) -> None:
    answer = family.send(f"{BIRTH}/child_name", child_name="a" * 30_000, go="back")
    assert answer.status_code == 422
    assert "a" * 30_000 in answer.text
    assert session.execute(text("SELECT count(*) FROM draft")).scalar_one() == 0


def test_an_error_in_another_box_keeps_the_chosen_commune(family: Family, world: World) -> None:
    answer = family.send(f"{BIRTH}/goi-lai", phone_owner="none", commune=str(world.dai_an))
    assert answer.status_code == 422
    assert f'name="commune" value="{world.dai_an}" checked' in answer.text


@pytest.mark.parametrize("path", ["/yeu-cau/x", f"{BIRTH}/x", f"{BIRTH}/x?ve=xem-lai", "/yeu-cau/x/goi-lai"])
def test_an_address_that_does_not_exist_is_404_for_reading_and_sending(family: Family, path: str) -> None:
    assert family.client.get(path).status_code == 404
    assert family.client.post(path, data={"child_name": "Khang"}).status_code in (400, 404, 405)


_ODD = st.text(max_size=60) | st.sampled_from(["9" * 400, "-1", "0", "1e9", "١", "½", "NaN"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(day=_ODD, month=_ODD, year=_ODD, name=_ODD, commune=_ODD, relation=_ODD)
def test_nothing_that_is_typed_breaks_a_page(
    family: Family, day: str, month: str, year: str, name: str, commune: str, relation: str
) -> None:
    for step, typed in (
        ("child_birth", {"child_birth_day": day, "child_birth_month": month, "child_birth_year": year}),
        ("mother", {"mother_name": name, "mother_birth_year": year}),
        ("requester", {"requester_name": name, "requester_relation": relation}),
        ("commune", {"commune": commune, "commune_search": name}),
        ("phone", {"phone_owner": "own", "phone": commune}),
    ):
        assert family.send(f"{BIRTH}/{step}", **typed).status_code in (200, 303, 422)
    body = {"csrf_token": token_of(family.open(f"{BIRTH}/mother")), "request_key": name, "commune": commune}
    sent = family.client.post(f"{BIRTH}/xem-lai", data={**body, "child_birth_year": year, "sua": relation})
    assert sent.status_code in (303, 404, 422)
    assert family.client.get(f"{BIRTH}/xem-lai").status_code in (200, 302, 303)
