"""Deadlines in the database: promises with pauses, and notices given once."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from civreg.deadlines import queries, service
from civreg.deadlines.rules import (
    CalendarMissing,
    Due,
    Reason,
    add_working_days,
    reason_sentence,
    working_days_due,
)
from civreg.deadlines.rules.notices import NoticeRuleRow
from civreg.deadlines.service import SweepReport
from civreg.settings import Settings
from civreg.shared import clock, crypto
from civreg.shared.database import new_id, transaction
from civreg.shared.errors import InvalidInput, NotFound
from tests.world import MONDAY, World, build_world


def at(day: int, hour: int = 9, minute: int = 0) -> datetime:
    """Return a moment of November 2026; the 16th is a Monday, the 24th a holiday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=clock.ZONE)


def promise(session: Session, world: World, *, days: int = 5, starts_at: datetime = MONDAY) -> UUID:
    case_id = new_id()
    due = working_days_due(starts_at, days, service.calendar(session))
    service.open_deadline(
        session,
        case_id=case_id,
        subject_id=case_id,
        kind="part",
        unit_id=world.tra_cu,
        starts_at=starts_at,
        due=due,
    )
    return case_id


def sweep_at(session: Session, moment: datetime) -> SweepReport:
    with clock.travelling(moment):
        return service.sweep(session)


def notices(session: Session) -> list[tuple[str, str, date]]:
    rows = session.execute(text("SELECT kind, for_role, due_on FROM deadline_notice ORDER BY given_at, id"))
    return [(row[0], row[1], row[2]) for row in rows]


def count(session: Session, sql: str) -> Any:
    return session.execute(text(sql)).scalar_one()


# Promises


def test_a_promise_keeps_its_day_its_reasons_and_its_start(session: Session, world: World) -> None:
    case_id = promise(session, world)
    (deadline,) = queries.deadlines_of(session, case_id)
    assert (deadline.due_on, deadline.due_at) == (date(2026, 11, 23), at(24, 0))
    assert [segment.kind for segment in deadline.segments] == ["start"]
    assert reason_sentence(deadline.reasons[0]).startswith("05 ngày làm việc")
    assert (deadline.state, deadline.paused, deadline.met_on_time) == ("open", False, None)


def test_the_same_promise_again_changes_nothing(session: Session, world: World) -> None:
    case_id = promise(session, world)
    (first,) = queries.deadlines_of(session, case_id)
    again = service.open_deadline(
        session,
        case_id=case_id,
        subject_id=case_id,
        kind="part",
        unit_id=world.tra_cu,
        starts_at=at(18),
        due=Due(None, ()),
    )
    assert again == first.id
    assert queries.deadlines_of(session, case_id) == [first]


def test_an_unknown_limit_has_no_day_and_no_notices(session: Session, world: World) -> None:
    case_id = new_id()
    service.open_deadline(
        session,
        case_id=case_id,
        subject_id=case_id,
        kind="part",
        unit_id=world.tra_cu,
        starts_at=MONDAY,
        due=Due(None, (Reason("unconfirmed", {"why": "chưa có văn bản"}),)),
    )
    (deadline,) = queries.deadlines_of(session, case_id)
    assert (deadline.due_on, deadline.due_at) == (None, None)
    assert reason_sentence(deadline.reasons[0]) == "Thời hạn chưa xác nhận: chưa có văn bản"
    assert sweep_at(session, MONDAY + timedelta(days=365)) == SweepReport(0, 0, 0)


@pytest.mark.parametrize(("met_at", "in_time"), [(at(23, 23, 59), True), (at(24, 0), False)])
def test_a_promise_is_kept_until_midnight(
    session: Session, world: World, met_at: datetime, in_time: bool
) -> None:
    case_id = promise(session, world)
    assert service.meet_deadline(session, case_id, "part", met_at) is in_time
    (deadline,) = queries.deadlines_of(session, case_id)
    assert (deadline.state, deadline.met_on_time) == ("met", in_time)
    assert service.meet_deadline(session, case_id, "part", met_at) is None
    assert sweep_at(session, at(30)) == SweepReport(0, 0, 0)


def test_a_cancelled_promise_is_not_warned_of(session: Session, world: World) -> None:
    case_id, other = promise(session, world), promise(session, world)
    service.cancel_deadlines(session, case_id)
    service.cancel_deadline(session, other, "part")
    assert {row.state for row in queries.deadlines_of(session, case_id)} == {"cancelled"}
    assert sweep_at(session, at(30)) == SweepReport(0, 0, 0)


