"""Đồng hồ: the only place that asks what time it is.

Everything else takes the moment from here (or as an argument), so that tests and the demo data can travel.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
"""The time zone of every day, cut-off and deadline (UTC+7, no summer time)."""

_travelled: ContextVar[datetime | None] = ContextVar("travelled", default=None)


def now() -> datetime:
    """Return the present moment as an aware datetime in Vietnamese time."""
    return _travelled.get() or datetime.now(ZONE)


def today() -> date:
    """Return the present day in Vietnam."""
    return now().date()


@contextmanager
def travelling(moment: datetime) -> Iterator[None]:
    """Make `now()` answer `moment` (aware) inside the block; for demo data and tests only.

    Raises:
        ValueError: when `moment` has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("moment must be aware")
    token = _travelled.set(moment.astimezone(ZONE))
    try:
        yield
    finally:
        _travelled.reset(token)
