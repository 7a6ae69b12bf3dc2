from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from civreg.cases import service as cases
from civreg.cases.queries import apologies_of, apologies_waiting, case_page
from civreg.deadlines import queries as deadlines
from civreg.deadlines import service as deadlines_service
from civreg.deadlines.rules import reason_sentence
from civreg.shared import audit, clock
from civreg.shared.errors import Conflict, InvalidInput, NotAllowed, NotFound
from civreg.work import run_waiting
from tests.apologies import LATE, NEW_DAY, missed_result, sign_result, tell_result
from tests.cases.paper_acts import DEATH
from tests.world import BIRTH, World, ask, papers_of, register, version


def test_a_missed_date_drafts_one_apology_and_gets_one_new_date(session: Session, world: World) -> None:
    case_id = missed_result(session, world)
    with clock.travelling(LATE):
        [draft] = apologies_waiting(session, world.head)
        assert (draft.state, draft.missed_on) == ("draft", date(2026, 11, 23))
        assert apologies_waiting(session, world.neighbour) == []
        assert cases.draft_apology(session, _deadline(session, case_id)) is None
        with pytest.raises(NotAllowed):
            cases.sign_apology(
                session,
                world.officer,
                draft.id,
                expected_version=1,
                reason="x",
                new_due_on=date(2026, 11, 27),
            )
        with pytest.raises(NotFound):
            cases.sign_apology(
                session,
                world.neighbour,
                draft.id,
                expected_version=1,
                reason="x",
                new_due_on=date(2026, 11, 27),
            )
        sign_result(session, world, case_id, reason="Phần mềm hộ tịch không đăng nhập được")
        page = case_page(session, world.officer, draft.case_id)
        assert page.promised_on == date(2026, 11, 27)
        row = next(row for row in deadlines.deadlines_of(session, draft.case_id) if row.kind == "part")
        assert [reason_sentence(reason) for reason in row.reasons] == [
            "Hẹn lại theo phiếu xin lỗi ký ngày 24/11/2026, thay cho ngày hẹn 23/11/2026."
        ]
        with pytest.raises(Conflict, match="chỉ được hẹn lại một ngày"):
            cases.sign_apology(
                session,
                world.head,
                draft.id,
                expected_version=2,
                reason="nữa",
                new_due_on=date(2026, 11, 30),
            )
        tell_result(session, world, case_id)
        assert [one.state for one in apologies_of(session, world.officer, draft.case_id)] == ["sent"]
        assert apologies_waiting(session, world.officer) == []
    with clock.travelling(datetime(2026, 11, 26, 9, tzinfo=clock.ZONE)):
        register(session, world, draft.case_id, personal_number="")
        assert case_page(session, world.officer, draft.case_id).on_time is False
    with clock.travelling(LATE + timedelta(days=9)):
        deadlines_service.sweep(session)
        run_waiting(session)
        assert len(apologies_of(session, world.officer, draft.case_id)) == 1
    assert audit.verify(session).ok


@pytest.mark.parametrize(("registered_on", "on_time"), [(26, True), (27, False)])
def test_papers_that_are_awaited_after_an_apology_move_the_first_promise_too(
    session: Session, world: World, registered_on: int, on_time: bool
) -> None:
    """Signed on the promised Monday, stopped at once, gone on on Wednesday: what that moved of the new day it moves of the first."""
    monday = datetime(2026, 11, 23, 9, tzinfo=clock.ZONE)
    case_id = missed_result(session, world, at=monday)
    with clock.travelling(monday):
        sign_result(session, world, case_id, new_due_on=date(2026, 11, 27))
        paper = papers_of(session, world, case_id)[:1]
        cases.request_papers(
            session,
            world.officer,
            case_id,
            expected_version=version(session, world, case_id),
            papers=paper,
            reason="Bị mờ",
        )
    with clock.travelling(datetime(2026, 11, 25, 9, tzinfo=clock.ZONE)):
        expected = version(session, world, case_id)
        cases.take_papers(session, world.officer, case_id, expected_version=expected, papers=paper)
    with clock.travelling(datetime(2026, 11, registered_on, 9, tzinfo=clock.ZONE)):
        register(session, world, case_id, personal_number="")
    page = case_page(session, world.officer, case_id)
    assert (page.promised_on, page.on_time) == (date(2026, 12, 1), on_time)


@pytest.mark.parametrize(
    ("signed_at", "stopped_at", "went_on_at", "day"),
    [
        # promised on Tuesday for Friday; stopped on Thursday, so that Thursday and Friday are left after Monday
        (
            LATE,
            datetime(2026, 11, 26, 9, tzinfo=clock.ZONE),
            datetime(2026, 11, 30, 9, tzinfo=clock.ZONE),
            date(2026, 12, 2),
        ),
        # signed on Wednesday while it stood still: Wednesday, Thursday and Friday are left
        (
            datetime(2026, 11, 25, 10, tzinfo=clock.ZONE),
            LATE,
            datetime(2026, 11, 30, 9, tzinfo=clock.ZONE),
            date(2026, 12, 3),
        ),
        # the date had passed before the clock stopped: it stays missed
        (
            LATE,
            datetime(2026, 11, 30, 9, tzinfo=clock.ZONE),
            datetime(2026, 12, 1, 9, tzinfo=clock.ZONE),
            date(2026, 11, 27),
        ),
    ],
)
def test_the_new_date_goes_on_with_what_was_left_of_it_when_papers_came(
    session: Session, world: World, signed_at: datetime, stopped_at: datetime, went_on_at: datetime, day: date
) -> None:
    case_id = missed_result(session, world)
    paper = papers_of(session, world, case_id)[:1]
    acts = {
        signed_at: lambda: sign_result(session, world, case_id),
        stopped_at: lambda: cases.request_papers(
            session,
            world.officer,
            case_id,
            expected_version=version(session, world, case_id),
            papers=paper,
            reason="Bị mờ",
        ),
    }
    for moment in sorted(acts):
        with clock.travelling(moment):
            acts[moment]()
    assert case_page(session, world.officer, case_id).promised_on is None
    with clock.travelling(went_on_at):
        expected = version(session, world, case_id)
        cases.take_papers(session, world.officer, case_id, expected_version=expected, papers=paper)
    assert case_page(session, world.officer, case_id).promised_on == day
    row = next(row for row in deadlines.deadlines_of(session, case_id) if row.kind == "part")
    assert row.due_on == day
    with clock.travelling(went_on_at + timedelta(minutes=1)):
        register(session, world, case_id, personal_number="")
    assert case_page(session, world.officer, case_id).on_time is False, "judged by the first promise"
    said = reason_sentence(row.reasons[-1])
    assert (
        said == f"Hẹn lại theo phiếu xin lỗi ký ngày {signed_at.day}/11/2026, thay cho ngày hẹn 23/11/2026."
    )


