"""Hàng đợi: ticks never wait behind letters, letters never behind figures."""

from __future__ import annotations

from kombu import Queue

TICKS = "ticks"
LETTERS = "letters"
FIGURES = "figures"

QUEUES = (Queue(TICKS), Queue(LETTERS), Queue(FIGURES))

_BY_FEATURE = {
    "letters": LETTERS,
    "statistics": FIGURES,
    "visits": LETTERS,
    "cases": LETTERS,
    "upkeep": FIGURES,
}


def queue_of(kind: str) -> str:
    """Return the queue of a kind of job or tick, by the feature its name begins with."""
    return _BY_FEATURE.get(kind.partition(".")[0], TICKS)
