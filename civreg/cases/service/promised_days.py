"""Ngày hẹn trên hồ sơ: the days that a case and its parts show are those of its promises, after every stop and start.

A promise whose clock stands still has no day, and neither has the case: nothing may be read as missed meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import any_, select
from sqlalchemy.orm import Session

from civreg.cases.models import Apology, Case, CasePart
from civreg.deadlines import service as deadlines
from civreg.deadlines.queries import DeadlineRow, deadlines_of, deadlines_of_cases
from civreg.deadlines.rules import add_working_days, working_days_between
from civreg.shared import clock
from civreg.shared.database import many_ids


def show_promised_days(session: Session, case: Case) -> None:
    """Bring the promised day of a case and of its parts in line with its promises; see `show_promised_days_of`."""
    show_promised_days_of(session, [case])


def show_promised_days_of(session: Session, cases: Sequence[Case]) -> None:
    """Bring the promised days of cases and of their parts in line with their promises, in four queries for all.

    The family is told the last of all days: an apology may move one part past the day of its bundle, or name a new day
    for a result that was signed late already. A case without any promise is left alone.
    """
    session.flush()
    ids = [case.id for case in cases]
    promises, renewed = deadlines_of_cases(session, ids), _renewed_days(session, ids)
    rows = {
        case_id: [row for row in of_case if row.kind != "call" and row.state != "cancelled"]
        for case_id, of_case in promises.items()
    }
    days = {row.subject_id: row.due_on for of_case in rows.values() for row in of_case if row.kind == "part"}
    for part in session.scalars(select(CasePart).where(CasePart.case_id == any_(many_ids(ids)))):
        part.due_on = days.get(part.id, part.due_on)
    for case in cases:
        if rows.get(case.id):
            of_case = {row.id: renewed[row.id] for row in promises[case.id] if row.id in renewed}
            case.promised_on = _last_day(rows[case.id], of_case)


def _last_day(rows: Sequence[DeadlineRow], renewed: Mapping[UUID, date]) -> date | None:
    """Return the last of the days that a family was promised; None while there is none."""
    leading = [row for row in rows if row.kind == "whole"] or rows
    # what no text limits names no day, unless the head named one; what stands still has none in any case
    if any(row.due_on is None and (row.paused or not renewed) for row in leading):
        return None
    met_late = [renewed[row.id] for row in rows if row.state == "met" and row.id in renewed]
    return max((*(row.due_on for row in rows if row.due_on), *met_late), default=None)


def _renewed_days(session: Session, case_ids: Sequence[UUID]) -> dict[UUID, date]:
    """Return deadline → the new day that a signed apology names; an open one has moved on to it itself."""
    signed = select(Apology.deadline_id, Apology.new_due_on).where(
        Apology.case_id == any_(many_ids(case_ids)), Apology.signed_at.is_not(None)
    )
    return {deadline_id: day for deadline_id, day in session.execute(signed) if day}


def judged_day(session: Session, part: CasePart) -> date | None:
    """Return the day that says whether a part's result is on time: the first promise, whatever was promised anew.

    What moved the new day after it was signed (papers were awaited, the calendar changed) would have moved the first one
    as far, unless that had passed already.
    """
    promises = [row.id for row in deadlines_of(session, part.case_id) if row.subject_id == part.id]
    signed = select(Apology.missed_on, Apology.new_due_on, Apology.signed_at).where(
        Apology.deadline_id.in_(promises), Apology.signed_at.is_not(None)
    )
    apology = session.execute(signed).one_or_none()
    if apology is None:
        return part.due_on
    missed_on, new_due_on, signed_at = apology
    ahead = signed_at is not None and signed_at.astimezone(clock.ZONE).date() <= missed_on
    if not (ahead and new_due_on and part.due_on and part.due_on > new_due_on):
        return missed_on
    calendar = deadlines.calendar(session)
    return add_working_days(missed_on, working_days_between(new_due_on, part.due_on, calendar), calendar)
