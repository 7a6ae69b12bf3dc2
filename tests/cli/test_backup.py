"""The drill: cases are made, the database is backed up and restored elsewhere, and everything is compared."""

from __future__ import annotations

import json
import os
import resource
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from civreg.factory import create_app
from civreg.letters import queries as letter_queries
from civreg.letters import service as letters
from civreg.settings import Settings, load_settings
from civreg.shared import audit, clock, counters, crypto, jobs, outbox
from civreg.shared.database import transaction
from civreg.stack import dumping, vault
from civreg.stack.cluster import Cluster
from civreg.stack.keys import ensure_keys
from civreg.work import LISTENERS, do_job
from tests.world import MARRIAGE, World, ask, build_world, receive, register

KEY = "một khóa sao lưu để riêng, đủ dài"
PHONE = "0977 131 719"


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    folder = tmp_path / "keys"
    folder.mkdir()
    return ensure_keys(folder)


@pytest.fixture
def office(postgres: Cluster, fresh_database: Settings, keys: Path) -> Iterator[Flask]:
    """A system with one letter issued, one drafted, one request still open."""
    app = create_app(told(fresh_database, keys))
    engine = create_engine(fresh_database.database_url)
    crypto.use_keyring(crypto.Keyring.load(keys))
    with Session(engine) as session:
        with transaction(session):
            world = build_world(session)
            ask(session, world, phone=PHONE)
            for _ in range(2):
                case_id = ask(session, world, MARRIAGE).case_id
                receive(session, world, case_id)
                register(session, world, case_id)
        work(session)
        with transaction(session):
            approve_one(session, world)
        work(session)
    engine.dispose()
    yield app
    close(app)


def told(settings: Settings, keys: Path, **changes: Any) -> Settings:
    return load_settings(
        database_url=settings.database_url,
        owner_database_url=settings.owner_database_url,
        redis_url=settings.redis_url,
        var=keys.parent,
        keyring_path=keys,
        backup_key=KEY,
        secret_key="a secret for tests only, long enough to pass",
        **changes,
    )


def close(app: Flask) -> None:
    with app.app_context():
        database = app.extensions["sqlalchemy"]
        database.session.remove()
        database.engine.dispose()


def work(session: Session) -> None:
    """Do what a worker would do until nothing waits."""
    with transaction(session):
        outbox.relay(session, LISTENERS)
    with transaction(session):
        leased = jobs.lease(session)
    for job_id, _ in leased:
        with transaction(session):
            claimed = jobs.claim(session, job_id)
            assert claimed is not None
            do_job(session, claimed)


def approve_one(session: Session, world: World) -> None:
    case_id = session.execute(text("SELECT case_id FROM letter ORDER BY id LIMIT 1")).scalar_one()
    letter = letter_queries.letters_of_case(session, world.head, case_id)[0]
    letters.approve(session, world.head, letter.id, expected_version=letter.version)


@pytest.fixture
def elsewhere(postgres: Cluster, fresh_database: Settings) -> Iterator[Callable[[], Settings]]:
    """Makes an empty database on the same server and returns the addresses of it."""
    made: list[str] = []

    def make() -> Settings:
        name = f"restored_{os.getpid()}_{len(made)}"
        postgres.create_database(name)
        made.append(name)
        return load_settings(
            database_url=postgres.url("app", name),
            owner_database_url=postgres.url("owner", name),
            redis_url=fresh_database.redis_url,
            var=fresh_database.var,
        )

    yield make
    for name in made:
        postgres.drop_database(name)


@pytest.fixture
def restored_app(elsewhere: Callable[[], Settings], keys: Path) -> Iterator[Callable[..., Flask]]:
    """Makes a system on an empty database."""
    apps: list[Flask] = []

    def make(keyring: Path = keys, **changes: Any) -> Flask:
        app = create_app(told(elsewhere(), keyring).model_copy(update=changes))
        apps.append(app)
        return app

    yield make
    for app in apps:
        close(app)


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=list(arguments))


def contents(app: Flask) -> dumping.Contents:
    with dumping.connect(app.extensions["civreg_settings"].owner_database_url) as connection:
        return dumping.contents_of(connection)


def test_a_restored_system_is_the_one_that_was_backed_up(
    office: Flask, restored_app: Callable[..., Flask], tmp_path: Path
) -> None:
    before = contents(office)
    assert before.tables["case_file"].rows == 3
    assert before.tables["file"].rows == 1
    assert len(before.numbers) >= 1
    folder = tmp_path / "ban-1"
    made = run(office, "backup", "--out", str(folder), "--json")
    assert made.exit_code == 0, made.output
    said = json.loads(made.stdout)
    assert (said["rows"], said["revision"]) == (before.rows, before.revision)
    assert [stat.S_IMODE((folder / name).stat().st_mode) for name in ("civreg.backup",)] == [0o600]

    other = restored_app()
    back = run(other, "restore", "--from", str(folder), "--json")
    assert back.exit_code == 0, back.output
    answer = json.loads(back.stdout)
    assert (answer["rows"], answer["equal"], answer["audit"]["ok"]) == (before.rows, True, True)
    after = contents(other)
    noted = {"audit", "audit_head"}  # the restore itself is noted
    assert {name: one for name, one in after.tables.items() if name not in noted} == {
        name: one for name, one in before.tables.items() if name not in noted
    }
    assert after.tables["audit"].rows == before.tables["audit"].rows + 1
    assert after.numbers == before.numbers
    assert after.revision == before.revision
    continues_where_it_stopped(office, other)


