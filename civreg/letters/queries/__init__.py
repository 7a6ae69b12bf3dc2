"""Nouns of letters, room by room.

`pages` (lists, one letter, bytes), `runs`, `lists` (paper for a pile), `access`, `sheets`, `wordings` and `papers`
(texts, layouts, signers in force), `confirming` (what anybody may know).
"""

from civreg.letters.queries.access import PERMISSION_OF, open_actions, visible_to
from civreg.letters.queries.bag import BagRow, bag
from civreg.letters.queries.book import BookRow, LetterBook, letter_book
from civreg.letters.queries.confirming import ConfirmedLetter, confirmed
from civreg.letters.queries.counts import STEP_WORDS, CountRow, step_counts
from civreg.letters.queries.held import (
    cases_of_letters,
    layouts_left,
    letters_by_unit,
    settings_left,
    signers_left,
    units_without_signer,
    wordings_left,
)
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
    units_of_letters,
)
from civreg.letters.queries.papers import (
    LayoutInForce,
    SignerRow,
    layout_in_force,
    layouts_of,
    letterhead_of,
    signers_of,
)
from civreg.letters.queries.replacing import Twin
from civreg.letters.queries.runs import (
    PrintRunPage,
    PrintRunRow,
    count_by_unit,
    print_run_page,
    print_run_pdf,
    print_runs,
)
from civreg.letters.queries.settings import DeskSettings, settings_of
from civreg.letters.queries.sheets import sample_pdf
from civreg.letters.queries.wordings import (
    WRITERS,
    Preview,
    WordingInForce,
    WordingRow,
    chain_of,
    previews,
    shipped_wording,
    wording,
    wording_in_force,
    wordings_of,
    wordings_waiting,
)

__all__ = [
    "PERMISSION_OF",
    "STEP_WORDS",
    "WRITERS",
    "BagRow",
    "BookRow",
    "ConfirmedLetter",
    "CountRow",
    "DeskSettings",
    "LayoutInForce",
    "LetterBook",
    "LetterPage",
    "LetterRow",
    "MoveRow",
    "Narrow",
    "Preview",
    "PrintRunPage",
    "PrintRunRow",
    "SignerRow",
    "Twin",
    "WordingInForce",
    "WordingRow",
    "bag",
    "cases_of_letters",
    "chain_of",
    "confirmed",
    "count_by_state",
    "count_by_unit",
    "hand_over_list",
    "layout_in_force",
    "layouts_left",
    "layouts_of",
    "letter_book",
    "letter_page",
    "letter_pdf",
    "letterhead_of",
    "letters",
    "letters_by_unit",
    "letters_of_case",
    "letters_shared_with",
    "open_actions",
    "previews",
    "print_run_page",
    "print_run_pdf",
    "print_runs",
    "receipt_photograph",
    "sample_pdf",
    "settings_left",
    "settings_of",
    "shipped_wording",
    "signers_left",
    "signers_of",
    "step_counts",
    "units_of_letters",
    "units_without_signer",
    "visible_to",
    "wording",
    "wording_in_force",
    "wordings_left",
    "wordings_of",
    "wordings_waiting",
]
