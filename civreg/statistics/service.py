"""Ghi số liệu: one event becomes facts and counts in one commit; and the fold can be made again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from civreg.procedures.catalogue import version_by_id
from civreg.shared import clock
from civreg.shared.errors import Refusal
from civreg.statistics.models import DailyCount, Fact
from civreg.statistics.rules import CASE_LINES, Step, steps_of

_Where = tuple[int, date, str, str]


@dataclass(frozen=True)
class Difference:
    """A daily count that was not the sum of its facts.

    Attributes:
        stored: what the count said.
        folded: what the facts add up to.
    """

    unit_id: int
    day: date
    procedure: str
    line: str
    stored: int
    folded: int


def fold_event(
    session: Session, source: int, topic: str, subject_id: UUID, payload: Mapping[str, Any]
) -> int:
    """Write the facts of one outbox row and add them to the daily counts; return how many were new.

    The same row again (a repeated task) adds nothing: only a fact that was really inserted is counted.

    Args:
        session: the job's transaction.
        source: number of the outbox row.
        topic: what happened.
        subject_id: the case, or the letter (whose case stands in the payload).
        payload: unit_id, procedure, version, day (ISO) and what the topic adds.
    """
    written = 0
    for step in steps_of(topic, payload, _reported(payload.get("version", ""))):
        if _insert_fact(session, source, step, subject_id, payload):
            _add_to_count(session, step, payload)
            written += 1
    return written


def _reported(version_id: str) -> Collection[str]:
    """Return the lines a case of a version counts on; all of them when the catalogue does not have it (any more)."""
    try:
        return version_by_id(version_id).report_lines
    except Refusal:
        return CASE_LINES


def _insert_fact(
    session: Session, source: int, step: Step, subject_id: UUID, payload: Mapping[str, Any]
) -> bool:
    statement = (
        insert(Fact)
        .values(
            source=source,
            unit_id=payload["unit_id"],
            day=date.fromisoformat(payload["day"]),
            procedure=payload["procedure"],
            line=step.line.value,
            delta=step.delta,
            case_id=UUID(str(payload.get("case_id") or subject_id)),
            subject_id=subject_id,
            written_at=clock.now(),
        )
        .on_conflict_do_nothing()
        .returning(Fact.id)
    )
    return session.execute(statement).first() is not None


def _add_to_count(session: Session, step: Step, payload: Mapping[str, Any]) -> None:
    statement = insert(DailyCount).values(
        unit_id=payload["unit_id"],
        day=date.fromisoformat(payload["day"]),
        procedure=payload["procedure"],
        line=step.line.value,
        count=step.delta,
    )
    key = (DailyCount.unit_id, DailyCount.day, DailyCount.procedure, DailyCount.line)
    session.execute(
        statement.on_conflict_do_update(index_elements=key, set_={"count": DailyCount.count + step.delta})
    )


def rebuild(session: Session) -> list[Difference]:
    """Fold all facts again, put the counts right, and return what was not; an empty list is the normal answer.

    Folding waits meanwhile, so that no event falls between the sum and the count.
    """
    session.execute(text("LOCK TABLE daily_count IN SHARE ROW EXCLUSIVE MODE"))
    key = (Fact.unit_id, Fact.day, Fact.procedure, Fact.line)
    sums = session.execute(select(*key, func.sum(Fact.delta)).group_by(*key))
    folded: dict[_Where, int] = {(row[0], row[1], row[2], row[3]): int(row[4]) for row in sums}
    counts = session.scalars(select(DailyCount).execution_options(populate_existing=True))
    stored: dict[_Where, int] = {(row.unit_id, row.day, row.procedure, row.line): row.count for row in counts}
    differences = [
        Difference(*where, stored.get(where, 0), folded.get(where, 0))
        for where in sorted({*folded, *stored})
        if stored.get(where, 0) != folded.get(where, 0)
    ]
    for found in differences:
        row = insert(DailyCount).values(
            unit_id=found.unit_id,
            day=found.day,
            procedure=found.procedure,
            line=found.line,
            count=found.folded,
        )
        columns = (DailyCount.unit_id, DailyCount.day, DailyCount.procedure, DailyCount.line)
        session.execute(row.on_conflict_do_update(index_elements=columns, set_={"count": found.folded}))
    return differences
