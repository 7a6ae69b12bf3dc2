"""Nhật ký: who changed what, append-only, in a hash chain per unit; and who read personal data.

A row holds codes, ids and names of fields, never their values. The chain's head row is locked last
(lock order: case → counts → counter → audit). Reads go to a second log without a chain, because a page
view must not queue behind it. The application's database role may insert and read, nothing else; a
trigger refuses UPDATE, DELETE and TRUNCATE to everybody (ADR 0007).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Identity, Index, UniqueConstraint, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from civreg.shared import clock
from civreg.shared.database import Base

SYSTEM_CHAIN = 0
"""The chain of what belongs to no unit."""


class AuditRow(Base):
    """One change, chained to the one before it in the same unit."""

    __tablename__ = "audit"
    __table_args__ = (
        UniqueConstraint("chain", "seq"),
        Index("ix_audit_subject", "subject_id", "seq"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    chain: Mapped[int]
    seq: Mapped[int]
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None]
    action: Mapped[str]
    subject_type: Mapped[str]
    subject_id: Mapped[UUID | None]
    details: Mapped[dict[str, Any]]
    previous_hash: Mapped[str]
    hash: Mapped[str]


class AuditHead(Base):
    """The end of one unit's chain."""

    __tablename__ = "audit_head"

    chain: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int]
    hash: Mapped[str]


class ReadRow(Base):
    """Somebody saw personal data of a subject."""

    __tablename__ = "read_log"
    __table_args__ = (Index("ix_read_log_subject", "subject_id", "at"),)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None]
    what: Mapped[str]
    subject_type: Mapped[str]
    subject_id: Mapped[UUID | None]


@dataclass(frozen=True)
class ChainReport:
    """What the check of all chains found."""

    rows: int
    ok: bool
    first_bad: dict[str, int] | None


def _hash_of(row: AuditRow) -> str:
    body = [
        row.chain,
        row.seq,
        row.at.astimezone(clock.ZONE).isoformat(),
        str(row.actor_id),
        row.action,
        row.subject_type,
        str(row.subject_id),
        row.details,
        row.previous_hash,
    ]
    return hashlib.sha256(json.dumps(body, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


_WRITTEN = tuple(column.name for column in AuditRow.__table__.columns if not column.primary_key)
"""What a row is written with; the table numbers its rows itself."""


def record(
    session: Session,
    action: str,
    *,
    unit_id: int | None,
    actor_id: UUID | None,
    subject_type: str,
    subject_id: UUID | None,
    **details: Any,
) -> None:
    """Append one change to the unit's chain; the last thing a service does before it returns."""
    record_many(
        session,
        action,
        unit_id=unit_id,
        actor_id=actor_id,
        subject_type=subject_type,
        subjects=[(subject_id, details)],
    )


def record_many(
    session: Session,
    action: str,
    *,
    unit_id: int | None,
    actor_id: UUID | None,
    subject_type: str,
    subjects: Sequence[tuple[UUID | None, dict[str, Any]]],
) -> None:
    """Append one change of many subjects to the unit's chain, a row for each in this order; see `record`."""
    session.flush()
    chain, count = unit_id or SYSTEM_CHAIN, len(subjects)
    taken = (
        insert(AuditHead)
        .values(chain=chain, seq=count, hash="")
        .on_conflict_do_update(index_elements=[AuditHead.chain], set_={"seq": AuditHead.seq + count})
        .returning(AuditHead.seq, AuditHead.hash)
    )
    last, end = session.execute(taken).one()  # holds the end of the chain until this transaction ends
    rows: list[dict[str, Any]] = []
    for seq, (subject_id, details) in enumerate(subjects, last - count + 1):
        row = AuditRow(
            chain=chain,
            seq=seq,
            at=clock.now(),
            actor_id=actor_id,
            action=action,
            subject_type=subject_type,
            subject_id=subject_id,
            details=details,
            previous_hash=end,
        )
        row.hash = end = _hash_of(row)
        rows.append({name: getattr(row, name) for name in _WRITTEN})
    if rows:
        session.execute(insert(AuditRow), rows)
    session.execute(update(AuditHead).where(AuditHead.chain == chain).values(hash=end))


def record_read(
    session: Session, what: str, *, actor_id: UUID | None, subject_type: str, subject_id: UUID | None
) -> None:
    """Write down that somebody saw personal data (sealed field, file, list with names)."""
    session.add(
        ReadRow(
            at=clock.now(), actor_id=actor_id, what=what, subject_type=subject_type, subject_id=subject_id
        )
    )


def read_by(
    session: Session, actor_id: UUID | None, what: Collection[str], subject_ids: Collection[UUID]
) -> set[UUID]:
    """Return which of these subjects a person has looked at in one of these ways."""
    query = select(ReadRow.subject_id).where(
        ReadRow.subject_id.in_(subject_ids), ReadRow.actor_id == actor_id, ReadRow.what.in_(what)
    )
    return {found for found in session.scalars(query) if found is not None}


def last_of(session: Session, action: str, subject_ids: Collection[UUID]) -> dict[UUID, tuple[int, int]]:
    """Return for each subject where an action on it was written down last: (chain, seq)."""
    query = select(AuditRow.subject_id, AuditRow.chain, AuditRow.seq).where(
        AuditRow.subject_id.in_(subject_ids), AuditRow.action == action
    )
    rows = session.execute(query.order_by(AuditRow.id))
    return {row.subject_id: (row.chain, row.seq) for row in rows}


def last_about(session: Session, unit_id: int, subject_type: str) -> int:
    """Return the seq of the last change to a subject of this type in a unit's chain; 0 when there is none."""
    query = select(AuditRow.seq).where(AuditRow.chain == unit_id, AuditRow.subject_type == subject_type)
    return session.scalar(query.order_by(AuditRow.seq.desc()).limit(1)) or 0


def verify(session: Session) -> ChainReport:
    """Walk every chain; name the first row that was edited, is missing, or was cut from the end."""
    count = 0
    heads = {
        head.chain: head
        for head in session.scalars(select(AuditHead).execution_options(populate_existing=True))
    }
    last: dict[int, tuple[int, str]] = {}
    rows = session.scalars(
        select(AuditRow)
        .order_by(AuditRow.chain, AuditRow.seq)
        .execution_options(yield_per=2000, populate_existing=True)
    )
    with closing(rows):  # a bad row ends the walk with the cursor still open
        for row in rows:
            count += 1
            seq, previous = last.get(row.chain, (0, ""))
            if row.seq != seq + 1 or row.previous_hash != previous or row.hash != _hash_of(row):
                return ChainReport(count, False, {"unit_id": row.chain, "seq": seq + 1})
            last[row.chain] = (row.seq, row.hash)
    for chain, head in heads.items():
        if last.get(chain, (0, "")) != (head.seq, head.hash):
            return ChainReport(count, False, {"unit_id": chain, "seq": last.get(chain, (0, ""))[0] + 1})
    return ChainReport(count, True, None)


def first_at(session: Session) -> datetime | None:
    """Return when the first change was written down; None on an empty system."""
    return session.scalar(select(AuditRow.at).order_by(AuditRow.id).limit(1))
