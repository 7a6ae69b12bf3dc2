"""Đổi hạn theo lịch nghỉ: which open promises another calendar would move, and moving them once a person said so.

A promised day is never moved by an edit alone. The list is counted afresh from the terms the promises name; an
administrator confirms exactly that list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from civreg.deadlines.models import Deadline
from civreg.deadlines.queries import Kind, SegmentRow, calendar, segments_of
from civreg.deadlines.rules import Calendar, Due, Reason, reason_from_json
from civreg.deadlines.rules.resuming import due_after_pauses, names_a_term
from civreg.deadlines.service.promises import pauses_of, set_due, waits_for_another


@dataclass(frozen=True)
class DueMove:
    """An open promise whose day is another one by the calendar of today; `after` None: it cannot be counted any more."""

    deadline_id: UUID
    case_id: UUID
    subject_id: UUID
    unit_id: int
    kind: Kind
    before: date | None
    after: date | None


def moves_by_calendar(session: Session, case_ids: Sequence[UUID] | None = None) -> list[DueMove]:
    """Return the open promises that the calendar of the database would move, by case.

    A promise whose clock stands still has no day and is counted when it runs again; a day that the head set by hand
    stays.

    Args:
        session: the open transaction.
        case_ids: only these cases, which the caller holds; all when None.
    """
    return [move for move, _ in _moves(session, case_ids)]


def move_by_calendar(session: Session, case_ids: Sequence[UUID], at: datetime) -> list[DueMove]:
    """Move the promises of cases that the caller holds to the days of today's calendar, and say so in their reasons."""
    moves = _moves(session, case_ids)
    held = {
        deadline.id: deadline
        for deadline in session.scalars(
            select(Deadline)
            .where(Deadline.id.in_([move.deadline_id for move, _ in moves]))
            .order_by(Deadline.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    }
    for move, due in moves:
        if move.before is None:  # it had no day: nothing was promised before
            set_due(session, held[move.deadline_id], due, at)
            continue
        why = Reason("calendar_changed", {"before": move.before.isoformat(), "on": at.date().isoformat()})
        reasons = (*(reason for reason in due.reasons if reason.code != "calendar_changed"), why)
        set_due(session, held[move.deadline_id], replace(due, reasons=reasons), at)
    session.flush()
    return [move for move, _ in moves]


def _moves(session: Session, case_ids: Sequence[UUID] | None) -> list[tuple[DueMove, Due]]:
    deadlines = session.scalars(
        select(Deadline)
        .where(
            Deadline.state == "open",
            or_(Deadline.due_on.is_not(None), Deadline.reasons.contains([{"code": "calendar_missing"}])),
            *([] if case_ids is None else [Deadline.case_id.in_(case_ids)]),
        )
        .order_by(Deadline.case_id, Deadline.id)
        .execution_options(populate_existing=True)
    ).all()
    segments = segments_of(session, [deadline.id for deadline in deadlines])
    working_days = calendar(session)
    found: list[tuple[DueMove, Due]] = []
    for _, of_case in groupby(deadlines, key=lambda deadline: deadline.case_id):
        found += _moves_of_case(sorted(of_case, key=waits_for_another), segments, working_days)
    return found


def _moves_of_case(
    deadlines: Sequence[Deadline], segments: dict[UUID, tuple[SegmentRow, ...]], working_days: Calendar
) -> list[tuple[DueMove, Due]]:
    found: list[tuple[DueMove, Due]] = []
    moved: dict[date, date | None] = {}
    for deadline in deadlines:
        stored = [reason_from_json(one) for one in deadline.reasons]
        pauses = pauses_of(segments.get(deadline.id, ()))
        if not names_a_term(stored) or any(pause.resumed_at is None for pause in pauses):
            continue
        due = due_after_pauses(deadline.starts_at, stored, pauses, working_days, moved)
        if deadline.due_on is not None:
            moved[deadline.due_on] = due.due_on
        if due.due_on != deadline.due_on:
            move = DueMove(
                deadline.id,
                deadline.case_id,
                deadline.subject_id,
                deadline.unit_id,
                deadline.kind,  # type: ignore[arg-type]
                deadline.due_on,
                due.due_on,
            )
            found.append((move, due))
    return found
