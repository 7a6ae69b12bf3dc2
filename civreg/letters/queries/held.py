"""Thư còn ở từng đơn vị: how many letters on their way each unit has, with and without a number, and of which cases."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civreg.letters.models import Letter
from civreg.letters.rules import LetterState


def letters_by_unit(session: Session, states: Collection[LetterState]) -> dict[int, int]:
    """Return for each unit how many letters stand at one of these steps."""
    query = (
        select(Letter.unit_id, func.count())
        .where(Letter.state.in_([state.value for state in states]))
        .group_by(Letter.unit_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def cases_of_letters(session: Session, unit_id: int, states: Collection[LetterState]) -> set[UUID]:
    """Return the cases whose letters stand at one of these steps at a unit."""
    found = select(Letter.case_id).where(
        Letter.unit_id == unit_id, Letter.state.in_([state.value for state in states])
    )
    return set(session.scalars(found))
