"""Ngày hẹn trên hồ sơ: the days that a case and its parts show are those of its promises, after every stop and start.

A promise whose clock stands still has no day, and neither has the case: nothing may be read as missed meanwhile.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.cases.models import Apology, Case, CasePart
from civreg.deadlines.queries import deadlines_of


def show_promised_days(session: Session, case: Case) -> None:
    """Bring the promised day of a case and of its parts in line with its promises; a case without any is left alone.

    The family is told the last of all days: an apology may move one part past the day of its bundle, or name a new day
    for a result that was signed late already.
    """
    session.flush()
    promises = deadlines_of(session, case.id)
    rows = [row for row in promises if row.kind != "call" and row.state != "cancelled"]
    if not rows:
        return
    of_parts = {row.subject_id: row.due_on for row in rows if row.kind == "part"}
    for part in session.scalars(select(CasePart).where(CasePart.case_id == case.id)):
        part.due_on = of_parts.get(part.id, part.due_on)
    renewed = _renewed_days(session, case.id)
    leading = [row for row in rows if row.kind == "whole"] or rows
    # what no text limits names no day, unless the head named one; what stands still has none in any case
    if any(row.due_on is None and (row.paused or not renewed) for row in leading):
        case.promised_on = None
        return
    met_late = [renewed[row.id] for row in rows if row.state == "met" and row.id in renewed]
    case.promised_on = max((*(row.due_on for row in rows if row.due_on), *met_late), default=None)


def _renewed_days(session: Session, case_id: UUID) -> dict[UUID, date]:
    """Return deadline → the new day that a signed apology names; an open one has moved on to it itself."""
    signed = select(Apology.deadline_id, Apology.new_due_on).where(
        Apology.case_id == case_id, Apology.signed_at.is_not(None)
    )
    return {deadline_id: day for deadline_id, day in session.execute(signed) if day}


def judged_day(session: Session, part: CasePart) -> date | None:
    """Return the day that says whether a part's result is on time: the first promise, whatever was promised anew."""
    promises = [row.id for row in deadlines_of(session, part.case_id) if row.subject_id == part.id]
    first = select(Apology.missed_on).where(Apology.deadline_id.in_(promises), Apology.signed_at.is_not(None))
    return session.scalar(first) or part.due_on
