"""Phiếu xin lỗi của một hồ sơ, and those that wait on the desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor
from civreg.cases.models import Apology, Case, Party
from civreg.cases.queries.access import visible_to
from civreg.cases.queries.frozen_rules import rules_of
from civreg.deadlines.models import Deadline


@dataclass(frozen=True)
class ApologyRow:
    """An apology: draft with a reason and a date to start from, signed with the one new date, or sent."""

    id: UUID
    deadline_id: UUID
    case_id: UUID
    case_code: str
    state: str
    missed_on: date
    reason: str
    new_due_on: date | None
    drafted_at: datetime
    signed_by: UUID | None
    signed_at: datetime | None
    sent_at: datetime | None
    sent_how: str | None
    version: int


@dataclass(frozen=True)
class Addressee:
    """Whom an apology is written to: who asked, for what, and the unit that has the case."""

    full_name: str
    matter: str
    unit_id: int


def addressee_of(session: Session, case_id: UUID) -> Addressee:
    """Return whom an apology of a case is written to; for the machine that drafts it, nobody reads the name here."""
    case = session.get_one(Case, case_id)
    asks = select(Party.full_name).where(Party.case_id == case_id, Party.role == "requester").limit(1)
    rules = rules_of(session, case)
    return Addressee(session.scalar(asks) or "", rules.title_vi, case.current_unit_id)


def apologies_of(session: Session, actor: Actor, case_id: UUID) -> list[ApologyRow]:
    """Return the apologies of a case, the newest first."""
    return _rows(session, actor, Apology.case_id == case_id)


def apologies_waiting(session: Session, actor: Actor) -> list[ApologyRow]:
    """Return the apologies not yet sent at the actor's units, the oldest promised day first.

    A draft whose result was signed in time after all, or whose case ended another way, waits for nobody.
    """
    needless = exists().where(
        Deadline.id == Apology.deadline_id,
        or_(Deadline.state == "cancelled", and_(Deadline.state == "met", Deadline.met_at < Deadline.due_at)),
    )
    return _rows(session, actor, and_(Apology.state != "sent", ~and_(Apology.state == "draft", needless)))


def _rows(session: Session, actor: Actor, condition: object) -> list[ApologyRow]:
    rows = session.execute(
        select(Apology, Case.code)
        .join(Case, Case.id == Apology.case_id)
        .where(visible_to(actor), condition)  # type: ignore[arg-type]
        .order_by(Apology.missed_on, Apology.id)
    )
    return [
        ApologyRow(
            case_code=code,
            **{
                name: getattr(apology, name)
                for name in ApologyRow.__dataclass_fields__
                if name != "case_code"
            },
        )
        for apology, code in rows
    ]
