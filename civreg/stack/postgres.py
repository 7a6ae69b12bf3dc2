"""PostgreSQL đi kèm: one private PostgreSQL server over a unix socket, with the three roles of civreg."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Literal, Self
from urllib.parse import quote

import psycopg
from psycopg import sql

from civreg.stack.binaries import postgres_program
from civreg.stack.folders import StackRefused, hand_over, private_folder, socket_folder
from civreg.stack.processes import Identity, Program, child_setup, end_leftover, server_identity, spawn, stop

Role = Literal["owner", "app", "report"]
DATABASE = "civreg"
_EXTENSIONS = ("btree_gist", "pg_trgm", "unaccent")
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class EmbeddedPostgres:
    """One PostgreSQL 18 on `folder`, reachable only through a socket folder of mode 0700.

    Roles: `postgres` (superuser, makes databases and extensions), `civreg_owner` (owns the tables, migrates),
    `civreg_app` (what the application connects as), `civreg_report` (reads only). Use as a context manager in tests
    and benchmarks; the supervisor takes `program()` and `prepare()` instead.

    Args:
        folder: everything of this server lies in it (`postgres/`, `run/`, `logs/`).
        durable: False trades safety against a crash of the machine for speed; for tests only.
        identity: the user it runs as, chosen by itself when None.
    """

    def __init__(self, folder: Path, *, durable: bool = True, identity: Identity | None = None) -> None:
        self.folder = private_folder(folder.resolve())
        self.cluster = self.folder / "postgres"
        self.sockets = socket_folder(self.folder)
        self.durable = durable
        self.identity = identity or server_identity(self.folder)
        self.process: subprocess.Popen[bytes] | None = None

    def conninfo(self, role: Role | Literal["superuser"] = "app", database: str = DATABASE) -> str:
        """Return the libpq address, as psycopg, psql and pg_dump take it."""
        user = "postgres" if role == "superuser" else f"civreg_{role}"
        return f"postgresql://{user}@/{quote(database)}?host={quote(str(self.sockets), safe='')}"

    def url(self, role: Role = "app", database: str = DATABASE) -> str:
        """Return the SQLAlchemy address of a database for one of the three roles."""
        return self.conninfo(role, database).replace("postgresql://", "postgresql+psycopg://", 1)

    def superuser_url(self, database: str = "postgres") -> str:
        """Return the SQLAlchemy address for the superuser; for making databases, never for the application."""
        return self.conninfo("superuser", database).replace("postgresql://", "postgresql+psycopg://", 1)

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
        )

    def start(self) -> None:
        """Start the server and make roles and database; returns when it answers."""
        log = private_folder(self.folder / "logs") / "postgres.log"
        self.process = spawn(self.program(), log)
        self.wait()
        self.prepare()

    def wait(self, seconds: float = 60.0) -> None:
        """Wait until the server answers.

        Raises:
            StackRefused: when it ended or did not answer in time; the sentence names its log.
        """
        limit = time.monotonic() + seconds
        while True:
            try:
                psycopg.connect(self.conninfo("superuser", "postgres"), connect_timeout=5).close()
            except psycopg.OperationalError as reason:
                ended = self.process is not None and self.process.poll() is not None
                if ended or time.monotonic() > limit:
                    raise StackRefused(
                        f"PostgreSQL không khởi động được. Hãy xem {self.folder / 'logs' / 'postgres.log'}."
                    ) from reason
                time.sleep(0.02)
            else:
                return

    def prepare(self) -> None:
        """Make the three roles and the database `civreg` when they are missing (quick when they exist)."""
        with psycopg.connect(self.conninfo("superuser", "postgres"), autocommit=True) as connection:
            found = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
            for role in ("civreg_owner", "civreg_app", "civreg_report"):
                if role not in found:
                    connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
            connection.execute("ALTER ROLE civreg_report SET default_transaction_read_only = on")
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
        if known is None:
            self.create_database(DATABASE)

    def create_database(self, name: str, template: str | None = None) -> None:
        """Make a database of `civreg_owner` with the extensions; a copy of `template` when one is named."""
        with psycopg.connect(self.conninfo("superuser", "postgres"), autocommit=True) as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER civreg_owner TEMPLATE {}").format(
                    sql.Identifier(name), sql.Identifier(template or "template0")
                )
            )
            connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
            connection.execute(
                sql.SQL("GRANT CONNECT ON DATABASE {} TO civreg_app, civreg_report").format(
                    sql.Identifier(name)
                )
            )
        if template is None:
            with psycopg.connect(self.conninfo("superuser", name), autocommit=True) as connection:
                for extension in _EXTENSIONS:  # the superuser's work: the owner need not be trusted with it
                    connection.execute(
                        sql.SQL("CREATE EXTENSION IF NOT EXISTS {} SCHEMA public").format(
                            sql.Identifier(extension)
                        )
                    )

    def drop_database(self, name: str) -> None:
        """Remove a database and disconnect whoever uses it."""
        with psycopg.connect(self.conninfo("superuser", "postgres"), autocommit=True) as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )

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
