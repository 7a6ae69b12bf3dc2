"""Cơ sở dữ liệu: the base of every table, ids made by the application, and the one place that commits."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, BindParameter, Date, DateTime, MetaData, Text, Uuid, bindparam
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import DeclarativeBase, Session

from civreg.shared import clock

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of every table; Flask-SQLAlchemy shares its metadata (ADR 0002)."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 - read by SQLAlchemy, never changed
        int: BigInteger,
        str: Text,
        date: Date,
        datetime: DateTime(timezone=True),
        UUID: postgresql.UUID(as_uuid=True),
        dict[str, Any]: postgresql.JSONB,
        list[Any]: postgresql.JSONB,
    }


_last_id: list[int] = [0, 0]
_id_lock = threading.Lock()


def new_id() -> UUID:
    """Return a UUIDv7 (RFC 9562): sorts by time, made before the row exists, so sealing can bind to it.

    Ids of one process within one millisecond (or under a stopped clock) count up in twelve bits, so that rows
    written one after the other also sort that way.
    """
    with _id_lock:
        milliseconds = int(clock.now().timestamp() * 1000)
        counter = _last_id[1] + 1 if milliseconds == _last_id[0] else 0
        _last_id[:] = [milliseconds, counter]
    high = (milliseconds + counter // 4096) << 16 | 0x7 << 12 | counter % 4096
    return UUID(int=high << 64 | 0b10 << 62 | secrets.randbits(62))


def many_ids(ids: Collection[UUID]) -> BindParameter[Any]:
    """Send many ids as one parameter, for `any_`: one statement however many there are, and no limit of parameters."""
    return bindparam(None, list(ids), type_=ARRAY(Uuid))


@contextmanager
def transaction(session: Session) -> Iterator[Session]:
    """Commit what the block did, or nothing of it. One per request or task; services never commit."""
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
