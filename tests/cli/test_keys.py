"""`rotate-keys`: killed in the middle, run again, nothing lost; the running system reads both keys meanwhile."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from civreg.accounts import service as accounts
from civreg.cases import queries as cases
from civreg.cases.service import load_draft, save_draft
from civreg.extensions import db
from civreg.factory import create_app
from civreg.letters import queries as letters
from civreg.settings import Settings
from civreg.shared import clock, crypto
from civreg.shared.database import transaction
from civreg.shared.rotation import sealed_tables
from civreg.stack.keys import alone_with, replace_keyring
from civreg.stack.programs import PROJECT
from civreg.tables import METADATA
from civreg.work import LETTER_TEMPLATES
from tests.letters.flow import handed_over
from tests.live_stack import wait_until
from tests.sealed_cells import cells, columns_with_rows, fill_empty
from tests.world import MONDAY, PASSWORD, World, ask, build_world, receive

PHONES = [f"09123450{number:02d}" for number in range(12)]


@dataclass
class Office:
    """An office with sealed values of every kind, on a database and keys of its own."""

    settings: Settings
    engine: Engine
    world: World
    letter_case: UUID
    draft: str

    @property
    def keys(self) -> Path:
        return self.settings.keyring_path

    def app(self) -> Flask:
        app = create_app(self.settings)
        app.config["TESTING"] = True
        return app

    def run(self, *arguments: str) -> Result:
        app = self.app()
        result = app.test_cli_runner().invoke(args=["rotate-keys", *arguments])
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
        return result

    def keys_in_use(self) -> dict[str, set[str]]:
        """Sealed column → ids of the keys its values carry."""
        found: dict[str, set[str]] = {}
        with Session(self.engine) as session:
            for cell in cells(session):
                found.setdefault(f"{cell.table}.{cell.column}", set()).add(crypto.key_of(cell.value))
        return found

    def everything_personal(self) -> dict[str, Any]:
        """What people would see: phones, numbers, ethnic groups, codes, drafts, words and bytes of letters."""
        with Session(self.engine) as session:
            pages = [
                cases.case_page(session, self.world.officer, case_id)
                for case_id in session.scalars(text("SELECT id FROM case_file ORDER BY id"))
            ]
            (row,) = letters.letters_of_case(session, self.world.head, self.letter_case)
            page = letters.letter_page(session, self.world.head, row.id, LETTER_TEMPLATES)
            pdf = letters.letter_pdf(session, self.world.head, row.id, LETTER_TEMPLATES)
            seen = {
                "people": [page.people for page in pages],
                "receipts": [cases.receipt_of(session, page.id) for page in pages],
                "draft": load_draft(session, self.draft, "marriage_mobile"),
                "letter": (page.words, page.moves),
                "pdf": pdf,
            }
            session.rollback()
        return seen


@pytest.fixture
def office(fresh_database: Settings, tmp_path: Path) -> Iterator[Office]:
    keys = tmp_path / "keys.json"
    keys.write_text(crypto.Keyring.make().dumps(), "utf-8")
    crypto.use_keyring(crypto.Keyring.load(keys))
    engine = create_engine(fresh_database.database_url)
    with Session(engine) as session, transaction(session):
        with clock.travelling(MONDAY):
            world = build_world(session)
            for number, phone in enumerate(PHONES):
                case_id = ask(session, world, phone=phone, key=f"request-{number:026d}").case_id
            receive(session, world, case_id)
            letter = handed_over(session, world)
            accounts.start_second_factor(session, world.officer, PASSWORD)
        draft = save_draft(session, None, "marriage_mobile", {"phone": "0987 000 111"})
        session.flush()
        fill_empty(session)
    settings = fresh_database.model_copy(update={"keyring_path": keys})
    yield Office(settings, engine, world, letter.case_id, draft)
    engine.dispose()


def answer(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def put_back(office: Office, age: timedelta) -> None:
    """Make the key file look older than it is."""
    then = time.time() - age.total_seconds()
    os.utime(office.keys, (then, then))


def test_every_sealed_value_gets_the_new_key_and_the_old_one_can_go(office: Office) -> None:
    before, in_use = office.everything_personal(), office.keys_in_use()
    with Session(office.engine) as session:
        assert set(in_use) == columns_with_rows(session)
    assert all(keys == {"k1"} for keys in in_use.values()), "every sealed column has a value to rotate"
    report = answer(office.run("--json", "--batch", "7"))
    assert (report["key"], report["old_keys"], report["remaining"]) == ("k2", ["k1"], 0)
    assert set(report["columns"]) == {name for one in sealed_tables(METADATA) for name in one.names}
    assert set(report["columns"]) >= set(in_use)
    assert all(keys == {"k2"} for keys in office.keys_in_use().values())
    assert office.everything_personal() == before
    assert answer(office.run("--json"))["resealed"] == 0

    early = office.run("--finish")
    assert (early.exit_code, early.stdout) == (1, "")
    assert "sau" in early.stderr
    put_back(office, timedelta(hours=3))
    assert answer(office.run("--finish", "--json"))["old_keys"] == []
    ring = crypto.Keyring.load(office.keys)
    assert list(ring.seal) == ["k2"]
    assert office.keys.stat().st_mode & 0o777 == 0o600
    crypto.use_keyring(crypto.Keyring(ring.active, ring.seal, ring.index))
    assert office.everything_personal() == before
    assert answer(office.run("--json"))["key"] == "k3", "the number of a removed key is not used again"


def test_killed_in_the_middle_and_run_again(office: Office) -> None:
    before = office.everything_personal()
    with office.engine.connect() as somebody, somebody.begin():
        held = somebody.execute(
            text("SELECT id FROM party WHERE sealed_phone <> '' ORDER BY id DESC LIMIT 4 FOR UPDATE")
        ).all()
        environment = {
            "DATABASE_URL": office.settings.database_url,
            "REDIS_URL": office.settings.redis_url,
            "CIVREG_KEYRING_PATH": str(office.keys),
        }
        with subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "app", "rotate-keys", "--batch", "1", "--json"],
            cwd=PROJECT,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
        ) as command:
            wait_until(lambda: "k2" in office.keys_in_use()["party.sealed_phone"], 60, "the first new seal")
            assert office.everything_personal() == before, "the running system reads both keys"
            command.kill()
            assert command.stdout is not None
            assert command.stdout.read() == b""
    assert "k1" in office.keys_in_use()["party.sealed_phone"]
    assert len(held) == 4
    report = answer(office.run("--json"))
    assert (report["key"], report["remaining"]) == ("k2", 0)
    assert report["resealed"] >= 4
    assert sorted(crypto.Keyring.load(office.keys).seal) == ["k1", "k2"], "running again adds no third key"
    assert all(keys == {"k2"} for keys in office.keys_in_use().values())
    assert office.everything_personal() == before


def test_old_keys_stay_while_a_value_needs_them(office: Office) -> None:
    replace_keyring(office.keys, crypto.keyring().with_new_key())
    put_back(office, timedelta(hours=3))
    refused = office.run("--finish")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "--finish" in refused.stderr
    assert sorted(crypto.Keyring.load(office.keys).seal) == ["k1", "k2"]


def test_a_process_seals_with_the_new_key_as_soon_as_its_file_is_there(office: Office) -> None:
    assert crypto.keyring().active == "k1"
    replace_keyring(office.keys, crypto.keyring().with_new_key())
    row = office.letter_case
    assert crypto.key_of(crypto.seal("bí mật", "t", row, "c")) == "k2"
    office.keys.rename(office.keys.with_name("moved.json"))
    assert crypto.keyring().active == "k2", "a file out of reach stops nobody"


def test_two_rotations_at_once_are_refused_and_what_happened_is_written_down(office: Office) -> None:
    with alone_with(office.keys) as alone:
        assert alone
        second = office.run()
    assert (second.exit_code, second.stdout) == (1, "")
    assert "đang chạy" in second.stderr
    assert office.run().exit_code == 0
    with office.engine.connect() as connection:
        query = "SELECT action, details FROM audit WHERE subject_type = 'keyring' ORDER BY id"
        noted = [tuple(row) for row in connection.execute(text(query))]
    assert [action for action, _ in noted] == ["rotate_keys_started", "rotate_keys_done"]
    assert all(details["key"] == "k2" for _, details in noted)


def test_without_a_key_file_the_command_says_what_to_do(office: Office) -> None:
    office.keys.unlink()
    result = office.run()
    assert (result.exit_code, result.stdout) == (1, "")
    assert "CIVREG_KEYRING_PATH" in result.stderr
