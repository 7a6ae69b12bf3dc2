"""Terms in hours: ends typed by hand, a slow count minute by minute, pauses to the minute, and when notices come."""

from __future__ import annotations

import random
import tomllib
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from civreg.deadlines.rules import VIETNAM, Due, Pause, Reason, hours_due, load_calendar, reason_sentence
from civreg.deadlines.rules.notices import first_late_moment, next_notice, notice_times
from civreg.deadlines.rules.resuming import due_after_pauses
from civreg.procedures.rules import Limit, limit_sentence
from tests.deadlines.slow_days import SlowCalendar, slow_hours

CALENDAR = load_calendar()
ROWS = [
    row
    for group in tomllib.loads((Path(__file__).parent / "typed" / "hours.toml").read_text("utf-8"))["group"]
    for row in group["rows"]
]


def at(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=VIETNAM)


@pytest.mark.parametrize("row", ROWS)
def test_a_typed_end(row: str) -> None:
    asked, _, expected = row.partition(" -> ")
    kind, hours, received = asked.split()
    end, *named = expected.split()
    moment = datetime.fromisoformat(received)
    start = moment if moment.tzinfo else moment.replace(tzinfo=VIETNAM)
    due = hours_due(start, int(hours), CALENDAR, working=kind == "working_hours")
    day = named[0].partition("=")[2] if named else end[:10]
    assert due.due_on == date.fromisoformat(day)
    assert due.due_at == (at(end) if "T" in end else None)
    assert all(reason_sentence(reason).endswith(".") for reason in due.reasons)


def test_there_are_enough_typed_ends() -> None:
    assert len(set(ROWS)) == len(ROWS) >= 30


def test_the_sentences_can_be_read_to_a_family() -> None:
    working = hours_due(at("2026-11-23T16:00"), 8, CALENDAR, working=True)
    assert [reason_sentence(reason) for reason in working.reasons] == [
        "08 giờ làm việc, tính từ 16 giờ ngày 23/11/2026.",
        "Hạn là 16 giờ 30 ngày 25/11/2026.",
        "Không tính Ngày Văn hóa Việt Nam (24/11/2026).",
    ]
    running = hours_due(at("2026-11-23T15:00"), 24, CALENDAR, working=False)
    assert [reason_sentence(reason) for reason in running.reasons] == [
        "24 giờ liên tục, tính từ 15 giờ ngày 23/11/2026.",
        "Ngày cuối 24/11/2026 là ngày nghỉ (Ngày Văn hóa Việt Nam) nên hạn kết thúc vào ngày làm việc tiếp theo.",
    ]
    limit = Limit(kind="working_hours", hours=8, verification_days=3)
    assert limit_sentence(limit) == (
        "Trong 08 giờ làm việc kể từ lúc nhận đủ giấy tờ, 03 ngày làm việc khi phải xác minh."
    )


def test_a_pause_stops_the_hours_to_the_minute() -> None:
    start = at("2026-11-16T07:30")
    stored = hours_due(start, 8, CALENDAR, working=True).reasons
    pause = Pause(at("2026-11-16T09:30"))
    open_ = due_after_pauses(start, stored, [pause], CALENDAR)
    assert (open_.due_on, open_.due_at) == (None, None)
    assert reason_sentence(open_.reasons[-1]) == (
        "Đang tạm dừng tính hạn từ 16/11/2026: chờ gia đình bổ sung giấy tờ."
    )
    ended = Pause(pause.paused_at, at("2026-11-18T10:00"))
    # Two hours were used; six are left: 10:00-11:30, 13:30-17:00, and one more the next morning.
    assert due_after_pauses(start, open_.reasons, [ended], CALENDAR).due_at == at("2026-11-19T08:30")


def test_a_pause_that_lies_outside_office_hours_costs_nothing() -> None:
    start, night = at("2026-11-16T14:00"), Pause(at("2026-11-16T17:00"), at("2026-11-17T07:30"))
    with_night = hours_due(start, 8, CALENDAR, working=True, pauses=[night])
    assert with_night.due_at == hours_due(start, 8, CALENDAR, working=True).due_at == at("2026-11-17T14:30")


