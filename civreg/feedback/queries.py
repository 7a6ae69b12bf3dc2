"""Phản ánh as read: by the head of the unit, each look written down; the family sees only that it arrived."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from civreg.accounts.queries import names_of
from civreg.accounts.rules import Actor, Permission
from civreg.cases.queries.briefs import briefs
from civreg.feedback.models import Complaint
from civreg.shared import audit, clock, crypto
from civreg.shared.errors import NotFound
from civreg.visits.queries import VisitBrief, visit_briefs

NO_COMPLAINT = "Không tìm thấy phản ánh này ở đơn vị của ông/bà."
_SHOWN = 200


@dataclass(frozen=True)
class ComplaintRow:
    """A complaint in the head's list: when, about which visit of which case; not what was written."""

    id: UUID
    case_id: UUID
    case_code: str
    visit: VisitBrief | None
    wants_call: bool
    sent_at: datetime
    state: str


@dataclass(frozen=True)
class ComplaintPage:
    """A complaint, whole, with what the head did about it."""

    row: ComplaintRow
    unit_id: int
    text: str
    note: str
    settled_by: str
    settled_at: datetime | None
    version: int


@dataclass(frozen=True)
class ComplaintSent:
    """What the family sees of a complaint: when it was sent and whether it was settled."""

    sent_at: datetime
    state: str


def complaints(session: Session, actor: Actor, *, waiting: bool = True) -> list[ComplaintRow]:
    """Return the complaints at the head's units, the oldest first while they wait, else the latest settled first."""
    query = _seen_by(actor)
    if waiting:
        query = query.where(Complaint.state == "new").order_by(Complaint.sent_at, Complaint.id)
    else:
        query = query.where(Complaint.state != "new").order_by(Complaint.settled_at.desc(), Complaint.id)
    return _rows(session, list(session.scalars(query.limit(_SHOWN))))


def complaints_waiting(session: Session, actor: Actor) -> int:
    """Return how many complaints wait for the head; none for anybody else."""
    units = actor.units(Permission.COMPLAINT_ANSWER)
    query = select(func.count()).where(Complaint.unit_id.in_(units), Complaint.state == "new")
    return session.scalar(query) or 0


def complaint_page(session: Session, actor: Actor, complaint_id: UUID) -> ComplaintPage:
    """Return a complaint with its text, and write down who read it.

    Raises:
        NotFound: no such complaint, or another unit's.
    """
    found = session.scalars(_seen_by(actor).where(Complaint.id == complaint_id)).first()
    if found is None:
        raise NotFound(NO_COMPLAINT)
    audit.record_read(
        session, "complaint_page", actor_id=actor.user_id, subject_type="complaint", subject_id=found.id
    )
    who = found.settled_by
    return ComplaintPage(
        row=_rows(session, [found])[0],
        unit_id=found.unit_id,
        text=crypto.unseal(found.sealed_text, "complaint", found.id, "sealed_text"),
        note=crypto.unseal(found.sealed_note, "complaint", found.id, "sealed_note"),
        settled_by=names_of(session, [who]).get(who, "") if who else "",
        settled_at=found.settled_at,
        version=found.version,
    )


def complaints_sent(session: Session, case_id: UUID) -> list[ComplaintSent]:
    """Return what a family, which has proved that the case is its own, sent before; the latest first."""
    rows = session.execute(
        select(Complaint.sent_at, Complaint.state)
        .where(Complaint.case_id == case_id)
        .order_by(Complaint.sent_at.desc(), Complaint.id)
    )
    return [ComplaintSent(row.sent_at.astimezone(clock.ZONE), row.state) for row in rows]


def cases_of_complaints(session: Session, unit_id: int) -> set[UUID]:
    """Return the cases that the complaints waiting at a unit are about."""
    return set(
        session.scalars(
            select(Complaint.case_id).where(Complaint.unit_id == unit_id, Complaint.state == "new")
        )
    )


def complaints_by_unit(session: Session) -> dict[int, int]:
    """Return how many complaints wait at each unit."""
    query = (
        select(Complaint.unit_id, func.count()).where(Complaint.state == "new").group_by(Complaint.unit_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def _seen_by(actor: Actor) -> Select[Complaint]:
    return select(Complaint).where(Complaint.unit_id.in_(actor.units(Permission.COMPLAINT_ANSWER)))


def _rows(session: Session, found: list[Complaint]) -> list[ComplaintRow]:
    cases = briefs(session, {one.case_id for one in found})
    visits = visit_briefs(session, {one.visit_id for one in found if one.visit_id})
    return [
        ComplaintRow(
            id=one.id,
            case_id=one.case_id,
            case_code=cases[one.case_id].code,
            visit=visits.get(one.visit_id) if one.visit_id else None,
            wants_call=one.wants_call,
            sent_at=one.sent_at.astimezone(clock.ZONE),
            state=one.state,
        )
        for one in found
    ]
