from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from civreg.cases import service as cases
from civreg.shared import clock
from civreg.web.visitor import counted_as
from tests.world import BIRTH, MONDAY, World, ask, build_world, deliver, receive, register, version

NOT_FOUND = "Chưa tìm thấy yêu cầu nào khớp với mã và số đã ghi."
TOO_MANY = "Ông/bà đã thử 10 lần chưa đúng. Xin chờ 15 phút rồi thử lại, hoặc gọi xã để cán bộ tìm giúp."


@pytest.fixture(autouse=True)
def world(session: Session) -> Iterator[World]:
    with clock.travelling(MONDAY):
        yield build_world(session)


def look(client: FlaskClient, code: str, fact: str, address: str = "203.0.113.7") -> TestResponse:
    page = client.get("/tra-cuu").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    return client.post(
        "/tra-cuu",
        data={"csrf_token": token.group(1), "code": code, "fact": fact},
        environ_base={"REMOTE_ADDR": address},
    )


def plain(answer: TestResponse) -> str:
    """Return the page without the values that belong to the asker or change by themselves."""
    page = re.sub(r'(name="csrf_token" value=|nonce=)"[^"]*"', "", answer.text)
    return re.sub(r'value="[^"]*"', "", page)


def test_a_request_is_found_by_code_and_phone(client: FlaskClient, session: Session, world: World) -> None:
    receipt = ask(session, world)
    answer = look(client, receipt.tracking_code, "5678")
    assert answer.status_code == 200
    assert "<h1>Yêu cầu mới</h1>" in answer.text
    assert receipt.code in answer.text
    for hidden in ("Sa Rết", "Kim Sô Khane", "0912345678", receipt.tracking_code):
        assert hidden not in answer.text


@pytest.mark.parametrize("typed", ["{code}", " {code} ", "{lower}", "{plain}"])
def test_a_code_is_read_however_it_is_typed(
    client: FlaskClient, session: Session, world: World, typed: str
) -> None:
    code = ask(session, world).tracking_code
    form = typed.format(code=code, lower=code.lower(), plain=code.replace("-", " "))
    assert look(client, form, "5678").status_code == 200


def test_the_pin_opens_too(client: FlaskClient, session: Session, world: World) -> None:
    receipt = ask(session, world, phone="")
    assert look(client, receipt.tracking_code, receipt.pin).status_code == 200
    assert look(client, receipt.tracking_code, "").status_code == 422


def test_no_such_code_and_not_yours_are_one_answer(
    client: FlaskClient, session: Session, world: World
) -> None:
    receipt = ask(session, world)
    wrong_fact = look(client, receipt.tracking_code, "0000")
    wrong_code = look(client, "22222-22222", "5678")
    assert wrong_fact.status_code == wrong_code.status_code == 404
    assert NOT_FOUND in wrong_fact.text
    assert plain(wrong_fact) == plain(wrong_code)
    assert len(wrong_fact.data) == len(wrong_code.data)


def test_the_eleventh_wrong_guess_from_one_address_is_refused(
    client: FlaskClient, session: Session, world: World
) -> None:
    receipt = ask(session, world)
    for number in range(10):
        assert (
            look(client, f"22222-2222{number + 2 if number < 8 else 'AB'[number - 8]}", "5678").status_code
            == 404
        )
    refused = look(client, receipt.tracking_code, "5678")
    assert refused.status_code == 429
    assert TOO_MANY in refused.text
    assert refused.headers["Retry-After"] == "900"
    assert f'value="{receipt.tracking_code}"' in refused.text
    assert look(client, receipt.tracking_code, "5678", address="203.0.113.8").status_code == 200
    with clock.travelling(MONDAY + timedelta(minutes=16)):
        assert look(client, receipt.tracking_code, "5678").status_code == 200


