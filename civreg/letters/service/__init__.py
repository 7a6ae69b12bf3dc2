"""Việc của thư: `drafting`, `deciding` (the head), `issuing` (the job), `printing` and `handing` (every hand)."""

from civreg.letters.service.deciding import approve, cancel, hold, release
from civreg.letters.service.drafting import draft_earned_letter
from civreg.letters.service.handing import (
    HandOverWay,
    give_many,
    give_to_officer,
    hand_over,
    keep,
    return_letter,
    sign_many,
    sign_seal,
    take_back,
)
from civreg.letters.service.issuing import issue
from civreg.letters.service.printing import (
    MOST_IN_RUN,
    PrintedRun,
    cancel_run,
    print_run,
    reprint,
    spoil,
)
from civreg.letters.service.recalling import recall_letters, settle_recall
from civreg.letters.service.scheduling import note_visits
from civreg.letters.service.succeeding import hand_over_letters

__all__ = [
    "MOST_IN_RUN",
    "HandOverWay",
    "PrintedRun",
    "approve",
    "cancel",
    "cancel_run",
    "draft_earned_letter",
    "give_many",
    "give_to_officer",
    "hand_over",
    "hand_over_letters",
    "hold",
    "issue",
    "keep",
    "note_visits",
    "print_run",
    "recall_letters",
    "release",
    "reprint",
    "return_letter",
    "settle_recall",
    "sign_many",
    "sign_seal",
    "spoil",
    "take_back",
]
