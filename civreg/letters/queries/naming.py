"""Tên trên thư: whom a letter is about, as lists show and sort it."""

from __future__ import annotations

from civreg.letters.models import Letter
from civreg.letters.queries.facts import facts_of
from civreg.letters.rules import ApologyFacts, BirthFacts, LetterFacts, MarriageFacts
from civreg.shared.text import sort_key_vi


def names_in(facts: LetterFacts) -> tuple[str, ...]:
    """Return the full names a letter is about: the children, the couple, the deceased, or who was let down."""
    if isinstance(facts, BirthFacts):
        return facts.children
    if isinstance(facts, MarriageFacts):
        return (facts.husband, facts.wife)
    if isinstance(facts, ApologyFacts):
        return (facts.recipient.removeprefix("ông/bà "),)
    return (facts.deceased, *facts.also)


def names_text(facts: LetterFacts) -> str:
    """Return the names as one line."""
    return " và ".join(names_in(facts))


def first_name_key(letter: Letter) -> str:
    """Return the key that puts letters in the Vietnamese order of their first name."""
    names = names_in(facts_of(letter))
    return sort_key_vi(names[0]) if names else ""
