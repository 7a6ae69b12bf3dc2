"""Six hundred letters are approved and issued while worker, broker, database and disk fail, most of them twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

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
    """Approves one draft after the other, however often that is refused."""

    def __init__(self, workshop: DurableWorkshop, world: World, drafts: list[UUID]) -> None:
        super().__init__(workshop, world)
        self.drafts = drafts

    def work(self) -> None:
        for letter_id in self.drafts:
            self.approve(letter_id)


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
