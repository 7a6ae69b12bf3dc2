"""Báo động: what is wrong with the system, since when, and what to do about it."""

from __future__ import annotations

from flask import render_template

from civreg import observability
from civreg.accounts.rules import Permission
from civreg.web.access import page
from civreg.web.administration.area import blueprint
from civreg.web.ringing import read_now


@blueprint.get("/canh-bao")
@page(permission=Permission.JOBS_MANAGE)
def alarms() -> str:
    """List what rings at the moment, the most pressing first."""
    readings = read_now()
    return render_template(
        "administration/alarms.html", ringing=observability.alarms(readings), readings=readings
    )
