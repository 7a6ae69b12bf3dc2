"""Số đo: one look at how the work is going, as counts and moments; metrics and alarms are made from it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from civreg.accounts.rules import SYSTEM
from civreg.deadlines import queries as deadlines
from civreg.letters import queries as letters
from civreg.observability.pulse import Pulse
from civreg.procedures import queries as procedures
from civreg.shared import audit, clock, jobs, outbox, upkeep
from civreg.shared.upkeep import Upkeep


@dataclass(frozen=True)
class Readings:
    """How the system is doing at one moment; a moment is None when there is nothing of the kind.

    Attributes:
        at: when it was read.
        pulse: what the broker said.
        outbox_since: when the oldest thing happened that no relay has taken.
        jobs: state → jobs that are not done.
        job_since: when the oldest job was made that is not done: a letter without its number, a figure not counted.
        parked_since: when the oldest parked job was made.
        overdue_since: when the longest missed promise to a family ended.
        notice_due_since: since when a notice should have been given that was not.
        letters: state → letters that are on their way.
        system_since: when the first change was written down: how old the system is.
        backup_at: when the last backup was made.
        audit_checked_at: when the audit was last checked as a whole.
        audit_ok: whether that check found it whole.
        open_years: years that are here or near and whose days off nobody has confirmed.
        rules_overtaken: corrections of an office beside which a newer catalogue says something else.
        disk_free: share of the data folder's disk that is free, 0 to 1; None when there is no such folder here.
    """

    at: datetime
    pulse: Pulse
    outbox_since: datetime | None = None
    jobs: Mapping[str, int] = field(default_factory=dict)
    job_since: datetime | None = None
    parked_since: datetime | None = None
    overdue_since: datetime | None = None
    notice_due_since: datetime | None = None
    letters: Mapping[str, int] = field(default_factory=dict)
    system_since: datetime | None = None
    backup_at: datetime | None = None
    audit_checked_at: datetime | None = None
    audit_ok: bool | None = None
    open_years: tuple[int, ...] = ()
    rules_overtaken: int = 0
    disk_free: float | None = None


def take_readings(session: Session, pulse: Pulse, var: Path | None = None) -> Readings:
    """Look at the tables of work and care; a handful of indexed queries.

    Args:
        session: the transaction.
        pulse: what the broker said, asked before the transaction began.
        var: the folder whose disk is looked at.
    """
    now = clock.now()
    parked = jobs.parked(session, limit=1)
    backup, check = upkeep.last(session, Upkeep.BACKUP), upkeep.last(session, Upkeep.AUDIT_CHECK)
    return Readings(
        at=now,
        pulse=pulse,
        outbox_since=outbox.oldest_waiting(session),
        jobs=jobs.count_by_state(session),
        job_since=jobs.oldest_undone(session),
        parked_since=parked[0].created_at if parked else None,
        overdue_since=deadlines.oldest_overdue(session, now),
        notice_due_since=deadlines.latest_notice_due(session, now),
        letters={str(state): count for state, count in letters.count_by_state(session, SYSTEM).items()},
        system_since=audit.first_at(session),
        backup_at=backup.at if backup else None,
        audit_checked_at=check.at if check else None,
        audit_ok=bool(check.details.get("ok")) if check else None,
        open_years=tuple(deadlines.years_without_confirmation(session, clock.today())),
        rules_overtaken=len(procedures.overtaken(session, clock.today())),
        disk_free=_disk_free(var),
    )


def _disk_free(var: Path | None) -> float | None:
    if var is None or not var.is_dir():
        return None
    usage = shutil.disk_usage(var)
    return usage.free / usage.total if usage.total else None
