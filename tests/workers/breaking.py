"""What the survival tests share: a worker on a durable server of its own, people who do not give up, and the faults.

A fault must strike while work moves: `strike` waits until some letters are issued, breaks something, and fails the test
when nothing was left to do afterwards.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from civreg import work
from civreg.accounts.rules import SYSTEM
from civreg.cli.system import migrate_database
from civreg.letters import queries
from civreg.letters import service as letters
from civreg.settings import load_settings
from civreg.shared import audit, crypto
from civreg.shared.database import transaction
from civreg.stack.keys import ensure_keys
from civreg.stack.postgres import EmbeddedPostgres
from tests.workers.workshop import Workshop
from tests.world import World

Done = TypeVar("Done")

PATIENCE = 120.0
"""Seconds after which a database that does not come back is a failure."""


class DurableWorkshop(Workshop):
    """A workshop whose PostgreSQL keeps what it acknowledged, and may be stopped at once.

    Attributes:
        slow: seconds that the issue of a letter waits before its commit, so that faults find it open.
    """

    postgres: EmbeddedPostgres
    slow = "0.05"

    def stop_postgres_at_once(self) -> None:
        self.postgres.stop(immediate=True)
        time.sleep(1)
        self.postgres.start()

    def start_worker(self) -> None:
        self.start("worker", CIVREG_TEST_SLOW=self.slow)

    def kill_worker(self) -> None:
        self.kill("worker")
        self.start_worker()

    def kill_children(self) -> None:
        self.kill_child("worker")

    def kill_child_then_parent(self) -> None:
        """The parent goes while it replaces its killed children."""
        self.kill_children()
        self.kill_worker()

    def look_after(self) -> None:
        """Start again what ended by itself, as the supervisor would."""
        for server in (self.postgres, self.valkey):
            if server.process is None or server.process.poll() is not None:
                server.start()
        if self.exit_code("worker") is not None:
            self.start_worker()
        if self.exit_code("beat") is not None:
            self.start("beat")

    def issued(self) -> int:
        return int(self.patiently("SELECT count(*) FROM letter WHERE state = 'issued'"))

    def patiently(self, query: str) -> Any:
        """Ask until the database answers."""
        limit = time.monotonic() + PATIENCE
        while True:
            try:
                return self.scalar(query)
            except DBAPIError:
                assert time.monotonic() < limit, "the database does not come back"
                time.sleep(0.1)


@contextmanager
def durable_workshop(folder: Path) -> Iterator[DurableWorkshop]:
    """Open a workshop on a migrated PostgreSQL of its own."""
    with EmbeddedPostgres(folder) as server:
        migrate_database(server.url("owner"))
        settings = load_settings(
            database_url=server.url("app"),
            redis_url="",
            var=folder,
            keyring_path=ensure_keys(folder),
            secret_key="a secret for tests only, long enough to pass",
        )
        crypto.use_keyring(crypto.Keyring.load(settings.keyring_path))
        with DurableWorkshop(settings, folder / "w") as opened:
            opened.postgres = server
            opened.engine = create_engine(settings.database_url, pool_pre_ping=True)
            yield opened


class Persistent(threading.Thread):
    """Somebody at work who repeats what was refused, and looks up what was done when an answer was lost.

    Attributes:
        error: what ended the work before its time.
        refused: SQLSTATE (or the class of the error) → how often a step had to be repeated for it.
    """

    def __init__(self, workshop: DurableWorkshop, world: World) -> None:
        super().__init__(daemon=True)
        self.workshop, self.world = workshop, world
        self.error: BaseException | None = None
        self.refused: Counter[str] = Counter()

    def run(self) -> None:
        try:
            self.work()
        except BaseException as error:
            self.error = error

    def work(self) -> None:
        raise NotImplementedError

    def until_done(self, step: Callable[[Session], Done]) -> Done:
        limit = time.monotonic() + PATIENCE
        while True:
            try:
                with self.workshop.session() as session, transaction(session):
                    return step(session)
            except DBAPIError as error:
                self.refused[getattr(error.orig, "sqlstate", None) or type(error.orig).__name__] += 1
                assert time.monotonic() < limit, f"refused for {PATIENCE:g} s: {self.refused}"
                time.sleep(0.1)

    def approve(self, letter_id: UUID) -> None:
        self.until_done(lambda session: self._approve(session, letter_id))

    def _approve(self, session: Session, letter_id: UUID) -> None:
        state, version = session.execute(
            text("SELECT state, version FROM letter WHERE id = :id"), {"id": letter_id}
        ).one()
        if state == "draft":
            letters.approve(session, self.world.head, letter_id, expected_version=version)


def strike(
    workshop: DurableWorkshop,
    people: Sequence[Persistent],
    fault: Callable[[], None],
    *,
    of: int,
    after: int,
) -> None:
    """Break something once `after` of `of` letters are issued; afterwards some must still be to come."""

    def far_enough() -> bool:
        assert all(person.error is None for person in people), [person.error for person in people]
        workshop.look_after()
        return workshop.issued() >= after

    workshop.wait(far_enough, PATIENCE, f"letter {after}, to break: {fault.__name__}")
    fault()
    assert workshop.issued() < of, f"{fault.__name__} came too late to be in the middle"


def finish(workshop: DurableWorkshop, people: Sequence[Persistent], count: int) -> None:
    """Wait until everybody's work and every job is done."""
    for person in people:
        person.join(PATIENCE)
        assert person.error is None, person.error
        assert not person.is_alive()

    def all_issued() -> bool:
        workshop.look_after()
        return workshop.issued() == count

    workshop.wait(all_issued, PATIENCE, "all letters")
    workshop.wait(workshop.all_done, PATIENCE, "all jobs")


