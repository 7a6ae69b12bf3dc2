"""Báo gia đình: an apology counts as told with the hand-over of its letter, or before it by telephone or slip."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg import work
from civreg.cases.queries import apologies_of, apologies_waiting
from civreg.letters import service as letters
from civreg.letters.queries import LetterRow
from civreg.shared import clock
from civreg.visits import service as visits
from civreg.visits.queries import apology_of_visit, visit_apologies_waiting
from tests.apologies import (
    LATE,
    NOTICED,
    case_of,
    missed_result,
    missed_trip,
    sign_result,
    sign_trip,
    tell_result,
)
from tests.letters.flow import letter_of
from tests.world import World, ask


def hand_over(session: Session, world: World, row: LetterRow, way: letters.HandOverWay = "post") -> None:
    """Bring a drafted letter of apology to the family."""
    letters.approve(session, world.head, row.id, expected_version=row.version)
    work.run_waiting(session)
    assert letters.print_run(session, world.clerk, [world.tra_cu], [row.id]).count == 1
    letters.sign_many(session, world.clerk, [row.id])
    letters.give_many(session, world.clerk, [row.id], officer_name=world.officer.full_name)
    said: dict[str, Any] = {"to_whom": "Trần Văn Út", "relation": "người yêu cầu", "at": clock.now()}
    version = letter_of(session, row.case_id).version
    letters.hand_over(session, world.officer, row.id, expected_version=version, way=way, **said)
    work.run_waiting(session)


def take_back(session: Session, world: World, case_id: UUID) -> None:
    """Let the head say that a hand-over was noted by mistake."""
    row = letter_of(session, case_id)
    letters.take_back(session, world.head, row.id, expected_version=row.version, reason="Ghi nhầm gia đình")
    work.run_waiting(session)
    session.expire_all()


def late_result(session: Session, world: World) -> LetterRow:
    """Return the drafted letter for a late result. Needs `LATE`."""
    case_id = missed_result(session, world)
    sign_result(session, world, case_id)
    work.run_waiting(session)
    return letter_of(session, case_id)


@pytest.mark.parametrize("way", ["visit", "office", "post"])
def test_its_letter_in_the_family_s_hands_tells_the_apology(
    session: Session, world: World, way: letters.HandOverWay
) -> None:
    with clock.travelling(LATE):
        row = late_result(session, world)
        assert [one.state for one in apologies_waiting(session, world.officer)] == ["signed"]
        hand_over(session, world, row, way)
        (told,) = apologies_of(session, world.officer, row.case_id)
        assert (told.state, told.sent_how, told.sent_at) == ("sent", "letter", clock.now())
        assert apologies_waiting(session, world.officer) == []
        by = session.scalar(text("SELECT sent_by FROM apology WHERE id = :id"), {"id": told.id})
        assert by == world.officer.user_id
        take_back(session, world, row.case_id)
        (again,) = apologies_of(session, world.officer, row.case_id)
        assert (again.state, again.sent_how, again.sent_at) == ("signed", None, None)


def test_what_was_told_by_telephone_waits_for_no_letter_and_stays_so(session: Session, world: World) -> None:
    with clock.travelling(LATE):
        row = late_result(session, world)
        tell_result(session, world, row.case_id, "phone")
        assert apologies_waiting(session, world.officer) == []
        hand_over(session, world, row)
        take_back(session, world, row.case_id)
        (told,) = apologies_of(session, world.officer, row.case_id)
        assert (told.state, told.sent_how, told.version) == ("sent", "phone", 3)


def test_a_shared_trip_is_told_when_each_family_has_its_letter(session: Session, world: World) -> None:
    visit_id = missed_trip(session, world)
    first = case_of(session, visit_id)
    second = ask(session, world).case_id
    visits.join_visit(session, world.officer, visit_id, second, expected_version=None)
    with clock.travelling(NOTICED):
        sign_trip(session, world, visit_id)
        work.run_waiting(session)
        hand_over(session, world, letter_of(session, first), "office")
        assert [one.state for one in visit_apologies_waiting(session, world.officer)] == ["signed"]
        hand_over(session, world, letter_of(session, second))
        session.expire_all()
        assert visit_apologies_waiting(session, world.officer) == []
        told = apology_of_visit(session, visit_id)
        assert told is not None
        assert (told.state, told.sent_how) == ("sent", "letter")
        take_back(session, world, first)
        assert [one.state for one in visit_apologies_waiting(session, world.officer)] == ["signed"]


def test_a_trip_told_by_telephone_stays_so(session: Session, world: World) -> None:
    visit_id = missed_trip(session, world)
    with clock.travelling(NOTICED):
        sign_trip(session, world, visit_id)
        work.run_waiting(session)
        visits.send_visit_apology(session, world.officer, visit_id, expected_version=2, how="phone")
        hand_over(session, world, letter_of(session, case_of(session, visit_id)))
        session.expire_all()
        told = apology_of_visit(session, visit_id)
        assert told is not None
        assert (told.state, told.sent_how) == ("sent", "phone")
