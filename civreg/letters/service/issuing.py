"""Cấp số thư: the job that makes an approved letter final, once, in one commit.

Words, bytes, hash, number and state come together or not at all. The number is taken as the last step, so that
nothing that can fail comes after it; only where the layout prints the number is it taken before the sheet is
drawn, and then inside a savepoint that gives it back when the sheet cannot be drawn.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.accounts.rules import SYSTEM
from civreg.letters.models import Letter
from civreg.letters.queries.settings import SERIES
from civreg.letters.queries.sheets import LetterDress, dress_now, number_text, sheet_of
from civreg.letters.rules import LetterAction, LetterState, pack_words
from civreg.letters.service.steps import note_audit, refuse_barred, step, tell
from civreg.shared import clock, crypto, files
from civreg.shared.counters import take_number
from civreg.shared.errors import Refusal
from civreg.shared.paper.letter import render_letter

_CODE_BYTES = 12
"""Randomness of the code behind a QR: nobody walks through the letters of an office."""


@dataclass(frozen=True)
class _Final:
    """What the letter will be for ever."""

    dress: LetterDress
    pdf: bytes
    number: int | None
    code: str | None


def issue(session: Session, letter_id: UUID, templates: Path, confirm_at: str = "") -> bool:
    """Give an approved letter its final bytes and its number; return whether it was done.

    A letter that is no longer approved (held, cancelled, issued by an earlier try) is left as it is. One that
    cannot be written (a name is missing, a sign cannot be printed) is held with the sentence that says why.

    Args:
        session: the job's transaction; the caller commits.
        letter_id: the letter.
        templates: folder of the shipped texts.
        confirm_at: address that the code of a letter's QR is put after; where it is empty no QR code is printed.
    """
    letter = session.scalars(
        select(Letter)
        .where(Letter.id == letter_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if letter is None or letter.state != LetterState.APPROVED:
        return False
    try:
        refuse_barred(session, [letter])
        with session.begin_nested():
            final = _make_final(session, letter, templates, confirm_at)
    except Refusal as refusal:
        _hold_back(session, letter, refusal.sentence)
        return False
    _write_final(session, letter, final)
    return True


def _make_final(session: Session, letter: Letter, templates: Path, confirm_at: str) -> _Final:
    today = clock.today()
    dress = dress_now(session, letter, templates, today)
    layout = dress.paper.layout
    number = take_number(session, letter.unit_id, SERIES, today.year) if layout.show_number else None
    shown = number_text(number, today.year) if number is not None else None
    code = secrets.token_urlsafe(_CODE_BYTES) if layout.show_code and confirm_at else None
    address = f"{confirm_at}{code}" if code else ""
    sheet = sheet_of(session, dress.unit, dress.words, dress.paper, today, shown, address)
    return _Final(dress, render_letter(sheet), number, code)


def _write_final(session: Session, letter: Letter, final: _Final) -> None:
    now = clock.now()
    file_id, sha256 = files.store(session, final.pdf, "application/pdf")
    session.flush()  # the file's row must exist before the letter points at it
    step(session, SYSTEM, letter, LetterAction.ISSUE)
    letter.sealed_words = crypto.seal(pack_words(final.dress.words), "letter", letter.id, "sealed_words")
    letter.template_version, letter.issued_at = final.dress.wording.label, now
    letter.wording_id, letter.layout_id = final.dress.wording.wording_id, final.dress.paper.layout_id
    letter.confirm_code = final.code
    tell(session, letter, "letter.issued", now.date())
    year, number = now.year, final.number
    with session.no_autoflush:  # number and file are written together (ck_letter_number_with_bytes)
        if number is None:
            number = take_number(session, letter.unit_id, SERIES, year)
        letter.file_id, letter.sha256 = file_id, sha256
        letter.year, letter.number = year, number
    note_audit(session, SYSTEM, letter, "letter.issued", number=number, year=year, sha256=sha256)


def _hold_back(session: Session, letter: Letter, reason: str) -> None:
    step(session, SYSTEM, letter, LetterAction.HOLD, note=reason)
    letter.held_reason = reason
    note_audit(session, SYSTEM, letter, "letter.held_back")
