"""What an office set for a procedure on a day (quy định riêng của đơn vị)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from civreg.procedures.models import ProcedureOverride


@dataclass(frozen=True)
class OverrideRow:
    """A dated rule of a unit.

    Attributes:
        values: `days` (working days, never more than the law's) and whatever else the office may set.
    """

    id: UUID
    unit_id: int
    procedure: str
    values: dict[str, Any]
    source: str
    starts_on: date
    ends_on: date | None


def override_on(session: Session, unit_ids: Sequence[int], procedure: str, day: date) -> OverrideRow | None:
    """Return the rule that holds on a day for the nearest of the units (own first, then its parents)."""
    rows = session.scalars(
        select(ProcedureOverride).where(
            ProcedureOverride.unit_id.in_(unit_ids),
            ProcedureOverride.procedure == procedure,
            ProcedureOverride.starts_on <= day,
            or_(ProcedureOverride.ends_on.is_(None), ProcedureOverride.ends_on >= day),
        )
    ).all()
    rows = sorted(rows, key=lambda row: (unit_ids.index(row.unit_id), -row.starts_on.toordinal()))
    if not rows:
        return None
    row = rows[0]
    return OverrideRow(row.id, row.unit_id, row.procedure, row.values, row.source, row.starts_on, row.ends_on)


def overrides_held(session: Session, day: date) -> dict[int, int]:
    """Return for each unit how many of its rules hold on a day or begin later."""
    query = (
        select(ProcedureOverride.unit_id, func.count())
        .where(or_(ProcedureOverride.ends_on.is_(None), ProcedureOverride.ends_on >= day))
        .group_by(ProcedureOverride.unit_id)
    )
    return {unit_id: count for unit_id, count in session.execute(query)}  # noqa: C416 - rows are no pairs