def test_a_house_with_a_whole_network_of_addresses_guesses_as_one(client: FlaskClient) -> None:
    for number in range(10):
        assert (
            look(
                client, f"22222-2222{'23456789AB'[number]}", "5678", f"2001:db8:7::{number + 1:x}"
            ).status_code
            == 404
        )
    assert look(client, "22222-33333", "5678", "2001:db8:7:0:ffff::1").status_code == 429
    assert look(client, "22222-33333", "5678", "2001:db8:7:1::1").status_code == 404


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:7::a", "2001:db8:7::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unix", "unix"),
    ],
)
def test_what_counts_as_one_visitor(address: str, counted: str) -> None:
    assert counted_as(address) == counted


def test_the_eleventh_wrong_guess_of_one_code_is_refused_from_any_address(
    client: FlaskClient, session: Session, world: World
) -> None:
    receipt = ask(session, world)
    for number in range(10):
        assert look(client, receipt.tracking_code, "0000", address=f"203.0.113.{number}").status_code == 404
    assert look(client, receipt.tracking_code, "5678", address="203.0.113.99").status_code == 429
    assert session.execute(text("SELECT count(*) FROM failed_try")).scalar_one() == 20


def test_the_promised_day_comes_with_its_reason_once_papers_were_received(
    client: FlaskClient, session: Session, world: World
) -> None:
    receipt = ask(session, world)
    assert "Vì sao hẹn ngày này" not in look(client, receipt.tracking_code, "5678").text
    receive(session, world, receipt.case_id)
    page = look(client, receipt.tracking_code, "5678").text
    assert "<h1>Đã tiếp nhận hồ sơ</h1>" in page
    assert "Chậm nhất ngày 16/11/2026" in page
    assert "Nhận đủ giấy tờ trước 15 giờ ngày 16/11/2026: trả kết quả ngay trong ngày." in page


def test_while_papers_are_awaited_no_day_is_promised_and_after_the_hand_over_none_is_explained(
    client: FlaskClient, session: Session, world: World
) -> None:
    receipt = ask(session, world)
    receive(session, world, receipt.case_id)
    cases.request_papers(
        session,
        world.officer,
        receipt.case_id,
        expected_version=version(session, world, receipt.case_id),
        papers=("birth_paper",),
        reason="Ảnh mờ",
    )
    with clock.travelling(MONDAY + timedelta(days=1)):
        waiting = look(client, receipt.tracking_code, "5678").text
    assert "Vì sao chưa có ngày hẹn" in waiting
    assert "chờ gia đình bổ sung giấy tờ" in waiting
    assert "Chậm nhất" not in waiting
    assert "Đã quá ngày hẹn" not in waiting
    delivered = ask(session, world)
    receive(session, world, delivered.case_id)
    register(session, world, delivered.case_id)
    deliver(session, world, delivered.case_id)
    page = look(client, delivered.tracking_code, "5678").text
    assert "Gia đình đã nhận kết quả." in page
    assert "Vì sao" not in page


def test_a_missed_promise_is_said_plainly(client: FlaskClient, session: Session, world: World) -> None:
    receipt = ask(session, world)
    receive(session, world, receipt.case_id)
    with clock.travelling(MONDAY + timedelta(days=1)):
        page = look(client, receipt.tracking_code, "5678").text
    assert "Đã quá ngày hẹn trả kết quả. Xin ông/bà gọi xã để biết ngày mới." in page
    assert "0294 3874 001" in page


def test_what_to_have_ready_stands_there_until_the_papers_were_taken(
    client: FlaskClient, session: Session, world: World
) -> None:
    receipt = ask(session, world)
    assert "Cần có sẵn khi cán bộ đến" in look(client, receipt.tracking_code, "5678").text
    receive(session, world, receipt.case_id)
    assert "Cần có sẵn khi cán bộ đến" not in look(client, receipt.tracking_code, "5678").text


