"""Giờ hẹn có dùng được không: each refusal says which time to choose instead.

Evenings are practice (a family works in the fields by day), so a typed time may lie outside office hours; nights may
not. What already happened is recorded as it was.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from civreg.deadlines.rules import Calendar, is_working_day, next_working_day
from civreg.deadlines.rules.terms import local
from civreg.shared.errors import InvalidInput
from civreg.shared.text import format_date_vi, format_moment_vi
from civreg.visits.rules.slots import Slot, is_plain_saturday

EARLIEST, LATEST = time(6), time(20)
"""Between these hours a family may be visited."""

SHORTEST_MINUTES, LONGEST_MINUTES = 10, 240
_FIRST_YEAR, _LAST_YEAR = 2000, 2200
_NOON = time(12)
_LONGEST_PAST = timedelta(hours=12)
_ONE_YEAR = timedelta(days=366)
_HALF_DAY_ENDS = "buổi sáng thứ Bảy, xong trước 12 giờ"


def typed_moment(moment: datetime, field: str = "starts_at") -> datetime:
    """Return a moment from outside in Vietnamese time; a year that nobody can mean is refused before it is counted.

    Raises:
        InvalidInput: for such a year.
        ValueError: when it has no time zone.
    """
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise _refused(f"Ông/bà kiểm tra lại năm {moment.year}.", field)
    return local(moment)


def check_booking(
    starts_at: datetime, minutes: int, now: datetime, calendar: Calendar, *, saturday_morning: bool = False
) -> Slot:
    """Return the time of a booking in Vietnamese time, or say which time to choose.

    Raises:
        InvalidInput: for a time that has passed, a day off, a night, or an odd length.
        CalendarMissing: when nobody entered the days off of that year.
    """
    if not SHORTEST_MINUTES <= minutes <= LONGEST_MINUTES:
        sentence = f"Ông/bà chọn thời gian một chuyến từ {SHORTEST_MINUTES} đến {LONGEST_MINUTES} phút."
        raise InvalidInput(sentence, {"minutes": sentence})
    start = typed_moment(starts_at)
    if start - now > _ONE_YEAR:
        raise _refused(f"Ngày {format_date_vi(start)} còn xa hơn một năm. Ông/bà kiểm tra lại năm.")
    slot = Slot(start, start + timedelta(minutes=minutes))
    if start < now:
        raise _refused(
            f"{format_moment_vi(start)} đã qua. Ông/bà chọn giờ sau {format_moment_vi(local(now))}; "
            "chuyến đã đi thì ghi ở mục “Ghi chuyến đã đi”."
        )
    _check_hours(slot)
    _check_day(slot, calendar, saturday_morning=saturday_morning)
    return slot


def check_past_visit(starts_at: datetime, ends_at: datetime, now: datetime) -> Slot:
    """Return the time of a visit already made, or say what to correct. Any day and hour may have been worked.

    Raises:
        InvalidInput: when it ends before it starts, lies ahead, or is longer or older than can be meant.
    """
    start, end = typed_moment(starts_at), typed_moment(ends_at, "ends_at")
    if end <= start:
        raise _refused("Ông/bà ghi giờ về sau giờ đến.", "ends_at")
    if end > now:
        raise _refused(
            "Chuyến này chưa kết thúc. Ông/bà ghi sau khi đã về, hoặc hẹn lịch cho chuyến sắp tới.", "ends_at"
        )
    if end - start > _LONGEST_PAST:
        raise _refused("Một chuyến dài nhất 12 giờ. Ông/bà kiểm tra lại ngày và giờ về.", "ends_at")
    if now - start > _ONE_YEAR:
        raise _refused(f"Ngày {format_date_vi(start)} đã quá một năm. Ông/bà kiểm tra lại năm.")
    return Slot(start, end)


def check_recording(starts_at: datetime, today: date) -> None:
    """Refuse the outcome of a visit whose day has not come.

    Raises:
        InvalidInput: with what to do when the officer went earlier.
    """
    day = local(starts_at).date()
    if day > today:
        raise _refused(
            f"Chuyến này hẹn ngày {format_date_vi(day)}, chưa đến ngày. "
            "Nếu đã đi sớm, ông/bà chuyển lịch sang hôm nay rồi ghi kết quả.",
            "outcome",
        )


def _check_hours(slot: Slot) -> None:
    same_day = slot.ends_at.date() == slot.starts_at.date()
    if slot.starts_at.time() < EARLIEST or slot.ends_at.time() > LATEST or not same_day:
        raise _refused(
            f"Ông/bà hẹn gia đình trong khoảng từ {EARLIEST.hour} giờ đến {LATEST.hour} giờ, xong trước "
            f"{LATEST.hour} giờ."
        )


def _check_day(slot: Slot, calendar: Calendar, *, saturday_morning: bool) -> None:
    day = slot.starts_at.date()
    if is_working_day(day, calendar):
        return
    half_day = saturday_morning and is_plain_saturday(day, calendar)
    if half_day and slot.ends_at.time() <= _NOON:
        return
    following = format_date_vi(next_working_day(day, calendar))
    if half_day:
        raise _refused(f"Ông/bà hẹn vào {_HALF_DAY_ENDS}, hoặc chọn ngày làm việc, gần nhất là {following}.")
    name = calendar.names.get(day)
    named = f" ({name})" if name else ""
    raise _refused(
        f"Ngày {format_date_vi(day)} là ngày nghỉ{named}. Ông/bà chọn ngày làm việc, gần nhất là {following}."
    )


def _refused(sentence: str, field: str = "starts_at") -> InvalidInput:
    return InvalidInput(sentence, {field: sentence})
