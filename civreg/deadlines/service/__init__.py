"""Việc với hạn: `calendar_days` (lịch nghỉ), `promising` (due dates at reception), `promises` (open, pause, meet, cancel), `sweeping` (nhắc và báo quá hạn)."""

from civreg.deadlines.queries import calendar
from civreg.deadlines.service.calendar_days import load_calendar, remove_calendar_day, set_calendar_day
from civreg.deadlines.service.promises import (
    cancel_deadline,
    cancel_deadlines,
    change_due,
    hand_deadlines_to,
    mark_notice_seen,
    meet_deadline,
    open_deadline,
    pause,
    promise_another_call,
    resume,
)
from civreg.deadlines.service.promising import after_cutoff_reading, promised_dates, use_after_cutoff
from civreg.deadlines.service.sweeping import SweepReport, sweep

__all__ = [
    "SweepReport",
    "after_cutoff_reading",
    "calendar",
    "cancel_deadline",
    "cancel_deadlines",
    "change_due",
    "hand_deadlines_to",
    "load_calendar",
    "mark_notice_seen",
    "meet_deadline",
    "open_deadline",
    "pause",
    "promise_another_call",
    "promised_dates",
    "remove_calendar_day",
    "resume",
    "set_calendar_day",
    "sweep",
    "use_after_cutoff",
]
