"""A corrected calendar lists the promises it would move, and moves exactly the list a person confirmed."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Barrier
from uuid import UUID

import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.orm import Session

from civreg.cases import service as cases
from civreg.cases.queries import case_page
from civreg.cases.service import MovesChanged
from civreg.cases.service.recounting import MoveCount
from civreg.deadlines import queries, service
from civreg.deadlines.rules import Due, reason_sentence
from civreg.deadlines.rules.coverage import DAYS_OFF_A_YEAR
from civreg.deadlines.rules.resuming import due_after_pauses
from civreg.deadlines.service import PAPERS, recounting
from civreg.procedures import catalogue
from civreg.settings import Settings
from civreg.shared import audit, clock, crypto
from civreg.shared.database import transaction
from civreg.shared.errors import NotAllowed
from civreg.shared.partial_date import PartialDate
from civreg.work import run_waiting
from tests.apologies import sign_result
from tests.world import BIRTH, MARRIAGE, MONDAY, World, ask, build_world, receive, register

HOLIDAY = date(2026, 11, 20)
"""A Friday of the week that starts on `MONDAY`; five working days from Monday end on the 23rd."""

BORN = PartialDate(2026, 11, 2)


def close_friday(session: Session, world: World, kind: str = "holiday", day: date = HOLIDAY) -> None:
    service.set_calendar_day(
        session, world.administrator, day, kind=kind, name="Nghỉ theo thông báo", source="TB 9/2026"
    )


def due_days(session: Session, case_id: UUID) -> dict[str, date | None]:
    return {row.kind: row.due_on for row in queries.deadlines_of(session, case_id) if row.state == "open"}


def received(session: Session, world: World, procedure: str, born: PartialDate = BORN) -> UUID:
    child = replace(BIRTH.people[0], birth=born)
    birth = replace(BIRTH, procedure=procedure, event=born, people=(child, *BIRTH.people[1:]))
    form = MARRIAGE if procedure == "marriage_mobile" else birth
    case_id = ask(session, world, form).case_id
    receive(session, world, case_id)
    return case_id


def test_nothing_moves_until_the_list_is_confirmed(session: Session, world: World) -> None:
    case_id = received(session, world, "marriage_mobile")
    assert cases.calendar_moves(session, world.administrator).counts == ()
    close_friday(session, world)
    assert due_days(session, case_id) == {"part": date(2026, 11, 23)}
    moves = cases.calendar_moves(session, world.administrator)
    assert moves.counts == (MoveCount(world.tra_cu, "part", date(2026, 11, 23), date(2026, 11, 25), count=1),)
    moved = cases.move_promises(session, world.administrator, expected=moves.expected)
    assert moved.counts == moves.counts
    page = case_page(session, world.officer, case_id)
    assert (page.promised_on, page.parts[0].due_on) == (date(2026, 11, 25), date(2026, 11, 25))
    (deadline,) = [row for row in queries.deadlines_of(session, case_id) if row.kind == "part"]
    assert [reason_sentence(reason) for reason in deadline.reasons] == [
        "05 ngày làm việc, tính từ ngày sau ngày tiếp nhận đủ giấy tờ (16/11/2026).",
        "Không tính Nghỉ theo thông báo (20/11/2026).",
        "Không tính Ngày Văn hóa Việt Nam (24/11/2026).",
        "Trước là 23/11/2026; đổi ngày 16/11/2026 vì lịch nghỉ thay đổi.",
    ]
    assert cases.calendar_moves(session, world.administrator).counts == ()
    rows = session.execute(
        text("SELECT subject_id, actor_id FROM audit WHERE action = 'case.dates_moved'")
    ).all()
    assert [tuple(row) for row in rows] == [(case_id, world.administrator.user_id)]


def test_a_list_that_changed_meanwhile_moves_nothing_and_is_shown_anew(
    session: Session, world: World
) -> None:
    first = received(session, world, "marriage_mobile")
    close_friday(session, world)
    shown = cases.calendar_moves(session, world.administrator)
    second = received(session, world, "birth_mobile")
    close_friday(session, world, day=date(2026, 11, 19))
    with pytest.raises(MovesChanged) as refused:
        cases.move_promises(session, world.administrator, expected=shown.expected)
    assert refused.value.status == 409
    assert refused.value.sentence.startswith("Danh sách hạn đã thay đổi từ lúc ông/bà mở trang.")
    assert {move.case_id for move in refused.value.moves.promises} == {first, second}
    assert due_days(session, first) == {"part": date(2026, 11, 23)}


def test_a_promise_moves_back_when_the_holiday_was_none(session: Session, world: World) -> None:
    close_friday(session, world)
    case_id = received(session, world, "marriage_mobile")
    assert due_days(session, case_id) == {"part": date(2026, 11, 25)}
    close_friday(session, world, kind="ordinary")
    moves = cases.calendar_moves(session, world.administrator)
    cases.move_promises(session, world.administrator, expected=moves.expected)
    assert due_days(session, case_id) == {"part": date(2026, 11, 23)}


def test_the_parts_of_a_bundle_move_with_the_part_they_wait_for(session: Session, world: World) -> None:
    summer = datetime(2026, 8, 13, 9, tzinfo=clock.ZONE)
    with clock.travelling(summer):
        case_id = received(session, world, "birth_bundle", PartialDate(2026, 8, 3))
        before = {row.subject_id: row.due_on for row in queries.deadlines_of(session, case_id)}
        close_friday(session, world, day=date(2026, 8, 14))
        moves = cases.calendar_moves(session, world.administrator)
        assert [(one.kind, one.before, one.after, one.count) for one in moves.counts] == [
            ("part", date(2026, 8, 17), date(2026, 8, 18), 2),
            ("whole", date(2026, 8, 18), date(2026, 8, 19), 1),
        ]
        cases.move_promises(session, world.administrator, expected=moves.expected)
        assert case_page(session, world.officer, case_id).promised_on == date(2026, 8, 19)
        after = {row.subject_id: row.due_on for row in queries.deadlines_of(session, case_id)}
    assert sum(before[subject] != after[subject] for subject in before) == 3


def test_hours_of_a_part_begin_when_the_papers_came_that_the_part_before_waited_for(
    session: Session, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four office hours for the birth, four more for the card: a pause within the day moves both to the minute."""
    folder = tmp_path / "catalogue"
    shutil.copytree(Path(catalogue.__file__).parent, folder)
    bundle = folder / "birth_bundle.toml"
    changed = bundle.read_text("utf-8")
    for days, hours in (
        ('{ kind = "same_day" }', '{ kind = "working_hours", hours = 2 }'),
        (
            '{ kind = "working_days", days = 2, after_part = "birth" }',
            '{ kind = "working_hours", hours = 4, after_part = "birth" }',
        ),
    ):
        assert days in changed
        changed = changed.replace(days, hours)
    bundle.write_text(changed, "utf-8")
    monkeypatch.setattr(catalogue, "_FOLDER", folder)
    catalogue.catalogue.cache_clear()
    morning = datetime(2026, 8, 13, 8, tzinfo=clock.ZONE)

    def due_at() -> list[str]:
        rows = [row for row in queries.deadlines_of(session, case_id) if row.kind == "part" and row.due_hour]
        return sorted(f"{row.due_on:%d/%m} {row.due_hour}" for row in rows)

    try:
        with clock.travelling(morning):
            case_id = received(session, world, "birth_bundle", PartialDate(2026, 8, 3))
            assert due_at() == ["13/08 10 giờ", "13/08 16 giờ"]
        service.pause(session, case_id, morning + timedelta(hours=1), PAPERS)
        assert due_at() == []
        service.resume(session, case_id, morning + timedelta(hours=3))
        # One hour is left at 11:00 and ends at 14:00, for noon does not count; from then on the card has its four.
        assert due_at() == ["13/08 14 giờ", "14/08 8 giờ 30"]
    finally:
        monkeypatch.undo()
        catalogue.catalogue.cache_clear()