def test_a_request_that_ended_otherwise_promises_nothing_more(
    client: FlaskClient, session: Session, world: World
) -> None:
    receipt = ask(session, world)
    cases.withdraw(
        session,
        world.officer,
        receipt.case_id,
        expected_version=version(session, world, receipt.case_id),
        reason="Gia đình tự đến trụ sở.",
    )
    page = look(client, receipt.tracking_code, "5678").text
    assert "<h1>Gia đình rút yêu cầu</h1>" in page
    assert "Gia đình tự đến trụ sở." in page
    assert "dự kiến" not in page
    assert "Trao kết quả" not in page


def test_a_dossier_that_was_withdrawn_is_not_called_late(
    client: FlaskClient, session: Session, world: World
) -> None:
    receipt = ask(session, world)
    receive(session, world, receipt.case_id)
    current = version(session, world, receipt.case_id)
    cases.withdraw(
        session, world.officer, receipt.case_id, expected_version=current, reason="Gia đình chuyển đi."
    )
    with clock.travelling(MONDAY + timedelta(days=1)):
        page = look(client, receipt.tracking_code, "5678").text
    assert "Gia đình đã rút yêu cầu." in page
    assert "Đã quá ngày hẹn" not in page
    assert "Chậm nhất" not in page
    assert "Vì sao hẹn ngày này" not in page


@pytest.mark.parametrize(
    ("code", "fact", "sentence"),
    [
        ("", "5678", "Ông/bà ghi mã yêu cầu, gồm 10 chữ và số, ví dụ K7M3P-9QX2T."),
        ("22222-22222", "", "Ông/bà ghi bốn số cuối điện thoại đã để lại, hoặc sáu số của mã PIN."),
        ("A" * 10_000, "5678", "Ô này nhận nhiều nhất 40 ký tự. Ông/bà ghi ngắn lại."),
    ],
)
def test_an_empty_or_endless_box_gets_a_sentence(
    client: FlaskClient, code: str, fact: str, sentence: str
) -> None:
    answer = look(client, code, fact)
    assert answer.status_code == 422
    assert answer.text.count(sentence) == 2
    assert f'value="{code}"' in answer.text


@pytest.mark.parametrize("code", ["😀😀😀", "\x00", "ក្រមុំ", "<b>K7M3P</b>", "' OR 1=1 --"])
def test_odd_codes_are_simply_not_found(client: FlaskClient, code: str) -> None:
    assert look(client, code, "12٣4").status_code in (404, 422)


def test_the_family_sees_each_part_and_says_what_it_has_received(
    client: FlaskClient, session: Session, world: World
) -> None:
    receipt = ask(session, world, replace(BIRTH, procedure="birth_bundle"))
    assert "Các thủ tục đi cùng" not in look(client, receipt.tracking_code, "5678").text
    receive(session, world, receipt.case_id)
    page = look(client, receipt.tracking_code, "5678").text
    assert "Đã nhận thẻ bảo hiểm y tế" in page
    fields = dict(
        re.findall(r'name="(csrf_token|ticket)" value="([^"]+)"', page[page.index("Các thủ tục") :])
    )
    answer = client.post("/tra-cuu/da-nhan", data={**fields, "part": "health_insurance"})
    assert answer.status_code == 200
    assert "Gia đình đã báo nhận ngày 16/11/2026." in answer.text
    told = (
        session.execute(text("SELECT code FROM case_part WHERE told_received_at IS NOT NULL")).scalars().all()
    )
    assert told == ["health_insurance"]
    assert receipt.tracking_code not in answer.text


@pytest.mark.parametrize("ticket", ["", "x", "01a20bf5-d955-7000-a891-9aa01df39c2c.k1:AAAA"])
def test_without_a_ticket_nothing_is_noted(client: FlaskClient, session: Session, ticket: str) -> None:
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/tra-cuu").text)
    assert token is not None
    data = {"csrf_token": token.group(1), "ticket": ticket, "part": "health_insurance"}
    answer = client.post("/tra-cuu/da-nhan", data=data)
    assert answer.status_code == 422
    assert "Ông/bà ghi lại mã yêu cầu và số điện thoại, rồi bấm lại." in answer.text
