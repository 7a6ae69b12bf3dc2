"""Đơn vị thời đó, đơn vị hiện nay: the filter by unit of a list that reaches back before a merger."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from civreg.shared import clock
from civreg.shared.text import format_date_vi
from civreg.units import queries as units
from civreg.units.rules import name_sort_key

TODAYS = "nay"
"""What `nhom` of an address says when ended units stand at the units of today."""
GROUPINGS: Mapping[str, str] = {"": "Đơn vị của thời kỳ đó", TODAYS: "Gom về đơn vị hôm nay"}
"""The two ways to show figures of units that have ended."""
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class PlaceChoice:
    """One choice of a list's filter: the units whose rows it shows, in words; `names` of each, as rows say it."""

    words: str
    units: frozenset[int]
    names: tuple[tuple[int, str], ...] = ()


def places_then_and_now(session: Session, unit_ids: Collection[int]) -> dict[str, PlaceChoice]:
    """Return the choices: each unit of today with what went into it, then each of its time; none where all is one.

    `nay-12`: everything whose place unit 12 has taken today. `12`: what stood at unit 12 itself.
    """
    today = clock.today()
    known = units.units_by_ids(session, unit_ids)
    if len(known) < 2:
        return {}
    stands = units.stand_as(session, known, today)
    now = units.units_by_ids(session, {next(iter(one)) for one in stands.values() if len(one) == 1})
    offered: dict[str, PlaceChoice] = {}
    for unit in sorted(now.values(), key=lambda one: name_sort_key(one.name)):
        whole = frozenset(old for old, place in stands.items() if place == {unit.id})
        if whole != {unit.id}:
            offered[f"nay-{unit.id}"] = PlaceChoice(f"{unit.name} hôm nay, gồm các đơn vị cũ", whole)
    for unit in sorted(known.values(), key=lambda one: (name_sort_key(one.name), one.valid_from)):
        ended = unit.valid_to is not None and unit.valid_to <= today
        words = (
            f"{unit.name}, đến {format_date_vi(unit.valid_to - _DAY)}"
            if ended and unit.valid_to
            else unit.name
        )
        places = ", ".join(now[one].spoken for one in stands[unit.id] if one in now) if ended else ""
        row = f"{unit.name}, nay là {places}" if places else unit.name
        offered[str(unit.id)] = PlaceChoice(words, frozenset({unit.id}), ((unit.id, row),))
    return offered
