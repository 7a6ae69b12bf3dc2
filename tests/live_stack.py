"""The whole system of one machine for a `live` test, with handles to kill and restart each part."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from civreg.settings import Settings, load_settings
from civreg.stack.folders import private_folder, write_addresses
from civreg.stack.keys import ensure_keys
from civreg.stack.postgres import EmbeddedPostgres
from civreg.stack.processes import Program, spawn, stop
from civreg.stack.programs import PROJECT, civreg_programs
from civreg.stack.valkey import EmbeddedValkey


def free_port() -> int:
    """Return a TCP port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(question: Callable[[], bool], seconds: float = 30.0, what: str = "it") -> None:
    """Ask until the answer is yes; fail when that takes too long."""
    limit = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < limit, f"waited {seconds:g} s for {what}"
        time.sleep(0.05)


class LiveStack:
    """Everything of one machine, started without the supervisor so that a test can break each part.

    Attributes:
        url: address of the web server.
        postgres: the database server (`.stop(immediate=True)`, `.start()`).
        valkey: the broker, likewise.
        environment: what the children were told; pass it to commands.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = private_folder(folder)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.postgres = EmbeddedPostgres(folder)
        self.valkey = EmbeddedValkey(folder)
        self.environment: dict[str, str] = {}
        self._programs: dict[str, Program] = {}
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def settings(self) -> Settings:
        """The settings the children have, for an application object in the test's own process."""
        return load_settings(
            database_url=self.environment["DATABASE_URL"],
            owner_database_url=self.environment["CIVREG_OWNER_DATABASE_URL"],
            report_database_url=self.environment["CIVREG_REPORT_DATABASE_URL"],
            redis_url=self.environment["REDIS_URL"],
            var=self.folder,
            port=self.port,
        )

    def flask(self, *arguments: str, answer: str = "") -> subprocess.CompletedProcess[str]:
        """Run `flask --app app …` on this stack; `answer` is typed on its standard input."""
        return subprocess.run(
            [sys.executable, "-m", "flask", "--app", "app", *arguments],
            cwd=PROJECT,
            env={**os.environ, **self.environment},
            input=answer,
            capture_output=True,
            text=True,
            check=False,
        )

    def start(self, name: str) -> None:
        """Start `worker`, `beat` or `web` (again); the web server is awaited."""
        self._running[name] = spawn(
            self._programs[name], private_folder(self.folder / "logs") / f"{name}.log"
        )
        if name == "web":
            wait_until(self._web_answers, 120, f"web server\n{self.log('web')}")

    def stop(self, name: str) -> None:
        """Stop a program in good order."""
        program = self._programs[name]
        stop(self._running.pop(name), program.stop_signal, program.stop_seconds)

    def kill(self, name: str) -> None:
        """Kill a program and its pool children at once (-9), as a power cut would."""
        process = self._running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def pid(self, name: str) -> int:
        """Return the process number of a running program (leader of its group)."""
        return self._running[name].pid

    def log(self, name: str) -> str:
        """Return what a program (or `postgres`, `valkey`) wrote so far."""
        file = self.folder / "logs" / f"{name}.log"
        return file.read_text("utf-8", "replace") if file.exists() else ""

    def _web_answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def __enter__(self) -> Self:
        """Start servers, initialise the database, start the programs."""
        try:
            self._open()
        except BaseException:
            self._close()
            raise
        return self

    def _open(self) -> None:
        ensure_keys(self.folder)
        self.postgres.start()
        self.valkey.start()
        addresses = {
            "database_url": self.postgres.url("app"),
            "owner_database_url": self.postgres.url("owner"),
            "report_database_url": self.postgres.url("report"),
            "redis_url": self.valkey.url(),
        }
        write_addresses(self.folder, addresses)
        self.environment = {
            "CIVREG_VAR": str(self.folder),
            "PORT": str(self.port),
            "DATABASE_URL": addresses["database_url"],
            "CIVREG_OWNER_DATABASE_URL": addresses["owner_database_url"],
            "CIVREG_REPORT_DATABASE_URL": addresses["report_database_url"],
            "REDIS_URL": addresses["redis_url"],
        }
        done = self.flask("init")
        assert done.returncode == 0, done.stderr
        programs = civreg_programs(self.folder, "127.0.0.1", self.port, self.environment)
        self._programs = {program.name: program for program in programs}
        for name in self._programs:
            self.start(name)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop everything."""
        self._close()

    def _close(self) -> None:
        for name in reversed(list(self._running)):
            self.stop(name)
        self.valkey.stop()
        self.postgres.stop()
