from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lunar_vn import convert_lunar_to_solar

from civreg.deadlines.rules import (
    CalendarMissing,
    add_working_days,
    is_working_day,
    load_calendar,
    next_working_day,
    shipped_covers,
    shipped_rows,
    working_days_between,
)

CALENDAR = load_calendar()
DAY = timedelta(days=1)
DAYS = st.dates(min_value=date(2016, 1, 1), max_value=date(2027, 10, 1))


def oracle_is_working(day: date) -> bool:
    """Say it again from the rows, the slow way."""
    kinds = [row.kind for row in shipped_rows() if row.day == day]
    if "swapped_working" in kinds:
        return True
    return not kinds and day.strftime("%a") not in ("Sat", "Sun")


@given(DAYS)
def test_working_days_are_what_the_rows_say(day: date) -> None:
    assert is_working_day(day, CALENDAR) == oracle_is_working(day)


@given(DAYS, st.integers(0, 25))
def test_adding_working_days_agrees_with_walking(day: date, count: int) -> None:
    walked, left = day, count
    while left:
        walked += DAY
        left -= oracle_is_working(walked)
    assert add_working_days(day, count, CALENDAR) == walked
    assert working_days_between(day, walked, CALENDAR) == count
    assert working_days_between(walked, day, CALENDAR) == -count


@given(DAYS)
def test_the_next_working_day_is_later_and_nothing_lies_between(day: date) -> None:
    following = next_working_day(day, CALENDAR)
    assert following > day
    assert is_working_day(following, CALENDAR)
    assert working_days_between(day, following, CALENDAR) == 1


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 1, 2), False),  # Friday, swapped
        (date(2026, 1, 10), True),  # Saturday, worked in exchange
        (date(2026, 2, 16), False),
        (date(2026, 2, 20), False),
        (date(2026, 2, 23), True),
        (date(2026, 4, 27), False),  # Giỗ Tổ on a Sunday, compensated
        (date(2026, 8, 31), False),
        (date(2026, 9, 2), False),
        (date(2026, 11, 23), True),
        (date(2026, 11, 24), False),  # Ngày Văn hóa Việt Nam, first time
        (date(2025, 11, 24), True),
        (date(2027, 1, 1), False),
        (date(2027, 2, 8), False),
    ],
)
def test_days_of_the_law_document(day: date, works: bool) -> None:
    assert is_working_day(day, CALENDAR) is works


def test_every_year_has_its_fixed_holidays() -> None:
    for year in range(2016, 2028):
        for month, day in ((1, 1), (4, 30), (5, 1), (9, 2)):
            assert date(year, month, day) in CALENDAR.off


@pytest.mark.parametrize("year", range(2016, 2028))
def test_lunar_holidays_are_where_the_moon_puts_them(year: int) -> None:
    names = {row.name: row.day for row in shipped_rows() if row.day.year == year}
    assert names["Tết Nguyên đán, mùng 1"] == convert_lunar_to_solar(1, 1, year)
    assert convert_lunar_to_solar(10, 3, year) in CALENDAR.off


def test_tet_gives_at_least_five_days_off() -> None:
    for year in range(2016, 2028):
        assert sum(row.day.year == year and "Nguyên đán" in row.name for row in shipped_rows()) >= 4
        first = next(
            row.day for row in shipped_rows() if row.day.year == year and row.name.endswith("mùng 1")
        )
        off = [
            day
            for day in (first + DAY * shift for shift in range(-3, 7))
            if not is_working_day(day, CALENDAR)
        ]
        assert len(off) >= 7


def test_compensated_days_lie_on_weekdays_and_swapped_ones_on_weekends() -> None:
    for row in shipped_rows():
        if row.kind == "compensated_off":
            assert row.day.weekday() < 5, row
        if row.kind == "swapped_working":
            assert row.day.weekday() >= 5, row


def test_every_row_names_its_source_and_no_day_stands_twice() -> None:
    rows = shipped_rows()
    assert len({row.day for row in rows}) == len(rows)
    assert all(row.source and row.name and row.certainty in "ABCD" for row in rows)
    assert {row.certainty for row in rows if row.day.year == 2027 and "Nguyên đán" in row.name} == {"D"}
    assert shipped_covers() == (date(2016, 1, 1), date(2027, 12, 31))


def test_a_year_without_calendar_is_an_alarm_in_words() -> None:
    with pytest.raises(CalendarMissing) as missing:
        next_working_day(date(2027, 12, 31), CALENDAR)
    assert missing.value.sentence == (
        "Chưa có lịch nghỉ của năm 2028. Ông/bà báo người quản trị nhập lịch nghỉ năm này."
    )
