"""Việc của thư: drafting what a registration earned, its number and bytes once approved, and the visit it waits for."""

from __future__ import annotations

from workers import one_job
from workers.celery_app import task


@task("letters.draft")
def draft(job_id: str) -> None:
    """Draft the letter that a final registration earned."""
    one_job.do(job_id)


@task("letters.apologise_date")
def apologise_date(job_id: str) -> None:
    """Draft the letter for a missed day of a result that the head has signed the apology for."""
    one_job.do(job_id)


@task("letters.apologise_trip")
def apologise_trip(job_id: str) -> None:
    """Draft a letter to each family of a missed trip that the head has signed the apology for."""
    one_job.do(job_id)


@task("letters.note_told")
def note_told(job_id: str) -> None:
    """Note with an apology that its letter reached the family, or not after all."""
    one_job.do(job_id)


@task("letters.issue")
def issue(job_id: str) -> None:
    """Issue an approved letter: bytes, hash, words and number in one commit."""
    one_job.do(job_id)


@task("letters.recall")
def recall(job_id: str) -> None:
    """Cancel or list the letters of a registration that was annulled."""
    one_job.do(job_id)


@task("letters.compare")
def compare(job_id: str) -> None:
    """List the letters that say something else than a registration that was corrected."""
    one_job.do(job_id)


@task("letters.schedule")
def schedule(job_id: str) -> None:
    """Note by when the letters of a visit's cases are needed."""
    one_job.do(job_id)
