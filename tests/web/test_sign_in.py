from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from civreg.accounts import service
from civreg.shared import clock
from tests.world import MONDAY, PASSWORD, World, build_world


@pytest.fixture
def world(session: Session) -> Iterator[World]:
    with clock.travelling(MONDAY):
        yield build_world(session)


def token_of(answer: TestResponse) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', answer.text)
    assert found is not None
    return found.group(1)


def sign_in(client: FlaskClient, username: str, password: str = PASSWORD, **more: str) -> TestResponse:
    token = token_of(client.get("/dang-nhap"))
    return client.post(
        "/dang-nhap", data={"csrf_token": token, "username": username, "password": password, **more}
    )


@pytest.mark.parametrize(
    ("person", "place"),
    [("officer", "/ban-lam-viec"), ("head", "/ban-lam-viec"), ("administrator", "/quan-tri"), ("stranger", "/mat-khau")],
)  # fmt: skip
def test_one_lands_in_the_first_area_one_may_enter(
    client: FlaskClient, world: World, person: str, place: str
) -> None:
    answer = sign_in(client, person)
    assert (answer.status_code, answer.headers["Location"]) == (302, place)
    assert client.get(place).status_code == 200


def test_the_page_one_wanted_comes_after(client: FlaskClient, world: World) -> None:
    asked = client.get("/quan-tri/tai-khoan?q=h%E1%BA%A1nh")
    assert asked.headers["Location"].startswith("/dang-nhap?next=/quan-tri/tai-khoan")
    answer = sign_in(client, "administrator", next="/quan-tri/tai-khoan?q=hạnh")
    assert answer.headers["Location"].startswith("/quan-tri/tai-khoan?q=")


@pytest.mark.parametrize(
    "target",
    [
        "https://xau.example/",
        "//xau.example",
        "/\\xau.example",
        "javascript:alert(1)",
        "/\t/xau.example",
        "xau",
        "",
    ],
)
def test_nobody_is_led_to_another_site(client: FlaskClient, world: World, target: str) -> None:
    assert sign_in(client, "administrator", next=target).headers["Location"] == "/quan-tri"


def test_the_name_stays_and_the_password_does_not(client: FlaskClient, world: World) -> None:
    answer = sign_in(client, "officer", "sai mật khẩu rồi")
    assert answer.status_code == 422
    assert 'value="officer"' in answer.text
    assert "sai mật khẩu rồi" not in answer.text
    assert "Tên đăng nhập hoặc mật khẩu chưa đúng" in answer.text


def test_the_sixth_try_is_refused_even_with_the_right_password(client: FlaskClient, world: World) -> None:
    statuses = [sign_in(client, "officer", "sai").status_code for _ in range(service.TRIES)]
    assert statuses == [422] * service.TRIES
    locked = sign_in(client, "officer")
    assert locked.status_code == 429
    assert "chờ 15 phút" in locked.text


def test_a_new_session_replaces_the_cookie(client: FlaskClient, world: World) -> None:
    client.get("/dang-nhap")
    with client.session_transaction() as cookie:
        cookie["planted"] = "by somebody"
    sign_in(client, "administrator")
    with client.session_transaction() as cookie:
        first = cookie["_user_id"]
        assert "planted" not in cookie
    client.post("/dang-xuat", data={"csrf_token": token_of(client.get("/mat-khau"))})
    sign_in(client, "administrator")
    with client.session_transaction() as cookie:
        assert cookie["_user_id"] != first


def test_a_copied_cookie_dies_at_sign_out(client: FlaskClient, world: World) -> None:
    sign_in(client, "administrator")
    copied = client.get_cookie("civreg")
    assert copied is not None
    answer = client.post("/dang-xuat", data={"csrf_token": token_of(client.get("/quan-tri/tai-khoan"))})
    assert answer.headers["Location"] == "/dang-nhap"
    client.set_cookie("civreg", copied.value)
    assert client.get("/quan-tri").headers["Location"].startswith("/dang-nhap")


def test_sign_out_by_a_link_does_nothing(client: FlaskClient, world: World) -> None:
    sign_in(client, "administrator")
    assert client.get("/dang-xuat").status_code == 405
    assert client.get("/quan-tri").status_code == 200


def test_an_idle_session_asks_again_and_says_why(client: FlaskClient, world: World) -> None:
    sign_in(client, "administrator")
    with clock.travelling(MONDAY + service.IDLE + timedelta(seconds=1)):
        asked = client.get("/quan-tri")
        assert "expired=1" in asked.headers["Location"]
        assert "Phiên làm việc đã hết" in client.get(asked.headers["Location"]).text


def test_what_was_typed_survives_the_end_of_the_session(
    client: FlaskClient, session: Session, world: World
) -> None:
    sign_in(client, "administrator")
    path = f"/quan-tri/tai-khoan/{world.officer.user_id}"
    token = token_of(client.get(path))
    session.execute(text("UPDATE sign_in SET ended_at = now()"))
    session.commit()
    asked = client.post(path, data={"csrf_token": token, "full_name": "Thạch Thị Hạnh", "title": "Công chức"})
    assert asked.status_code == 401
    assert 'name="kept.full_name" value="Thạch Thị Hạnh"' in asked.text
    carried = {"kept_action": path, "kept.full_name": "Thạch Thị Hạnh", "kept.title": "Công chức"}
    wrong = sign_in(client, "administrator", "sai", **carried)
    assert 'name="kept.title" value="Công chức"' in wrong.text
    offered = sign_in(client, "administrator", **carried)
    assert f'action="{path}"' in offered.text
    sent = client.post(
        path, data={"csrf_token": token_of(offered), "full_name": "Thạch Thị Hạnh", "title": "Công chức"}
    )
    assert sent.status_code == 302
    assert "Thạch Thị Hạnh" in client.get(path).text


def test_a_given_password_must_be_changed_first(client: FlaskClient, session: Session, world: World) -> None:
    assert world.officer.user_id is not None
    given = service.reset_password(session, world.administrator, world.officer.user_id)
    session.commit()
    assert sign_in(client, "officer", given).headers["Location"] == "/mat-khau"
    assert client.get("/ban-lam-viec").headers["Location"] == "/mat-khau"
    page = client.get("/mat-khau")
    assert "do người quản trị cấp" in page.text
    fields = {"csrf_token": token_of(page), "old_password": given}
    differ = client.post(
        "/mat-khau", data={**fields, "new_password": "a" * 14, "new_password_again": "b" * 14}
    )
    assert differ.status_code == 422
    assert "chưa giống nhau" in differ.text
    new = "con sông chảy qua trước nhà"
    changed = client.post("/mat-khau", data={**fields, "new_password": new, "new_password_again": new})
    assert changed.headers["Location"] == "/ban-lam-viec"
    assert client.get("/ban-lam-viec").status_code == 200


def test_the_cookie_is_closed_to_scripts_and_other_sites(
    app: Flask, client: FlaskClient, world: World
) -> None:
    header = sign_in(client, "administrator").headers["Set-Cookie"]
    assert "HttpOnly" in header
    assert "SameSite=Lax" in header
    assert "Path=/" in header
