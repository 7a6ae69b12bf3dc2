"""Số không đứt quãng: numbers per unit, series and year without gaps or doubles.

The counter row is taken as the last step of the issuing transaction; a rollback gives the number back.
"""

from __future__ import annotations

from sqlalchemy import ForeignKey, func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from civreg.shared.database import Base


class Counter(Base):
    """The last number given in one series of one unit and year."""

    __tablename__ = "counter"

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    series: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]


def take_number(session: Session, unit_id: int, series: str, year: int, count: int = 1) -> int:
    """Take the next `count` numbers and return the first; others wait until this transaction ends.

    Lock order: case → counts → counter → audit. Call it after everything that can fail; a count of 0 only looks at
    the next number and makes the others wait, for a paper that shows its number before it can be known to succeed.
    """
    statement = (
        insert(Counter)
        .values(unit_id=unit_id, series=series, year=year, last=count)
        .on_conflict_do_update(
            index_elements=[Counter.unit_id, Counter.series, Counter.year],
            set_={"last": Counter.last + count},
        )
        .returning(Counter.last)
    )
    return session.execute(statement).scalar_one() - count + 1


def last_number(session: Session, unit_id: int, series: str, year: int) -> int:
    """Return the last number given, 0 when none."""
    row = session.get(Counter, (unit_id, series, year))
    return row.last if row else 0


def all_counters(session: Session) -> int:
    """Return how many series have been opened (for the check after a restore)."""
    return session.query(func.count()).select_from(Counter).scalar() or 0
