"""A clock that stands still misses nothing, the page leads to what ends the wait, and a case that ended offers no work."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from civreg.cases import export
from civreg.cases import service as cases
from civreg.cases.queries import case_page, outside_waits_of
from civreg.cases.queries.copy_card import copy_card
from civreg.cases.service.images import add_image
from civreg.shared import clock
from civreg.shared.errors import Refusal
from tests.photographs import picture
from tests.web.family import Family
from tests.web.office_days import follow_page
from tests.web.officer_site import Desk, landed, now
from tests.world import MONDAY, World, ask, papers_of, receive, version

MISSED = "Đã quá ngày hẹn trả kết quả."
WEEK_LATER = MONDAY + timedelta(days=7, hours=1)


@pytest.fixture
def received(session: Session, world: World) -> UUID:
    """A birth whose papers came on Monday morning: due the same day."""
    case_id = ask(session, world).case_id
    receive(session, world, case_id, clock.now())
    session.commit()
    return case_id


def main_button(page: str) -> str:
    """Return the words of the primary button."""
    found = re.search(r'btn-main"[^>]*>([^<]*)<', page)
    assert found is not None
    return found.group(1)


def want_a_paper(session: Session, world: World, case_id: UUID) -> str:
    [code, *_] = papers_of(session, world, case_id)
    cases.request_papers(
        session,
        world.officer,
        case_id,
        expected_version=version(session, world, case_id),
        papers=(code,),
        reason="Giấy chứng sinh bị mờ",
    )
    session.commit()
    return code


def withdraw(session: Session, world: World, case_id: UUID) -> None:
    cases.withdraw(
        session,
        world.officer,
        case_id,
        expected_version=version(session, world, case_id),
        reason="Gia đình tự đến trụ sở.",
    )
    session.commit()


def test_nothing_is_promised_or_missed_while_papers_are_outstanding(
    client: FlaskClient, session: Session, world: World, received: UUID
) -> None:
    code = want_a_paper(session, world, received)
    case = now(session, world, received)
    assert (case.promised_on, case.parts[0].due_on) == (None, None)
    with clock.travelling(WEEK_LATER):
        told = follow_page(session, world, Family(client), received)
        assert MISSED not in told
        assert "Hẹn trả kết quả" not in told
        expected = version(session, world, received)
        cases.take_papers(session, world.officer, received, expected_version=expected, papers=(code,))
        session.commit()
        assert str(now(session, world, received).promised_on) == "2026-11-23"
    with clock.travelling(WEEK_LATER + timedelta(days=1)):
        assert MISSED in follow_page(session, world, Family(client), received)


def test_a_part_sent_back_leaves_no_day_for_the_bundle_until_it_is_submitted_again(
    session: Session, world: World
) -> None:
    case_id = ask(session, world, procedure="birth_bundle").case_id
    receive(session, world, case_id, clock.now())
    before, part = case_page(session, world.officer, case_id).promised_on, "residence"
    account = {"account": "family", "portal_code": "DVC-1", "submitted_at": clock.now()}
    expected = version(session, world, case_id)
    cases.submit_part(session, world.officer, case_id, part, expected_version=expected, **account)
    expected = version(session, world, case_id)
    cases.return_part(
        session, world.officer, case_id, part, expected_version=expected, reason="Thiếu tờ khai"
    )
    assert before is not None
    assert case_page(session, world.officer, case_id).promised_on is None
    expected = version(session, world, case_id)
    cases.submit_part(session, world.officer, case_id, part, expected_version=expected, **account)
    assert case_page(session, world.officer, case_id).promised_on == before


def test_the_main_button_is_what_ends_the_wait(
    session: Session, world: World, desk: Desk, received: UUID
) -> None:
    path = f"/ho-so/{received}"
    assert main_button(desk.open(path).text) == "Ghi số đăng ký"
    asked = {"body": "Ủy ban nhân dân xã Long Hiệp", "letter": "Công văn số 15 ngày 16/11/2026"}
    assert landed(desk.fill(f"{path}/co-quan-khac", asked)) == path
    page = desk.open(path).text
    assert main_button(page) == "Ghi trả lời"
    assert '">Ghi số đăng ký</a>' in page, "it is still possible"
    [wait] = outside_waits_of(session, world.officer, received)
    assert f'btn-main" href="{path}/co-quan-khac/{wait.id}"' in page
    want_a_paper(session, world, received)
    page = desk.open(path).text
    assert main_button(page) == "Ghi trả lời"
    assert "Nhận giấy tờ bổ sung" in page
    assert landed(desk.fill(f"{path}/co-quan-khac/{wait.id}", {"answer": "Công văn số 7"})) == path
    assert main_button(desk.open(path).text) == "Nhận giấy tờ bổ sung"


def test_a_withdrawn_case_offers_no_more_work(
    session: Session, world: World, desk: Desk, received: UUID
) -> None:
    path = f"/ho-so/{received}"
    offered = ["Thẻ chép", "Giấy hẹn", "Thêm ảnh giấy tờ", "Cha mẹ kết hôn trước", "Thêm bé sinh đôi"]
    page = desk.open(path).text
    assert [words for words in offered if words not in page] == []
    withdraw(session, world, received)
    page = desk.open(path).text
    assert [words for words in (*offered, "Nối với hồ sơ khác", "Ghi số đăng ký") if words in page] == []
    assert "Phiếu kiểm soát" in page, "what was done stays on paper"
    assert "Hồ sơ đã dừng nên không thêm ảnh nữa." in desk.open(f"{path}/giay-to").text
    assert "Chọn ảnh" not in desk.open(f"{path}/giay-to").text
    copying = desk.open(f"{path}/the-chep")
    assert copying.status_code == 422
    assert "Hồ sơ đã dừng, không còn gì để nhập vào phần mềm hộ tịch. Ông/bà mở lại hồ sơ." in copying.text


def test_what_a_withdrawn_case_does_not_offer_is_refused_too(
    session: Session, world: World, received: UUID
) -> None:
    withdraw(session, world, received)
    expected = version(session, world, received)
    acts = (
        lambda: copy_card(session, world.officer, received),
        lambda: export.appointment_slip(session, world.officer, received, "https://hotich.example"),
        lambda: add_image(
            session, world.officer, received, paper_code="other", upload_key="khoa-12345", picture=picture()
        ),
        lambda: cases.start_marriage(session, world.officer, received, expected_version=expected),
    )
    for act in acts:
        with pytest.raises(Refusal):
            act()
