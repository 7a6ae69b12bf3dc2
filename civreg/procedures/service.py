"""What an office sets beside the shipped catalogue: written with source and author, never over the law."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import or_, select
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


def hand_over_overrides(
    session: Session, actor: Actor, old_unit_id: int, new_unit_id: int, on: date, *, copied: bool
) -> int:
    """End what a unit that ended had set for itself; the unit that follows goes on with it (chuyển giao).

    A rule goes over from the day on with its source and its own last day, unless the new unit has set that procedure
    itself. Where the old unit went to several (`copied` false) it only ends: the decision was for the whole unit.

    Returns:
        How many rules ended.
    """
    rows = session.scalars(
        select(ProcedureOverride)
        .where(
            ProcedureOverride.unit_id == old_unit_id,
            or_(ProcedureOverride.ends_on.is_(None), ProcedureOverride.ends_on >= on),
        )
        .order_by(ProcedureOverride.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    own = set(
        session.scalars(select(ProcedureOverride.procedure).where(ProcedureOverride.unit_id == new_unit_id))
    )
    for row in rows:
        until, starts_on = row.ends_on, max(on, row.starts_on)
        # A rule that had not begun keeps one day, which lies after the unit's end: nothing is received there any more.
        row.ends_on = max(row.starts_on, on - timedelta(days=1))
        if not copied or row.procedure in own:
            continue
        session.add(
            ProcedureOverride(
                id=new_id(),
                unit_id=new_unit_id,
                procedure=row.procedure,
                values=row.values,
                source=row.source,
                starts_on=starts_on,
                ends_on=until,
                author_id=actor.user_id,
                written_at=clock.now(),
            )
        )
    session.flush()
    return len(rows)
