"""When notices come, which years the calendar covers, and how a stopped clock goes on. No database."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civreg.deadlines.rules import (
    VIETNAM,
    Calendar,
    Due,
    Pause,
    Reason,
    due_with_pauses,
    is_working_day,
    same_day_due,
    working_days_between,
    working_days_due,
)
from civreg.deadlines.rules.coverage import covered_days
from civreg.deadlines.rules.notices import NoticeRuleRow, end_of_day, next_notice, notice_times
from civreg.deadlines.rules.resuming import due_after_pauses
from civreg.deadlines.rules.shipped import load_calendar, shipped_covers, shipped_rows

CALENDAR = load_calendar()
MOMENTS = st.builds(
    datetime.combine,
    st.dates(date(2025, 1, 1), date(2027, 10, 1)),
    st.times(),
    st.just(VIETNAM),
)


def at(day: str, hour: int = 9, minute: int = 0) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(hour, minute), VIETNAM)


def test_the_reminder_comes_on_the_working_day_before_and_the_head_hears_on_the_one_after() -> None:
    times = notice_times(date(2026, 11, 25), at("2026-11-17"), CALENDAR)
    assert times.reminder == at("2026-11-23", 7)  # the 24th is Ngày Văn hóa Việt Nam
    assert times.due_today == at("2026-11-25", 7)
    assert times.overdue == at("2026-11-26", 0)
    assert times.escalation == at("2026-11-26", 8)


def test_over_a_weekend_the_head_hears_on_monday() -> None:
    times = notice_times(date(2026, 11, 20), at("2026-11-16"), CALENDAR)
    assert (times.overdue, times.escalation) == (at("2026-11-21", 0), at("2026-11-23", 8))


def test_what_came_in_on_its_due_day_is_called_one_hour_before_closing() -> None:
    times = notice_times(date(2026, 11, 16), at("2026-11-16", 9), CALENDAR)
    assert (times.reminder, times.due_today) == (None, at("2026-11-16", 16))


@pytest.mark.parametrize(
    ("opened", "due", "due_today"),
    [
        ("2026-11-16T16:30", "2026-11-16", "2026-11-16T16:30"),
        ("2026-11-16T10:00", "2026-11-17", "2026-11-17T07:00"),
    ],
)
def test_nobody_is_reminded_of_what_came_after_the_reminder(opened: str, due: str, due_today: str) -> None:
    known = datetime.fromisoformat(opened).replace(tzinfo=VIETNAM)
    times = notice_times(date.fromisoformat(due), known, CALENDAR)
    assert times.reminder is None
    assert times.due_today == datetime.fromisoformat(due_today).replace(tzinfo=VIETNAM)


@pytest.mark.parametrize(
    ("before", "hours", "reminder", "escalation"),
    [
        (0, 0, None, at("2026-11-26", 0)),
        (1, 8, at("2026-11-23", 7), at("2026-11-26", 8)),
        (3, 24, at("2026-11-19", 7), at("2026-11-27", 0)),
        (2, 34, at("2026-11-20", 7), at("2026-11-27", 10)),
        (5, 50, at("2026-11-17", 7), at("2026-11-30", 2)),
    ],
)
def test_each_procedure_has_its_own_days_and_hours(
    before: int, hours: int, reminder: datetime | None, escalation: datetime
) -> None:
    times = notice_times(date(2026, 11, 25), at("2026-11-02"), CALENDAR, NoticeRuleRow(before, hours))
    assert (times.reminder, times.escalation) == (reminder, escalation)


def test_beyond_the_calendar_notices_follow_the_plain_week() -> None:
    assert notice_times(date(2027, 12, 31), at("2027-12-27"), CALENDAR).escalation == at("2028-01-03", 8)


@given(MOMENTS, st.integers(min_value=0, max_value=20))
def test_notices_come_in_order_and_in_office_hours(opened: datetime, days: int) -> None:
    due = working_days_due(opened, days, CALENDAR).due_on if days else same_day_due(opened, CALENDAR).due_on
    assert due is not None
    times = notice_times(due, opened, CALENDAR)
    assert times.reminder is None or opened <= times.reminder < times.due_today
    assert opened <= times.due_today < times.overdue == end_of_day(due) < times.escalation
    assert is_working_day(times.escalation.date(), CALENDAR)
    assert working_days_between(due, times.escalation.date(), CALENDAR) == 1


def test_notices_are_asked_for_one_after_the_other() -> None:
    times = notice_times(date(2026, 11, 25), at("2026-11-17"), CALENDAR)
    assert next_notice(times, (), at("2026-11-17")) == ("reminder", times.reminder)
    assert next_notice(times, ("reminder",), at("2026-11-24")) == ("due_today", times.due_today)
    assert next_notice(times, ("reminder", "due_today"), at("2026-11-25")) == ("overdue", times.overdue)
    given = ("reminder", "due_today", "overdue")
    assert next_notice(times, given, times.overdue) == ("escalation", times.escalation)
    assert next_notice(times, (*given, "escalation"), times.escalation) is None


def test_a_reminder_slept_through_is_left_out() -> None:
    times = notice_times(date(2026, 11, 25), at("2026-11-17"), CALENDAR)
    assert next_notice(times, (), times.overdue) == ("overdue", times.overdue)
    assert next_notice(times, (), times.overdue - timedelta(seconds=1)) == ("due_today", times.due_today)
    assert next_notice(times, (), times.due_today - timedelta(seconds=1)) == ("reminder", times.reminder)


def test_the_shipped_rows_cover_what_the_file_says() -> None:
    assert (
        covered_days(row.day for row in shipped_rows() if row.kind != "swapped_working") == shipped_covers()
    )


def test_one_holiday_typed_ahead_covers_no_year() -> None:
    days = [row.day for row in shipped_rows() if row.kind != "swapped_working"]
    assert covered_days([*days, date(2028, 1, 1)]) == shipped_covers()
    assert covered_days([date(2028, 1, 1)]) is None


def test_a_year_left_out_ends_the_run() -> None:
    days = [row.day for row in shipped_rows() if row.kind != "swapped_working" and row.day.year != 2020]
    assert covered_days(days) == (date(2016, 1, 1), date(2019, 12, 31))


def test_a_stopped_clock_has_no_day_and_goes_on_with_what_was_left() -> None:
    received = at("2026-11-16")
    promise = working_days_due(received, 5, CALENDAR)
    assert promise.due_on == date(2026, 11, 23)
    open_pause = [Pause(at("2026-11-18"))]
    stopped = due_after_pauses(received, promise.reasons, open_pause, CALENDAR)
    assert stopped.due_on is None
    assert "pause_open" in {reason.code for reason in stopped.reasons}
    went_on = due_after_pauses(
        received, stopped.reasons, [Pause(at("2026-11-18"), at("2026-11-20"))], CALENDAR
    )
    assert went_on.due_on == date(2026, 11, 27)  # the 17th counted; 23, 25, 26, 27 remain
    assert [reason.code for reason in went_on.reasons].count("working_days") == 1


@given(MOMENTS, st.integers(1, 20), st.integers(0, 20), st.integers(0, 40))
def test_a_promise_goes_on_as_the_law_counts_it(
    received: datetime, days: int, after: int, pause: int
) -> None:
    paused_at = received + timedelta(days=after)
    pauses = [Pause(paused_at, paused_at + timedelta(days=pause))]
    promise = working_days_due(received, days, CALENDAR)
    stopped = due_after_pauses(received, promise.reasons, [Pause(paused_at)], CALENDAR)
    resumed = due_after_pauses(received, stopped.reasons, pauses, CALENDAR)
    assert resumed.due_on == due_with_pauses(received, days, pauses, CALENDAR).due_on


def test_a_same_day_result_is_due_as_if_the_papers_came_when_the_clock_started_again() -> None:
    received = at("2026-11-16")
    promise = same_day_due(received, CALENDAR)
    stopped = due_after_pauses(received, promise.reasons, [Pause(received)], CALENDAR)
    assert stopped.due_on is None
    resumed = due_after_pauses(
        received, stopped.reasons, [Pause(received, at("2026-11-23", 15, 30))], CALENDAR
    )
    assert resumed.due_on == date(2026, 11, 25)
    assert {"after_cutoff", "paused"} <= {reason.code for reason in resumed.reasons}


def test_a_late_bundle_counts_from_its_day_of_reception() -> None:
    received = at("2026-11-20", 15, 30)
    promise = working_days_due(received, 3, CALENDAR, after_cutoff="next_day_is_reception")
    assert promise.due_on == date(2026, 11, 27)
    pauses = [Pause(at("2026-11-25"), at("2026-11-25", 16))]
    resumed = due_after_pauses(received, promise.reasons, pauses, CALENDAR)
    assert resumed.due_on == date(2026, 11, 30)
    assert "reception_moved" in {reason.code for reason in resumed.reasons}


def test_an_unconfirmed_limit_stays_without_a_day() -> None:
    promise = Due(None, (Reason("unconfirmed", {"why": "chưa có văn bản"}),))
    resumed = due_after_pauses(
        at("2026-11-16"), promise.reasons, [Pause(at("2026-11-17"), at("2026-11-18"))], CALENDAR
    )
    assert resumed.due_on is None
    assert resumed.reasons == promise.reasons


def test_a_calendar_that_ends_keeps_the_term_for_later() -> None:
    short = Calendar(frozenset(), frozenset(), (date(2026, 1, 1), date(2026, 11, 20)))
    received = at("2026-11-16")
    term = (Reason("working_days", {"days": 5, "received": "2026-11-16"}),)
    pauses = [Pause(at("2026-11-17"), at("2026-11-18"))]
    lost = due_after_pauses(received, term, pauses, short)
    assert lost.due_on is None
    assert due_after_pauses(received, lost.reasons, pauses, CALENDAR).due_on == date(2026, 11, 26)
