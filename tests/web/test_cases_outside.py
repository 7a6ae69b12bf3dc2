"""Another body is asked: the promised day stands still, everybody sees whom it waits for, the answer counts it afresh."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.cases import service as cases
from civreg.cases.queries import outside_waits_of
from civreg.deadlines.queries import deadlines_of
from civreg.deadlines.rules import reason_sentence
from civreg.shared import clock
from civreg.shared.errors import Conflict, InvalidInput
from tests.web.family import Family
from tests.web.office_days import follow_page
from tests.web.officer_site import Desk, landed, now
from tests.world import MONDAY, World, ask, papers_of, receive, version

ASKED = {
    "body": "Ủy ban nhân dân xã Long Hiệp",
    "letter": "Công văn số 15/UBND ngày 16/11/2026, hỏi tình trạng hôn nhân",
}
NEXT_DAY = MONDAY + timedelta(days=1)


@pytest.fixture
def mobile(session: Session, world: World) -> UUID:
    """A mobile birth received on Monday: five working days, due on the 23rd."""
    case_id = ask(session, world, procedure="birth_mobile").case_id
    receive(session, world, case_id, clock.now())
    session.commit()
    return case_id


def ask_long_hiep(session: Session, world: World, case_id: UUID, at: datetime) -> UUID:
    cases.ask_outside(
        session,
        world.officer,
        case_id,
        expected_version=version(session, world, case_id),
        asked_at=at,
        **ASKED,
    )
    return outside_waits_of(session, world.officer, case_id)[0].id


def answer(session: Session, world: World, case_id: UUID, wait_id: UUID, at: datetime) -> None:
    cases.note_answer(
        session,
        world.officer,
        case_id,
        wait_id,
        expected_version=version(session, world, case_id),
        answer="Công văn số 7, chưa đăng ký kết hôn",
        answered_at=at,
    )


def sentences(session: Session, case_id: UUID) -> list[str]:
    (part,) = [row for row in deadlines_of(session, case_id) if row.kind == "part"]
    return [reason_sentence(reason) for reason in part.reasons]


def test_the_clock_stands_still_and_everybody_sees_why(
    session: Session, world: World, desk: Desk, client: FlaskClient, mobile: UUID
) -> None:
    path = f"/ho-so/{mobile}"
    assert str(now(session, world, mobile).promised_on) == "2026-11-23"
    assert "Hỏi cơ quan khác" in desk.open(path).text
    assert landed(desk.fill(f"{path}/co-quan-khac", ASKED)) == path
    page = desk.open(path).text
    assert "Ủy ban nhân dân xã Long Hiệp" in page
    assert "Đang tạm dừng tính hạn từ 16/11/2026: chờ cơ quan khác trả lời." in page
    assert "Hỏi cơ quan khác</a>" not in page
    assert "Chờ cơ quan khác trả lời" in desk.open("/ban-lam-viec").text
    case = now(session, world, mobile)
    assert (case.promised_on, case.parts[0].due_on) == (None, None)
    told = follow_page(session, world, Family(client), mobile)
    assert "Xã đang chờ Ủy ban nhân dân xã Long Hiệp trả lời, hỏi từ ngày 16/11/2026." in told
    assert "Công văn" not in told, "the office's letter is no business of the page"
    assert "Vì sao chưa có ngày hẹn" in told
    assert "Vì sao hẹn ngày này" not in told
    wait = outside_waits_of(session, world.officer, mobile)[0]
    answered = desk.fill(f"{path}/co-quan-khac/{wait.id}", {"answer": "Công văn số 7: chưa kết hôn"})
    assert landed(answered) == path
    assert "Trả lời" in desk.open(path).text
    assert "Chờ cơ quan khác trả lời" not in desk.open("/ban-lam-viec").text
    told = follow_page(session, world, Family(client), mobile)
    assert "Xã đang chờ" not in told
    assert "Vì sao hẹn ngày này" in told


def test_the_promise_goes_on_from_what_was_left(session: Session, world: World, mobile: UUID) -> None:
    with clock.travelling(NEXT_DAY):
        wait_id = ask_long_hiep(session, world, mobile, clock.now())
    with clock.travelling(MONDAY + timedelta(days=3)):
        answer(session, world, mobile, wait_id, clock.now())
    # Tuesday to Thursday stood still. Five days are left from Friday on: 20, 23, 25 (the 24th is off), 26, 27.
    case = now(session, world, mobile)
    assert (str(case.promised_on), str(case.parts[0].due_on)) == ("2026-11-27", "2026-11-27")
    assert sentences(session, mobile)[:2] == [
        "05 ngày làm việc, tính từ ngày sau ngày tiếp nhận đủ giấy tờ (16/11/2026).",
        "Tạm dừng tính hạn từ 17/11/2026 đến 19/11/2026 để chờ cơ quan khác trả lời.",
    ]
    named = "SELECT action FROM audit WHERE subject_id = :id AND action LIKE 'case.outside%' ORDER BY seq"
    assert session.execute(text(named), {"id": mobile}).scalars().all() == [
        "case.outside_asked",
        "case.outside_answered",
    ]


@pytest.mark.parametrize("papers_first", [True, False])
def test_the_clock_goes_on_only_when_papers_and_answer_are_both_there(
    session: Session, world: World, mobile: UUID, papers_first: bool
) -> None:
    with clock.travelling(NEXT_DAY):
        wait_id = ask_long_hiep(session, world, mobile, clock.now())
        cases.request_papers(
            session,
            world.officer,
            mobile,
            expected_version=version(session, world, mobile),
            papers=papers_of(session, world, mobile)[:1],
            reason="Giấy chứng sinh bị mờ",
        )
    steps = [
        lambda: cases.take_papers(
            session,
            world.officer,
            mobile,
            expected_version=version(session, world, mobile),
            papers=papers_of(session, world, mobile),
        ),
        lambda: answer(session, world, mobile, wait_id, clock.now()),
    ]
    first, second = steps if papers_first else reversed(steps)
    with clock.travelling(MONDAY + timedelta(days=2)):
        first()
        assert now(session, world, mobile).promised_on is None
    with clock.travelling(MONDAY + timedelta(days=3)):
        second()
    assert str(now(session, world, mobile).promised_on) == "2026-11-27"


def test_what_cannot_be_is_refused_with_what_to_do(session: Session, world: World, mobile: UUID) -> None:
    with pytest.raises(InvalidInput) as future:
        ask_long_hiep(session, world, mobile, clock.now() + timedelta(hours=2))
    assert future.value.fields == {"asked_at_day": "Ghi thời điểm gửi không muộn hơn bây giờ."}
    with pytest.raises(InvalidInput) as early:
        ask_long_hiep(session, world, mobile, clock.now() - timedelta(days=1))
    assert early.value.fields == {"asked_at_day": "Ghi từ 8 giờ ngày 16/11/2026 trở đi."}
    ask_long_hiep(session, world, mobile, clock.now())
    with pytest.raises(Conflict, match=r"Hồ sơ đang chờ một cơ quan trả lời\."):
        ask_long_hiep(session, world, mobile, clock.now())
    open_request = ask(session, world).case_id
    with pytest.raises(Conflict, match="chưa nhận đủ giấy tờ"):
        ask_long_hiep(session, world, open_request, clock.now())


def test_a_form_without_body_or_letter_keeps_what_was_typed(desk: Desk, mobile: UUID) -> None:
    answered = desk.fill(f"/ho-so/{mobile}/co-quan-khac", {"body": "", "letter": "Công văn số 15"})
    assert answered.status_code == 422
    assert "Ông/bà ghi cơ quan được hỏi, ví dụ Ủy ban nhân dân xã Long Hiệp." in answered.text
    assert "Công văn số 15" in answered.text


def test_nobody_waits_for_an_answer_about_a_case_that_was_withdrawn(
    session: Session, world: World, desk: Desk, mobile: UUID
) -> None:
    wait_id = ask_long_hiep(session, world, mobile, clock.now())
    form = f"/ho-so/{mobile}/co-quan-khac/{wait_id}"
    assert "Đang chờ<" in desk.open(f"/ho-so/{mobile}").text
    cases.withdraw(
        session,
        world.officer,
        mobile,
        expected_version=version(session, world, mobile),
        reason="Gia đình chuyển về Cần Thơ, làm ở đó",
    )
    page = desk.open(f"/ho-so/{mobile}").text
    assert "Không chờ nữa" in page
    assert "Đang chờ<" not in page
    assert "Hẹn trả kết quả" not in page, "nothing is promised any more"
    assert form not in page
    assert landed(desk.open(form)) == f"/ho-so/{mobile}"
    with pytest.raises(Conflict, match=r"Hồ sơ đã kết thúc, không còn chờ trả lời nữa\."):
        answer(session, world, mobile, wait_id, clock.now())
