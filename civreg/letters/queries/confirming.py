"""Kiểm tra thư: what anybody may learn of a letter by the code in its QR: number, day, unit; no person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.letters.models import Letter
from civreg.letters.queries.sheets import number_text
from civreg.letters.rules import number_is_void
from civreg.shared import clock
from civreg.units import queries as units


@dataclass(frozen=True)
class ConfirmedLetter:
    """A letter as the public page shows it; `void` says that the number was cancelled."""

    number: str
    issued_on: date
    unit: str
    void: bool


def confirmed(session: Session, code: str) -> ConfirmedLetter | None:
    """Return the letter of a code, or None."""
    letter = session.scalars(select(Letter).where(Letter.confirm_code == code)).first()
    if letter is None or letter.number is None or letter.year is None or letter.issued_at is None:
        return None
    return ConfirmedLetter(
        number=number_text(letter.number, letter.year),
        issued_on=letter.issued_at.astimezone(clock.ZONE).date(),
        unit=units.unit_by_id(session, letter.unit_id).spoken,
        void=number_is_void(letter.state, letter.number),
    )
