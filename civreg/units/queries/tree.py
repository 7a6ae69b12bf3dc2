"""Cây đơn vị theo ngày: a unit, its parents and what lies below it, on a day or through a range of days.

A unit's parent is whoever holds `parent_code` on that day; no level is counted anywhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, or_, select, text
from sqlalchemy.orm import Session, aliased

from civreg.shared.errors import NotFound
from civreg.units.models import Unit
from civreg.units.rules import bare_name, spoken_name

DEPTH = 12
"""Bound of the walks up and down, against a circle of parents; the country has three levels."""


@dataclass(frozen=True, slots=True)
class UnitRow:
    """Đơn vị as read: one unchanged stretch of a unit's life.

    Attributes:
        id: what everything else refers to.
        valid_to: the first day it no longer holds; None while it holds.
        known_from: the list that first showed it.
        since_before: it may be older than `known_from`; look-ups of earlier days answer with it.
        ended_after: where the day of its end is unknown, the last list that still showed it.
    """

    id: int
    code: str
    name: str
    kind: str
    parent_code: str | None
    valid_from: date
    valid_to: date | None
    known_from: date
    since_before: bool
    ended_after: date | None

    @property
    def spoken(self) -> str:
        """The name inside a sentence: "xã Trà Cú"."""
        return spoken_name(self.name)

    @property
    def bare(self) -> str:
        """The name without the word of its kind: "Trà Cú"."""
        return bare_name(self.name)

    def holds_on(self, day: date) -> bool:
        """Say whether the unit holds on the day; one known "since before" holds on all earlier days."""
        begun = self.since_before or self.valid_from <= day
        return begun and (self.valid_to is None or day < self.valid_to)

    def nearest_day(self, day: date) -> date:
        """Return the day of its life that is nearest to `day`: a unit that ended is described as it was."""
        if self.valid_to is not None and day >= self.valid_to:
            return self.valid_to - timedelta(days=1)
        return day if self.since_before else max(day, self.valid_from)


UNIT_COLUMNS = (
    Unit.id,
    Unit.code,
    Unit.name,
    Unit.kind,
    Unit.parent_code,
    Unit.valid_from,
    Unit.valid_to,
    Unit.known_from,
    Unit.since_before,
    Unit.ended_after,
)


def unit_row(row: Row[*tuple[Any, ...]]) -> UnitRow:
    """Return the frozen row of a selection of `UNIT_COLUMNS` (further columns are left out)."""
    return UnitRow(*row[: len(UNIT_COLUMNS)])


def holds(unit: type[Unit], day: date) -> ColumnElement[bool]:
    """Return the condition that a unit holds on a day; `UnitRow.holds_on` in SQL."""
    return and_(
        or_(unit.since_before, unit.valid_from <= day), or_(unit.valid_to.is_(None), unit.valid_to > day)
    )


def is_lowest(day: date) -> ColumnElement[bool]:
    """Return the condition that nothing lies below `Unit` on a day (cấp cơ sở)."""
    child = aliased(Unit)
    return ~select(child.id).where(child.parent_code == Unit.code, holds(child, day)).exists()


def has_units(session: Session) -> bool:
    """Say whether any list of units was loaded."""
    return session.scalar(select(select(Unit.id).exists())) or False


def unit_by_id(session: Session, unit_id: int) -> UnitRow:
    """Return one unit.

    Raises:
        NotFound: when there is none of this id.
    """
    row = session.execute(select(*UNIT_COLUMNS).where(Unit.id == unit_id)).one_or_none()
    if row is None:
        raise NotFound("Không có đơn vị này. Ông/bà chọn lại đơn vị.")
    return unit_row(row)


def units_by_ids(session: Session, ids: Collection[int]) -> dict[int, UnitRow]:
    """Return these units by id, in one query; unknown ids are left out."""
    rows = session.execute(select(*UNIT_COLUMNS).where(Unit.id.in_(ids)))
    return {row.id: unit_row(row) for row in rows}


def unit_on(session: Session, code: str, day: date) -> UnitRow | None:
    """Return the unit that held a code on a day; codes are re-used, so the day decides which one it is."""
    row = session.execute(select(*UNIT_COLUMNS).where(Unit.code == code, holds(Unit, day))).one_or_none()
    return None if row is None else unit_row(row)


def code_held_before(session: Session, code: str, on: date) -> UnitRow | None:
    """Return the unit of a code on a day, else the last one that held the code before."""
    query = (
        select(*UNIT_COLUMNS)
        .where(Unit.code == code, or_(Unit.since_before, Unit.valid_from <= on))
        .order_by(Unit.valid_from.desc())
        .limit(1)
    )
    # A row known "since before" may begin after `on`; an earlier one of its code cannot exist.
    row = session.execute(query).one_or_none()
    return None if row is None else unit_row(row)


def parents(session: Session, unit: UnitRow, day: date) -> list[UnitRow]:
    """Return the units above, nearest first, on the day of the unit's life nearest to `day`."""
    found: list[UnitRow] = []
    at = unit.nearest_day(day)
    code = unit.parent_code
    while code is not None and len(found) < DEPTH:
        above = unit_on(session, code, at)
        if above is None:
            break
        found.append(above)
        code = above.parent_code
    return found


