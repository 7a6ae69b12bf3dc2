"""Báo động: what is wrong with the system, since when, and what to do about it."""

from __future__ import annotations

from flask import render_template

from civreg import observability
from civreg.accounts.rules import Permission
from civreg.extensions import db
from civreg.procedures import queries as procedures
from civreg.procedures.catalogue import catalogue
from civreg.shared import clock
from civreg.units.queries import units_by_ids
from civreg.web.access import current_actor, page
from civreg.web.administration.area import blueprint
from civreg.web.ringing import read_now


@blueprint.get("/canh-bao")
@page(permission=Permission.JOBS_MANAGE)
def alarms() -> str:
    """List what rings at the moment, the most pressing first, and the rules that wait for this person's word."""
    readings, session = read_now(), db.session()
    covered = current_actor().units(Permission.UNITS_MANAGE)
    overtaken = procedures.overtaken(session, clock.today(), covered)
    return render_template(
        "administration/alarms.html",
        ringing=observability.alarms(readings),
        readings=readings,
        overtaken=overtaken,
        names=units_by_ids(session, {row.unit_id for row, _ in overtaken}),
        procedures=catalogue(),
    )
