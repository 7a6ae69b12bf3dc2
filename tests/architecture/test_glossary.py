"""Every word the code has for people's work stands in docs/glossary.md, with the words that pages show."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from civreg.accounts.rules import ROLE_WORDS as STAFF
from civreg.cases.rules import (
    ACTION_WORDS,
    MOMENT_WORDS,
    PART_ACTION_WORDS,
    PART_STATE_WORDS,
    ROLE_WORDS,
    SLIP_WORDS,
    STAGE_WORDS,
    STATE_WORDS,
    WAY_WORDS,
    Action,
    State,
)
from civreg.cases.rules import KIND_WORDS as ASK_KIND_WORDS
from civreg.cases.rules.tidings import OCCASION_WORDS, REPORTER_WORDS, TIDING_STATE_WORDS
from civreg.feedback.rules import COMPLAINT_WORDS
from civreg.letters.rules import ACTION_WORDS as LETTER_ACTIONS
from civreg.letters.rules import KIND_WORDS, LetterAction, LetterState
from civreg.letters.rules import STATE_WORDS as LETTER_STATES
from civreg.procedures.catalogue import catalogue
from civreg.statistics.rules import LINE_WORDS
from civreg.visits.rules import BOOK_WORDS, PURPOSE_WORDS
from civreg.visits.rules import STATE_WORDS as VISIT_STATES

GLOSSARY = (Path(__file__).resolve().parents[2] / "docs" / "glossary.md").read_text("utf-8")

WORDS: dict[str, Mapping[str, str]] = {
    "procedures": {code: procedure.title_vi for code, procedure in catalogue().items()},
    "states of a case": STATE_WORDS,
    "actions on a case": ACTION_WORDS,
    "states of a part": PART_STATE_WORDS,
    "actions on a part": PART_ACTION_WORDS,
    "papers of a case": SLIP_WORDS,
    "roles of people": ROLE_WORDS,
    "ways of signing": WAY_WORDS,
    "what is signed": MOMENT_WORDS,
    "stages of a case": STAGE_WORDS,
    "kinds of asking for papers": ASK_KIND_WORDS,
    "states of a complaint": COMPLAINT_WORDS,
    "states of a tiding": TIDING_STATE_WORDS,
    "who tells": REPORTER_WORDS,
    "what is told": OCCASION_WORDS,
    "roles of staff": STAFF,
    "states of a visit": VISIT_STATES,
    "purposes of a visit": PURPOSE_WORDS,
    "register books": BOOK_WORDS,
    "kinds of letter": KIND_WORDS,
    "states of a letter": LETTER_STATES,
    "actions on a letter": LETTER_ACTIONS,
    "lines of figures": LINE_WORDS,
}


@pytest.mark.parametrize("table", WORDS)
def test_every_word_stands_in_the_glossary(table: str) -> None:
    rows = [f"| {words} | `{getattr(code, 'value', code)}` |" for code, words in WORDS[table].items()]
    assert [row for row in rows if row not in GLOSSARY] == [], "add these rows"


def test_every_code_has_words() -> None:
    assert set(STATE_WORDS) == set(State)
    assert set(ACTION_WORDS) == set(Action)
    assert set(LETTER_STATES) == set(LetterState)
    assert set(LETTER_ACTIONS) == set(LetterAction)


@pytest.mark.parametrize("table", WORDS)
def test_one_table_says_two_things_in_two_ways(table: str) -> None:
    words = list(WORDS[table].values())
    assert sorted(words) == sorted(set(words))
