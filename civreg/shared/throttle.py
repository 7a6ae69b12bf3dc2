"""Giới hạn số lần thử: failed tries are rows, so that losing Redis opens no door."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Identity, Index, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from civreg.shared import clock, crypto
from civreg.shared.database import Base


class FailedTry(Base):
    """One wrong guess of one kind under one (blinded) key."""

    __tablename__ = "failed_try"
    __table_args__ = (Index("ix_failed_try_key", "kind", "key", "at"),)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    kind: Mapped[str]
    key: Mapped[str]
    at: Mapped[datetime]


def count_failures(session: Session, kind: str, key: str, within: timedelta) -> int:
    """Return how many tries failed under this key within the time."""
    since = clock.now() - within
    blinded = crypto.blind(key, f"throttle.{kind}")
    found = select(func.count()).where(FailedTry.kind == kind, FailedTry.key == blinded, FailedTry.at > since)
    return session.scalar(found) or 0


def note_failure(session: Session, kind: str, key: str) -> None:
    """Write one failed try down; the caller commits it even though it refuses."""
    session.add(FailedTry(kind=kind, key=crypto.blind(key, f"throttle.{kind}"), at=clock.now()))


def forget_failures(session: Session, kind: str, key: str) -> None:
    """Forget the failures of a key after a right try."""
    session.execute(
        delete(FailedTry).where(
            FailedTry.kind == kind, FailedTry.key == crypto.blind(key, f"throttle.{kind}")
        )
    )


def forget_old(session: Session, older_than: timedelta) -> None:
    """Drop failures older than the longest limit."""
    session.execute(delete(FailedTry).where(FailedTry.at < clock.now() - older_than))
