"""Việc của thư, verb by verb.

`drafting`, `deciding` (the head), `issuing` (the job), `printing` and `handing` (every hand); `wordings` and `papers`
set what letters say, how they look and who signs them.
"""

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
from civreg.letters.service.papers import set_layout, set_signer
from civreg.letters.service.printing import MOST_IN_RUN, PrintedRun, print_run, reprint
from civreg.letters.service.scheduling import note_visits
from civreg.letters.service.succeeding import hand_over_letters
from civreg.letters.service.wordings import (
    approve_wording,
    change_wording,
    choose_language,
    withdraw_wording,
    write_wording,
)

__all__ = [
    "MOST_IN_RUN",
    "PrintedRun",
    "approve",
    "approve_wording",
    "cancel",
    "change_wording",
    "choose_language",
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
    "set_layout",
    "set_signer",
    "sign_many",
    "sign_seal",
    "withdraw_wording",
    "write_wording",
]
