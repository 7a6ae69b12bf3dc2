"""Việc của thư: `drafting`, `deciding` (the head), `issuing` (the job), `printing` and `handing` (every hand)."""

from civreg.letters.service.deciding import approve, cancel, hold, release
from civreg.letters.service.drafting import draft_earned_letter
from civreg.letters.service.handing import (
    give_many,
    give_to_officer,
    hand_over,
    return_letter,
    sign_many,
    sign_seal,
)
from civreg.letters.service.issuing import issue
from civreg.letters.service.printing import MOST_IN_RUN, PrintedRun, print_run, reprint
from civreg.letters.service.scheduling import note_visits
from civreg.letters.service.succeeding import hand_over_letters

__all__ = [
    "MOST_IN_RUN",
    "PrintedRun",
    "approve",
    "cancel",
    "draft_earned_letter",
    "give_many",
    "give_to_officer",
    "hand_over",
    "hand_over_letters",
    "hold",
    "issue",
    "note_visits",
    "print_run",
    "release",
    "reprint",
    "return_letter",
    "sign_many",
    "sign_seal",
]
