"""One register book is on one trip at a time; who may take it; many people at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from threading import Barrier
from uuid import UUID

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from civreg.accounts.rules import Role
from civreg.cases.queries import case_page
from civreg.settings import Settings
from civreg.shared import clock, crypto
from civreg.shared.database import transaction
from civreg.shared.errors import Conflict, NotAllowed, NotFound
from civreg.visits import queries, service
from civreg.visits.rules import BookTaken
from tests.visits.book_acts import (
    TODAY,
    at,
    book_row,
    book_trip,
    officer_id,
    open_book,
    registered,
    trip_row,
    visited,
)
from tests.world import BIRTH, MONDAY, World, build_world, version

# One book, one trip at a time


def two_trips(session: Session, world: World) -> tuple[UUID, UUID, UUID, UUID]:
    """Return a book, a trip of the head that carries it, and two more families that need it."""
    book_id = open_book(session, world)
    first, second = (registered(session, world)[0] for _ in range(2))
    trip = book_trip(
        session, world, first, register_book_id=book_id, officer_id=officer_id(world.head), place="Ấp Chợ"
    )
    return book_id, trip, first, second


def test_a_book_is_not_on_two_trips_at_once(session: Session, world: World) -> None:
    book_id, trip, _, second = two_trips(session, world)
    with pytest.raises(BookTaken) as taken, session.begin_nested():
        book_trip(session, world, second, register_book_id=book_id, starts_at=at(17, 9, 15))
    assert taken.value.sentence == (
        "Lúc 9 giờ, 17/11/2026 Nguyễn Văn Lâm mang Sổ đăng ký kết hôn năm 2026, quyển 01 đi chuyến khác (Ấp Chợ). "
        "Ông/bà chọn quyển khác, chọn giờ khác, hoặc ghép chuyến hồ sơ này vào lịch đó."
    )
    assert (taken.value.visit_id, taken.value.starts_at) == (trip, at(17))
    service.join_visit(session, world.officer, taken.value.visit_id, second, version(session, world, second))
    assert trip_row(session, world, trip).lacking == ()


def test_another_book_or_another_hour_is_free(session: Session, world: World) -> None:
    book_id, _, _, second = two_trips(session, world)
    other = open_book(session, world, label="02")
    book_trip(session, world, second, register_book_id=other)
    third, _ = registered(session, world)
    book_trip(session, world, third, register_book_id=book_id, starts_at=at(17, 9, 30))


def test_free_hours_are_those_of_the_officer_and_of_the_book(session: Session, world: World) -> None:
    book_id, _, _, _ = two_trips(session, world)
    own = officer_id(world.officer)
    of_officer = queries.free_slots(session, world.tra_cu, own, date(2026, 11, 17), 5)
    of_both = queries.free_slots(session, world.tra_cu, own, date(2026, 11, 17), 5, book_id=book_id)
    assert at(17) in [slot.starts_at for slot in of_officer]
    assert at(17) not in [slot.starts_at for slot in of_both]
    assert at(17, 9, 30) in [slot.starts_at for slot in of_both]


def test_a_trip_is_not_moved_or_given_a_book_into_another_s_time(session: Session, world: World) -> None:
    book_id, _, _, second = two_trips(session, world)
    trip = book_trip(session, world, second, starts_at=at(17, 9, 15))
    with pytest.raises(BookTaken), session.begin_nested():
        service.choose_books(session, world.officer, trip, {book_id})
    service.move_visit(session, world.officer, trip, starts_at=at(18))
    service.choose_books(session, world.officer, trip, {book_id})
    with pytest.raises(BookTaken) as taken, session.begin_nested():
        service.move_visit(session, world.officer, trip, starts_at=at(17, 9, 15))
    assert "Lúc 9 giờ, 17/11/2026 Nguyễn Văn Lâm mang" in taken.value.sentence
    assert trip_row(session, world, trip).starts_at == at(18)
    assert [row.starts_at for row in book_row(session, world, book_id).planned] == [at(17), at(18)]


@pytest.mark.parametrize("ending", ["cancelled", "nobody_home", "done"])
def test_a_trip_that_is_over_frees_its_book(session: Session, world: World, ending: str) -> None:
    book_id, trip, _, second = two_trips(session, world)
    end: Callable[[], None] = {
        "cancelled": lambda: service.cancel_visit(session, world.officer, trip, "Gia đình bận"),
        "nobody_home": lambda: service.record_visit(session, world.officer, trip, "nobody_home"),
        "done": lambda: service.record_visit(session, world.officer, trip, "done"),
    }[ending]
    if ending == "cancelled":
        end()
        book_trip(session, world, second, register_book_id=book_id, starts_at=at(17, 9, 15))
    with clock.travelling(at(17, 9, 10)):
        if ending != "cancelled":
            end()
        row = book_row(session, world, book_id)
        assert row.used == (ending == "done")
        assert row.used_at == (at(17) if ending == "done" else None)
        if ending != "cancelled":
            book_trip(session, world, second, register_book_id=book_id, starts_at=at(17, 9, 15))
    planned = [one.visit_id for one in book_row(session, world, book_id).planned]
    assert len(planned) == 1
    assert trip not in planned
    assert [book.id for book in trip_row(session, world, trip).books] == [book_id]


def test_a_recorded_trip_leaves_the_book_with_the_officer(session: Session, world: World) -> None:
    book_id, trip, _, _ = two_trips(session, world)
    service.take_out(session, world.officer, book_id, expected_version=1, officer_id=officer_id(world.head), visit_id=trip)  # fmt: skip
    with clock.travelling(at(17, 10)):
        service.record_visit(session, world.officer, trip, "done")
        row = book_row(session, world, book_id)
        assert row.loan is not None
        assert (row.used, row.loan.visit_id) == (1, trip)


def test_a_trip_whose_family_withdrew_frees_its_book(session: Session, world: World) -> None:
    book_id = open_book(session, world)
    case_id, _ = visited(session, world)
    book_trip(session, world, case_id, register_book_id=book_id)
    session.execute(text("UPDATE case_file SET state = 'withdrawn' WHERE id = :id"), {"id": case_id})
    assert service.release_case(session, case_id) == 1
    assert book_row(session, world, book_id).planned == ()


def test_the_database_itself_keeps_a_book_on_one_trip(session: Session, world: World) -> None:
    book_id, trip, _, second = two_trips(session, world)
    other = book_trip(session, world, second, starts_at=at(17, 9, 15))
    add = text(
        "INSERT INTO visit_book (visit_id, register_book_id, visit_state, period)"
        " SELECT id, :book, state, period FROM visit WHERE id = :visit"
    )
    with pytest.raises(IntegrityError, match="ex_visit_book_period"), session.begin_nested():
        session.execute(add, {"book": book_id, "visit": other})
    session.execute(text("UPDATE visit SET state = 'cancelled' WHERE id = :id"), {"id": trip})
    session.execute(add, {"book": book_id, "visit": other})
    with pytest.raises(IntegrityError, match="ex_visit_book_period"), session.begin_nested():
        session.execute(text("UPDATE visit SET state = 'planned' WHERE id = :id"), {"id": trip})


# Who may


def test_another_unit_s_books_do_not_exist(session: Session, world: World) -> None:
    book_id, trip, _, _ = two_trips(session, world)
    for actor in (world.neighbour, world.stranger, world.clerk, world.staff, world.administrator):
        assert queries.books_of(session, actor, TODAY) == []
        with pytest.raises(NotFound):
            queries.book_page(session, actor, book_id, TODAY)
        with pytest.raises(NotFound):
            service.open_book(session, actor, unit_id=world.tra_cu, kind="birth", year=2026, label="01")
        with pytest.raises(NotFound):
            service.close_book(session, actor, book_id, expected_version=None, full=True)
        with pytest.raises(NotFound):
            service.take_out(session, actor, book_id, expected_version=None, officer_id=officer_id(actor))
        with pytest.raises(NotFound):
            service.bring_back(session, actor, book_id, expected_version=None)
        with pytest.raises(NotFound):
            service.choose_books(session, actor, trip, set())
    assert book_row(session, world, book_id).version == 1


def test_the_counter_looks_at_books_and_changes_none(session: Session, world: World) -> None:
    book_id = open_book(session, world)
    counter = replace(
        world.officer, grants=tuple(replace(grant, role=Role.INTAKE_CLERK) for grant in world.officer.grants)
    )
    assert [row.id for row in queries.books_of(session, counter, TODAY)] == [book_id]
    with pytest.raises(NotAllowed):
        service.take_out(session, counter, book_id, expected_version=1, officer_id=officer_id(world.officer))
    with pytest.raises(NotAllowed):
        service.open_book(session, counter, unit_id=world.tra_cu, kind="birth", year=2026, label="01")


def test_what_was_done_with_a_book_is_audited_without_names(session: Session, world: World) -> None:
    book_id, trip, _, _ = two_trips(session, world)
    service.take_out(session, world.officer, book_id, expected_version=1, officer_id=officer_id(world.head), visit_id=trip)  # fmt: skip
    service.bring_back(session, world.officer, book_id, expected_version=2)
    service.close_book(session, world.officer, book_id, expected_version=3, full=True)
    rows = session.execute(
        text("SELECT action, details FROM audit WHERE subject_id = :id ORDER BY seq"), {"id": book_id}
    )
    assert [(row.action, row.details) for row in rows] == [
        ("book.opened", {"kind": "marriage", "year": 2026}),
        ("book.taken_out", {"officer_id": str(world.head.user_id), "visit_id": str(trip)}),
        ("book.brought_back", {}),
        ("book.closed", {"reason": "full"}),
    ]


# Many at once


def test_two_officers_booking_one_book_at_once_make_one_trip(
    fresh_database: Settings, keyring: crypto.Keyring
) -> None:
    engine = create_engine(fresh_database.database_url, pool_size=8)
    with clock.travelling(MONDAY), Session(engine) as session, transaction(session):
        world = build_world(session)
        book_id = open_book(session, world)
        cases = [registered(session, world)[0] for _ in range(8)]
        versions = [version(session, world, case_id) for case_id in cases]
    together = Barrier(8)
    goers = (officer_id(world.officer), officer_id(world.head))

    def try_to_book(number: int) -> str:
        with clock.travelling(MONDAY), Session(engine) as session:
            session.execute(text("SELECT 1"))
            together.wait()
            try:
                with transaction(session):
                    service.book_visit(
                        session,
                        world.officer,
                        case_id=cases[number],
                        expected_version=versions[number],
                        officer_id=goers[number % 2],
                        starts_at=at(17 + number // 4, 9, 5 * (number % 3)),
                        purpose="return",
                        register_book_id=book_id,
                    )
            except Conflict:
                return "taken"
            return "booked"

    with ThreadPoolExecutor(8) as pool:
        answers = Counter(pool.map(try_to_book, range(8)))
    with Session(engine) as session:
        trips = session.execute(text("SELECT count(*), count(DISTINCT date_trunc('day', starts_at)) FROM visit_book JOIN visit ON id = visit_id")).one()  # fmt: skip
    assert answers == Counter(booked=2, taken=6)
    assert tuple(trips) == (2, 2)
    engine.dispose()


def test_two_people_taking_one_book_out_at_once_take_it_once(
    fresh_database: Settings, keyring: crypto.Keyring
) -> None:
    engine = create_engine(fresh_database.database_url, pool_size=4)
    with clock.travelling(MONDAY), Session(engine) as session, transaction(session):
        world = build_world(session)
        book_id = open_book(session, world)
    together = Barrier(4)

    def try_to_take(_: int) -> str:
        with clock.travelling(MONDAY), Session(engine) as session:
            together.wait()
            try:
                with transaction(session):
                    service.take_out(session, world.officer, book_id, expected_version=1, officer_id=officer_id(world.officer))  # fmt: skip
            except Conflict:
                return "out"
            return "taken"

    with ThreadPoolExecutor(4) as pool:
        answers = Counter(pool.map(try_to_take, range(4)))
    assert answers == Counter(taken=1, out=3)
    engine.dispose()


def test_the_remark_of_mobile_registration_comes_from_the_catalogue(session: Session, world: World) -> None:
    mobile, _ = registered(session, world)
    ordinary, _ = registered(session, world, BIRTH)
    page = case_page(session, world.officer, mobile)
    assert (page.form, page.register_remark) == ("mobile", page.rules.register_remark)
    assert page.register_remark == "Đăng ký lưu động"
    assert case_page(session, world.officer, ordinary).register_remark == ""
