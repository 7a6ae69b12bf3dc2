"""Lỡ hẹn đến nhà: the apologies for visits that nobody made, for the desk, the visit's page and the family."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from civreg.accounts.queries import names_of
from civreg.accounts.rules import Actor, Permission
from civreg.shared import clock
from civreg.visits.models import Visit, VisitApology, VisitCase


@dataclass(frozen=True)
class VisitApologyRow:
    """An apology for a missed visit: draft, signed with the one new time, or told to the family.

    Attributes:
        missed_at: when somebody should have come.
        new_at: the new time; None until it is signed.
    """

    id: UUID
    visit_id: UUID
    unit_id: int
    officer_name: str
    place: str
    state: str
    missed_at: datetime
    reason: str
    new_at: datetime | None
    sent_how: str | None
    signed_at: datetime | None
    version: int


def visit_apologies_waiting(session: Session, actor: Actor) -> list[VisitApologyRow]:
    """Return the apologies at the actor's units that nobody has told the family yet, the longest missed first."""
    query = _still_true().where(
        VisitApology.state != "sent", Visit.unit_id.in_(actor.units(Permission.VISIT_VIEW))
    )
    return _rows(session, query)


def apology_of_visit(session: Session, visit_id: UUID) -> VisitApologyRow | None:
    """Return the apology for a visit. The caller has checked that the actor sees the visit."""
    return next(iter(_rows(session, _still_true().where(Visit.id == visit_id))), None)


def apologised_visits(session: Session, case_id: UUID) -> list[tuple[UUID, list[UUID]]]:
    """Return the trips to a case's family that a head has apologised for, each with all cases it serves."""
    mine = select(VisitCase.visit_id).where(VisitCase.case_id == case_id)
    query = (
        select(VisitApology.visit_id, func.array_agg(VisitCase.case_id))
        .join(VisitCase, VisitCase.visit_id == VisitApology.visit_id)
        .where(VisitApology.visit_id.in_(mine), VisitApology.state != "draft")
        .group_by(VisitApology.visit_id)
        .order_by(VisitApology.visit_id)
    )
    return [(row[0], sorted(row[1])) for row in session.execute(query)]


def told_apology(session: Session, case_id: UUID) -> tuple[datetime, str] | None:
    """Return the missed time and the signed reason of the case's latest missed visit that is still to be made.

    For the family's page: it goes once the visit was made.
    """
    row = session.execute(
        select(VisitApology.missed_at, VisitApology.reason)
        .join(Visit, Visit.id == VisitApology.visit_id)
        .join(VisitCase, VisitCase.visit_id == Visit.id)
        .where(VisitCase.case_id == case_id, VisitApology.state != "draft", Visit.state == "planned")
        .order_by(VisitApology.missed_at.desc())
        .limit(1)
    ).first()
    return (row.missed_at.astimezone(clock.ZONE), row.reason) if row else None


def _still_true() -> Select[VisitApology, Visit]:
    """Return the apologies that are needed: a draft only while the visit stands unmade at the missed hour.

    Whoever recorded the visit afterwards, moved or cancelled it has settled the draft by that.
    """
    missed: ColumnElement[bool] = and_(Visit.state == "planned", Visit.starts_at == VisitApology.missed_at)
    return (
        select(VisitApology, Visit)
        .join(Visit, Visit.id == VisitApology.visit_id)
        .where(or_(VisitApology.state != "draft", missed))
        .order_by(VisitApology.missed_at, VisitApology.id)
    )


def _rows(session: Session, query: Select[VisitApology, Visit]) -> list[VisitApologyRow]:
    found = session.execute(query).all()
    names = names_of(session, {visit.officer_id for _, visit in found})
    return [
        VisitApologyRow(
            id=apology.id,
            visit_id=visit.id,
            unit_id=visit.unit_id,
            officer_name=names.get(visit.officer_id, ""),
            place=visit.place,
            state=apology.state,
            missed_at=apology.missed_at.astimezone(clock.ZONE),
            reason=apology.reason,
            new_at=apology.new_at.astimezone(clock.ZONE) if apology.new_at else None,
            sent_how=apology.sent_how,
            signed_at=apology.signed_at,
            version=apology.version,
        )
        for apology, visit in found
    ]
