"""Việc với hạn: `calendar_days` (lịch nghỉ), `promises` (open, pause, meet, cancel), `sweeping` (nhắc và báo quá hạn)."""

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
from civreg.deadlines.service.sweeping import SweepReport, sweep

__all__ = [
    "SweepReport",
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
    "remove_calendar_day",
    "resume",
    "set_calendar_day",
    "sweep",
]
