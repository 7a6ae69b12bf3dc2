"""Đổi hạn theo lịch nghỉ: which open promises another calendar would move, and moving them once a person said so.

A promised day is never moved by an edit alone. The list is counted afresh from the terms the promises name; an
administrator confirms exactly that list.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ARRAY, Date, Row, Text, and_, any_, cast, func, literal_column, or_, select, update
from sqlalchemy.orm import Session

from civreg.deadlines.models import CalendarChange, Deadline
from civreg.deadlines.queries import (
    Kind,
    SegmentRow,
    calendar,
    changed_since,
    newest_change,
    segments_of,
)
from civreg.deadlines.rules import Calendar, Due, Reason, reason_from_json
from civreg.deadlines.rules.resuming import (
    Moved,
    counts_whole_days,
    due_after_pauses,
    names_a_term,
    waits_for_part,
)
from civreg.deadlines.rules.terms import VIETNAM, Pause, last_moment, local
from civreg.deadlines.service.promises import pauses_of, set_dues
from civreg.shared.database import many_ids

_Row: TypeAlias = Row[*tuple[Any, ...]]


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


@dataclass(frozen=True)
class Recount:
    """What another calendar moves, and which promises were counted again to know it, each with the state it was in."""

    moves: tuple[DueMove, ...]
    counted: Mapping[UUID, str]


def moves_by_calendar(session: Session, unit_ids: Collection[int]) -> Recount:
    """Return the open promises of some units that the calendar of the database would move, by case.

    Counted again is only what a change can have reached: a promise between whose start and day one of the changed days
    lies, made before the change, with the other promises of its case. A promise whose clock stands still has no day and
    is counted when it runs again; a day that the head set by hand stays.
    """
    found, counted = _moves(session, _touched(session, unit_ids))
    return Recount(tuple(move for move, _ in found), counted)


def move_by_calendar(session: Session, case_ids: Sequence[UUID], at: datetime) -> list[DueMove]:
    """Move the promises of cases that the caller holds to the days of today's calendar, and say so in their reasons."""
    moves, _ = _moves(session, case_ids)
    held = {
        deadline.id: deadline
        for deadline in session.scalars(
            select(Deadline)
            .where(Deadline.id == any_(many_ids([move.deadline_id for move, _ in moves])))
            .order_by(Deadline.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    }
    set_dues(session, [(held[move.deadline_id], _said(move, due, at)) for move, due in moves], at)
    session.flush()
    return [move for move, _ in moves]


def _said(move: DueMove, due: Due, at: datetime) -> Due:
    """Return the new day with why it moved; what had no day was not promised before."""
    if move.before is None:
        return due
    why = Reason("calendar_changed", {"before": move.before.isoformat(), "on": at.date().isoformat()})
    return replace(
        due, reasons=(*(reason for reason in due.reasons if reason.code != "calendar_changed"), why)
    )


def note_counted(session: Session, counted: Mapping[UUID, str]) -> None:
    """Remember that these promises were counted by today's calendar and stay: the next list leaves them out.

    What somebody holds just now, or has changed since it was counted, is left for the next time: whoever changed it may
    have counted by the calendar of before.
    """
    session.flush()
    seen = func.unnest(many_ids(counted), cast(list(counted.values()), ARRAY(Text)))
    as_counted = seen.table_valued("id", "state").render_derived("as_counted")
    free = (
        select(Deadline.id)
        .join(as_counted, and_(as_counted.c.id == Deadline.id, as_counted.c.state == _ROW_STATE))
        .with_for_update(of=Deadline, skip_locked=True)
    )
    session.execute(
        update(Deadline)
        .where(Deadline.id.in_(free), Deadline.counted_by < newest_change(session))
        .values(counted_by=newest_change(session))
        .execution_options(synchronize_session=False)
    )


def _touched(session: Session, unit_ids: Collection[int]) -> Sequence[UUID]:
    """Return the cases of open promises that a change of the calendar can have moved since they were counted."""
    of_units = (Deadline.state == "open", Deadline.unit_id.in_(unit_ids))
    oldest = session.scalar(select(func.min(Deadline.counted_by)).where(*of_units))
    if oldest is None or not changed_since(session, oldest):
        return []
    first_day = cast(func.timezone(VIETNAM.key, Deadline.starts_at), Date)
    return session.scalars(
        select(Deadline.case_id)
        .distinct()
        .join(
            CalendarChange,
            and_(
                CalendarChange.id > Deadline.counted_by,
                CalendarChange.last_day >= first_day,
                CalendarChange.first_day <= func.coalesce(Deadline.due_on, date.max),
            ),
        )
        .where(*of_units, CalendarChange.id > oldest, _COUNTABLE)
    ).all()


def _moves(session: Session, case_ids: Sequence[UUID]) -> tuple[list[tuple[DueMove, Due]], dict[UUID, str]]:
    """Count the open promises of cases again; return those that move, and all that were counted as they were then."""
    if not case_ids:
        return [], {}
    session.flush()
    rows = session.execute(
        select(
            Deadline.id,
            Deadline.case_id,
            Deadline.subject_id,
            Deadline.unit_id,
            Deadline.kind,
            Deadline.starts_at,
            Deadline.due_on,
            Deadline.due_at,
            cast(Deadline.reasons, Text).label("said"),
            _ROW_STATE.label("row_state"),
        )
        .where(Deadline.state == "open", _COUNTABLE, Deadline.case_id == any_(many_ids(case_ids)))
        .order_by(Deadline.case_id, Deadline.id)
    ).all()
    segments = segments_of(session, [row.id for row in rows])
    counting = _Counting(calendar(session))
    found: list[tuple[DueMove, Due]] = []
    for _, of_case in groupby(rows, key=lambda row: row.case_id):
        in_order = sorted(of_case, key=lambda row: waits_for_part(counting.stored(row.said)))
        found += _moves_of_case(in_order, segments, counting)
    return found, {row.id: row.row_state for row in rows}


class _Counting:
    """Counts stored promises again; what was promised on one day in the same words is counted once."""

    def __init__(self, working_days: Calendar) -> None:
        self.working_days = working_days
        self._stored: dict[str, tuple[Reason, ...]] = {}
        self._alike: dict[tuple[date, str], Due] = {}

    def stored(self, said: str) -> tuple[Reason, ...]:
        """Return the reasons of a promise as they stand in the database."""
        if said not in self._stored:
            self._stored[said] = tuple(reason_from_json(one) for one in json.loads(said))
        return self._stored[said]

    def due(self, row: _Row, pauses: Sequence[Pause], moved: Moved) -> Due:
        """Return the day of a promise by this calendar; see `due_after_pauses`."""
        stored = self.stored(row.said)
        if pauses or waits_for_part(stored) or not counts_whole_days(stored):
            return due_after_pauses(row.starts_at, stored, pauses, self.working_days, moved)
        alike = local(row.starts_at).date(), row.said
        if alike not in self._alike:
            self._alike[alike] = due_after_pauses(row.starts_at, stored, (), self.working_days)
        return self._alike[alike]


def _moves_of_case(
    rows: Sequence[_Row], segments: dict[UUID, tuple[SegmentRow, ...]], counting: _Counting
) -> list[tuple[DueMove, Due]]:
    found: list[tuple[DueMove, Due]] = []
    moved: dict[tuple[date, datetime], Due] = {}
    for row in rows:
        pauses = pauses_of(segments.get(row.id, ()))
        if not names_a_term(counting.stored(row.said)) or any(pause.resumed_at is None for pause in pauses):
            continue
        due = counting.due(row, pauses, moved)
        if row.due_on is not None:
            moved[row.due_on, last_moment(row.due_on, row.due_at)] = due
        if due.due_on != row.due_on:
            move = DueMove(row.id, row.case_id, row.subject_id, row.unit_id, row.kind, row.due_on, due.due_on)
            found.append((move, due))
    return found


_ROW_STATE = cast(literal_column("deadline.xmin", Text), Text)
"""Changes with every change of the row: who reads the same again knows that nobody touched the promise meanwhile."""

_COUNTABLE = or_(Deadline.due_on.is_not(None), Deadline.reasons.contains([{"code": "calendar_missing"}]))
"""Promises with a day, or that wait for a year without a calendar."""
