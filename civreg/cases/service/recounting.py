"""Đổi ngày hẹn theo lịch nghỉ: the promises of open cases that a corrected calendar moves, confirmed as one list.

An edit of the calendar counts at once for what is promised from then on. What was promised before keeps its day until an
administrator confirms the list of moves; the case then says from which day it moved and why.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy import ARRAY, Integer, and_, any_, cast, func, or_, select, update
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.cases.models import Case
from civreg.cases.queries.frozen_rules import rules_of
from civreg.cases.rules import ENDED
from civreg.cases.service.moves import note_audit_of_many
from civreg.cases.service.promised_days import show_promised_days_of
from civreg.cases.service.receiving import event_of
from civreg.deadlines import service as deadlines
from civreg.deadlines.rules import citizen_due, last_due_day_touched
from civreg.deadlines.service import DueMove
from civreg.shared import clock, crypto
from civreg.shared.database import many_ids
from civreg.shared.errors import Conflict


@dataclass(frozen=True)
class FamilyMove:
    """A family that has not come yet has until another day to be on time (hạn của gia đình)."""

    case_id: UUID
    unit_id: int
    before: date
    after: date | None


@dataclass(frozen=True)
class MoveCount:
    """How many promises of one kind at one unit move from a day to another; `after` None: no day can be counted."""

    unit_id: int
    kind: str
    before: date | None
    after: date | None
    count: int


@dataclass(frozen=True)
class CalendarMoves:
    """Danh sách hạn sẽ đổi: what the calendar would move at the units of one administrator; codes and days only.

    The mappings name what was counted again to know it, whether it moves or not, and which state of it was counted.
    """

    promises: tuple[DueMove, ...]
    families: tuple[FamilyMove, ...]
    promises_counted: Mapping[UUID, str] = field(default_factory=dict, compare=False)
    families_counted: Mapping[UUID, int] = field(default_factory=dict, compare=False)

    @property
    def expected(self) -> str:
        """What the page sends back, so that exactly the list that was shown is confirmed."""
        rows = [f"{move.deadline_id} {move.before} {move.after}" for move in self.promises]
        rows += [f"{move.case_id} {move.before} {move.after}" for move in self.families]
        return crypto.digest("\n".join(sorted(rows)))

    @property
    def counts(self) -> tuple[MoveCount, ...]:
        """The moves added up, by unit, kind and days."""
        kinds = [(move.unit_id, move.kind, move.before, move.after) for move in self.promises]
        kinds += [(move.unit_id, "family", move.before, move.after) for move in self.families]  # type: ignore[misc]
        added = Counter(kinds)
        in_order = sorted(added, key=lambda one: (one[0], one[2] or date.min, one[3] or date.max, one[1]))
        return tuple(MoveCount(*one, count=added[one]) for one in in_order)


class MovesChanged(Conflict):
    """The list is no longer the one that was shown; `moves` is the one that holds now."""

    def __init__(self, moves: CalendarMoves) -> None:
        super().__init__(
            "Danh sách hạn đã thay đổi từ lúc ông/bà mở trang. Ông/bà xem lại danh sách mới dưới đây rồi xác nhận lại; "
            "chưa có hạn nào bị đổi."
        )
        self.moves = moves


def calendar_moves(session: Session, actor: Actor) -> CalendarMoves:
    """Return what the calendar of today would move at the actor's units; only what a change can have reached is counted."""
    mine = actor.units(Permission.UNITS_MANAGE)
    waiting = _families_touched(session, mine)
    families = [move for case in waiting if (move := _family_move(session, case)) is not None]
    promises = deadlines.moves_by_calendar(session, mine)
    return CalendarMoves(
        promises.moves, tuple(families), promises.counted, {case.id: case.version for case in waiting}
    )


