from __future__ import annotations

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
from tests.world import MARRIAGE, World, ask, papers_of, receive, register, version

LATE = datetime(2026, 11, 24, 8, tzinfo=clock.ZONE)


def _missed(session: Session, world: World) -> object:
    receipt = ask(session, world, MARRIAGE)
    receive(session, world, receipt.case_id)
    with clock.travelling(LATE):
        deadlines_service.sweep(session)
        run_waiting(session)
    return receipt.case_id


def test_a_missed_date_drafts_one_apology_and_gets_one_new_date(session: Session, world: World) -> None:
    case_id = _missed(session, world)
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
        cases.sign_apology(
            session,
            world.head,
            draft.id,
            expected_version=1,
            reason="Phần mềm hộ tịch không đăng nhập được",
            new_due_on=date(2026, 11, 27),
        )
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
        cases.send_apology(session, world.officer, draft.id, expected_version=2, how="handed")
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


def _sign(session: Session, world: World) -> None:
    [draft] = apologies_waiting(session, world.head)
    cases.sign_apology(
        session,
        world.head,
        draft.id,
        expected_version=1,
        reason="Mất điện",
        new_due_on=date(2026, 11, 27),
    )


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
    case_id = UUID(str(_missed(session, world)))
    paper = papers_of(session, world, case_id)[:1]
    acts = {
        signed_at: lambda: _sign(session, world),
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
    said = reason_sentence(row.reasons[-1])
    assert (
        said == f"Hẹn lại theo phiếu xin lỗi ký ngày {signed_at.day}/11/2026, thay cho ngày hẹn 23/11/2026."
    )


def test_an_apology_of_a_case_that_was_withdrawn_waits_for_nobody(session: Session, world: World) -> None:
    case_id = UUID(str(_missed(session, world)))
    with clock.travelling(LATE):
        [draft] = apologies_waiting(session, world.head)
        expected = version(session, world, case_id)
        cases.withdraw(session, world.officer, case_id, expected_version=expected, reason="Tự đến trụ sở")
        assert apologies_waiting(session, world.head) == []
        with pytest.raises(Conflict, match="Hồ sơ đã dừng nên không cần phiếu xin lỗi nữa"):
            cases.sign_apology(
                session,
                world.head,
                draft.id,
                expected_version=1,
                reason="Mất điện",
                new_due_on=date(2026, 11, 27),
            )


def _deadline(session: Session, case_id: object):  # type: ignore[no-untyped-def]  # noqa: ANN202
    return next(row.id for row in deadlines.deadlines_of(session, case_id) if row.kind == "part")  # type: ignore[arg-type]


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
    _missed(session, world)
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
