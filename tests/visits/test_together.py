"""Đi một chuyến: twins, and a marriage before its birth, are served by one visit."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from civreg.cases import service as cases
from civreg.cases.queries import case_page
from civreg.shared import clock
from civreg.visits import queries
from civreg.visits import service as visits
from tests.cases.test_circumstances import DEATH
from tests.cases.test_links import twin_of
from tests.world import MARRIAGE, World, ask, receive, register, version


def book(session: Session, world: World, case_id: UUID, purpose: str = "receive") -> UUID:
    assert world.officer.user_id is not None
    tomorrow = clock.today() + timedelta(days=1)
    [slot] = queries.free_slots(session, world.tra_cu, world.officer.user_id, tomorrow, 1)
    return visits.book_visit(
        session,
        world.officer,
        case_id=case_id,
        expected_version=version(session, world, case_id),
        officer_id=world.officer.user_id,
        starts_at=slot.starts_at,
        purpose="receive" if purpose == "receive" else "return",
    )


def served(session: Session, world: World, visit_id: UUID) -> set[UUID]:
    return {row.case_id for row in queries.visit_page(session, world.officer, visit_id).cases}


def test_one_booking_serves_the_whole_birth(session: Session, world: World) -> None:
    first = ask(session, world).case_id
    second = twin_of(session, world, first)
    third = twin_of(session, world, second, "Kim Sô Ly", "k3")
    visit_id = book(session, world, second)
    assert served(session, world, visit_id) == {first, second, third}
    assert {case_page(session, world.officer, one).state for one in (first, second, third)} == {
        "visit_scheduled"
    }


def test_a_twin_added_after_the_booking_comes_along(session: Session, world: World) -> None:
    first = ask(session, world).case_id
    visit_id = book(session, world, first)
    receipt = visits.add_twin(
        session,
        world.officer,
        first,
        expected_version=version(session, world, first),
        request_key="k2",
        full_name="Kim Sô Phia",
        sex="female",
    )
    assert served(session, world, visit_id) == {first, receipt.case_id}
    assert case_page(session, world.officer, receipt.case_id).state == "visit_scheduled"


def test_the_marriage_and_the_birth_are_one_trip(session: Session, world: World) -> None:
    birth = ask(session, world).case_id
    visit_id = book(session, world, birth)
    marriage = visits.start_marriage(
        session, world.officer, birth, expected_version=version(session, world, birth)
    ).case_id
    assert served(session, world, visit_id) == {birth, marriage}


@pytest.mark.parametrize("kind", ["marriage_before_birth", "birth_and_death"])
def test_a_tie_made_by_hand_shares_the_trip_only_where_one_trip_serves(
    session: Session, world: World, kind: str
) -> None:
    birth = ask(session, world).case_id
    other = ask(session, world, MARRIAGE if kind == "marriage_before_birth" else DEATH)
    visit_id = book(session, world, birth)
    visits.link_cases(
        session,
        world.officer,
        birth,
        expected_version=version(session, world, birth),
        other_code=other.code,
        kind=kind,  # type: ignore[arg-type]
    )
    shared = kind == "marriage_before_birth"
    assert served(session, world, visit_id) == ({birth, other.case_id} if shared else {birth})


def test_results_of_twins_are_brought_together_when_both_are_ready(session: Session, world: World) -> None:
    first = ask(session, world).case_id
    second = twin_of(session, world, first)
    third = twin_of(session, world, first, "Kim Sô Ly", "k3")
    for one in (first, second):
        receive(session, world, one)
        register(session, world, one)
    visit_id = book(session, world, first, "return")
    assert served(session, world, visit_id) == {first, second}
    assert case_page(session, world.officer, third).state == "requested"


def test_cases_that_are_not_tied_stay_at_home(session: Session, world: World) -> None:
    first, stranger = ask(session, world).case_id, ask(session, world).case_id
    assert served(session, world, book(session, world, first)) == {first}
    assert case_page(session, world.officer, stranger).state == "requested"
    cases.withdraw(
        session, world.officer, stranger, expected_version=version(session, world, stranger), reason="Đổi ý"
    )
