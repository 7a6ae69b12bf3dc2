"""Nhịp hạn: reminders, overdue notices and escalations that have come due, each once."""

from __future__ import annotations

from civreg.deadlines import service as deadlines
from civreg.shared.database import transaction
from workers.celery_app import task
from workers.process import new_session

_BATCH = 200
_MOST_BATCHES = 50


@task("deadlines.sweep")
def sweep() -> int:
    """Give every notice that has come due, a batch per transaction; return how many were given.

    Two sweeps at once share the work: rows are skipped while another holds them, and a notice is unique by
    deadline and kind.
    """
    given = 0
    with new_session() as session:
        for _ in range(_MOST_BATCHES):
            with transaction(session):
                report = deadlines.sweep(session, _BATCH)
            found = report.reminders + report.overdue + report.escalations
            given += found
            if not found:
                break
    return given
