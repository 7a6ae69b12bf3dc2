"""Tệp: sealed, content-addressed bytes in PostgreSQL: one backup, one transaction, any number of hosts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, LargeBinary, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Mapped, Session, mapped_column

from civreg.shared import clock, crypto
from civreg.shared.database import Base, new_id

MAX_BYTES = 1_048_576
"""The largest file kept, in bytes; photographs are compressed to fit."""


_READ_AT_ONCE = 20
"""Files read in one query: at most twenty mebibytes."""


class StoredFile(Base):
    """The sealed bytes of a letter or a paper, with the SHA-256 of what was sealed."""

    __tablename__ = "file"
    __table_args__ = (CheckConstraint(f"size <= {MAX_BYTES}", name="size"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    size: Mapped[int]
    media_type: Mapped[str]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    stored_at: Mapped[datetime]


def store(session: Session, content: bytes, media_type: str) -> tuple[UUID, str]:
    """Seal and keep bytes; return the file's id and the SHA-256 (hex) of the plain bytes.

    Raises:
        ValueError: when the content is larger than `MAX_BYTES`.
    """
    if len(content) > MAX_BYTES:
        raise ValueError("the file is larger than one mebibyte")
    file_id, sha256 = new_id(), hashlib.sha256(content).hexdigest()
    sealed = crypto.seal_bytes(content, "file", file_id, "sealed")
    session.add(
        StoredFile(
            id=file_id,
            sha256=sha256,
            size=len(content),
            media_type=media_type,
            sealed=sealed,
            stored_at=clock.now(),
        )
    )
    return file_id, sha256


def load(session: Session, file_id: UUID) -> bytes:
    """Open a stored file and check its hash.

    Raises:
        crypto.SealBroken: when the bytes are not what was stored.
    """
    return next(load_each(session, [file_id]))


def load_each(session: Session, file_ids: Sequence[UUID]) -> Iterator[bytes]:
    """Open stored files one after another, in this order, without ever holding more than a few.

    Raises:
        NoResultFound: one of them is not there.
        crypto.SealBroken: when the bytes are not what was stored.
    """
    for start in range(0, len(file_ids), _READ_AT_ONCE):
        wanted = file_ids[start : start + _READ_AT_ONCE]
        columns = select(StoredFile.id, StoredFile.sealed, StoredFile.sha256)
        found = {row.id: row for row in session.execute(columns.where(StoredFile.id.in_(wanted)))}
        for file_id in wanted:
            if file_id not in found:
                raise NoResultFound(f"no file {file_id}")
            content = crypto.open_bytes(found[file_id].sealed, "file", file_id, "sealed")
            if hashlib.sha256(content).hexdigest() != found[file_id].sha256:
                raise crypto.SealBroken(f"file {file_id} differs from its hash")
            yield content