def test_what_waits_for_a_year_without_calendar_gets_its_day_when_the_year_is_entered(
    session: Session, world: World
) -> None:
    session.execute(text("DELETE FROM calendar_day WHERE day >= '2027-01-01'"))
    queries.forget_calendar(session)
    with clock.travelling(datetime(2026, 12, 29, 9, tzinfo=clock.ZONE)):
        case_id = received(session, world, "marriage_mobile")
        assert due_days(session, case_id) == {"part": None}
        assert case_page(session, world.officer, case_id).promised_on is None
        service.load_calendar(session)
        moves = cases.calendar_moves(session, world.administrator)
        assert [(one.before, one.after) for one in moves.counts if one.kind == "part"] == [
            (None, date(2027, 1, 6))
        ]
        cases.move_promises(session, world.administrator, expected=moves.expected)
    assert due_days(session, case_id) == {"part": date(2027, 1, 6)}
    assert case_page(session, world.officer, case_id).promised_on == date(2027, 1, 6)
    assert "calendar_changed" not in {
        reason.code for row in queries.deadlines_of(session, case_id) for reason in row.reasons
    }


def test_the_promise_to_call_and_the_day_of_the_family_move_too(session: Session, world: World) -> None:
    case_id = ask(session, world, BIRTH).case_id
    page = case_page(session, world.officer, case_id)
    assert (page.call_by, page.citizen_due_on) == (date(2026, 11, 17), date(2027, 1, 4))
    close_friday(session, world, day=date(2026, 11, 17))
    close_friday(session, world, day=date(2027, 1, 4))
    moves = cases.calendar_moves(session, world.administrator)
    assert {(one.kind, one.before, one.after) for one in moves.counts} == {
        ("call", date(2026, 11, 17), date(2026, 11, 18)),
        ("family", date(2027, 1, 4), date(2027, 1, 5)),
    }
    cases.move_promises(session, world.administrator, expected=moves.expected)
    page = case_page(session, world.officer, case_id)
    assert (page.call_by, page.citizen_due_on) == (date(2026, 11, 18), date(2027, 1, 5))


