"""Nhịp sống của worker: a key in the broker that says when a worker last did a task; /readyz reads it."""

from __future__ import annotations

import redis

from civreg.settings import load_settings
from civreg.shared import clock
from workers.celery_app import task

KEY = "civreg:heartbeat"
LIFETIME = 180
"""Seconds after which a silent worker counts as gone."""


@task("heartbeat.beat")
def beat() -> None:
    """Write the present moment under the key, for as long as a worker may be silent."""
    with redis.Redis.from_url(
        load_settings().redis_url, socket_timeout=2, socket_connect_timeout=2
    ) as client:
        client.set(KEY, clock.now().isoformat(), ex=LIFETIME)
