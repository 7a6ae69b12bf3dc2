"""A trip that nobody made: one apology drafted, signed by the head with one new time, told to the family."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.deadlines import service as deadlines
from civreg.deadlines.rules.notices import NoticeRuleRow
from civreg.shared import clock
from civreg.shared.errors import Conflict, InvalidInput, NotAllowed, NotFound
from civreg.visits import queries, service
from tests.apologies import BOOKED, NEW_AT, NOTICED, WHY, booked_trip, sign_trip
from tests.world import MONDAY, World, ask


@pytest.fixture
def booked(session: Session, world: World) -> tuple[UUID, UUID]:
    case_id = ask(session, world).case_id
    return case_id, booked_trip(session, world, case_id)


def test_a_trip_nobody_recorded_is_apologised_for_once(
    session: Session, world: World, booked: tuple[UUID, UUID]
) -> None:
    _, visit_id = booked
    with clock.travelling(NOTICED - timedelta(seconds=1)):
        assert service.draft_missed(session) == 0
    with clock.travelling(NOTICED):
        assert service.draft_missed(session) == 1
        assert service.draft_missed(session) == 0
        (row,) = queries.visit_apologies_waiting(session, world.head)
        assert (row.visit_id, row.state, row.missed_at) == (visit_id, "draft", BOOKED)
        assert queries.visit_apologies_waiting(session, world.neighbour) == []
    actions = session.execute(text("SELECT count(*) FROM audit WHERE action = 'visit.apology_drafted'"))
    assert actions.scalar_one() == 1


def test_how_long_a_trip_may_stand_unrecorded_is_set_per_procedure(
    session: Session, world: World, booked: tuple[UUID, UUID]
) -> None:
    deadlines.set_notice_rule(session, world.administrator, "birth_mobile", NoticeRuleRow(1, 8, 1))
    with clock.travelling(NOTICED - timedelta(seconds=1)):
        assert service.draft_missed(session) == 0, "another procedure's hours are not this trip's"
    deadlines.set_notice_rule(session, world.administrator, "birth_at_home", NoticeRuleRow(1, 8, 2))
    with clock.travelling(NOTICED - timedelta(hours=2, seconds=1)):
        assert service.draft_missed(session) == 0
    with clock.travelling(NOTICED - timedelta(hours=2)):
        assert service.draft_missed(session) == 1


def test_a_longer_wait_is_kept_too(session: Session, world: World, booked: tuple[UUID, UUID]) -> None:
    deadlines.set_notice_rule(session, world.administrator, "birth_at_home", NoticeRuleRow(1, 8, 26))
    with clock.travelling(NOTICED + timedelta(hours=22, seconds=-1)):
        assert service.draft_missed(session) == 0
    with clock.travelling(NOTICED + timedelta(hours=22)):
        assert service.draft_missed(session) == 1


def test_signing_moves_the_trip_and_the_family_reads_why(
    session: Session, world: World, booked: tuple[UUID, UUID]
) -> None:
    case_id, visit_id = booked
    with clock.travelling(NOTICED):
        service.draft_missed(session)
        assert queries.told_apology(session, case_id) is None
        sign_trip(session, world, visit_id)
        assert queries.visit_page(session, world.officer, visit_id).starts_at == NEW_AT
        assert queries.told_apology(session, case_id) == (BOOKED, WHY)
        assert queries.next_visit(session, case_id) == NEW_AT
        with pytest.raises(Conflict, match="đã xin lỗi và hẹn lại một lần"):
            sign_trip(session, world, visit_id)
        (row,) = queries.visit_apologies_waiting(session, world.officer)
        assert (row.state, row.new_at, row.version) == ("signed", NEW_AT, 2)
        with pytest.raises(InvalidInput):
            service.send_visit_apology(session, world.officer, visit_id, expected_version=2, how="thư")
        service.send_visit_apology(session, world.officer, visit_id, expected_version=2, how="phone")
        assert queries.visit_apologies_waiting(session, world.officer) == []
        with pytest.raises(Conflict):
            service.send_visit_apology(session, world.officer, visit_id, expected_version=3, how="phone")
    with clock.travelling(NEW_AT + timedelta(days=1)):
        assert service.draft_missed(session) == 0
        service.record_visit(session, world.officer, visit_id, "done", "")
        assert queries.told_apology(session, case_id) is None


@pytest.mark.parametrize("how", ["record", "move", "cancel"])
def test_whoever_records_moves_or_cancels_the_trip_settles_the_draft(
    session: Session, world: World, booked: tuple[UUID, UUID], how: str
) -> None:
    _, visit_id = booked
    with clock.travelling(NOTICED):
        service.draft_missed(session)
        if how == "record":
            service.record_visit(session, world.officer, visit_id, "done", "")
        elif how == "move":
            service.move_visit(session, world.officer, visit_id, starts_at=NEW_AT)
        else:
            service.cancel_visit(session, world.officer, visit_id, "gia đình bận")
        assert queries.visit_apologies_waiting(session, world.head) == []
        assert queries.apology_of_visit(session, visit_id) is None
        with pytest.raises(Conflict):
            sign_trip(session, world, visit_id)


def test_only_the_head_of_the_unit_signs(session: Session, world: World, booked: tuple[UUID, UUID]) -> None:
    _, visit_id = booked
    with clock.travelling(NOTICED):
        service.draft_missed(session)
        for who, error in (
            (world.officer, NotAllowed),
            (world.neighbour, NotFound),
            (world.stranger, NotFound),
        ):
            with pytest.raises(error):
                service.sign_visit_apology(
                    session, who, visit_id, expected_version=1, reason=WHY, new_at=NEW_AT
                )


@pytest.mark.parametrize(
    ("reason", "new_at", "field"),
    [("  ", NEW_AT, "reason"), (WHY, BOOKED, "starts_at"), (WHY, MONDAY + timedelta(days=5), "starts_at")],
)
def test_a_reason_and_a_time_that_can_be_booked_are_wanted(
    session: Session, world: World, booked: tuple[UUID, UUID], reason: str, new_at: datetime, field: str
) -> None:
    _, visit_id = booked
    with clock.travelling(NOTICED):
        service.draft_missed(session)
        with pytest.raises(InvalidInput) as refused:
            sign_trip(session, world, visit_id, reason=reason, new_at=new_at)
        assert field in refused.value.fields
