"""Các dòng của bảng đơn vị: whole lists in and out of the tables, some thousand rows at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import ARRAY, BigInteger, any_, literal, select, update
from sqlalchemy.orm import Session

from civreg.shared.database import Base
from civreg.units.models import Unit, UnitSuccessor
from civreg.units.rules import KnownUnit, ListedUnit, name_key, name_sort_key
from civreg.units.service.succeeding import Link

_COLUMNS = (
    "code",
    "valid_from",
    "name",
    "kind",
    "parent_code",
    "known_from",
    "since_before",
    "name_folded",
    "name_joined",
    "sort_key",
)
_LINK_COLUMNS = ("old_unit_id", "new_unit_id", "effective_on", "is_split", "source")
_KNOWN = (Unit.id, Unit.code, Unit.name, Unit.kind, Unit.parent_code)


def open_units(session: Session) -> dict[str, KnownUnit]:
    """Return the units without an end, by code."""
    rows = session.execute(select(*_KNOWN).where(Unit.valid_to.is_(None)))
    return {row.code: KnownUnit(*row) for row in rows}


def open_ids(session: Session) -> dict[str, int]:
    """Return the ids of the units without an end, by code."""
    rows = session.execute(select(Unit.code, Unit.id).where(Unit.valid_to.is_(None)))
    return {row.code: row.id for row in rows}


def last_ended(session: Session, codes: Collection[str]) -> dict[str, KnownUnit]:
    """Return the last unit that held each of these codes, for codes that nobody holds now."""
    if not codes:
        return {}
    query = select(*_KNOWN).where(Unit.code.in_(codes), Unit.valid_to.is_not(None)).order_by(Unit.valid_from)
    # The last row of a code wins.
    return {row.code: KnownUnit(*row) for row in session.execute(query)}


def end_units(session: Session, ids: Sequence[int], on: date, last_seen: date | None) -> None:
    """End these units; `last_seen` is the last list that showed them, where the day of the end is unknown."""
    if ids:
        session.execute(
            update(Unit)
            .where(Unit.id == any_(literal(list(ids), ARRAY(BigInteger))))
            .values(valid_to=on, ended_after=last_seen)
            .execution_options(synchronize_session=False)
        )


def insert_units(session: Session, rows: Sequence[ListedUnit], on: date, *, since_before: bool) -> None:
    """Begin these units on a day; with `since_before` they may have existed earlier."""
    _copy(session, Unit, _COLUMNS, (_values(row, on, since_before=since_before) for row in rows))


def _values(row: ListedUnit, on: date, *, since_before: bool) -> tuple[object, ...]:
    folded = name_key(row.name)
    names = (folded, folded.replace(" ", ""), name_sort_key(row.name))
    return (row.code, on, row.name, row.kind, row.parent_code, on, since_before, *names)


def insert_successors(session: Session, links: Sequence[Link], on: date) -> None:
    """Write who follows whom from a day on."""
    values = ((link.old.id, link.new_id, on, link.is_split, link.source) for link in links)
    _copy(session, UnitSuccessor, _LINK_COLUMNS, values)


def _copy(
    session: Session, table: type[Base], columns: Sequence[str], rows: Iterable[tuple[object, ...]]
) -> None:
    """Stream rows into a table: a whole country takes seconds, and `make run` waits for it."""
    connection: psycopg.Connection[Any] = session.connection().connection.driver_connection  # type: ignore[assignment]
    statement = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier(table.__tablename__), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