def check_letters(workshop: Workshop, count: int) -> None:
    """Every letter once, numbers without a gap, bytes as their hash says, every job done, the audit whole."""
    numbers = [row[0] for row in workshop.rows("SELECT number FROM letter ORDER BY number")]
    assert numbers == list(range(1, count + 1))
    assert workshop.scalar("SELECT last FROM counter WHERE series = 'letter'") == count
    assert workshop.scalar("SELECT count(DISTINCT case_id) FROM letter WHERE state = 'issued'") == count
    assert workshop.scalar("SELECT count(*) FROM letter_move WHERE action = 'issue'") == count
    assert workshop.scalar("SELECT count(*) FROM letter_move WHERE action = 'approve'") == count
    assert workshop.scalar("SELECT count(*) FROM file") == count
    assert workshop.scalar("SELECT count(*) FROM job WHERE state <> 'done'") == 0
    with workshop.session() as session, transaction(session):
        assert audit.verify(session).ok
        for letter_id, sha256 in session.execute(text("SELECT id, sha256 FROM letter")).all():
            pdf = queries.letter_pdf(session, SYSTEM, letter_id, work.LETTER_TEMPLATES)
            assert hashlib.sha256(pdf).hexdigest() == sha256


@dataclass(frozen=True)
class SmallDisk:
    """A file system of its own that can be filled to the last byte."""

    folder: Path

    def fill(self) -> None:
        """Take whatever is free until nothing is."""
        with (self.folder / "ballast").open("ab") as file:
            while free := self._free():
                with contextlib.suppress(OSError):  # somebody else took a part of it meanwhile
                    os.posix_fallocate(file.fileno(), file.seek(0, os.SEEK_END), free)

    def empty(self) -> None:
        (self.folder / "ballast").unlink()

    def _free(self) -> int:
        found = os.statvfs(self.folder)
        return found.f_bavail * found.f_frsize


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[SmallDisk | None]:
    """Mount a tmpfs of that size for the time; None where mounting is not allowed (not root, or a container)."""
    folder.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "civreg-test", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        yield None
        return
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", str(folder)], check=True)
