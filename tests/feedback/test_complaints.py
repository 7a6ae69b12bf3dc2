"""A family's complaint: tied to its visit, sealed, read by the head of the unit alone, each look written down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.feedback import queries, service
from civreg.shared import clock
from civreg.shared.errors import Conflict, InvalidInput, NotFound, TooMany
from civreg.visits.queries import past_visits_of
from civreg.visits.service import book_visit, record_visit
from tests.world import MONDAY, World, ask, build_world

WORDS = "Cán bộ nói to tiếng với bà.\nChúng tôi chờ cả buổi sáng."


@pytest.fixture
def world(session: Session) -> Iterator[World]:
    with clock.travelling(MONDAY):
        yield build_world(session)


@pytest.fixture
def visited(session: Session, world: World) -> tuple[UUID, UUID]:
    """A case whose officer comes at nine."""
    case_id = ask(session, world).case_id
    officer = world.officer
    assert officer.user_id is not None
    visit_id = book_visit(
        session,
        officer,
        case_id=case_id,
        expected_version=None,
        officer_id=officer.user_id,
        starts_at=MONDAY + timedelta(hours=1),
    )
    return case_id, visit_id


def tell(session: Session, case_id: UUID, visit_id: UUID | None = None, key: UUID | None = None) -> UUID:
    return service.tell_complaint(
        session, case_id, send_key=key or uuid4(), visit_id=visit_id, text=WORDS, wants_call=True
    )


def test_only_the_head_of_the_unit_sees_it_and_the_look_is_written_down(
    session: Session, world: World, visited: tuple[UUID, UUID]
) -> None:
    case_id, visit_id = visited
    with clock.travelling(MONDAY + timedelta(hours=3)):
        record_visit(session, world.officer, visit_id, "done", "")
        complaint_id = tell(session, case_id, visit_id)
        (row,) = queries.complaints(session, world.head)
        assert (row.id, row.state, row.wants_call) == (complaint_id, "new", True)
        assert row.visit is not None
        assert (row.visit.id, row.visit.officer_name) == (visit_id, "Thạch Thị Mỹ Hạnh")
        page = queries.complaint_page(session, world.head, complaint_id)
        assert (page.text, page.note, page.settled_by) == (WORDS, "", "")
    looks = session.execute(
        text("SELECT actor_id FROM read_log WHERE subject_id = :id"), {"id": complaint_id}
    ).scalars()
    assert list(looks) == [world.head.user_id]
    for other in (
        world.officer,
        world.clerk,
        world.staff,
        world.administrator,
        world.neighbour,
        world.stranger,
    ):
        assert queries.complaints(session, other) == []
        assert queries.complaints_waiting(session, other) == 0
        with pytest.raises(NotFound):
            queries.complaint_page(session, other, complaint_id)
        with pytest.raises(NotFound):
            service.settle_complaint(
                session, other, complaint_id, expected_version=1, outcome="closed", note="Xong"
            )


def test_what_was_written_is_sealed(session: Session, world: World, visited: tuple[UUID, UUID]) -> None:
    complaint_id = tell(session, visited[0])
    service.settle_complaint(
        session, world.head, complaint_id, expected_version=1, outcome="answered", note="Đã gọi xin lỗi"
    )
    stored = session.execute(
        text("SELECT sealed_text, sealed_note FROM complaint WHERE id = :id"), {"id": complaint_id}
    ).one()
    assert "to tiếng" not in stored.sealed_text
    assert "xin lỗi" not in stored.sealed_note
    details = session.execute(text("SELECT details::text FROM audit WHERE action LIKE 'complaint.%'"))
    assert all("tiếng" not in row and "xin lỗi" not in row for row in details.scalars())


def test_settled_once_with_a_note(session: Session, world: World, visited: tuple[UUID, UUID]) -> None:
    complaint_id = tell(session, visited[0])
    for outcome, note, wrong in (
        ("", "Đã gọi", {"outcome"}),
        ("answered", " ", {"note"}),
        ("new", "", {"outcome", "note"}),
        ("closed", "x" * 501, {"note"}),
    ):
        with pytest.raises(InvalidInput) as refused:
            service.settle_complaint(
                session, world.head, complaint_id, expected_version=1, outcome=outcome, note=note
            )
        assert set(refused.value.fields) == wrong
    assert queries.complaints_waiting(session, world.head) == 1
    service.settle_complaint(
        session, world.head, complaint_id, expected_version=1, outcome="answered", note="Đã gọi xin lỗi"
    )
    page = queries.complaint_page(session, world.head, complaint_id)
    assert (page.row.state, page.note, page.settled_by) == ("answered", "Đã gọi xin lỗi", "Nguyễn Văn Lâm")
    assert queries.complaints(session, world.head) == []
    assert [row.id for row in queries.complaints(session, world.head, waiting=False)] == [complaint_id]
    with pytest.raises(Conflict, match="vừa có người khác xử lý"):
        service.settle_complaint(
            session, world.head, complaint_id, expected_version=1, outcome="closed", note="Nữa"
        )


def test_sent_twice_is_one_and_four_at_a_time_are_too_many(
    session: Session, world: World, visited: tuple[UUID, UUID]
) -> None:
    case_id, _ = visited
    key = uuid4()
    first = tell(session, case_id, key=key)
    assert tell(session, case_id, key=key) == first
    tell(session, case_id)
    tell(session, case_id)
    with pytest.raises(TooMany, match="đang xem 3 phản ánh trước"):
        tell(session, case_id)
    assert tell(session, case_id, key=key) == first
    service.settle_complaint(session, world.head, first, expected_version=1, outcome="closed", note="Đã xem")
    tell(session, case_id)


def test_a_visit_of_another_family_or_one_to_come_cannot_be_named(
    session: Session, world: World, visited: tuple[UUID, UUID]
) -> None:
    case_id, visit_id = visited
    assert past_visits_of(session, case_id) == []
    other = ask(session, world, key="another").case_id
    for case, visit in ((case_id, visit_id), (other, visit_id), (case_id, uuid4())):
        with pytest.raises(InvalidInput) as refused:
            tell(session, case, visit)
        assert refused.value.fields == {
            "visit": "Ông/bà chọn chuyến đến nhà, hoặc chọn “Việc khác, không phải chuyến đến nhà”."
        }


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Ông/bà ghi điều chưa hài lòng."),
        (" \n\u200b ", "Ông/bà ghi điều chưa hài lòng."),
        ("x" * 1001, "Ông/bà rút ngắn còn 1000 chữ (đang có 1001 chữ)."),
    ],
)
def test_a_text_that_cannot_be_used_is_named(
    session: Session, world: World, visited: tuple[UUID, UUID], typed: str, sentence: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        service.tell_complaint(
            session, visited[0], send_key=uuid4(), visit_id=None, text=typed, wants_call=False
        )
    assert refused.value.fields == {"text": sentence}
