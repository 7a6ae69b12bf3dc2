"""Valkey đi kèm: one private Redis-protocol server over a unix socket, for tasks and rate limits."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import redis

from civreg.stack.binaries import valkey_program
from civreg.stack.folders import StackRefused, private_folder, socket_folder
from civreg.stack.processes import Program, end_leftover, spawn, stop


class EmbeddedValkey:
    """One Valkey on `folder`: password, append-only file, no eviction (a queue must not forget).

    Args:
        folder: everything of this server lies in it (`valkey/`, `run/`, `logs/`).
    """

    def __init__(self, folder: Path) -> None:
        self.folder = private_folder(folder.resolve())
        self.home = private_folder(self.folder / "valkey")
        self.socket = socket_folder(self.folder) / "valkey.sock"
        self.process: subprocess.Popen[bytes] | None = None
        self._password = self._read_password()

    def url(self, database: int = 0) -> str:
        """Return the redis-py address of one of its databases; `civreg.settings` derives the broker's from it."""
        return f"unix://:{self._password}@{self.socket}?db={database}"

    def program(self) -> Program:
        """Write the configuration, end what a killed supervisor left, and return the program to start."""
        pid_file = self.home / "valkey.pid"
        text = pid_file.read_text().strip() if pid_file.exists() else ""
        if text.isdigit():
            end_leftover(int(text), str(self.socket), signal.SIGTERM)
        pid_file.unlink(missing_ok=True)
        # in a file and not on the command line, which every user of the machine can read
        configuration = self.home / "valkey.conf"
        _write_private(
            configuration,
            "\n".join(
                [
                    "port 0",
                    f"unixsocket {self.socket}",
                    "unixsocketperm 700",
                    f"dir {_quoted(self.home)}",
                    f"pidfile {_quoted(pid_file)}",
                    "daemonize no",
                    "appendonly yes",
                    'save ""',
                    "maxmemory-policy noeviction",
                    f"requirepass {self._password}",
                    "",
                ]
            ),
        )
        return Program(
            name="valkey", command=[valkey_program(), configuration], folder=self.home, server=True
        )

    def start(self) -> None:
        """Start the server; returns when it answers."""
        self.process = spawn(self.program(), private_folder(self.folder / "logs") / "valkey.log")
        self.wait()

    def wait(self, seconds: float = 30.0, gave_up: Callable[[], bool] | None = None) -> None:
        """Wait until the server answers.

        Args:
            seconds: the longest wait.
            gave_up: tells that the server has ended, when somebody else started it.

        Raises:
            StackRefused: when it ended or did not answer in time; the sentence names its log.
        """
        limit = time.monotonic() + seconds
        with redis.Redis.from_url(self.url()) as client:
            while True:
                try:
                    client.ping()
                except redis.RedisError as reason:
                    ended = (gave_up or self._has_ended)()
                    if ended or time.monotonic() > limit:
                        raise StackRefused(
                            f"Valkey không khởi động được. Hãy xem {self.folder / 'logs' / 'valkey.log'}."
                        ) from reason
                    time.sleep(0.02)
                else:
                    return

    def _has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def stop(self, *, immediate: bool = False) -> None:
        """Stop the server; `immediate` is a crash on purpose."""
        if self.process is not None:
            stop(self.process, signal.SIGKILL if immediate else signal.SIGTERM, 10.0)
            self.process = None

    def _read_password(self) -> str:
        file = self.home / "password"
        if not file.exists():
            _write_private(file, secrets.token_urlsafe(24))
        return file.read_text()

    def __enter__(self) -> Self:
        """Start and return the server."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the server."""
        self.stop()


def _quoted(path: Path) -> str:
    text = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def _write_private(file: Path, text: str) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as target:
        target.write(text)
