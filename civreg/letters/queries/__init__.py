"""Nouns of letters: `pages` (lists, one letter, bytes), `runs`, `lists` (paper for a pile), `access`, `sheets`."""

from civreg.letters.queries.access import PERMISSION_OF, open_actions, visible_to
from civreg.letters.queries.held import letters_by_unit
from civreg.letters.queries.lists import hand_over_list
from civreg.letters.queries.pages import (
    LetterPage,
    LetterRow,
    MoveRow,
    Narrow,
    count_by_state,
    letter_page,
    letter_pdf,
    letters,
    letters_of_case,
    letters_shared_with,
    receipt_photograph,
)
from civreg.letters.queries.runs import (
    PrintRunPage,
    PrintRunRow,
    count_by_unit,
    print_run_page,
    print_run_pdf,
    print_runs,
)

__all__ = [
    "PERMISSION_OF",
    "LetterPage",
    "LetterRow",
    "MoveRow",
    "Narrow",
    "PrintRunPage",
    "PrintRunRow",
    "count_by_state",
    "count_by_unit",
    "hand_over_list",
    "letter_page",
    "letter_pdf",
    "letters",
    "letters_by_unit",
    "letters_of_case",
    "letters_shared_with",
    "open_actions",
    "print_run_page",
    "print_run_pdf",
    "print_runs",
    "receipt_photograph",
    "visible_to",
]
