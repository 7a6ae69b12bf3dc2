"""What an office sets beside the shipped catalogue: written with source and author, never over the law."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.procedures.models import ProcedureOverride
from civreg.shared import audit, clock
from civreg.shared.database import new_id
from civreg.shared.errors import InvalidInput

MOST_DAYS = 30


def set_shorter_limit(
    session: Session,
    actor: Actor,
    *,
    unit_id: int,
    procedure: str,
    days: int,
    source: str,
    starts_on: date,
    ends_on: date | None = None,
) -> UUID:
    """Write down that a unit promises fewer working days (Lạng Sơn: 03 by QĐ 2661/QĐ-UBND).

    Raises:
        InvalidInput: when the days are not between 1 and `MOST_DAYS`, or the source is missing.
    """
    actor.require(Permission.UNITS_MANAGE, unit_id)
    if not 1 <= days <= MOST_DAYS:
        raise InvalidInput(f"Ông/bà ghi số ngày làm việc từ 1 đến {MOST_DAYS}.", {"days": "Từ 1 đến 30."})
    if not source.strip():
        raise InvalidInput("Ông/bà ghi số, ngày của quyết định.", {"source": "Ghi số, ngày của quyết định."})
    override_id = new_id()
    session.add(
        ProcedureOverride(
            id=override_id,
            unit_id=unit_id,
            procedure=procedure,
            values={"days": days},
            source=source.strip(),
            starts_on=starts_on,
            ends_on=ends_on,
            author_id=actor.user_id,
            written_at=clock.now(),
        )
    )
    audit.record(
        session,
        "procedure.limit_set",
        unit_id=unit_id,
        actor_id=actor.user_id,
        subject_type="procedure_override",
        subject_id=override_id,
        procedure=procedure,
        days=days,
    )
    return override_id
