"""The audit only grows, and whoever gets round that is found by unit and number of the row."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from civreg import work
from civreg.extensions import db
from civreg.factory import create_app
from civreg.settings import Settings
from civreg.shared import audit, clock, crypto
from civreg.shared.database import transaction
from civreg.stack.cluster import Cluster
from civreg.stack.keys import ensure_keys
from tests.world import MONDAY, World, ask, build_world, receive

GROWING = {"audit": "action", "read_log": "what", "fact": "delta"}
"""Tables that only grow, each with a column somebody might want to change."""


@dataclass
class Log:
    """A database with two units' chains and the system's own, and a superuser who may do anything."""

    settings: Settings
    world: World
    superuser: Engine
    app: Engine
    owner: Engine

    @contextmanager
    def bypassed(self) -> Iterator[Connection]:
        """Give the superuser's connection with triggers switched off; everything is rolled back."""
        with self.superuser.connect() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            yield connection
            connection.rollback()

    def length(self, chain: int) -> int:
        with self.superuser.connect() as connection:
            return int(
                connection.execute(
                    text("SELECT coalesce(max(seq), 0) FROM audit WHERE chain = :c"), {"c": chain}
                ).scalar_one()
            )


@pytest.fixture(scope="module")
def log(
    postgres: Cluster,
    clone_database: Callable[[], str],
    settings_for: Callable[[str], Settings],
    short_folder: Path,
) -> Iterator[Log]:
    crypto.use_keyring(crypto.Keyring.load(ensure_keys(short_folder)))
    name = clone_database()
    settings = settings_for(name)
    urls = (postgres.superuser_url(name), settings.database_url, settings.owner_database_url)
    engines = [create_engine(url) for url in urls]
    with Session(engines[1]) as session, transaction(session), clock.travelling(MONDAY):
        world = build_world(session)
        for number in range(4):
            case_id = ask(session, world, key=f"a{number}").case_id
            receive(session, world, case_id)
            ask(session, world, key=f"b{number}", unit_id=world.dai_an)
        work.run_waiting(session)
    yield Log(settings, world, *engines)
    for engine in engines:
        engine.dispose()
    postgres.drop_database(name)


def found(connection: Connection) -> dict[str, int] | None:
    """What the check finds on this connection."""
    with Session(connection) as session:
        report = audit.verify(session)
    assert report.ok == (report.first_bad is None)
    return report.first_bad


def test_an_untouched_log_is_whole(log: Log) -> None:
    with log.app.connect() as connection, Session(connection) as session:
        report = audit.verify(session)
    assert (report.ok, report.first_bad) == (True, None)
    assert report.rows == sum(
        log.length(chain) for chain in (log.world.province, log.world.tra_cu, log.world.dai_an)
    )
    assert log.length(log.world.tra_cu) >= 8


EDITS = {
    "chain": "chain = 999",
    "seq": "seq = seq + 1000",
    "at": "at = at + interval '1 second'",
    "actor_id": "actor_id = gen_random_uuid()",
    "action": "action = action || '.'",
    "subject_type": "subject_type = 'letter'",
    "subject_id": "subject_id = NULL",
    "details": "details = details || '{\"more\": 1}'",
    "previous_hash": "previous_hash = repeat('0', 64)",
    "hash": "hash = repeat('0', 64)",
}


def test_every_column_of_a_row_is_held_by_the_chain(log: Log) -> None:
    with log.superuser.connect() as connection:
        columns = set(
            connection.execute(
                text("SELECT column_name FROM information_schema.columns WHERE table_name = 'audit'")
            ).scalars()
        )
    assert columns - {"id"} == set(EDITS)


