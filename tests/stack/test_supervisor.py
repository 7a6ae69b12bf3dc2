from __future__ import annotations

import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from civreg.settings import load_settings
from civreg.stack.folders import remove_short_sockets
from civreg.stack.postgres import EmbeddedPostgres
from civreg.stack.processes import unprivileged_identity
from tests.live_stack import PROJECT, free_port, wait_until

pytestmark = pytest.mark.live

STAND_IN = Path(__file__).with_name("stand_in.py")


def processes_of(folder: Path) -> dict[int, str]:
    """Every process whose command line names the folder, and the PostgreSQL backends below them."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                place = os.readlink(entry / "cwd")
            except OSError:
                continue
            if str(folder) in words or place.startswith(str(folder)):
                found[int(entry.name)] = words
    return found


class Stand:
    """The stand-in machine as a process of its own."""

    def __init__(self, folder: Path, *before: str) -> None:
        self.folder = folder
        self.before = before
        self.port = free_port()
        self.output = folder.with_suffix(".txt")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [*self.before, sys.executable, str(STAND_IN), str(self.folder), str(self.port)],
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONPATH": str(PROJECT)},
                cwd="/",
            )
        wait_until(lambda: "sẵn sàng" in self.said() or self.ended(), 120, "the stand-in machine")
        assert "sẵn sàng" in self.said(), self.said()
        wait_until(lambda: len(self.pool_child()) == 1, 120, "the worker's child")

    def said(self) -> str:
        return self.output.read_text("utf-8")

    def ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def signal(self, number: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        status = self.process.wait(60)
        self.process = None
        return status

    def pids(self, *words: str) -> list[int]:
        """Processes whose command line has all these words."""
        return [pid for pid, line in processes_of(self.folder).items() if all(word in line for word in words)]

    def worker(self) -> list[int]:
        return self.pids("subprocess.Popen")

    def pool_child(self) -> list[int]:
        return [pid for pid in self.pids("SIG_IGN") if pid not in self.worker()]

    def database(self) -> list[tuple[object]]:
        settings = load_settings(var=self.folder, database_url="", redis_url="")
        with psycopg.connect(settings.owner_database_url.replace("+psycopg", "")) as connection:
            return connection.execute("SELECT at FROM start").fetchall()

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.signal(signal.SIGTERM)


@pytest.fixture
def folder() -> Iterator[Path]:
    # spaces, quotes and accents, as in a person's own folders
    folder = Path(tempfile.mkdtemp(prefix='civreg hộ tịch, "thử" '))
    yield folder
    wait_until(lambda: not processes_of(folder), 120, f"the end of {processes_of(folder)}")
    remove_short_sockets(folder)
    shutil.rmtree(folder)
    folder.with_suffix(".txt").unlink(missing_ok=True)


@pytest.fixture
def stand(folder: Path) -> Iterator[Stand]:
    stand = Stand(folder)
    stand.start()
    yield stand
    stand.close()


def test_stops_everything_in_order_and_keeps_the_data(stand: Stand) -> None:
    assert len(processes_of(stand.folder)) >= 5
    assert stand.signal(signal.SIGINT) == 0
    assert processes_of(stand.folder) == {}
    stand.start()
    settings = load_settings(var=stand.folder, database_url="", redis_url="")
    with redis.Redis.from_url(settings.redis_url) as client:
        assert client.get("starts") == b"2"
    assert len(stand.database()) == 2


def test_killed_supervisor_leaves_no_process_and_the_next_start_waits_for_the_end(stand: Stand) -> None:
    assert stand.process is not None
    supervisor = stand.process.pid
    stand.signal(signal.SIGKILL)
    stand.start()
    assert len(stand.database()) == 2
    assert stand.process is not None
    assert stand.process.pid != supervisor
    stand.signal(signal.SIGKILL)
    wait_until(lambda: not processes_of(stand.folder), 120, "the end of everything")


def test_killed_supervisor_and_watcher_leave_no_server(stand: Stand) -> None:
    watcher = [
        pid for pid in children_of(stand) if b"watcher.py" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]
    (grandchild,) = stand.pool_child()
    for pid in watcher:
        os.kill(pid, signal.SIGSTOP)
    stand.signal(signal.SIGKILL)
    for pid in watcher:
        os.kill(pid, signal.SIGKILL)
    # only what ignores SIGTERM and has lost its watcher may stay: kill it here
    wait_until(lambda: set(processes_of(stand.folder)) <= {grandchild}, 120, "the end of all children")
    os.kill(grandchild, signal.SIGKILL)


def children_of(stand: Stand) -> list[int]:
    assert stand.process is not None
    text = Path(f"/proc/{stand.process.pid}/task/{stand.process.pid}/children").read_text()
    return [int(word) for word in text.split()]


def test_second_supervisor_is_refused_in_one_sentence(stand: Stand) -> None:
    second = subprocess.run(
        [sys.executable, str(STAND_IN), str(stand.folder), str(free_port())],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        check=False,
    )
    assert second.returncode == 1
    assert second.stdout == ""
    assert re.fullmatch(r"Hệ thống đang chạy trên thư mục .+ Ctrl-C, .+\n", second.stderr)
    assert len(stand.database()) == 1


def test_taken_port_is_refused_before_anything_starts(stand: Stand, tmp_path: Path) -> None:
    second = subprocess.run(
        [sys.executable, str(STAND_IN), str(tmp_path / "other"), str(stand.port)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        check=False,
    )
    assert second.returncode == 1
    assert f"Cổng {stand.port} trên máy này đang được dùng." in second.stderr
    assert not (tmp_path / "other" / "postgres").exists()


@pytest.mark.parametrize("words", [("postgres", "-D"), ("valkey-server",), ("subprocess.Popen",)])
def test_dead_child_comes_back(stand: Stand, words: tuple[str, ...]) -> None:
    def pid() -> int | None:
        matching = [
            p for p, line in processes_of(stand.folder).items() if all(word in line for word in words)
        ]
        return matching[0] if len(matching) == 1 else None

    first = pid()
    assert first is not None
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: pid() not in (None, first), 120, f"another {words}")
    assert "khởi động lại sau 0.5 giây" in stand.said()
    wait_until(lambda: answers(stand), 120, "the database")


def test_children_of_a_dead_child_are_cleared_away(stand: Stand) -> None:
    (worker,), (grandchild,) = stand.worker(), stand.pool_child()
    os.kill(worker, signal.SIGKILL)
    wait_until(lambda: grandchild not in processes_of(stand.folder), 120, "the end of the pool child")
    wait_until(lambda: len(stand.worker()) == 1, 120, "another worker")


def test_dead_watcher_is_replaced(stand: Stand) -> None:
    def watchers() -> list[int]:
        return [
            pid for pid in children_of(stand) if b"watcher.py" in Path(f"/proc/{pid}/cmdline").read_bytes()
        ]

    (first,) = watchers()
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: watchers() not in ([], [first]), 120, "another watcher")
    stand.signal(signal.SIGKILL)
    wait_until(lambda: not processes_of(stand.folder), 120, "the end of everything")


def answers(stand: Stand) -> bool:
    try:
        return len(stand.database()) >= 1
    except psycopg.OperationalError:
        return False


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("setpriv") is None, reason="needs root and setpriv")
def test_ordinary_user_runs_the_same(folder: Path) -> None:
    os.chown(folder, 1000, 1000)
    user = ["setpriv", "--reuid=1000", "--regid=1000", "--clear-groups"]
    # only to reach a Python that lies in root's home; writing and being root stay forbidden
    user += ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search", "env", f"HOME={folder}"]
    stand = Stand(folder, *user)
    stand.start()
    try:
        assert (folder / "postgres" / "PG_VERSION").stat().st_uid == 1000
        assert {Path(f"/proc/{pid}").stat().st_uid for pid in processes_of(folder)} == {1000}
        assert len(stand.database()) == 1
    finally:
        stand.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_root_without_user_namespaces_hands_the_cluster_to_an_unprivileged_user(folder: Path) -> None:
    identity = unprivileged_identity(folder)
    assert identity.uid == pwd.getpwnam("nobody").pw_uid
    with EmbeddedPostgres(folder, identity=identity) as server:
        assert server.process is not None
        assert Path(f"/proc/{server.process.pid}").stat().st_uid == identity.uid
        assert (folder / "postgres").stat().st_uid == identity.uid
    with EmbeddedPostgres(folder) as server, psycopg.connect(server.conninfo("app")) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("civreg_app",)
