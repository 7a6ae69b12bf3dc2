"""Cách làm của từng nơi: days after a death, days a letter may wait, and where the numbers of its book begin."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.cases.queries import CLOSE_DAYS
from civreg.letters.models import LetterBookStart, LetterSetting
from civreg.shared import clock
from civreg.shared.counters import last_number
from civreg.units import queries as units

WAITING_DAYS = 14
"""After so many days since the draft a letter that is not handed over stands on the list of those that wait long."""
SERIES = "letter"
"""The letter book of a unit: one series a year for all kinds."""


@dataclass(frozen=True)
class DeskSettings:
    """What holds at one unit.

    Attributes:
        mourning_days: between a death and a joy of one household within which a person decides.
        waiting_days: after which a letter waits too long.
        set_at: name of the unit that set it; empty for what is shipped.
    """

    mourning_days: int = CLOSE_DAYS
    waiting_days: int = WAITING_DAYS
    set_at: str = ""


@dataclass(frozen=True)
class BookState:
    """How far the letter book of a unit and year is.

    Attributes:
        first_number: where civreg began; 1 when the book did not begin on paper.
        last: the last number given, 0 when none was.
    """

    year: int
    first_number: int
    last: int

    @property
    def begun(self) -> bool:
        """Return whether a number was given by civreg, after which the beginning can no longer change."""
        return self.last >= self.first_number


def settings_of(session: Session, unit_id: int) -> DeskSettings:
    """Return what holds at a unit today: its own, else that of the nearest unit above, else what is shipped."""
    unit = units.unit_by_id(session, unit_id)
    day = unit.nearest_day(clock.today())
    chain = [unit, *units.parents(session, unit, day)]
    rows = {
        row.unit_id: row
        for row in session.scalars(
            select(LetterSetting).where(LetterSetting.unit_id.in_([one.id for one in chain]))
        )
    }
    for one in chain:
        if one.id in rows:
            row = rows[one.id]
            return DeskSettings(row.mourning_days, row.waiting_days, one.name)
    return DeskSettings()


def book_state(session: Session, unit_id: int, year: int) -> BookState:
    """Return how far the letter book of a unit is in a year."""
    start = session.get(LetterBookStart, (unit_id, year))
    return BookState(year, start.first_number if start else 1, last_number(session, unit_id, SERIES, year))
