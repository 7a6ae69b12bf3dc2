"""Which times are offered and accepted, and what a visit does to a case. No database."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from civreg.cases.rules import ENDED, STATES, Action, State
from civreg.deadlines.rules import VIETNAM, CalendarMissing, is_working_day
from civreg.deadlines.rules.shipped import load_calendar
from civreg.shared.errors import Conflict, InvalidInput
from civreg.visits.rules import (
    Slot,
    SlotTaken,
    check_booking,
    check_past_visit,
    check_recording,
    day_slots,
    free_among,
    opening_day,
    past_purpose,
    purpose_for,
    shipped_closures,
    visit_step,
)

CALENDAR = load_calendar()
DAYS = st.dates(date(2025, 1, 1), date(2027, 12, 1))


def at(day: int, hour: int = 9, minute: int = 0) -> datetime:
    """Return a moment of November 2026; the 16th is a Monday, the 24th a holiday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=VIETNAM)


NOW = at(16, 8)


def test_a_working_day_has_fifteen_half_hours() -> None:
    slots = day_slots(date(2026, 11, 16), CALENDAR)
    starts = [slot.starts_at.strftime("%H:%M") for slot in slots]
    assert starts[0] == "07:30"
    assert starts[7:9] == ["11:00", "13:30"]
    assert (len(slots), slots[-1].ends_at) == (15, at(16, 17))


@given(DAYS, st.booleans())
def test_slots_lie_in_office_hours_and_never_overlap(day: date, saturday: bool) -> None:
    slots = day_slots(day, CALENDAR, shipped_closures(), saturday_morning=saturday)
    for slot, following in pairwise(slots):
        assert slot.ends_at <= following.starts_at
    for slot in slots:
        assert slot.starts_at.date() == day
        assert time(7, 30) <= slot.starts_at.time() < slot.ends_at.time() <= time(17)
        assert slot.starts_at.time() < time(11, 30) or slot.starts_at.time() >= time(13, 30)
    if slots and not is_working_day(day, CALENDAR):
        assert (day.weekday(), len(slots)) == (5, 8)


@pytest.mark.parametrize("day", [date(2026, 11, 21), date(2026, 11, 22), date(2026, 11, 24)])
def test_a_day_off_has_no_slots(day: date) -> None:
    assert day_slots(day, CALENDAR) == ()


def test_a_festival_closes_slots_but_stops_no_clock() -> None:
    festival = date(2026, 4, 14)
    assert is_working_day(festival, CALENDAR)
    assert day_slots(festival, CALENDAR, shipped_closures()) == ()
    assert len(day_slots(festival, CALENDAR)) == 15


def test_saturday_mornings_where_they_are_worked() -> None:
    assert len(day_slots(date(2026, 11, 21), CALENDAR, saturday_morning=True)) == 8
    assert day_slots(date(2026, 11, 22), CALENDAR, saturday_morning=True) == ()


def test_a_saturday_worked_in_exchange_is_a_whole_day() -> None:
    assert len(day_slots(date(2026, 1, 10), CALENDAR)) == 15


def test_free_slots_leave_out_what_is_past_or_taken() -> None:
    slots = day_slots(date(2026, 11, 16), CALENDAR)
    free = free_among(slots, [Slot(at(16, 9, 15), at(16, 9, 45))], NOW)
    assert [slot.starts_at for slot in free][:3] == [at(16, 8), at(16, 8, 30), at(16, 10)]


def test_a_slot_ends_where_the_next_may_start() -> None:
    nine = Slot(at(16, 9), at(16, 9, 30))
    assert not nine.overlaps(Slot(at(16, 9, 30), at(16, 10)))
    assert nine.overlaps(Slot(at(16, 9, 29), at(16, 9, 31)))


@pytest.mark.parametrize(
    ("today", "opens"),
    [
        (date(2026, 11, 24), date(2026, 11, 25)),
        (date(2026, 11, 21), date(2026, 11, 23)),
        (date(2026, 11, 16), date(2026, 11, 16)),
        (date(2028, 1, 1), date(2028, 1, 1)),
    ],
)
def test_a_day_view_opens_on_a_working_day(today: date, opens: date) -> None:
    assert opening_day(today, CALENDAR) == opens


# Accepted and refused times


