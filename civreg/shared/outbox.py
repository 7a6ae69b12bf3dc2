"""Hộp thư đi: what happened, written in the same transaction as its cause.

`publish` writes a row; the relay (a worker's tick) turns each row into one job per listener, in one
commit. Nothing is sent to the broker inside a web request. Payloads hold ids only, never personal data.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Identity, Index, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from civreg.shared import clock, jobs
from civreg.shared.database import Base


class OutboxRow(Base):
    """One thing that happened to one subject (topic in the past tense, as `case.registered`)."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_waiting", "id", postgresql_where="relayed_at IS NULL"),)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    topic: Mapped[str]
    subject_id: Mapped[UUID]
    payload: Mapped[dict[str, Any]]
    happened_at: Mapped[datetime]
    relayed_at: Mapped[datetime | None]


def publish_all(session: Session, topic: str, happened: Iterable[tuple[UUID, dict[str, Any]]]) -> None:
    """Write down what happened to many subjects at once, in one statement; see `publish`."""
    rows = list(happened)
    if rows:
        columns = {
            "topic": topic,
            "subjects": [subject_id for subject_id, _ in rows],
            "payloads": [json.dumps(payload | _cause()) for _, payload in rows],
            "now": clock.now(),
        }
        session.execute(_PUBLISH_ALL, columns)


_PUBLISH_ALL = text("""
INSERT INTO outbox (topic, subject_id, payload, happened_at)
SELECT :topic, subject_id, CAST(payload AS jsonb), :now
FROM unnest(CAST(:subjects AS uuid[]), CAST(:payloads AS text[])) WITH ORDINALITY
    AS happened (subject_id, payload, place)
ORDER BY place
""")


def publish(session: Session, topic: str, subject_id: UUID, **payload: Any) -> None:
    """Write down that something happened; `payload` holds ids, codes and days only.

    The id of the web request it happened in goes along, so that the log of the work names what caused it.
    """
    session.add(
        OutboxRow(
            topic=topic,
            subject_id=subject_id,
            payload=payload | _cause(),
            happened_at=clock.now(),
            relayed_at=None,
        )
    )


def _cause() -> dict[str, str]:
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    return {"request_id": request_id} if request_id else {}


def relay(session: Session, listeners: Mapping[str, Sequence[str]], limit: int = 200) -> int:
    """Turn waiting rows into jobs, one per listener of the topic; return how many rows were relayed.

    The job's ordinal is the row's id, so that relaying twice makes no second job.
    """
    rows = session.scalars(
        select(OutboxRow)
        .where(OutboxRow.relayed_at.is_(None))
        .order_by(OutboxRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        for kind in listeners.get(row.topic, ()):
            payload = {**row.payload, "topic": row.topic, "happened_at": row.happened_at.isoformat()}
            jobs.enqueue(session, kind, row.subject_id, ordinal=row.id, payload=payload)
        row.relayed_at = clock.now()
    return len(rows)


def oldest_waiting(session: Session) -> datetime | None:
    """Return when the oldest row that waits for the relay happened."""
    return session.scalar(
        select(OutboxRow.happened_at).where(OutboxRow.relayed_at.is_(None)).order_by(OutboxRow.id).limit(1)
    )
