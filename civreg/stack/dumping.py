"""Sao lưu và khôi phục: every row of the database as one stream of one moment, and back into an empty database.

The stream is logical (COPY as text), so a restore works on another version and another host. It is read inside one
REPEATABLE READ transaction: all tables show the same moment while everybody goes on working. Each table carries its
number of rows and the SHA-256 of its rows in the order of the primary key; the end repeats them all, with the ends of the
audit chains and the last numbers given, so that a restore can prove that nothing is missing.

Frames: one letter, four bytes of length, content. `B` begins (JSON), `T` names a table (JSON), `D` is its rows, `E` ends
everything (JSON, the contents). Nothing here is sealed; `civreg.shared.sealed_stream` sees to that.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from graphlib import TopologicalSorter
from typing import Any

import psycopg
from psycopg import sql

Connection = psycopg.Connection[tuple[Any, ...]]

_VERSION_TABLE = "alembic_version"
_SAME_TEXT = (
    "SET timezone = 'UTC'",
    "SET datestyle = 'ISO, YMD'",
    "SET intervalstyle = 'postgres'",
    "SET extra_float_digits = 1",
    "SET bytea_output = 'hex'",
    "SET client_encoding = 'UTF8'",
    "SET statement_timeout = 0",
    "SET idle_in_transaction_session_timeout = 0",
)
"""The same row gives the same text on every host, and a long copy is not cut off."""


class DumpBroken(Exception):  # noqa: N818 - says what happened to the dump
    """The stream does not hold what its end says it holds."""


@dataclass(frozen=True)
class TableSum:
    """What one table held: rows, and SHA-256 (hex) of them in the order of the primary key."""

    rows: int
    sha256: str


@dataclass(frozen=True)
class Contents:
    """What a stream holds.

    Attributes:
        revision: the migration the tables were at.
        tables: name → sum.
        sequences: name → last value.
        audit_heads: [unit, last row, hash] of each audit chain.
        numbers: [unit, series, year, last number given] of each gapless series.
        keys: id → print of each sealing key at that time, so that a restore is not put under other keys.
    """

    revision: str
    tables: dict[str, TableSum] = field(default_factory=dict)
    sequences: dict[str, int] = field(default_factory=dict)
    audit_heads: list[list[Any]] = field(default_factory=list)
    numbers: list[list[Any]] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Return the rows of all tables."""
        return sum(table.rows for table in self.tables.values())

    def dumps(self) -> bytes:
        """Return the JSON that `loads` reads."""
        return json.dumps(asdict(self), ensure_ascii=False).encode()

    @classmethod
    def loads(cls, text: bytes) -> Contents:
        """Read the contents from their JSON."""
        stored = json.loads(text)
        tables = {name: TableSum(**one) for name, one in stored.pop("tables").items()}
        return cls(tables=tables, **stored)


def connect(sqlalchemy_url: str) -> Connection:
    """Open a connection of its own, in which every row has one spelling."""
    address = sqlalchemy_url.replace("postgresql+psycopg://", "postgresql://", 1)
    connection = psycopg.connect(address, autocommit=True, connect_timeout=5)
    for statement in _SAME_TEXT:
        connection.execute(statement)
    return connection


