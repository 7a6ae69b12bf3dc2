"""Chuyển đổi cơ sở dữ liệu: migrations run as the owner, one at a time, and give up rather than block the desks.

An advisory lock makes a second `init` wait for the first; `lock_timeout` ends a migration that would queue behind a
long transaction (and make everybody queue behind it); revisions are numbered 0001, 0002, ….
"""

from __future__ import annotations

from typing import Any

from alembic import context
from alembic.operations import MigrationScript
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from civreg import tables
from civreg.settings import load_settings

_LOCK = 4_071_202_101
"""Any number, the same in every process that migrates."""


def number_revision(migration: MigrationContext, _revision: Any, directives: list[MigrationScript]) -> None:
    """Name the new revision by the next number of four digits."""
    if directives:
        head = migration.get_current_revision() or "0000"
        directives[0].rev_id = f"{int(head[:4]) + 1:04d}"


def run() -> None:
    """Migrate the database of the settings, or the one handed in as `attributes["url"]`."""
    url = context.config.attributes.get("url") or load_settings().owner_database_url
    engine = create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": 5})
    with engine.connect() as connection:
        _migrate(connection)
    engine.dispose()


def _migrate(connection: Connection) -> None:
    connection.execute(text("SET timezone = 'Asia/Ho_Chi_Minh'"))
    connection.execute(text("SET statement_timeout = '10min'"))
    connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
    connection.execute(text("SET lock_timeout = '5s'"))
    connection.commit()
    try:
        context.configure(
            connection=connection,
            target_metadata=tables.METADATA,
            compare_type=True,
            compare_server_default=True,
            transaction_per_migration=True,
            process_revision_directives=number_revision,
        )
        with context.begin_transaction():
            context.run_migrations()
    finally:
        connection.rollback()
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
        connection.commit()


run()
