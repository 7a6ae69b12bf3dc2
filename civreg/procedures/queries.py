"""The rules that hold at a unit on a day (quy định đang áp dụng): the shipped version and what the office set beside it.

Whoever needs a rule of a unit asks `in_force`; whoever needs the rules of a case asks `frozen`, with the ids that it kept.
Commands without a database answer from the shipped catalogue alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from civreg.procedures import catalogue
from civreg.procedures.models import ProcedureOverride
from civreg.procedures.rules import SHORTER_LIMIT, Amendment, ProcedureVersion, RuleItem, amended, item_of
from civreg.shared.errors import Refusal
from civreg.units import queries as units


@dataclass(frozen=True)
class OverrideRow:
    """A dated rule of a unit (quy định riêng); see `ProcedureOverride`."""

    id: UUID
    unit_id: int
    procedure: str
    rule: str
    values: dict[str, Any]
    shipped: dict[str, Any] | None
    source: str
    starts_on: date
    ends_on: date | None

    def amendment(self, version: ProcedureVersion) -> Amendment:
        """Return it as the rules apply it; a local decision is as sure as the law that allows it."""
        certainty = self.values.get("certainty", version.certainty)
        return Amendment(self.rule, self.values, self.source, certainty)

    def holds_on(self, day: date) -> bool:
        """Tell whether it applies to papers that are complete on that day."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


@dataclass(frozen=True)
class InForce:
    """The version that holds at a unit on a day, and the own rules that are in it, as a case freezes both."""

    version: ProcedureVersion
    overrides: tuple[OverrideRow, ...]

    @property
    def decision_id(self) -> UUID | None:
        """Return the decision that makes the limit shorter, as a case keeps it beside the version's id."""
        decision = self.override_of(SHORTER_LIMIT)
        return decision.id if decision else None

    @property
    def correction_ids(self) -> list[UUID]:
        """Return the corrections, as a case keeps them beside the version's id."""
        return [row.id for row in self.overrides if row.rule != SHORTER_LIMIT]

    def override_of(self, rule: str) -> OverrideRow | None:
        """Return the own rule that replaces one rule, or None."""
        return next((row for row in self.overrides if row.rule == rule), None)


def in_force(session: Session, procedure: str, unit_id: int, day: date) -> InForce:
    """Return the rules of a procedure for papers complete at a unit on a day (quy định đang áp dụng).

    Of every rule the nearest unit's word counts (own first, then its parents), of one unit's the latest.

    Raises:
        Refusal: no such procedure, or none yet on that day.
    """
    version = catalogue.version_on(procedure, day)
    own = _nearest(session, unit_id, day, ProcedureOverride.procedure == procedure).get(procedure, ())
    return InForce(with_own_rules(version, own), own)


def all_in_force(session: Session, unit_id: int, day: date) -> dict[str, InForce]:
    """Return the rules of every procedure that exists on a day, read at once; see `in_force`."""
    own, found = _nearest(session, unit_id, day), {}
    for code, procedure in catalogue.catalogue().items():
        try:
            version = procedure.on(day)
        except Refusal:
            continue
        rules = own.get(code, ())
        found[code] = InForce(with_own_rules(version, rules), rules)
    return found


def _nearest(
    session: Session, unit_id: int, day: date, *conditions: ColumnElement[bool]
) -> dict[str, tuple[OverrideRow, ...]]:
    """Return for each procedure the own rules that count at a unit: of every rule the nearest unit's newest."""
    lineage = _lineage(session, unit_id, day)
    rows = _read(
        session,
        *conditions,
        ProcedureOverride.unit_id.in_(lineage),
        ProcedureOverride.starts_on <= day,
        _not_ended(day),
    )
    nearest: dict[str, dict[str, OverrideRow]] = {}
    for row in sorted(rows, key=lambda row: lineage.index(row.unit_id)):
        nearest.setdefault(row.procedure, {}).setdefault(row.rule, row)
    return {procedure: tuple(rules.values()) for procedure, rules in nearest.items()}


def frozen(
    session: Session, version_id: str, decision_id: UUID | None, correction_ids: Collection[UUID]
) -> ProcedureVersion:
    """Return the rules that a case froze: its version, with the own rules of that day.

    Raises:
        Refusal: when the catalogue no longer has the version.
    """
    version = catalogue.version_by_id(version_id)
    kept = {decision_id, *correction_ids} - {None}
    if not kept:
        return version
    return with_own_rules(version, tuple(_read(session, ProcedureOverride.id.in_(kept))))


