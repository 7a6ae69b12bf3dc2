"""Quản trị: users and their roles, units that take part, work that waits for a person."""

from __future__ import annotations

from flask import render_template

from civreg.accounts.rules import Permission
from civreg.web.access import current_actor, page
from civreg.web.administration import (
    alarms,
    calendar,
    jobs,
    recovery,
    regulations,
    roles,
    succession,
    trail,
    units,
    users,
)
from civreg.web.administration.area import blueprint
from civreg.web.ringing import ringing_for

__all__ = [
    "alarms",
    "blueprint",
    "calendar",
    "jobs",
    "recovery",
    "regulations",
    "roles",
    "succession",
    "trail",
    "units",
    "users",
]


@blueprint.get("")
@page(
    permission=(
        Permission.USERS_MANAGE,
        Permission.UNITS_MANAGE,
        Permission.JOBS_MANAGE,
        Permission.AUDIT_VIEW,
    )
)
def index() -> str:
    """Show the parts of the area; above them, to whoever looks after the machine, what rings at the moment."""
    actor = current_actor()
    return render_template("administration/index.html", actor=actor, ringing=ringing_for(actor))
