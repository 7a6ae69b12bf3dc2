"""Rà hạn: give every reminder, breach and escalation that has come due, each once for one due day.

The database decides, not the sweep: rows are taken `FOR UPDATE SKIP LOCKED`, and the unique key of a notice
makes a second sweep, or a repeated one, add nothing. A portion costs the same few statements whether it holds one
deadline or a thousand, because the first sweep after an outage meets thousands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Row, any_, func, select, text
from sqlalchemy.orm import Session

from civreg.deadlines.models import Deadline, DeadlineNotice, DeadlineSegment
from civreg.deadlines.queries import calendar, notice_rules
from civreg.deadlines.rules import Calendar
from civreg.deadlines.rules.notices import (
    FOR_ROLE,
    USUAL,
    NoticeKind,
    NoticeRuleRow,
    next_notice,
    notice_times,
)
from civreg.shared import clock, outbox
from civreg.shared.database import many_ids, new_id

_Row: TypeAlias = Row[*tuple[Any, ...]]

POSTPONED_BY = timedelta(minutes=15)
"""How long a deadline that cannot be handled steps aside, so that it does not hold up the others."""


@dataclass(frozen=True)
class SweepReport:
    """What one sweep gave; `postponed` counts deadlines that could not be handled and need a look."""

    reminders: int
    overdue: int
    escalations: int
    postponed: int = 0
    due_today: int = 0
    looked_at: int = field(default=0, compare=False)

    @property
    def given(self) -> int:
        """How many notices are new."""
        return self.reminders + self.due_today + self.overdue + self.escalations


@dataclass(frozen=True, slots=True)
class _Plan:
    """What one deadline gets now, in order, and when to look at it again."""

    deadline: _Row
    kinds: tuple[NoticeKind, ...]
    look_again_at: datetime | None


def sweep(session: Session, limit: int = 200) -> SweepReport:
    """Give what has come due by now for up to `limit` deadlines, and set when to look at each again.

    A breach is also published as `deadline.breached`. What another sweep holds is left to it.
    """
    now = clock.now()
    deadlines = session.execute(
        select(
            Deadline.id,
            Deadline.case_id,
            Deadline.unit_id,
            Deadline.kind,
            Deadline.procedure,
            Deadline.starts_at,
            Deadline.due_on,
            Deadline.due_at,
        )
        .where(Deadline.state == "open", Deadline.next_notice_at <= now)
        .order_by(Deadline.next_notice_at, Deadline.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    if not deadlines:
        return SweepReport(0, 0, 0)
    ids = [deadline.id for deadline in deadlines]
    known, given = _known_at(session, ids), _given(session, ids)
    working_days, rules = calendar(session), notice_rules(session)
    plans, postponed = [], 0
    for deadline in deadlines:
        try:
            rule = rules.get(deadline.procedure, USUAL)
            plans.append(_plan(deadline, known.get(deadline.id), given, working_days, rule, now))
        except ValueError:  # one broken row must not keep the others from being warned of
            plans.append(_Plan(deadline, (), now + POSTPONED_BY))
            postponed += 1
    new = _give(session, plans, now)
    _look_again(session, plans)
    counts = Counter(new)
    return SweepReport(
        counts["reminder"],
        counts["overdue"],
        counts["escalation"],
        postponed,
        counts["due_today"],
        looked_at=len(plans),
    )


def _known_at(session: Session, ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """Return when each deadline's day became known: its newest start or resumption."""
    rows = session.execute(
        select(DeadlineSegment.deadline_id, func.max(DeadlineSegment.at))
        .where(DeadlineSegment.deadline_id == any_(many_ids(ids)))
        .group_by(DeadlineSegment.deadline_id)
    )
    return {row[0]: row[1] for row in rows}


def _given(session: Session, ids: Sequence[UUID]) -> dict[tuple[UUID, date], set[str]]:
    """Return the notices that stand already, by deadline and due day."""
    found: dict[tuple[UUID, date], set[str]] = {}
    rows = session.execute(
        select(DeadlineNotice.deadline_id, DeadlineNotice.due_on, DeadlineNotice.kind).where(
            DeadlineNotice.deadline_id == any_(many_ids(ids))
        )
    )
    for deadline_id, due_on, kind in rows:
        found.setdefault((deadline_id, due_on), set()).add(kind)
    return found


