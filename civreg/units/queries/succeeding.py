"""Đơn vị kế tiếp theo ngày: what became of a unit, what it was before, and for which units nobody knows."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import select, text
from sqlalchemy.orm import Session, aliased

from civreg.units.models import Unit, UnitSuccessor
from civreg.units.queries.tree import UNIT_COLUMNS, UnitRow, lowest_below, unit_by_id, unit_row, units_by_ids

_FORWARD = text(
    """
    with recursive chain as (
        select s.old_unit_id as start_id, s.new_unit_id as id, s.is_split, 1 as depth
        from unit_successor s where s.old_unit_id = any(:ids) and s.effective_on <= :day
        union
        select c.start_id, s.new_unit_id, c.is_split or s.is_split, c.depth + 1
        from chain c join unit_successor s on s.old_unit_id = c.id
        where s.effective_on <= :day and c.depth < 20
    )
    select distinct c.start_id, c.id, bool_or(c.is_split) over (partition by c.start_id, c.id) as is_split
    from chain c join unit u on u.id = c.id
    where (u.since_before or u.valid_from <= :day) and (u.valid_to is null or u.valid_to > :day)
    """
)

_BACKWARD = text(
    """
    with recursive chain as (
        select s.old_unit_id as id, 1 as depth from unit_successor s where s.new_unit_id = :unit_id
        union
        select s.old_unit_id, c.depth + 1
        from chain c join unit_successor s on s.new_unit_id = c.id where c.depth < 20
    )
    select distinct id from chain
    """
)


def successor_ids(session: Session, ids: Collection[int], day: date) -> dict[int, dict[int, bool]]:
    """Return for each unit the ids that follow it and hold on a day, with whether it was split on the way."""
    found: dict[int, dict[int, bool]] = {unit_id: {} for unit_id in ids}
    if found:
        for start_id, unit_id, is_split in session.execute(_FORWARD, {"ids": list(found), "day": day}):
            found[start_id][unit_id] = is_split
    return found


def _ordered(session: Session, ids: Collection[int]) -> list[UnitRow]:
    if not ids:
        return []
    query = select(*UNIT_COLUMNS).where(Unit.id.in_(ids)).order_by(Unit.sort_key, Unit.code, Unit.valid_from)
    return [unit_row(row) for row in session.execute(query)]


def successors(session: Session, unit_id: int, on: date) -> list[UnitRow]:
    """Return the units that followed this one and hold on a day; empty while it still holds or nobody knows.

    The way may lead through several lists: phường 8 → phường 7 → phường Trà Vinh.
    """
    if unit_by_id(session, unit_id).holds_on(on):
        return []
    return _ordered(session, successor_ids(session, [unit_id], on)[unit_id])


def standing_on(session: Session, unit_id: int, on: date) -> list[UnitRow]:
    """Return the unit itself if it holds on a day, else the units that followed it."""
    unit = unit_by_id(session, unit_id)
    return [unit] if unit.holds_on(on) else successors(session, unit_id, on)


def stand_as(session: Session, ids: Collection[int], on: date) -> dict[int, frozenset[int]]:
    """Return for each unit which units stand in its place on a day: itself while it holds, else all that follow it.

    Several where it was split; none where no list says what became of it.
    """
    known = units_by_ids(session, ids)
    gone = [unit_id for unit_id, unit in known.items() if not unit.holds_on(on)]
    after = successor_ids(session, gone, on)
    return {
        unit_id: frozenset(after[unit_id]) if unit_id in after else frozenset({unit_id}) for unit_id in known
    }


def parts_went_to(session: Session, unit: UnitRow, on: date) -> list[UnitRow]:
    """Return where the lowest units of an ended unit went, for a unit that has no successor of its own level.

    Huyện Trà Cú has none since 1/7/2025: its 17 communes went into six.
    """
    last_day = unit.nearest_day(on)
    lowest = lowest_below(session, unit.id, last_day)
    ways = successor_ids(session, [one.id for one in lowest], on)
    standing = {one.id for one in lowest if one.holds_on(on)}
    return _ordered(session, standing.union(*ways.values()))


def predecessors(session: Session, unit_id: int, on: date | None = None) -> list[UnitRow]:
    """Return the units that went into this one, on the way of any list; with a day, those that held on it."""
    ids = session.execute(_BACKWARD, {"unit_id": unit_id}).scalars().all()
    rows = _ordered(session, ids)
    return rows if on is None else [row for row in rows if row.holds_on(on)]


def units_without_successor(session: Session) -> list[UnitRow]:
    """Return the lowest units that ended and for which no list says what they became; a person has to ask."""
    child = aliased(Unit)
    last_day = Unit.valid_to - 1
    had_children = (
        select(child.id)
        .where(
            child.parent_code == Unit.code,
            child.valid_from <= last_day,
            (child.valid_to.is_(None)) | (child.valid_to > last_day),
        )
        .exists()
    )
    followed = select(UnitSuccessor.old_unit_id).where(UnitSuccessor.old_unit_id == Unit.id).exists()
    query = (
        select(*UNIT_COLUMNS)
        .where(Unit.valid_to.is_not(None), ~followed, ~had_children)
        .order_by(Unit.code, Unit.valid_from)
    )
    return [unit_row(row) for row in session.execute(query)]


def units_without_predecessor(session: Session) -> list[UnitRow]:
    """Return the lowest units that began with the day of an act and for which no list says what they were."""
    child = aliased(Unit)
    has_children = select(child.id).where(child.parent_code == Unit.code, child.valid_to.is_(None)).exists()
    following = select(UnitSuccessor.new_unit_id).where(UnitSuccessor.new_unit_id == Unit.id).exists()
    query = (
        select(*UNIT_COLUMNS)
        .where(~Unit.since_before, Unit.valid_to.is_(None), ~following, ~has_children)
        .order_by(Unit.code)
    )
    return [unit_row(row) for row in session.execute(query)]
