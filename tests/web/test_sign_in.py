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
from tests.accounts.phone import Phone, enrol
from tests.world import MONDAY, PASSWORD, World, ask, build_world


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


def test_the_code_is_asked_and_what_was_typed_is_carried_through(
    client: FlaskClient, session: Session, world: World
) -> None:
    phone = enrol(session, world.officer)
    session.commit()
    case_id = ask(session, world).case_id
    path = f"/ho-so/{case_id}/sua"
    carried = {"kept_action": path, "kept.note": "Gọi sau 17 giờ", "kept.expected_version": "1"}
    asked = sign_in(client, "officer", **carried)
    assert (asked.status_code, 'name="kept.note" value="Gọi sau 17 giờ"' in asked.text) == (200, True)
    assert client.get("/ban-lam-viec").headers["Location"].startswith("/dang-nhap")
    typed = {"csrf_token": token_of(asked), **carried}
    wrong = client.post("/dang-nhap/ma-xac-thuc", data={**typed, "code": "12"})
    assert wrong.status_code == 422
    assert 'name="kept.note" value="Gọi sau 17 giờ"' in wrong.text
    offered = client.post("/dang-nhap/ma-xac-thuc", data={**typed, "code": phone.code()})
    assert f'action="{path}"' in offered.text
    assert client.get_cookie("civreg_device") is None
    assert client.get(path).status_code == 200


def test_a_trusted_browser_goes_straight_on(client: FlaskClient, session: Session, world: World) -> None:
    phone = enrol(session, world.officer)
    session.commit()
    code = {"csrf_token": token_of(sign_in(client, "officer")), "code": phone.code(), "trust": "1"}
    entered = client.post("/dang-nhap/ma-xac-thuc", data=code)
    assert entered.headers["Location"] == "/ban-lam-viec"
    header = next(line for line in entered.headers.getlist("Set-Cookie") if line.startswith("civreg_device="))
    assert "HttpOnly" in header
    assert "SameSite=Lax" in header
    client.post("/dang-xuat", data={"csrf_token": token_of(client.get("/mat-khau"))})
    assert sign_in(client, "officer").headers["Location"] == "/ban-lam-viec"


def test_the_sixth_code_is_refused_even_when_right(
    client: FlaskClient, session: Session, world: World
) -> None:
    phone = enrol(session, world.officer)
    session.commit()
    token = token_of(sign_in(client, "officer"))
    statuses = [
        client.post("/dang-nhap/ma-xac-thuc", data={"csrf_token": token, "code": "1"}).status_code
        for _ in range(service.TRIES)
    ]
    assert statuses == [422] * service.TRIES
    locked = client.post("/dang-nhap/ma-xac-thuc", data={"csrf_token": token, "code": phone.code()})
    assert locked.status_code == 429


def test_a_code_without_a_password_leads_to_the_beginning(client: FlaskClient, world: World) -> None:
    token = token_of(client.get("/dang-nhap"))
    assert client.get("/dang-nhap/ma-xac-thuc").headers["Location"] == "/dang-nhap"
    sent = client.post("/dang-nhap/ma-xac-thuc", data={"csrf_token": token, "code": "123456"})
    assert sent.status_code == 422
    assert "đăng nhập lại từ đầu" in sent.text


def test_enrolling_shows_the_key_once_and_only_ones_own(
    client: FlaskClient, session: Session, world: World
) -> None:
    sign_in(client, "officer")
    page = client.get("/tai-khoan/ma-xac-thuc")
    assert "second-factor-key" not in page.text
    other = {"user_id": str(world.head.user_id), "username": "head"}
    fields = {"csrf_token": token_of(page), "password": PASSWORD, **other}
    assert client.post("/tai-khoan/ma-xac-thuc/bat-dau", data=fields).status_code == 302
    page = client.get("/tai-khoan/ma-xac-thuc")
    key = re.search(r'second-factor-key">([^<]+)<', page.text)
    assert key is not None
    assert "<svg" in page.text
    code = Phone.with_key(key.group(1)).code()
    assert (
        client.post("/tai-khoan/ma-xac-thuc", data={"csrf_token": token_of(page), "code": code}).status_code
        == 302
    )
    assert key.group(1) not in client.get("/tai-khoan/ma-xac-thuc").text
    enrolled = session.execute(
        text("SELECT username FROM app_user WHERE totp_confirmed_at IS NOT NULL")
    ).scalars()
    assert list(enrolled) == ["officer"]


def test_an_office_that_requires_it_lets_nobody_pass_before(
    app: Flask, client: FlaskClient, session: Session, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = app.extensions["civreg_settings"].model_copy(
        update={"require_second_factor": "administrators"}
    )
    monkeypatch.setitem(app.extensions, "civreg_settings", settings)
    sign_in(client, "officer")
    assert client.get("/ban-lam-viec").status_code == 200
    client.post("/dang-xuat", data={"csrf_token": token_of(client.get("/mat-khau"))})
    sign_in(client, "administrator")
    for path in ("/quan-tri", f"/quan-tri/tai-khoan/{world.officer.user_id}", "/tai-khoan"):
        assert client.get(path).headers["Location"] == "/tai-khoan/ma-xac-thuc"
    assert "Đơn vị yêu cầu" in client.get("/tai-khoan/ma-xac-thuc").text
    enrol(session, world.administrator)
    session.commit()
    assert client.get("/quan-tri").status_code == 200


def test_one_sees_where_one_is_signed_in_and_signs_out_elsewhere(
    client: FlaskClient, session: Session, world: World
) -> None:
    elsewhere, _ = service.sign_in(session, "officer", PASSWORD)
    others, _ = service.sign_in(session, "head", PASSWORD)
    session.commit()
    sign_in(client, "officer")
    page = client.get("/tai-khoan")
    assert (page.text.count("<td>Máy này</td>"), page.text.count("<td>Máy khác</td>")) == (1, 1)
    client.post("/tai-khoan/dang-xuat-noi-khac", data={"csrf_token": token_of(page)})
    session.expire_all()
    assert service.actor_of_token(session, elsewhere) is None
    assert service.actor_of_token(session, others) is not None
    assert "<td>Máy khác</td>" not in client.get("/tai-khoan").text


def test_a_case_edited_over_the_time_out_is_saved_after_signing_in(
    client: FlaskClient, session: Session, world: World
) -> None:
    case_id = ask(session, world).case_id
    session.commit()
    sign_in(client, "officer")
    path = f"/ho-so/{case_id}/sua"
    fields = dict(
        re.findall(r'<input type="hidden"\s+name="([^"]+)"\s+value="([^"]*)"', client.get(path).text)
    )
    typed = {**fields, "note": "Nhà sau chùa, gọi trước"}
    with clock.travelling(MONDAY + service.IDLE + timedelta(minutes=1)):
        asked = client.post(path, data=typed)
        assert asked.status_code == 401
        carried = dict(re.findall(r'<input type="hidden"\s+name="(kept[^"]+)"\s+value="([^"]*)"', asked.text))
        assert carried["kept.note"] == "Nhà sau chùa, gọi trước"
        offered = sign_in(client, "officer", **carried)
        again = dict(re.findall(r'<input type="hidden"\s+name="([^"]+)"\s+value="([^"]*)"', offered.text))
        assert client.post(path, data=again).headers["Location"] == f"/ho-so/{case_id}"
    session.expire_all()
    stored = session.execute(text("SELECT note FROM case_file WHERE id = :id"), {"id": case_id}).scalar_one()
    assert stored == "Nhà sau chùa, gọi trước"
