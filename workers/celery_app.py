"""Ứng dụng Celery: the muscle that does jobs; every setting here answers a way in which work was once lost.

Start with `celery --app workers.celery_app worker` and `… beat`.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import structlog
from celery import Celery
from celery.signals import (
    beat_init,
    celeryd_init,
    setup_logging,
    task_postrun,
    task_prerun,
    worker_process_init,
    worker_ready,
)

from civreg.observability.logs import configure_logging, log_other_lines
from civreg.settings import Settings, SettingsRefused, load_settings
from workers import process
from workers.canary import Canary
from workers.queues import QUEUES, TICKS, queue_of
from workers.schedule import SCHEDULE

_PR_SET_PDEATHSIG = 1
_MAIN = os.getpid()
"""The process that imported this: for a child of the pool, the worker it was forked from."""
_BROKER_PATIENCE = 2
"""Seconds to wait for the broker: a frozen one must become an error, not a hang."""
_TIME_LIMIT = 300
"""Seconds after which a task is killed; its lease has long ended by then."""
_VISIBILITY = 900
"""Seconds after which the broker offers an unacknowledged message again; longer than any task may run."""

P = ParamSpec("P")
R = TypeVar("R")


def _make_app(settings: Settings) -> Celery:
    made = Celery(
        "civreg",
        broker=settings.broker_url or "memory://",
        include=[
            "workers.cases",
            "workers.deadlines",
            "workers.forgetting",
            "workers.heartbeat",
            "workers.letters",
            "workers.outbox",
            "workers.statistics",
            "workers.upkeep",
            "workers.visits",
        ],
    )
    made.conf.update(
        # a message is only an id; nothing but JSON is read, and nobody asks for results
        task_serializer="json",
        accept_content=["json"],
        result_backend=None,
        task_ignore_result=True,
        # a killed child's message comes back at once; the job row caps how often (jobs.begin)
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_acks_on_failure_or_timeout=True,
        worker_prefetch_multiplier=1,
        worker_max_tasks_per_child=500,
        task_time_limit=_TIME_LIMIT,
        task_soft_time_limit=_TIME_LIMIT - 30,
        worker_soft_shutdown_timeout=10.0,
        # the broker: time-outs everywhere, quick return of what a dead worker held, and no publishing in a loop
        broker_transport_options={
            "visibility_timeout": _VISIBILITY,
            "unacked_restore_throttle": 1,
            "socket_timeout": _BROKER_PATIENCE,
            "socket_connect_timeout": _BROKER_PATIENCE,
            "socket_keepalive": True,
        },
        broker_connection_timeout=_BROKER_PATIENCE * 2,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        task_publish_retry=False,
        task_queues=QUEUES,
        task_default_queue=TICKS,
        task_routes=_route,
        timezone="Asia/Ho_Chi_Minh",
        enable_utc=True,
        beat_schedule=SCHEDULE,
        beat_scheduler="celery.beat:Scheduler",
        worker_redirect_stdouts=False,
        worker_send_task_events=False,
        worker_enable_remote_control=False,
    )
    made.steps["worker"].add(Canary)
    return made


def _route(name: str, *_: Any, **__: Any) -> dict[str, str]:
    return {"queue": queue_of(name)}


app = _make_app(load_settings())


def task(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Register a function as the Celery task `name` (feature and verb) and return it unchanged."""

    def register(function: Callable[P, R]) -> Callable[P, R]:
        app.task(name=name)(function)
        return function

    return register


def _refuse_incomplete(**_: Any) -> None:
    """End the start with the sentence that names what is missing; Celery would only log another exception."""
    try:
        load_settings().refuse_if_incomplete()
    except SettingsRefused as refusal:
        sys.stderr.write(f"{refusal.sentence}\n")
        raise SystemExit(2) from None


def _first_heartbeat(**_: Any) -> None:
    """Show at once that there is a worker, not only after the first tick."""
    app.send_task("heartbeat.beat", retry=False, expires=25)


def _prepare_child(**_: Any) -> None:
    """Give the child its own connections, and let it die with its parent: no orphan goes on working."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
        if os.getppid() != _MAIN:  # the parent died before the line above; nothing would end us any more
            os._exit(1)
    process.open_after_fork(load_settings())


def _log_as_we_do(loglevel: int | str | None = None, **_: Any) -> None:
    """Write Celery's own lines as ours are written; the presence of this listener keeps Celery from its own way."""
    configure_logging(load_settings())
    log_other_lines(load_settings(), loglevel or "WARNING")


def _name_in_logs(task_id: str, task: Any, **_: Any) -> None:
    """Let every line that is logged during a task name it."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(task_id=task_id, task=task.name)


def _forget_name(**_: Any) -> None:
    structlog.contextvars.clear_contextvars()


setup_logging.connect(_log_as_we_do)
celeryd_init.connect(_refuse_incomplete)
beat_init.connect(_refuse_incomplete)
worker_process_init.connect(_prepare_child)
worker_ready.connect(_first_heartbeat)
task_prerun.connect(_name_in_logs)
task_postrun.connect(_forget_name)
