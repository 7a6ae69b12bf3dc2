from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from io import BytesIO
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy.orm import Session

from civreg.cases.queries import apologies_waiting
from civreg.deadlines import service as deadlines
from civreg.letters import queries as letters
from civreg.shared import clock
from civreg.work import run_waiting
from tests.web.officer_site import Desk, landed, now, sit
from tests.world import BIRTH, MARRIAGE, World, ask, receive, register


@pytest.fixture
def bundle(session: Session, world: World) -> UUID:
    case_id = ask(session, world, replace(BIRTH, procedure="birth_bundle")).case_id
    receive(session, world, case_id)
    session.commit()
    return case_id


def _states(session: Session, world: World, case_id: UUID) -> dict[str, str]:
    return {part.code: part.state for part in now(session, world, case_id).parts}


def test_a_bundle_opens_before_its_papers_came(session: Session, world: World, desk: Desk) -> None:
    case_id = ask(session, world, replace(BIRTH, procedure="birth_bundle")).case_id
    session.commit()
    answer = desk.open(f"/ho-so/{case_id}")
    assert answer.status_code == 200
    assert "Thủ tục thành phần" in answer.text


def test_an_officer_follows_each_part_to_its_end(
    session: Session, world: World, desk: Desk, bundle: UUID
) -> None:
    page = desk.open(f"/ho-so/{bundle}").text
    assert "Thủ tục thành phần" in page
    assert "Hẹn trả cả hồ sơ: <strong>19/11/2026</strong>" in page
    path = f"/ho-so/{bundle}/thanh-phan/residence"
    assert "Ghi: đã nộp trên Cổng DVCQG/VNeID" in desk.open(f"{path}/submit").text
    sent = desk.fill(f"{path}/submit", {"account": "officer", "portal_code": "000.G22-1"})
    assert landed(sent) == f"/ho-so/{bundle}"
    after = desk.open(f"/ho-so/{bundle}").text
    assert "000.G22-1" in after
    assert "(nhập hộ khẩu) – đã nộp trên Cổng DVCQG/VNeID." in after
    desk.fill(f"{path}/return", {"reason": "Thiếu giấy đồng ý của chủ hộ"})
    assert "Thiếu giấy đồng ý của chủ hộ" in desk.open(f"/ho-so/{bundle}").text
    desk.fill(f"{path}/submit", {"account": "family", "portal_code": "000.G22-2"})
    desk.fill(f"{path}/finish", {"result_number": "TT-77"})
    assert _states(session, world, bundle)["residence"] == "done"


def test_a_part_s_form_says_what_is_missing_and_keeps_what_was_typed(
    session: Session, world: World, desk: Desk, bundle: UUID
) -> None:
    answer = desk.fill(
        f"/ho-so/{bundle}/thanh-phan/residence/submit", {"portal_code": "000.G22-9", "account": ""}
    )
    assert answer.status_code == 422
    assert "Ông/bà chọn nộp bằng tài khoản của ai." in answer.text
    assert 'value="000.G22-9"' in answer.text
    assert _states(session, world, bundle)["residence"] == "open"


def test_a_step_that_does_not_fit_leads_back_and_says_why(desk: Desk, bundle: UUID) -> None:
    answer = desk.open(f"/ho-so/{bundle}/thanh-phan/residence/return")
    assert landed(answer) == f"/ho-so/{bundle}"
    assert "đang ở bước “Chưa nộp” nên chưa ghi được “Cơ quan trả lại”" in desk.open(f"/ho-so/{bundle}").text
    assert desk.open(f"/ho-so/{bundle}/thanh-phan/residence/fly").status_code == 404
    assert desk.open(f"/ho-so/{bundle}/thanh-phan/moon/submit").status_code == 404


