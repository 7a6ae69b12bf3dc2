"""Đếm lại: the due day of a stored promise, counted again after a pause, or by a calendar that has changed.

The term is read from the reasons that were stored with the promise. A date that the head set by hand (hẹn lại) names no
term: a changed calendar never moves it, and after a pause it goes on with the working days that were left of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

from civreg.deadlines.rules.calendar import (
    Calendar,
    CalendarMissing,
    add_working_days,
    next_working_day,
    working_days_between,
)
from civreg.deadlines.rules.hours import hours_due
from civreg.deadlines.rules.reasons import Due, Reason
from civreg.deadlines.rules.terms import (
    VIETNAM,
    Pause,
    calendar_days_with_pauses,
    due_with_pauses,
    last_moment,
    local,
    same_day_due,
    without_calendar,
)

Moved = Mapping[tuple[date, datetime], Due]
"""Old due day and last moment of a promise → its new one; a term in hours begins at the very moment another ends."""

_SAME_DAY = frozenset({"same_day", "after_cutoff", "received_on_day_off"})
_TERMS = frozenset({"working_days", "working_days_after_part", "calendar_days", "working_hours", "hours"})
_COUNTED_AGAIN = _SAME_DAY | {
    "working_days", "working_days_after_part", "waits_for_part", "calendar_days", "reception_moved", "rolled",
    "day_off", "day_worked", "day_unconfirmed", "year_open", "paused", "pause_open", "waited", "wait_open",
    "calendar_missing", "working_hours", "hours", "until_moment",
}  # fmt: skip


def names_a_term(stored: Sequence[Reason]) -> bool:
    """Tell whether the reasons say how long the promise is, so that it can be counted again."""
    return any(
        reason.code in _SAME_DAY | _TERMS
        or (reason.code == "calendar_missing" and reason.params.get("term") == "same_day")
        for reason in stored
    )


def waits_for_part(stored: Sequence[Reason]) -> bool:
    """Tell whether a promise begins when another part is done: it is counted after that one."""
    return any(reason.code in ("working_days_after_part", "waits_for_part") for reason in stored)


def counts_whole_days(stored: Sequence[Reason]) -> bool:
    """Tell whether the hour at which the clock started has no meaning: days counted from the reception itself."""
    codes = {reason.code for reason in stored}
    return bool(codes & {"working_days", "calendar_days"}) and not codes & {"working_hours", "hours"}


def due_after_pauses(
    starts_at: datetime,
    stored: Sequence[Reason],
    pauses: Sequence[Pause],
    calendar: Calendar,
    moved: Moved | None = None,
) -> Due:
    """Return the due day of a promise with its pauses, counted from the term that its reasons name.

    A term of days goes on with what was left of it. A same-day result is due as if the complete papers had come when
    the clock started again. A promise whose reasons name no term stays without a date.

    Args:
        starts_at: when the clock first started.
        stored: the reasons kept with the promise.
        pauses: every pause so far; the last may be open.
        calendar: the working days.
        moved: what became of the parts that a later part waits for.
    """
    by_code = {reason.code: reason for reason in reversed(stored)}
    kept = tuple(reason for reason in stored if reason.code not in _COUNTED_AGAIN)
    still = tuple(pause.as_reason() for pause in pauses if pause.resumed_at is None)
    if waits_for_part(stored):
        due = _after_part(by_code, pauses, calendar, moved or {})
    elif in_hours := by_code.get("working_hours") or by_code.get("hours"):
        due = _hours(starts_at, in_hours, pauses, calendar)
    elif "working_days" in by_code:
        due = _working_days(starts_at, by_code, pauses, calendar)
    elif "calendar_days" in by_code:
        term = by_code["calendar_days"]
        start = date.fromisoformat(str(term.params["start"]))
        due = calendar_days_with_pauses(start, int(term.params["days"]), pauses, calendar)
    elif "day" in (again := by_code.get("new_date", Reason(""))).params:
        due = _new_date(again, pauses, calendar)
    elif names_a_term(stored):
        due = _same_day(starts_at, stored, pauses, calendar)
    else:
        due = Due(None, (*(one for one in stored if one.code == "calendar_missing"), *still))
    return Due(due.due_on, (*due.reasons, *kept), due.due_at)


def _hours(starts_at: datetime, term: Reason, pauses: Sequence[Pause], calendar: Calendar) -> Due:
    working = term.code == "working_hours"
    return hours_due(starts_at, int(term.params["hours"]), calendar, working=working, pauses=pauses)


def _working_days(
    starts_at: datetime, by_code: Mapping[str, Reason], pauses: Sequence[Pause], calendar: Calendar
) -> Due:
    """Count again from the reception; for a late bundle that is the next working day (NĐ 63/2024)."""
    days, moved = int(by_code["working_days"].params["days"]), by_code.get("reception_moved")
    if moved is None:
        return due_with_pauses(starts_at, days, pauses, calendar)
    try:
        start = next_working_day(date.fromisoformat(str(moved.params["received"])), calendar)
    except CalendarMissing:
        start = date.fromisoformat(str(moved.params["counted_from"]))
    due = due_with_pauses(_morning(start), days, pauses, calendar)
    said = Reason("reception_moved", {**moved.params, "counted_from": start.isoformat()})
    return Due(due.due_on, (said, *due.reasons))


def _after_part(
    by_code: Mapping[str, Reason],
    pauses: Sequence[Pause],
    calendar: Calendar,
    moved: Moved,
) -> Due:
    """Count again a part that begins when another is due; while that one stands still, so does this."""
    said = by_code.get("working_days_after_part") or by_code["waits_for_part"]
    before = date.fromisoformat(str(said.params["start"]))
    in_hours = by_code.get("working_hours") or by_code.get("hours")
    began = datetime.fromisoformat(str(in_hours.params["start"])) if in_hours else None
    earlier = next(
        (
            due
            for (day, moment), due in reversed(list(moved.items()))
            if (moment == began if began else day == before)
        ),
        None,
    )
    start = earlier.due_on if earlier else before
    if start is None:
        still = tuple(pause.as_reason() for pause in pauses if pause.resumed_at is None)
        rest = tuple(by_code[code] for code in ("calendar_days", "working_hours", "hours") if code in by_code)
        return Due(None, (said, *rest, *still))
    said = Reason(said.code, {**said.params, "start": start.isoformat()})
    if in_hours and began:
        due = _hours(last_moment(start, earlier.due_at) if earlier else began, in_hours, pauses, calendar)
        return Due(due.due_on, (said, *due.reasons), due.due_at)
    if said.code == "waits_for_part":
        days = int(by_code["calendar_days"].params["days"])
        due = calendar_days_with_pauses(start, days, pauses, calendar)
        return Due(due.due_on, (said, *due.reasons))
    due = due_with_pauses(_morning(start), int(said.params["days"]), pauses, calendar)
    return Due(due.due_on, (said, *(reason for reason in due.reasons if reason.code != "working_days")))


def _same_day(
    starts_at: datetime, stored: Sequence[Reason], pauses: Sequence[Pause], calendar: Calendar
) -> Due:
    still = tuple(pause.as_reason() for pause in pauses if pause.resumed_at is None)
    if still:
        first = tuple(
            reason for reason in stored if reason.code in _SAME_DAY or reason.code == "calendar_missing"
        )
        return Due(None, (*first, *still))
    resumed = max((pause.resumed_at for pause in pauses if pause.resumed_at), default=starts_at)
    due = same_day_due(resumed, calendar)
    return Due(due.due_on, (*due.reasons, *(pause.as_reason() for pause in pauses)))


def _new_date(again: Reason, pauses: Sequence[Pause], calendar: Calendar) -> Due:
    """Go on with the date that the head signed: the working days left when the clock stopped, after it went on.

    The day on which it stopped is not used up. A date that had passed before the clock stopped stays missed.
    """
    day = date.fromisoformat(str(again.params["day"]))
    signed = date.fromisoformat(str(again.params["signed"]))
    said: list[Reason] = []
    for pause in sorted(pauses, key=lambda one: one.paused_at):
        resumed = None if pause.resumed_at is None else local(pause.resumed_at).date()
        if resumed is not None and resumed < signed:
            continue  # before the date was promised
        said.append(pause.as_reason())
        if resumed is None:
            return Due(None, tuple(said))
        stopped = max(local(pause.paused_at).date(), signed)
        try:
            left = working_days_between(stopped - timedelta(days=1), day, calendar)
            day = add_working_days(resumed, left, calendar) if left > 0 else day
        except CalendarMissing as missing:
            return without_calendar(missing, *said)
    return Due(day, tuple(said))


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(8), VIETNAM)
