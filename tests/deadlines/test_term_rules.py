from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civreg.deadlines.rules import (
    VIETNAM,
    Due,
    Pause,
    Reason,
    calendar_days_due,
    due_with_pauses,
    is_working_day,
    load_calendar,
    reason_from_json,
    reason_sentence,
    same_day_due,
    working_days_due,
)

CALENDAR = load_calendar()
DAY = timedelta(days=1)
MOMENTS = st.datetimes(
    min_value=datetime(2016, 1, 2),  # noqa: DTZ001 - strategies add the zone themselves
    max_value=datetime(2027, 10, 1),  # noqa: DTZ001
    timezones=st.just(VIETNAM),
)


def at(year: int, month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=VIETNAM)


def sentences(due: Due) -> list[str]:
    return [reason_sentence(reason) for reason in due.reasons]


def test_vector_1_sixty_days_from_birth_end_on_a_holiday_and_roll() -> None:
    due = calendar_days_due(date(2026, 9, 25), 60, CALENDAR)
    assert due.due_on == date(2026, 11, 25)
    assert sentences(due) == [
        "60 ngày, tính từ ngày sau ngày 25/9/2026.",
        "Ngày cuối 24/11/2026 là ngày nghỉ (Ngày Văn hóa Việt Nam) nên hạn kết thúc vào ngày làm việc tiếp theo.",
    ]


def test_vector_2_fifteen_days_from_death() -> None:
    assert calendar_days_due(date(2026, 11, 9), 15, CALENDAR).due_on == date(2026, 11, 25)


def test_vector_3_five_working_days_pass_over_the_holiday() -> None:
    due = working_days_due(at(2026, 11, 17), 5, CALENDAR)
    assert due.due_on == date(2026, 11, 25)
    assert sentences(due) == [
        "05 ngày làm việc, tính từ ngày sau ngày tiếp nhận đủ giấy tờ (17/11/2026).",
        "Không tính Ngày Văn hóa Việt Nam (24/11/2026).",
    ]


def test_vector_4_the_three_o_clock_rule() -> None:
    late = same_day_due(at(2026, 11, 23, 15, 30), CALENDAR)
    assert late.due_on == date(2026, 11, 25)
    assert sentences(late)[0] == "Nhận sau 15 giờ ngày 23/11/2026: trả kết quả vào ngày làm việc tiếp theo."
    early = same_day_due(at(2026, 11, 23, 14, 59), CALENDAR)
    assert early.due_on == date(2026, 11, 23)
    assert sentences(early) == ["Nhận đủ giấy tờ trước 15 giờ ngày 23/11/2026: trả kết quả ngay trong ngày."]


def test_three_o_clock_itself_is_not_after_three() -> None:
    assert same_day_due(at(2026, 11, 23, 15, 0), CALENDAR).due_on == date(2026, 11, 23)
    assert same_day_due(at(2026, 11, 23, 15, 1), CALENDAR).due_on == date(2026, 11, 25)


def test_vector_5_a_worked_saturday_is_the_next_working_day() -> None:
    due = same_day_due(at(2026, 1, 9, 16), CALENDAR)
    assert due.due_on == date(2026, 1, 10)
    assert sentences(due)[-1] == "Có tính ngày 10/1/2026: Làm bù cho ngày 2/1/2026."


def test_vector_6_both_readings_of_a_bundle_after_three() -> None:
    received = at(2026, 11, 20, 15, 30)
    moved = working_days_due(received, 3, CALENDAR, after_cutoff="next_day_is_reception")
    assert moved.due_on == date(2026, 11, 27)
    assert sentences(moved)[0] == (
        "Nhận sau 15 giờ hoặc ngoài ngày làm việc (20/11/2026): ngày làm việc tiếp theo (23/11/2026) "
        "là ngày tiếp nhận."
    )
    assert working_days_due(received, 3, CALENDAR, after_cutoff="next_day_counts").due_on == date(
        2026, 11, 26
    )


def test_a_home_visit_on_sunday_is_answered_on_the_next_working_day() -> None:
    due = same_day_due(at(2026, 11, 22, 10), CALENDAR)
    assert due.due_on == date(2026, 11, 23)
    assert sentences(due) == [
        "Ngày 22/11/2026 không phải ngày làm việc: trả kết quả vào ngày làm việc tiếp theo."
    ]


def test_days_are_days_of_vietnam() -> None:
    evening_in_greenwich = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)  # 01:00 on Monday in Vietnam
    assert same_day_due(evening_in_greenwich, CALENDAR).due_on == date(2026, 11, 23)


def test_naive_moments_are_a_fault() -> None:
    with pytest.raises(ValueError, match="aware"):
        same_day_due(datetime(2026, 11, 23, 9), CALENDAR)  # noqa: DTZ001


def test_a_term_that_leaves_the_calendar_is_an_alarm_not_a_guess() -> None:
    due = working_days_due(at(2027, 12, 30), 5, CALENDAR)
    assert due.due_on is None
    assert sentences(due) == [
        "05 ngày làm việc, tính từ ngày sau ngày tiếp nhận đủ giấy tờ (30/12/2027).",
        "Chưa có lịch nghỉ của năm 2028 nên chưa tính được ngày; người quản trị cần nhập lịch nghỉ năm này.",
    ]


