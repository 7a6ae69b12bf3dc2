"""Cần trước: the visit that carries a letter decides when it must be ready."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.letters.models import Letter
from civreg.letters.rules import ENDED
from civreg.visits import queries as visits


def note_visits(session: Session, case_ids: Iterable[UUID]) -> int:
    """Set for each letter of these cases when it is needed: the start of the family's next visit, if any is booked.

    Returns:
        How many letters changed.
    """
    cases = list(case_ids)
    letters = session.scalars(
        select(Letter)
        .where(Letter.case_id.in_(cases), Letter.state.not_in([state.value for state in ENDED]))
        .order_by(Letter.case_id, Letter.id)
        .with_for_update()
    ).all()
    planned = visits.next_visits(session, cases)
    changed = 0
    for letter in letters:
        needed_by = planned.get(letter.case_id)
        if letter.needed_by != needed_by:
            letter.needed_by = needed_by
            changed += 1
    return changed
