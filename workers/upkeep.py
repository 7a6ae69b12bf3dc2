"""Nhịp trông coi: the whole audit is checked at night, and the result stands in the audit itself."""

from __future__ import annotations

from datetime import timedelta

import structlog

from civreg.shared import clock, upkeep
from civreg.shared.database import transaction
from civreg.shared.upkeep import Upkeep
from workers.celery_app import task
from workers.process import new_session

log = structlog.get_logger()

_ONCE_IN = timedelta(hours=1)
"""A second beat, or a tick that comes twice, checks nothing again."""


@task("upkeep.check_audit")
def check_audit() -> bool | None:
    """Walk every chain and note what was found; return whether it is whole, None when it was checked just now."""
    with new_session() as session, transaction(session):
        before = upkeep.last(session, Upkeep.AUDIT_CHECK)
        if before is not None and clock.now() - before.at < _ONCE_IN:
            return None
        report = upkeep.check_audit(session)
    if not report.ok:
        log.error("the audit is not whole", rows=report.rows, first_bad=report.first_bad)
    return report.ok
