"""Nhịp sống của worker: a key in the broker that says when a worker last did a task; /readyz reads it."""

from __future__ import annotations

from civreg import observability
from civreg.settings import load_settings
from workers.celery_app import task


@task("heartbeat.beat")
def beat() -> None:
    """Write the present moment into the broker, for as long as a worker may be silent."""
    observability.note_heartbeat(load_settings().redis_url)
