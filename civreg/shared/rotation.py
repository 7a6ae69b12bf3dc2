"""Thay khóa: every sealed value is sealed again with the active key, row by row, while the system runs.

Which columns are sealed is read from the tables themselves (`sealed_…` texts, and `sealed` bytes), so that a new sealed
column is rotated without new code here. Each batch is one small commit of the caller: a rotation that is killed has lost
nothing and goes on where values still carry an old key. Rows that somebody holds are passed over and found next time.
The blind index has its own key, which this does not touch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    LargeBinary,
    MetaData,
    Table,
    func,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from civreg.shared import crypto

BATCH = 50
"""Rows of one commit: a file is up to one mebibyte, and nobody should wait for a rotation."""
FIRST = UUID(int=0)


@dataclass(frozen=True)
class SealedTable:
    """A table with sealed columns, each bound to its row by the UUID in `id`."""

    table: Table
    columns: tuple[Column[str] | Column[bytes], ...]

    @property
    def names(self) -> list[str]:
        """Return `table.column` of each sealed column."""
        return [f"{self.table.name}.{column.name}" for column in self.columns]


def sealed_tables(metadata: MetaData) -> list[SealedTable]:
    """Return every table that keeps sealed values, in a fixed order.

    Raises:
        TypeError: a sealed column is neither text nor bytes, or its row has no UUID `id` to be bound to.
    """
    found: list[SealedTable] = []
    for table in sorted(metadata.tables.values(), key=lambda one: one.name):
        columns = tuple(
            column for column in table.columns if column.name == "sealed" or column.name.startswith("sealed_")
        )
        if not columns:
            continue
        if [column.name for column in table.primary_key] != ["id"] or not isinstance(
            table.c.id.type, postgresql.UUID
        ):
            raise TypeError(f"sealed values of {table.name} need a UUID id to be bound to")
        for column in columns:
            if column.type.python_type not in (str, bytes):
                raise TypeError(f"{table.name}.{column.name} is neither text nor bytes")
        found.append(SealedTable(table, columns))
    return found


def count_stale(session: Session, sealed: Sequence[SealedTable]) -> int:
    """Return how many rows hold a value that another key than the active one has sealed."""
    active = crypto.keyring().active
    counts = (
        session.scalar(select(func.count()).select_from(one.table).where(_any_stale(one, active)))
        for one in sealed
    )
    return sum(count or 0 for count in counts)


def hold_still(session: Session, sealed: Sequence[SealedTable]) -> None:
    """Let nobody write a sealed table until this transaction ends (before old keys go away)."""
    names = ", ".join(f'"{one.table.name}"' for one in sealed)
    session.execute(text(f"LOCK TABLE {names} IN SHARE MODE"))


def reseal_batch(
    session: Session, one: SealedTable, after: UUID = FIRST, limit: int = BATCH
) -> tuple[int, UUID | None]:
    """Seal the next rows of one table again with the active key; return how many, and the id to go on after.

    The id is None at the end of the table. Rows that another transaction holds are passed over.

    Raises:
        crypto.SealBroken: a value does not open; nothing of this batch is changed.
    """
    active = crypto.keyring().active
    rows = session.execute(
        select(one.table.c.id, *one.columns)
        .where(one.table.c.id > after, _any_stale(one, active))
        .order_by(one.table.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        fresh = {
            column.name: _sealed_again(value, one.table.name, row.id, column.name)
            for column, value in zip(one.columns, row[1:], strict=True)
            if value and crypto.key_of(value) != active
        }
        session.execute(update(one.table).where(one.table.c.id == row.id).values(fresh))
    return len(rows), rows[-1].id if len(rows) == limit else None


def _sealed_again(value: str | bytes, table: str, row_id: UUID, column: str) -> str | bytes:
    if isinstance(value, bytes):
        return crypto.seal_bytes(crypto.open_bytes(value, table, row_id, column), table, row_id, column)
    return crypto.seal(crypto.unseal(value, table, row_id, column), table, row_id, column)


def _any_stale(one: SealedTable, active: str) -> ColumnElement[bool]:
    return or_(*_stale(one, active))


def _stale(one: SealedTable, active: str) -> Iterator[ColumnElement[bool]]:
    for column in one.columns:
        if isinstance(column.type, LargeBinary):
            prefix = active.encode() + b"\0"
            yield func.substring(column, 1, len(prefix)) != literal(prefix, LargeBinary)
        else:
            yield (column != "") & (func.split_part(column, ":", 1) != active)
