"""Việc phải làm: the database row is the truth, Celery only the muscle (ADR 0006).

A job is unique by (kind, subject, ordinal). The dispatcher leases waiting rows and sends their ids; a task
notes its try (`begin`), then claims its row with `FOR UPDATE SKIP LOCKED`, does the effect and marks it done
in ONE commit. What a dead worker leaves behind becomes due again when its lease ends. After `MAX_ATTEMPTS`
tries a job is parked under a named state for a person to look at. A try is counted where it begins and never
where a message is sent: a long queue or a lost broker uses up nobody's tries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, case, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from civreg.shared import clock
from civreg.shared.database import Base, new_id

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 5


class Job(Base):
    """One piece of work: waiting, done or parked."""

    __tablename__ = "job"
    __table_args__ = (
        UniqueConstraint("kind", "subject_id", "ordinal"),
        CheckConstraint("state IN ('waiting', 'done', 'parked')", name="state"),
        Index("ix_job_waiting", "lease_until", "id", postgresql_where="state = 'waiting'"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    subject_id: Mapped[UUID]
    ordinal: Mapped[int]
    payload: Mapped[dict[str, Any]]
    state: Mapped[str]
    attempts: Mapped[int]
    created_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    last_error: Mapped[str | None]


@dataclass(frozen=True)
class Claimed:
    """A job that this transaction holds alone until it ends."""

    id: UUID
    kind: str
    subject_id: UUID
    ordinal: int
    payload: dict[str, Any]
    attempts: int = 1


@dataclass(frozen=True)
class JobRow:
    """A job as a list shows it."""

    id: UUID
    kind: str
    subject_id: UUID
    state: str
    attempts: int
    created_at: datetime
    last_error: str | None


def enqueue(
    session: Session, kind: str, subject_id: UUID, *, ordinal: int = 1, payload: dict[str, Any] | None = None
) -> None:
    """Write down work once; the same (kind, subject, ordinal) again changes nothing."""
    statement = insert(Job).values(
        id=new_id(),
        kind=kind,
        subject_id=subject_id,
        ordinal=ordinal,
        payload=payload or {},
        state="waiting",
        attempts=0,
        created_at=clock.now(),
    )
    session.execute(statement.on_conflict_do_nothing())


def lease(session: Session, limit: int = 100, in_flight: int | None = None) -> Sequence[tuple[UUID, str]]:
    """Take waiting jobs whose lease has ended, for a minute; return (id, kind) for sending.

    Args:
        session: the dispatcher's transaction.
        limit: most jobs taken at once.
        in_flight: most jobs leased at a time; without it a long queue would be sent faster than it is done, and
            again at the end of each lease.
    """
    now = func.clock_timestamp()
    if in_flight is not None:
        out = select(func.count()).where(Job.state == "waiting", Job.lease_until >= now)
        limit = max(0, min(limit, in_flight - (session.scalar(out) or 0)))
    free = or_(Job.lease_until.is_(None), Job.lease_until < now)
    rows = session.scalars(
        select(Job)
        .where(Job.state == "waiting", free)
        .order_by(Job.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    taken: list[tuple[UUID, str]] = []
    for job in rows:
        job.lease_until = clock.now() + LEASE
        taken.append((job.id, job.kind))
    return taken


def give_back(session: Session, job_ids: Sequence[UUID]) -> None:
    """Undo a lease whose message could not be sent; the next turn may take it at once."""
    session.execute(update(Job).where(Job.id.in_(job_ids), Job.state == "waiting").values(lease_until=None))


def begin(session: Session, job_id: UUID) -> bool:
    """Count a try in a transaction of its own, before anything can go wrong; return whether to go on.

    A try that kills its process has been counted all the same. After `MAX_ATTEMPTS` of them the job is parked.
    The commit need not wait for the disk: a count lost with the server does no harm.
    """
    session.execute(text("SET LOCAL synchronous_commit = off"))
    job = session.scalars(
        select(Job).where(Job.id == job_id, Job.state == "waiting").with_for_update(skip_locked=True)
    ).first()
    if job is None:
        return False
    if job.attempts >= MAX_ATTEMPTS:
        job.state = "parked"
        return False
    job.attempts += 1
    job.lease_until = clock.now() + LEASE
    return True


def claim(session: Session, job_id: UUID) -> Claimed | None:
    """Hold the job until this transaction ends; None when it is done, or another worker holds it."""
    job = session.scalars(
        select(Job).where(Job.id == job_id, Job.state == "waiting").with_for_update(skip_locked=True)
    ).first()
    if job is None:
        return None
    return Claimed(job.id, job.kind, job.subject_id, job.ordinal, job.payload, job.attempts)


def finish(session: Session, job_id: UUID) -> None:
    """Mark the job done, in the same transaction as its effect."""
    session.execute(
        update(Job)
        .where(Job.id == job_id)
        .values(state="done", done_at=clock.now(), lease_until=None, last_error=None)
    )


def note_failure(session: Session, job_id: UUID, error: str, *, counted: bool = True) -> None:
    """Keep the class of the last error (never its text: it may hold personal data); park after the last try.

    Args:
        session: a transaction of its own.
        job_id: the job that failed.
        error: class of the error.
        counted: False gives the try back: the machine was at fault (a full disk), and the job waits until it is well.
    """
    ended = case((Job.attempts >= MAX_ATTEMPTS, "parked"), else_="waiting") if counted else "waiting"
    session.execute(
        update(Job)
        .where(Job.id == job_id, Job.state == "waiting")
        .values(last_error=error[:200], state=ended, attempts=Job.attempts - (0 if counted else 1))
    )


def retry(session: Session, job_id: UUID) -> None:
    """Give a parked job another round of attempts (a person's decision)."""
    session.execute(
        update(Job)
        .where(Job.id == job_id, Job.state == "parked")
        .values(state="waiting", attempts=0, lease_until=None)
    )


def parked(session: Session, limit: int = 50) -> list[JobRow]:
    """Return the jobs that wait for a person, oldest first."""
    rows = session.scalars(select(Job).where(Job.state == "parked").order_by(Job.id).limit(limit))
    return [JobRow(j.id, j.kind, j.subject_id, j.state, j.attempts, j.created_at, j.last_error) for j in rows]


def oldest_undone(session: Session) -> datetime | None:
    """Return when the oldest job was made that is neither done nor parked: waiting, out at a worker, or tried again."""
    return session.scalar(select(func.min(Job.created_at)).where(Job.state == "waiting"))


def count_by_state(session: Session) -> dict[str, int]:
    """Return how many jobs wait and how many are parked."""
    rows = session.execute(select(Job.state, func.count()).where(Job.state != "done").group_by(Job.state))
    return {row[0]: row[1] for row in rows}
