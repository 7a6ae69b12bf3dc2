"""Việc của thống kê: folding one event into facts and daily counts."""

from __future__ import annotations

from workers import one_job
from workers.celery_app import task


@task("statistics.fold")
def fold(job_id: str) -> None:
    """Write the facts of one event and their counts."""
    one_job.do(job_id)
