from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from civreg.letters import service as letters
from civreg.observability.pulse import HEARTBEAT_KEY as KEY
from civreg.settings import Settings
from civreg.shared import clock, crypto, jobs
from civreg.shared.database import new_id, transaction
from civreg.statistics import queries as figures
from tests.letters.flow import letter_of, registered
from tests.workers.breaking import check_letters
from tests.workers.workshop import Workshop
from tests.world import MARRIAGE, MONDAY, World, build_world
from workers.canary import PATIENCE

pytestmark = pytest.mark.live


@pytest.fixture
def workshop(fresh_database: Settings, short_folder: Path) -> Iterator[Workshop]:
    crypto.use_keyring(crypto.Keyring.load(fresh_database.keyring_path))
    with Workshop(fresh_database, short_folder / f"w{new_id().hex[-8:]}") as opened:
        yield opened


def _drafts(workshop: Workshop, count: int) -> tuple[World, list[tuple[object, int]]]:
    """Make drafted letters in the real database; return (letter id, version) of each."""
    with workshop.session() as session, clock.travelling(MONDAY), transaction(session):
        world = build_world(session)
        cases = [registered(session, world, MARRIAGE) for _ in range(count)]
        rows = [letter_of(session, case_id) for case_id in cases]
    return world, [(row.id, row.version) for row in rows]


def _approve(workshop: Workshop, world: World, drafts: list[tuple[object, int]]) -> None:
    for letter_id, version in drafts:
        with workshop.session() as session, transaction(session):
            letters.approve(session, world.head, letter_id, expected_version=version)  # type: ignore[arg-type]


def _issued(workshop: Workshop) -> int:
    return int(workshop.scalar("SELECT count(*) FROM letter WHERE state = 'issued'"))


def test_a_worker_killed_between_approval_and_letter(workshop: Workshop) -> None:
    world, drafts = _drafts(workshop, 8)
    workshop.start("beat")
    workshop.start("worker", CIVREG_TEST_SLOW="0.7")
    _approve(workshop, world, drafts)
    workshop.wait(lambda: 1 <= _issued(workshop) < 8, 120, "the first letters")
    workshop.kill("worker")
    before = _issued(workshop)
    assert before < 8
    workshop.start("worker", CIVREG_TEST_SLOW="0.5")
    workshop.wait(lambda: _issued(workshop) > before, 120, "more letters")
    workshop.kill_child("worker")
    workshop.wait(lambda: _issued(workshop) == 8, 120, "all letters")
    workshop.wait(workshop.all_done, 120, "all jobs")
    check_letters(workshop, 8)


def test_valkey_emptied_and_stopped_in_the_middle(workshop: Workshop) -> None:
    world, drafts = _drafts(workshop, 10)
    workshop.start("beat")
    workshop.start("worker", CIVREG_TEST_SLOW="0.4")
    _approve(workshop, world, drafts[:6])
    workshop.wait(lambda: _issued(workshop) >= 1, 120, "the first letter")
    workshop.empty_valkey()
    workshop.wait(lambda: _issued(workshop) >= 3, 120, "letters after the flush")
    workshop.valkey.stop(immediate=True)
    _approve(workshop, world, drafts[6:])
    assert workshop.scalar("SELECT count(*) FROM letter WHERE state IN ('approved', 'issued')") == 10
    workshop.valkey.start()
    workshop.wait(lambda: _issued(workshop) == 10, 120, "all letters")
    workshop.wait(workshop.all_done, 120, "all jobs")
    check_letters(workshop, 10)


def test_two_dispatchers_and_two_workers_do_each_job_once(workshop: Workshop) -> None:
    world, drafts = _drafts(workshop, 12)
    for name in ("beat1", "beat2", "worker1", "worker2"):
        workshop.start(name)
    _approve(workshop, world, drafts)
    workshop.wait(lambda: _issued(workshop) == 12, 120, "all letters")
    workshop.wait(workshop.all_done, 120, "all jobs")
    check_letters(workshop, 12)
    assert workshop.scalar("SELECT count(*) FROM fact WHERE line = 'registered'") == 12
    with workshop.session() as session:
        assert figures.facts_equal_counts(session)


