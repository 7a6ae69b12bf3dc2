"""Chuyển giao giữa đơn vị: what a unit has taken over, and which unit a day's work counts for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from civreg.units.models import Hamlet, Unit, UnitHandover
from civreg.units.queries.succeeding import successors
from civreg.units.queries.tree import UnitRow, unit_by_id, units_by_ids

_TAKEN_OVER = text(
    """
    with recursive taken as (
        select h.new_unit_id as by_id, h.old_unit_id as id
        from unit_handover h where h.new_unit_id = any(:ids) and h.handed_on <= :day
        union
        select t.by_id, h.old_unit_id
        from taken t join unit_handover h on h.new_unit_id = t.id where h.handed_on <= :day
    )
    select by_id, id from taken
    """
)


@dataclass(frozen=True, slots=True)
class HandoverRow:
    """Chuyển giao as read: which unit handed over to which, from which day on, who confirmed it, and why this one."""

    old: UnitRow
    new: UnitRow
    handed_on: date
    handed_by: UUID | None
    reason: str


def taken_over(session: Session, ids: Collection[int], on: date) -> dict[int, set[int]]:
    """Return for each unit the ended units whose work it has taken over by a day, through any number of hands."""
    found: dict[int, set[int]] = {unit_id: set() for unit_id in ids}
    if found:
        for by_id, unit_id in session.execute(_TAKEN_OVER, {"ids": list(found), "day": on}):
            found[by_id].add(unit_id)
    return found


def handovers(session: Session, limit: int = 200) -> list[HandoverRow]:
    """Return what was handed over, the latest first."""
    rows = session.scalars(
        select(UnitHandover).order_by(UnitHandover.handed_at.desc(), UnitHandover.old_unit_id).limit(limit)
    ).all()
    known = units_by_ids(session, {unit_id for row in rows for unit_id in (row.old_unit_id, row.new_unit_id)})
    return [
        HandoverRow(known[row.old_unit_id], known[row.new_unit_id], row.handed_on, row.handed_by, row.reason)
        for row in rows
    ]


def hamlets_left(session: Session) -> dict[int, int]:
    """Return for each ended unit that has not handed over yet how many hamlets its list has."""
    handed = select(UnitHandover.old_unit_id).where(UnitHandover.old_unit_id == Hamlet.unit_id).exists()
    query = (
        select(Hamlet.unit_id, func.count())
        .join(Unit, Unit.id == Hamlet.unit_id)
        .where(Unit.valid_to.is_not(None), ~handed)
        .group_by(Hamlet.unit_id)
    )
    return {unit_id: count for unit_id, count in session.execute(query)}  # noqa: C416 - rows are no pairs


def counted_at(session: Session, unit_id: int, day: date, *, before: int | None = None) -> int:
    """Return the unit whose figures of a day something counts for: always one that holds on that day, if known.

    What happens after a unit's end counts for the one unit that followed it, confirmed plan or not; where several
    followed, for the one that a person chose. What happened before the present unit began counts for the unit that
    had the case then.

    Args:
        session: the transaction.
        unit_id: the unit that has the case or letter now.
        day: the day it counts for.
        before: the unit that received the case.
    """
    unit = unit_by_id(session, unit_id)
    if unit.holds_on(day):
        return unit_id
    if unit.valid_to is not None and day >= unit.valid_to:
        after = successors(session, unit_id, day)
        if len(after) == 1:
            return after[0].id
        heir = session.scalar(select(UnitHandover.new_unit_id).where(UnitHandover.old_unit_id == unit_id))
        return counted_at(session, heir, day) if heir is not None else unit_id
    if before is not None and unit_by_id(session, before).holds_on(day):
        return before
    return unit_id