@pytest.mark.parametrize("column", EDITS)
def test_an_edited_row_is_found_wherever_it_stands(log: Log, column: str) -> None:
    for chain in (log.world.tra_cu, log.world.dai_an):
        last = log.length(chain)
        for seq in (1, last // 2, last):
            with log.bypassed() as connection:
                changed = connection.execute(
                    text(f"UPDATE audit SET {EDITS[column]} WHERE chain = :c AND seq = :s"),
                    {"c": chain, "s": seq},
                )
                assert changed.rowcount == 1
                where = {"unit_id": chain, "seq": seq}
                if (column, seq) == (
                    "chain",
                    last,
                ):  # a tail moved away is first seen where it does not belong
                    where = {"unit_id": 999, "seq": 1}
                assert found(connection) == where


def test_a_missing_row_and_a_cut_tail_are_found(log: Log) -> None:
    for chain in (log.world.tra_cu, log.world.dai_an):
        last = log.length(chain)
        for first, until in ((1, 1), (3, 3), (2, 4), (last, last), (last - 2, last), (1, last)):
            with log.bypassed() as connection:
                gone = connection.execute(
                    text("DELETE FROM audit WHERE chain = :c AND seq BETWEEN :f AND :u"),
                    {"c": chain, "f": first, "u": until},
                )
                assert gone.rowcount == until - first + 1
                assert found(connection) == {"unit_id": chain, "seq": first}


def test_a_row_slipped_in_and_two_rows_exchanged_are_found(log: Log) -> None:
    chain = log.world.tra_cu
    with log.bypassed() as connection:
        connection.execute(
            text(
                "INSERT INTO audit (chain, seq, at, action, subject_type, details, previous_hash, hash)"
                " SELECT chain, seq + 1, at, action, subject_type, details, hash, repeat('1', 64) FROM audit"
                " WHERE chain = :c ORDER BY seq DESC LIMIT 1"
            ),
            {"c": chain},
        )
        assert found(connection) == {"unit_id": chain, "seq": log.length(chain) + 1}
    with log.bypassed() as connection:
        for old, new in ((2, 9002), (3, 2), (9002, 3)):
            connection.execute(
                text("UPDATE audit SET seq = :n WHERE chain = :c AND seq = :o"),
                {"c": chain, "o": old, "n": new},
            )
        assert found(connection) == {"unit_id": chain, "seq": 2}


CHANGES = ("UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0}")
LOOSENING = (
    "ALTER TABLE {0} DISABLE TRIGGER ALL",
    "DROP TRIGGER {0}_only_grows ON {0}",
    "DROP TABLE {0}",
    "SET session_replication_role = replica",
)


def refused(engine: Engine, statement: str) -> None:
    """Check that the database says no because of rights, whoever asks."""
    with engine.connect() as connection, pytest.raises(ProgrammingError) as reason:
        connection.execute(text(statement))
    assert isinstance(reason.value.orig, psycopg.errors.InsufficientPrivilege), statement


@pytest.mark.parametrize("table", GROWING)
def test_the_application_can_only_add(log: Log, table: str) -> None:
    for statement in (*CHANGES, *LOOSENING):
        refused(log.app, statement.format(table, GROWING[table]))
    refused(log.app, "DELETE FROM audit_head")


@pytest.mark.parametrize("table", GROWING)
def test_the_trigger_stops_the_owner_and_the_superuser_too(log: Log, table: str) -> None:
    with log.superuser.connect() as connection:  # a row trigger needs a row to refuse
        assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() > 0
    for engine in (log.owner, log.superuser):
        for statement in CHANGES:
            refused(engine, statement.format(table, GROWING[table]))


def test_the_command_names_the_row(log: Log, keyring: crypto.Keyring) -> None:
    app = create_app(log.settings)
    app.config["TESTING"] = True
    chain = log.world.dai_an

    def told() -> tuple[int, dict[str, object]]:
        result = app.test_cli_runner().invoke(args=["verify-audit", "--json"])
        return result.exit_code, json.loads(result.stdout)

    status, whole = told()
    assert (status, whole["ok"], whole["first_bad"]) == (0, True, None)
    edit = text("UPDATE audit SET action = :a WHERE chain = :c AND seq = 2")
    with log.superuser.begin() as connection:
        before = connection.execute(
            text("SELECT action FROM audit WHERE chain = :c AND seq = 2"), {"c": chain}
        )
        action = before.scalar_one()
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(edit, {"a": "case.called", "c": chain})
    assert told() == (1, {"rows": told()[1]["rows"], "ok": False, "first_bad": {"unit_id": chain, "seq": 2}})
    with log.superuser.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(edit, {"a": action, "c": chain})
    assert told() == (0, whole)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
