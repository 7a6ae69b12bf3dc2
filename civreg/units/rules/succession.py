"""Thay đổi giữa hai danh mục: which units a list adds, ends, renames or moves, and which it leaves alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from civreg.units.rules.lists import ListedUnit
from civreg.units.rules.names import name_key


@dataclass(frozen=True, slots=True)
class KnownUnit:
    """A unit as the database holds it on the day before a list takes effect."""

    id: int
    code: str
    name: str
    kind: str
    parent_code: str | None


@dataclass(frozen=True, slots=True)
class ListPlan:
    """What a list changes (thay đổi của danh mục).

    Attributes:
        added: lines whose code nobody held.
        ended: units whose code the list no longer has.
        renamed: units whose code lives on under another name or kind, with the new line.
        moved: units that only got another parent code, with the new line.
        unchanged: how many units keep their row.
    """

    added: tuple[ListedUnit, ...]
    ended: tuple[KnownUnit, ...]
    renamed: tuple[tuple[KnownUnit, ListedUnit], ...]
    moved: tuple[tuple[KnownUnit, ListedUnit], ...]
    unchanged: int

    @property
    def replaced(self) -> tuple[tuple[KnownUnit, ListedUnit], ...]:
        """Units that get a new row under their code: renamed and moved ones."""
        return self.renamed + self.moved


def same_name(old: str, new: str) -> bool:
    """Say whether two names differ at most in the word of their kind, in accents or in leading zeros."""
    return name_key(old) == name_key(new)


def plan_list(known: Mapping[str, KnownUnit], rows: Sequence[ListedUnit]) -> ListPlan:
    """Compare a list with the units of the day before; `known` is keyed by code."""
    added: list[ListedUnit] = []
    renamed: list[tuple[KnownUnit, ListedUnit]] = []
    moved: list[tuple[KnownUnit, ListedUnit]] = []
    unchanged = 0
    for row in rows:
        unit = known.get(row.code)
        if unit is None:
            added.append(row)
        elif (unit.name, unit.kind) != (row.name, row.kind):
            renamed.append((unit, row))
        elif unit.parent_code != row.parent_code:
            moved.append((unit, row))
        else:
            unchanged += 1
    listed = {row.code for row in rows}
    ended = tuple(unit for code, unit in known.items() if code not in listed)
    return ListPlan(tuple(added), ended, tuple(renamed), tuple(moved), unchanged)