def test_a_pause_moves_the_day_and_its_notices(session: Session, world: World) -> None:
    case_id = promise(session, world)
    assert sweep_at(session, at(20, 8)) == SweepReport(1, 0, 0)
    service.pause(session, case_id, at(20, 10), "papers_requested")
    service.pause(session, case_id, at(20, 11), "papers_requested")
    (stopped,) = queries.deadlines_of(session, case_id)
    assert (stopped.due_on, stopped.paused, len(stopped.segments)) == (None, True, 2)
    assert sweep_at(session, at(27)) == SweepReport(0, 0, 0)
    assert service.resume(session, case_id, at(27, 9)) == {case_id: date(2026, 12, 1)}
    assert service.resume(session, case_id, at(27, 10)) == {}
    (resumed,) = queries.deadlines_of(session, case_id)
    assert [segment.kind for segment in resumed.segments] == ["start", "pause", "resume"]
    assert "Tạm dừng tính hạn từ 20/11/2026 đến 27/11/2026" in " ".join(map(reason_sentence, resumed.reasons))
    assert sweep_at(session, at(30, 8)) == SweepReport(1, 0, 0)
    assert [day for _, _, day in notices(session)] == [date(2026, 11, 23), date(2026, 12, 1)]


def test_a_promise_to_call_does_not_pause(session: Session, world: World) -> None:
    case_id = new_id()
    service.open_deadline(
        session,
        case_id=case_id,
        subject_id=case_id,
        kind="call",
        unit_id=world.tra_cu,
        starts_at=MONDAY,
        due=Due(date(2026, 11, 17), ()),
    )
    service.pause(session, case_id, at(16, 10), "papers_requested")
    (deadline,) = queries.deadlines_of(session, case_id)
    assert (deadline.due_on, deadline.paused) == (date(2026, 11, 17), False)


def test_another_call_is_a_promise_of_its_own(session: Session, world: World) -> None:
    case_id = new_id()
    due = Due(date(2026, 11, 17), (Reason("no_limit"),))
    for number in (1, 2):
        service.promise_another_call(
            session, case_id=case_id, unit_id=world.tra_cu, starts_at=at(16, 8 + number), due=due
        )
        assert service.meet_deadline(session, case_id, "call", at(16, 12)) is True
    assert [row.ordinal for row in queries.deadlines_of(session, case_id)] == [1, 2]


def test_a_new_appointment_gets_notices_of_its_own(session: Session, world: World) -> None:
    case_id = promise(session, world)
    assert sweep_at(session, at(25, 8)) == SweepReport(0, 1, 1)
    service.change_due(session, case_id, "part", Due(date(2026, 11, 27), (Reason("no_limit"),)), at(25, 9))
    assert sweep_at(session, at(26, 8)) == SweepReport(1, 0, 0)
    assert sweep_at(session, at(30, 8)) == SweepReport(0, 1, 1)


def test_a_new_unit_keeps_the_promises(session: Session, world: World) -> None:
    case_id = promise(session, world)
    sweep_at(session, at(20, 8))
    service.hand_deadlines_to(session, case_id, world.dai_an)
    assert queries.notices_for(session, world.officer) == []
    assert [row.case_id for row in queries.notices_for(session, world.neighbour)] == [case_id]


# Notices


def test_reminder_breach_and_escalation_come_in_order_and_once(session: Session, world: World) -> None:
    promise(session, world)
    moment, end, seen = MONDAY, at(28), []
    while moment < end:
        report = sweep_at(session, moment)
        if report != SweepReport(0, 0, 0):
            seen.append((moment, report))
        moment += timedelta(minutes=30)
    assert seen == [
        (at(20, 7), SweepReport(1, 0, 0)),
        (at(23, 7), SweepReport(0, 0, 0, due_today=1)),
        (at(24, 0), SweepReport(0, 1, 0)),
        (at(25, 8), SweepReport(0, 0, 1)),
    ]
    due = date(2026, 11, 23)
    assert notices(session) == [
        ("reminder", "officer", due),
        ("due_today", "officer", due),
        ("overdue", "officer", due),
        ("escalation", "head", due),
    ]