@pytest.mark.parametrize(("start", "minutes"), [(at(16, 9), 30), (at(16, 19, 30), 30), (at(17, 6), 240)])
def test_typed_times_may_lie_outside_office_hours(start: datetime, minutes: int) -> None:
    assert check_booking(start, minutes, NOW, CALENDAR) == Slot(start, start + timedelta(minutes=minutes))


def test_a_time_from_another_zone_is_read_in_vietnamese_time() -> None:
    utc = datetime.fromisoformat("2026-11-17T02:00:00+00:00")
    assert check_booking(utc, 30, NOW, CALENDAR).starts_at.isoformat() == "2026-11-17T09:00:00+07:00"


def test_a_moment_without_zone_is_a_fault_of_the_program() -> None:
    with pytest.raises(ValueError, match="aware"):
        check_booking(at(17).replace(tzinfo=None), 30, NOW, CALENDAR)


@pytest.mark.parametrize(
    ("start", "minutes", "field", "sentence"),
    [
        (at(16, 7, 59), 30, "starts_at", "7 giờ 59, 16/11/2026 đã qua. Ông/bà chọn giờ sau 8 giờ, 16/11/2026"),
        (at(24), 30, "starts_at", "Ngày 24/11/2026 là ngày nghỉ (Ngày Văn hóa Việt Nam). Ông/bà chọn ngày làm "
         "việc, gần nhất là 25/11/2026."),
        (at(21), 30, "starts_at", "Ngày 21/11/2026 là ngày nghỉ. Ông/bà chọn ngày làm việc, gần nhất là 23/11"),
        (at(17, 5, 59), 30, "starts_at", "trong khoảng từ 6 giờ đến 20 giờ"),
        (at(17, 19, 31), 30, "starts_at", "xong trước 20 giờ"),
        (at(17, 23, 50), 30, "starts_at", "trong khoảng từ 6 giờ đến 20 giờ"),
        (at(17), 5, "minutes", "từ 10 đến 240 phút"),
        (at(17), 100_000, "minutes", "từ 10 đến 240 phút"),
    ],
)  # fmt: skip
def test_an_unusable_time_is_refused_with_what_to_choose(
    start: datetime, minutes: int, field: str, sentence: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_booking(start, minutes, NOW, CALENDAR)
    assert sentence in refused.value.sentence
    assert refused.value.fields == {field: refused.value.sentence}


def test_a_saturday_afternoon_is_refused_where_only_mornings_are_worked() -> None:
    assert check_booking(at(21, 11, 30), 30, NOW, CALENDAR, saturday_morning=True).ends_at == at(21, 12)
    with pytest.raises(InvalidInput, match="buổi sáng thứ Bảy, xong trước 12 giờ"):
        check_booking(at(21, 13), 30, NOW, CALENDAR, saturday_morning=True)


def test_a_year_without_calendar_asks_for_it() -> None:
    with pytest.raises(CalendarMissing, match="Chưa có lịch nghỉ của năm 2028"):
        check_booking(
            datetime(2028, 1, 4, 9, tzinfo=VIETNAM), 30, datetime(2027, 12, 1, 9, tzinfo=VIETNAM), CALENDAR
        )


@pytest.mark.parametrize("year", [2028, 9999])
def test_a_mistyped_year_is_asked_about(year: int) -> None:
    with pytest.raises(InvalidInput, match="kiểm tra lại năm"):
        check_booking(datetime(year, 12, 31, 23, 59, tzinfo=VIETNAM), 240, NOW, CALENDAR)


@given(
    st.builds(
        datetime.combine,
        st.dates(date(2026, 11, 10), date(2027, 11, 30)),
        st.times(time(5), time(20)),
        st.just(VIETNAM),
    ),
    st.integers(5, 250),
)
def test_an_accepted_time_is_ahead_on_a_working_day_and_by_day(start: datetime, minutes: int) -> None:
    try:
        slot = check_booking(start, minutes, NOW, CALENDAR)
    except InvalidInput:
        assume(False)
    assert slot.starts_at >= NOW
    assert is_working_day(slot.starts_at.date(), CALENDAR)
    assert time(6) <= slot.starts_at.time() < slot.ends_at.time() <= time(20)


def test_what_was_done_may_lie_on_any_day_and_hour() -> None:
    sunday_night = at(15, 22)
    assert check_past_visit(sunday_night, at(15, 23), NOW) == Slot(sunday_night, at(15, 23))


@pytest.mark.parametrize(
    ("start", "end", "sentence"),
    [
        (at(15, 9), at(15, 9), "giờ về sau giờ đến"),
        (at(16, 7), at(16, 9), "Chuyến này chưa kết thúc"),
        (at(14, 9), at(15, 9), "dài nhất 12 giờ"),
        (datetime(2016, 1, 1, 8, tzinfo=VIETNAM), datetime(2016, 1, 1, 9, tzinfo=VIETNAM), "1/1/2016 đã quá một năm"),
    ],
)  # fmt: skip
def test_a_past_visit_that_cannot_be_is_refused(start: datetime, end: datetime, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        check_past_visit(start, end, NOW)


def test_an_outcome_waits_for_the_day_not_for_the_hour() -> None:
    check_recording(at(16, 17), date(2026, 11, 16))
    with pytest.raises(InvalidInput, match="hẹn ngày 17/11/2026, chưa đến ngày"):
        check_recording(at(17), date(2026, 11, 16))


def test_a_moment_at_the_edge_of_time_is_refused_not_a_fault() -> None:
    edge = datetime.fromisoformat("0001-01-01T00:00:00+23:59")
    with pytest.raises(InvalidInput, match="kiểm tra lại năm 1"):
        check_booking(edge, 30, NOW, CALENDAR)
    with pytest.raises(InvalidInput, match="kiểm tra lại năm 1"):
        check_past_visit(at(15), edge, NOW)


# Steps


def test_what_a_visit_is_for_follows_from_the_state() -> None:
    assert purpose_for("papers_requested") == "receive"
    assert purpose_for("awaiting_signature") == "return"
    assert past_purpose("awaiting_signature") == "receive"
    assert past_purpose("delivered") == "return"


def test_a_booking_moves_only_a_request() -> None:
    moved = {
        state
        for state in STATES
        for purpose in ("receive", "return")
        if _step(purpose, state) == "book_visit"
    }
    assert moved == {State.REQUESTED.value}


@pytest.mark.parametrize(
    ("purpose", "state", "sentence"),
    [
        ("return", State.REQUESTED, "hẹn chuyến “Nhận hồ sơ”"),
        ("receive", State.REGISTERED, "hẹn chuyến “Trả kết quả”"),
        ("receive", State.DELIVERED, "“Đã trả kết quả” nên không cần đến nhà nữa"),
        ("return", State.WITHDRAWN, "không cần đến nhà nữa"),
    ],
)
def test_a_case_that_needs_no_such_visit_says_what_to_do(purpose: str, state: State, sentence: str) -> None:
    assert sentence in _step(purpose, state)


def test_a_second_booking_is_refused_but_a_second_visit_is_not() -> None:
    assert visit_step("receive", State.VISIT_SCHEDULED, has_booking=False) is None
    with pytest.raises(Conflict, match="chuyển giờ hoặc huỷ lịch cũ"):
        visit_step("receive", State.VISIT_SCHEDULED, has_booking=True)


@pytest.mark.parametrize("state", STATES)
def test_every_state_has_a_purpose_that_fits_or_an_advice(state: str) -> None:
    answer = _step(purpose_for(state), state)
    assert answer == "book_visit" if state == "requested" else bool(answer) is (State(state) in ENDED)


def test_a_taken_slot_offers_to_join_the_trip() -> None:
    taken = SlotTaken(UUID(int=1), at(17, 9, 30), "Thạch Thị Mỹ Hạnh", "Ấp Chợ")
    assert taken.sentence == (
        "Lúc 9 giờ 30, 17/11/2026 Thạch Thị Mỹ Hạnh đã có lịch đến nhà (Ấp Chợ). "
        "Ông/bà ghép chuyến hồ sơ này vào lịch đó, hoặc chọn giờ khác."
    )
    assert (taken.status, taken.visit_id) == (409, UUID(int=1))


def _step(purpose: str, state: str) -> str:
    """Return the action, an empty text for "stays", or the advice."""
    try:
        step = visit_step("receive" if purpose == "receive" else "return", state)
    except Conflict as refused:
        return refused.sentence
    return step.value if isinstance(step, Action) else ""
