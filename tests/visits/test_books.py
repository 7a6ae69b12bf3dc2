"""Register books in the database: opening, lending, carrying on trips, and the two visits of mobile registration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Role
from civreg.cases.queries import case_page
from civreg.settings import Settings
from civreg.shared import clock, crypto
from civreg.shared.database import new_id, transaction
from civreg.shared.errors import Conflict, InvalidInput, NotAllowed, NotFound
from civreg.visits import queries, service
from civreg.visits.rules import BookNeed, BookTaken
from civreg.visits.service.books import AT_OFFICE, NO_TRIP, STALE_BOOK
from civreg.visits.service.carrying import NOT_OFFERED
from tests.world import BIRTH, MARRIAGE, MONDAY, World, ask, build_world, receive, register, version

TODAY = MONDAY.date()
MOBILE_BIRTH = replace(BIRTH, procedure="birth_mobile")


def at(day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=clock.ZONE)


def officer_id(actor: Actor) -> UUID:
    assert actor.user_id is not None
    return actor.user_id


def open_book(session: Session, world: World, kind: str = "marriage", **changes: Any) -> UUID:
    book = {"unit_id": world.tra_cu, "kind": kind, "year": 2026, "label": "01", **changes}
    return service.open_book(session, world.officer, **book)


def book_trip(session: Session, world: World, case_id: UUID, **changes: Any) -> UUID:
    trip: dict[str, Any] = {
        "case_id": case_id,
        "expected_version": version(session, world, case_id),
        "officer_id": officer_id(world.officer),
        "starts_at": at(17),
        "purpose": "return",
        **changes,
    }
    return service.book_visit(session, world.officer, **trip)


def visited(session: Session, world: World, form: Any = MARRIAGE) -> tuple[UUID, UUID]:
    """Return a case whose papers were taken at a booked visit on Monday, and that visit."""
    case_id = ask(session, world, form).case_id
    with clock.travelling(MONDAY):
        visit_id = book_trip(session, world, case_id, starts_at=at(16, 8), purpose="receive")
        service.record_visit(session, world.officer, visit_id, "done")
        receive(session, world, case_id)
    return case_id, visit_id


def registered(session: Session, world: World, form: Any = MARRIAGE) -> tuple[UUID, UUID]:
    case_id, visit_id = visited(session, world, form)
    register(session, world, case_id)
    return case_id, visit_id


def book_row(session: Session, world: World, book_id: UUID, today: date = TODAY) -> queries.BookRow:
    return queries.book_page(session, world.officer, book_id, today)


def trip_row(session: Session, world: World, visit_id: UUID) -> queries.VisitRow:
    return queries.visit_page(session, world.officer, visit_id)


# Opening and closing


def test_a_book_is_opened_once_and_stands_at_the_office(session: Session, world: World) -> None:
    book_id = open_book(session, world)
    (row,) = queries.books_of(session, world.officer, TODAY)
    assert (row.id, row.book.title) == (book_id, "Sổ đăng ký kết hôn năm 2026, quyển 01")
    assert (row.loan, row.planned, row.used, row.overdue, row.closed_at) == (None, (), 0, False, None)
    with pytest.raises(InvalidInput) as twice:
        open_book(session, world, label=" 01")
    assert twice.value.fields == {
        "label": "Sổ đăng ký kết hôn năm 2026, quyển 01 đã có trong danh sách. Ông/bà ghi số quyển khác."
    }
    open_book(session, world, label="02")
    open_book(session, world, kind="birth")
    assert len(queries.books_of(session, world.officer, TODAY)) == 3


def test_a_full_book_is_closed_with_its_totals(session: Session, world: World) -> None:
    book_id = open_book(session, world)
    with pytest.raises(InvalidInput, match="Chưa khóa được sổ"):
        service.close_book(session, world.officer, book_id, expected_version=1)
    service.close_book(
        session, world.head, book_id, expected_version=1, full=True, total_pages=200, total_events=187
    )
    row = book_row(session, world, book_id)
    assert (row.closed_at, row.total_pages, row.total_events, row.version) == (MONDAY, 200, 187, 2)
    with pytest.raises(Conflict, match="Quyển sổ này đã khóa rồi"):
        service.close_book(session, world.officer, book_id, expected_version=2, full=True)


def test_a_book_that_is_out_is_brought_back_before_it_is_closed(session: Session, world: World) -> None:
    book_id = open_book(session, world)
    service.take_out(session, world.officer, book_id, expected_version=1, officer_id=officer_id(world.head))
    with pytest.raises(Conflict) as refused:
        service.close_book(session, world.officer, book_id, expected_version=2, full=True)
    assert refused.value.sentence == (
        "Nguyễn Văn Lâm đang giữ quyển sổ này, mang đi lúc 8 giờ, 16/11/2026. "
        "Ông/bà ghi mang về trụ sở trước, rồi khóa sổ."
    )


# Out and back


def test_a_book_goes_out_once_and_comes_back(session: Session, world: World) -> None:
    book_id = open_book(session, world)
    service.take_out(session, world.officer, book_id, expected_version=1, officer_id=officer_id(world.head))
    loan = book_row(session, world, book_id).loan
    assert loan is not None
    assert (loan.officer_name, loan.out_at, loan.due_on) == ("Nguyễn Văn Lâm", MONDAY, TODAY)
    with pytest.raises(Conflict) as twice:
        service.take_out(session, world.officer, book_id, expected_version=2, officer_id=officer_id(world.officer))  # fmt: skip
    assert twice.value.sentence == (
        "Nguyễn Văn Lâm đang giữ quyển sổ này, mang đi lúc 8 giờ, 16/11/2026. "
        "Ông/bà ghi mang về trước, rồi ghi lần mang đi mới."
    )
    with pytest.raises(Conflict, match=STALE_BOOK):
        service.bring_back(session, world.officer, book_id, expected_version=1)
    with clock.travelling(at(16, 11)):
        service.bring_back(session, world.officer, book_id, expected_version=2)
    with pytest.raises(Conflict, match=AT_OFFICE):
        service.bring_back(session, world.officer, book_id, expected_version=3)
    back = session.execute(text("SELECT back_at, back_to FROM book_loan")).one()
    assert tuple(back) == (at(16, 11), world.officer.user_id)
    service.take_out(session, world.officer, book_id, expected_version=3, officer_id=officer_id(world.officer))  # fmt: skip


def test_only_the_unit_s_officers_and_the_book_s_trips_are_written_down(
    session: Session, world: World
) -> None:
    book_id = open_book(session, world)
    case_id, first = registered(session, world)
    bare = book_trip(session, world, case_id)
    with pytest.raises(InvalidInput, match="không phải cán bộ của đơn vị"):
        service.take_out(session, world.officer, book_id, expected_version=1, officer_id=officer_id(world.neighbour))  # fmt: skip
    for visit_id in (bare, first, new_id()):
        with pytest.raises(InvalidInput) as refused:
            service.take_out(session, world.officer, book_id, expected_version=1, officer_id=officer_id(world.officer), visit_id=visit_id)  # fmt: skip
        assert refused.value.fields == {"visit_id": NO_TRIP}
    assert book_row(session, world, book_id).loan is None


def test_a_book_not_back_after_its_trip_s_day_stands_first(session: Session, world: World) -> None:
    here, out = open_book(session, world, label="09"), open_book(session, world)
    case_id, _ = registered(session, world)
    trip = book_trip(session, world, case_id, register_book_id=out)
    service.take_out(session, world.officer, out, expected_version=1, officer_id=officer_id(world.officer), visit_id=trip)  # fmt: skip
    assert [row.id for row in queries.books_of(session, world.officer, TODAY)] == [out, here]
    assert queries.books_late(session, world.officer, date(2026, 11, 17)) == []
    (late,) = queries.books_late(session, world.officer, date(2026, 11, 18))
    assert late.loan is not None
    assert (late.id, late.loan.due_on, late.loan.visit_id) == (out, date(2026, 11, 17), trip)
    assert queries.books_late(session, world.neighbour, date(2026, 11, 18)) == []
    service.bring_back(session, world.officer, out, expected_version=2)
    assert queries.books_late(session, world.officer, date(2026, 11, 18)) == []


# The two visits of mobile registration


def test_the_second_visit_is_bound_to_the_first_and_carries_the_book(session: Session, world: World) -> None:
    book_id = open_book(session, world)
    case_id, first = registered(session, world)
    second = book_trip(session, world, case_id, register_book_id=book_id)
    row = trip_row(session, world, second)
    assert [(case.returns_visit_id, case.returns_at) for case in row.cases] == [(first, at(16, 8))]
    assert row.needs == (BookNeed("marriage", 2026),)
    assert [book.id for book in row.books] == [book_id]
    assert row.lacking == ()
    assert [trip.visit_id for trip in book_row(session, world, book_id).planned] == [second]
    taken = trip_row(session, world, first)
    assert (taken.needs, taken.books, taken.cases[0].returns_visit_id) == ((), (), None)


def test_the_last_first_visit_counts(session: Session, world: World) -> None:
    case_id = ask(session, world, MARRIAGE).case_id
    with clock.travelling(MONDAY):
        early = book_trip(session, world, case_id, starts_at=at(16, 8), purpose="receive")
        service.record_visit(session, world.officer, early, "done", "Thiếu giấy tờ")
        late = book_trip(session, world, case_id, starts_at=at(16, 10), purpose="receive")
        service.record_visit(session, world.officer, late, "done")
        receive(session, world, case_id)
    register(session, world, case_id)
    second = book_trip(session, world, case_id)
    assert trip_row(session, world, second).cases[0].returns_visit_id == late


def test_without_a_book_the_trip_is_booked_and_says_so(session: Session, world: World) -> None:
    case_id, _ = registered(session, world)
    second = book_trip(session, world, case_id)
    (lacking,) = trip_row(session, world, second).lacking
    assert lacking.words == "Sổ đăng ký kết hôn năm 2026"
    book_id = open_book(session, world)
    service.choose_books(session, world.officer, second, {book_id}, expected_version=1)
    row = trip_row(session, world, second)
    assert (row.lacking, row.version) == ((), 2)
    service.choose_books(session, world.officer, second, {book_id}, expected_version=2)
    service.choose_books(session, world.officer, second, set(), expected_version=3)
    assert trip_row(session, world, second).lacking == (lacking,)
    with pytest.raises(Conflict, match="Lịch này vừa có người khác thay đổi"):
        service.choose_books(session, world.officer, second, {book_id}, expected_version=3)


def test_the_ordinary_form_carries_no_book_and_is_not_bound(session: Session, world: World) -> None:
    book_id = open_book(session, world, kind="birth")
    case_id, _ = registered(session, world, BIRTH)
    with pytest.raises(InvalidInput, match=NOT_OFFERED):
        book_trip(session, world, case_id, register_book_id=book_id)
    row = trip_row(session, world, book_trip(session, world, case_id))
    assert (row.needs, row.lacking, row.cases[0].returns_visit_id) == ((), (), None)


def test_only_a_book_of_the_kind_year_and_unit_is_carried(session: Session, world: World) -> None:
    theirs = service.open_book(
        session, world.neighbour, unit_id=world.dai_an, kind="marriage", year=2026, label="01"
    )
    case_id, _ = registered(session, world)
    others = [
        theirs,
        open_book(session, world, kind="birth"),
        open_book(session, world, year=2025),
        new_id(),
    ]
    for wrong in others:
        with pytest.raises(InvalidInput) as refused:
            book_trip(session, world, case_id, register_book_id=wrong)
        assert refused.value.fields == {"book_id": NOT_OFFERED}
    second = book_trip(session, world, case_id)
    for wrong in others:
        with pytest.raises(InvalidInput, match=NOT_OFFERED):
            service.choose_books(session, world.officer, second, {wrong})
    assert trip_row(session, world, second).books == ()


def test_books_for_a_family_are_those_of_kind_and_year_open_ones_first(
    session: Session, world: World
) -> None:
    full, next_one = open_book(session, world), open_book(session, world, label="02")
    old = open_book(session, world, year=2025)
    open_book(session, world, kind="birth")
    service.close_book(session, world.officer, full, expected_version=1, full=True)
    found = queries.books_for(session, world.tra_cu, BookNeed("marriage", 2026))
    assert [(book.id, book.closed) for book in found] == [(next_one, False), (full, True)]
    ahead = queries.books_for(session, world.tra_cu, BookNeed("marriage", None))
    assert [book.id for book in ahead] == [next_one, old, full]
    assert queries.books_for(session, world.dai_an, BookNeed("marriage", 2026)) == []


def test_before_registration_the_book_may_be_of_any_year(session: Session, world: World) -> None:
    case_id, first = visited(session, world)
    book_id = open_book(session, world, year=2027)
    second = book_trip(session, world, case_id, register_book_id=book_id)
    row = trip_row(session, world, second)
    assert (row.needs, row.lacking) == ((BookNeed("marriage", None),), ())
    register(session, world, case_id)  # and turns out to stand in the book of the year before
    assert trip_row(session, world, second).lacking == (BookNeed("marriage", 2026),)
    assert row.cases[0].returns_visit_id == first


def test_a_trip_with_a_marriage_and_a_birth_carries_both_books(session: Session, world: World) -> None:
    wedding, _ = registered(session, world)
    child, first = registered(session, world, MOBILE_BIRTH)
    marriages, births = open_book(session, world), open_book(session, world, kind="birth")
    trip = book_trip(session, world, wedding, register_book_id=marriages)
    service.join_visit(session, world.officer, trip, child, version(session, world, child))
    row = trip_row(session, world, trip)
    assert row.lacking == (BookNeed("birth", 2026),)
    assert {case.returns_visit_id for case in row.cases} >= {first}
    service.choose_books(session, world.officer, trip, {marriages, births})
    row = trip_row(session, world, trip)
    assert (row.lacking, {book.id for book in row.books}) == ((), {marriages, births})


def test_a_family_whose_papers_are_only_taken_on_the_trip_needs_no_book(
    session: Session, world: World
) -> None:
    wedding, _ = registered(session, world)
    trip = book_trip(session, world, wedding)
    asked = ask(session, world, MARRIAGE).case_id
    service.join_visit(session, world.officer, trip, asked, version(session, world, asked))
    needs = {case.case_id: case.need for case in trip_row(session, world, trip).cases}
    assert needs == {wedding: BookNeed("marriage", 2026), asked: None}


def test_a_past_second_visit_is_bound_too(session: Session, world: World) -> None:
    case_id, first = registered(session, world)
    with clock.travelling(at(18, 12)):
        past = service.record_past_visit(
            session, world.officer, case_id=case_id, officer_id=officer_id(world.officer),
            starts_at=at(18, 8), ends_at=at(18, 9), outcome="done",
        )  # fmt: skip
    row = trip_row(session, world, past)
    assert (row.purpose, row.cases[0].returns_visit_id, row.lacking) == ("return", first, ())


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
