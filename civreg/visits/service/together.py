"""Đi một chuyến: cases of one family that belong together are served by the same visit."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor
from civreg.cases import service as cases
from civreg.cases.queries import Receipt, rows_of
from civreg.cases.rules import State
from civreg.procedures.rules import LinkKind
from civreg.visits.queries import planned_visits_of
from civreg.visits.service.booking import ONE_TRIP, join_visit


def add_twin(session: Session, actor: Actor, case_id: UUID, **told: Any) -> Receipt:
    """Write down one more baby of a birth (`cases.service.add_twin`), on the trip that is planned for the first.

    Raises:
        InvalidInput, Conflict: as `cases.service.add_twin`.
    """
    receipt = cases.add_twin(session, actor, case_id, **told)
    _share_trip(session, actor, case_id, receipt.case_id)
    return receipt


def start_marriage(session: Session, actor: Actor, case_id: UUID, *, expected_version: int) -> Receipt:
    """Write down the parents' marriage (`cases.service.start_marriage`), on the trip that is planned for the birth.

    Raises:
        InvalidInput, Conflict: as `cases.service.start_marriage`.
    """
    receipt = cases.start_marriage(session, actor, case_id, expected_version=expected_version)
    _share_trip(session, actor, case_id, receipt.case_id)
    return receipt


def link_cases(
    session: Session, actor: Actor, case_id: UUID, *, expected_version: int, other_code: str, kind: LinkKind
) -> UUID:
    """Tie two cases together (`cases.service.link_cases`); a trip planned for one serves the other where it may.

    Raises:
        InvalidInput, Conflict: as `cases.service.link_cases`.
    """
    other_id = cases.link_cases(
        session, actor, case_id, expected_version=expected_version, other_code=other_code, kind=kind
    )
    if kind in ONE_TRIP:
        _share_trip(session, actor, case_id, other_id)
        _share_trip(session, actor, other_id, case_id)
    return other_id


def _share_trip(session: Session, actor: Actor, planned_id: UUID, other_id: UUID) -> None:
    """Let the next trip of one case serve the other too, when that one still waits for a first visit."""
    session.flush()
    trips, other = planned_visits_of(session, planned_id), rows_of(session, actor, [other_id]).get(other_id)
    if (
        trips
        and other is not None
        and other.state == State.REQUESTED
        and not planned_visits_of(session, other_id)
    ):
        join_visit(session, actor, trips[0], other_id, None)
