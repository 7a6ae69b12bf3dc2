"""Chuyển giao thư khi đơn vị kết thúc: letters without a number go to the unit that follows and name it."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.letters.models import Letter
from civreg.letters.queries.facts import facts_of
from civreg.letters.rules import UNNUMBERED, pack_facts
from civreg.shared import crypto
from civreg.units import queries as units


def hand_over_letters(session: Session, old_unit_id: int, new_unit_id: int) -> int:
    """Give the letters that have no number yet to the unit that follows; return how many.

    Their words name the new unit, their number will be of its letter book. A numbered letter keeps number, words
    and unit; the staff of the new unit hand it over.
    """
    spoken = units.unit_by_id(session, new_unit_id).spoken
    letters = session.scalars(
        select(Letter)
        .where(Letter.unit_id == old_unit_id, Letter.state.in_([state.value for state in UNNUMBERED]))
        .order_by(Letter.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for letter in letters:
        facts = replace(facts_of(letter), unit=spoken)
        letter.sealed_facts = crypto.seal(pack_facts(facts), "letter", letter.id, "sealed_facts")
        letter.unit_id = new_unit_id
        letter.version += 1
    return len(letters)
