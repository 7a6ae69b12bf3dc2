"""Sổ thư: every number of a unit and year with its letter, the void ones too, as a page, as paper and as a workbook."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.letters.models import Letter, LetterMove
from civreg.letters.queries.facts import facts_of
from civreg.letters.queries.naming import names_text
from civreg.letters.queries.replacing import Twin, replacements
from civreg.letters.queries.settings import BookState, book_state
from civreg.letters.queries.sheets import number_text
from civreg.letters.rules import (
    KIND_WORDS,
    STATE_WORDS,
    LetterAction,
    LetterKind,
    LetterState,
    number_is_void,
)
from civreg.shared import audit, clock
from civreg.shared.errors import NotFound
from civreg.units import queries as units

_VOIDS = (LetterAction.CANCEL, LetterAction.REPLACE)


@dataclass(frozen=True)
class BookRow:
    """One number of the book.

    Attributes:
        note: why it is void and what took its place, or what it took the place of; or empty.
        handed_on: the day it reached the family.
    """

    letter_id: UUID
    number: str
    issued_on: date
    kind: str
    names: str
    state: str
    void: bool
    note: str
    handed_on: date | None


@dataclass(frozen=True)
class LetterBook:
    """The book of one unit and year; `rows` in the order of the numbers, none missing between the first and the last."""

    unit_id: int
    unit_name: str
    unit_spoken: str
    unit_bare: str
    state: BookState
    rows: tuple[BookRow, ...]
    years: tuple[int, ...]


def letter_book(session: Session, actor: Actor, unit_id: int, year: int) -> LetterBook:
    """Return the letter book; writes the read log, because it names families.

    Raises:
        NotFound: the unit's letters are not open to the actor.
    """
    if not actor.may(Permission.LETTER_VIEW, unit_id):
        raise NotFound("Không có sổ thư của đơn vị này trong phạm vi của ông/bà.")
    unit = units.unit_by_id(session, unit_id)
    letters = session.scalars(
        select(Letter)
        .where(Letter.unit_id == unit_id, Letter.year == year, Letter.number.is_not(None))
        .order_by(Letter.number)
    ).all()
    if letters:
        audit.record_read(
            session, "letter.book", actor_id=actor.user_id, subject_type="unit", subject_id=None
        )
    ids = [letter.id for letter in letters]
    after, before = replacements(session, letters)
    handed, why = _last(session, ids, LetterAction.HAND_OVER), _last(session, ids, *_VOIDS)
    notes = {
        letter.id: _note(letter, why.get(letter.id), after.get(letter.id), before.get(letter.id))
        for letter in letters
    }
    return LetterBook(
        unit_id=unit_id,
        unit_name=unit.name,
        unit_spoken=unit.spoken,
        unit_bare=unit.bare,
        state=book_state(session, unit_id, year),
        rows=tuple(_row(letter, handed.get(letter.id), notes[letter.id]) for letter in letters),
        years=_years(session, unit_id),
    )


def _years(session: Session, unit_id: int) -> tuple[int, ...]:
    query = select(Letter.year).where(Letter.unit_id == unit_id, Letter.year.is_not(None)).distinct()
    return tuple(
        sorted({clock.today().year, *(year for year in session.scalars(query) if year)}, reverse=True)
    )


def _last(session: Session, ids: list[UUID], *actions: LetterAction) -> dict[UUID, tuple[datetime, str]]:
    """Return for each letter when one of these actions was done last, and its note."""
    rows = session.execute(
        select(LetterMove.letter_id, LetterMove.at, LetterMove.note)
        .where(LetterMove.letter_id.in_(ids), LetterMove.action.in_([action.value for action in actions]))
        .order_by(LetterMove.id)
    )
    return {row.letter_id: (row.at, row.note or "") for row in rows}


def _note(
    letter: Letter, voided: tuple[datetime, str] | None, after: Twin | None, before: Twin | None
) -> str:
    void = number_is_void(letter.state, letter.number)
    reason = voided[1].rstrip(".") if void and voided else ""
    parts = (reason, f"Thay bằng {after.words}" if after else "", f"Thay {before.words}" if before else "")
    return ". ".join(part for part in parts if part)


def _row(letter: Letter, handed: tuple[datetime, str] | None, note: str) -> BookRow:
    assert letter.number is not None
    assert letter.year is not None
    assert letter.issued_at is not None
    void = number_is_void(letter.state, letter.number)
    handed_over = letter.state == LetterState.HANDED_OVER and handed is not None
    return BookRow(
        letter_id=letter.id,
        number=number_text(letter.number, letter.year),
        issued_on=letter.issued_at.astimezone(clock.ZONE).date(),
        kind=KIND_WORDS[LetterKind(letter.kind)],
        names=names_text(facts_of(letter)),
        state="Số đã hủy" if void else STATE_WORDS[LetterState(letter.state)],
        void=void,
        note=note,
        handed_on=handed[0].astimezone(clock.ZONE).date() if handed_over and handed else None,
    )
