"""Nhịp của máy: what workers write into the broker about themselves, and whether the broker answers at all.

It is no truth to keep: an emptied broker knows it again within a minute.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

import redis

from civreg.shared import clock

HEARTBEAT_KEY = "civreg:heartbeat"
SWEEP_KEY = "civreg:sweep"
LIFETIME = 180
"""Seconds after which a silent worker counts as gone."""
_KEPT = 86_400
"""Seconds for which the last sweep is remembered."""


@dataclass(frozen=True)
class Pulse:
    """What the broker said.

    Attributes:
        broker: whether it answered.
        heartbeat_at: when a worker last did a task; None when none did within `LIFETIME`.
        sweep_at: when the sweep of deadlines last ended.
        sweep_seconds: how long it took.
    """

    broker: bool
    heartbeat_at: datetime | None = None
    sweep_at: datetime | None = None
    sweep_seconds: float | None = None

    @property
    def worker(self) -> bool:
        """Tell whether a worker showed itself lately."""
        return self.heartbeat_at is not None and (clock.now() - self.heartbeat_at).total_seconds() <= LIFETIME


def read_pulse(redis_url: str) -> Pulse:
    """Ask the broker; waits at most a second."""
    if not redis_url:
        return Pulse(broker=False)
    try:
        with redis.Redis.from_url(redis_url, socket_timeout=1, socket_connect_timeout=1) as client:
            heartbeat, sweep = client.mget(HEARTBEAT_KEY, SWEEP_KEY)
    except redis.RedisError:
        return Pulse(broker=False)
    swept = json.loads(sweep) if isinstance(sweep, bytes) else {}
    return Pulse(
        broker=True,
        heartbeat_at=datetime.fromisoformat(heartbeat.decode()) if isinstance(heartbeat, bytes) else None,
        sweep_at=datetime.fromisoformat(swept["at"]) if swept else None,
        sweep_seconds=float(swept["seconds"]) if swept else None,
    )


def note_heartbeat(redis_url: str) -> None:
    """Say that a worker lives."""
    _write(redis_url, HEARTBEAT_KEY, clock.now().isoformat(), LIFETIME)


def note_sweep(redis_url: str, seconds: float) -> None:
    """Say that the sweep of deadlines ended now and how long it took."""
    _write(redis_url, SWEEP_KEY, json.dumps({"at": clock.now().isoformat(), "seconds": seconds}), _KEPT)


def _write(redis_url: str, key: str, value: str, lifetime: int) -> None:
    with redis.Redis.from_url(redis_url, socket_timeout=2, socket_connect_timeout=2) as client:
        client.set(key, value, ex=lifetime)
