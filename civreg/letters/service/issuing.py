"""Cấp số thư: the job that makes approved letters final, once, in one commit.

Words, bytes, hash, number and state of a letter come together or not at all. Numbers are taken as the last step, so
that nothing that can fail comes after it; only where a layout prints the number do others wait while the sheets are
drawn, and a sheet that cannot be drawn leaves its number to the next.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.accounts.rules import SYSTEM
from civreg.cases.queries.briefs import briefs
from civreg.letters.models import Letter
from civreg.letters.queries.settings import SERIES
from civreg.letters.queries.sheets import LetterDress, Wardrobe, number_text
from civreg.letters.rules import LetterAction, LetterState, pack_words
from civreg.letters.service.steps import barred, note_changes, step, tell_all
from civreg.shared import clock, crypto, files
from civreg.shared.counters import take_number
from civreg.shared.errors import Refusal
from civreg.shared.paper.letter import render_letter

_CODE_BYTES = 12
"""Randomness of the code behind a QR: nobody walks through the letters of an office."""


@dataclass(frozen=True)
class _Final:
    """What a letter will be for ever."""

    letter: Letter
    dress: LetterDress
    pdf: bytes
    code: str | None


def issue(session: Session, letter_id: UUID, templates: Path, confirm_at: str = "") -> bool:
    """Give one approved letter its final bytes and its number; return whether it was done. See `issue_pile`."""
    return issue_pile(session, [letter_id], templates, confirm_at) == 1


def issue_pile(session: Session, letter_ids: Collection[UUID], templates: Path, confirm_at: str = "") -> int:
    """Give approved letters their final bytes and their numbers, in the order of their ids; return how many.

    A letter that is no longer approved (held, cancelled, issued by an earlier try) is left as it is. One that
    cannot be written (a name is missing, a sign cannot be printed) is held with the sentence that says why; the
    others get their numbers all the same, without a gap.

    Args:
        session: the job's transaction; the caller commits.
        letter_ids: the letters.
        templates: folder of the shipped texts.
        confirm_at: address that the code of a letter's QR is put after; where it is empty no QR code is printed.
    """
    letters = session.scalars(
        select(Letter)
        .where(Letter.id.in_(letter_ids), Letter.state == LetterState.APPROVED.value)
        .order_by(Letter.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    wardrobe = Wardrobe(session, templates, clock.today())
    held: dict[UUID, str] = {}
    dressed: dict[Letter, LetterDress] = {}
    known = briefs(session, {letter.case_id for letter in letters})
    for letter in letters:
        try:
            if why := barred(letter, known[letter.case_id]):
                held[letter.id] = why
            else:
                dressed[letter] = wardrobe.dress(letter)
        except Refusal as refusal:
            held[letter.id] = refusal.sentence
    finals = _draw(session, wardrobe, dressed, confirm_at, held)
    _write(session, finals, wardrobe.day)
    left = [letter for letter in letters if letter.id in held]
    _hold_back(session, left, held)
    note_changes(session, SYSTEM, [*map(_issued, finals), *(("letter.held_back", one, {}) for one in left)])
    return len(finals)


def _draw(
    session: Session,
    wardrobe: Wardrobe,
    dressed: Mapping[Letter, LetterDress],
    confirm_at: str,
    held: dict[UUID, str],
) -> list[_Final]:
    """Draw the sheets, unit by unit in the units' order; note in `held` why one cannot be drawn.

    Where one of them prints its number, nobody else gets one of these units until this transaction ends.
    """
    finals: list[_Final] = []
    year = wardrobe.day.year
    shown = any(dress.paper.layout.show_number for dress in dressed.values())
    for unit_id, own in _by_unit(dressed):
        number = take_number(session, unit_id, SERIES, year, 0) if shown else 1
        for letter in own:
            dress = dressed[letter]
            code = secrets.token_urlsafe(_CODE_BYTES) if dress.paper.layout.show_code and confirm_at else None
            address = f"{confirm_at}{code}" if code else ""
            try:
                pdf = render_letter(wardrobe.sheet(dress, number_text(number, year), address))
            except Refusal as refusal:
                held[letter.id] = refusal.sentence
            else:
                finals.append(_Final(letter, dress, pdf, code))
                number += 1
    return finals


def _write(session: Session, finals: Sequence[_Final], day: date) -> None:
    """Store the sheets and write down all that is known of them; their numbers last."""
    stored = [files.store(session, final.pdf, "application/pdf") for final in finals]
    session.flush()  # the files' rows must exist before the letters point at them
    letters = [final.letter for final in finals]
    tell_all(session, letters, "letter.issued", day)
    with session.no_autoflush:  # number and file are written together (ck_letter_number_with_bytes)
        for final, (file_id, sha256) in zip(finals, stored, strict=True):
            letter, dress = final.letter, final.dress
            step(session, SYSTEM, letter, LetterAction.ISSUE)
            letter.sealed_words = crypto.seal(pack_words(dress.words), "letter", letter.id, "sealed_words")
            letter.template_version, letter.issued_at = dress.wording.label, clock.now()
            letter.wording_id, letter.layout_id = dress.wording.wording_id, dress.paper.layout_id
            letter.confirm_code = final.code
            letter.file_id, letter.sha256 = file_id, sha256
        for unit_id, own in _by_unit(letters):
            first = take_number(session, unit_id, SERIES, day.year, len(own))
            for number, letter in enumerate(own, first):
                letter.year, letter.number = day.year, number


def _issued(final: _Final) -> tuple[str, Letter, dict[str, Any]]:
    """Return what the audit says of a letter that became final."""
    letter = final.letter
    said = {"number": letter.number, "year": letter.year, "sha256": letter.sha256}
    return "letter.issued", letter, said


def _by_unit(letters: Iterable[Letter]) -> Iterator[tuple[int, list[Letter]]]:
    """Yield the letters of each unit, in the order of the units: in which counters are taken, never otherwise."""
    in_order = sorted(letters, key=lambda letter: letter.unit_id)
    for unit_id, own in groupby(in_order, key=lambda letter: letter.unit_id):
        yield unit_id, list(own)


def _hold_back(session: Session, letters: Sequence[Letter], why: Mapping[UUID, str]) -> None:
    for letter in letters:
        step(session, SYSTEM, letter, LetterAction.HOLD, note=why[letter.id])
        letter.held_reason = why[letter.id]
