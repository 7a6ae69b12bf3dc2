"""The table of work: every topic is heard or named, every kind has a task, a queue and a body."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg import work
from civreg.shared import clock, jobs, outbox
from civreg.shared.database import new_id
from civreg.shared.jobs import Claimed
from civreg.statistics.rules import COUNTED_TOPICS
from tests.letters.conftest import world  # noqa: F401
from tests.letters.flow import letter_of, registered
from tests.world import World
from workers import cases, deadlines, forgetting, heartbeat, letters, statistics, upkeep, visits
from workers import outbox as dispatcher
from workers.celery_app import app
from workers.queues import QUEUES, queue_of
from workers.schedule import SCHEDULE

CIVREG = Path(work.__file__).parent
TASK_MODULES = (cases, deadlines, dispatcher, forgetting, heartbeat, letters, statistics, upkeep, visits)


def _published() -> Iterator[str]:
    """Every topic written anywhere in civreg: an argument of publish() or of a feature's tell()."""
    for file in CIVREG.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in ("publish", "publish_all", "tell", "tell_all"):
                for argument in node.args:
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        yield argument.value
                    elif isinstance(argument, ast.IfExp):
                        yield from (
                            leaf.value
                            for leaf in (argument.body, argument.orelse)
                            if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str)
                        )


def test_every_topic_has_listeners_or_is_named_as_unheard() -> None:
    published = set(_published())
    assert {"case.registered", "letter.handed_over", "visit.booked"} <= published
    assert all(re.fullmatch(r"[a-z]+\.[a-z_]+", topic) for topic in published)
    assert published == set(work.LISTENERS) | work.UNHEARD
    assert not set(work.LISTENERS) & work.UNHEARD


def test_every_topic_that_counts_is_folded() -> None:
    folded = {topic for topic, kinds in work.LISTENERS.items() if "statistics.fold" in kinds}
    assert folded == set(COUNTED_TOPICS)


def test_every_kind_of_job_has_a_body_a_task_and_a_queue() -> None:
    kinds = {kind for kinds in work.LISTENERS.values() for kind in kinds}
    assert kinds == set(work.BODIES)
    assert TASK_MODULES
    assert kinds <= set(app.tasks)
    assert {queue_of(kind) for kind in kinds} <= {queue.name for queue in QUEUES}


def test_every_tick_is_a_task_that_is_dropped_when_late() -> None:
    for tick in SCHEDULE.values():
        assert tick["task"] in app.tasks
        assert tick["options"]["expires"] <= 3600


def test_nothing_but_json_is_read_and_no_task_outlives_its_message() -> None:
    assert app.conf.accept_content == ["json"]
    assert app.conf.task_time_limit < app.conf.broker_transport_options["visibility_timeout"]
    assert app.conf.task_acks_late
    assert app.conf.task_reject_on_worker_lost
    assert app.conf.worker_prefetch_multiplier == 1


def test_relaying_twice_makes_one_job(session: Session) -> None:
    case_id = new_id()
    outbox.publish(session, "case.registered", case_id, day="2026-11-16")
    session.flush()
    assert outbox.relay(session, work.LISTENERS) == 1
    session.execute(text("UPDATE outbox SET relayed_at = NULL"))
    session.expire_all()
    assert outbox.relay(session, work.LISTENERS) == 1
    kinds = session.execute(text("SELECT kind FROM job ORDER BY kind")).scalars().all()
    assert kinds == ["letters.draft", "statistics.fold"]


def test_only_so_many_jobs_are_out_at_a_time(session: Session) -> None:
    for _ in range(5):
        jobs.enqueue(session, "tests.good", new_id())
    first = jobs.lease(session, limit=100, in_flight=3)
    assert len(first) == 3
    assert jobs.lease(session, limit=100, in_flight=3) == []
    jobs.finish(session, first[0][0])
    assert len(jobs.lease(session, limit=100, in_flight=3)) == 1


def test_sending_is_no_try(session: Session) -> None:
    jobs.enqueue(session, "tests.good", new_id())
    for _ in range(jobs.MAX_ATTEMPTS + 3):
        ((job_id, _),) = jobs.lease(session)
        jobs.give_back(session, [job_id])
    session.expire_all()
    assert session.execute(text("SELECT attempts, state FROM job")).one() == (0, "waiting")


def test_a_job_that_never_comes_to_an_end_is_parked(session: Session) -> None:
    jobs.enqueue(session, "tests.kill", new_id())
    ((job_id, _),) = jobs.lease(session)
    tries = [jobs.begin(session, job_id) for _ in range(jobs.MAX_ATTEMPTS + 1)]
    assert tries == [True] * jobs.MAX_ATTEMPTS + [False]
    assert jobs.claim(session, job_id) is None
    assert [row.id for row in jobs.parked(session)] == [job_id]
    assert jobs.lease(session) == []
    jobs.retry(session, job_id)
    session.expire_all()
    assert jobs.begin(session, job_id)
    assert jobs.claim(session, job_id) is not None


def test_the_last_failure_parks_at_once(session: Session) -> None:
    jobs.enqueue(session, "tests.fail", new_id())
    ((job_id, _),) = jobs.lease(session)
    for number in range(jobs.MAX_ATTEMPTS):
        assert jobs.parked(session) == []
        assert jobs.begin(session, job_id), number
        session.flush()
        jobs.note_failure(session, job_id, "ValueError")
        session.expire_all()
    (row,) = jobs.parked(session)
    assert (row.id, row.attempts, row.last_error) == (job_id, jobs.MAX_ATTEMPTS, "ValueError")


def test_waiting_work_is_done_in_this_process_under_a_travelling_clock(
    session: Session,
    world: World,  # noqa: F811
) -> None:
    later = clock.now() + timedelta(days=3)
    case_id = registered(session, world)
    row = letter_of(session, case_id)
    assert row.drafted_at < later
    assert work.run_waiting(session) == 0
    assert session.scalar(text("SELECT count(*) FROM job WHERE state <> 'done'")) == 0


def test_a_failing_job_stops_whoever_does_the_work_here(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(session: Session, job: Claimed) -> None:
        raise RuntimeError(job.kind)

    monkeypatch.setitem(work.BODIES, "tests.fail", fail)
    jobs.enqueue(session, "tests.fail", new_id())
    with pytest.raises(RuntimeError, match=r"tests\.fail"):
        work.run_waiting(session)


def do_nothing(session: Session, job: Claimed) -> None:
    """The body of a job that is only its row."""


def test_no_more_than_asked_is_done_here(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(work.BODIES, "tests.good", do_nothing)
    for _ in range(5):
        jobs.enqueue(session, "tests.good", new_id())
    assert work.run_waiting(session, limit=2) == 2
    assert work.run_waiting(session) == 3
