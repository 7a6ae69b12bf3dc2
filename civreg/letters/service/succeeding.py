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
from civreg.units.rules import Heirs


def hand_over_letters(session: Session, old_unit_id: int, heirs: Heirs) -> int:
    """Give the letters that have no number yet to the unit that takes the case; return how many.

    Their words name the new unit, their number will be of its letter book. A numbered letter keeps number, words
    and unit; the staff of the new unit hand it over.
    """
    new = units.units_by_ids(session, heirs.units)
    letters = session.scalars(
        select(Letter)
        .where(Letter.unit_id == old_unit_id, Letter.state.in_([state.value for state in UNNUMBERED]))
        .order_by(Letter.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for letter in letters:
        heir = new[heirs.of(letter.case_id)]
        facts = replace(facts_of(letter), unit=heir.spoken)
        letter.sealed_facts = crypto.seal(pack_facts(facts), "letter", letter.id, "sealed_facts")
        letter.unit_id = heir.id
        letter.version += 1
    return len(letters)
