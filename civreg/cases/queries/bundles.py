"""Liên thông đến đâu: how many bundles of a period have every part settled; counts by unit, no case."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civreg.cases.models import Case, CasePart
from civreg.cases.rules import PartState
from civreg.shared import clock


@dataclass(frozen=True)
class BundleCount:
    """The bundles that one unit received in a period.

    Attributes:
        received: cases with several parts whose papers were taken.
        complete: of these, every part has its result.
        stopped: of these, none waits any more, but an agency refused a part or the family gave it up.
    """

    unit_id: int
    received: int
    complete: int
    stopped: int

    @property
    def waiting(self) -> int:
        """Return how many still have a part to come."""
        return self.received - self.complete - self.stopped


def bundle_counts(
    session: Session, unit_ids: Collection[int], from_on: date, to_on: date
) -> list[BundleCount]:
    """Return the bundles by the unit that received them, without units that received none.

    Counted as they stand now: a part that was settled later belongs to the period in which its papers were taken. The
    caller has checked that the figures of these units are open to the actor.
    """
    start = datetime.combine(from_on, time(), clock.ZONE)
    end = datetime.combine(to_on + timedelta(days=1), time(), clock.ZONE)
    done = func.bool_and(CasePart.state == PartState.DONE.value)
    ended = (PartState.DONE.value, PartState.REFUSED.value, PartState.ABANDONED.value)
    bundles = (
        select(
            Case.received_unit_id.label("unit_id"),
            done.label("complete"),
            func.bool_and(CasePart.state.in_(ended)).label("settled"),
        )
        .join(CasePart, CasePart.case_id == Case.id)
        .where(Case.received_unit_id.in_(unit_ids), Case.received_at >= start, Case.received_at < end)
        .group_by(Case.id, Case.received_unit_id)
        .having(func.count() > 1)
        .subquery()
    )
    complete = func.count().filter(bundles.c.complete)
    stopped = func.count().filter(bundles.c.settled, ~bundles.c.complete)
    query = select(bundles.c.unit_id, func.count(), complete, stopped).group_by(bundles.c.unit_id)
    return [BundleCount(*row) for row in session.execute(query)]
