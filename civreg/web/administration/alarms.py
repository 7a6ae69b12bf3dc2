"""Báo động: what is wrong with the system, since when, and what to do about it."""

from __future__ import annotations

from flask import current_app, render_template

from civreg import observability
from civreg.accounts.rules import Permission
from civreg.extensions import db
from civreg.settings import Settings
from civreg.shared.database import transaction
from civreg.web.access import page
from civreg.web.administration.area import blueprint


@blueprint.get("/canh-bao")
@page(permission=Permission.JOBS_MANAGE)
def alarms() -> str:
    """List what rings at the moment, the most pressing first."""
    settings: Settings = current_app.extensions["civreg_settings"]
    pulse = observability.read_pulse(settings.redis_url)
    with transaction(db.session()) as session:
        readings = observability.take_readings(session, pulse, settings.var)
    return render_template(
        "administration/alarms.html", ringing=observability.alarms(readings), readings=readings
    )
