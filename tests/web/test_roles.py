"""The intake clerk (counter, hotline) and the auditor: what each may do, and where each stops."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.accounts.rules import Role
from civreg.shared import clock
from tests import world as small
from tests.web.officer_site import landed, sit
from tests.world import MONDAY, World, build_world


@pytest.fixture
def world(session: Session) -> Iterator[World]:
    with clock.travelling(MONDAY):
        built = build_world(session)
        small._user(session, "counter", Role.INTAKE_CLERK, built.tra_cu, "Lâm Thị Quầy")
        small._user(session, "counter.dai.an", Role.INTAKE_CLERK, built.dai_an, "Lâm Thị Khác")
        small._user(session, "auditor", Role.AUDITOR, built.tra_cu, "Trương Văn Soát")
        small._user(session, "auditor.dai.an", Role.AUDITOR, built.dai_an, "Trương Thị Xét")
        yield built


def test_the_counter_writes_a_request_down_and_completes_it(
    client: FlaskClient, session: Session, world: World
) -> None:
    desk = sit(client, session, "counter")
    typed = {"procedure": "birth_at_home", "requester_name": "Thạch Sa", "phone": "0912345678"}
    place = landed(desk.fill("/ho-so/moi", typed))
    page = desk.open(place)
    assert page.status_code == 200
    assert "Nhận hồ sơ" not in page.text
    assert "Từ chối đăng ký" not in page.text
    assert landed(desk.fill(f"{place}/sua", {"note": "Gọi sau 17 giờ"})) == place
    assert "Gọi sau 17 giờ" in desk.open(place).text
    assert landed(desk.send(desk.form(place, "/da-goi"))) == place
    assert desk.send(desk.form(place, "/ma-tra-cuu")).status_code == 200


def test_the_counter_stops_where_the_dossier_begins(
    client: FlaskClient, session: Session, world: World
) -> None:
    case_id = small.ask(session, world).case_id
    desk = sit(client, session, "counter")
    for step in ("nhan-ho-so", "so-dang-ky", "da-ky", "tra-ket-qua", "dong/withdraw", "lich-den-nha"):
        assert desk.open(f"/ho-so/{case_id}/{step}").status_code == 404, step
        assert desk.post(f"/ho-so/{case_id}/{step}", {}).status_code == 404, step
    for area in ("/thu", "/thong-ke", "/quan-tri"):
        assert desk.open(area).status_code == 403, area
    small.receive(session, world, case_id)
    opened = desk.form(f"/ho-so/{case_id}/sua")
    sent = desk.send(opened, note="sau khi nhận")
    assert sent.status_code == 403
    session.expire_all()
    assert session.execute(text("SELECT note FROM case_file WHERE id = :id"), {"id": case_id}).scalar() == ""
    assert "Sửa, bổ sung thông tin" not in desk.open(f"/ho-so/{case_id}").text
    assert desk.send(desk.form(f"/ho-so/{case_id}", "/ma-tra-cuu")).status_code == 200


def test_another_counter_and_a_stranger_find_no_case(
    client: FlaskClient, session: Session, world: World
) -> None:
    case_id = small.ask(session, world).case_id
    for person in ("counter.dai.an", "stranger"):
        desk = sit(client, session, person)
        for path in (f"/ho-so/{case_id}", f"/ho-so/{case_id}/sua"):
            assert desk.open(path).status_code == 404, (person, path)


def test_the_auditor_reads_the_log_and_nothing_else(
    client: FlaskClient, session: Session, world: World
) -> None:
    asked = small.ask(session, world)
    desk = sit(client, session, "auditor")
    page = desk.open("/quan-tri/nhat-ky")
    assert page.status_code == 200
    assert "<td>Ghi yêu cầu</td>" in page.text
    for secret in ("Thạch Thị Sa Rết", "0912", "Khmer"):
        assert secret not in page.text
    assert desk.open("/quan-tri").status_code == 200
    for area in ("/ban-lam-viec", "/ho-so", "/thu", "/thong-ke", "/quan-tri/tai-khoan", "/lich-den-nha"):
        assert desk.open(area).status_code == 403, area
    assert desk.open(f"/ho-so/{asked.case_id}").status_code == 404


def test_the_log_is_filtered_by_person_subject_and_day(
    client: FlaskClient, session: Session, world: World
) -> None:
    asked = small.ask(session, world)
    small.receive(session, world, asked.case_id)
    desk = sit(client, session, "auditor")

    def shown(query: str) -> str:
        return desk.open(f"/quan-tri/nhat-ky?{query}").text

    assert "<td>Nhận hồ sơ</td>" in shown("nguoi=officer")
    assert "<td>Ghi yêu cầu</td>" not in shown("nguoi=officer")
    assert "<td>Ghi yêu cầu</td>" in shown(f"ho_so={asked.code}")
    assert "Không có dòng nào khớp" in shown("ho_so=TC-2026-999999")
    assert "<td>Nhận hồ sơ</td>" in shown("ngay_day=16&ngay_month=11&ngay_year=2026")
    assert "Không có dòng nào khớp" in shown("ngay_day=15&ngay_month=11&ngay_year=2026")
    assert "Có chỗ cần sửa" in shown("ngay_day=31&ngay_month=2&ngay_year=2026")
    assert "<td>Xem hồ sơ</td>" in shown("loai=xem&nguoi=officer")
    assert "Không có dòng nào khớp" in shown("truoc=1")


def test_the_log_of_another_unit_is_not_shown(client: FlaskClient, session: Session, world: World) -> None:
    asked = small.ask(session, world)
    small.receive(session, world, asked.case_id)
    desk = sit(client, session, "auditor.dai.an")
    for kind in ("sua", "xem"):
        page = desk.open(f"/quan-tri/nhat-ky?loai={kind}").text
        body = page.partition("<tbody>")[2]
        assert "Nhận hồ sơ" not in body, kind
        assert "Xem hồ sơ" not in body, kind
        assert f">{asked.code}<" not in body, kind


def test_an_edited_row_is_named(client: FlaskClient, session: Session, world: World) -> None:
    small.ask(session, world)
    desk = sit(client, session, "auditor")
    assert "Nhật ký còn nguyên" in desk.send(desk.form("/quan-tri/nhat-ky", "/kiem-tra")).text
    # the application's role cannot edit a row; the end of a chain is what it may move
    session.execute(text("UPDATE audit_head SET seq = seq + 1 WHERE chain = :chain"), {"chain": world.tra_cu})
    session.commit()
    assert "đã bị can thiệp" in desk.send(desk.form("/quan-tri/nhat-ky", "/kiem-tra")).text
