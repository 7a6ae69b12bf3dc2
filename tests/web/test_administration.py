from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from civreg.accounts import queries, service
from civreg.accounts.rules import Role
from civreg.shared import clock, jobs
from civreg.units import queries as units
from civreg.units import service as service_of_units
from civreg.web.forms.units import find_units
from tests.accounts.phone import enrol
from tests.world import MONDAY, PASSWORD, World, _unit, _user, build_world


@pytest.fixture
def world(session: Session) -> Iterator[World]:
    with clock.travelling(MONDAY):
        yield build_world(session)


@pytest.fixture
def admin(client: FlaskClient, session: Session, world: World) -> FlaskClient:
    """The administrator of the province, signed in."""
    token, _ = service.sign_in(session, "administrator", PASSWORD)
    session.commit()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
    return client


def send(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    """Fill in the form of a page, as a browser does, and send it."""
    page = client.get(path).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    return client.post(path, data={"csrf_token": token.group(1), **fields})


def user_named(session: Session, username: str) -> queries.UserRow:
    row = queries.user_by_name(session, username)
    assert row is not None
    return row


NEW_USER = {
    "full_name": "Kim Thị Sa",
    "title": "Công chức",
    "username": "kim.thi.sa",
    "role": "officer",
    "unit_text": "tra cu",
}


def test_a_new_user_signs_in_with_the_password_shown_once(
    admin: FlaskClient, session: Session, world: World
) -> None:
    shown = send(admin, "/quan-tri/tai-khoan/moi", **NEW_USER)
    password = re.search(r'<code class="once">([^<]+)</code>', shown.text)
    assert password is not None
    service.sign_in(session, "kim.thi.sa", password.group(1))
    made = user_named(session, "kim.thi.sa")
    actor = queries.actor_for(session, made.id, clock.today())
    assert (actor.roles, actor.must_change_password) == ({Role.OFFICER}, True)
    assert actor.grants[0].unit_id == world.tra_cu
    assert password.group(1) not in admin.get(f"/quan-tri/tai-khoan/{made.id}").text


def test_everything_wrong_is_named_and_nothing_typed_is_lost(admin: FlaskClient) -> None:
    answer = send(admin, "/quan-tri/tai-khoan/moi", full_name="Kim Thị Sa", username="Kim Sa", unit_text="")
    assert answer.status_code == 422
    for said in ("Ông/bà chọn vai trò.", "Ông/bà ghi tên đơn vị"):
        assert said in answer.text
    assert 'value="Kim Thị Sa"' in answer.text
    assert 'href="#role"' in answer.text


def test_a_name_of_several_units_is_asked_back(admin: FlaskClient, session: Session, world: World) -> None:
    asked = send(admin, "/quan-tri/tai-khoan/moi", **{**NEW_USER, "unit_text": "xã"})
    assert asked.status_code == 422
    offered = re.findall(r'name="unit_id"\s+value="(\d+)"', asked.text)
    assert set(offered) == {str(world.tra_cu), str(world.dai_an)}
    chosen = {**NEW_USER, "unit_text": "xã", "unit_id": str(world.dai_an)}
    assert send(admin, "/quan-tri/tai-khoan/moi", **chosen).status_code == 200
    made = user_named(session, "kim.thi.sa")
    assert [grant.unit_id for grant in queries.grants_of(session, made.id)] == [world.dai_an]


@pytest.mark.parametrize("unit_id", ["999999", "-1", "0", "x", "9" * 30])
def test_a_unit_outside_is_no_unit(admin: FlaskClient, session: Session, unit_id: str) -> None:
    answer = send(
        admin, "/quan-tri/tai-khoan/moi", **{**NEW_USER, "unit_text": "khong co", "unit_id": unit_id}
    )
    assert answer.status_code == 422
    assert "Không có đơn vị tên này" in answer.text
    assert queries.user_by_name(session, "kim.thi.sa") is None


def test_name_and_title_are_corrected_and_nothing_else(
    admin: FlaskClient, session: Session, world: World
) -> None:
    path = f"/quan-tri/tai-khoan/{world.officer.user_id}"
    before = session.execute(
        text("SELECT username, is_active, password_hash FROM app_user ORDER BY id")
    ).all()
    sent = send(
        admin, path, full_name="Thạch Thị Hạnh", title="", username="khac", is_active="", id=str(uuid4())
    )
    assert sent.status_code == 302
    after = session.execute(text("SELECT username, is_active, password_hash FROM app_user ORDER BY id")).all()
    assert before == after
    assert "Thạch Thị Hạnh" in admin.get(path).text
    assert send(admin, path, full_name="   ").status_code == 422


def test_locking_asks_first_and_unlocking_opens_again(
    admin: FlaskClient, session: Session, world: World
) -> None:
    path = f"/quan-tri/tai-khoan/{world.officer.user_id}"
    assert "bị đăng xuất ở mọi nơi" in admin.get(f"{path}/khoa").text
    assert user_named(session, "officer").is_active
    send(admin, f"{path}/khoa")
    session.expire_all()
    assert not user_named(session, "officer").is_active
    token = re.search(r'name="csrf_token" value="([^"]+)"', admin.get(path).text)
    assert token is not None
    admin.post(f"{path}/mo-khoa", data={"csrf_token": token.group(1)})
    session.expire_all()
    assert user_named(session, "officer").is_active


def test_a_role_is_given_from_a_day_on_and_ended(admin: FlaskClient, session: Session, world: World) -> None:
    path = f"/quan-tri/tai-khoan/{world.stranger.user_id}/vai-tro"
    assert admin.get(path).status_code == 404  # nobody's yet
    path = f"/quan-tri/tai-khoan/{world.neighbour.user_id}/vai-tro"
    day = {"starts_on_day": "1", "starts_on_month": "12", "starts_on_year": "2026"}
    impossible = send(admin, path, role="head", unit_text="Trà Cú", **{**day, "starts_on_month": "13"})
    assert "Không có tháng 13" in impossible.text
    assert send(admin, path, role="head", unit_text="Trà Cú", **day).status_code == 302
    assert world.neighbour.user_id is not None
    given = queries.grants_of(session, world.neighbour.user_id)[0]
    assert (given.role, given.unit_id, str(given.starts_on)) == (Role.HEAD, world.tra_cu, "2026-12-01")
    assert send(admin, f"{path}/{given.id}/thoi").status_code == 302
    session.expire_all()
    assert all(
        grant.id != given.id or grant.ends_on == given.starts_on
        for grant in queries.grants_of(session, world.neighbour.user_id)
    )


def test_the_list_is_filtered_by_the_address(admin: FlaskClient) -> None:
    page = admin.get("/quan-tri/tai-khoan?q=thach").text
    assert "Thạch Thị Mỹ Hạnh" in page
    assert "Nguyễn Văn Lâm" not in page
    heads = admin.get("/quan-tri/tai-khoan?role=head").text
    assert "Nguyễn Văn Lâm" in heads
    assert "Thạch Thị Mỹ Hạnh" not in heads
    assert "Không có tài khoản nào khớp" in admin.get("/quan-tri/tai-khoan?q=%00%F0%9F%98%80zzz").text


TERMS = {
    "hotline": "0294 3874 009",
    "office_address": "Ấp Chợ",
    "call_within_working_days": "2",
    "signer_title": "CHỦ TỊCH",
    "signer_prefix": "TM. ỦY BAN NHÂN DÂN",
    "signer_name": "Kim Thị Sô Phia",
}


def test_a_unit_leaves_and_comes_back(admin: FlaskClient, session: Session, world: World) -> None:
    path = f"/quan-tri/don-vi/{world.tra_cu}"
    today = {"day": "16", "month": "11", "year": "2026"}
    ended = send(admin, f"{path}/ket-thuc", **{f"ends_on_{part}": value for part, value in today.items()})
    assert ended.headers["Location"] == "/quan-tri/don-vi"
    assert units.participation_of(session, world.tra_cu, clock.today()) is None
    assert admin.get(path).status_code == 404
    again = {f"starts_on_{part}": value for part, value in today.items()}
    assert send(admin, "/quan-tri/don-vi/moi", unit_text="Trà Cú", **again, **TERMS).status_code == 302
    row = units.participation_of(session, world.tra_cu, clock.today())
    assert row is not None
    assert (row.hotline, row.call_within_working_days) == ("0294 3874 009", 2)
    taken = send(admin, "/quan-tri/don-vi/moi", unit_text="Trà Cú", **again, **TERMS)
    assert taken.status_code == 422
    assert "đã tham gia từ ngày 16/11/2026" in taken.text


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("hotline", "", "Ghi số điện thoại"),
        ("hotline", "không có", "Ghi số điện thoại"),
        ("office_address", "x" * 10_000, "nhiều nhất 200 ký tự"),
        ("call_within_working_days", "mười", "từ 1 đến 10"),
        ("call_within_working_days", "0", "từ 1 đến 10"),
        ("signer_title", "", "chức danh"),
    ],
)
def test_terms_that_cannot_be_used_are_named_at_the_field(
    admin: FlaskClient, world: World, field: str, typed: str, said: str
) -> None:
    answer = send(admin, f"/quan-tri/don-vi/{world.tra_cu}", **{**TERMS, field: typed})
    assert answer.status_code == 422
    assert said in answer.text
    assert f'href="#{field}"' in answer.text


