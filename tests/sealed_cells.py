"""Every sealed value of a database, whichever tables there are; a column that nothing has filled gets a value here."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import LargeBinary, text
from sqlalchemy.orm import Session

from civreg.shared import crypto
from civreg.shared.rotation import sealed_tables
from civreg.tables import METADATA


@dataclass(frozen=True)
class Cell:
    """One sealed value and where it stands."""

    table: str
    row_id: UUID
    column: str
    value: str | bytes

    def opens_as(self, table: str, row_id: UUID, column: str) -> str | bytes:
        if isinstance(self.value, bytes):
            return crypto.open_bytes(self.value, table, row_id, column)
        return crypto.unseal(self.value, table, row_id, column)

    def opens(self) -> str | bytes:
        return self.opens_as(self.table, self.row_id, self.column)


def cells(session: Session) -> list[Cell]:
    """Return every sealed value, table by table."""
    return [
        Cell(one.table.name, row_id, column.name, value)
        for one in sealed_tables(METADATA)
        for column in one.columns
        for row_id, value in session.execute(
            text(f"SELECT id, {column.name} FROM {one.table.name} ORDER BY id")
        )
        if value
    ]


def columns_with_rows(session: Session) -> set[str]:
    """Return `table.column` of each sealed column whose table has a row."""
    return {
        name
        for one in sealed_tables(METADATA)
        if session.execute(text(f"SELECT 1 FROM {one.table.name} LIMIT 1")).first()
        for name in one.names
    }


def fill_empty(session: Session) -> None:
    """Seal a value into the first two rows of every sealed column that has none."""
    filled = {(cell.table, cell.column) for cell in cells(session)}
    for one in sealed_tables(METADATA):
        ids = session.scalars(text(f"SELECT id FROM {one.table.name} ORDER BY id LIMIT 2")).all()
        for column in one.columns:
            if (one.table.name, column.name) in filled:
                continue
            for row_id in ids:
                place = (one.table.name, row_id, column.name)
                plain = f"giá trị của {row_id}"
                sealed: str | bytes = crypto.seal(plain, *place)
                if isinstance(column.type, LargeBinary):
                    sealed = crypto.seal_bytes(plain.encode(), *place)
                statement = text(f"UPDATE {one.table.name} SET {column.name} = :sealed WHERE id = :id")
                session.execute(statement, {"sealed": sealed, "id": row_id})
    session.expire_all()
