"""Việc của lịch đến nhà: what becomes of a visit when its case has ended."""

from __future__ import annotations

from workers import one_job
from workers.celery_app import task


@task("visits.release")
def release(job_id: str) -> None:
    """Free the officer's time that was booked for a case that has ended."""
    one_job.do(job_id)