def _plan(
    deadline: _Row,
    known_at: datetime | None,
    given: Mapping[tuple[UUID, date], Collection[str]],
    working_days: Calendar,
    rule: NoticeRuleRow,
    now: datetime,
) -> _Plan:
    """Return what one deadline gets, in the order in which it would have come.

    Raises:
        ValueError: for a row that waits for a notice although it has no due day.
    """
    if deadline.due_on is None:
        raise ValueError("a deadline without a day has no notices")
    known = known_at or deadline.starts_at
    times = notice_times(deadline.due_on, known, working_days, rule, late_from=deadline.due_at)
    done = set(given.get((deadline.id, deadline.due_on), ()))
    kinds: list[NoticeKind] = []
    while (coming := next_notice(times, done, now)) is not None and coming[1] <= now:
        kinds.append(coming[0])
        done.add(coming[0])
    return _Plan(deadline, tuple(kinds), coming[1] if coming else None)


def _give(session: Session, plans: Sequence[_Plan], now: datetime) -> list[NoticeKind]:
    """Write the notices that do not stand yet and tell of those that others act on; return what was new."""
    wanted = [(plan.deadline, kind) for plan in plans for kind in plan.kinds]
    if not wanted:
        return []
    columns = {
        "ids": [new_id() for _ in wanted],
        "deadlines": [deadline.id for deadline, _ in wanted],
        "cases": [deadline.case_id for deadline, _ in wanted],
        "units": [deadline.unit_id for deadline, _ in wanted],
        "kinds": [kind for _, kind in wanted],
        "days": [deadline.due_on for deadline, _ in wanted],
        "roles": [FOR_ROLE[kind] for _, kind in wanted],
        "now": now,
    }
    written = {(deadline_id, kind) for deadline_id, kind in session.execute(_WRITE, columns)}
    new = [(deadline, kind) for deadline, kind in wanted if (deadline.id, kind) in written]
    outbox.publish_all(session, "deadline.due_today", _told(new, "due_today"))
    outbox.publish_all(session, "deadline.breached", _told(new, "overdue"))
    return [kind for _, kind in new]


def _told(new: Sequence[tuple[_Row, NoticeKind]], kind: NoticeKind) -> list[tuple[UUID, dict[str, Any]]]:
    """Return case and payload of each notice of a kind, for those who act on it (the apology is drafted)."""
    return [
        (
            deadline.case_id,
            {
                "deadline_id": str(deadline.id),
                "unit_id": deadline.unit_id,
                "kind": deadline.kind,
                "day": deadline.due_on.isoformat(),
            },
        )
        for deadline, given in new
        if given == kind
    ]


def _look_again(session: Session, plans: Sequence[_Plan]) -> None:
    ids, moments = [plan.deadline.id for plan in plans], [plan.look_again_at for plan in plans]
    session.execute(_LOOK_AGAIN, {"ids": ids, "moments": moments})
    session.expire_all()  # rows loaded earlier in this transaction do not know


_WRITE = text("""
INSERT INTO deadline_notice (id, deadline_id, case_id, unit_id, kind, due_on, for_role, given_at)
SELECT id, deadline_id, case_id, unit_id, kind, due_on, for_role, :now
FROM unnest(CAST(:ids AS uuid[]), CAST(:deadlines AS uuid[]), CAST(:cases AS uuid[]), CAST(:units AS bigint[]),
            CAST(:kinds AS text[]), CAST(:days AS date[]), CAST(:roles AS text[]))
    AS wanted (id, deadline_id, case_id, unit_id, kind, due_on, for_role)
ON CONFLICT (deadline_id, kind, due_on) DO NOTHING
RETURNING deadline_id, kind
""")

_LOOK_AGAIN = text("""
UPDATE deadline SET next_notice_at = looked.at
FROM unnest(CAST(:ids AS uuid[]), CAST(:moments AS timestamptz[])) AS looked (id, at)
WHERE deadline.id = looked.id
""")
