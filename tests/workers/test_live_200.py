"""Two hundred cases go from request to numbered letter while the worker, the broker and the database are broken in turn."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from alembic import command as alembic
from alembic.config import Config
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

from civreg import work
from civreg.accounts.rules import SYSTEM
from civreg.letters import queries
from civreg.letters import service as letters
from civreg.settings import load_settings
from civreg.shared import audit, crypto
from civreg.shared.database import transaction
from civreg.stack.keys import ensure_keys
from civreg.stack.postgres import EmbeddedPostgres
from civreg.statistics import queries as figures
from civreg.statistics import service as statistics
from tests.conftest import MIGRATIONS
from tests.workers.workshop import Workshop
from tests.world import MARRIAGE, World, ask, build_world, receive, register

pytestmark = pytest.mark.live

ROUND = 50
"""Cases of one fault; four faults."""


@pytest.fixture
def workshop(short_folder: Path) -> Iterator[Workshop]:
    """A worker and a beat on a server of their own that keeps what it acknowledged."""
    folder = short_folder / "two-hundred"
    with EmbeddedPostgres(folder) as server:
        configuration = Config(str(MIGRATIONS / "alembic.ini"))
        configuration.set_main_option("script_location", str(MIGRATIONS))
        configuration.attributes["url"] = server.url("owner")
        alembic.upgrade(configuration, "head")
        settings = load_settings(
            database_url=server.url("app"),
            redis_url="",
            var=folder,
            keyring_path=ensure_keys(folder),
            secret_key="a secret for tests only, long enough to pass",
        )
        crypto.use_keyring(crypto.Keyring.load(settings.keyring_path))
        with Workshop(settings, folder / "w") as opened:
            opened.postgres = server  # type: ignore[attr-defined]
            opened.engine = create_engine(settings.database_url, pool_pre_ping=True, pool_size=1)
            yield opened


class Commune(threading.Thread):
    """People at work: each case is asked for, received, registered, and its letter approved, however often that is refused.

    A step whose answer was lost is looked up before it is taken again, as a person with the page open would.
    """

    def __init__(self, workshop: Workshop, world: World, keys: range) -> None:
        super().__init__(daemon=True)
        self.workshop, self.world = workshop, world
        self.keys = [f"two-hundred-{number:04d}" for number in keys]
        self.acknowledged: dict[str, UUID] = {}
        self.approved = 0
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            for key in self.keys:
                self.acknowledged[key] = self._until_done(
                    lambda s, k=key: ask(s, self.world, MARRIAGE, key=k).case_id
                )
                self._until_done(
                    lambda s, k=key: self._advance(s, self.acknowledged[k], "dossier_received", receive)
                )
                self._until_done(
                    lambda s, k=key: self._advance(s, self.acknowledged[k], "registered", register)
                )
                self.approved += self._approve_what_is_drafted()
            while self.approved < len(self.keys):
                self.approved += self._approve_what_is_drafted()
                time.sleep(0.1)
        except BaseException as error:
            self.error = error

    def _until_done(self, step: Callable[[Any], Any]) -> Any:
        limit = time.monotonic() + 120
        while True:
            try:
                with self.workshop.session() as session, transaction(session):
                    return step(session)
            except (OperationalError, DBAPIError):
                assert time.monotonic() < limit, "the database does not come back"
                time.sleep(0.1)

    def _advance(self, session: Any, case_id: UUID, wanted: str, act: Callable[..., None]) -> None:
        order = ("requested", "dossier_received", "registered")
        state = session.scalar(text("SELECT state FROM case_file WHERE id = :id"), {"id": case_id})
        if order.index(state) < order.index(wanted):
            act(session, self.world, case_id)

    def _approve_what_is_drafted(self) -> int:
        found = self._until_done(
            lambda s: s.execute(
                text("SELECT id, version FROM letter WHERE state = 'draft' AND case_id = ANY(:ids)"),
                {"ids": list(self.acknowledged.values())},
            ).all()
        )
        for letter_id, version in found:
            self._until_done(lambda s, i=letter_id, v=version: self._approve(s, i, v))
        return len(found)

    def _approve(self, session: Any, letter_id: UUID, version: int) -> None:
        state = session.scalar(text("SELECT state FROM letter WHERE id = :id"), {"id": letter_id})
        if state == "draft":
            letters.approve(session, self.world.head, letter_id, expected_version=version)


def _kill_child(workshop: Workshop) -> None:
    workshop.kill_child("worker")


def _kill_parent(workshop: Workshop) -> None:
    workshop.kill("worker")
    workshop.start("worker")


def _empty_valkey(workshop: Workshop) -> None:
    workshop.empty_valkey()


def _stop_postgres(workshop: Workshop) -> None:
    server: EmbeddedPostgres = workshop.postgres  # type: ignore[attr-defined]
    server.stop(immediate=True)
    time.sleep(1)
    server.start()


def _issued(workshop: Workshop) -> int:
    return int(workshop.scalar("SELECT count(*) FROM letter WHERE state = 'issued'"))


def _check(workshop: Workshop, count: int, communes: list[Commune]) -> None:
    """Nothing lost, nothing doubled, no gap; figures and audit agree with what happened."""
    case_ids = {case_id for commune in communes for case_id in commune.acknowledged.values()}
    assert len(case_ids) == count
    rows = workshop.rows("SELECT id FROM case_file WHERE state = 'registered'")
    assert {row[0] for row in rows} == case_ids
    numbers = [row[0] for row in workshop.rows("SELECT number FROM letter ORDER BY number")]
    assert numbers == list(range(1, count + 1))
    assert workshop.scalar("SELECT last FROM counter WHERE series = 'letter'") == count
    assert workshop.scalar("SELECT count(DISTINCT case_id) FROM letter WHERE state = 'issued'") == count
    assert workshop.scalar("SELECT count(*) FROM letter_move WHERE action = 'issue'") == count
    assert workshop.scalar("SELECT count(*) FROM file") == count
    for line in ("requested", "received", "registered"):
        assert workshop.scalar(f"SELECT count(*) FROM fact WHERE line = '{line}'") == count, line
    assert workshop.scalar("SELECT count(*) FROM job WHERE state <> 'done'") == 0
    with workshop.session() as session, transaction(session):
        assert figures.facts_equal_counts(session)
        assert not statistics.rebuild(session)
        assert audit.verify(session).ok
        newest = text("SELECT id, sha256 FROM letter ORDER BY number DESC LIMIT :count")
        for letter_id, sha256 in session.execute(newest, {"count": ROUND}):
            pdf = queries.letter_pdf(session, SYSTEM, letter_id, work.LETTER_TEMPLATES)
            assert hashlib.sha256(pdf).hexdigest() == sha256


def test_two_hundred_cases_while_everything_breaks_in_turn(workshop: Workshop) -> None:
    with workshop.session() as session, transaction(session):
        world = build_world(session)
    workshop.start("beat")
    workshop.start("worker")
    communes: list[Commune] = []
    for number, fault in enumerate((_kill_child, _kill_parent, _empty_valkey, _stop_postgres)):
        done = number * ROUND
        commune = Commune(workshop, world, range(done, done + ROUND))
        communes.append(commune)
        commune.start()
        workshop.wait(
            lambda c=commune, d=done: c.error or _issued(workshop) >= d + 8, 120, "the first letters"
        )  # type: ignore[misc]
        assert _issued(workshop) < done + ROUND, "the fault came too late to be in the middle"
        fault(workshop)
        commune.join(180)
        assert commune.error is None, commune.error
        assert not commune.is_alive()
        workshop.wait(lambda d=done: _issued(workshop) == d + ROUND, 120, fault.__name__)  # type: ignore[misc]
        workshop.wait(workshop.all_done, 60, "all jobs")
        _check(workshop, done + ROUND, communes)
