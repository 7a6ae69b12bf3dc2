"""Rà hạn: give every reminder, breach and escalation that has come due, each once for one due day.

The database decides, not the sweep: rows are taken `FOR UPDATE SKIP LOCKED`, and the unique key of a notice
makes a second sweep, or a repeated one, add nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from civreg.deadlines.models import Deadline, DeadlineNotice
from civreg.deadlines.queries import SegmentRow, calendar, segments_of
from civreg.deadlines.rules import Calendar
from civreg.deadlines.rules.notices import FOR_ROLE, NoticeKind, next_notice, notice_times
from civreg.shared import clock, outbox
from civreg.shared.database import new_id

POSTPONED_BY = timedelta(minutes=15)
"""How long a deadline that cannot be handled steps aside, so that it does not hold up the others."""


@dataclass(frozen=True)
class SweepReport:
    """What one sweep gave; `postponed` counts deadlines that could not be handled and need a look."""

    reminders: int
    overdue: int
    escalations: int
    postponed: int = 0


def sweep(session: Session, limit: int = 200) -> SweepReport:
    """Give what has come due by now for up to `limit` deadlines, and set when to look at each again.

    A breach is also published as `deadline.breached`. What another sweep holds is left to it.
    """
    now = clock.now()
    deadlines = session.scalars(
        select(Deadline)
        .where(Deadline.state == "open", Deadline.next_notice_at <= now)
        .order_by(Deadline.next_notice_at, Deadline.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    if not deadlines:
        return SweepReport(0, 0, 0)
    working_days = calendar(session)
    segments = segments_of(session, [deadline.id for deadline in deadlines])
    given: Counter[str] = Counter()
    for deadline in deadlines:
        try:
            with session.begin_nested():
                kinds = _give_what_is_due(session, deadline, segments.get(deadline.id, ()), working_days, now)
                given.update(kinds)
        except Exception:  # one broken row must not keep the others from being warned of
            deadline.next_notice_at = now + POSTPONED_BY
            session.flush()
            given["postponed"] += 1
    return SweepReport(given["reminder"], given["overdue"], given["escalation"], given["postponed"])


def _give_what_is_due(
    session: Session,
    deadline: Deadline,
    segments: Sequence[SegmentRow],
    working_days: Calendar,
    now: datetime,
) -> list[NoticeKind]:
    """Give one deadline's notices in their order; return those that were new.

    Raises:
        ValueError: for a row that waits for a notice although it has no due day.
    """
    if deadline.due_on is None:
        raise ValueError("a deadline without a day has no notices")
    known_at = segments[-1].at if segments else deadline.starts_at
    times = notice_times(deadline.due_on, known_at, working_days)
    given: set[str] = set(
        session.scalars(
            select(DeadlineNotice.kind).where(
                DeadlineNotice.deadline_id == deadline.id, DeadlineNotice.due_on == deadline.due_on
            )
        )
    )
    new: list[NoticeKind] = []
    coming = next_notice(times, given, now)
    while coming is not None and coming[1] <= now:
        kind = coming[0]
        if _give(session, deadline, kind, now):
            new.append(kind)
        given.add(kind)
        coming = next_notice(times, given, now)
    deadline.next_notice_at = coming[1] if coming else None
    session.flush()
    return new


def _give(session: Session, deadline: Deadline, kind: NoticeKind, now: datetime) -> bool:
    """Write one notice unless it stands already; tell the world of a breach."""
    written = session.scalar(
        insert(DeadlineNotice)
        .values(
            id=new_id(),
            deadline_id=deadline.id,
            case_id=deadline.case_id,
            unit_id=deadline.unit_id,
            kind=kind,
            due_on=deadline.due_on,
            for_role=FOR_ROLE[kind],
            given_at=now,
        )
        .on_conflict_do_nothing(index_elements=["deadline_id", "kind", "due_on"])
        .returning(DeadlineNotice.id)
    )
    if written is None:
        return False
    if kind == "overdue" and deadline.due_on is not None:
        outbox.publish(
            session,
            "deadline.breached",
            deadline.case_id,
            deadline_id=str(deadline.id),
            unit_id=deadline.unit_id,
            kind=deadline.kind,
            day=deadline.due_on.isoformat(),
        )
    return True
