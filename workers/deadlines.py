"""Nhịp hạn: reminders, overdue notices and escalations that have come due, each once."""

from __future__ import annotations

import time

import redis
import structlog

from civreg import observability
from civreg.deadlines import service as deadlines
from civreg.settings import load_settings
from civreg.shared.database import transaction
from workers.celery_app import task
from workers.process import new_session

log = structlog.get_logger()

_BATCH = 1000
_MOST_BATCHES = 50


@task("deadlines.sweep")
def sweep() -> int:
    """Give every notice that has come due, a batch per transaction; return how many were given.

    Two sweeps at once share the work: rows are skipped while another holds them, and a notice is unique by
    deadline and kind.
    """
    given, began = 0, time.monotonic()
    with new_session() as session:
        for _ in range(_MOST_BATCHES):
            with transaction(session):
                report = deadlines.sweep(session, _BATCH)
            given += report.given
            if report.looked_at < _BATCH:
                break
    _note(time.monotonic() - began)
    return given


def _note(seconds: float) -> None:
    """Tell the pulse how long the sweep took; a broker that is away must not undo a sweep that is done."""
    try:
        observability.note_sweep(load_settings().redis_url, round(seconds, 3))
    except (redis.RedisError, ValueError) as error:
        log.warning("the sweep was not noted", error=type(error).__name__)
