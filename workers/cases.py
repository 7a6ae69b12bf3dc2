"""Việc của hồ sơ: the apology that a missed date asks for."""

from __future__ import annotations

from workers import one_job
from workers.celery_app import task


@task("cases.apologise")
def apologise(job_id: str) -> None:
    """Draft the apology for a missed result date; a person signs it."""
    one_job.do(job_id)
