from __future__ import annotations

import json
import os
import re
import socket
import stat
from pathlib import Path

import pytest

from civreg.settings import SECRETS, Settings, SettingsRefused, load_settings
from civreg.shared.crypto import Keyring
from civreg.stack.folders import write_addresses
from civreg.stack.keys import ensure_keys

ADDRESSES = {
    "database_url": "postgresql+psycopg://civreg_app@/civreg?host=%2Fx%2Frun",
    "owner_database_url": "postgresql+psycopg://civreg_owner@/civreg?host=%2Fx%2Frun",
    "report_database_url": "postgresql+psycopg://civreg_report@/civreg?host=%2Fx%2Frun",
    "redis_url": "unix://:secret@/x/run/valkey.sock?db=0",
}


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if re.match("(CIVREG_|DATABASE_URL|REDIS_URL|PORT$|DEMO$)", name):
            monkeypatch.delenv(name)
    monkeypatch.setenv("CIVREG_VAR", str(tmp_path))


def test_empty_environment_is_enough_for_commands_without_database(tmp_path: Path) -> None:
    settings = load_settings()
    assert (settings.database_url, settings.redis_url) == ("", "")
    assert settings.signing_secret == load_settings().signing_secret
    assert list(tmp_path.iterdir()) == []


def test_start_is_refused_naming_all_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(SettingsRefused) as refusal:
        load_settings().refuse_if_incomplete()
    assert refusal.value.sentence.startswith(
        "Chưa khởi động được vì còn thiếu: DATABASE_URL, REDIS_URL, CIVREG_SECRET_KEY (từ 32 ký tự), "
        f"CIVREG_KEYRING_PATH (chưa có tệp {tmp_path}/keys.json)."
    )


def test_short_secret_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ensure_keys(tmp_path)
    write_addresses(tmp_path, ADDRESSES)
    load_settings().refuse_if_incomplete()
    monkeypatch.setenv("CIVREG_SECRET_KEY", "changeme")
    with pytest.raises(SettingsRefused, match="CIVREG_SECRET_KEY"):
        load_settings().refuse_if_incomplete()


def test_running_stack_is_found_through_its_folder(tmp_path: Path) -> None:
    write_addresses(tmp_path, ADDRESSES)
    keys = ensure_keys(tmp_path)
    settings = load_settings()
    assert settings.database_url == ADDRESSES["database_url"]
    assert settings.owner_database_url == ADDRESSES["owner_database_url"]
    assert settings.report_database_url == ADDRESSES["report_database_url"]
    assert settings.broker_url == "redis+socket://:secret@/x/run/valkey.sock?virtual_host=0"
    assert settings.secret_key == (tmp_path / "secret_key").read_text()
    assert settings.keyring_path == keys


def test_environment_wins_over_the_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_addresses(tmp_path, ADDRESSES)
    monkeypatch.setenv("DATABASE_URL", "postgres://anna:pw@db.example/civreg")
    monkeypatch.setenv("REDIS_URL", "redis://:pw@broker.example:6379/0")
    settings = load_settings()
    assert settings.database_url == "postgresql+psycopg://anna:pw@db.example/civreg"
    assert settings.owner_database_url == settings.database_url
    assert settings.report_database_url is None
    assert settings.broker_url == settings.redis_url == "redis://:pw@broker.example:6379/0"


def test_every_unusable_value_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "many")
    monkeypatch.setenv("DEMO", "perhaps")
    monkeypatch.setenv("CIVREG_TRUSTED_PROXIES", "-1")
    with pytest.raises(SettingsRefused) as refusal:
        load_settings()
    assert "CIVREG_TRUSTED_PROXIES, DEMO, PORT" in refusal.value.sentence
    assert "many" not in refusal.value.sentence


def test_passwords_and_keys_are_not_shown(tmp_path: Path) -> None:
    write_addresses(tmp_path, ADDRESSES)
    ensure_keys(tmp_path)
    settings = load_settings()
    shown = repr(settings)
    assert ":secret@" not in shown
    assert settings.secret_key not in shown
    assert "civreg_app" not in shown


def test_silent_servers_are_named_with_the_way_to_start_them(tmp_path: Path) -> None:
    with pytest.raises(SettingsRefused, match=r"cơ sở dữ liệu và hàng đợi công việc\. .*make run"):
        load_settings().refuse_if_silent(broker=True)
    with socket.socket() as database, socket.socket() as broker:
        for server in (database, broker):
            server.bind(("127.0.0.1", 0))
            server.listen()
        ports = database.getsockname()[1], broker.getsockname()[1]
        settings = load_settings(
            database_url=f"postgresql://u@127.0.0.1:{ports[0]}/x", redis_url=f"redis://127.0.0.1:{ports[1]}/0"
        )
        settings.refuse_if_silent(broker=True)
    with pytest.raises(SettingsRefused, match="hàng đợi công việc"):
        settings.refuse_if_silent(broker=True)


def test_keys_are_made_once_and_only_for_us(tmp_path: Path) -> None:
    keys = ensure_keys(tmp_path)
    first = keys.read_text()
    assert set(json.loads(first)) == {"active", "seal", "index"}
    assert Keyring.load(keys).active == "k1"
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    ensure_keys(tmp_path)
    assert keys.read_text() == first
    assert sorted(path.name for path in tmp_path.iterdir()) == ["keys.json", "secret_key"]


def test_keys_may_lie_elsewhere(tmp_path: Path) -> None:
    elsewhere = tmp_path / "safe.json"
    assert ensure_keys(tmp_path, elsewhere) == elsewhere
    assert not (tmp_path / "keys.json").exists()
    assert load_settings(keyring_path=elsewhere).keyring_path == elsewhere


def test_every_secret_may_be_handed_over_as_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in SECRETS:
        (tmp_path / variable).write_text(f"postgresql://of-{variable.lower()}\n")
        monkeypatch.setenv(f"{variable}_FILE", str(tmp_path / variable))
    settings = load_settings()
    for variable, field in SECRETS.items():
        wanted = f"postgresql://of-{variable.lower()}"
        if field.endswith("database_url"):
            wanted = wanted.replace("postgresql://", "postgresql+psycopg://")
        assert getattr(settings, field) == wanted, variable


def test_what_carries_a_password_is_a_secret() -> None:
    hidden = {name for name, field in Settings.model_fields.items() if not field.repr}
    assert hidden == {*SECRETS.values(), "demo"}


def test_a_value_wins_over_its_file_and_over_the_stack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_addresses(tmp_path, ADDRESSES)
    ensure_keys(tmp_path)
    (tmp_path / "broker").write_text("redis://:from-file@broker/0\n")
    (tmp_path / "secret").write_text("x" * 40)
    monkeypatch.setenv("REDIS_URL_FILE", str(tmp_path / "broker"))
    monkeypatch.setenv("CIVREG_SECRET_KEY_FILE", str(tmp_path / "secret"))
    assert load_settings().redis_url == "redis://:from-file@broker/0"
    assert load_settings().secret_key == "x" * 40
    monkeypatch.setenv("REDIS_URL", "redis://:plain@broker/0")
    assert load_settings().redis_url == "redis://:plain@broker/0"


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_secret_file_that_cannot_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "key").write_bytes(content)
    monkeypatch.setenv("CIVREG_BACKUP_KEY_FILE", str(tmp_path / "key"))
    with pytest.raises(SettingsRefused) as refusal:
        load_settings()
    assert refusal.value.sentence == (
        "Không đọc được tệp ghi ở CIVREG_BACKUP_KEY_FILE. Hãy kiểm tra đường dẫn và quyền đọc."
    )
