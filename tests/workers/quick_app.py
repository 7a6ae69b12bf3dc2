"""The real worker with a short lease, and three kinds of job that misbehave in the ways tests need.

`tests.kill` kills its own process, `tests.fail` raises with a name in its text, `tests.good` does nothing else
than its row; an issue of a letter waits before its commit as long as `CIVREG_TEST_SLOW` says (seconds).
"""

from __future__ import annotations

import os
import signal
import time
from datetime import timedelta

from sqlalchemy.orm import Session

from civreg import work
from civreg.shared import jobs
from civreg.shared.jobs import Claimed
from workers import canary, one_job
from workers.celery_app import app, task

jobs.LEASE = timedelta(seconds=3)
canary.EVERY = float(os.environ.get("CIVREG_TEST_CANARY", canary.EVERY))

_issue = work.BODIES["letters.issue"]


def _issue_slowly(session: Session, job: Claimed) -> None:
    _issue(session, job)
    time.sleep(float(os.environ.get("CIVREG_TEST_SLOW", "0")))


def _kill(session: Session, job: Claimed) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _fail(session: Session, job: Claimed) -> None:
    raise RuntimeError("Nguyễn Thị Bí Mật")


def _do_nothing(session: Session, job: Claimed) -> None:
    pass


work.BODIES |= {
    "letters.issue": _issue_slowly,
    "tests.kill": _kill,
    "tests.fail": _fail,
    "tests.good": _do_nothing,
}


@task("tests.kill")
def kill(job_id: str) -> None:
    one_job.do(job_id)


@task("tests.fail")
def fail(job_id: str) -> None:
    one_job.do(job_id)


@task("tests.good")
def good(job_id: str) -> None:
    one_job.do(job_id)


__all__ = ["app"]
