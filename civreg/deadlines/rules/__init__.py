"""Hạn: pure day arithmetic, reasons, and the due dates of a case. Dates come in as arguments.

Rooms: `calendar` (working days), `reasons` (why, as code and parameters), `terms` (counting one term of days), `hours` (of hours),
`promise` (all due dates of a case), `shipped` (the calendar that comes with civreg).
"""

from civreg.deadlines.rules.calendar import (
    Calendar,
    CalendarMissing,
    add_working_days,
    is_working_day,
    last_due_day_touched,
    next_working_day,
    working_days_between,
)
from civreg.deadlines.rules.hours import hours_due
from civreg.deadlines.rules.promise import (
    FLAGS,
    CitizenDue,
    PartDue,
    ProcedureDue,
    citizen_due,
    due_dates,
    part_family_due,
)
from civreg.deadlines.rules.reasons import (
    Due,
    Reason,
    hour_words,
    moment_words,
    reason_from_json,
    reason_sentence,
)
from civreg.deadlines.rules.shipped import (
    CalendarRow,
    calendar_from_rows,
    load_calendar,
    shipped_covers,
    shipped_office_hours,
    shipped_rows,
)
from civreg.deadlines.rules.terms import (
    CUTOFF,
    VIETNAM,
    AfterCutoff,
    Pause,
    calendar_days_due,
    due_with_pauses,
    same_day_due,
    working_days_after,
    working_days_due,
)
from civreg.procedures.rules import full_age_on, marriage_possible_from

__all__ = [
    "CUTOFF",
    "FLAGS",
    "VIETNAM",
    "AfterCutoff",
    "Calendar",
    "CalendarMissing",
    "CalendarRow",
    "CitizenDue",
    "Due",
    "PartDue",
    "Pause",
    "ProcedureDue",
    "Reason",
    "add_working_days",
    "calendar_days_due",
    "calendar_from_rows",
    "citizen_due",
    "due_dates",
    "due_with_pauses",
    "full_age_on",
    "hour_words",
    "hours_due",
    "is_working_day",
    "last_due_day_touched",
    "load_calendar",
    "marriage_possible_from",
    "moment_words",
    "next_working_day",
    "part_family_due",
    "reason_from_json",
    "reason_sentence",
    "same_day_due",
    "shipped_covers",
    "shipped_office_hours",
    "shipped_rows",
    "working_days_after",
    "working_days_between",
    "working_days_due",
]
