"""Home visits in the database: booking, joining, moving, cancelling, recording, and who may."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor
from civreg.cases import service as cases
from civreg.cases.queries import case_page
from civreg.settings import Settings
from civreg.shared import clock, crypto
from civreg.shared.database import new_id, transaction
from civreg.shared.errors import Conflict, InvalidInput, NotFound
from civreg.visits import queries, service
from civreg.visits.rules import SlotTaken
from tests.world import MONDAY, World, ask, build_world, receive, register, version


def at(day: int, hour: int = 9, minute: int = 0) -> datetime:
    """Return a moment of November 2026; the 16th is a Monday, the 24th a holiday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=clock.ZONE)


def request(session: Session, world: World, **changes: Any) -> UUID:
    return ask(session, world, key=str(new_id()), **changes).case_id


def officer_id(actor: Actor) -> UUID:
    assert actor.user_id is not None
    return actor.user_id


def book(session: Session, world: World, case_id: UUID, **changes: Any) -> UUID:
    booking: dict[str, Any] = {
        "case_id": case_id,
        "expected_version": version(session, world, case_id),
        "officer_id": officer_id(world.officer),
        "starts_at": at(17),
        **changes,
    }
    return service.book_visit(session, world.officer, **booking)


def state(session: Session, world: World, case_id: UUID) -> str:
    return case_page(session, world.officer, case_id).state


def topics(session: Session) -> list[str]:
    return list(session.scalars(text("SELECT topic FROM outbox WHERE topic LIKE 'visit.%' ORDER BY id")))


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


# Days and slots


def test_free_slots_skip_bookings_days_off_and_festivals(session: Session, world: World) -> None:
    book(session, world, request(session, world), starts_at=at(16, 9))
    free = queries.free_slots(session, world.tra_cu, officer_id(world.officer), date(2026, 11, 16), 3)
    assert [slot.starts_at for slot in free] == [at(16, 8), at(16, 8, 30), at(16, 9, 30)]
    over = queries.free_slots(session, world.tra_cu, officer_id(world.officer), date(2026, 11, 21), 20)
    days = sorted({slot.starts_at.date() for slot in over})
    assert days == [date(2026, 11, 25), date(2026, 11, 26)]  # 23/11 is Ok Om Bok, 24/11 a holiday


def test_free_slots_end_with_the_calendar(session: Session, world: World) -> None:
    free = queries.free_slots(session, world.tra_cu, officer_id(world.officer), date(2027, 12, 31), 100)
    assert len(free) == 15


def test_the_day_view_opens_on_a_working_day(session: Session, world: World) -> None:
    assert queries.opening_day(session, date(2026, 11, 24)) == date(2026, 11, 25)
    assert queries.opening_day(session, date(2026, 11, 25)) == date(2026, 11, 25)


def test_without_a_calendar_the_day_view_opens_on_today(session: Session) -> None:
    assert queries.opening_day(session, date(2026, 11, 24)) == date(2026, 11, 24)


# Access: the unit's officer, a colleague of another unit, people without the right


def test_another_units_visits_do_not_exist(session: Session, world: World) -> None:
    case_id = request(session, world)
    visit_id = book(session, world, case_id)
    seen = version(session, world, case_id)
    for actor in (world.neighbour, world.stranger, world.clerk, world.staff, world.administrator):
        assert queries.day_plan(session, actor, date(2026, 11, 17)) == []
        assert queries.visits_to_record(session, actor, at(30)) == []
        with pytest.raises(NotFound):
            queries.visits_of_case(session, actor, case_id)
        with pytest.raises(NotFound):
            queries.visit_page(session, actor, visit_id)
        with pytest.raises(NotFound):
            service.phones_of_visit(session, actor, visit_id)
        with pytest.raises(NotFound):
            service.join_visit(session, actor, visit_id, case_id, seen)
        with pytest.raises(NotFound):
            service.move_visit(session, actor, visit_id, starts_at=at(18))
        with pytest.raises(NotFound):
            service.cancel_visit(session, actor, visit_id, "thử")
        with pytest.raises(NotFound):
            service.record_visit(session, actor, visit_id, "done")
        with pytest.raises(NotFound):
            service.book_visit(
                session,
                actor,
                case_id=case_id,
                expected_version=seen,
                officer_id=officer_id(actor),
                starts_at=at(18),
            )
        with pytest.raises(NotFound):
            service.record_past_visit(
                session,
                actor,
                case_id=case_id,
                officer_id=officer_id(actor),
                starts_at=at(15, 8),
                ends_at=at(15, 9),
                outcome="done",
            )
    assert queries.visit_page(session, world.head, visit_id).state == "planned"


