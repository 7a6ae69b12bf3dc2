"""Đếm một thời hạn: from the moment of reception, or the day of an event, to the last day on time.

Luật Hộ tịch 2014 art 5.3 (same day, 15:00), BLDS 2015 arts 147 and 148 (first day not counted, roll to the
next working day). Days are days of Vietnam: every moment is read in UTC+7.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from civreg.deadlines.rules.calendar import (
    Calendar,
    CalendarMissing,
    add_working_days,
    days_off_between,
    is_working_day,
    next_working_day,
)
from civreg.deadlines.rules.reasons import Due, Reason, hour_words

_DAY = timedelta(days=1)
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
"""Rules may not ask the clock, not even for its zone."""

CUTOFF = time(15)
"""After this hour a same-day result moves to the next working day (Luật Hộ tịch 2014 art 5.3)."""

AfterCutoff = Literal["next_day_is_reception", "next_day_counts"]
"""How a bundle received after the cut-off counts: the next working day is the day of reception and is not
counted (the default, BLDS art 147), or it is already the first counted day (the other reading of NĐ 63/2024)."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Tạm dừng: the clock stands still from asking for a paper until it came (`resumed_at` None: not yet).

    `outside` tells that it waits for another body's answer and not for papers of the family.
    """

    paused_at: datetime
    resumed_at: datetime | None = None
    outside: bool = False

    def as_reason(self) -> Reason:
        """Return why no day is counted while the clock stood, or stands, still."""
        start = local(self.paused_at).date().isoformat()
        if self.resumed_at is None:
            return Reason("wait_open" if self.outside else "pause_open", {"start": start})
        end = local(self.resumed_at).date().isoformat()
        return Reason("waited" if self.outside else "paused", {"start": start, "end": end})


def without_calendar(missing: CalendarMissing, *term: Reason, same_day: bool = False) -> Due:
    """Return a due date that is missing, with the reason that raises the alarm and the term, to be counted later."""
    facts: dict[str, str | int] = {"year": missing.year}
    return Due(None, (*term, Reason("calendar_missing", facts | {"term": "same_day"} if same_day else facts)))


def local(moment: datetime) -> datetime:
    """Return the moment in Vietnamese time.

    Raises:
        ValueError: when it has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("moment must be aware")
    return moment.astimezone(VIETNAM)


def last_moment(due_on: date, due_at: datetime | None) -> datetime:
    """Return the moment at which the time on time is over: that of a term in hours, else 24:00 (BLDS 2015 art 148.5)."""
    return due_at or datetime.combine(due_on + _DAY, time(), VIETNAM)


def same_day_due(received_at: datetime, calendar: Calendar, *, cutoff: time = CUTOFF) -> Due:
    """Return the due day of everything for which the law sets no term: the same day, or the next working day.

    Received after the cut-off (15:00 exactly is not after) or outside a working day means the next working day.
    """
    try:
        return _same_day(local(received_at), calendar, cutoff)
    except CalendarMissing as missing:
        return without_calendar(missing, same_day=True)


def _same_day(received: datetime, calendar: Calendar, cutoff: time) -> Due:
    day = received.date()
    if not is_working_day(day, calendar):
        due = next_working_day(day, calendar)
        why = Reason("received_on_day_off", {"received": day.isoformat(), "named": _named(day, calendar)})
    elif _is_after(received, cutoff):
        due = next_working_day(day, calendar)
        why = Reason("after_cutoff", {"received": day.isoformat(), "cutoff": hour_words(cutoff)})
    else:
        due = day
        why = Reason("same_day", {"received": day.isoformat(), "cutoff": hour_words(cutoff)})
    return Due(due, (why, *passed_days(day, due, calendar)))


def working_days_due(
    received_at: datetime,
    days: int,
    calendar: Calendar,
    *,
    after_cutoff: AfterCutoff | None = None,
    cutoff: time = CUTOFF,
) -> Due:
    """Return the due day of a term of `days` working days; the day of reception is not counted.

    Args:
        received_at: when the complete papers were taken.
        days: the term in working days.
        calendar: the working days.
        after_cutoff: None where the law knows no cut-off for the term (mobile registration: 5 days);
            "next_day_is_reception" where the next working day becomes the day of reception (bundles).
        cutoff: the hour after which a reception belongs to the next working day.
    """
    received = local(received_at)
    day = start = received.date()
    reasons: list[Reason] = []
    try:
        if after_cutoff and (_is_after(received, cutoff) or not is_working_day(day, calendar)):
            facts: dict[str, str | int] = {"received": day.isoformat(), "cutoff": hour_words(cutoff)}
            if after_cutoff == "next_day_is_reception":
                start = next_working_day(day, calendar)
                reasons.append(Reason("reception_moved", facts | {"counted_from": start.isoformat()}))
            else:
                reasons.append(Reason("next_day_counts", facts))
        due = add_working_days(start, days, calendar)
    except CalendarMissing as missing:
        return without_calendar(missing, *reasons, _working_days_said(days, start))
    return Due(due, (*reasons, _working_days_said(days, start), *passed_days(start, due, calendar)))


