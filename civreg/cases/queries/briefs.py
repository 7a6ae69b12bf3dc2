"""Hồ sơ vắn tắt: what figures and letter lists say of a case without a name (mã, thủ tục, trạng thái)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.cases.models import Case


@dataclass(frozen=True)
class CaseBrief:
    """A case without anything personal; programme staff may see it.

    Attributes:
        correcting: its registration is being corrected.
    """

    id: UUID
    code: str
    procedure: str
    state: str
    unit_id: int
    correcting: bool


def briefs(session: Session, case_ids: Collection[UUID]) -> dict[UUID, CaseBrief]:
    """Return these cases by id, in one query. The caller has checked that its figures are open to the actor."""
    correcting = Case.correction_opened_at.is_not(None)
    columns = (Case.id, Case.code, Case.procedure, Case.state, Case.current_unit_id, correcting)
    return {row.id: CaseBrief(*row) for row in session.execute(select(*columns).where(Case.id.in_(case_ids)))}
