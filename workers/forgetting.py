"""Nhịp quên: what is kept for a time only is dropped at night (drafts of families, failed tries)."""

from __future__ import annotations

from datetime import timedelta

from civreg.cases.service import drafts
from civreg.shared import throttle
from civreg.shared.database import transaction
from workers.celery_app import task
from workers.process import new_session

_TRIES_KEPT = timedelta(days=2)
"""Longer than the longest limit on tries."""


@task("forgetting.expired")
def expired() -> None:
    """Drop expired drafts and old failed tries."""
    with new_session() as session, transaction(session):
        drafts.forget_expired_drafts(session)
        throttle.forget_old(session, _TRIES_KEPT)