def test_an_unconfirmed_holiday_is_said() -> None:
    due = working_days_due(at(2027, 2, 3), 1, CALENDAR)
    assert due.due_on == date(2027, 2, 11)
    assert sentences(due)[-1] == (
        "Lịch nghỉ năm 2027 chưa xác nhận; hạn có thể đổi khi có thông báo chính thức."
    )


def test_an_unconfirmed_day_of_a_confirmed_year_is_said() -> None:
    due = working_days_due(at(2026, 8, 21), 1, CALENDAR)
    assert due.due_on == date(2026, 8, 22)
    assert sentences(due)[1:] == [
        "Có tính ngày 22/8/2026: Làm bù cho ngày 31/8/2026.",
        "Lịch nghỉ ngày 22/8/2026 (Làm bù cho ngày 31/8/2026) chưa xác nhận; "
        "hạn có thể đổi khi có thông báo chính thức.",
    ]


def test_a_pause_moves_the_due_day_and_is_told() -> None:
    pause = Pause(at(2026, 11, 18), at(2026, 11, 20))
    due = due_with_pauses(at(2026, 11, 17), 5, [pause], CALENDAR)
    assert due.due_on == date(2026, 11, 30)
    assert sentences(due)[1] == "Tạm dừng tính hạn từ 18/11/2026 đến 20/11/2026 để chờ bổ sung giấy tờ."


def test_an_open_pause_has_no_due_day() -> None:
    due = due_with_pauses(at(2026, 11, 17), 5, [Pause(at(2026, 11, 18))], CALENDAR)
    assert due.due_on is None
    assert sentences(due)[-1] == "Đang tạm dừng tính hạn từ 18/11/2026: chờ gia đình bổ sung giấy tờ."


def test_reasons_survive_storage() -> None:
    due = working_days_due(at(2026, 11, 17), 5, CALENDAR)
    stored = [reason.as_json() for reason in due.reasons]
    assert [reason_from_json(entry) for entry in stored] == list(due.reasons)


def test_a_reason_of_a_later_version_still_reads() -> None:
    assert reason_sentence(Reason("not_known_yet")) == "Lý do: not_known_yet."


def oracle(received: datetime, days: int, stopped: list[tuple[date, date]]) -> date:
    day = received.date()
    while days:
        day += DAY
        if is_working_day(day, CALENDAR) and not any(start <= day <= end for start, end in stopped):
            days -= 1
    return day


@given(MOMENTS, st.integers(1, 20), st.lists(st.tuples(st.integers(0, 20), st.integers(0, 10)), max_size=3))
def test_pauses_agree_with_a_slow_count(received: datetime, days: int, pauses: list[tuple[int, int]]) -> None:
    spans = [(received + DAY * start, received + DAY * (start + length)) for start, length in pauses]
    due = due_with_pauses(received, days, [Pause(start, end) for start, end in spans], CALENDAR)
    assert due.due_on == oracle(received, days, [(start.date(), end.date()) for start, end in spans])


@given(MOMENTS, st.integers(1, 20))
def test_without_pauses_both_counts_agree(received: datetime, days: int) -> None:
    assert (
        due_with_pauses(received, days, [], CALENDAR).due_on
        == working_days_due(received, days, CALENDAR).due_on
    )


@given(
    MOMENTS,
    st.integers(0, 3000),
    st.integers(1, 20),
    st.sampled_from([None, "next_day_is_reception", "next_day_counts"]),
)
def test_later_papers_are_never_due_earlier(
    received: datetime, minutes: int, days: int, reading: str | None
) -> None:
    later = received + timedelta(minutes=minutes)
    first = working_days_due(received, days, CALENDAR, after_cutoff=reading)  # type: ignore[arg-type]
    second = working_days_due(later, days, CALENDAR, after_cutoff=reading)  # type: ignore[arg-type]
    assert first.due_on is not None
    assert second.due_on is not None
    assert first.due_on <= second.due_on
    same_first, same_second = same_day_due(received, CALENDAR), same_day_due(later, CALENDAR)
    assert same_first.due_on is not None
    assert same_second.due_on is not None
    assert same_first.due_on <= same_second.due_on


@given(MOMENTS)
def test_same_day_means_today_or_the_next_working_day(received: datetime) -> None:
    due = same_day_due(received, CALENDAR).due_on
    assert due is not None
    today = received.date()
    if is_working_day(today, CALENDAR) and received.time() <= time(15):
        assert due == today
    else:
        assert due == oracle(received, 1, [])


@given(st.dates(min_value=date(2016, 1, 1), max_value=date(2027, 9, 1)), st.sampled_from([15, 60]))
def test_a_family_always_has_the_full_days_and_ends_on_a_working_day(event: date, days: int) -> None:
    due = calendar_days_due(event, days, CALENDAR).due_on
    assert due is not None
    assert due >= event + DAY * days
    assert is_working_day(due, CALENDAR)
    assert not any(
        is_working_day(day, CALENDAR)
        for day in (event + DAY * days + DAY * n for n in range((due - event).days - days))
    )
