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
    changed = 0
    for case_id in sorted(case_ids):
        found = session.scalars(
            select(Letter)
            .where(Letter.case_id == case_id, Letter.state.not_in([state.value for state in ENDED]))
            .order_by(Letter.id)
            .with_for_update()
        )
        for letter in found:
            needed_by = visits.next_visit(session, case_id)
            if letter.needed_by != needed_by:
                letter.needed_by = needed_by
                changed += 1
    return changed
