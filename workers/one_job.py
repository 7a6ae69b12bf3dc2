"""Một việc: what every job task does with the id it is sent."""

from __future__ import annotations

import time
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError

from civreg import work
from civreg.shared import jobs
from civreg.shared.database import transaction
from civreg.shared.jobs import Claimed
from workers.process import new_session

log = structlog.get_logger()


def do(job_id: str) -> bool:
    """Do one job in one transaction; return whether it was done here and now.

    The try is noted first, in a transaction of its own, so that a job which kills its worker cannot do so for
    ever. A failure rolls everything back; only the class of the error is kept, because its text may hold a name.
    The job is sent again when its lease ends, at most `jobs.MAX_ATTEMPTS` times; while the database has no room it
    is sent for as long as that lasts.

    Every line logged meanwhile names the job, its kind and, where a page caused it, the id of that request.

    Args:
        job_id: id of the row, as the message carries it.
    """
    key, began = UUID(job_id), time.monotonic()
    with new_session() as session, structlog.contextvars.bound_contextvars(job_id=job_id):
        failure, counted = "", True
        try:
            with transaction(session):
                if not jobs.begin(session, key):
                    return False
            with transaction(session):
                claimed = jobs.claim(session, key)
                if claimed is None:
                    return False
                _name_in_logs(claimed)
                work.do_job(session, claimed)
        except Exception as error:
            failure, counted = type(error).__name__, not _wants_resources(error)
        if failure:  # outside the handler: what fails here must not carry the first error's text into a log
            log.warning("job failed", error=failure)
            with transaction(session):
                jobs.note_failure(session, key, failure, counted=counted)
        else:
            log.info("job done", ms=round((time.monotonic() - began) * 1000, 1))
        structlog.contextvars.unbind_contextvars("kind", "request_id")
    return not failure


def _wants_resources(error: Exception) -> bool:
    """Say whether the database had no room (SQLSTATE class 53: disk full, out of memory, too many connections)."""
    return isinstance(error, DBAPIError) and str(getattr(error.orig, "sqlstate", "")).startswith("53")


def _name_in_logs(job: Claimed) -> None:
    cause = job.payload.get("request_id")
    structlog.contextvars.bind_contextvars(kind=job.kind, **({"request_id": cause} if cause else {}))
