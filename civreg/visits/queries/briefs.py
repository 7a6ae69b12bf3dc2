"""Chuyến vắn tắt: when and who, for a family that names a visit and for the head who reads about it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.accounts.queries import names_of
from civreg.shared import clock
from civreg.visits.models import Visit, VisitCase


@dataclass(frozen=True)
class VisitBrief:
    """A visit without its families."""

    id: UUID
    starts_at: datetime
    officer_name: str
    state: str


def past_visits_of(session: Session, case_id: UUID) -> list[VisitBrief]:
    """Return the visits of a case whose hour has come, the latest first, without cancelled ones.

    One that nobody recorded is among them: perhaps nobody came.
    """
    query = (
        select(Visit)
        .join(VisitCase, VisitCase.visit_id == Visit.id)
        .where(VisitCase.case_id == case_id, Visit.state != "cancelled", Visit.starts_at <= clock.now())
        .order_by(Visit.starts_at.desc(), Visit.id)
    )
    return _briefs(session, session.scalars(query).all())


def visit_briefs(session: Session, visit_ids: Collection[UUID]) -> dict[UUID, VisitBrief]:
    """Return these visits by id. The caller has checked that the actor may know of them."""
    found = session.scalars(select(Visit).where(Visit.id.in_(visit_ids))).all()
    return {brief.id: brief for brief in _briefs(session, found)}


def _briefs(session: Session, visits: Sequence[Visit]) -> list[VisitBrief]:
    names = names_of(session, {visit.officer_id for visit in visits})
    return [
        VisitBrief(
            visit.id,
            visit.starts_at.astimezone(clock.ZONE),
            names.get(visit.officer_id, ""),
            visit.state,
        )
        for visit in visits
    ]
