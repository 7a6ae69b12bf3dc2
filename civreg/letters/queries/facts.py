"""Dữ kiện của một thư: its sealed facts, opened."""

from __future__ import annotations

from civreg.letters.models import Letter
from civreg.letters.rules import LetterFacts, LetterKind, unpack_facts
from civreg.shared import crypto


def facts_of(letter: Letter) -> LetterFacts:
    """Open the facts of a letter; whoever shows them to a person writes the read log."""
    packed = crypto.unseal(letter.sealed_facts, "letter", letter.id, "sealed_facts")
    return unpack_facts(LetterKind(letter.kind), packed)
