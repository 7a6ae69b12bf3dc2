"""Every migration goes down and up again over a working office, and what both sides know stays as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from alembic import command as alembic
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, inspect, text
from sqlalchemy.orm import Session

from civreg import tables
from civreg.cases.queries import case_page
from civreg.cli.system import MIGRATIONS
from civreg.settings import Settings
from civreg.shared import clock, crypto
from civreg.shared.database import transaction
from tests.web.access_world import AccessWorld, build_access_world
from tests.world import MONDAY, ask

Rows = dict[str, list[dict[str, Any]]]
"""Table → its rows, each by the names of its columns."""

REVISIONS = sorted(script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions())
RIGHTS = (
    "SELECT grantee, table_name, privilege_type FROM information_schema.role_table_grants"
    " WHERE table_schema = 'public' AND grantee LIKE 'civreg%' ORDER BY 1, 2, 3"
)
TRIGGERS = "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2"
CONSTRAINTS = (
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2"
)
INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"


@pytest.fixture
def owner(fresh_database: Settings) -> Iterator[Engine]:
    """The owner's way into a database of this test alone."""
    engine = create_engine(fresh_database.owner_database_url or "")
    yield engine
    engine.dispose()


@pytest.fixture
def office(fresh_database: Settings, keyring: crypto.Keyring) -> Iterator[AccessWorld]:
    """Two communes with one object of every kind, committed."""
    engine = create_engine(fresh_database.database_url)
    with clock.travelling(MONDAY):
        with Session(engine) as session, transaction(session):
            world = build_access_world(session)
        yield world
    engine.dispose()


@pytest.fixture
def migrate(fresh_database: Settings) -> Callable[[str], None]:
    """Goes to a revision from wherever the database stands."""
    configuration = Config(str(MIGRATIONS / "alembic.ini"))
    configuration.set_main_option("script_location", str(MIGRATIONS))
    configuration.attributes["url"] = fresh_database.owner_database_url

    def go(target: str) -> None:
        step = alembic.upgrade if target == "head" else alembic.downgrade
        step(configuration, target)

    return go


def _rows(engine: Engine) -> Rows:
    """Return everything that is written, without Alembic's own note."""
    with engine.connect() as connection:
        names = sorted(set(inspect(connection).get_table_names()) - {"alembic_version"})
        return {name: _rows_of(connection, name) for name in names}


def _rows_of(connection: Connection, table: str) -> list[dict[str, Any]]:
    found = connection.execute(text(f'SELECT * FROM "{table}"')).mappings()
    return sorted(({name: row[name] for name in sorted(row)} for row in found), key=repr)


def _known_to_both(rows: Rows, other: Rows) -> Rows:
    """Return `rows` without the tables and columns that `other` does not have."""
    known: Rows = {}
    for table in sorted(set(rows) & set(other)):
        columns = set(other[table][0]) if other[table] else set()
        kept = [{name: row[name] for name in sorted(columns & set(row))} for row in rows[table]]
        known[table] = sorted(kept, key=repr)
    return known


def _shape(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rights, triggers, constraints and indexes as the database describes them."""
    questions = {"rights": RIGHTS, "triggers": TRIGGERS, "constraints": CONSTRAINTS, "indexes": INDEXES}
    with engine.connect() as connection:
        return {
            name: [tuple(row) for row in connection.execute(text(question))]
            for name, question in questions.items()
        }


def _differences(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, tables.METADATA))


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_down_and_up_again_keeps_what_both_know(
    owner: Engine, office: AccessWorld, migrate: Callable[[str], None], revision: str
) -> None:
    before, shape = _rows(owner), _shape(owner)
    migrate(revision)
    below = _rows(owner)
    assert below["case_file"]
    assert below == _known_to_both(before, below)
    migrate("head")
    after = _rows(owner)
    assert _known_to_both(after, below) == below
    assert list(after) == list(before)
    assert _shape(owner) == shape
    assert _differences(owner) == []


def test_the_office_goes_on_working_after_down_and_up(
    owner: Engine, fresh_database: Settings, office: AccessWorld, migrate: Callable[[str], None]
) -> None:
    migrate(REVISIONS[0])
    migrate("head")
    engine = create_engine(fresh_database.database_url)
    with Session(engine) as session, transaction(session):
        old = case_page(session, office.people.officer, office.own.case_id)
        assert old.code == office.own.case_code
        new = ask(session, office.people)
        assert new.code > old.code
    engine.dispose()


def test_what_only_the_newer_side_knows_goes_to_the_nearest_older_answer(
    owner: Engine, office: AccessWorld, migrate: Callable[[str], None]
) -> None:
    with owner.begin() as connection:
        connection.execute(
            text("UPDATE case_part SET state = 'submitted' WHERE case_id = :id AND state = 'open'"),
            {"id": office.own.bundle_id},
        )
        connection.execute(
            text("UPDATE role_grant SET role = 'auditor' WHERE id = :id"), {"id": office.own.grant_id}
        )
    before = _rows(owner)
    submitted = {row["id"] for row in before["case_part"] if row["state"] == "submitted"}
    assert submitted
    migrate("0002")
    below = _rows(owner)
    assert {row["id"]: row["state"] for row in below["case_part"] if row["id"] in submitted} == dict.fromkeys(
        submitted, "open"
    )
    kept = {row["id"] for row in below["role_grant"]}
    assert {row["id"] for row in before["role_grant"]} - kept == {office.own.grant_id}
    migrate("head")
    assert {row["id"] for row in _rows(owner)["role_grant"]} == kept


def test_letters_of_apology_stop_the_way_down_and_nothing_is_lost(
    owner: Engine, office: AccessWorld, migrate: Callable[[str], None]
) -> None:
    with owner.begin() as connection:
        changed = connection.execute(
            text("UPDATE letter SET kind = 'apology' WHERE id = :id"), {"id": office.own.letter_id}
        )
    assert changed.rowcount == 1
    before, shape = _rows(owner), _shape(owner)
    with pytest.raises(
        RuntimeError, match="Còn 1 thư xin lỗi trong sổ thư mà bản trước 0008 không có loại thư này"
    ):
        migrate("0007")
    migrate("head")  # what lay above 0008 may have gone down already
    assert _known_to_both(_rows(owner), before)["letter"] == _known_to_both(before, _rows(owner))["letter"]
    assert _shape(owner) == shape


def test_all_the_way_down_leaves_nothing_and_up_makes_everything(
    owner: Engine, office: AccessWorld, migrate: Callable[[str], None]
) -> None:
    shape = _shape(owner)
    migrate("base")
    assert _rows(owner) == {}
    migrate("head")
    assert _shape(owner) == shape
    assert _differences(owner) == []
    assert not any(_rows(owner).values())