def test_terms_are_changed(admin: FlaskClient, session: Session, world: World) -> None:
    assert send(admin, f"/quan-tri/don-vi/{world.tra_cu}", **TERMS).status_code == 302
    row = units.participation_of(session, world.tra_cu, clock.today())
    assert row is not None
    assert row.hotline == "0294 3874 009"


def test_a_parked_job_gets_another_round(admin: FlaskClient, session: Session) -> None:
    subject = uuid4()
    jobs.enqueue(session, "letters.issue", subject)
    session.execute(text("UPDATE job SET state = 'parked', last_error = 'FontMissing', attempts = 5"))
    session.commit()
    page = admin.get("/quan-tri/viec").text
    assert "FontMissing" in page
    job_id = UUID(str(session.execute(text("SELECT id FROM job")).scalar_one()))
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    admin.post(f"/quan-tri/viec/{job_id}/chay-lai", data={"csrf_token": token.group(1)})
    assert session.execute(text("SELECT state, attempts FROM job")).one() == ("waiting", 0)
    assert "Không có việc nào bị dừng" in admin.get("/quan-tri/viec").text


def test_a_lost_phone_needs_two_administrators(admin: FlaskClient, session: Session, world: World) -> None:
    _user(session, "second.admin", Role.ADMINISTRATOR, world.province, "Người quản trị thứ hai")
    path = f"/quan-tri/tai-khoan/{world.officer.user_id}/khoi-phuc"
    assert "chưa bật mã xác thực" in admin.get(path).text
    enrol(session, world.officer)
    session.commit()
    assert send(admin, path, reason="").status_code == 422
    assert send(admin, path, reason="Mất điện thoại").status_code == 302
    asked = str(session.execute(text("SELECT id FROM recovery")).scalar_one())
    page = admin.get(path).text
    assert "Xác nhận khôi phục" not in page
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    alone = admin.post(f"{path}/xac-nhan", data={"csrf_token": token.group(1), "recovery_id": asked})
    assert alone.status_code == 422
    other, _ = service.sign_in(session, "second.admin", PASSWORD)
    session.commit()
    with admin.session_transaction() as cookie:
        cookie["_user_id"] = other
    page = admin.get(path).text
    assert "Mất điện thoại" in page
    shown = admin.post(f"{path}/xac-nhan", data={"csrf_token": token.group(1), "recovery_id": asked})
    password = re.search(r'<code class="once">([^<]+)</code>', shown.text)
    assert password is not None
    assert service.sign_in(session, "officer", password.group(1))


