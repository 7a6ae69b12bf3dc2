"""Ngày hẹn trên hồ sơ: the days that a case and its parts show are those of its promises, after every stop and start.

A promise whose clock stands still has no day, and neither has the case: nothing may be read as missed meanwhile.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.cases.models import Case, CasePart
from civreg.deadlines.queries import deadlines_of


def show_promised_days(session: Session, case: Case) -> None:
    """Bring the promised day of a case and of its parts in line with its promises; a case without any is left alone."""
    session.flush()
    promises = deadlines_of(session, case.id)
    rows = [row for row in promises if row.kind != "call" and row.state != "cancelled"]
    if not rows:
        return
    of_parts = {row.subject_id: row.due_on for row in rows if row.kind == "part"}
    for part in session.scalars(select(CasePart).where(CasePart.case_id == case.id)):
        part.due_on = of_parts.get(part.id, part.due_on)
    days = [row.due_on for row in rows if row.kind == "whole"] or list(of_parts.values())
    case.promised_on = max((day for day in days if day), default=None) if all(days) else None
