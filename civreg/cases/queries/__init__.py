"""Nouns of cases: `access` (who sees what), `lists`, `pages`, `receipts`, `following`, `for_letters`, `fields`."""

from civreg.cases.queries.access import visible_to
from civreg.cases.queries.apologies import (
    Addressee,
    ApologyRow,
    addressee_of,
    apologies_of,
    apologies_waiting,
)
from civreg.cases.queries.circumstances import circumstances_of
from civreg.cases.queries.copy_card import CopyCard, copy_card, has_copy_card
from civreg.cases.queries.declined import letters_declined
from civreg.cases.queries.door import EligibilityRow, SigningRow
from civreg.cases.queries.fields import FIELD_WORDS
from civreg.cases.queries.following import PHONE_TAIL, Following, FollowingPart, follow, following_of
from civreg.cases.queries.for_letters import CLOSE_DAYS, LetterFacts, LetterPerson, letter_facts
from civreg.cases.queries.held import (
    PlaceRow,
    cases_to_place,
    new_tidings_by_unit,
    open_cases_by_unit,
    tidings_to_place,
    unsent_apologies_by_unit,
)
from civreg.cases.queries.links import LinkRow, babies_of_one_birth, links_of, tied_to
from civreg.cases.queries.lists import (
    PAGE_SIZE,
    CasePageOfRows,
    CaseRow,
    Desk,
    desk,
    find_cases,
    receiving_units,
    rows_of,
)
from civreg.cases.queries.outside import OutsideWaitRow, awaited_body, outside_waiting, outside_waits_of
from civreg.cases.queries.pages import CasePage, MoveRow, PaperRow, PartRow, PersonRow, case_page
from civreg.cases.queries.places import places
from civreg.cases.queries.receipts import Receipt, receipt_of
from civreg.cases.queries.stuck_parts import StuckPart, stuck_parts
from civreg.cases.queries.supplements import (
    SupplementCount,
    SupplementRow,
    supplement_counts,
    supplements_waiting,
)
from civreg.cases.queries.tidings import TidingPage, TidingReceipt, TidingRow, tiding_page, tidings_waiting

__all__ = [
    "CLOSE_DAYS",
    "FIELD_WORDS",
    "PAGE_SIZE",
    "PHONE_TAIL",
    "Addressee",
    "ApologyRow",
    "CasePage",
    "CasePageOfRows",
    "CaseRow",
    "CopyCard",
    "Desk",
    "EligibilityRow",
    "Following",
    "FollowingPart",
    "LetterFacts",
    "LetterPerson",
    "LinkRow",
    "MoveRow",
    "OutsideWaitRow",
    "PaperRow",
    "PartRow",
    "PersonRow",
    "PlaceRow",
    "Receipt",
    "SigningRow",
    "StuckPart",
    "SupplementCount",
    "SupplementRow",
    "TidingPage",
    "TidingReceipt",
    "TidingRow",
    "addressee_of",
    "apologies_of",
    "apologies_waiting",
    "awaited_body",
    "babies_of_one_birth",
    "case_page",
    "cases_to_place",
    "circumstances_of",
    "copy_card",
    "desk",
    "find_cases",
    "follow",
    "following_of",
    "has_copy_card",
    "letter_facts",
    "letters_declined",
    "links_of",
    "new_tidings_by_unit",
    "open_cases_by_unit",
    "outside_waiting",
    "outside_waits_of",
    "places",
    "receipt_of",
    "receiving_units",
    "rows_of",
    "stuck_parts",
    "supplement_counts",
    "supplements_waiting",
    "tiding_page",
    "tidings_to_place",
    "tidings_waiting",
    "tied_to",
    "unsent_apologies_by_unit",
    "visible_to",
]  # fmt: skip