def counted_again(session: Session, world: World) -> tuple[int, int]:
    """How many promises and how many days of families the list of moves counted again."""
    moves = cases.calendar_moves(session, world.administrator)
    return len(moves.promises_counted), len(moves.families_counted)


def test_only_what_a_change_can_have_reached_is_counted_again(session: Session, world: World) -> None:
    touched = received(session, world, "marriage_mobile")
    with clock.travelling(datetime(2026, 11, 30, 9, tzinfo=clock.ZONE)):
        for _ in range(3):  # due on 7/12: after the changed day
            received(session, world, "marriage_mobile")
    assert counted_again(session, world) == (0, 0)  # nothing changed yet
    close_friday(session, world)
    assert counted_again(session, world) == (1, 0)
    service.set_calendar_day(
        session, world.administrator, HOLIDAY, kind="holiday", name="Tên khác", source="TB 10/2026"
    )
    assert counted_again(session, world) == (1, 0)  # another name changes no day
    moves = cases.calendar_moves(session, world.administrator)
    assert {move.case_id for move in moves.promises} == {touched}
    cases.move_promises(session, world.administrator, expected=moves.expected)
    assert counted_again(session, world) == (0, 0)
    received(session, world, "marriage_mobile")  # counted by the new calendar
    assert counted_again(session, world) == (0, 0)


def test_what_was_counted_and_stays_is_not_counted_again_after_the_confirmation(
    session: Session, world: World
) -> None:
    received(session, world, "marriage_mobile")
    with clock.travelling(
        datetime(2026, 11, 21, 9, tzinfo=clock.ZONE)
    ):  # a Saturday: from the Friday on it is the same
        received(session, world, "birth_at_home")
    close_friday(session, world)
    close_friday(session, world, day=date(2026, 11, 21))
    assert counted_again(session, world)[0] == 2
    moves = cases.calendar_moves(session, world.administrator)
    assert len(moves.promises) == 1
    cases.move_promises(session, world.administrator, expected=moves.expected)
    assert counted_again(session, world) == (0, 0)


def test_the_family_that_is_counted_again_is_the_one_whose_last_day_can_roll(
    session: Session, world: World
) -> None:
    rolls, stays = date(2027, 1, 4), date(2027, 1, 5)  # sixty days after 2/11 are the Friday of New Year
    for born in (2, 6):
        child = replace(BIRTH.people[0], birth=PartialDate(2026, 11, born))
        ask(session, world, BIRTH, event=PartialDate(2026, 11, born), people=(child, *BIRTH.people[1:]))
    due = session.scalars(text("SELECT citizen_due_on FROM case_file ORDER BY 1")).all()
    assert due == [rolls, stays]
    close_friday(session, world, kind="ordinary", day=date(2027, 1, 1))
    assert counted_again(session, world)[1] == 1
    moves = cases.calendar_moves(session, world.administrator)
    assert [(one.kind, one.before, one.after) for one in moves.counts] == [
        ("family", rolls, date(2027, 1, 1))
    ]
    cases.move_promises(session, world.administrator, expected=moves.expected)
    assert counted_again(session, world) == (0, 0)


def test_a_year_that_falls_out_of_the_calendar_counts_every_later_promise_again(
    session: Session, world: World
) -> None:
    with clock.travelling(datetime(2026, 12, 30, 9, tzinfo=clock.ZONE)):
        received(session, world, "marriage_mobile")
        assert counted_again(session, world)[0] == 0
        listed = [row for row in queries.calendar_rows(session, 2027) if row.kind != "swapped_working"]
        for row in listed[DAYS_OFF_A_YEAR - 1 :]:
            close_friday(session, world, kind="ordinary", day=row.day)
        moves = cases.calendar_moves(session, world.administrator)
    assert [(one.before, one.after) for one in moves.counts if one.kind == "part"] == [
        (date(2027, 1, 7), None)
    ]


