"""Home visits in the database: booking, joining, moving, cancelling, recording, and who may."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.cases import service as cases
from civreg.shared import clock
from civreg.shared.database import new_id
from civreg.shared.errors import Conflict, InvalidInput
from civreg.visits import queries, service
from civreg.visits.rules import SlotTaken
from tests.visits.booking_acts import at, book, officer_id, request, state, topics
from tests.world import World, receive, register, version

# Booking


def test_a_booking_moves_the_case_and_stands_in_the_plan(session: Session, world: World) -> None:
    case_id = request(session, world)
    visit_id = book(session, world, case_id, starts_at=at(17, 9, 30))
    assert state(session, world, case_id) == "visit_scheduled"
    (visit,) = queries.day_plan(session, world.officer, date(2026, 11, 17))
    assert (visit.id, visit.starts_at, visit.ends_at) == (visit_id, at(17, 9, 30), at(17, 10))
    assert (visit.officer_name, visit.place) == (world.officer.full_name, "Nhà sau chùa, Ấp Chợ")
    (case,) = visit.cases
    assert (case.case_id, case.requester_name, case.has_phone) == (case_id, "Thạch Thị Sa Rết", True)
    assert queries.next_visit(session, case_id) == at(17, 9, 30)


def test_a_booking_is_audited_and_published_with_ids_only(session: Session, world: World) -> None:
    case_id = request(session, world)
    visit_id = book(session, world, case_id)
    payload = session.execute(
        text("SELECT payload FROM outbox WHERE topic = 'visit.booked' AND subject_id = :id"), {"id": visit_id}
    ).scalar_one()
    assert payload == {
        "unit_id": world.tra_cu,
        "day": "2026-11-17",
        "purpose": "receive",
        "case_ids": [str(case_id)],
    }
    audited = session.execute(
        text("SELECT action, details FROM audit WHERE subject_id = :id"), {"id": visit_id}
    ).one()
    assert audited.action == "visit.booked"
    assert set(audited.details) == {"officer_id", "starts_at", "case_id", "purpose"}


def test_a_taken_slot_offers_to_join_and_joining_works(session: Session, world: World) -> None:
    first, second = request(session, world), request(session, world)
    visit_id = book(session, world, first)
    with pytest.raises(SlotTaken, match="Lúc 9 giờ, 17/11/2026 Thạch Thị Mỹ Hạnh đã có lịch") as taken:
        book(session, world, second, starts_at=at(17, 9, 15))
    assert "ghép chuyến" in taken.value.sentence
    assert taken.value.visit_id == visit_id
    seen = version(session, world, second)
    service.join_visit(session, world.officer, visit_id, second, seen)
    assert state(session, world, second) == "visit_scheduled"
    assert {case.case_id for case in queries.visit_page(session, world.officer, visit_id).cases} == {
        first,
        second,
    }
    with pytest.raises(Conflict, match="đã có trong chuyến"):
        service.join_visit(session, world.officer, visit_id, second, version(session, world, second))


def test_the_next_half_hour_and_another_officer_are_free(session: Session, world: World) -> None:
    book(session, world, request(session, world))
    book(session, world, request(session, world), starts_at=at(17, 9, 30))
    book(session, world, request(session, world), officer_id=officer_id(world.head))
    assert len(queries.day_plan(session, world.officer, date(2026, 11, 17))) == 3
    own = queries.day_plan(session, world.officer, date(2026, 11, 17), officer_id=world.head.user_id)
    assert [visit.officer_name for visit in own] == [world.head.full_name]


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"starts_at": at(16, 7)}, "starts_at", "đã qua"),
        ({"starts_at": at(24)}, "starts_at", "Ngày Văn hóa Việt Nam"),
        ({"starts_at": at(17, 21)}, "starts_at", "từ 6 giờ đến 20 giờ"),
        ({"minutes": 0}, "minutes", "từ 10 đến 240 phút"),
        ({"purpose": "tea"}, "purpose", "nhận hồ sơ hoặc trả kết quả"),
        ({"place": "x" * 10_000}, "place", "không quá 500 ký tự"),
        ({"officer_id": new_id()}, "officer_id", "không phải cán bộ của đơn vị vào ngày 17/11/2026"),
    ],
)
def test_an_unusable_booking_says_what_to_choose(
    session: Session, world: World, change: dict[str, Any], field: str, sentence: str
) -> None:
    case_id = request(session, world)
    with pytest.raises(InvalidInput, match=sentence) as refused:
        book(session, world, case_id, **change)
    assert list(refused.value.fields) == [field]
    assert state(session, world, case_id) == "requested"


def test_an_officer_of_another_unit_is_not_sent(session: Session, world: World) -> None:
    with pytest.raises(InvalidInput, match="chọn người trong danh sách cán bộ"):
        book(session, world, request(session, world), officer_id=world.neighbour.user_id)


def test_saturday_mornings_follow_the_terms_of_the_unit(session: Session, world: World) -> None:
    case_id = request(session, world)
    with pytest.raises(InvalidInput, match="21/11/2026 là ngày nghỉ"):
        book(session, world, case_id, starts_at=at(21, 8))
    session.execute(text("UPDATE participation SET saturday_morning = true"))
    free = queries.free_slots(session, world.tra_cu, officer_id(world.officer), date(2026, 11, 21), 9)
    assert [slot.starts_at for slot in free][7:] == [at(21, 11), at(25, 7, 30)]  # 23/11 is Ok Om Bok
    book(session, world, case_id, starts_at=at(21, 8))
    assert state(session, world, case_id) == "visit_scheduled"


def test_a_stale_page_books_nothing(session: Session, world: World) -> None:
    case_id = request(session, world)
    seen = version(session, world, case_id)
    cases.note_call(session, world.officer, case_id, expected_version=seen)
    with pytest.raises(Conflict, match="vừa có người khác cập nhật"):
        book(session, world, case_id, expected_version=seen)


def test_a_second_booking_of_the_same_case_is_refused(session: Session, world: World) -> None:
    case_id = request(session, world)
    book(session, world, case_id)
    with pytest.raises(Conflict, match="chuyển giờ hoặc huỷ lịch cũ"):
        book(session, world, case_id, starts_at=at(18))


def test_bringing_the_result_moves_no_case(session: Session, world: World) -> None:
    case_id = request(session, world)
    with pytest.raises(Conflict, match="chưa có kết quả để trả"):
        book(session, world, case_id, purpose="return")
    receive(session, world, case_id)
    register(session, world, case_id)
    before = version(session, world, case_id)
    book(session, world, case_id, purpose="return")
    assert state(session, world, case_id) == "registered"
    assert version(session, world, case_id) == before


# Moving, cancelling


def test_a_booking_is_moved_and_frees_its_old_time(session: Session, world: World) -> None:
    case_id, other = request(session, world), request(session, world)
    visit_id = book(session, world, case_id)
    service.move_visit(session, world.officer, visit_id, starts_at=at(18, 14), expected_version=1)
    assert queries.next_visit(session, case_id) == at(18, 14)
    assert queries.day_plan(session, world.officer, date(2026, 11, 17)) == []
    book(session, world, other)
    with pytest.raises(SlotTaken):
        service.move_visit(session, world.officer, visit_id, starts_at=at(17))
    assert queries.next_visit(session, case_id) == at(18, 14)
    with pytest.raises(Conflict, match="Lịch này vừa có người khác thay đổi"):
        service.move_visit(session, world.officer, visit_id, starts_at=at(19), expected_version=1)
    service.move_visit(
        session, world.officer, visit_id, starts_at=at(17), officer_id=officer_id(world.head), minutes=60
    )
    moved = queries.visit_page(session, world.officer, visit_id)
    assert (moved.officer_name, moved.ends_at, moved.version) == (world.head.full_name, at(17, 10), 3)


def test_moving_to_an_unusable_time_changes_nothing(session: Session, world: World) -> None:
    visit_id = book(session, world, request(session, world))
    with pytest.raises(InvalidInput, match="là ngày nghỉ"):
        service.move_visit(session, world.officer, visit_id, starts_at=at(22))
    assert queries.visit_page(session, world.officer, visit_id).starts_at == at(17)


def test_a_cancelled_booking_gives_the_case_back_to_the_calls(session: Session, world: World) -> None:
    first, second = request(session, world), request(session, world)
    visit_id = book(session, world, first)
    service.join_visit(session, world.officer, visit_id, second, version(session, world, second))
    with pytest.raises(InvalidInput, match="Ông/bà ghi lý do huỷ"):
        service.cancel_visit(session, world.officer, visit_id, "  ")
    service.cancel_visit(session, world.officer, visit_id, "Gia đình bận")
    assert {state(session, world, case_id) for case_id in (first, second)} == {"requested"}
    assert queries.next_visit(session, first) is None
    (past,) = queries.visits_of_case(session, world.officer, first)
    assert (past.state, past.outcome) == ("cancelled", "Gia đình bận")
    book(session, world, first)
    with pytest.raises(Conflict, match="Lịch này đã huỷ"):
        service.cancel_visit(session, world.officer, visit_id, "lần nữa")
    with pytest.raises(Conflict, match="Lịch này đã huỷ"):
        service.join_visit(session, world.officer, visit_id, second, version(session, world, second))


def test_a_cancelled_booking_is_told_so_that_letters_forget_it(session: Session, world: World) -> None:
    visit_id = book(session, world, request(session, world))
    service.cancel_visit(session, world.officer, visit_id, "Gia đình bận")
    payload = session.execute(text("SELECT payload FROM outbox WHERE topic = 'visit.done'")).scalar_one()
    assert payload["outcome"] == "cancelled"


def test_a_trip_to_a_family_that_withdrew_is_cancelled(session: Session, world: World) -> None:
    first, second = request(session, world), request(session, world)
    visit_id = book(session, world, first)
    service.join_visit(session, world.officer, visit_id, second, version(session, world, second))
    for case_id, cancelled in ((first, 0), (second, 1)):
        seen = version(session, world, case_id)
        cases.withdraw(session, world.officer, case_id, expected_version=seen, reason="Gia đình rút")
        assert service.release_case(session, case_id) == cancelled
        assert service.release_case(session, case_id) == 0
    row = queries.visit_page(session, world.officer, visit_id)
    assert (row.state, row.outcome) == ("cancelled", "Hồ sơ đã kết thúc nên lịch tự huỷ.")


# Recording


def test_a_visit_is_recorded_once_from_its_day_on(session: Session, world: World) -> None:
    case_id = request(session, world)
    visit_id = book(session, world, case_id)
    with pytest.raises(InvalidInput, match="chưa đến ngày"):
        service.record_visit(session, world.officer, visit_id, "done")
    with clock.travelling(at(17, 10)):
        (late,) = queries.visits_to_record(session, world.officer, clock.now())
        assert late.id == visit_id
        unknown: Any = "tea"
        with pytest.raises(InvalidInput, match="chọn kết quả chuyến đi"):
            service.record_visit(session, world.officer, visit_id, unknown)
        service.record_visit(session, world.officer, visit_id, "done", "Đã nhận đủ giấy tờ")
        with pytest.raises(Conflict, match="đã ghi kết quả rồi"):
            service.record_visit(session, world.officer, visit_id, "nobody_home")
        assert queries.visits_to_record(session, world.officer, clock.now()) == []
    done = queries.visit_page(session, world.officer, visit_id)
    assert (done.state, done.outcome, done.recorded_at) == ("done", "Đã nhận đủ giấy tờ", at(17, 10))
    assert topics(session) == ["visit.booked", "visit.done"]


def test_nobody_home_puts_the_family_back_on_the_list_of_calls(session: Session, world: World) -> None:
    case_id = request(session, world)
    visit_id = book(session, world, case_id)
    with clock.travelling(at(17, 10)):
        service.record_visit(session, world.officer, visit_id, "nobody_home", "Gõ cửa hai lần")
        assert state(session, world, case_id) == "requested"
        called_at = session.execute(
            text("SELECT called_at FROM case_file WHERE id = :id"), {"id": case_id}
        ).scalar_one()
        assert called_at is None
        book(session, world, case_id, starts_at=at(18))
    assert state(session, world, case_id) == "visit_scheduled"


def test_papers_not_complete_at_the_first_visit_allow_a_second(session: Session, world: World) -> None:
    case_id = request(session, world)
    visit_id = book(session, world, case_id)
    with clock.travelling(at(17, 10)):
        service.record_visit(session, world.officer, visit_id, "done", "Thiếu giấy chứng sinh")
        book(session, world, case_id, starts_at=at(18))
    assert state(session, world, case_id) == "visit_scheduled"
    assert len(queries.visits_of_case(session, world.officer, case_id)) == 2


def test_visits_already_made_are_recorded_even_when_they_overlap(session: Session, world: World) -> None:
    case_id, other = request(session, world), request(session, world)
    book(session, world, other, starts_at=at(17, 9))
    with clock.travelling(at(17, 12)):
        for one in (case_id, case_id, other):
            service.record_past_visit(
                session,
                world.officer,
                case_id=one,
                officer_id=officer_id(world.officer),
                starts_at=at(17, 8),
                ends_at=at(17, 10),
                outcome="done",
            )
        with pytest.raises(InvalidInput, match="giờ về sau giờ đến"):
            service.record_past_visit(
                session,
                world.officer,
                case_id=case_id,
                officer_id=officer_id(world.officer),
                starts_at=at(17, 9),
                ends_at=at(17, 8),
                outcome="done",
            )
    assert state(session, world, case_id) == "requested"
    plan = queries.day_plan(session, world.officer, date(2026, 11, 17))
    assert Counter(visit.state for visit in plan) == Counter(done=3, planned=1)
    assert {visit.recorded_afterwards for visit in plan if visit.state == "done"} == {True}


def test_a_visit_of_the_past_needs_an_officer_of_that_day(session: Session, world: World) -> None:
    with pytest.raises(InvalidInput, match="không phải cán bộ của đơn vị"):
        service.record_past_visit(
            session,
            world.officer,
            case_id=request(session, world),
            officer_id=officer_id(world.neighbour),
            starts_at=at(15, 8),
            ends_at=at(15, 9),
            outcome="done",
        )


def test_a_phone_number_is_read_only_with_a_trace(session: Session, world: World) -> None:
    case_id, without = request(session, world), request(session, world, phone="")
    visit_id = book(session, world, case_id)
    service.join_visit(session, world.officer, visit_id, without, version(session, world, without))
    assert service.phones_of_visit(session, world.officer, visit_id) == {case_id: "0912345678"}
    rows = session.execute(text("SELECT actor_id, subject_id FROM read_log WHERE what = 'case.phone'")).all()
    assert [tuple(row) for row in rows] == [(world.officer.user_id, case_id)]
