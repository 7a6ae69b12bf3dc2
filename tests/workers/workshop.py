"""A real worker and a real beat on a database of their own, with handles to break each part."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import redis
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from civreg.settings import Settings
from civreg.stack.processes import Program, spawn, stop
from civreg.stack.programs import PROJECT
from civreg.stack.valkey import EmbeddedValkey
from tests.live_stack import wait_until


class Workshop:
    """Valkey, worker and beat for one test; commits are real."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings = settings
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.valkey = EmbeddedValkey(folder)
        self.engine = create_engine(settings.database_url)
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def session(self) -> Session:
        return Session(self.engine)

    def start(self, name: str, *, queues: str = "", **environment: str) -> None:
        """Start `worker…` or `beat…`; several of each may run under different names.

        `queues` narrows what a worker listens to.
        """
        kind = "worker" if name.startswith("worker") else "beat"
        command: list[str | Path] = [sys.executable, "-m", "celery", "--app", "tests.workers.quick_app", kind]
        if kind == "worker":
            command += ["--concurrency=2", "--loglevel=INFO", "--without-gossip", "--without-mingle"]
            command += [f"--hostname={name}@localhost", *([f"--queues={queues}"] if queues else [])]
        else:
            command += ["--loglevel=INFO", "--pidfile="]
        program = Program(
            name=name,
            command=command,
            folder=PROJECT,
            environment={
                "DATABASE_URL": self.settings.database_url,
                "REDIS_URL": self.valkey.url(),
                "CIVREG_KEYRING_PATH": str(self.settings.keyring_path),
                "CIVREG_SECRET_KEY": self.settings.secret_key,
                "CIVREG_VAR": str(self.folder),
                **environment,
            },
        )
        self._running[name] = spawn(program, self.folder / f"{name}.log")

    def exit_code(self, name: str) -> int | None:
        """Return how a program ended by itself; None while it runs."""
        return self._running[name].poll()

    def kill(self, name: str) -> None:
        """Kill the main process only (-9); its pool must die with it."""
        process = self._running.pop(name)
        children = self.children(process.pid)
        process.kill()
        process.wait()
        wait_until(
            lambda: not any(Path(f"/proc/{child}").exists() for child in children), 60, "orphans to end"
        )

    def kill_child(self, name: str) -> None:
        """Kill every pool process of a worker (-9); the worker itself goes on."""
        for child in self.children(self._running[name].pid):
            os.kill(child, signal.SIGKILL)

    def children(self, pid: int) -> list[int]:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def log(self, name: str) -> str:
        file = self.folder / f"{name}.log"
        return file.read_text("utf-8", "replace") if file.exists() else ""

    def logs(self) -> str:
        return "\n".join(file.read_text("utf-8", "replace") for file in self.folder.glob("*.log"))

    def empty_valkey(self) -> None:
        with redis.Redis.from_url(self.valkey.url()) as client:
            client.flushall()

    def broker_keys(self) -> dict[str, Any]:
        with redis.Redis.from_url(self.valkey.url()) as client:
            return {key.decode(): client.type(key) for key in client.keys("*")}

    def scalar(self, query: str) -> Any:
        with self.session() as session:
            return session.scalar(text(query))

    def rows(self, query: str) -> list[Any]:
        with self.session() as session:
            return list(session.execute(text(query)))

    def wait(self, question: Callable[[], bool], seconds: float, what: str) -> None:
        try:
            wait_until(question, seconds, what)
        except AssertionError as reason:
            jobs = self.rows(
                "SELECT kind, state, attempts, last_error, lease_until FROM job WHERE state <> 'done'"
            )
            raise AssertionError(f"{reason}\n{jobs}\n{self.logs()[-6000:]}") from None

    def all_done(self) -> bool:
        waiting = self.scalar("SELECT count(*) FROM job WHERE state = 'waiting'")
        return bool(waiting == 0 and self.scalar("SELECT count(*) FROM outbox WHERE relayed_at IS NULL") == 0)

    def __enter__(self) -> Self:
        self.valkey.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._running.values():
            stop(process, signal.SIGTERM, 15)
        self.valkey.stop()
        self.engine.dispose()
