"""Chim báo: a worker that hears nothing any more ends itself, and the supervisor starts a new one.

Workers have gone deaf after a broker's restart without an error (celery issues 8030, 8384, 10205): alive,
connected, and taking no message. So each worker sends itself a message now and then. A broker that takes no
message is not deafness, and neither is a worker whose hands are full.
"""

from __future__ import annotations

import os
from typing import Any

import structlog
from celery import bootsteps
from celery.signals import task_received
from celery.worker import state

EVERY = 60.0
"""Seconds between two messages to oneself."""
PATIENCE = 3
"""Messages that may stay unheard."""

log = structlog.get_logger()


class Canary(bootsteps.StartStopStep):  # type: ignore[misc]  # celery has no types
    """Counts the messages that this worker sent and, idle, heard nothing after."""

    requires = ("celery.worker.components:Timer",)

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        self._app = worker.app
        self._unheard = 0

    def start(self, worker: Any) -> None:
        """Begin when the worker's clock runs."""
        task_received.connect(self._hear)
        worker.timer.call_repeatedly(EVERY, self._sing)

    def _hear(self, **_: Any) -> None:
        self._unheard = 0

    def _sing(self) -> None:
        if state.active_requests:
            self._unheard = 0
            return
        if self._unheard >= PATIENCE:
            log.error("the worker hears nothing and ends itself", unheard=self._unheard)
            os._exit(1)  # as a crash: pool children die with it, leases bring its work back
        try:
            self._app.send_task("heartbeat.beat", retry=False, expires=EVERY)
        except Exception as error:  # whatever the broker says: it is not our ears
            log.warning("the canary was not sent", error=type(error).__name__)
            self._unheard = 0
        else:
            self._unheard += 1
