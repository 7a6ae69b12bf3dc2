"""Đếm một thời hạn bằng giờ: from the moment of reception to the moment after which a result is late.

Two lengths, and the text of the limit says which. `hours` runs day and night from the moment (BLDS 2015 art 147.1); when
its last day is a day off it ends with the next working day (art 148.5). `working_hours` (giờ làm việc) runs only while the
office is open; which hours those are stands in the calendar file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from civreg.deadlines.rules.calendar import Calendar, CalendarMissing, is_working_day, next_working_day
from civreg.deadlines.rules.reasons import Due, Reason
from civreg.deadlines.rules.terms import (
    VIETNAM,
    Pause,
    local,
    open_year_reasons,
    passed_days,
    rolled_to,
    without_calendar,
)

_DAY = timedelta(days=1)
_Span = tuple[datetime, datetime]


def hours_due(
    starts_at: datetime, hours: int, calendar: Calendar, *, working: bool, pauses: Sequence[Pause] = ()
) -> Due:
    """Return the moment at which a term of hours ends, with its day; an open pause has none.

    Args:
        starts_at: when the complete papers were taken; the hours run from this moment.
        hours: the length.
        calendar: working days and, for `working`, the hours in which the office is open.
        working: count office hours of working days only; else every hour.
        pauses: while the clock stood still no minute is counted.
    """
    start = local(starts_at)
    term = Reason(
        "working_hours" if working else "hours",
        {"hours": hours, "start": start.isoformat(timespec="minutes")},
    )
    said = (
        term,
        *(pause.as_reason() for pause in sorted(pauses, key=lambda one: one.paused_at)),
    )
    if any(pause.resumed_at is None for pause in pauses):
        return Due(None, said)
    try:
        ends = _run_out(start, timedelta(hours=hours), calendar, working=working, pauses=pauses)
        last_day = (ends - timedelta.resolution).date()  # what ends at 0:00 ends with the day before (24:00)
        if working or is_working_day(last_day, calendar):
            until = Reason("until_moment", {"moment": ends.isoformat(timespec="minutes")})
            days = passed_days if working else open_year_reasons
            return Due(last_day, (*said, until, *days(start.date(), last_day, calendar)), ends)
        due_on = next_working_day(last_day, calendar)
        return Due(due_on, (*said, *rolled_to(last_day, due_on, calendar)))
    except CalendarMissing as missing:
        return without_calendar(missing, *said)


def _run_out(
    start: datetime, left: timedelta, calendar: Calendar, *, working: bool, pauses: Sequence[Pause]
) -> datetime:
    """Return the moment at which so much running time has passed.

    Raises:
        CalendarMissing: when the count leaves the calendar.
    """
    stopped = [(local(one.paused_at), local(one.resumed_at)) for one in pauses if one.resumed_at]
    for opens, closes in _open_spans(start, calendar, working=working):
        for begins, ends in _outside(stopped, opens, closes):
            if ends - begins >= left:
                return begins + left
            left -= ends - begins
    raise AssertionError("the spans never end")  # pragma: no cover - an endless iterator


def _open_spans(start: datetime, calendar: Calendar, *, working: bool) -> Iterator[_Span]:
    """Yield the spans in which the clock runs, from the start on: whole days, or the office's hours."""
    day = start.date()
    while True:
        for opens, closes in _spans_of(day, calendar, working=working):
            if closes > start:
                yield max(opens, start), closes
        day += _DAY


def _spans_of(day: date, calendar: Calendar, *, working: bool) -> tuple[_Span, ...]:
    if not working:
        begins = datetime.combine(day, time(), VIETNAM)
        return ((begins, begins + _DAY),)
    if not is_working_day(day, calendar):
        return ()
    return tuple(
        (datetime.combine(day, opens, VIETNAM), datetime.combine(day, closes, VIETNAM))
        for opens, closes in calendar.office_hours
    )


def _outside(stopped: Sequence[_Span], opens: datetime, closes: datetime) -> Iterator[_Span]:
    """Yield what is left of a span without the pauses."""
    begins = opens
    for paused, resumed in sorted(stopped):
        if paused >= closes or resumed <= begins:
            continue
        if paused > begins:
            yield begins, paused
        begins = resumed
        if begins >= closes:
            return
    yield begins, closes
