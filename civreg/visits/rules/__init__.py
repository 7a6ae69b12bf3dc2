"""Pure rules of visits: `slots` (times offered), `booking` (times accepted), `steps` (what becomes of the case)."""

from civreg.visits.rules.booking import (
    EARLIEST,
    LATEST,
    check_booking,
    check_past_visit,
    check_recording,
    typed_moment,
)
from civreg.visits.rules.slots import Closure, Slot, day_slots, free_among, opening_day, shipped_closures
from civreg.visits.rules.steps import (
    PURPOSE_WORDS,
    PURPOSES,
    STATE_WORDS,
    Purpose,
    SlotTaken,
    past_purpose,
    purpose_for,
    visit_step,
)

__all__ = [
    "EARLIEST",
    "LATEST",
    "PURPOSES",
    "PURPOSE_WORDS",
    "STATE_WORDS",
    "Closure",
    "Purpose",
    "Slot",
    "SlotTaken",
    "check_booking",
    "check_past_visit",
    "check_recording",
    "day_slots",
    "free_among",
    "opening_day",
    "past_purpose",
    "purpose_for",
    "shipped_closures",
    "typed_moment",
    "visit_step",
]