def dump(connection: Connection, keys: Mapping[str, str] | None = None) -> Iterator[bytes]:
    """Give the whole database as frames; everything is of the moment of the first frame.

    Args:
        connection: from `connect`, as the owner of the tables.
        keys: id → print of the sealing keys in use, noted in the contents.
    """
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        tables = _tables(connection)
        names = sql.SQL(", ").join(sql.Identifier(table) for table in (*tables, _VERSION_TABLE))
        connection.execute(sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE").format(names))  # no migration now
        contents = Contents(revision=revision_of(connection) or "", keys=dict(keys or {}))
        yield _frame("B", json.dumps({"revision": contents.revision}).encode())
        for table in tables:
            columns = _columns(connection, table)
            yield _frame("T", json.dumps({"table": table, "columns": columns}).encode())
            digest, rows = hashlib.sha256(), 0
            with connection.cursor() as cursor:
                with cursor.copy(_copy_out(connection, table, columns)) as copy:
                    for block in copy:
                        digest.update(block)
                        yield _frame("D", bytes(block))
                rows = cursor.rowcount
            contents.tables[table] = TableSum(rows, digest.hexdigest())
        contents.sequences.update(_sequences(connection))
        contents.audit_heads.extend(_audit_heads(connection))
        contents.numbers.extend(_numbers(connection))
        yield _frame("E", contents.dumps())


def examine(pieces: Iterator[bytes]) -> Contents:
    """Walk a stream to its end without a database and return what it holds.

    Raises:
        DumpBroken: a table differs from its sum, or the end is missing.
    """
    found: dict[str, Any] = {}
    table = ""
    for kind, content in frames(pieces):
        if kind == "T":
            table = json.loads(content)["table"]
            found[table] = hashlib.sha256()
        elif kind == "D":
            found[table].update(content)
        elif kind == "E":
            contents = Contents.loads(content)
            said = {name: one.sha256 for name, one in contents.tables.items()}
            if said != {name: digest.hexdigest() for name, digest in found.items()}:
                raise DumpBroken("a table differs from its sum")
            return contents
    raise DumpBroken("the end is missing")


def load(connection: Connection, pieces: Iterator[bytes]) -> None:
    """Copy a stream into the empty tables of the same revision, all of it or nothing.

    Raises:
        psycopg.Error: the tables are not those of the stream.
    """
    with connection.transaction(), ExitStack() as one_table:
        copying: psycopg.Copy | None = None
        for kind, content in frames(pieces):
            if kind == "D" and copying is not None:
                copying.write(content)
                continue
            one_table.close()  # ends the copy of the table before, and asks whether it was taken
            if kind == "T":
                named = json.loads(content)
                cursor = one_table.enter_context(connection.cursor())
                copying = one_table.enter_context(cursor.copy(_copy_in(named["table"], named["columns"])))
            elif kind == "E":
                for name, value in Contents.loads(content).sequences.items():
                    connection.execute("SELECT setval(%s::regclass, %s)", (f"public.{name}", value))


def frames(pieces: Iterator[bytes]) -> Iterator[tuple[str, bytes]]:
    """Cut a stream into its frames.

    Raises:
        DumpBroken: the last frame is not whole.
    """
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        start = 0
        while len(waiting) - start >= 5:
            size = int.from_bytes(waiting[start + 1 : start + 5], "big")
            if len(waiting) - start - 5 < size:
                break
            yield chr(waiting[start]), bytes(waiting[start + 5 : start + 5 + size])
            start += 5 + size
        del waiting[:start]
    if waiting:
        raise DumpBroken("the last frame is not whole")


def contents_of(connection: Connection) -> Contents:
    """Return what the database holds now, counted and hashed in the way of a dump."""
    return examine(dump(connection))


def filled_tables(connection: Connection) -> list[str]:
    """Return the tables that hold rows; none in a database that may be restored into."""
    return [
        table
        for table in _tables(connection)
        if connection.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(table))).fetchone()
    ]


def revision_of(connection: Connection) -> str | None:
    """Return the migration the database is at; None before the first."""
    known = connection.execute("SELECT to_regclass(%s)", (f"public.{_VERSION_TABLE}",)).fetchone()
    if known is None or known[0] is None:
        return None
    row = connection.execute(
        sql.SQL("SELECT version_num FROM {}").format(sql.Identifier(_VERSION_TABLE))
    ).fetchone()
    return str(row[0]) if row else None


def _frame(kind: str, content: bytes) -> bytes:
    return kind.encode() + len(content).to_bytes(4, "big") + content


def _tables(connection: Connection) -> list[str]:
    """Return every table but Alembic's own, referred ones before those that refer to them."""
    order: TopologicalSorter[str] = TopologicalSorter()
    for (name,) in connection.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        " AND relname <> %s ORDER BY relname",
        (_VERSION_TABLE,),
    ):
        order.add(name)
    for child, parent in connection.execute(
        "SELECT child.relname, parent.relname FROM pg_constraint c JOIN pg_class child ON child.oid = c.conrelid"
        " JOIN pg_class parent ON parent.oid = c.confrelid WHERE c.contype = 'f' AND c.conrelid <> c.confrelid"
        " AND c.connamespace = 'public'::regnamespace ORDER BY 1, 2"
    ):
        order.add(child, parent)
    return list(order.static_order())


def _columns(connection: Connection, table: str) -> list[str]:
    """Return the columns that carry values of their own: what PostgreSQL computes is computed again."""
    rows = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
        " AND attgenerated = '' ORDER BY attnum",
        (f"public.{table}",),
    )
    return [str(name) for (name,) in rows]


def _copy_out(connection: Connection, table: str, columns: Sequence[str]) -> sql.Composed:
    key = connection.execute(
        "SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)"
        " WHERE i.indisprimary AND i.indrelid = %s::regclass ORDER BY array_position(i.indkey::int2[], a.attnum)",
        (f"public.{table}",),
    ).fetchall()
    order = [name for (name,) in key] or columns
    return sql.SQL("COPY (SELECT {} FROM {} ORDER BY {}) TO STDOUT").format(
        _listed(columns), sql.Identifier(table), _listed(order)
    )


def _copy_in(table: str, columns: Sequence[str]) -> sql.Composed:
    return sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), _listed(columns))


def _listed(columns: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(column) for column in columns)


def _sequences(connection: Connection) -> dict[str, int]:
    rows = connection.execute(
        "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
        " ORDER BY 1"
    )
    return {str(name): int(value) for name, value in rows}


def _audit_heads(connection: Connection) -> list[list[Any]]:
    return [list(row) for row in connection.execute("SELECT chain, seq, hash FROM audit_head ORDER BY chain")]


def _numbers(connection: Connection) -> list[list[Any]]:
    query = "SELECT unit_id, series, year, last FROM counter ORDER BY unit_id, series, year"
    return [list(row) for row in connection.execute(query)]
