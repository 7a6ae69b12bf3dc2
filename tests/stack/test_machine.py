from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from civreg.settings import load_settings
from civreg.stack import binaries
from civreg.stack.cluster import Cluster
from civreg.stack.folders import StackRefused, private_folder, socket_folder
from civreg.stack.machine import Plan, main
from civreg.stack.postgres import EmbeddedPostgres
from civreg.stack.preparing import ADDRESSES, SUPERUSER, prepare
from civreg.stack.processes import end_leftover, is_running, shorten
from civreg.stack.programs import PROJECT, first_commands
from tests.live_stack import wait_until


def test_plan_reads_the_names_of_make_run(tmp_path: Path) -> None:
    plan = Plan.from_environment({"PORT": "8123", "CIVREG_VAR": str(tmp_path), "DEMO": "0"})
    assert (plan.port, plan.var, plan.demo, plan.host) == (8123, tmp_path, False, "127.0.0.1")
    bare = Plan.from_environment({})
    assert (bare.port, bare.var.name, bare.demo) == (8000, "var", True)


@pytest.mark.parametrize("port", ["0", "65536", "eighty", "-1", "80.5"])
def test_impossible_port_is_refused(port: str) -> None:
    with pytest.raises(StackRefused, match="PORT phải là một số từ 1 đến 65535"):
        Plan.from_environment({"PORT": port})


@pytest.mark.parametrize(("given", "absent"), [("DATABASE_URL", "REDIS_URL"), ("REDIS_URL", "DATABASE_URL")])
def test_one_external_address_without_the_other_is_refused(given: str, absent: str) -> None:
    with pytest.raises(StackRefused, match=f"Còn thiếu {absent}"):
        Plan.from_environment({given: "x"})


def test_demo_is_loaded_only_when_wanted() -> None:
    assert [command[-1] for command in first_commands(demo=True)] == ["init", "load-demo"]
    assert [command[-1] for command in first_commands(demo=False)] == ["init"]


def test_missing_wheel_says_which_variables_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries.importlib.util, "find_spec", lambda _name: None)
    for find in (lambda: binaries.postgres_program("postgres"), binaries.valkey_program):
        with pytest.raises(StackRefused, match="đặt DATABASE_URL và REDIS_URL"):
            find()


def test_wrong_arguments_are_answered_in_vietnamese(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["walk"]) == 2
    assert capsys.readouterr().err.startswith("Cách dùng:")


def test_preparing_names_every_missing_variable(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://civreg_app:x@host/civreg")
    for name in (SUPERUSER, "CIVREG_OWNER_DATABASE_URL", "CIVREG_REPORT_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    assert main(["prepare"]) == 2
    assert capsys.readouterr().err == (
        "Còn thiếu: CIVREG_SUPERUSER_URL, CIVREG_OWNER_DATABASE_URL, CIVREG_REPORT_DATABASE_URL. "
        "Hãy đặt các biến này rồi chạy lại.\n"
    )


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://civreg_owner:x@h/civreg",
        "postgresql://civreg_app@h/civreg",
        "postgresql://civreg_app:x@h/",
    ],
)
def test_preparing_wants_the_address_of_the_right_role(address: str) -> None:
    given = {name: f"postgresql://civreg_{role}:x@h/civreg" for role, name in ADDRESSES.items()}
    with pytest.raises(StackRefused) as refusal:
        prepare({**given, SUPERUSER: "postgresql://postgres:x@h/postgres", "DATABASE_URL": address})
    assert refusal.value.sentence.startswith("DATABASE_URL phải là địa chỉ của vai civreg_app, có mật khẩu")


def test_preparing_from_files_makes_keys_roles_and_database_and_can_be_repeated(
    short_folder: Path, tmp_path: Path
) -> None:
    with EmbeddedPostgres(short_folder / "prepared", durable=False) as server:
        place = f"?host={quote(str(server.sockets), safe='')}"
        addresses = {SUPERUSER: f"postgresql://postgres@/postgres{place}"}
        for role, name in ADDRESSES.items():
            addresses[name] = f"postgresql://civreg_{role}:m%40t-{role}@/other{place}"
        environment = {"CIVREG_VAR": str(tmp_path / "var")}
        for name, address in addresses.items():
            (tmp_path / name).write_text(f"{address}\n")
            environment[f"{name}_FILE"] = str(tmp_path / name)
        keys = prepare(environment)
        assert keys == tmp_path / "var" / "keys.json"
        made = keys.read_bytes()
        assert prepare(environment) == keys
        assert keys.read_bytes() == made
        with psycopg.connect(server.conninfo("superuser", "other")) as connection:
            owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'other'"
            assert connection.execute(owner).fetchone() == ("civreg_owner",)
            with_password = "SELECT count(*) FROM pg_authid WHERE rolname ~ '^civreg_' AND rolpassword LIKE 'SCRAM-SHA-256$%'"
            assert connection.execute(with_password).fetchone() == (3,)
        server.stop(immediate=True)