def _families_touched(session: Session, unit_ids: Collection[int]) -> Sequence[Case]:
    """Return the families that have not come and whose last day a change of the calendar can have moved."""
    waiting = (
        Case.current_unit_id.in_(unit_ids),
        Case.received_at.is_(None),
        Case.citizen_due_on.is_not(None),
        Case.state.not_in([state.value for state in ENDED]),
    )
    oldest = session.scalar(select(func.min(Case.citizen_counted_by)).where(*waiting))
    changes = deadlines.changed_since(session, oldest) if oldest is not None else []
    if not changes:
        return []
    calendar = deadlines.calendar(session)
    reached = [
        and_(
            Case.citizen_counted_by < change.id,
            Case.citizen_due_on.between(change.first_day, last_due_day_touched(change.last_day, calendar)),
        )
        for change in changes
    ]
    return session.scalars(select(Case).where(*waiting, or_(*reached)).order_by(Case.id)).all()


def _family_move(session: Session, case: Case) -> FamilyMove | None:
    rule, event_on = rules_of(session, case).citizen_deadline, event_of(case).as_date()
    due = citizen_due(rule, event_on, clock.today(), deadlines.calendar(session))
    if due is None or case.citizen_due_on is None or due.due_on == case.citizen_due_on:
        return None
    return FamilyMove(case.id, case.current_unit_id, case.citizen_due_on, due.due_on)


def move_promises(session: Session, actor: Actor, *, expected: str) -> CalendarMoves:
    """Move every promise of the confirmed list, and write into each case what moved; return the list.

    Raises:
        MovesChanged: when the list is no longer the one that was shown; nothing is moved.
    """
    actor.require(Permission.UNITS_MANAGE)
    seen = calendar_moves(session, actor)
    case_ids = sorted({*(move.case_id for move in seen.promises), *(move.case_id for move in seen.families)})
    cases = {case.id: case for case in _hold(session, case_ids)}
    moves = calendar_moves(session, actor)
    if moves.expected != expected:
        raise MovesChanged(moves)
    for family in moves.families:
        cases[family.case_id].citizen_due_on = family.after
    deadlines.move_by_calendar(session, [move.case_id for move in moves.promises], clock.now())
    _note_counted(session, moves)
    of_case: dict[UUID, list[DueMove]] = {case_id: [] for case_id in case_ids}
    for move in moves.promises:
        of_case[move.case_id].append(move)
    _settle(session, cases, of_case)
    note_audit_of_many(session, actor, list(cases.values()), "case.dates_moved")
    return moves


def _note_counted(session: Session, moves: CalendarMoves) -> None:
    """Remember what was counted by today's calendar, whether it moved or not.

    What somebody holds, or changed since it was counted, waits for the next time.
    """
    deadlines.note_counted(session, moves.promises_counted)
    seen = func.unnest(
        many_ids(moves.families_counted), cast(list(moves.families_counted.values()), ARRAY(Integer))
    )
    as_counted = seen.table_valued("id", "version").render_derived("as_counted")
    free = select(Case.id).join(
        as_counted, and_(as_counted.c.id == Case.id, as_counted.c.version == Case.version)
    )
    session.execute(
        update(Case)
        .where(Case.id.in_(free.with_for_update(of=Case, skip_locked=True)))
        .values(citizen_counted_by=deadlines.newest_change(session))
        .execution_options(synchronize_session=False)
    )


def _hold(session: Session, case_ids: Sequence[UUID]) -> Sequence[Case]:
    return session.scalars(
        select(Case)
        .where(Case.id == any_(many_ids(case_ids)))
        .order_by(Case.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _settle(session: Session, cases: Mapping[UUID, Case], moves: Mapping[UUID, Sequence[DueMove]]) -> None:
    """Bring the days that the cases themselves show in line with their promises."""
    moved = []
    for case_id, of_case in moves.items():
        case = cases[case_id]
        case.version += 1
        for move in of_case:
            if move.kind == "call":
                case.call_by = move.after
        if any(move.kind != "call" for move in of_case):
            moved.append(case)
    show_promised_days_of(session, moved)