def test_the_list_of_abandoned_parts_is_called_through(
    session: Session, world: World, client: FlaskClient, bundle: UUID
) -> None:
    register(session, world, bundle)
    session.commit()
    with clock.travelling(datetime(2026, 11, 26, 9, tzinfo=clock.ZONE)):
        desk = sit(client, session, "officer")
        page = desk.open("/ho-so/bo-do").text
        assert "3 thủ tục" in page
        assert "hơn 7 ngày" in page
        client.application.config["STUCK_PART_DAYS"] = 12
        assert "Đã đăng ký hộ tịch hơn 12 ngày" in desk.open("/ho-so/bo-do").text
        assert "3 thủ tục" not in desk.open("/ho-so/bo-do").text
        client.application.config["STUCK_PART_DAYS"] = 7
        assert 'href="tel:0912345678"' in page
        desk.send(desk.form("/ho-so/bo-do", "/residence/da-goi"))
        assert "2 thủ tục" in desk.open("/ho-so/bo-do").text


def test_a_missed_date_is_apologised_for_on_pages(
    session: Session, world: World, client: FlaskClient
) -> None:
    case_id = ask(session, world, MARRIAGE).case_id
    receive(session, world, case_id)
    with clock.travelling(datetime(2026, 11, 24, 8, tzinfo=clock.ZONE)):
        deadlines.sweep(session)
        run_waiting(session)
        [draft] = apologies_waiting(session, world.head)
        session.commit()
        head, officer = sit(client, session, "head"), sit(client, session, "officer")
        assert "Ký phiếu xin lỗi, hẹn lại" in head.open("/ban-lam-viec").text
        assert "Ký phiếu xin lỗi" not in officer.open("/ban-lam-viec").text
        path = f"/ho-so/{case_id}/xin-loi/{draft.id}"
        assert officer.open(f"{path}.pdf").status_code == 409
        with clock.travelling(
            datetime(2026, 12, 9, 8, tzinfo=clock.ZONE)
        ):  # the draft has lain for two weeks
            late = sit(client, session, "head").form(f"{path}/ky").fields
            assert (late["new_due_on_day"], late["new_due_on_month"]) == ("11", "12")
        head = sit(client, session, "head")
        typed = {"reason": "Phần mềm hộ tịch hỏng", "new_due_on_day": "28", "new_due_on_month": "11"}
        typed["new_due_on_year"] = "2026"
        refused = head.fill(f"{path}/ky", typed)
        assert refused.status_code == 422
        assert "Ngày hẹn mới là ngày nghỉ. Ông/bà chọn một ngày làm việc." in refused.text
        assert "Phần mềm hộ tịch hỏng" in refused.text
        assert landed(head.fill(f"{path}/ky", {**typed, "new_due_on_day": "27"})) == f"/ho-so/{case_id}"
        words = PdfReader(BytesIO(officer.open(f"{path}.pdf").data)).pages[0].extract_text()
        words = " ".join(words.split())
        assert "PHIẾU XIN LỖI VÀ HẸN LẠI NGÀY TRẢ KẾT QUẢ" in words
        assert "Lý do: Phần mềm hộ tịch hỏng" in words
        assert "27/11/2026" in words
        run_waiting(session)
        session.commit()
        assert "Thư xin lỗi đi cùng các thư khác: xem mục Thư." in officer.open(f"/ho-so/{case_id}").text
        (letter,) = letters.letters_of_case(session, world.head, case_id)
        assert letter.names in head.open("/thu?state=draft&loai=apology").text
        page = " ".join(head.open(f"/thu/{letter.id}").text.split())
        assert "Thư xin lỗi" in page
        assert "đã hẹn trả kết quả" in page
        assert "27 tháng 11 năm 2026" in page
        assert landed(head.fill(f"/thu/{letter.id}", to="/duyet")) == f"/thu/{letter.id}"
        assert "Đã duyệt, chờ cấp số" in officer.open(f"/thu/{letter.id}").text
        form = officer.form(f"/ho-so/{case_id}", "/da-bao")
        assert landed(officer.send(form, how="phone")) == f"/ho-so/{case_id}"
        assert "Đã báo gia đình" in officer.open(f"/ho-so/{case_id}").text
