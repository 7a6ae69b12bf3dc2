from __future__ import annotations

import re
from datetime import date, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civreg.procedures.rules import ReportLine
from civreg.shared.errors import InvalidInput
from civreg.statistics.rules import (
    CASE_LINES,
    COUNTED_TOPICS,
    LINE_WORDS,
    Line,
    Period,
    Step,
    fifteenth_to_fourteenth,
    month_from,
    month_of,
    months_around,
    same_period_last_year,
    steps_of,
    year_to,
)

DAYS = st.dates(date(2017, 1, 1), date(2035, 12, 31))


def test_every_line_has_words() -> None:
    assert set(LINE_WORDS) == set(Line)


@pytest.mark.parametrize(
    ("topic", "payload", "lines"),
    [
        ("case.requested", {}, ["requested"]),
        ("case.received", {"on_time": None, "late": False}, ["received"]),
        ("case.registered", {"on_time": True, "late": False}, ["registered", "registered_on_time"]),
        (
            "case.registered",
            {"on_time": False, "late": True},
            ["late_registration", "registered", "registered_late"],
        ),
        ("case.registered", {"on_time": None, "late": None}, ["registered"]),
        ("case.delivered", {"on_time": True, "late": True}, ["delivered"]),
        ("letter.handed_over", {"kind": "condolence"}, ["letter_condolence"]),
        ("letter.returned", {"kind": "condolence", "was_handed_over": False}, []),
        ("letter.issued", {"kind": "condolence"}, []),
        ("case.called", {}, []),
        ("visit.done", {}, []),
    ],
)
def test_what_counts(topic: str, payload: dict[str, object], lines: list[str]) -> None:
    steps = steps_of(topic, payload)
    assert [step.line for step in steps] == lines
    assert all(step.delta == 1 for step in steps)
    assert (topic in COUNTED_TOPICS) or not steps


def test_a_letter_taken_back_is_taken_away() -> None:
    payload = {"kind": "congratulation_birth", "was_handed_over": True}
    assert steps_of("letter.returned", payload) == (Step(Line.LETTER_CONGRATULATION_BIRTH, -1),)


@given(DAYS)
def test_every_day_lies_in_exactly_one_month(day: date) -> None:
    period = month_of(day.year, day.month)
    before, after = months_around(period)
    assert period.from_on <= day <= period.to_on
    assert before.to_on + timedelta(days=1) == period.from_on
    assert period.to_on + timedelta(days=1) == after.from_on


@given(DAYS)
def test_reporting_months_follow_one_another_without_a_gap(day: date) -> None:
    this = fifteenth_to_fourteenth(day.year, day.month)
    _, after = months_around(month_of(day.year, day.month))
    following = fifteenth_to_fourteenth(after.from_on.year, after.from_on.month)
    assert this.to_on + timedelta(days=1) == following.from_on


@given(DAYS)
def test_last_year_has_the_same_days(day: date) -> None:
    period = year_to(day)
    before = same_period_last_year(period)
    assert (before.from_on, before.to_on.month) == (date(day.year - 1, 1, 1), day.month)
    assert before.to_on.day in (day.day, 28)


def test_a_whole_february_stays_whole() -> None:
    assert same_period_last_year(month_of(2028, 2)) == month_of(2027, 2)
    assert same_period_last_year(month_of(2029, 2)) == month_of(2028, 2)
    assert month_of(2028, 2).to_on == date(2028, 2, 29)


@given(st.text(alphabet="0123456789-/ ", max_size=8))
def test_a_month_is_read_or_refused(typed: str) -> None:
    if re.fullmatch(r"2[01]\d\d-(0?[1-9]|1[0-2])", typed.strip()):
        assert month_from(typed).from_on.day == 1
    elif not re.fullmatch(r"\d{4}-\d{1,2}", typed.strip()):
        with pytest.raises(InvalidInput, match=r"[Tt]háng"):
            month_from(typed)


@pytest.mark.parametrize(
    "typed", ["2026-13", "2026-00", "26-10", "2026/10", "", "2026-1０", "0000-01", "10-2026"]
)
def test_no_month(typed: str) -> None:
    with pytest.raises(InvalidInput):
        month_from(typed)


def test_periods_are_spoken() -> None:
    assert month_from("2026-10").words == "Tháng 10 năm 2026"
    assert fifteenth_to_fourteenth(2026, 1).words == "Từ ngày 15/12/2025 đến ngày 14/01/2026"
    with pytest.raises(InvalidInput):
        Period(date(2026, 2, 2), date(2026, 2, 1))


def test_the_lines_of_cases_are_those_that_a_catalogue_file_may_report() -> None:
    assert set(CASE_LINES) == set(get_args(ReportLine))


def test_a_case_counts_only_on_the_lines_that_its_procedure_reports() -> None:
    payload = {"on_time": True, "late": True}
    steps = steps_of("case.registered", payload, ("registered", "late_registration"))
    assert {step.line for step in steps} == {Line.REGISTERED, Line.LATE_REGISTRATION}
    back = steps_of("case.annulled", payload, ("registered", "late_registration"))
    assert {(step.line, step.delta) for step in back} == {(step.line, -1) for step in steps}
    assert steps_of("case.requested", {}, ("received",)) == ()