def continues_where_it_stopped(office: Flask, other: Flask) -> None:
    """The same next number, open seals, a whole chain, new ids beyond the old ones, rights as before."""
    for app in (office, other):
        engine = create_engine(app.extensions["civreg_settings"].database_url)
        with Session(engine) as session, transaction(session):
            world_unit = session.execute(text("SELECT id FROM unit WHERE code = '29461'")).scalar_one()
            year = clock.today().year
            assert counters.take_number(session, world_unit, "letter", year) == 2
            row = session.execute(
                text("SELECT id, case_id, sealed_phone FROM party WHERE sealed_phone <> ''")
            ).first()
            assert row is not None
            assert crypto.unseal(row.sealed_phone, "party", row.id, "sealed_phone")
            outbox.publish(session, "case.requested", row.case_id)
            session.flush()
            assert audit.verify(session).ok
        with engine.connect() as connection, pytest.raises(Exception, match=r"denied|refused"):
            connection.execute(text("DELETE FROM audit"))
        engine.dispose()


def test_a_backup_says_nothing_in_the_open(office: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "ban-1"
    assert run(office, "backup", "--out", str(folder)).exit_code == 0
    for file in folder.iterdir():
        content = file.read_bytes()
        for secret in ("Thạch Thị Sa Rết", "Sa Rết", "officer", PHONE, "Ấp Chợ"):
            assert secret.encode() not in content, (file.name, secret)


def test_without_its_key_a_backup_stays_closed(
    office: Flask, restored_app: Callable[..., Flask], tmp_path: Path
) -> None:
    folder = tmp_path / "ban-1"
    assert run(office, "backup", "--out", str(folder)).exit_code == 0
    other = restored_app(backup_key="một khóa khác cũng đủ dài nhưng sai")
    refused = run(other, "restore", "--from", str(folder))
    assert refused.exit_code == 1
    assert "Khóa sao lưu không mở được" in refused.stderr
    nobody = restored_app(backup_key="")
    refused = run(nobody, "restore", "--from", str(folder))
    assert refused.exit_code == 2
    assert "CIVREG_BACKUP_KEY_FILE" in refused.stderr
    assert untouched(other)
    assert untouched(nobody)


def untouched(app: Flask) -> bool:
    with dumping.connect(app.extensions["civreg_settings"].owner_database_url) as connection:
        return dumping.revision_of(connection) is None


@pytest.mark.parametrize("where", [0.001, 0.5, 0.999])
def test_a_flipped_byte_is_found_before_anything_is_written(
    office: Flask, restored_app: Callable[..., Flask], tmp_path: Path, where: float
) -> None:
    folder = tmp_path / "ban-1"
    assert run(office, "backup", "--out", str(folder)).exit_code == 0
    file = folder / "civreg.backup"
    content = bytearray(file.read_bytes())
    content[max(64, int(len(content) * where))] ^= 1
    file.write_bytes(content)
    other = restored_app()
    refused = run(other, "restore", "--from", str(folder))
    assert refused.exit_code == 1
    assert "đã hỏng hoặc bị sửa" in refused.stderr
    assert untouched(other)


def test_only_an_empty_database_is_restored_into(office: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "ban-1"
    assert run(office, "backup", "--out", str(folder)).exit_code == 0
    before = contents(office)
    refused = run(office, "restore", "--from", str(folder))
    assert refused.exit_code == 1
    assert "đang có dữ liệu" in refused.stderr
    assert contents(office) == before
    again = run(office, "backup", "--out", str(folder))
    assert again.exit_code == 1
    assert "thư mục mới" in again.stderr


def test_other_sealing_keys_are_refused_and_sealed_ones_come_back(
    office: Flask, restored_app: Callable[..., Flask], tmp_path: Path, keys: Path
) -> None:
    folder, kept = tmp_path / "ban-1", tmp_path / "noi-khac" / "khoa"
    assert run(office, "backup", "--out", str(folder), "--with-keys", str(kept)).exit_code == 0
    assert keys.read_bytes() not in (folder / "civreg.backup").read_bytes()
    strange = tmp_path / "strange"
    strange.mkdir()
    other = restored_app(ensure_keys(strange))
    refused = run(other, "restore", "--from", str(folder))
    assert refused.exit_code == 1
    assert "không phải khóa lúc sao lưu" in refused.stderr
    assert untouched(other)
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    empty = restored_app(fresh / "keys.json")
    assert run(empty, "restore", "--from", str(folder)).exit_code == 1
    back = run(empty, "restore", "--from", str(folder), "--keys", str(kept))
    assert back.exit_code == 0, back.output
    assert (fresh / "keys.json").read_text() == keys.read_text()
    assert stat.S_IMODE((fresh / "keys.json").stat().st_mode) == 0o600


def test_a_backup_is_one_moment_while_others_write(office: Flask) -> None:
    settings = office.extensions["civreg_settings"]
    with dumping.connect(settings.owner_database_url) as connection:
        before = dumping.contents_of(connection)
        pieces = dumping.dump(connection)
        first = next(pieces)
        with psycopg.connect(settings.database_url.replace("+psycopg", "")) as other:
            other.execute("UPDATE counter SET last = last + 7")
            other.execute("INSERT INTO failed_try (kind, key, at) SELECT 'x', 'x', now()")
        rest = list(pieces)
    found = dumping.examine(iter([first, *rest]))
    assert (found.tables, found.numbers, found.audit_heads) == (
        before.tables,
        before.numbers,
        before.audit_heads,
    )
    assert contents(office).numbers != before.numbers


def test_a_disk_that_takes_no_more_leaves_no_half_backup(tmp_path: Path) -> None:
    target = tmp_path / "ban-1" / "civreg.backup"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(vault.BackupRefused, match="dung lượng còn trống"):
            vault.write_sealed(target, KEY, [os.urandom(2000)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(target.parent.iterdir()) == []
