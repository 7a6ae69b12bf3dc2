"""How many requests one phone or one address may send: generous, never counting a retry, losing nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from civreg.cases.service.requesting import ADDRESS_WITHIN, MOST_OF_ADDRESS, MOST_OF_PHONE, PHONE_WITHIN
from civreg.shared import clock, crypto, throttle
from tests.web.family import BIRTH, Family, count_cases, radios_of, tell_birth, token_of, value_of
from tests.world import MONDAY, World, build_world

CALL = f"{BIRTH}/goi-lai"
OF_PHONE = (
    "Số điện thoại này đã gửi 10 yêu cầu trong một ngày. Những gì ông/bà vừa ghi vẫn còn ở trang này. "
    "Xin gọi xã, số 0294 3874 001, để cán bộ ghi giúp."
)
OF_ADDRESS = (
    "Từ mạng này vừa có quá nhiều yêu cầu. Những gì ông/bà vừa ghi vẫn còn ở trang này; xin chờ một giờ rồi gửi lại. "
    "Cần gấp thì gọi xã, số 0294 3874 001."
)


@pytest.fixture
def world(session: Session) -> Iterator[World]:
    with clock.travelling(MONDAY):
        yield build_world(session)


@pytest.fixture
def family(client: FlaskClient) -> Family:
    return Family(client)


def call_me(
    family: Family, world: World, phone: str = "0912 345 678", key: str = "", address: str = ""
) -> TestResponse:
    page = family.open(CALL)
    body = {
        "csrf_token": token_of(page),
        "request_key": key or crypto.token(),
        "caller_name": "Sơn Thị Lành",
        "phone_owner": "own" if phone else "none",
        "phone": phone,
        "commune": str(world.tra_cu),
    }
    return family.client.post(CALL, data=body, environ_base={"REMOTE_ADDR": address or "203.0.113.7"})


def test_a_phone_sends_ten_requests_a_day(family: Family, session: Session, world: World) -> None:
    for _ in range(MOST_OF_PHONE):
        assert call_me(family, world).status_code == 303
    refused = call_me(family, world, phone="+84 912-345-678", address="198.51.100.9")
    assert refused.status_code == 429
    assert OF_PHONE in refused.text
    assert value_of(refused.text, "caller_name") == "Sơn Thị Lành"
    assert value_of(refused.text, "phone") == "+84 912-345-678"
    assert radios_of(refused.text, "phone_owner")["own"]
    assert radios_of(refused.text, "commune") == {str(world.tra_cu): True}
    assert count_cases(session) == MOST_OF_PHONE
    assert call_me(family, world, phone="0987 654 321").status_code == 303
    assert call_me(family, world, phone="").status_code == 303
    with clock.travelling(MONDAY + PHONE_WITHIN + timedelta(minutes=1)):
        assert call_me(family, world).status_code == 303


def test_sending_the_same_again_is_never_counted(family: Family, session: Session, world: World) -> None:
    key = crypto.token()
    for _ in range(MOST_OF_PHONE + 5):
        assert call_me(family, world, key=key).status_code == 303
    assert count_cases(session) == 1
    assert call_me(family, world).status_code == 303
    for _ in range(MOST_OF_PHONE - 2):
        call_me(family, world)
    assert call_me(family, world).status_code == 429
    assert call_me(family, world, key=key).status_code == 303, "a retry gets its receipt after the limit, too"


def test_an_address_has_a_limit_of_its_own(family: Family, session: Session, world: World) -> None:
    for _ in range(MOST_OF_ADDRESS):
        throttle.note_failure(session, "request.address", "203.0.113.7")
    session.commit()
    refused = call_me(family, world)
    assert refused.status_code == 429
    assert OF_ADDRESS in refused.text
    assert count_cases(session) == 0
    assert call_me(family, world, address="203.0.113.8").status_code == 303
    with clock.travelling(MONDAY + ADDRESS_WITHIN + timedelta(minutes=1)):
        assert call_me(family, world).status_code == 303


def test_the_review_page_stays_with_every_answer(family: Family, session: Session, world: World) -> None:
    for _ in range(MOST_OF_PHONE):
        throttle.note_failure(session, "request.phone", "0912345678")
    session.commit()
    body = family.body(family.open(tell_birth(family, world)))
    refused = family.client.post(f"{BIRTH}/xem-lai", data=body)
    assert refused.status_code == 429
    assert OF_PHONE in refused.text
    kept = family.body(refused.text)
    assert {name: kept[name] for name in body if name != "csrf_token"} == {
        name: value for name, value in body.items() if name != "csrf_token"
    }
    assert count_cases(session) == 0
