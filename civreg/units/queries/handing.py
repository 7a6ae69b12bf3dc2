"""Chuyển giao giữa đơn vị: what a unit has taken over, and which unit a day's work counts for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session

from civreg.units.models import Hamlet, Unit, UnitHandover
from civreg.units.queries.succeeding import successors
from civreg.units.queries.tree import BELOW, DEPTH, UnitRow, unit_by_id, units_by_ids

_COVERED = text(
    f"with recursive {BELOW},"  # noqa: S608 - constants of this package
    """
    held as (
        select root, id from below where first_on <= last_on
        union select id, id from unnest(cast(:ids as bigint[])) as given(id)
    ),
    covered as (
        select root, id from held
        union
        select c.root, h.old_unit_id
        from covered c join unit_handover h on h.new_unit_id = c.id where h.handed_on <= :day_to
    )
    select root, id from covered
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


def covered(session: Session, ids: Collection[int], on: date) -> dict[int, set[int]]:
    """Return for each unit what a role there covers on a day, in one query.

    That is the unit itself, all below it on the day, and the ended units whose work any of these has taken over by
    then, through any number of hands.
    """
    found: dict[int, set[int]] = {unit_id: set() for unit_id in ids}
    if found:
        values = {"ids": list(found), "day_from": on, "day_to": on, "depth": DEPTH}
        for root, unit_id in session.execute(_COVERED, values):
            found[root].add(unit_id)
    return found


def handovers(session: Session, limit: int = 200) -> list[HandoverRow]:
    """Return what was handed over, the latest first; of a split unit the main heir first."""
    order = UnitHandover.handed_at.desc(), UnitHandover.old_unit_id, UnitHandover.is_main.desc()
    return _rows(session, select(UnitHandover).order_by(*order, UnitHandover.new_unit_id).limit(limit))


def handovers_of(session: Session, unit_id: int) -> list[HandoverRow]:
    """Return to whom one ended unit handed over, the main heir first."""
    own = select(UnitHandover).where(UnitHandover.old_unit_id == unit_id)
    return _rows(session, own.order_by(UnitHandover.is_main.desc(), UnitHandover.new_unit_id))


def main_heir(session: Session, unit_id: int) -> HandoverRow | None:
    """Return the handover to the unit that keeps what an ended unit left, when a plan was confirmed."""
    main = UnitHandover.old_unit_id == unit_id, UnitHandover.is_main
    return next(iter(_rows(session, select(UnitHandover).where(*main))), None)


def _rows(session: Session, query: Select[UnitHandover]) -> list[HandoverRow]:
    rows = session.scalars(query).all()
    known = units_by_ids(session, {unit_id for row in rows for unit_id in (row.old_unit_id, row.new_unit_id)})
    return [
        HandoverRow(known[row.old_unit_id], known[row.new_unit_id], row.handed_on, row.handed_by, row.reason)
        for row in rows
    ]


def not_handed_over() -> Select[int]:
    """Return the query of ended units whose plan nobody has confirmed yet: what is copied once is still there."""
    handed = select(UnitHandover.old_unit_id).where(UnitHandover.old_unit_id == Unit.id).exists()
    return select(Unit.id).where(Unit.valid_to.is_not(None), ~handed)


def hamlets_left(session: Session) -> dict[int, int]:
    """Return for each ended unit that has not handed over yet how many hamlets its list has."""
    query = (
        select(Hamlet.unit_id, func.count())
        .where(Hamlet.unit_id.in_(not_handed_over()))
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
        heir = main_heir(session, unit_id)
        return counted_at(session, heir.new.id, day) if heir else unit_id
    if before is not None and unit_by_id(session, before).holds_on(day):
        return before
    return unit_id