def test_a_poison_job_is_parked_and_good_ones_are_done(workshop: Workshop) -> None:
    with workshop.session() as session, transaction(session):
        for kind in ("tests.kill", "tests.fail"):
            jobs.enqueue(session, kind, new_id())
        for _ in range(20):
            jobs.enqueue(session, "tests.good", new_id())
    workshop.start("beat")
    workshop.start("worker")
    done = "SELECT count(*) FROM job WHERE kind = 'tests.good' AND state = 'done'"
    workshop.wait(lambda: workshop.scalar(done) == 20, 120, "the good jobs")
    parked = "SELECT count(*) FROM job WHERE state = 'parked'"
    workshop.wait(lambda: workshop.scalar(parked) == 2, 120, "the poison to be parked")
    rows = workshop.rows("SELECT kind, last_error FROM job WHERE state = 'parked' ORDER BY kind")
    assert [tuple(row) for row in rows] == [("tests.fail", "RuntimeError"), ("tests.kill", None)]
    with workshop.session() as session:
        assert {row.kind for row in jobs.parked(session)} == {"tests.kill", "tests.fail"}
    assert "Bí Mật" not in workshop.logs()


def test_nothing_personal_reaches_the_broker_or_the_logs(workshop: Workshop) -> None:
    world, drafts = _drafts(workshop, 3)
    _approve(workshop, world, drafts)
    workshop.start("worker")
    workshop.start("beat")
    workshop.wait(lambda: _issued(workshop) == 3, 120, "all letters")
    with redis.Redis.from_url(workshop.valkey.url()) as client:
        assert client.ttl(KEY) > 0
    dump = (workshop.folder / "valkey").rglob("*")
    stored = b"".join(file.read_bytes() for file in dump if file.is_file())
    assert b"letters.issue" in stored
    for secret in ("Trần Văn Út", "Sơn Thị Na", "0987654321"):
        assert secret.encode() not in stored
        assert secret.encode("unicode_escape") not in stored
        assert secret not in workshop.logs()


def test_a_worker_without_settings_says_what_is_missing(workshop: Workshop) -> None:
    workshop.start("worker", DATABASE_URL="", REDIS_URL="", CIVREG_VAR=str(workshop.folder / "empty"))
    workshop.wait(lambda: "DATABASE_URL" in workshop.log("worker"), 120, "the sentence")


def test_a_deaf_worker_ends_itself_and_a_hearing_one_does_not(workshop: Workshop) -> None:
    # a busy machine hears late: what must live has time to listen, and has sung more often than it may unheard
    workshop.start("worker1", CIVREG_TEST_CANARY="2")
    workshop.wait(lambda: "heartbeat.beat" in workshop.log("worker1"), 120, "the first heartbeat")
    workshop.start(
        "worker2", queues="figures", CIVREG_TEST_CANARY="0.5"
    )  # its canary sings into another queue
    workshop.wait(lambda: workshop.exit_code("worker2") is not None, 120, "the deaf worker to end")
    assert workshop.exit_code("worker2") == 1
    assert "hears nothing" in workshop.log("worker2")
    assert workshop.exit_code("worker1") is None
    workshop.valkey.stop(immediate=True)  # a broker that is away is not deafness
    workshop.wait(lambda: "Cannot connect" in workshop.log("worker1"), 120, "the loss to be noticed")
    workshop.valkey.start()
    workshop.empty_valkey()
    workshop.wait(lambda: KEY in workshop.broker_keys(), 120, "a heartbeat after the return")
    heard = workshop.log("worker1").count("heartbeat.beat")
    workshop.wait(
        lambda: workshop.log("worker1").count("heartbeat.beat") > heard + 3 * PATIENCE, 120, "more heartbeats"
    )
    assert workshop.exit_code("worker1") is None
