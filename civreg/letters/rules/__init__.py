"""Thư: which letter a registration earns, where a letter stands, and its words. Pure.

Rooms: `states` (the state table), `earning` (which letter, and what makes a person decide first),
`facts` (what the words need to know, and how it is packed for sealing), `templates` (the editable text files),
`wording` (the words of one letter).
"""

from civreg.letters.rules.earning import (
    HOLD_WORDS,
    Circumstances,
    HoldReason,
    LetterDecision,
    Occasion,
    earned_letter,
    hold_codes,
    hold_sentence,
)
from civreg.letters.rules.facts import (
    BirthFacts,
    DeathFacts,
    Honorific,
    LetterFacts,
    LetterKind,
    MarriageFacts,
    pack_facts,
    suggested_honorific,
    unpack_facts,
)
from civreg.letters.rules.states import (
    ACTION_WORDS,
    ENDED,
    GOES_OUT,
    NUMBERED,
    PAPER,
    STATE_WORDS,
    UNNUMBERED,
    WAY_WORDS,
    LetterAction,
    LetterState,
    actions,
    needs_reason,
    next_state,
    number_is_void,
)
from civreg.letters.rules.templates import LetterTemplate, latest_template, parse_template, template_name
from civreg.letters.rules.wording import LetterWords, pack_words, unpack_words, words_for

KIND_WORDS = {
    LetterKind.CONGRATULATION_BIRTH: "Thư chúc mừng khai sinh",
    LetterKind.CONGRATULATION_MARRIAGE: "Thư chúc mừng kết hôn",
    LetterKind.CONDOLENCE: "Thư chia buồn",
}
"""What pages call each kind."""

__all__ = [
    "ACTION_WORDS",
    "ENDED",
    "GOES_OUT",
    "HOLD_WORDS",
    "KIND_WORDS",
    "NUMBERED",
    "PAPER",
    "STATE_WORDS",
    "UNNUMBERED",
    "WAY_WORDS",
    "BirthFacts",
    "Circumstances",
    "DeathFacts",
    "HoldReason",
    "Honorific",
    "LetterAction",
    "LetterDecision",
    "LetterFacts",
    "LetterKind",
    "LetterState",
    "LetterTemplate",
    "LetterWords",
    "MarriageFacts",
    "Occasion",
    "actions",
    "earned_letter",
    "hold_codes",
    "hold_sentence",
    "latest_template",
    "needs_reason",
    "next_state",
    "number_is_void",
    "pack_facts",
    "pack_words",
    "parse_template",
    "suggested_honorific",
    "template_name",
    "unpack_facts",
    "unpack_words",
    "words_for",
]
