"""Các lần chờ cơ quan khác trả lời: of one case, and those of the actor's units that still wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor
from civreg.cases.models import Case, OutsideWait
from civreg.cases.queries.access import visible_to
from civreg.cases.rules import STOPPED, State


@dataclass(frozen=True)
class OutsideWaitRow:
    """Another body that was asked, by which letter, and its answer once there is one."""

    id: UUID
    case_id: UUID
    case_code: str
    body: str
    letter: str
    asked_at: datetime
    answered_at: datetime | None
    answer: str | None
    given_up: bool
    """The case ended without an answer: nobody waits for it any more."""


def outside_waits_of(session: Session, actor: Actor, case_id: UUID) -> list[OutsideWaitRow]:
    """Return what a case waited for, the newest first."""
    return _rows(session, visible_to(actor), OutsideWait.case_id == case_id)


def outside_waiting(session: Session, actor: Actor) -> list[OutsideWaitRow]:
    """Return the answers that the actor's cases wait for now."""
    return _rows(session, visible_to(actor), OutsideWait.answered_at.is_(None), Case.state.not_in(STOPPED))


def awaited_body(session: Session, case_id: UUID) -> tuple[str, datetime] | None:
    """Return whom the case of a family waits for and since when; the caller has checked that it is theirs."""
    row = session.execute(
        select(OutsideWait.body, OutsideWait.asked_at).where(
            OutsideWait.case_id == case_id, OutsideWait.answered_at.is_(None)
        )
    ).first()
    return (row.body, row.asked_at) if row else None


def _rows(session: Session, *conditions: ColumnElement[bool]) -> list[OutsideWaitRow]:
    rows = session.execute(
        select(OutsideWait, Case.code, Case.state)
        .join(Case, Case.id == OutsideWait.case_id)
        .where(*conditions)
        .order_by(OutsideWait.asked_at.desc(), OutsideWait.id)
    )
    return [
        OutsideWaitRow(
            wait.id,
            wait.case_id,
            code,
            wait.body,
            wait.letter,
            wait.asked_at,
            wait.answered_at,
            wait.answer,
            wait.answered_at is None and State(state) in STOPPED,
        )
        for wait, code, state in rows
    ]