def test_hamlets_are_added_renamed_and_taken_off(admin: FlaskClient, session: Session, world: World) -> None:
    path = f"/quan-tri/don-vi/{world.tra_cu}/ap-khom"
    assert path in admin.get(f"/quan-tri/don-vi/{world.tra_cu}").text
    assert "Chưa có ấp, khóm nào" in admin.get(path).text
    send(admin, path, name="Ấp Chợ", old_commune="Xã Ngãi Xuyên")
    send(admin, path, name="Ấp Nhì")
    clash = send(admin, path, name="Ấp Nhì")
    assert clash.status_code == 409
    assert "Đã có Ấp Nhì trong danh sách. Ghi tên khác hoặc dùng dòng đã có." in clash.text
    market, second = sorted(units.hamlets_of(session, world.tra_cu), key=lambda row: row.name)
    assert (market.name, market.old_commune, second.old_commune) == ("Ấp Chợ", "Xã Ngãi Xuyên", None)
    long = send(admin, path, hamlet=str(second.id), name="x" * 81)
    assert long.status_code == 422
    assert "Ghi tên ấp, khóm, không quá 80 chữ." in long.text
    assert "x" * 81 in long.text
    send(admin, path, hamlet=str(second.id), name="Ấp Ba")
    send(admin, path, hamlet=str(market.id), name="", remove="1")
    session.expire_all()
    assert [row.name for row in units.hamlets_of(session, world.tra_cu)] == ["Ấp Ba"]


def test_a_hamlet_of_another_unit_is_not_found(admin: FlaskClient, session: Session, world: World) -> None:
    there = service_of_units.add_hamlet(session, world.dai_an, "Ấp Chợ")
    session.commit()
    path = f"/quan-tri/don-vi/{world.tra_cu}/ap-khom"
    assert send(admin, path, hamlet=str(there), name="", remove="1").status_code == 404
    assert len(units.hamlets_of(session, world.dai_an)) == 1


def test_units_to_choose_are_read_from_the_left(session: Session, world: World) -> None:
    """Not by the last syllable as people are: Đại An, Long Đức, Trà Cú."""
    third = _unit(session, "29500", "Xã Long Đức", "commune", "86")
    found = find_units(session, "xã", [third, world.tra_cu, world.dai_an])
    assert [unit.name for unit in found] == ["Xã Đại An", "Xã Long Đức", "Xã Trà Cú"]
