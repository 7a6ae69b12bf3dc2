"""Tệp của đợt in: the cover with its boxes, and under it the stored sheets in the order they are carried out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from sqlalchemy.orm import Session

from civreg.cases.queries import places
from civreg.letters.models import Letter, PrintRun
from civreg.letters.queries.facts import facts_of
from civreg.letters.queries.naming import names_text
from civreg.letters.queries.sheets import number_text
from civreg.letters.rules import KIND_WORDS, LetterKind
from civreg.shared import clock, files
from civreg.shared.errors import Refusal
from civreg.shared.paper.cover import Cover, CoverRow, render_cover
from civreg.shared.paper.merging import merge
from civreg.units import queries as units


def run_papers(session: Session, run: PrintRun, letters: Sequence[Letter]) -> bytes:
    """Return the pages of a run: its cover, then every letter as it was stored.

    Raises:
        Refusal: a letter of the run has no number yet.
    """
    sheets = [letter.file_id for letter in letters if letter.file_id is not None]
    if len(sheets) < len(letters):
        raise Refusal("Trong đợt in có thư chưa được cấp số. Ông/bà bỏ chọn thư đó rồi in lại.")
    cover = render_cover(_cover(session, run, letters))
    return merge(chain([cover], files.load_each(session, sheets)), double_sided=run.double_sided)


def place_text(place: tuple[str, str]) -> str:
    """Return hamlet and address as one line, the narrower first."""
    hamlet, address = place
    return ", ".join(part for part in (address, hamlet) if part)


def _cover(session: Session, run: PrintRun, letters: Sequence[Letter]) -> Cover:
    where = places(session, {letter.case_id for letter in letters})
    names = units.units_by_ids(session, {run.unit_id, *(letter.unit_id for letter in letters)})
    several = len({letter.unit_id for letter in letters}) > 1

    def row(letter: Letter) -> CoverRow:
        unit = [names[letter.unit_id].name] if several else []
        needed = letter.needed_by.astimezone(clock.ZONE) if letter.needed_by else None
        return CoverRow(
            number=number_text(letter.number, letter.year) if letter.number and letter.year else "",
            kind=KIND_WORDS[LetterKind(letter.kind)],
            family=names_text(facts_of(letter)),
            place=", ".join([place_text(where[letter.case_id]), *unit]).strip(", "),
            visit=f"{needed:%d/%m %H:%M}" if needed else "chưa có chuyến",
        )

    return Cover(
        unit=names[run.unit_id].name,
        printed_at=run.printed_at.astimezone(clock.ZONE),
        rows=tuple(row(letter) for letter in letters),
    )
