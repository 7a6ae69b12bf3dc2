"""Register books in the database: opening, lending, carrying on trips, and the two visits of mobile registration."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.shared import clock
from civreg.shared.database import new_id
from civreg.shared.errors import Conflict, InvalidInput
from civreg.visits import queries, service
from civreg.visits.rules import BookNeed
from civreg.visits.service.books import AT_OFFICE, NO_TRIP, STALE_BOOK
from civreg.visits.service.carrying import NOT_OFFERED
from tests.visits.book_acts import (
    MOBILE_BIRTH,
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
from tests.world import BIRTH, MARRIAGE, MONDAY, World, ask, receive, register, version

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
