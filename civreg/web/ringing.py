"""Báo động đang kêu: one look at the system for the pages of whoever looks after the machine."""

from __future__ import annotations

from flask import current_app

from civreg import observability
from civreg.accounts.rules import Actor, Permission
from civreg.extensions import db
from civreg.observability import Alarm, Readings
from civreg.settings import Settings
from civreg.shared.database import transaction


def read_now() -> Readings:
    """Look at broker, tables and disk; waits at most a second for the broker."""
    settings: Settings = current_app.extensions["civreg_settings"]
    pulse = observability.read_pulse(settings.redis_url)
    with transaction(db.session()) as session:
        return observability.take_readings(session, pulse, settings.var)


def ringing_for(actor: Actor) -> list[Alarm]:
    """Return what rings, the most pressing first; nothing for whoever does not look after the machine."""
    return observability.alarms(read_now()) if actor.may(Permission.JOBS_MANAGE) else []
