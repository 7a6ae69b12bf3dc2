"""Pages of asking for papers: once, edited the same day, again, and a new paper on the head's tap."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from civreg.cases import service as cases
from civreg.shared import clock
from civreg.web.cases.supplements import SENT, SENT_AT_INTAKE, WAITS
from tests.shared.paper_reading import words
from tests.web.officer_site import Desk, landed, now, sit
from tests.web.staff_browser import errors
from tests.world import BIRTH, MARRIAGE, MONDAY, World, ask, papers_of, receive, version


@pytest.fixture
def asked(session: Session, world: World) -> UUID:
    """A marriage whose first paper was asked for and came."""
    case_id = ask(session, world, MARRIAGE).case_id
    receive(session, world, case_id)
    first = papers_of(session, world, case_id)[:1]
    for verb, more in ((cases.request_papers, {"reason": "Ảnh mờ"}), (cases.take_papers, {})):
        current = version(session, world, case_id)
        verb(session, world.officer, case_id, expected_version=current, papers=first, **more)  # type: ignore[operator]
    session.commit()
    return case_id


def test_a_new_paper_waits_for_the_head_who_agrees_with_one_tap_on_her_desk(
    client: FlaskClient, session: Session, world: World, desk: Desk, asked: UUID
) -> None:
    path, second = f"/ho-so/{asked}", papers_of(session, world, asked)[1]
    shown = desk.open(f"{path}/bo-sung").text
    assert "Đã yêu cầu ngày 16/11/2026." in shown
    assert "Thêm giấy tờ mới thì cần lãnh đạo đồng ý." in shown
    typed = {f"paper.{second}": "1", "reason": "Bên nữ từng ly hôn, lần trước chưa biết"}
    assert landed(desk.fill(f"{path}/bo-sung", typed)) == path
    shown = desk.open(path).text
    assert WAITS in shown
    assert "Chờ lãnh đạo đồng ý" in shown
    assert "Đồng ý yêu cầu thêm" not in shown
    assert "chờ ông/bà đồng ý" not in desk.open("/ban-lam-viec").text
    head, neighbour = sit(client, session, "head"), sit(client, session, "neighbour")
    assert "chờ ông/bà đồng ý" not in neighbour.open("/ban-lam-viec").text
    on_desk = head.open("/ban-lam-viec").text
    assert "Yêu cầu thêm giấy tờ mới, chờ ông/bà đồng ý" in on_desk
    assert "Bên nữ từng ly hôn, lần trước chưa biết" in on_desk
    form = head.form("/ban-lam-viec", f"/bo-sung/{now(session, world, asked).supplements[0].id}")
    assert neighbour.post(form.action, {"expected_version": "1", "answer": "agree"}).status_code == 404
    assert desk.post(form.action, {"expected_version": "1", "answer": "agree"}).status_code == 404
    assert landed(head.send(form, answer="agree")) == path
    page = now(session, world, asked)
    assert (page.state, page.supplements[0].state) == ("papers_requested", "sent")
    shown = desk.open(path).text
    assert "thêm giấy tờ mới (lãnh đạo đồng ý: Nguyễn Văn Lâm)" in shown
    again = head.send(form, answer="agree")
    assert again.status_code == 409
    assert "Hồ sơ vừa có người khác cập nhật." in again.text


def test_the_head_says_no_and_the_officer_reads_why(
    client: FlaskClient, session: Session, world: World, desk: Desk, asked: UUID
) -> None:
    path, second = f"/ho-so/{asked}", papers_of(session, world, asked)[1]
    desk.fill(f"{path}/bo-sung", {f"paper.{second}": "1", "reason": "Cho chắc"})
    asking = now(session, world, asked).supplements[0].id
    head = sit(client, session, "head")
    shown = head.open(f"{path}/bo-sung/{asking}").text
    assert "Đã yêu cầu bổ sung một lần rồi." in shown
    assert "<strong>Lý do:</strong> Cho chắc" in shown
    refused = head.fill(f"{path}/bo-sung/{asking}", {"reason": ""})
    assert refused.status_code == 422
    assert errors(refused) == ["Ông/bà ghi lý do không đồng ý để công chức biết cách giải quyết tiếp."]
    assert (
        landed(
            head.send(head.form_in(refused, f"{path}/bo-sung/{asking}"), reason="Tra cứu được, không cần hỏi")
        )
        == path
    )
    shown = desk.open(path).text
    assert "Lãnh đạo không đồng ý" in shown
    assert "Lãnh đạo: Tra cứu được, không cần hỏi" in shown
    assert now(session, world, asked).state == "dossier_received"
    late = head.open(f"{path}/bo-sung/{asking}")
    assert landed(late) == path
    assert "Yêu cầu bổ sung này đã có người trả lời." in head.open(path).text


def test_at_intake_the_clock_does_not_run_and_the_same_day_s_edit_is_no_new_round(
    session: Session, world: World, desk: Desk
) -> None:
    case_id = ask(session, world, MARRIAGE).case_id
    session.commit()
    path, (first, second) = f"/ho-so/{case_id}", papers_of(session, world, case_id)[:2]
    assert "Hướng dẫn một lần, ghi đủ giấy tờ còn thiếu (Luật Hộ tịch điều 9)." in desk.open(
        f"{path}/bo-sung"
    ).text  # fmt: skip
    assert landed(desk.fill(f"{path}/bo-sung", {f"paper.{first}": "1", "reason": "Chưa có"})) == path
    assert SENT_AT_INTAKE in desk.open(path).text
    edit = desk.form(f"{path}/bo-sung")
    assert "Sửa yêu cầu bổ sung" in desk.open(f"{path}/bo-sung").text
    assert (edit.fields["reason"], edit.fields[f"paper.{first}"]) == ("Chưa có", "1")
    assert landed(desk.send(edit, **{f"paper.{second}": "1", "reason": "Chưa có cả hai"})) == path
    page = now(session, world, case_id)
    assert [(one.kind, one.state, one.codes) for one in page.supplements] == [
        ("first", "sent", (first, second))
    ]
    assert page.state == "requested"
    printed = words(desk.open(f"{path}/in/phieu-yeu-cau-bo-sung.pdf").data)
    assert "Lần yêu cầu: 01" in printed
    assert "Thời hạn giải quyết tính từ khi nhận đủ giấy tờ" in printed
    assert "tạm dừng" not in printed
    assert "Sửa yêu cầu bổ sung" not in desk.open(f"{path}/bo-sung").text
    assert not now(session, world, case_id).edits_supplement


def test_what_is_missing_is_asked_for_again_without_the_head(
    session: Session, world: World, desk: Desk, client: FlaskClient
) -> None:
    case_id = ask(session, world, replace(BIRTH, procedure="birth_bundle")).case_id
    receive(session, world, case_id)
    session.commit()
    path, (first, second) = f"/ho-so/{case_id}", papers_of(session, world, case_id)[:2]
    desk.fill(f"{path}/bo-sung", {f"paper.{first}": "1", "reason": "Ảnh mờ"})
    assert SENT in desk.open(path).text
    with clock.travelling(MONDAY + timedelta(days=1)):
        desk = sit(client, session, "officer")
        form = desk.form(f"{path}/bo-sung")
        assert (form.fields["reason"], form.fields[f"paper.{first}"]) == ("", "1")
        assert landed(desk.send(form, reason="Nhắc lại")) == path
        newest, earlier = now(session, world, case_id).supplements
        assert newest.kind == "still_missing"
        page = desk.open(path).text
        assert f'href="{path}/bo-sung/{earlier.id}.pdf"' in page
        assert f'href="{path}/bo-sung/{newest.id}.pdf"' not in page, "the group “In giấy” has it"
        assert "Lý do: Ảnh mờ." in words(desk.open(f"{path}/bo-sung/{earlier.id}.pdf").data)
        assert desk.open(f"{path}/bo-sung/{case_id}.pdf").status_code == 404
        assert landed(desk.fill(f"{path}/nhan-bo-sung", {f"paper.{first}": "1"})) == path
        by_police = {f"paper.{second}": "1", "other_agency": "1", "reason": "Công an xã yêu cầu"}
        assert landed(desk.fill(f"{path}/bo-sung", by_police)) == path
        assert now(session, world, case_id).supplements[0].kind == "other_agency"
        assert "cơ quan khác yêu cầu" in desk.open(path).text


def test_the_head_s_desk_counts_the_rounds_of_three_months(
    client: FlaskClient, session: Session, world: World, desk: Desk, asked: UUID
) -> None:
    head = sit(client, session, "head")
    shown = head.open("/ban-lam-viec").text
    assert "Số lần yêu cầu bổ sung giấy tờ" in shown
    row = shown[shown.index("<td>11/2026</td>") :]
    assert row.startswith(
        '<td>11/2026</td><td class="num">0</td><td class="num">1</td><td class="num">0</td><td class="num">0</td>'
    )
    assert "Số lần yêu cầu bổ sung giấy tờ" not in desk.open("/ban-lam-viec").text
    with clock.travelling(MONDAY + timedelta(days=95)):
        assert "Số lần yêu cầu" not in sit(client, session, "head").open("/ban-lam-viec").text


def test_each_no_says_who_may_say_it_and_what_follows(
    client: FlaskClient, session: Session, world: World, desk: Desk, asked: UUID
) -> None:
    asking = ask(session, world).case_id
    session.commit()
    shown = desk.open(f"/ho-so/{asking}").text
    assert "Công chức quyết định. Gia đình làm việc này ở trụ sở; lịch hẹn gọi, hẹn đến khép lại." in shown
    assert (
        "Công chức quyết định. Việc thuộc đơn vị khác; đơn vị ấy gọi gia đình và nhận yêu cầu mới." in shown
    )
    officer = desk.open(f"/ho-so/{asked}").text
    assert "Ông/bà trình lãnh đạo: chỉ lãnh đạo từ chối, bằng văn bản có lý do." in officer
    assert "/dong/refuse" not in officer
    head = sit(client, session, "head").open(f"/ho-so/{asked}").text
    assert "Chỉ lãnh đạo đơn vị quyết định, bằng văn bản có lý do (Luật Hộ tịch điều 5)." in head
    assert f"/ho-so/{asked}/dong/refuse" in head