def test_servers_of_somebody_else_are_not_started_here() -> None:
    with pytest.raises(StackRefused, match="Hãy khởi động ở máy chủ ấy"):
        Plan.servers_only({"DATABASE_URL": "x", "REDIS_URL": "y"})


def test_servers_alone_give_an_empty_database_and_make_no_keys(short_folder: Path) -> None:
    var = short_folder / "servers"
    environment = {"PATH": os.environ["PATH"], "CIVREG_VAR": str(var), "PYTHONUNBUFFERED": "1"}
    alone = subprocess.Popen(
        [sys.executable, "-m", "civreg.stack", "servers"],
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert alone.stdout is not None
    with alone.stdout:
        said = ""
        while "Nhấn Ctrl-C" not in said:
            line = alone.stdout.readline()
            assert line, said
            said += line
        assert "Các máy chủ đã sẵn sàng" in said
        assert "chưa chạy trang và việc nào" in said
        settings = load_settings(var=var, database_url="", redis_url="")
        settings.refuse_if_silent(broker=True)
        address = settings.owner_database_url.replace("+psycopg", "")
        with psycopg.connect(address) as connection:
            assert connection.execute(
                "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
            ).fetchone() == (0,)
        assert not (var / "keys.json").exists(), "a restore brings its own keys"
        alone.send_signal(signal.SIGINT)
        assert alone.wait(60) == 0


def test_deep_folder_gets_short_sockets(tmp_path: Path) -> None:
    deep = private_folder(tmp_path / ("sâu" * 20) / ("hơn" * 20))
    sockets = socket_folder(deep)
    try:
        assert len(os.fsencode(f"{sockets}/.s.PGSQL.5432")) <= 107
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(sockets / "probe"))
        assert socket_folder(deep) == sockets
        assert sockets.stat().st_mode & 0o077 == 0
        sockets.chmod(0o755)
        with pytest.raises(StackRefused, match="không an toàn"):
            socket_folder(deep)
    finally:
        (sockets / "probe").unlink()
        sockets.rmdir()


def test_near_folder_keeps_its_sockets(short_folder: Path) -> None:
    assert socket_folder(short_folder) == short_folder / "run"


def test_long_log_is_moved_while_the_program_goes_on_writing(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    with log.open("ab") as program:
        program.write(b"x" * (10 * 1024 * 1024 + 1))
        program.flush()
        shorten(log)
        program.write(b"after")
        program.flush()
    assert log.read_bytes() == b"after"
    assert (tmp_path / "web.log.1").stat().st_size == 10 * 1024 * 1024 + 1
    shorten(log)
    assert log.read_bytes() == b"after"


def test_leftover_is_ended_only_when_it_is_ours() -> None:
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", "marker-of-ours"])
    try:
        wait_until(lambda: is_running(sleeper.pid, "marker-of-ours"), what="the sleeper")
        assert not end_leftover(sleeper.pid, "somebody else's", signal.SIGTERM)
        assert sleeper.poll() is None
    finally:
        sleeper.kill()
        sleeper.wait()
    assert not is_running(sleeper.pid, "marker-of-ours")


def test_roles_are_not_superusers_and_the_report_only_reads(
    postgres: Cluster, template_database: str
) -> None:
    with psycopg.connect(postgres.conninfo("superuser", "postgres")) as connection:
        rows = connection.execute(
            "SELECT rolname, rolsuper, rolcreatedb, rolcreaterole, rolbypassrls FROM pg_roles WHERE rolname ~ '^civreg_'"
        ).fetchall()
    assert {name for name, *_ in rows} == {"civreg_owner", "civreg_app", "civreg_report"}
    assert not any(any(powers) for _, *powers in rows)
    with psycopg.connect(postgres.conninfo("report", template_database)) as connection:
        assert connection.execute("SHOW transaction_read_only").fetchone() == ("on",)
    with (
        psycopg.connect(postgres.conninfo("app", template_database)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("CREATE TABLE mine (id int)")


def test_database_has_extensions_checksums_and_vietnamese_time(
    postgres: Cluster, template_database: str
) -> None:
    with psycopg.connect(postgres.conninfo("app", template_database)) as connection:
        extensions = {name for (name,) in connection.execute("SELECT extname FROM pg_extension")}
        assert {"btree_gist", "pg_trgm", "unaccent"} <= extensions
        assert connection.execute("SHOW timezone").fetchone() == ("Asia/Ho_Chi_Minh",)
        assert connection.execute("SHOW data_checksums").fetchone() == ("on",)
        assert connection.execute("SELECT upper('đặng thị ế')").fetchone() == ("ĐẶNG THỊ Ế",)