def test_hours_that_wait_for_another_part_begin_at_its_new_hour() -> None:
    begins, day = at("2026-11-16T10:30"), date(2026, 11, 16)
    waits = Reason("waits_for_part", {"part": "Đăng ký khai sinh", "start": "2026-11-16"})
    first = hours_due(begins, 4, CALENDAR, working=True)
    assert first.due_at == at("2026-11-16T16:30")
    stored = (waits, *first.reasons)
    other = {
        (day, at("2026-11-17T00:00")): Due(date(2026, 11, 18), ())
    }  # due on the same day, but not waited for
    assert due_after_pauses(begins, stored, [], CALENDAR, other).due_at == first.due_at
    earlier = {(day, begins): Due(day, (), at("2026-11-16T16:00")), **other}
    counted = due_after_pauses(begins, stored, [], CALENDAR, earlier)
    # One hour is left of Monday; three more from 7:30 on.
    assert counted.due_at == at("2026-11-17T10:30")
    assert reason_sentence(counted.reasons[1]) == "04 giờ làm việc, tính từ 16 giờ ngày 16/11/2026."
    still = due_after_pauses(begins, stored, [], CALENDAR, {(day, begins): Due(None, ())})
    assert (still.due_on, still.due_at) == (None, None)
    again = {(day, begins): Due(date(2026, 11, 18), (), at("2026-11-18T09:00"))}
    assert due_after_pauses(begins, still.reasons, [], CALENDAR, again).due_at == at("2026-11-18T15:00")


def test_a_year_without_calendar_gives_no_hour_but_the_reason() -> None:
    due = hours_due(at("2027-12-31T16:00"), 8, CALENDAR, working=True)
    assert (due.due_on, due.due_at, due.reasons[-1].code) == (None, None, "calendar_missing")


def test_hours_agree_with_a_person_who_counts_every_minute() -> None:
    chance, calendar = random.Random(147), SlowCalendar.read()
    first = at("2016-01-04T00:00")
    for _ in range(300):
        start = first + timedelta(minutes=chance.randrange(11 * 365 * 24 * 60))
        working, hours = chance.random() < 0.6, chance.choice((1, 2, 3, 4, 8, 15, 24, 40))
        pauses, after = [], start
        for _ in range(chance.choice((0, 0, 1, 2))):
            paused = after + timedelta(minutes=chance.randrange(3000))
            after = paused + timedelta(minutes=chance.randrange(4000))
            pauses.append(Pause(paused, after))
        due = hours_due(start, hours, CALENDAR, working=working, pauses=pauses)
        spans = [(pause.paused_at, pause.resumed_at or start) for pause in pauses]
        expected = slow_hours(start, hours, calendar, working=working, pauses=spans)
        assert (due.due_on, due.due_at) == expected, (start, hours, working, pauses)


def test_notices_of_an_hour_come_before_it_and_the_last_moment_is_on_time() -> None:
    due = hours_due(at("2026-11-17T09:00"), 1, CALENDAR, working=True)
    late = first_late_moment(due)
    assert late is not None
    assert due.due_at is not None
    assert due.due_at < late < due.due_at + timedelta(minutes=1)
    known = at("2026-11-17T09:20")
    times = notice_times(date(2026, 11, 17), known, CALENDAR, late_from=late)
    assert (times.due_today, times.overdue) == (known, late)
    assert next_notice(times, ("due_today",), known) == ("overdue", late)
    assert first_late_moment(Due(None, ())) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "working_hours"},
        {"kind": "working_days", "days": 3, "hours": 4},
        {"kind": "hours", "hours": 4, "moves_after_cutoff": True},
        {"kind": "working_hours", "hours": 4, "plus": {"remote": 2}},
    ],
)
def test_a_limit_in_hours_that_cannot_be_counted_is_not_read(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Limit.model_validate(wrong)
