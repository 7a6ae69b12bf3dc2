"""Việc trông coi: when the system was last backed up and when its audit was last checked, with what result.

Each is a row of the audit itself (chain 0): it survives a restart of everything, and nobody can quietly put a better one
in its place. A fixed subject per kind makes the last one quick to find.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.shared import audit


class Upkeep(Enum):
    """A kind of care; the value is the subject of its audit rows."""

    BACKUP = UUID("00000000-0000-7000-8000-00000000b001")
    RESTORE = UUID("00000000-0000-7000-8000-00000000b002")
    AUDIT_CHECK = UUID("00000000-0000-7000-8000-00000000b003")


@dataclass(frozen=True)
class Done:
    """When a kind of care was last done, and what was noted with it."""

    at: datetime
    details: dict[str, Any]


def note(session: Session, kind: Upkeep, **details: Any) -> None:
    """Write down that it was done just now; `details` are counts and codes only."""
    audit.record(
        session,
        f"upkeep.{kind.name.lower()}",
        unit_id=None,
        actor_id=None,
        subject_type="upkeep",
        subject_id=kind.value,
        **details,
    )


def check_audit(session: Session) -> audit.ChainReport:
    """Walk every audit chain and note the result (the nightly check)."""
    report = audit.verify(session)
    note(session, Upkeep.AUDIT_CHECK, rows=report.rows, ok=report.ok, first_bad=report.first_bad)
    return report


def last(session: Session, kind: Upkeep) -> Done | None:
    """Return when it was last done; None when never."""
    row = session.scalars(
        select(audit.AuditRow)
        .where(audit.AuditRow.subject_id == kind.value)
        .order_by(audit.AuditRow.subject_id, audit.AuditRow.seq.desc())
        .limit(1)
    ).first()
    return Done(row.at, row.details) if row else None
