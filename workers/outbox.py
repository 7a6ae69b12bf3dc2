"""Nhịp chuyển việc: from what happened to jobs, and from waiting jobs to messages.

Several dispatchers may turn at once: rows are locked and skipped, and a job sent twice is done once.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import redis
import structlog
from kombu.exceptions import OperationalError

from civreg.shared import jobs, outbox
from civreg.shared.database import transaction
from civreg.work import LISTENERS
from workers.celery_app import app, task
from workers.process import new_session
from workers.queues import queue_of

log = structlog.get_logger()

IN_FLIGHT = 200
"""Most jobs out at a time: more would wait longer than their lease and be sent again for nothing."""


@task("outbox.turn")
def turn() -> int:
    """Relay the outbox, lease waiting jobs, send their ids; return how many were sent.

    Nothing is sent before the lease is committed. When the broker does not take a message, the jobs not sent
    are given back, so that the next turn can send them at once.
    """
    with new_session() as session:
        with transaction(session):
            outbox.relay(session, LISTENERS)
        with transaction(session):
            leased = jobs.lease(session, limit=IN_FLIGHT, in_flight=IN_FLIGHT)
        sent = _send(leased)
        if sent < len(leased):
            with transaction(session):
                jobs.give_back(session, [job_id for job_id, _ in leased[sent:]])
    return sent


def _send(leased: Sequence[tuple[UUID, str]]) -> int:
    """Send the ids in order and return how many the broker took."""
    for sent, (job_id, kind) in enumerate(leased):
        try:
            app.send_task(kind, args=[str(job_id)], queue=queue_of(kind), retry=False)
        except (OperationalError, redis.RedisError, OSError) as error:
            log.warning("the broker took no message", error=type(error).__name__)
            return sent
    return len(leased)
