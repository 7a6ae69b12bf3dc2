"""Quy định mà hồ sơ giữ: the version a case froze, with what its office had set beside it on that day."""

from __future__ import annotations

from sqlalchemy.orm import Session

from civreg.cases.models import Case
from civreg.procedures.queries import frozen
from civreg.procedures.rules import ProcedureVersion


def rules_of(session: Session, case: Case) -> ProcedureVersion:
    """Return the rules a case goes by. Whoever counts days asks here: an office may have set them otherwise (ADR 0013)."""
    return frozen(session, case.procedure_version, case.override_id, case.correction_ids)
