"""What the models say is what the migrations make, and what the roles may do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from civreg import tables
from civreg.cli.system import MIGRATIONS
from civreg.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
APPEND_ONLY = {"audit": "at", "read_log": "at", "fact": "day"}
"""Table → a column that somebody might want to change."""


def test_there_is_one_head_and_numbers_follow_one_another() -> None:
    scripts = ScriptDirectory(str(MIGRATIONS))
    assert len(scripts.get_heads()) == 1
    numbers = sorted(script.revision for script in scripts.walk_revisions())
    assert numbers == [f"{number:04d}" for number in range(1, len(numbers) + 1)]


def test_migrated_tables_are_the_models_tables(session: Session) -> None:
    context = MigrationContext.configure(
        session.connection(), opts={"compare_type": True, "compare_server_default": True}
    )
    assert compare_metadata(context, tables.METADATA) == []


def test_checks_and_exclusions_of_the_models_are_in_the_database(session: Session) -> None:
    found = set(
        session.execute(text("SELECT conname FROM pg_constraint WHERE contype IN ('c', 'x')")).scalars()
    )
    wanted = set()
    for table in tables.METADATA.tables.values():
        for constraint in table.constraints:
            kind = constraint.__visit_name__
            if kind in ("check_constraint", "table_or_column_check_constraint", "exclude_constraint"):
                wanted.add(_name(table.name, str(constraint.name), kind))
    assert wanted - found == set()


def _name(table: str, name: str, kind: str) -> str:
    prefixed = name.startswith(("ck_", "ex_"))
    return name if prefixed or kind == "exclude_constraint" else f"ck_{table}_{name}"


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize(
    "statement", ["UPDATE {table} SET {column} = {column}", "DELETE FROM {table}", "TRUNCATE {table}"]
)
def test_the_application_only_adds_to_what_only_grows(
    fresh_database: Settings, table: str, statement: str
) -> None:
    with (
        _connected(fresh_database.database_url) as connection,
        pytest.raises(ProgrammingError, match="permission denied"),
    ):
        connection.execute(text(statement.format(table=table, column=APPEND_ONLY[table])))


@pytest.mark.parametrize("statement", ["UPDATE audit SET at = at", "DELETE FROM audit", "TRUNCATE audit"])
def test_even_the_owner_cannot_change_the_audit(fresh_database: Settings, statement: str) -> None:
    with _connected(fresh_database.owner_database_url) as connection:
        _one_audit_row(connection)
        with pytest.raises(ProgrammingError, match="audit only grows"):
            connection.execute(text(statement))


@contextmanager
def _connected(url: str | None) -> Iterator[Connection]:
    engine = create_engine(url or "")
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _one_audit_row(connection: Connection) -> None:
    connection.execute(
        text(
            "INSERT INTO audit (chain, seq, at, action, subject_type, details, previous_hash, hash)"
            " VALUES (0, 1, now(), 'x', 'y', '{}', '', '')"
        )
    )


def test_the_application_makes_no_tables(fresh_database: Settings) -> None:
    with (
        _connected(fresh_database.database_url) as connection,
        pytest.raises(ProgrammingError, match="permission denied"),
    ):
        connection.execute(text("CREATE TABLE mine (id int)"))


@pytest.mark.parametrize("table", ["party", "case_file", "app_user", "letter", "audit", "draft"])
def test_the_report_reads_figures_and_no_person(fresh_database: Settings, table: str) -> None:
    with _connected(fresh_database.report_database_url) as connection:
        assert connection.execute(text("SELECT count(*) FROM daily_count")).scalar_one() == 0
        with pytest.raises(ProgrammingError, match="permission denied"):
            connection.execute(text(f"SELECT * FROM {table}"))


def test_sealed_columns_have_no_plain_twin() -> None:
    for table in tables.METADATA.tables.values():
        for column in table.columns:
            plain = re.sub(r"^sealed_", "", column.name)
            if plain != column.name:
                assert plain not in table.columns, f"{table.name}.{plain}"
