"""Lời hẹn: open a deadline, stop and restart its clock, meet or cancel it.

Called by the services of cases inside their transaction, after the case is locked; what happened is told by the
case's own history, so nothing here is audited a second time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import any_, func, select, update
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor
from civreg.deadlines.models import Deadline, DeadlineNotice, DeadlineSegment
from civreg.deadlines.queries import Kind, SegmentRow, calendar, newest_change, notice_rules, segments_of
from civreg.deadlines.rules import Calendar, Due, Pause, Reason, reason_from_json
from civreg.deadlines.rules.notices import USUAL, first_late_moment, next_notice, notice_times
from civreg.deadlines.rules.resuming import due_after_pauses, waits_for_part
from civreg.deadlines.rules.terms import last_moment
from civreg.shared import clock
from civreg.shared.database import many_ids, new_id
from civreg.shared.errors import NotFound

PAPERS, OUTSIDE = "papers_requested", "outside_body"
"""What a stopped clock waits for: papers of the family, or another body's answer."""


def open_deadline(
    session: Session,
    *,
    case_id: UUID,
    subject_id: UUID,
    kind: Kind,
    unit_id: int,
    starts_at: datetime,
    due: Due,
    ordinal: int = 1,
    procedure: str = "",
) -> UUID:
    """Write a promise down (mở hạn) with its reasons and start its clock; the same promise again changes nothing.

    Args:
        session: the open transaction.
        case_id: the case it belongs to.
        subject_id: the case for a call or a whole bundle, the part for a result.
        kind: what is promised.
        unit_id: who keeps the promise.
        starts_at: when the clock starts (`requested_at`, `received_at`).
        due: the day and its reasons; without a day nobody is reminded.
        ordinal: counts promises of the same kind, as a second call after nobody was home.
        procedure: whose notice rule it follows; the usual one when empty.
    """
    known = session.scalar(
        select(Deadline.id).where(
            Deadline.subject_id == subject_id, Deadline.kind == kind, Deadline.ordinal == ordinal
        )
    )
    if known is not None:
        return known
    deadline = Deadline(
        id=new_id(),
        case_id=case_id,
        subject_id=subject_id,
        kind=kind,
        ordinal=ordinal,
        unit_id=unit_id,
        procedure=procedure,
        starts_at=starts_at,
        due_on=None,
        due_at=None,
        reasons=[],
        state="open",
        met_at=None,
        next_notice_at=None,
        counted_by=0,
    )
    session.add(deadline)
    session.flush()
    _add_segment(session, deadline, "start", starts_at, "")
    set_due(session, deadline, due, starts_at)
    session.flush()
    return deadline.id


def promise_another_call(
    session: Session, *, case_id: UUID, unit_id: int, starts_at: datetime, due: Due, procedure: str = ""
) -> UUID:
    """Promise the family one more call (gọi lại), after nobody was home or a booking was lost."""
    so_far = session.scalar(
        select(func.count())
        .select_from(Deadline)
        .where(Deadline.subject_id == case_id, Deadline.kind == "call")
    )
    return open_deadline(
        session,
        case_id=case_id,
        subject_id=case_id,
        kind="call",
        unit_id=unit_id,
        starts_at=starts_at,
        due=due,
        ordinal=(so_far or 0) + 1,
        procedure=procedure,
    )


def meet_deadline(session: Session, subject_id: UUID, kind: Kind, met_at: datetime) -> bool | None:
    """Close the open promise (đã làm xong) at that moment; return whether it was kept in time.

    None when there was nothing open, or the promise had no day.
    """
    deadlines = _open(session, Deadline.subject_id == subject_id, Deadline.kind == kind)
    on_time: bool | None = None
    for deadline in deadlines:
        deadline.state, deadline.met_at, deadline.next_notice_at = "met", met_at, None
        if deadline.due_at is not None:
            on_time = met_at < deadline.due_at and on_time is not False
    session.flush()
    return on_time


def cancel_deadlines(session: Session, case_id: UUID) -> None:
    """Drop every open promise of a case that ended another way (rút, từ chối, chuyển đơn vị)."""
    for deadline in _open(session, Deadline.case_id == case_id):
        deadline.state, deadline.next_notice_at = "cancelled", None
    session.flush()