def test_a_case_cannot_join_a_trip_of_another_unit(session: Session, world: World) -> None:
    theirs = request(session, world, unit_id=world.dai_an)
    their_page = case_page(session, world.neighbour, theirs)
    visit_id = service.book_visit(
        session,
        world.neighbour,
        case_id=theirs,
        expected_version=their_page.version,
        officer_id=officer_id(world.neighbour),
        starts_at=at(17),
    )
    ours = request(session, world)
    with pytest.raises(NotFound):
        service.join_visit(session, world.officer, visit_id, ours, version(session, world, ours))


def test_a_person_of_two_units_cannot_mix_their_trips(session: Session, world: World) -> None:
    both = replace(world.officer, grants=(*world.officer.grants, *world.neighbour.grants))
    theirs = request(session, world, unit_id=world.dai_an)
    visit_id = book(session, world, request(session, world))
    seen = case_page(session, both, theirs).version
    with pytest.raises(Conflict, match="chọn chuyến của đơn vị giữ hồ sơ"):
        service.join_visit(session, both, visit_id, theirs, seen)


# Many at once


def test_fifty_clients_booking_one_slot_make_one_visit(
    fresh_database: Settings, keyring: crypto.Keyring
) -> None:
    clients = 50
    engine = create_engine(fresh_database.database_url, pool_size=clients)
    with clock.travelling(MONDAY), Session(engine) as session, transaction(session):
        world = build_world(session)
        wanted = [request(session, world) for _ in range(clients)]
        versions = [version(session, world, case_id) for case_id in wanted]
    together = Barrier(clients)

    def try_to_book(number: int) -> str:
        with clock.travelling(MONDAY), Session(engine) as session:
            session.execute(text("SELECT 1"))
            together.wait()
            try:
                with transaction(session):
                    service.book_visit(
                        session,
                        world.officer,
                        case_id=wanted[number],
                        expected_version=versions[number],
                        officer_id=officer_id(world.officer),
                        starts_at=at(17) + timedelta(minutes=number % 3 * 5),
                    )
            except SlotTaken:
                return "taken"
            return "booked"

    with ThreadPoolExecutor(clients) as pool:
        answers = Counter(pool.map(try_to_book, range(clients)))
    with Session(engine) as session:
        visits = session.execute(text("SELECT count(*) FROM visit")).scalar_one()
        moved = session.execute(
            text("SELECT count(*) FROM case_file WHERE state = 'visit_scheduled'")
        ).scalar_one()
    assert answers == Counter(booked=1, taken=clients - 1)
    assert (visits, moved) == (1, 1)
    engine.dispose()


def test_the_database_itself_keeps_bookings_apart(session: Session, world: World) -> None:
    book(session, world, request(session, world))
    again = text(
        "INSERT INTO visit (id, unit_id, officer_id, purpose, period, starts_at, ends_at, place, state, booked_at,"
        " recorded_afterwards, version) SELECT :id, unit_id, officer_id, purpose, period, starts_at, ends_at,"
        " place, :state, booked_at, false, 1 FROM visit LIMIT 1"
    )
    session.execute(again, {"id": new_id(), "state": "done"})
    with pytest.raises(IntegrityError, match="ex_visit_officer_period"):
        session.execute(again, {"id": new_id(), "state": "planned"})


def test_one_case_booked_by_two_people_at_once_is_booked_once(
    fresh_database: Settings, keyring: crypto.Keyring
) -> None:
    engine = create_engine(fresh_database.database_url, pool_size=8)
    with clock.travelling(MONDAY), Session(engine) as session, transaction(session):
        world = build_world(session)
        case_id = request(session, world)
        seen = version(session, world, case_id)
    together = Barrier(8)

    def try_to_book(number: int) -> str:
        with clock.travelling(MONDAY), Session(engine) as session:
            together.wait()
            try:
                with transaction(session):
                    service.book_visit(
                        session,
                        world.officer,
                        case_id=case_id,
                        expected_version=seen,
                        officer_id=officer_id(world.officer if number % 2 else world.head),
                        starts_at=at(17, 8 + number),
                    )
            except Conflict:
                return "conflict"
            return "booked"

    with ThreadPoolExecutor(8) as pool:
        answers = Counter(pool.map(try_to_book, range(8)))
    assert answers == Counter(booked=1, conflict=7)
    engine.dispose()
