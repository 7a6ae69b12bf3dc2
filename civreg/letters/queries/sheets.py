"""Tờ thư: from sealed facts and the office's text file to the words, and from the words to the printed sheet."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from sqlalchemy.orm import Session

from civreg.letters.models import Letter
from civreg.letters.rules import (
    LetterFacts,
    LetterKind,
    LetterWords,
    latest_template,
    unpack_facts,
    words_for,
)
from civreg.shared import crypto
from civreg.shared.paper.heading import Heading, Signature
from civreg.shared.paper.letter import LetterSheet
from civreg.shared.paper.ornament import Ornament
from civreg.shared.paper.page import A4, A5
from civreg.units import queries as units


def facts_of(letter: Letter) -> LetterFacts:
    """Open the facts of a letter; whoever shows them to a person writes the read log."""
    packed = crypto.unseal(letter.sealed_facts, "letter", letter.id, "sealed_facts")
    return unpack_facts(LetterKind(letter.kind), packed)


def words_now(letter: Letter, templates: Path) -> tuple[LetterWords, str]:
    """Return the words a letter would have today, and the version of the text file they come from.

    Raises:
        Refusal: a name is missing, or the text file cannot be used.
    """
    kind = LetterKind(letter.kind)
    name, version = latest_template(kind, (path.name for path in templates.glob("*.txt")))
    text = (templates / name).read_text(encoding="utf-8")
    return words_for(kind, facts_of(letter), text), version


def sheet_of(
    session: Session, unit_id: int, words: LetterWords, dated_on: date, number: str | None
) -> LetterSheet:
    """Return the sheet of a letter: heading of its commune, the words, and who signs there on that day.

    Args:
        session: for unit and signer.
        unit_id: the commune that sends it.
        words: what it says.
        dated_on: the day in the date line.
        number: what stands after “Số: ”, where the text file shows it.
    """
    unit = units.unit_by_id(session, unit_id)
    terms = units.participation_of(session, unit_id, dated_on)
    signature = Signature.of_chair()
    if terms is not None:
        lines = (*terms.signer_prefix.splitlines(), *terms.signer_title.splitlines())
        signature = Signature(lines=lines, name=terms.signer_name or "")
    return LetterSheet(
        heading=Heading.of_commune(unit.spoken),
        place=unit.bare,
        dated_on=dated_on,
        title=words.title,
        subtitle=words.subtitle,
        salutation=words.salutation,
        paragraphs=words.paragraphs,
        closing=words.closing,
        signature=signature,
        number=number if words.show_number else None,
        receivers=words.receivers,
        ornament=Ornament(words.ornament),
        measures=A5 if words.size == "A5" else A4,
    )


def number_text(number: int, year: int) -> str:
    """Return a letter's number as the book and the sheet write it: "05/2026"."""
    return f"{number:02d}/{year}"