def cancel_deadline(session: Session, subject_id: UUID, kind: Kind) -> None:
    """Drop the open promise of one subject."""
    for deadline in _open(session, Deadline.subject_id == subject_id, Deadline.kind == kind):
        deadline.state, deadline.next_notice_at = "cancelled", None
    session.flush()


def pause(
    session: Session, case_id: UUID, at: datetime, reason: str, *, subject_id: UUID | None = None
) -> None:
    """Stop the clocks of the case's results (tạm dừng), or of one of them; a promise to call goes on.

    `reason` is `PAPERS` while the family brings papers, `OUTSIDE` while another body has to answer. Until `resume` there
    is no due day and nobody is reminded. Stopping twice changes nothing.
    """
    _switch_clocks(session, case_id, "pause", at, reason, subject_id)


def resume(
    session: Session, case_id: UUID, at: datetime, reason: str = "", *, subject_id: UUID | None = None
) -> dict[UUID, date | None]:
    """Start the stopped clocks again (chạy tiếp); return the new due day of each subject.

    A promise that was not stopped is left as it is and is not in the answer.
    """
    return _switch_clocks(session, case_id, "resume", at, reason, subject_id)


def change_due(session: Session, subject_id: UUID, kind: Kind, due: Due, at: datetime) -> None:
    """Give the open promise another day (hẹn lại, or counted again after the calendar was completed).

    The new day gets its own notices; those of the old day stay as they were given. Where the clock stands still it has
    no day until it goes on.
    """
    for deadline in _open(session, Deadline.subject_id == subject_id, Deadline.kind == kind):
        pauses = pauses_of(segments_of(session, [deadline.id]).get(deadline.id, ()))
        if any(pause.resumed_at is None for pause in pauses):
            due = due_after_pauses(deadline.starts_at, due.reasons, pauses, calendar(session))
        set_due(session, deadline, due, at)
    session.flush()


def hand_deadlines_to(session: Session, case_id: UUID, unit_id: int) -> None:
    """Let the case's new unit keep its open promises (sáp nhập đơn vị); days stay as promised."""
    for deadline in _open(session, Deadline.case_id == case_id):
        deadline.unit_id = unit_id
    session.execute(
        update(DeadlineNotice)
        .where(DeadlineNotice.case_id == case_id, DeadlineNotice.seen_at.is_(None))
        .values(unit_id=unit_id)
    )
    session.flush()


def mark_notice_seen(session: Session, actor: Actor, notice_id: UUID) -> None:
    """Note that somebody the notice is for has seen it (đã xem); seen twice keeps the first reader.

    Raises:
        NotFound: no such notice, or not for a role the actor holds at that unit.
    """
    notice = session.get(DeadlineNotice, notice_id, with_for_update=True)
    theirs = notice is not None and any(
        grant.role.value == notice.for_role and notice.unit_id in grant.covers for grant in actor.grants
    )
    if notice is None or not theirs:
        raise NotFound("Không tìm thấy lời nhắc này. Ông/bà tải lại bàn làm việc.")
    if notice.seen_at is None:
        notice.seen_at, notice.seen_by = clock.now(), actor.user_id
        session.flush()