def test_a_procedure_is_reminded_of_by_its_own_rule_from_the_next_sweep_on(
    session: Session, world: World
) -> None:
    due = working_days_due(MONDAY, 5, service.calendar(session))
    for procedure in ("birth_mobile", "marriage_mobile"):
        case_id = new_id()
        service.open_deadline(
            session,
            case_id=case_id,
            subject_id=case_id,
            kind="part",
            unit_id=world.tra_cu,
            starts_at=MONDAY,
            due=due,
            procedure=procedure,
        )
    service.set_notice_rule(session, world.administrator, "birth_mobile", NoticeRuleRow(3, 26))
    assert sweep_at(session, at(18, 6, 59)) == SweepReport(0, 0, 0)
    assert sweep_at(session, at(18, 7)) == SweepReport(1, 0, 0)
    assert sweep_at(session, at(20, 7)) == SweepReport(1, 0, 0)
    assert sweep_at(session, at(25, 8)) == SweepReport(0, 2, 1)  # the usual one after 8 hours
    assert sweep_at(session, at(26, 2)) == SweepReport(0, 0, 1)  # 24/11 is off: 26 hours end on the 26th
    with pytest.raises(InvalidInput) as refused:
        service.set_notice_rule(session, world.administrator, "birth_mobile", NoticeRuleRow(11, 241))
    assert refused.value.fields == {
        "remind_before_days": "Ông/bà ghi một số từ 0 đến 10.",
        "escalate_after_hours": "Ông/bà ghi một số từ 0 đến 240.",
    }


def test_after_an_outage_everything_comes_in_order_and_once(session: Session, world: World) -> None:
    first, second = promise(session, world, days=3), promise(session, world, days=5)
    for moment in (at(30), at(30), at(30, 9, 1)):
        sweep_at(session, moment)
    rows = session.execute(text("SELECT case_id, kind FROM deadline_notice ORDER BY id")).all()
    assert [(row[0], row[1]) for row in rows] == [
        (first, "overdue"),
        (first, "escalation"),
        (second, "overdue"),
        (second, "escalation"),
    ]


def test_a_breach_is_published_once_with_ids_only(session: Session, world: World) -> None:
    case_id = promise(session, world)
    sweep_at(session, at(30))
    sweep_at(session, at(30))
    rows = session.execute(text("SELECT subject_id, payload FROM outbox WHERE topic = 'deadline.breached'"))
    ((subject_id, payload),) = rows.all()
    assert subject_id == case_id
    assert set(payload) == {"deadline_id", "unit_id", "kind", "day"}


def test_a_sweep_that_slept_gives_breach_and_escalation_without_the_reminder(
    session: Session, world: World
) -> None:
    promise(session, world)
    assert sweep_at(session, at(30)) == SweepReport(0, 1, 1)


def test_what_is_due_the_same_day_is_called_before_closing(session: Session, world: World) -> None:
    case_id = new_id()
    service.open_deadline(
        session,
        case_id=case_id,
        subject_id=case_id,
        kind="part",
        unit_id=world.tra_cu,
        starts_at=MONDAY,
        due=Due(MONDAY.date(), (Reason("same_day", {"cutoff": "15 giờ", "received": "2026-11-16"}),)),
    )
    assert sweep_at(session, at(16, 15, 59)) == SweepReport(0, 0, 0)
    assert sweep_at(session, at(16, 16)) == SweepReport(0, 0, 0, due_today=1)


def test_a_broken_row_steps_aside_and_the_others_are_warned_of(session: Session, world: World) -> None:
    broken, sound = promise(session, world), promise(session, world)
    session.execute(text("UPDATE deadline SET due_on = NULL WHERE case_id = :id"), {"id": broken})
    assert sweep_at(session, at(20, 8)) == SweepReport(1, 0, 0, postponed=1)
    assert session.scalars(text("SELECT case_id FROM deadline_notice")).all() == [sound]
    assert sweep_at(session, at(20, 8, 5)) == SweepReport(0, 0, 0)
    assert sweep_at(session, at(20, 8, 15)) == SweepReport(0, 0, 0, postponed=1)


def test_many_deadlines_are_swept_in_portions(session: Session, world: World) -> None:
    for _ in range(5):
        promise(session, world)
    with clock.travelling(at(20, 8)):
        reports = [service.sweep(session, limit=2).reminders for _ in range(4)]
    assert reports == [2, 2, 1, 0]


def test_notices_are_for_the_role_at_the_unit(session: Session, world: World) -> None:
    promise(session, world)
    sweep_at(session, at(20, 8))
    sweep_at(session, at(25, 8))
    assert {row.kind for row in queries.notices_for(session, world.officer)} == {"reminder", "overdue"}
    assert {row.kind for row in queries.notices_for(session, world.head)} == {"escalation"}
    for actor in (world.neighbour, world.clerk, world.staff, world.administrator, world.stranger):
        assert queries.notices_for(session, actor) == []


