"""Việc của thư, verb by verb.

`drafting`, `deciding` (the head), `issuing` (the job), `printing` and `handing` (every hand); `wordings` and `papers`
set what letters say, how they look and who signs them.
"""

from civreg.letters.service.apologising import apologise_for_date, apologise_for_trip, note_told
from civreg.letters.service.deciding import approve, approve_many, cancel, hold, release
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
from civreg.letters.service.issuing import issue, issue_pile
from civreg.letters.service.papers import set_layout, set_signer
from civreg.letters.service.printing import (
    MOST_IN_RUN,
    PrintedRun,
    cancel_run,
    print_run,
    reprint,
    spoil,
)
from civreg.letters.service.recalling import recall_letters, settle_recall
from civreg.letters.service.rechecking import compare_letters, let_go
from civreg.letters.service.replacing import replace_letter
from civreg.letters.service.scheduling import note_visits
from civreg.letters.service.settings import set_desk, start_book
from civreg.letters.service.succeeding import PapersMoved, hand_over_letters, hand_over_papers
from civreg.letters.service.wordings import (
    approve_wording,
    change_wording,
    choose_language,
    withdraw_wording,
    write_wording,
)

__all__ = [
    "MOST_IN_RUN",
    "HandOverWay",
    "PapersMoved",
    "PrintedRun",
    "apologise_for_date",
    "apologise_for_trip",
    "approve",
    "approve_many",
    "approve_wording",
    "cancel",
    "cancel_run",
    "change_wording",
    "choose_language",
    "compare_letters",
    "draft_earned_letter",
    "give_many",
    "give_to_officer",
    "hand_over",
    "hand_over_letters",
    "hand_over_papers",
    "hold",
    "issue",
    "issue_pile",
    "keep",
    "let_go",
    "note_told",
    "note_visits",
    "print_run",
    "recall_letters",
    "release",
    "replace_letter",
    "reprint",
    "return_letter",
    "set_desk",
    "set_layout",
    "set_signer",
    "settle_recall",
    "sign_many",
    "sign_seal",
    "spoil",
    "start_book",
    "take_back",
    "withdraw_wording",
    "write_wording",
]
