"""Việc với hạn: `calendar_days` (lịch nghỉ), `promising` (due dates at reception), `promises` (open, pause, meet, cancel), `sweeping` (nhắc và báo quá hạn)."""

from civreg.deadlines.queries import calendar, changed_since, newest_change
from civreg.deadlines.service.calendar_days import (
    KINDS,
    MOST_DAYS_BEFORE,
    MOST_HOURS_AFTER,
    MOST_HOURS_MISSED,
    confirm_year,
    load_calendar,
    set_calendar_day,
    set_notice_rule,
)
from civreg.deadlines.service.promises import (
    OUTSIDE,
    PAPERS,
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
from civreg.deadlines.service.recounting import (
    DueMove,
    Recount,
    move_by_calendar,
    moves_by_calendar,
    note_counted,
)
from civreg.deadlines.service.sweeping import SweepReport, sweep

__all__ = [
    "KINDS",
    "MOST_DAYS_BEFORE",
    "MOST_HOURS_AFTER",
    "MOST_HOURS_MISSED",
    "OUTSIDE",
    "PAPERS",
    "DueMove",
    "Recount",
    "SweepReport",
    "after_cutoff_reading",
    "calendar",
    "cancel_deadline",
    "cancel_deadlines",
    "change_due",
    "changed_since",
    "confirm_year",
    "hand_deadlines_to",
    "load_calendar",
    "mark_notice_seen",
    "meet_deadline",
    "move_by_calendar",
    "moves_by_calendar",
    "newest_change",
    "note_counted",
    "open_deadline",
    "pause",
    "promise_another_call",
    "promised_dates",
    "resume",
    "set_calendar_day",
    "set_notice_rule",
    "sweep",
    "use_after_cutoff",
]
