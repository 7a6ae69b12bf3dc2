"""Two hundred cases go from request to numbered letter while the worker, the broker and the database are broken."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.shared.database import transaction
from civreg.statistics import queries as figures
from civreg.statistics import service as statistics
from tests.workers.breaking import (
    DurableWorkshop,
    Persistent,
    check_letters,
    durable_workshop,
    finish,
    strike,
)
from tests.world import MARRIAGE, World, ask, build_world, receive, register

pytestmark = pytest.mark.live

CASES = 200
UNDER_WAY = 10
"""How many cases one person has at each stage at a time."""
LEFT = 20
"""How many letters of one person wait until every fault has struck, so that each finds people at work."""
ORDER = ("requested", "dossier_received", "registered")


@pytest.fixture
def workshop(short_folder: Path) -> Iterator[DurableWorkshop]:
    with durable_workshop(short_folder / "two-hundred") as opened:
        yield opened


class Officer(Persistent):
    """Requests come in, dossiers are received, cases registered and letters approved, several at each stage at once."""

    def __init__(self, workshop: DurableWorkshop, world: World, keys: range) -> None:
        super().__init__(workshop, world)
        self.keys = keys
        self.case_ids: list[UUID] = []
        self.approved = 0
        self.all_broken = threading.Event()

    def work(self) -> None:
        count = len(self.keys)
        for turn in range(count + 2 * UNDER_WAY):
            if turn < count:
                self.case_ids.append(self.until_done(lambda session, turn=turn: self._ask(session, turn)))
            if UNDER_WAY <= turn < count + UNDER_WAY:
                self._advance(self.case_ids[turn - UNDER_WAY], "dossier_received")
            if turn >= 2 * UNDER_WAY:
                self._advance(self.case_ids[turn - 2 * UNDER_WAY], "registered")
            self._approve_what_is_drafted()
        while self.approved < count:
            self._approve_what_is_drafted()

    def _ask(self, session: Session, turn: int) -> UUID:
        return ask(session, self.world, MARRIAGE, key=f"two-hundred-{self.keys[turn]:04d}").case_id

    def _advance(self, case_id: UUID, wanted: str) -> None:
        act = receive if wanted == "dossier_received" else register

        def step(session: Session) -> None:
            state = session.scalar(text("SELECT state FROM case_file WHERE id = :id"), {"id": case_id})
            if ORDER.index(state) < ORDER.index(wanted):
                act(session, self.world, case_id)

        self.until_done(step)

    def _approve_what_is_drafted(self) -> None:
        drafts = text("SELECT id FROM letter WHERE state = 'draft' AND case_id = ANY(:ids)")
        found = self.until_done(lambda session: session.scalars(drafts, {"ids": self.case_ids}).all())
        if not self.all_broken.is_set():
            found = found[: len(self.keys) - LEFT - self.approved]
        for letter_id in found:
            self.approve(letter_id)
        self.approved += len(found)


def check_cases(workshop: DurableWorkshop, acknowledged: set[UUID]) -> None:
    """What people were told is done is done, once, and the figures agree with what happened."""
    assert len(acknowledged) == CASES
    assert {row[0] for row in workshop.rows("SELECT id FROM case_file")} == acknowledged
    assert workshop.scalar("SELECT count(*) FROM case_file WHERE state = 'registered'") == CASES
    assert {row[0] for row in workshop.rows("SELECT case_id FROM letter")} == acknowledged
    for line in ("requested", "received", "registered"):
        assert workshop.scalar(f"SELECT count(*) FROM fact WHERE line = '{line}'") == CASES, line
    with workshop.session() as session, transaction(session):
        assert figures.facts_equal_counts(session)
        assert not statistics.rebuild(session)


def test_two_hundred_moving_cases_survive_every_fault(workshop: DurableWorkshop) -> None:
    with workshop.session() as session, transaction(session):
        world = build_world(session)
    workshop.start("beat")
    workshop.start_worker()
    officers = [Officer(workshop, world, range(0, 100)), Officer(workshop, world, range(100, 200))]
    for officer in officers:
        officer.start()

    faults = (
        workshop.kill_children,
        workshop.kill_worker,
        workshop.empty_valkey,
        workshop.stop_postgres_at_once,
    )
    for number, fault in enumerate(faults):
        strike(workshop, officers, fault, of=CASES, after=20 + 40 * number)
    for officer in officers:
        officer.all_broken.set()
    finish(workshop, officers, CASES)
    assert sum(sum(officer.refused.values()) for officer in officers) > 0, "nobody noticed the database"
    check_letters(workshop, CASES)
    check_cases(workshop, {case_id for officer in officers for case_id in officer.case_ids})
