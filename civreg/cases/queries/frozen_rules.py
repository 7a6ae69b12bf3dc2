"""Quy định mà hồ sơ giữ: the version a case froze, with what its office had set beside it on that day."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.orm import Session

from civreg.cases.models import Case
from civreg.procedures.queries import frozen
from civreg.procedures.rules import ProcedureVersion


def rules_of(session: Session, case: Case) -> ProcedureVersion:
    """Return the rules a case goes by. Whoever counts days asks here: an office may have set them otherwise (ADR 0013)."""
    return frozen(session, case.procedure_version, case.override_id, case.correction_ids)


def rules_of_each(session: Session, cases: Iterable[Case]) -> dict[UUID, ProcedureVersion]:
    """Return the rules of many cases by their ids; what several cases froze alike is read once."""
    read: dict[tuple[str | None, UUID | None, tuple[UUID, ...]], ProcedureVersion] = {}
    found: dict[UUID, ProcedureVersion] = {}
    for case in cases:
        frozen_as = (case.procedure_version, case.override_id, tuple(case.correction_ids))
        if frozen_as not in read:
            read[frozen_as] = rules_of(session, case)
        found[case.id] = read[frozen_as]
    return found
