"""Việc của lịch đến nhà: what becomes of a visit when its case has ended, or when nobody made it."""

from __future__ import annotations

from civreg.shared.database import transaction
from civreg.visits import service as visits
from workers import one_job
from workers.celery_app import task
from workers.process import new_session

_BATCH = 200
_MOST_BATCHES = 50


@task("visits.release")
def release(job_id: str) -> None:
    """Free the officer's time that was booked for a case that has ended."""
    one_job.do(job_id)


@task("missed_visits.draft")
def draft_missed() -> int:
    """Draft the apologies for trips that nobody made, a batch per transaction; return how many.

    Its name keeps it among the ticks: an apology does not wait behind letters.
    """
    drafted = 0
    with new_session() as session:
        for _ in range(_MOST_BATCHES):
            with transaction(session):
                found = visits.draft_missed(session, _BATCH)
            drafted += found
            if not found:
                break
    return drafted