def test_a_seen_notice_is_gone_and_only_its_addressee_may_see_it(session: Session, world: World) -> None:
    promise(session, world)
    sweep_at(session, at(20, 8))
    (notice,) = queries.notices_for(session, world.officer)
    for actor in (world.neighbour, world.head, world.stranger):
        with pytest.raises(NotFound, match="Không tìm thấy lời nhắc"):
            service.mark_notice_seen(session, actor, notice.id)
    service.mark_notice_seen(session, world.officer, notice.id)
    service.mark_notice_seen(session, world.officer, notice.id)
    assert queries.notices_for(session, world.officer) == []
    assert count(session, "SELECT count(*) FROM deadline_notice WHERE seen_by IS NOT NULL") == 1


def test_a_reminder_goes_when_the_promise_is_kept_a_breach_stays(session: Session, world: World) -> None:
    kept, missed = promise(session, world), promise(session, world)
    sweep_at(session, at(20, 8))
    service.meet_deadline(session, kept, "part", at(20, 9))
    sweep_at(session, at(24, 0))
    service.meet_deadline(session, missed, "part", at(25, 9))
    left = queries.notices_for(session, world.officer)
    assert [(row.case_id, row.kind, row.still_open) for row in left] == [(missed, "overdue", False)]


def test_near_and_missed_days_stand_in_order(session: Session, world: World) -> None:
    missed = promise(session, world, days=1)
    near = promise(session, world, days=4)
    promise(session, world, days=10)
    rows = queries.near_and_missed(session, {world.tra_cu}, at(18))
    assert [(row.case_id, row.missed) for row in rows] == [(missed, True), (near, False)]
    assert queries.near_and_missed(session, {world.dai_an}, at(18)) == []
    assert queries.oldest_overdue(session, at(18)) == at(18, 0)
    assert queries.oldest_overdue(session, at(17)) is None


def test_missed_days_show_even_when_the_year_was_never_entered(session: Session, world: World) -> None:
    missed = promise(session, world)
    later = datetime(2028, 1, 3, 9, tzinfo=clock.ZONE)
    assert [row.case_id for row in queries.near_and_missed(session, {world.tra_cu}, later)] == [missed]


def test_how_far_the_sweep_is_behind_can_be_asked(session: Session, world: World) -> None:
    promise(session, world)
    assert queries.latest_notice_due(session, at(20, 6, 59)) is None
    assert queries.latest_notice_due(session, at(20, 9)) == at(20, 7)
    sweep_at(session, at(20, 9))
    assert queries.latest_notice_due(session, at(20, 9)) is None


def _in_committed_world(settings: Settings, many: int) -> World:
    engine = create_engine(settings.database_url)
    with clock.travelling(MONDAY), Session(engine) as session, transaction(session):
        world = build_world(session)
        for _ in range(many):
            promise(session, world)
    engine.dispose()
    return world


def test_sweeps_at_once_give_each_notice_once(fresh_database: Settings, keyring: crypto.Keyring) -> None:
    many, sweepers = 60, 4
    _in_committed_world(fresh_database, many)
    engine = create_engine(fresh_database.database_url, pool_size=sweepers)
    together = Barrier(sweepers)

    def run(_: int) -> Counter[str]:
        given: Counter[str] = Counter()
        with clock.travelling(at(30)), Session(engine) as session:
            together.wait()
            while True:
                with transaction(session):
                    report = service.sweep(session, limit=7)
                if report.overdue == 0:
                    return given
                given.update(overdue=report.overdue, escalation=report.escalations)

    with ThreadPoolExecutor(sweepers) as pool:
        total: Counter[str] = sum(pool.map(run, range(sweepers)), Counter())
    with Session(engine) as session:
        assert count(session, "SELECT count(*) FROM deadline_notice WHERE kind = 'overdue'") == many
        assert count(session, "SELECT count(*) FROM deadline_notice WHERE kind = 'escalation'") == many
        assert count(session, "SELECT count(*) FROM outbox WHERE topic = 'deadline.breached'") == many
    assert total == Counter(overdue=many, escalation=many)
    engine.dispose()


def test_a_deadline_that_another_transaction_holds_is_left_to_it(
    fresh_database: Settings, keyring: crypto.Keyring
) -> None:
    _in_committed_world(fresh_database, 2)
    engine = create_engine(fresh_database.database_url)
    with Session(engine) as first, Session(engine) as second, clock.travelling(at(30)):
        with transaction(first):
            assert service.sweep(first, limit=1).overdue == 1
            with transaction(second):
                assert service.sweep(second).overdue == 1
        with transaction(second):
            assert service.sweep(second) == SweepReport(0, 0, 0)
    engine.dispose()


def test_nothing_is_counted_before_the_calendar_is_loaded(session: Session) -> None:
    with pytest.raises(CalendarMissing, match="người quản trị"):
        service.calendar(session)
    service.load_calendar(session)
    assert add_working_days(date(2026, 11, 23), 1, service.calendar(session)) == date(2026, 11, 25)
