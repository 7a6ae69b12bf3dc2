"""Six hundred letters are approved and issued while worker, broker, database and disk fail, most of them twice."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg import work
from civreg.letters import queries
from civreg.letters import service as letters
from civreg.shared.database import transaction
from tests.letters.many import many_drafts
from tests.live_stack import wait_until
from tests.workers.breaking import (
    DurableWorkshop,
    Persistent,
    SmallDisk,
    check_letters,
    durable_workshop,
    finish,
    small_disk,
    strike,
)
from tests.world import World, build_world

pytestmark = pytest.mark.live

LETTERS = 600
PILE = 6
DISK = 900
"""Megabytes: the write-ahead log may take most of it."""
DISK_FULL = "53100"


@pytest.fixture
def disk(short_folder: Path) -> Iterator[SmallDisk | None]:
    with small_disk(short_folder / "six-hundred", DISK) as mounted:
        yield mounted


@pytest.fixture
def workshop(disk: SmallDisk | None, short_folder: Path) -> Iterator[DurableWorkshop]:
    with durable_workshop(short_folder / "six-hundred" / "all") as opened:
        yield opened


class Chair(Persistent):
    """Approves drafts in piles and one by one in turns, however often that is refused."""

    def __init__(self, workshop: DurableWorkshop, world: World, drafts: list[UUID]) -> None:
        super().__init__(workshop, world)
        self.drafts = drafts

    def work(self) -> None:
        for start in range(0, len(self.drafts), 2 * PILE):
            self.until_done(partial(self._approve_pile, self.drafts[start : start + PILE]))
            for letter_id in self.drafts[start + PILE : start + 2 * PILE]:
                self.approve(letter_id)

    def _approve_pile(self, ids: list[UUID], session: Session) -> None:
        found = session.execute(
            text("SELECT id, state, version FROM letter WHERE id = ANY(:ids)"), {"ids": ids}
        )
        waiting = {row.id: row.version for row in found if row.state == "draft"}
        if waiting:  # all of them: a pile is approved whole or not at all
            for letter_id in ids[:3]:  # one of each kind
                queries.letter_page(session, self.world.head, letter_id, work.LETTER_TEMPLATES)
            session.flush()
            letters.approve_many(session, self.world.head, waiting)


def test_six_hundred_letters_survive_everything_twice(
    workshop: DurableWorkshop, disk: SmallDisk | None
) -> None:
    with workshop.session() as session, transaction(session):
        world = build_world(session)
        drafts = [row.id for row in many_drafts(session, world, LETTERS)]
    workshop.start("beat")
    workshop.slow = "0.03"
    workshop.start_worker()
    chair = Chair(workshop, world, drafts)
    chair.start()

    def fill_and_free_the_disk() -> None:
        assert disk is not None
        before = chair.refused[DISK_FULL]
        disk.fill()
        wait_until(lambda: chair.refused[DISK_FULL] > before, 60, "an approval refused for want of space")
        disk.empty()

    faults = [
        workshop.kill_child_then_parent,
        workshop.empty_valkey,
        workshop.stop_postgres_at_once,
        *([fill_and_free_the_disk] if disk else []),
        workshop.kill_child_then_parent,
        workshop.empty_valkey,
    ]
    for number, fault in enumerate(faults):
        strike(workshop, [chair], fault, of=LETTERS, after=50 + 80 * number)
    finish(workshop, [chair], LETTERS)
    check_letters(workshop, LETTERS)
    if disk is None:
        pytest.skip("all but the full disk survived: mounting a file system of its own needs root")
