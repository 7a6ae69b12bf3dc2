"""One turn of the dispatcher against a broker that is not there, and several turns at once."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from uuid import UUID

import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg import work
from civreg.settings import Settings
from civreg.shared import jobs, outbox
from civreg.shared.database import new_id, transaction
from civreg.shared.jobs import Claimed
from civreg.stack.programs import PROJECT
from workers import (
    one_job,
    process,
    statistics,  # noqa: F401 - names its task
)
from workers import outbox as dispatcher
from workers.celery_app import app


def do_nothing(session: Session, job: Claimed) -> None:
    """The body of a job that is only its row."""


@pytest.fixture
def worker_process(fresh_database: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process as a worker's child on a database of its own, its broker unreachable."""
    process.open_after_fork(fresh_database)
    monkeypatch.setattr(app.conf, "broker_url", "redis+socket:///nowhere/no-broker.sock?virtual_host=0")
    monkeypatch.setattr(app.conf, "broker_write_url", "redis+socket:///nowhere/no-broker.sock?virtual_host=0")
    monkeypatch.setitem(work.BODIES, "tests.good", do_nothing)
    app.amqp._producer_pool = None
    yield
    process._engines[0].dispose()
    process._engines.clear()


def _enqueue(count: int) -> None:
    with process.new_session() as session, transaction(session):
        for _ in range(count):
            jobs.enqueue(session, "tests.good", new_id())


def _states() -> list[tuple[str, int, bool]]:
    with process.new_session() as session:
        rows = session.execute(text("SELECT state, attempts, lease_until IS NULL FROM job"))
        return [tuple(row) for row in rows]


def test_a_broker_that_is_down_costs_no_job_a_try(worker_process: None) -> None:
    with process.new_session() as session, transaction(session):
        outbox.publish(session, "case.delivered", new_id(), day="2026-11-16")
    _enqueue(2)
    assert dispatcher.turn() == 0
    assert _states() == [("waiting", 0, True)] * 3


def test_jobs_sent_twice_by_many_are_done_once(worker_process: None, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[UUID] = []

    def note(session: Session, job: Claimed) -> None:
        session.execute(text("SELECT pg_sleep(0.01)"))
        done.append(job.id)

    monkeypatch.setitem(work.BODIES, "tests.good", note)
    _enqueue(20)
    with process.new_session() as session:
        ids = [str(key) for key in session.execute(text("SELECT id FROM job")).scalars()]
    threads = [threading.Thread(target=lambda: [one_job.do(key) for key in ids]) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == len(set(done)) == 20
    assert {state for state, _, _ in _states()} == {"done"}


def test_two_dispatchers_lease_each_job_once(worker_process: None) -> None:
    _enqueue(60)
    leased: list[UUID] = []
    barrier = threading.Barrier(2)

    def turn() -> None:
        barrier.wait()
        for _ in range(4):
            with process.new_session() as session, transaction(session):
                leased.extend(job_id for job_id, _ in jobs.lease(session, limit=10))

    threads = [threading.Thread(target=turn) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(leased) == len(set(leased)) == 60


def test_a_failure_keeps_the_class_and_not_the_words(
    worker_process: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(session: Session, job: Claimed) -> None:
        session.execute(text('UPDATE job SET payload = \'{"half": "done"}\''))
        raise ValueError("Thạch Thị Sa Rết")

    monkeypatch.setitem(work.BODIES, "tests.good", fail)
    _enqueue(1)
    with process.new_session() as session:
        (key,) = session.execute(text("SELECT id FROM job")).scalars()
    assert one_job.do(str(key)) is False
    with process.new_session() as session:
        assert session.execute(text("SELECT state, last_error, payload FROM job")).one() == (
            "waiting",
            "ValueError",
            {},
        )
    written = capsys.readouterr()
    (line,) = [json.loads(line) for line in written.out.splitlines()]
    assert (line["event"], line["job_id"], line["kind"], line["error"]) == (
        "job failed",
        str(key),
        "tests.good",
        "ValueError",
    )
    assert "Sa Rết" not in written.out + written.err


def test_a_full_disk_uses_up_no_tries(worker_process: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def find_no_room(session: Session, job: Claimed) -> None:
        session.execute(text("DO $$ BEGIN RAISE disk_full; END $$"))

    monkeypatch.setitem(work.BODIES, "tests.good", find_no_room)
    _enqueue(1)
    with process.new_session() as session:
        (key,) = session.execute(text("SELECT id FROM job")).scalars()
    for _ in range(jobs.MAX_ATTEMPTS + 2):
        assert one_job.do(str(key)) is False
    assert [row[:2] for row in _states()] == [("waiting", 0)]
    monkeypatch.setitem(work.BODIES, "tests.good", do_nothing)
    assert one_job.do(str(key)) is True


def test_a_child_whose_parent_is_gone_already_ends_itself() -> None:
    orphan = (
        "from workers import celery_app; celery_app._MAIN = 0; celery_app._prepare_child(); print('lives')"
    )
    ended = subprocess.run([sys.executable, "-c", orphan], cwd=PROJECT, capture_output=True, check=False)
    assert (ended.returncode, ended.stdout) == (1, b"")


def test_a_job_that_is_done_or_unknown_is_left_alone(worker_process: None) -> None:
    _enqueue(1)
    with process.new_session() as session:
        (key,) = session.execute(text("SELECT id FROM job")).scalars()
    assert one_job.do(str(key)) is True
    assert one_job.do(str(key)) is False
    assert one_job.do(str(new_id())) is False


def test_the_log_of_a_job_names_task_job_kind_and_the_request_that_caused_it(
    worker_process: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def work_and_talk(session: Session, job: Claimed) -> None:
        structlog.get_logger().info("in the middle", subject=str(job.subject_id))

    monkeypatch.setitem(work.BODIES, "statistics.fold", work_and_talk)
    with process.new_session() as session, transaction(session):
        with structlog.contextvars.bound_contextvars(request_id="0123456789abcdef"):
            outbox.publish(session, "case.delivered", new_id(), day="2026-11-16")
        outbox.publish(session, "case.delivered", new_id(), day="2026-11-17")
        outbox.relay(session, work.LISTENERS)
    with process.new_session() as session:
        ids = [str(key) for key in session.execute(text("SELECT id FROM job ORDER BY ordinal")).scalars()]
    capsys.readouterr()
    fold = app.tasks["statistics.fold"]
    sent = [fold.apply(args=[job_id]).id for job_id in ids]
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["event"], line["task_id"], line["job_id"], line.get("request_id")) for line in lines] == [
        ("in the middle", sent[0], ids[0], "0123456789abcdef"),
        ("job done", sent[0], ids[0], "0123456789abcdef"),
        ("in the middle", sent[1], ids[1], None),
        ("job done", sent[1], ids[1], None),
    ]
    assert {(line["kind"], line["task"]) for line in lines} == {("statistics.fold", "statistics.fold")}
    assert lines[1]["ms"] >= 0
    assert structlog.contextvars.get_contextvars() == {}
