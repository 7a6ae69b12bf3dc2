"""Nouns of letters: `pages` (lists, one letter, bytes), `lists` (the paper that goes with a pile), `access`, `sheets`."""

from civreg.letters.queries.access import open_actions, visible_to
from civreg.letters.queries.lists import hand_over_list
from civreg.letters.queries.pages import (
    LetterPage,
    LetterRow,
    MoveRow,
    PrintRunRow,
    count_by_state,
    letter_page,
    letter_pdf,
    letters,
    letters_of_case,
    print_runs,
)

__all__ = [
    "LetterPage",
    "LetterRow",
    "MoveRow",
    "PrintRunRow",
    "count_by_state",
    "hand_over_list",
    "letter_page",
    "letter_pdf",
    "letters",
    "letters_of_case",
    "open_actions",
    "print_runs",
    "visible_to",
]