def test_an_apology_of_a_case_that_was_withdrawn_waits_for_nobody(session: Session, world: World) -> None:
    case_id = missed_result(session, world)
    with clock.travelling(LATE):
        [draft] = apologies_waiting(session, world.head)
        expected = version(session, world, case_id)
        cases.withdraw(session, world.officer, case_id, expected_version=expected, reason="Tự đến trụ sở")
        assert apologies_waiting(session, world.head) == []
        with pytest.raises(Conflict, match="Hồ sơ đã dừng nên không cần phiếu xin lỗi nữa"):
            cases.sign_apology(
                session, world.head, draft.id, expected_version=1, reason="Mất điện", new_due_on=NEW_DAY
            )


def _deadline(session: Session, case_id: UUID) -> UUID:
    return next(row.id for row in deadlines.deadlines_of(session, case_id) if row.kind == "part")


@pytest.mark.parametrize(
    ("reason", "day", "fields"),
    [
        ("", date(2026, 11, 27), {"reason"}),
        ("Máy hỏng", date(2026, 11, 20), {"new_due_on"}),
        ("Máy hỏng", date(2026, 11, 28), {"new_due_on"}),
    ],
)
def test_a_new_date_is_a_working_day_to_come_with_a_reason(
    session: Session, world: World, reason: str, day: date, fields: set[str]
) -> None:
    missed_result(session, world)
    with clock.travelling(LATE):
        [draft] = apologies_waiting(session, world.head)
        with pytest.raises(InvalidInput) as refused:
            cases.sign_apology(
                session, world.head, draft.id, expected_version=1, reason=reason, new_due_on=day
            )
        assert set(refused.value.fields) == fields
        with pytest.raises(Conflict, match="cần lãnh đạo ký trước"):
            cases.send_apology(session, world.officer, draft.id, expected_version=1, how="phone")


def test_a_missed_call_needs_no_apology_slip(session: Session, world: World) -> None:
    ask(session, world)
    with clock.travelling(LATE):
        deadlines_service.sweep(session)
        run_waiting(session)
        assert apologies_waiting(session, world.head) == []


BUNDLE = replace(BIRTH, procedure="birth_bundle")


def test_a_part_that_comes_after_its_bundle_keeps_the_day_of_the_bundle_back(
    session: Session, world: World
) -> None:
    """The birth of a bundle is promised anew for Friday, past the bundle's own day: the family is told Friday, always."""
    case_id = missed_result(session, world, BUNDLE)
    with clock.travelling(LATE):
        late = next(row for row in deadlines.deadlines_of(session, case_id) if row.kind == "whole")
        assert late.due_on == date(2026, 11, 19)
        for draft in apologies_waiting(session, world.head):
            if draft.deadline_id != late.id:
                said = {"expected_version": draft.version, "reason": "Mất điện", "new_due_on": NEW_DAY}
                cases.sign_apology(session, world.head, draft.id, **said)
        page = case_page(session, world.officer, case_id)
        assert (page.promised_on, page.parts[0].due_on) == (NEW_DAY, NEW_DAY)
        expected = version(session, world, case_id)
        paper = papers_of(session, world, case_id)[:1]
        cases.request_papers(
            session, world.officer, case_id, expected_version=expected, papers=paper, reason="Bị mờ"
        )
        assert case_page(session, world.officer, case_id).promised_on is None
        expected = version(session, world, case_id)
        cases.take_papers(session, world.officer, case_id, expected_version=expected, papers=paper)
        page = case_page(session, world.officer, case_id)
        assert (page.promised_on, page.parts[0].due_on) == (NEW_DAY, NEW_DAY)


def test_a_new_day_for_a_part_is_told_though_other_parts_have_none(session: Session, world: World) -> None:
    """No text limits the other parts of a death bundle, so it has no day of its own; the head's word is one."""
    case_id = missed_result(session, world, replace(DEATH, procedure="death_bundle"))
    assert case_page(session, world.officer, case_id).promised_on is None
    with clock.travelling(LATE):
        sign_result(session, world, case_id)
        assert case_page(session, world.officer, case_id).promised_on == NEW_DAY


def test_the_new_day_of_a_result_signed_late_stands_though_its_promise_is_closed(
    session: Session, world: World
) -> None:
    case_id = missed_result(session, world)
    with clock.travelling(LATE):
        register(session, world, case_id, personal_number="")
        sign_result(session, world, case_id)
        assert case_page(session, world.officer, case_id).promised_on == NEW_DAY
