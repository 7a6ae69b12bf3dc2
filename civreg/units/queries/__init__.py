"""Đọc đơn vị: frozen rows of units, their trees by date, who followed whom, and which take part."""

from civreg.units.queries.participating import (
    HamletRow,
    ParticipationRow,
    hamlets_of,
    participating,
    participating_ids,
    participation_of,
    participations_of,
)
from civreg.units.queries.resolving import UnitGone, resolve_commune
from civreg.units.queries.searching import CommuneHit, search_communes
from civreg.units.queries.succeeding import (
    parts_went_to,
    predecessors,
    standing_on,
    successors,
    units_without_predecessor,
    units_without_successor,
)
from civreg.units.queries.tree import (
    UnitRow,
    children,
    code_held_before,
    descendant_ids,
    has_units,
    lowest_below,
    parents,
    top_units,
    tree_path,
    tree_paths,
    unit_by_id,
    unit_on,
    units_by_ids,
)

__all__ = [
    "CommuneHit",
    "HamletRow",
    "ParticipationRow",
    "UnitGone",
    "UnitRow",
    "children",
    "code_held_before",
    "descendant_ids",
    "hamlets_of",
    "has_units",
    "lowest_below",
    "parents",
    "participating",
    "participating_ids",
    "participation_of",
    "participations_of",
    "parts_went_to",
    "predecessors",
    "resolve_commune",
    "search_communes",
    "standing_on",
    "successors",
    "top_units",
    "tree_path",
    "tree_paths",
    "unit_by_id",
    "unit_on",
    "units_by_ids",
    "units_without_predecessor",
    "units_without_successor",
]