def test_promises_of_one_day_in_the_same_words_are_counted_once(
    session: Session, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        received(session, world, "marriage_mobile")
    paused = received(session, world, "marriage_mobile")
    service.pause(session, paused, MONDAY, service.PAPERS)
    with clock.travelling(MONDAY + timedelta(days=1)):
        service.resume(session, paused, clock.now())
        close_friday(session, world)
        counted: list[object] = []

        def noted(*given: object) -> Due:
            counted.append(given)
            return due_after_pauses(*given)  # type: ignore[arg-type]

        monkeypatch.setattr(recounting, "due_after_pauses", noted)
        moves = cases.calendar_moves(session, world.administrator)
    assert len(counted) == 2, "the three alike once, the one with a pause by itself"
    assert sorted((one.before, one.after, one.count) for one in moves.counts if one.kind == "part") == [
        (date(2026, 11, 23), date(2026, 11, 25), 3),
        (date(2026, 11, 25), date(2026, 11, 26), 1),
    ]


def test_a_long_list_is_confirmed_in_as_many_statements_as_a_short_one(
    session: Session, world: World
) -> None:
    taken = []
    for count, kind in ((2, "holiday"), (9, "ordinary")):
        for _ in range(count):
            received(session, world, "birth_mobile")
        close_friday(session, world, kind=kind)
        moves = cases.calendar_moves(session, world.administrator)
        statements: list[str] = []

        def note(*given: object, into: list[str] = statements) -> None:
            into.append(str(given[2]))

        engine = session.get_bind().engine
        event.listen(engine, "before_cursor_execute", note)
        moved = cases.move_promises(session, world.administrator, expected=moves.expected)
        session.flush()
        event.remove(engine, "before_cursor_execute", note)
        taken.append((len(moved.promises), len(statements)))
    (few, statements_of_few), (many, statements_of_many) = taken
    assert (few, many) == (2, 11)
    assert statements_of_many == statements_of_few
    acts = text("SELECT count(*) FROM audit WHERE action = 'case.dates_moved'")
    assert session.scalar(acts) == few + many
    assert audit.verify(session).ok


def test_two_edits_of_the_calendar_follow_one_another(session: Session, world: World) -> None:
    before = queries.newest_change(session)
    close_friday(session, world)
    close_friday(session, world, day=date(2026, 11, 19))
    assert [(row.id, row.first_day, row.last_day) for row in queries.changed_since(session, before)] == [
        (before + 1, HOLIDAY, HOLIDAY),
        (before + 2, date(2026, 11, 19), date(2026, 11, 19)),
    ]
    assert queries.newest_change(session) == before + 2


def test_edits_at_once_are_numbered_one_after_the_other(
    fresh_database: Settings, keyring: crypto.Keyring
) -> None:
    """A promise that saw one change must not pass over another that was made at the same time with a lower number."""
    engine = create_engine(fresh_database.database_url)
    with Session(engine) as session, transaction(session):
        people = build_world(session)
        before = queries.newest_change(session)
    ready = Barrier(4)

    def edit(day: date) -> None:
        with Session(engine) as session:
            ready.wait()
            with transaction(session):
                close_friday(session, people, day=day)

    days = [date(2026, 11, day) for day in (17, 18, 19, 20)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(edit, days))
    with Session(engine) as session:
        changes = queries.changed_since(session, before)
        assert [one.id for one in changes] == [before + number for number in (1, 2, 3, 4)]
        assert sorted(one.first_day for one in changes) == days
    engine.dispose()


def test_a_kept_promise_a_stopped_clock_and_the_word_of_the_head_stay(session: Session, world: World) -> None:
    kept, repromised = (received(session, world, "marriage_mobile") for _ in range(2))
    register(session, world, kept)
    with clock.travelling(datetime(2026, 11, 23, 8, tzinfo=clock.ZONE)):
        service.sweep(session)
        run_waiting(session)
        sign_result(session, world, repromised)
    service.pause(session, repromised, MONDAY, service.PAPERS)
    close_friday(session, world)
    close_friday(session, world, day=date(2026, 11, 27))
    assert cases.calendar_moves(session, world.administrator).counts == ()


def test_another_province_and_other_roles_move_nothing(session: Session, world: World) -> None:
    received(session, world, "marriage_mobile")
    close_friday(session, world)
    for actor in (world.officer, world.head, world.staff, world.stranger):
        assert cases.calendar_moves(session, actor).counts == ()
        with pytest.raises(NotAllowed):
            cases.move_promises(session, actor, expected="")