def children(session: Session, unit: UnitRow, day: date) -> list[UnitRow]:
    """Return the units directly below on a day, in Vietnamese order."""
    query = (
        select(*UNIT_COLUMNS)
        .where(Unit.parent_code == unit.code, holds(Unit, day))
        .order_by(Unit.sort_key, Unit.code)
    )
    return [unit_row(row) for row in session.execute(query)]


def top_units(session: Session, day: date) -> list[UnitRow]:
    """Return the units without a parent on a day, in Vietnamese order."""
    query = (
        select(*UNIT_COLUMNS)
        .where(Unit.parent_code.is_(None), holds(Unit, day))
        .order_by(Unit.sort_key, Unit.code)
    )
    return [unit_row(row) for row in session.execute(query)]


BELOW = """below as (
        select u.id as root, u.id, u.code, 0 as depth,
               greatest(:day_from, case when u.since_before then '-infinity' else u.valid_from end) as first_on,
               least(:day_to, coalesce(u.valid_to - 1, 'infinity')) as last_on
        from unit u where u.id = any(:ids)
        union all
        select b.root, c.id, c.code, b.depth + 1,
               greatest(b.first_on, case when c.since_before then '-infinity' else c.valid_from end),
               least(b.last_on, coalesce(c.valid_to - 1, 'infinity'))
        from below b join unit c on c.parent_code = b.code
        where (c.since_before or c.valid_from <= b.last_on)
          and (c.valid_to is null or c.valid_to > b.first_on)
          and b.first_on <= b.last_on and b.depth < :depth
    )"""
"""The units below each of `ids`, to stand behind `with recursive`; held at the time where `first_on <= last_on`."""
_BELOW = text(
    f"with recursive {BELOW} select distinct id from below where first_on <= last_on"  # noqa: S608 - constants
)


def descendant_ids(session: Session, unit_id: int, day_from: date, day_to: date) -> set[int]:
    """Return the ids of a unit and of all below it that held at any time from one day to another, both included.

    A child counts for the days on which its parent was its parent; the unit itself is there if it held at all.
    """
    values = {"ids": [unit_id], "day_from": day_from, "day_to": day_to, "depth": DEPTH}
    return set(session.execute(_BELOW, values).scalars())


def lowest_below(session: Session, unit_id: int, day: date) -> list[UnitRow]:
    """Return the lowest units (cấp cơ sở) under a unit on a day, itself if it has none, in Vietnamese order."""
    ids = descendant_ids(session, unit_id, day, day)
    query = select(*UNIT_COLUMNS).where(Unit.id.in_(ids), is_lowest(day)).order_by(Unit.sort_key, Unit.code)
    return [unit_row(row) for row in session.execute(query)]


_ABOVE = text(
    """
    with recursive above as (
        select w.id as start_id, 0 as depth, u.name, u.code, u.parent_code,
               case when u.valid_to is not null and w.day >= u.valid_to then u.valid_to - 1
                    when u.since_before then w.day
                    else greatest(w.day, u.valid_from) end as day
        from unnest(cast(:ids as bigint[]), cast(:days as date[])) as w(id, day) join unit u on u.id = w.id
        union all
        select a.start_id, a.depth + 1, p.name, p.code, p.parent_code, a.day
        from above a join unit p on p.code = a.parent_code
        where (p.since_before or p.valid_from <= a.day)
          and (p.valid_to is null or p.valid_to > a.day) and a.depth < :depth
    )
    select start_id, name from above order by start_id, depth
    """
)


def names_above(session: Session, wanted: Iterable[tuple[int, date]]) -> dict[int, list[str]]:
    """Return for each (unit id, day) the names of the unit and of all above it, nearest first, in one query."""
    pairs = dict(wanted)
    found: dict[int, list[str]] = {unit_id: [] for unit_id in pairs}
    if pairs:
        values = {"ids": list(pairs), "days": list(pairs.values()), "depth": DEPTH}
        for start_id, name in session.execute(_ABOVE, values):
            found[start_id].append(name)
    return found


def path_text(names: Sequence[str]) -> str:
    """Return names, nearest first, as one line: "Xã Trà Cú, tỉnh Vĩnh Long"."""
    return ", ".join([*names[:1], *(spoken_name(name) for name in names[1:])])


def tree_paths(session: Session, ids: Collection[int], day: date) -> dict[int, str]:
    """Return each unit's place in the tree as one line, in one query; see `tree_path`."""
    above = names_above(session, ((unit_id, day) for unit_id in ids))
    return {unit_id: path_text(names) for unit_id, names in above.items()}


def tree_path(session: Session, unit: UnitRow, day: date) -> str:
    """Return the unit's place in the tree as one line, "Xã Trà Cú, tỉnh Vĩnh Long".

    A unit that has ended is described as it last was: "Thị trấn Định An, huyện Trà Cú, tỉnh Trà Vinh".
    """
    return tree_paths(session, [unit.id], day)[unit.id]
