"""Bad input: every refusal is a sentence that says what to do, and nothing that was typed is lost."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.shared import clock
from tests.web.family import BIRTH, Family, count_cases, radios_of, tell_birth, token_of
from tests.world import MONDAY, World, build_world


@pytest.fixture(autouse=True)
def world(session: Session) -> Iterator[World]:
    with clock.travelling(MONDAY):
        yield build_world(session)


@pytest.fixture
def family(client: FlaskClient) -> Family:
    return Family(client)


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
    assert radios_of(answer.text, "commune") == {str(world.dai_an): True}
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


def test_an_endless_answer_is_not_kept_unread(family: Family, session: Session) -> None:
    answer = family.send(f"{BIRTH}/child_name", child_name="a" * 30_000, go="back")
    assert answer.status_code == 422
    assert "a" * 30_000 in answer.text
    assert session.execute(text("SELECT count(*) FROM draft")).scalar_one() == 0


def test_an_error_in_another_box_keeps_the_chosen_commune(family: Family, world: World) -> None:
    answer = family.send(f"{BIRTH}/goi-lai", phone_owner="none", commune=str(world.dai_an))
    assert answer.status_code == 422
    assert radios_of(answer.text, "commune") == {str(world.dai_an): True}


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
