"""The auditor sees who changed and who looked, by code and field names, and nothing of a case."""

from __future__ import annotations

import re
from dataclasses import replace

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from civreg.accounts.rules import Role
from tests import world as small
from tests.web.officer_site import Desk, sit
from tests.world import World, ask, case_page


def _auditor(client: FlaskClient, session: Session, world: World) -> Desk:
    small._user(session, "auditor", Role.AUDITOR, world.province, "Người kiểm tra")
    session.commit()
    return sit(client, session, "auditor")


def test_the_auditor_reads_the_trail_and_no_case(client: FlaskClient, session: Session, world: World) -> None:
    receipt = ask(session, world)
    case_page(session, world.officer, receipt.case_id)
    desk = _auditor(client, session, world)
    changes = desk.open("/quan-tri/nhat-ky").text
    code = case_page(session, world.officer, receipt.case_id).code
    row = rf'<td>Ghi yêu cầu</td>\s*<td>Hồ sơ <span class="tabular">{code}</span></td>'
    assert re.search(row, changes)
    assert "case.requested" not in changes
    looks = desk.open("/quan-tri/nhat-ky?loai=xem").text
    assert "<td>Xem hồ sơ</td>" in looks
    assert "case_page" not in looks
    for page in (changes, looks):
        for canary in ("Sa Rết", "Kim Sô Khane", "0912345678", "Khmer"):
            assert canary not in page
    assert desk.open(f"/ho-so/{receipt.case_id}").status_code == 404
    assert desk.open("/quan-tri/tai-khoan").status_code == 403


def test_the_auditor_lets_the_chains_be_walked(client: FlaskClient, session: Session, world: World) -> None:
    ask(session, world)
    desk = _auditor(client, session, world)
    answer = desk.send(desk.form("/quan-tri/nhat-ky", "/kiem-tra"))
    assert answer.status_code == 200
    assert "còn nguyên" in answer.text


def test_an_intake_clerk_records_and_completes_but_takes_no_papers(
    client: FlaskClient, session: Session, world: World
) -> None:
    small._user(session, "intake", Role.INTAKE_CLERK, world.tra_cu, "Người tiếp nhận")
    session.commit()
    desk = sit(client, session, "intake")
    sent = desk.fill(
        "/ho-so/moi", {"procedure": "birth_at_home", "requester_name": "Lâm Thị Tư", "channel": "phone"}
    )
    assert sent.status_code == 302
    case = str(sent.headers["Location"])
    assert "Lâm Thị Tư" in desk.open(case).text
    assert desk.open(f"{case}/sua").status_code == 200
    assert desk.open(f"{case}/nhan-ho-so").status_code == 404
    assert desk.open("/thu").status_code == 403


def test_an_intake_clerk_is_shown_no_door_that_is_shut(
    client: FlaskClient, session: Session, world: World
) -> None:
    small._user(session, "intake", Role.INTAKE_CLERK, world.tra_cu, "Người tiếp nhận")
    case_id = ask(session, world, replace(small.BIRTH, procedure="birth_bundle")).case_id
    small.receive(session, world, case_id)
    session.commit()
    desk = sit(client, session, "intake")
    page = desk.open(f"/ho-so/{case_id}").text
    assert "Thủ tục thành phần" in page
    assert "/thanh-phan/" not in page
    assert "/ho-so/bo-do" not in desk.open("/ho-so").text
    assert "/ho-so/bo-do" in sit(client, session, "officer").open("/ho-so").text
