"""Thư: which letter a registration earns, where a letter stands, and its words. Pure.

Rooms: `states` (the state table), `earning` (which letter, and what makes a person decide first),
`facts` (what the words need to know, and how it is packed for sealing), `templates` (how a text is written down),
`wording` (the words of one letter), `samples` (hard cases a text is tried on), `layouts` (paper), `signing` (who signs),
`strokes` (a signature on a screen).
"""

from civreg.letters.rules.earning import (
    HOLD_WORDS,
    KIND_OF,
    Circumstances,
    HoldReason,
    LetterDecision,
    Occasion,
    earned_letter,
    hold_codes,
    hold_sentence,
    stop_reasons,
)
from civreg.letters.rules.facts import (
    ApologyFacts,
    BirthFacts,
    DeathFacts,
    Honorific,
    Language,
    LetterFacts,
    LetterKind,
    MarriageFacts,
    Missed,
    pack_facts,
    suggested_honorific,
    unpack_facts,
)
from civreg.letters.rules.layouts import (
    BORDER_WORDS,
    MOST_SHIFT_TENTHS,
    SIZE_WORDS,
    Border,
    PaperLayout,
    PaperSize,
    usual_layout,
)
from civreg.letters.rules.samples import HardCase, hard_cases
from civreg.letters.rules.signing import NEEDS_POSITION, WAY_WORDS, SigningWay, signature_lines
from civreg.letters.rules.states import (
    ACTION_WORDS,
    ENDED,
    GOES_OUT,
    HAND_OVER_WAYS,
    NUMBERED,
    PAPER,
    STATE_WORDS,
    UNNUMBERED,
    LetterAction,
    LetterState,
    actions,
    needs_reason,
    next_state,
    number_is_void,
)
from civreg.letters.rules.strokes import HEIGHT, WIDTH, Stroke, parse_strokes
from civreg.letters.rules.templates import LetterTemplate, latest_template, parse_template, template_name
from civreg.letters.rules.wording import (
    LetterWords,
    check_text,
    fields_of,
    pack_words,
    unpack_words,
    words_for,
)

KIND_WORDS = {
    LetterKind.CONGRATULATION_BIRTH: "Thư chúc mừng khai sinh",
    LetterKind.CONGRATULATION_MARRIAGE: "Thư chúc mừng kết hôn",
    LetterKind.CONDOLENCE: "Thư chia buồn",
    LetterKind.APOLOGY: "Thư xin lỗi",
}
"""What pages call each kind."""

LANGUAGE_WORDS = {
    Language.VIETNAMESE: "Tiếng Việt",
    Language.WITH_KHMER: "Tiếng Việt và tiếng Khmer",
}
"""What pages call each language."""

__all__ = [
    "ACTION_WORDS",
    "BORDER_WORDS",
    "ENDED",
    "GOES_OUT",
    "HAND_OVER_WAYS",
    "HEIGHT",
    "HOLD_WORDS",
    "KIND_OF",
    "KIND_WORDS",
    "LANGUAGE_WORDS",
    "MOST_SHIFT_TENTHS",
    "NEEDS_POSITION",
    "NUMBERED",
    "PAPER",
    "SIZE_WORDS",
    "STATE_WORDS",
    "UNNUMBERED",
    "WAY_WORDS",
    "WIDTH",
    "ApologyFacts",
    "BirthFacts",
    "Border",
    "Circumstances",
    "DeathFacts",
    "HardCase",
    "HoldReason",
    "Honorific",
    "Language",
    "LetterAction",
    "LetterDecision",
    "LetterFacts",
    "LetterKind",
    "LetterState",
    "LetterTemplate",
    "LetterWords",
    "MarriageFacts",
    "Missed",
    "Occasion",
    "PaperLayout",
    "PaperSize",
    "SigningWay",
    "Stroke",
    "actions",
    "check_text",
    "earned_letter",
    "fields_of",
    "hard_cases",
    "hold_codes",
    "hold_sentence",
    "latest_template",
    "needs_reason",
    "next_state",
    "number_is_void",
    "pack_facts",
    "pack_words",
    "parse_strokes",
    "parse_template",
    "signature_lines",
    "stop_reasons",
    "suggested_honorific",
    "template_name",
    "unpack_facts",
    "unpack_words",
    "usual_layout",
    "words_for",
]
