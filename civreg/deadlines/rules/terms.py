"""Đếm một thời hạn: from the moment of reception, or the day of an event, to the last day on time.

Luật Hộ tịch 2014 art 5.3 (same day, 15:00), BLDS 2015 arts 147 and 148 (first day not counted, roll to the
next working day). Days are days of Vietnam: every moment is read in UTC+7.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import wraps
from typing import Literal, ParamSpec
from zoneinfo import ZoneInfo

from civreg.deadlines.rules.calendar import (
    Calendar,
    CalendarMissing,
    add_working_days,
    days_off_between,
    is_working_day,
    next_working_day,
)
from civreg.deadlines.rules.reasons import Due, Reason

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
"""Rules may not ask the clock, not even for its zone."""

CUTOFF = time(15)
"""After this hour a same-day result moves to the next working day (Luật Hộ tịch 2014 art 5.3)."""

AfterCutoff = Literal["next_day_is_reception", "next_day_counts"]
"""How a bundle received after the cut-off counts: the next working day is the day of reception and is not
counted (the default, BLDS art 147), or it is already the first counted day (the other reading of NĐ 63/2024)."""

_P = ParamSpec("_P")


@dataclass(frozen=True, slots=True)
class Pause:
    """Tạm dừng: the clock stands still from asking for a paper until it came (`resumed_at` None: not yet)."""

    paused_at: datetime
    resumed_at: datetime | None = None


def _alarm_when_calendar_ends(count: Callable[_P, Due]) -> Callable[_P, Due]:
    """Turn a year without calendar into a due date that is missing, with the reason that raises the alarm."""

    @wraps(count)
    def counted(*args: _P.args, **kwargs: _P.kwargs) -> Due:
        try:
            return count(*args, **kwargs)
        except CalendarMissing as missing:
            return Due(None, (Reason("calendar_missing", {"year": missing.year}),))

    return counted


def local(moment: datetime) -> datetime:
    """Return the moment in Vietnamese time.

    Raises:
        ValueError: when it has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("moment must be aware")
    return moment.astimezone(VIETNAM)


@_alarm_when_calendar_ends
def same_day_due(received_at: datetime, calendar: Calendar, *, cutoff: time = CUTOFF) -> Due:
    """Return the due day of everything for which the law sets no term: the same day, or the next working day.

    Received after the cut-off (15:00 exactly is not after) or outside a working day means the next working day.
    """
    received = local(received_at)
    day = received.date()
    if not is_working_day(day, calendar):
        due = next_working_day(day, calendar)
        why = Reason("received_on_day_off", {"received": day.isoformat(), "named": _named(day, calendar)})
    elif _is_after(received, cutoff):
        due = next_working_day(day, calendar)
        why = Reason("after_cutoff", {"received": day.isoformat(), "cutoff": _hour(cutoff)})
    else:
        due = day
        why = Reason("same_day", {"received": day.isoformat(), "cutoff": _hour(cutoff)})
    return Due(due, (why, *_passed_days(day, due, calendar)))


@_alarm_when_calendar_ends
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
    if after_cutoff and (_is_after(received, cutoff) or not is_working_day(day, calendar)):
        facts: dict[str, str | int] = {"received": day.isoformat(), "cutoff": _hour(cutoff)}
        if after_cutoff == "next_day_is_reception":
            start = next_working_day(day, calendar)
            reasons.append(Reason("reception_moved", facts | {"counted_from": start.isoformat()}))
        else:
            reasons.append(Reason("next_day_counts", facts))
    reasons.append(Reason("working_days", {"days": days, "received": start.isoformat()}))
    due = add_working_days(start, days, calendar)
    return Due(due, (*reasons, *_passed_days(start, due, calendar)))


@_alarm_when_calendar_ends
def calendar_days_due(event_on: date, days: int, calendar: Calendar) -> Due:
    """Return the last day of a term of `days` days after an event (hạn của công dân: 60 or 15 days).

    The day of the event is not counted; a last day that is no working day rolls to the next one
    (BLDS 2015 arts 147.3 and 148.5).
    """
    ends = event_on + timedelta(days=days)
    counted = Reason("calendar_days", {"days": days, "start": event_on.isoformat()})
    if is_working_day(ends, calendar):
        return Due(ends, (counted,))
    due = next_working_day(ends, calendar)
    rolled = Reason("rolled", {"ends": ends.isoformat(), "named": _named(ends, calendar)})
    return Due(due, (counted, rolled, *_unconfirmed_days(ends - timedelta(days=1), due, calendar)))


@_alarm_when_calendar_ends
def working_days_after(day: date, days: int, calendar: Calendar) -> Due:
    """Return the `days`-th working day after a day, with the days off that were passed over as reasons."""
    due = add_working_days(day, days, calendar)
    return Due(due, _passed_days(day, due, calendar))


@_alarm_when_calendar_ends
def due_with_pauses(received_at: datetime, days: int, pauses: Sequence[Pause], calendar: Calendar) -> Due:
    """Return the due day of a term of working days whose clock stood still while papers were missing.

    A day on which the clock stopped or started again is not counted, like the day of reception: what is left of
    the term goes on from the day after. An open pause has no due day.
    """
    day = local(received_at).date()
    reasons = [Reason("working_days", {"days": days, "received": day.isoformat()})]
    stopped: list[tuple[date, date]] = []
    for pause in sorted(pauses, key=lambda one: one.paused_at):
        start = local(pause.paused_at).date()
        if pause.resumed_at is None:
            return Due(None, (*reasons, Reason("pause_open", {"start": start.isoformat()})))
        end = local(pause.resumed_at).date()
        stopped.append((start, end))
        reasons.append(Reason("paused", {"start": start.isoformat(), "end": end.isoformat()}))
    due, left = day, days
    while left:
        due = next_working_day(due, calendar)
        if not any(start <= due <= end for start, end in stopped):
            left -= 1
    return Due(due, (*reasons, *_passed_days(day, due, calendar)))


def _is_after(moment: datetime, cutoff: time) -> bool:
    return moment.time() > cutoff


def _hour(cutoff: time) -> str:
    return f"{cutoff.hour} giờ" + (f" {cutoff.minute:02d}" if cutoff.minute else "")


def _named(day: date, calendar: Calendar) -> str:
    name = calendar.names.get(day)
    return f" ({name})" if name else ""


def _passed_days(start: date, due: date, calendar: Calendar) -> tuple[Reason, ...]:
    """Return a reason for each listed day between reception and due day, so that the count can be checked."""
    reasons = []
    for day in days_off_between(start, due, calendar):
        code = "day_worked" if day in calendar.worked else "day_off"
        reasons.append(Reason(code, {"day": day.isoformat(), "named": calendar.names.get(day, "ngày nghỉ")}))
    return (*reasons, *_unconfirmed_days(start, due, calendar))


def _unconfirmed_days(start: date, due: date, calendar: Calendar) -> tuple[Reason, ...]:
    return tuple(
        Reason("day_unconfirmed", {"day": day.isoformat(), "named": calendar.names.get(day, "ngày nghỉ")})
        for day in days_off_between(start, due, calendar)
        if day in calendar.unconfirmed
    )
