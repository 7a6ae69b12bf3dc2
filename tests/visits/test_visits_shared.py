"""Days and slots, another unit's visits, and many people booking at once."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from civreg.cases.queries import case_page
from civreg.settings import Settings
from civreg.shared import clock, crypto
from civreg.shared.database import new_id, transaction
from civreg.shared.errors import Conflict, NotFound
from civreg.visits import queries, service
from civreg.visits.rules import SlotTaken
from tests.visits.booking_acts import at, book, officer_id, request
from tests.world import MONDAY, World, build_world, version

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