def with_own_rules(version: ProcedureVersion, rows: tuple[OverrideRow, ...]) -> ProcedureVersion:
    """Return a shipped version as it holds with these own rules."""
    return amended(version, [row.amendment(version) for row in rows])


def overrides_of_units(session: Session, unit_ids: Collection[int], since: date) -> list[OverrideRow]:
    """Return the own rules of units that hold on a day or later, newest first."""
    return _read(session, ProcedureOverride.unit_id.in_(unit_ids), _not_ended(since))


def overrides_above(session: Session, unit_id: int, since: date) -> list[OverrideRow]:
    """Return the own rules that reach a unit, its own and those of the units above it."""
    return overrides_of_units(session, _lineage(session, unit_id, since), since)


def override_by_id(session: Session, override_id: UUID) -> OverrideRow | None:
    """Return one own rule, or None."""
    return next(iter(_read(session, ProcedureOverride.id == override_id)), None)


def shipped_beside(row: OverrideRow, today: date) -> RuleItem | None:
    """Return what the catalogue says now where a correction stands, if it is not what the office saw; else None.

    A later catalogue may know better. It does not win by itself: a person looks at both.
    """
    if row.rule == SHORTER_LIMIT or row.shipped is None:
        return None
    shipped = row.shipped
    return next((item for item in _shipped_items(row, today) if not item.says_what(shipped)), None)


def has_gone(row: OverrideRow, today: date) -> bool:
    """Tell whether the catalogue no longer has the rule that was corrected: the correction does nothing any more."""
    return row.rule != SHORTER_LIMIT and next(_shipped_items(row, today), None) is None


def _shipped_items(row: OverrideRow, today: date) -> Iterator[RuleItem]:
    """Yield what the versions of the correction's time, from today on, say at its place."""
    for version in catalogue.procedure_of(row.procedure).versions:
        begins_after = row.ends_on is not None and version.effective_from > row.ends_on
        ended_before = version.effective_to is not None and version.effective_to < max(today, row.starts_on)
        item = None if begins_after or ended_before else item_of(version, row.rule)
        if item is not None:
            yield item


def overtaken(
    session: Session, today: date, unit_ids: Collection[int] | None = None
) -> list[tuple[OverrideRow, RuleItem | None]]:
    """Return the corrections, of all units or of some, beside what the catalogue now says instead; None: nothing any more.

    They ring until a person keeps the office's value or takes the new one (ADR 0013).
    """
    within = () if unit_ids is None else (ProcedureOverride.unit_id.in_(unit_ids),)
    rows = _read(session, ProcedureOverride.rule != SHORTER_LIMIT, _not_ended(today), *within)
    known = catalogue.catalogue()  # a correction outlives a procedure that the catalogue dropped
    pairs = [(row, shipped_beside(row, today)) for row in rows if row.procedure in known]
    return [(row, beside) for row, beside in pairs if beside or has_gone(row, today)]


def overrides_held(session: Session, day: date) -> dict[int, int]:
    """Return for each unit how many of its rules hold on a day or begin later."""
    query = (
        select(ProcedureOverride.unit_id, func.count())
        .where(_not_ended(day))
        .group_by(ProcedureOverride.unit_id)
    )
    return {unit_id: count for unit_id, count in session.execute(query)}  # noqa: C416 - rows are no pairs


def _not_ended(day: date) -> ColumnElement[bool]:
    return or_(ProcedureOverride.ends_on.is_(None), ProcedureOverride.ends_on >= day)


def _lineage(session: Session, unit_id: int, day: date) -> list[int]:
    unit = units.unit_by_id(session, unit_id)
    return [unit.id, *(parent.id for parent in units.parents(session, unit, day))]


def _read(session: Session, *conditions: ColumnElement[bool]) -> list[OverrideRow]:
    query = select(ProcedureOverride).where(*conditions)
    newest_first = query.order_by(ProcedureOverride.starts_on.desc(), ProcedureOverride.id.desc())
    return [row_of(row) for row in session.scalars(newest_first)]


def row_of(row: ProcedureOverride) -> OverrideRow:
    """Return a stored rule as it is read."""
    return OverrideRow(**{field.name: getattr(row, field.name) for field in fields(OverrideRow)})
