"""Chạy tiếp: the due day of a stored promise after its clock stood still while papers were missing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

from civreg.deadlines.rules.calendar import Calendar
from civreg.deadlines.rules.reasons import Due, Reason
from civreg.deadlines.rules.terms import VIETNAM, Pause, due_with_pauses, local, same_day_due

_SAME_DAY = frozenset({"same_day", "after_cutoff", "received_on_day_off"})
_COUNTED_AGAIN = _SAME_DAY | {
    "working_days", "day_off", "day_worked", "day_unconfirmed", "paused", "pause_open", "calendar_missing",
}  # fmt: skip


def due_after_pauses(
    starts_at: datetime, stored: Sequence[Reason], pauses: Sequence[Pause], calendar: Calendar
) -> Due:
    """Return the due day of a promise with its pauses, counted from the term that its reasons name.

    A term of working days goes on with what was left of it. A same-day result is due as if the complete papers
    had come when the clock started again. A promise whose reasons name no term stays without a date.

    Args:
        starts_at: when the clock first started.
        stored: the reasons kept with the promise.
        pauses: every pause so far; the last may be open.
        calendar: the working days.
    """
    kept = tuple(reason for reason in stored if reason.code not in _COUNTED_AGAIN)
    term = next((reason for reason in stored if reason.code == "working_days"), None)
    if term is not None:
        start = _reception(starts_at, stored)
        due = due_with_pauses(start, int(term.params["days"]), pauses, calendar)
        if term.code not in {
            reason.code for reason in due.reasons
        }:  # the calendar ended: keep the term for later
            due = Due(due.due_on, (term, *due.reasons, *_open_pause(pauses)))
    elif any(reason.code in _SAME_DAY for reason in stored):
        due = _same_day(starts_at, stored, pauses, calendar)
    else:
        lost = tuple(reason for reason in stored if reason.code == "calendar_missing")
        due = Due(None, (*lost, *_open_pause(pauses)))
    return Due(due.due_on, (*due.reasons, *kept))


def _reception(starts_at: datetime, stored: Sequence[Reason]) -> datetime:
    """Return the moment of reception that the term counts from: the next working day for a late bundle."""
    moved = next((reason for reason in stored if reason.code == "reception_moved"), None)
    if moved is None:
        return starts_at
    return datetime.combine(date.fromisoformat(str(moved.params["counted_from"])), time(8), VIETNAM)


def _same_day(
    starts_at: datetime, stored: Sequence[Reason], pauses: Sequence[Pause], calendar: Calendar
) -> Due:
    still = _open_pause(pauses)
    if still:
        first = tuple(reason for reason in stored if reason.code in _SAME_DAY)
        return Due(None, (*first, *still))
    resumed = max((pause.resumed_at for pause in pauses if pause.resumed_at), default=starts_at)
    due = same_day_due(resumed, calendar)
    return Due(due.due_on, (*due.reasons, *_ended_pauses(pauses)))


def _open_pause(pauses: Sequence[Pause]) -> tuple[Reason, ...]:
    return tuple(
        Reason("pause_open", {"start": local(pause.paused_at).date().isoformat()})
        for pause in pauses
        if pause.resumed_at is None
    )


def _ended_pauses(pauses: Sequence[Pause]) -> tuple[Reason, ...]:
    return tuple(
        Reason(
            "paused",
            {
                "start": local(pause.paused_at).date().isoformat(),
                "end": local(pause.resumed_at).date().isoformat(),
            },
        )
        for pause in pauses
        if pause.resumed_at is not None
    )
