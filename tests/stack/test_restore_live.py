"""The runbook's restore, word for word: a running system is backed up, its folder is gone, and another one goes on."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from civreg.letters import service as letters
from civreg.settings import Settings, load_settings
from civreg.shared import crypto, files
from civreg.stack import dumping
from tests.live_office import HttpVisitor, LiveOffice, open_office
from tests.live_stack import PROJECT, LiveStack, free_port, wait_until
from tests.world import MARRIAGE, ask, receive, register

pytestmark = pytest.mark.live

BY_HAND = ("keys.json", "secret_key", "backup_key")
"""What the runbook has copied into the new folder."""


@pytest.fixture
def office(live_stack: LiveStack) -> LiveOffice:
    """A commune with a letter issued, one drafted and one request open, on the running system."""
    office = open_office(
        live_stack, "29467"
    )  # its own commune: a journey would find these requests among its own
    with office.session() as session:
        for _ in range(2):
            case_id = ask(session, office.world(), MARRIAGE).case_id
            receive(session, office.world(), case_id)
            register(session, office.world(), case_id)
        ask(session, office.world(), MARRIAGE)
    office.wait_for_jobs()
    with office.session() as session:
        letter_id, version = session.execute(
            text(
                "SELECT id, version FROM letter WHERE unit_id = :unit AND state = 'draft' ORDER BY id LIMIT 1"
            ),
            {"unit": office.unit_id},
        ).one()
        letters.approve(session, office.actors["head"], letter_id, expected_version=version)
    office.wait_for_jobs()
    return office


@pytest.fixture
def folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="civreg-new-"))
    yield folder
    shutil.rmtree(folder)


def environment(folder: Path, **more: str) -> dict[str, str]:
    """What a person's terminal has: the folder, and no address of any server."""
    absent = ("DATABASE_URL", "REDIS_URL", "CIVREG_OWNER_DATABASE_URL", "CIVREG_REPORT_DATABASE_URL")
    return {name: value for name, value in os.environ.items() if name not in absent} | {
        "CIVREG_VAR": str(folder),
        **more,
    }


@contextmanager
def stack(folder: Path, verb: str, ready: str, **more: str) -> Iterator[None]:
    """Run `python -m civreg.stack VERB` until it says it is ready; Ctrl-C at the end, which must leave in order."""
    output = folder.with_name(f"{folder.name}-{verb}.txt")
    with output.open("wb") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "civreg.stack", verb],
            cwd=PROJECT,
            env=environment(folder, **more),
            stdout=written,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until(lambda: ready in output.read_text("utf-8") or process.poll() is not None, 120, verb)
        assert ready in output.read_text("utf-8"), output.read_text("utf-8")
        yield
    finally:
        process.send_signal(signal.SIGINT)
        status = process.wait(60)
        said = output.read_text("utf-8")
        output.unlink()
    assert status == 0, said


def flask(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", *arguments],
        cwd=PROJECT,
        env=environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def held(settings: Settings) -> tuple[dict[str, Any], list[Any], list[Any]]:
    """Rows and hash of every table, the hashes of the letters, and the numbers given last."""
    with dumping.connect(settings.owner_database_url) as connection:
        tables = dict(dumping.contents_of(connection).tables)
        hashes = connection.execute("SELECT id, number, sha256 FROM letter ORDER BY id").fetchall()
        numbers = connection.execute("SELECT * FROM counter ORDER BY 1, 2, 3").fetchall()
    return tables, hashes, numbers


def letters_open(settings: Settings) -> int:
    """Open every stored letter with the keys of that folder, check its hash, and return how many there are."""
    crypto.use_keyring(crypto.Keyring.load(settings.keyring_path))
    engine = create_engine(settings.database_url)
    with Session(engine) as session:
        for file_id, sha256 in session.execute(text("SELECT file_id, sha256 FROM letter WHERE sha256 > ''")):
            assert hashlib.sha256(files.load(session, file_id)).hexdigest() == sha256
        count = session.scalar(text("SELECT count(*) FROM letter WHERE sha256 > ''"))
    engine.dispose()
    return int(count or 0)


def test_the_runbook_brings_a_lost_system_back(office: LiveOffice, folder: Path, tmp_path: Path) -> None:
    old = office.stack.folder
    backup = tmp_path / "backup"
    done = office.stack.flask("backup", "--out", str(backup))
    assert done.returncode == 0, done.stderr
    tables, *before = held(office.stack.settings)
    issued = letters_open(office.stack.settings)
    assert issued >= 1

    with stack(folder, "servers", "Các máy chủ đã sẵn sàng"):
        for name in BY_HAND:
            shutil.copy(old / name, folder / name)
        flask(folder, "restore", "--from", str(backup))
        audit = json.loads(flask(folder, "verify-audit", "--json"))
        assert (audit["ok"], audit["first_bad"]) == (True, None)
        assert json.loads(flask(folder, "check-figures", "--json"))["ok"]
        settings = load_settings(var=folder, database_url="", redis_url="")
        restored, *after = held(settings)
        assert after == before
        # the backup, and the checks of it, write down that they were made
        assert {name for name in tables if tables[name] != restored[name]} <= {"audit", "audit_head"}
        assert letters_open(settings) == issued

    port = free_port()
    with stack(folder, "run", "civreg đã sẵn sàng", DEMO="0", PORT=str(port)):
        visitor = HttpVisitor(f"http://127.0.0.1:{port}")
        whole = visitor.get("/readyz")
        assert (whole.status, json.loads(whole.text)["down"]) == (200, []), "ready means the worker too"
        visitor.sign_in(office.username("head"))
        listed = visitor.get("/thu")
        assert listed.status == 200
        assert "Trần Văn Út" in listed.text
