"""Số của nơi khác: numbers that other systems gave, one per case, system and subject."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor
from civreg.cases.models import Case, ExternalCode
from civreg.shared import clock
from civreg.shared.database import new_id


def note_code(session: Session, actor: Actor, case: Case, system: str, subject_id: UUID, code: str) -> None:
    """Keep the number that a system gave to a subject; a newer one replaces it (the audit keeps that it did)."""
    row = session.scalars(
        select(ExternalCode).where(
            ExternalCode.case_id == case.id,
            ExternalCode.system == system,
            ExternalCode.subject_id == subject_id,
        )
    ).first()
    if row is None:
        row = ExternalCode(id=new_id(), case_id=case.id, system=system, subject_id=subject_id)
        session.add(row)
    row.code, row.noted_at, row.noted_by = code, clock.now(), actor.user_id