def _open(session: Session, *conditions: object) -> Sequence[Deadline]:
    """Load open deadlines and hold them; always in the order of ids, so that two services never wait crosswise."""
    return session.scalars(
        select(Deadline)
        .where(Deadline.state == "open", *conditions)  # type: ignore[arg-type]
        .order_by(Deadline.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _switch_clocks(
    session: Session,
    case_id: UUID,
    to: Literal["pause", "resume"],
    at: datetime,
    reason: str,
    subject_id: UUID | None,
) -> dict[UUID, date | None]:
    session.flush()
    which = [Deadline.case_id == case_id, Deadline.kind.in_(("part", "whole"))]
    deadlines = _open(session, *which, *([Deadline.subject_id == subject_id] if subject_id else []))
    segments = segments_of(session, [deadline.id for deadline in deadlines])
    working_days = calendar(session)
    counted: dict[UUID, date | None] = {}
    moved: dict[tuple[date, datetime], Due] = {}
    for deadline in sorted(deadlines, key=_waits_for_another):
        so_far = segments.get(deadline.id, ())
        is_paused = bool(so_far) and so_far[-1].kind == "pause"
        if is_paused == (to == "pause"):
            continue
        stored = [reason_from_json(one) for one in deadline.reasons]
        before = _due_before(deadline, stored, so_far, working_days)
        _add_segment(session, deadline, to, at, reason)
        pauses = pauses_of((*so_far, SegmentRow(to, at, reason)))
        due = due_after_pauses(deadline.starts_at, stored, pauses, working_days, moved)
        set_due(session, deadline, due, at)
        counted[deadline.subject_id] = due.due_on
        if before.due_on is not None:
            moved[before.due_on, last_moment(before.due_on, before.due_at)] = due
    session.flush()
    return counted


def _waits_for_another(deadline: Deadline) -> bool:
    return waits_for_part([reason_from_json(one) for one in deadline.reasons])


def _due_before(
    deadline: Deadline, stored: Sequence[Reason], so_far: Sequence[SegmentRow], working_days: Calendar
) -> Due:
    """Return the day and hour that stand, or stood before the open pause: the later parts still name them as their start."""
    if deadline.due_on is not None:
        in_hours = deadline.due_at != last_moment(deadline.due_on, None)
        return Due(deadline.due_on, (), deadline.due_at if in_hours else None)
    ended = [pause for pause in pauses_of(so_far) if pause.resumed_at]
    return due_after_pauses(deadline.starts_at, stored, ended, working_days)


def pauses_of(segments: Sequence[SegmentRow]) -> list[Pause]:
    """Return the pauses of a deadline from its segments; the last may be open."""
    found: list[Pause] = []
    for segment in segments:
        if segment.kind == "pause":
            found.append(Pause(segment.at, outside=segment.reason == OUTSIDE))
        elif segment.kind == "resume" and found:
            found[-1] = replace(found[-1], resumed_at=segment.at)
    return found


def _add_segment(session: Session, deadline: Deadline, kind: str, at: datetime, reason: str) -> None:
    session.add(DeadlineSegment(id=new_id(), deadline_id=deadline.id, kind=kind, at=at, reason=reason))


def set_due(session: Session, deadline: Deadline, due: Due, known_at: datetime) -> None:
    """Store the day, its reasons, and when the sweep looks at it first."""
    set_dues(session, [(deadline, due)], known_at)


def set_dues(session: Session, dues: Sequence[tuple[Deadline, Due]], known_at: datetime) -> None:
    """Store the days of many promises, see `set_due`; what was given of them is read at once."""
    change, rules, working_days = newest_change(session), notice_rules(session), calendar(session)
    given = _given(session, [deadline.id for deadline, due in dues if due.due_on is not None])
    for deadline, due in dues:
        deadline.due_on, deadline.counted_by = due.due_on, change
        deadline.reasons = [reason.as_json() for reason in due.reasons]
        if due.due_on is None:
            deadline.due_at = deadline.next_notice_at = None
            continue
        deadline.due_at = first_late_moment(due)
        rule = rules.get(deadline.procedure, USUAL)
        times = notice_times(due.due_on, known_at, working_days, rule, late_from=deadline.due_at)
        coming = next_notice(times, given.get((deadline.id, due.due_on), ()), known_at)
        deadline.next_notice_at = coming[1] if coming else None


def _given(session: Session, deadline_ids: Sequence[UUID]) -> dict[tuple[UUID, date], list[str]]:
    """Return (promise, day) → the notices already given of it."""
    if not deadline_ids:
        return {}
    rows = session.execute(
        select(DeadlineNotice.deadline_id, DeadlineNotice.due_on, DeadlineNotice.kind).where(
            DeadlineNotice.deadline_id == any_(many_ids(deadline_ids))
        )
    )
    found: dict[tuple[UUID, date], list[str]] = {}
    for deadline_id, due_on, kind in rows:
        found.setdefault((deadline_id, due_on), []).append(kind)
    return found
