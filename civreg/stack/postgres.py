"""PostgreSQL đi kèm: one private PostgreSQL server over a unix socket, with the three roles of civreg."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import psycopg

from civreg.stack.binaries import postgres_program
from civreg.stack.cluster import Cluster
from civreg.stack.folders import StackRefused, hand_over, private_folder, socket_folder
from civreg.stack.processes import Identity, Program, child_setup, end_leftover, server_identity, spawn, stop

_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class EmbeddedPostgres(Cluster):
    """One PostgreSQL 18 on `folder`, reachable only through a socket folder of mode 0700.

    Use as a context manager in tests and benchmarks; the supervisor takes `program()`, `wait()` and `prepare()`.

    Args:
        folder: everything of this server lies in it (`postgres/`, `run/`, `logs/`).
        durable: False trades safety against a crash of the machine for speed; for tests only.
        identity: the user it runs as, chosen by itself when None.
    """

    def __init__(self, folder: Path, *, durable: bool = True, identity: Identity | None = None) -> None:
        self.folder = private_folder(folder.resolve())
        self.cluster = self.folder / "postgres"
        self.sockets = socket_folder(self.folder)
        super().__init__(f"/{{database}}?host={quote(str(self.sockets), safe='')}")
        self.durable = durable
        self.identity = identity or server_identity(self.folder)
        self.process: subprocess.Popen[bytes] | None = None

    def program(self) -> Program:
        """Make the cluster at the first start, clear what a crash left, and return the program to start."""
        self._make_cluster()
        self._clear_leftovers()
        settings = [
            "listen_addresses=",
            f"unix_socket_directories={self.sockets}",
            "unix_socket_permissions=0700",
            "max_connections=120",
            "timezone=Asia/Ho_Chi_Minh",
            "log_timezone=Asia/Ho_Chi_Minh",
            # DETAIL lines and failing statements would put names and phone numbers into the log
            "log_error_verbosity=terse",
            "log_min_error_statement=panic",
            *(() if self.durable else _FAST),
        ]
        command: list[str | Path] = [postgres_program("postgres"), "-D", self.cluster]
        for setting in settings:
            command += ["-c", setting]
        return Program(
            name="postgres",
            command=command,
            folder=self.cluster,
            identity=self.identity,
            stop_signal=signal.SIGINT,  # "fast": roll back what runs, then a clean stop
            stop_seconds=30.0,
            server=True,
        )

    def start(self) -> None:
        """Start the server and make roles and database; returns when it answers."""
        log = private_folder(self.folder / "logs") / "postgres.log"
        self.process = spawn(self.program(), log)
        self.wait()
        self.prepare()

    def wait(self, seconds: float = 60.0, gave_up: Callable[[], bool] | None = None) -> None:
        """Wait until the server answers.

        Args:
            seconds: the longest wait.
            gave_up: tells that the server has ended, when somebody else started it.

        Raises:
            StackRefused: when it ended or did not answer in time; the sentence names its log.
        """
        limit = time.monotonic() + seconds
        while True:
            try:
                psycopg.connect(self.conninfo("superuser", "postgres"), connect_timeout=5).close()
            except psycopg.OperationalError as reason:
                ended = (gave_up or self._has_ended)()
                if ended or time.monotonic() > limit:
                    raise StackRefused(
                        f"PostgreSQL không khởi động được. Hãy xem {self.folder / 'logs' / 'postgres.log'}."
                    ) from reason
                time.sleep(0.02)
            else:
                return

    def prepare(self) -> None:
        """Make the three roles and the database `civreg` when they are missing (quick when they exist)."""
        super().prepare()
        self.ensure_database()

    def _has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def stop(self, *, immediate: bool = False) -> None:
        """Stop the server; `immediate` is a crash on purpose (the next start recovers from the log)."""
        if self.process is not None:
            stop(self.process, signal.SIGQUIT if immediate else signal.SIGINT, 30.0)
            self.process = None

    def _make_cluster(self) -> None:
        """Run initdb beside the final place and rename, so that an interrupted first start leaves no half cluster."""
        if not (self.cluster / "PG_VERSION").exists():
            fresh = self.folder / "postgres.new"
            shutil.rmtree(fresh, ignore_errors=True)
            private_folder(fresh)
            hand_over(fresh, self.identity)
            self._open_path_to(self.folder)
            self._run_initdb(fresh)
            fresh.rename(self.cluster)
        self._open_path_to(self.folder)
        hand_over(self.cluster, self.identity)
        hand_over(self.sockets, self.identity)

    def _run_initdb(self, fresh: Path) -> None:
        options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--data-checksums"]
        # builtin C.UTF-8: same order and case rules on every machine, no library that changes under the indexes
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        try:
            done = subprocess.run(
                [str(postgres_program("initdb")), "-D", str(fresh), *options],
                check=False,
                capture_output=True,
                cwd=fresh,
                preexec_fn=child_setup(self.identity, signal.SIGKILL),
            )
        except (PermissionError, subprocess.SubprocessError) as reason:
            raise StackRefused(
                "PostgreSQL không chạy được bằng root và người dùng thường không đọc được thư mục này. "
                "Hãy chạy bằng người dùng thường, hoặc đặt DATABASE_URL và REDIS_URL."
            ) from reason
        if done.returncode != 0:
            last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
            raise StackRefused(f"Không tạo được cơ sở dữ liệu ở {self.folder}: {' '.join(last)}")

    def _open_path_to(self, folder: Path) -> None:
        """Let an unprivileged server pass through our folder without reading it; its own folders stay 0700."""
        if self.identity.kind == "uid" and folder.stat().st_uid != self.identity.uid:
            folder.chmod(0o711)

    def _clear_leftovers(self) -> None:
        """End a server of a killed supervisor and remove pid files whose number belongs to somebody else now."""
        pid_file = self.cluster / "postmaster.pid"
        lock_file = self.sockets / ".s.PGSQL.5432.lock"
        for file in (pid_file, lock_file):
            first = file.read_text().splitlines()[:1] if file.exists() else []
            if first and first[0].strip().lstrip("-").isdigit():
                end_leftover(abs(int(first[0])), str(self.cluster), signal.SIGINT)
            file.unlink(missing_ok=True)
        (self.sockets / ".s.PGSQL.5432").unlink(missing_ok=True)

    def __enter__(self) -> Self:
        """Start and return the server."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the server."""
        self.stop()
