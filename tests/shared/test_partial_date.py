from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civreg.shared.errors import InvalidInput
from civreg.shared.partial_date import PartialDate, parse_day_month_year

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        (("31", "2", "2026"), "day", "Tháng 2 năm 2026 chỉ có 28 ngày. Ông/bà ghi lại ngày hoặc tháng."),
        (("29", "2", "2025"), "day", "Tháng 2 năm 2025 chỉ có 28 ngày. Ông/bà ghi lại ngày hoặc tháng."),
        (("31", "4", "2026"), "day", "Tháng 4 năm 2026 chỉ có 30 ngày. Ông/bà ghi lại ngày hoặc tháng."),
        (("1", "13", "2026"), "month", "Không có tháng 13. Ông/bà ghi tháng từ 1 đến 12."),
        (("32", "1", "2026"), "day", "Không có ngày 32. Ông/bà ghi ngày từ 1 đến 31."),
        (("0", "1", "2026"), "day", "Không có ngày 0. Ông/bà ghi ngày từ 1 đến 31."),
        (("hai", "1", "2026"), "day", "Ngày chỉ ghi bằng số, ví dụ 25."),
        (("1", "chín", "2026"), "month", "Tháng chỉ ghi bằng số, ví dụ 9."),
        (("1", "9", "20x6"), "year", "Năm chỉ ghi bằng bốn chữ số, ví dụ 2026."),
        (("1", "9", "26"), "year", "Ông/bà ghi năm đủ bốn chữ số, ví dụ 2026."),
        (("1", "9", "0026"), "year", "Ông/bà ghi năm đủ bốn chữ số, ví dụ 2026."),
        (("1", "9", "1899"), "year", "Ông/bà xem lại năm: hệ thống chỉ nhận từ năm 1900 trở đi."),
        (("1", "9", "20266"), "year", "Ông/bà ghi năm đủ bốn chữ số, ví dụ 2026."),
        (("1", "9", "2027"), "year", "Năm 2027 chưa đến. Ông/bà ghi ngày không muộn hơn 24/11/2026."),
        (("25", "11", "2026"), "day", "Ngày này chưa đến. Ông/bà ghi ngày không muộn hơn 24/11/2026."),
        (("1", "9", ""), "year", "Ông/bà ghi thêm năm, đủ bốn chữ số, ví dụ 2026."),
        (("1", "", "2026"), "month", "Ông/bà ghi thêm tháng, từ 1 đến 12."),
        (("", "9", "2026"), "day", "Ông/bà ghi thêm ngày, từ 1 đến 31."),
        (("", "", ""), "day", "Ông/bà ghi đủ ngày, tháng và năm, ví dụ 25, 9, 2026."),
        (("9" * 10_000, "9", "2026"), "day", "Ngày chỉ ghi bằng số, ví dụ 25."),
        (("😀", "9", "2026"), "day", "Ngày chỉ ghi bằng số, ví dụ 25."),
        (("-1", "9", "2026"), "day", "Ngày chỉ ghi bằng số, ví dụ 25."),
    ],
)
def test_a_date_that_cannot_be_used_says_what_to_do(
    typed: tuple[str, str, str], field: str, sentence: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        parse_day_month_year(*typed, allow_partial=False, not_after=TODAY)
    assert refusal.value.sentence == sentence
    assert refusal.value.fields == {field: sentence}


@pytest.mark.parametrize(
    ("typed", "parsed", "sentence"),
    [
        (("25", "9", "2026"), PartialDate(2026, 9, 25), "25/9/2026"),
        (("05", "03", "1961"), PartialDate(1961, 3, 5), "5/3/1961"),
        ((" ２９ ", "2", "2024"), PartialDate(2024, 2, 29), "29/2/2024"),
        (("", "3", "1961"), PartialDate(1961, 3), "tháng 3 năm 1961"),
        (("", "", "1958"), PartialDate(1958), "năm 1958"),
        (("", "", ""), PartialDate(precision="unknown"), "không rõ"),
    ],
)
def test_partial_dates_are_read(typed: tuple[str, str, str], parsed: PartialDate, sentence: str) -> None:
    found = parse_day_month_year(*typed, allow_partial=True, not_after=TODAY)
    assert found == parsed
    assert found.sentence() == sentence


def test_a_day_without_its_month_is_asked_for_even_when_parts_may_be_missing() -> None:
    with pytest.raises(InvalidInput) as refusal:
        parse_day_month_year("5", "", "1961", allow_partial=True)
    assert refusal.value.sentence == "Ông/bà ghi thêm tháng, từ 1 đến 12."


def test_about_and_the_hour_are_told() -> None:
    about = parse_day_month_year("", "3", "1961", allow_partial=True, precision="about")
    assert about.sentence() == "khoảng tháng 3 năm 1961"
    assert PartialDate(2026, 9, 25, hour="khoảng 03 giờ").sentence() == "khoảng 03 giờ, 25/9/2026"


def test_the_future_is_allowed_where_nobody_forbids_it() -> None:
    assert parse_day_month_year("1", "1", "2030", allow_partial=False).as_date() == date(2030, 1, 1)


def test_this_month_without_a_day_is_not_the_future() -> None:
    assert parse_day_month_year("", "11", "2026", allow_partial=True, not_after=TODAY).as_date() is None
    with pytest.raises(InvalidInput) as refusal:
        parse_day_month_year("", "12", "2026", allow_partial=True, not_after=TODAY)
    assert refusal.value.fields == {"month": "Ngày này chưa đến. Ông/bà ghi ngày không muộn hơn 24/11/2026."}


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2200, 12, 31)))
def test_every_day_goes_through_unchanged(day: date) -> None:
    parsed = parse_day_month_year(str(day.day), str(day.month), str(day.year), allow_partial=False)
    assert parsed.as_date() == parsed.earliest() == parsed.latest() == day
    assert parsed == PartialDate.of(day)


@given(st.integers(1900, 2200), st.integers(1, 12))
def test_a_month_spans_its_days(year: int, month: int) -> None:
    known = PartialDate(year, month)
    first, last = known.earliest(), known.latest()
    assert known.as_date() is None
    assert first == date(year, month, 1)
    assert last is not None
    assert (last + timedelta(days=1)).day == 1
    assert (last.year, last.month) == (year, month)


def test_nothing_known_has_no_bounds() -> None:
    unknown = PartialDate(precision="unknown")
    assert (unknown.earliest(), unknown.latest(), unknown.as_date()) == (None, None, None)


def test_impossible_dates_cannot_be_made() -> None:
    for parts in ((2026, 2, 30), (2026, None, 3), (None, 3, None)):
        with pytest.raises(ValueError, match=r"."):
            PartialDate(*parts)


def outcome(day: str, month: str, year: str, partial: bool) -> PartialDate | InvalidInput:
    try:
        return parse_day_month_year(day, month, year, allow_partial=partial, not_after=TODAY)
    except InvalidInput as refusal:
        return refusal


@given(st.text(max_size=6), st.text(max_size=6), st.text(max_size=6), st.booleans())
def test_any_typing_gives_a_date_or_a_sentence(day: str, month: str, year: str, partial: bool) -> None:
    found = outcome(day, month, year, partial)
    if isinstance(found, InvalidInput):
        assert found.sentence.endswith(".")
        assert list(found.fields.values()) == [found.sentence]
    else:
        earliest = found.earliest()
        assert earliest is None or earliest <= TODAY