def calendar_days_due(event_on: date, days: int, calendar: Calendar) -> Due:
    """Return the last day of a term of `days` days after an event (hạn của công dân: 60 or 15 days).

    The day of the event is not counted; a last day that is no working day rolls to the next one
    (BLDS 2015 arts 147.3 and 148.5).
    """
    return calendar_days_with_pauses(event_on, days, (), calendar)


def calendar_days_with_pauses(start: date, days: int, pauses: Sequence[Pause], calendar: Calendar) -> Due:
    """Return the last day of a term of days whose clock stood still meanwhile; see `due_with_pauses`."""
    counted = Reason("calendar_days", {"days": days, "start": start.isoformat()})
    said = tuple(pause.as_reason() for pause in sorted(pauses, key=lambda one: one.paused_at))
    stopped = _stopped_days(pauses)
    if stopped is None:
        return Due(None, (counted, *said))
    ends, left = (start, days) if stopped else (start + _DAY * days, 0)
    while left:
        ends += _DAY
        left -= not _stands_still(ends, stopped)
    try:
        if is_working_day(ends, calendar):
            return Due(ends, (counted, *said, *open_year_reasons(ends, ends, calendar)))
        due = next_working_day(ends, calendar)
    except CalendarMissing as missing:
        return without_calendar(missing, counted, *said)
    return Due(due, (counted, *said, *rolled_to(ends, due, calendar)))


def rolled_to(ends: date, due: date, calendar: Calendar) -> tuple[Reason, ...]:
    """Return why a term whose last day is no working day ends with the next one (BLDS 2015 art 148.5)."""
    rolled = Reason("rolled", {"ends": ends.isoformat(), "named": _named(ends, calendar)})
    return (rolled, *_unconfirmed_days(ends - _DAY, due, calendar))


def working_days_after(day: date, days: int, calendar: Calendar) -> Due:
    """Return the `days`-th working day after a day, with the days off that were passed over as reasons."""
    try:
        due = add_working_days(day, days, calendar)
    except CalendarMissing as missing:
        return without_calendar(missing)
    return Due(due, passed_days(day, due, calendar))


def due_with_pauses(received_at: datetime, days: int, pauses: Sequence[Pause], calendar: Calendar) -> Due:
    """Return the due day of a term of working days whose clock stood still while papers were missing.

    A day on which the clock stopped or started again is not counted, like the day of reception: what is left of
    the term goes on from the day after. An open pause has no due day.
    """
    day = local(received_at).date()
    said = tuple(pause.as_reason() for pause in sorted(pauses, key=lambda one: one.paused_at))
    reasons = (_working_days_said(days, day), *said)
    stopped = _stopped_days(pauses)
    if stopped is None:
        return Due(None, reasons)
    due, left = day, days
    try:
        while left:
            due = next_working_day(due, calendar)
            left -= not _stands_still(due, stopped)
        return Due(due, (*reasons, *passed_days(day, due, calendar)))
    except CalendarMissing as missing:
        return without_calendar(missing, *reasons)


def _stopped_days(pauses: Sequence[Pause]) -> tuple[tuple[date, date], ...] | None:
    """Return first and last day of each pause, or None while one is open."""
    if any(pause.resumed_at is None for pause in pauses):
        return None
    return tuple(
        (local(pause.paused_at).date(), local(pause.resumed_at).date())
        for pause in pauses
        if pause.resumed_at is not None
    )


def _stands_still(day: date, stopped: Sequence[tuple[date, date]]) -> bool:
    return any(start <= day <= end for start, end in stopped)


def _working_days_said(days: int, start: date) -> Reason:
    return Reason("working_days", {"days": days, "received": start.isoformat()})


def _is_after(moment: datetime, cutoff: time) -> bool:
    return moment.time() > cutoff


def _named(day: date, calendar: Calendar) -> str:
    name = calendar.names.get(day)
    return f" ({name})" if name else ""


def passed_days(start: date, due: date, calendar: Calendar) -> tuple[Reason, ...]:
    """Return a reason for each listed day between reception and due day, so that the count can be checked."""
    reasons = []
    for day in days_off_between(start, due, calendar):
        code = "day_worked" if day in calendar.worked else "day_off"
        reasons.append(Reason(code, {"day": day.isoformat(), "named": calendar.names.get(day, "ngày nghỉ")}))
    return (*reasons, *_unconfirmed_days(start, due, calendar))


def _unconfirmed_days(start: date, due: date, calendar: Calendar) -> tuple[Reason, ...]:
    """Return what may still change: each uncertain day of a confirmed year, or the year as a whole."""
    single = (
        Reason("day_unconfirmed", {"day": day.isoformat(), "named": calendar.names.get(day, "ngày nghỉ")})
        for day in days_off_between(start, due, calendar)
        if day in calendar.unconfirmed and day.year not in calendar.open_years
    )
    return (*single, *open_year_reasons(start, due, calendar))


def open_year_reasons(start: date, due: date, calendar: Calendar) -> tuple[Reason, ...]:
    """Return a reason for each year of the count whose yearly notice nobody has confirmed."""
    years = range(start.year, due.year + 1)
    return tuple(Reason("year_open", {"year": year}) for year in years if year in calendar.open_years)
