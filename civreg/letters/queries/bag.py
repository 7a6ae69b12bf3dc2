"""Thư trong túi của chuyến đi: the letters of the families a visit goes to, and whether each is there to be carried."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor
from civreg.letters.models import Letter
from civreg.letters.queries.access import visible_to
from civreg.letters.queries.sheets import number_text
from civreg.letters.rules import KIND_WORDS, STATE_WORDS, LetterKind, LetterState


@dataclass(frozen=True)
class BagRow:
    """A letter of one family of a visit; no name is read, the visit names the family.

    Attributes:
        carried: the officer has it, so that it can be handed over at the door.
    """

    id: UUID
    case_id: UUID
    kind_words: str
    state_words: str
    number: str
    carried: bool
    recalled: bool


def bag(session: Session, actor: Actor, case_ids: Collection[UUID]) -> list[BagRow]:
    """Return the letters of these cases that are not handed over, cancelled or kept, by case."""
    over = (LetterState.HANDED_OVER.value, LetterState.CANCELLED.value, LetterState.KEPT.value)
    found = session.scalars(
        select(Letter)
        .where(visible_to(actor), Letter.case_id.in_(case_ids), Letter.state.not_in(over))
        .order_by(Letter.case_id, Letter.id)
    )
    return [
        BagRow(
            id=letter.id,
            case_id=letter.case_id,
            kind_words=KIND_WORDS[LetterKind(letter.kind)],
            state_words=STATE_WORDS[LetterState(letter.state)],
            number=number_text(letter.number, letter.year) if letter.number and letter.year else "",
            carried=letter.state in (LetterState.WITH_OFFICER, LetterState.SIGNED_SEALED)
            and letter.outdated_at is None,
            recalled=letter.recalled_at is not None,
        )
        for letter in found
    ]
