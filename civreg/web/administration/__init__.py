"""Quản trị: users and their roles, units that take part, work that waits for a person."""

from __future__ import annotations

from flask import render_template

from civreg.accounts.rules import Permission
from civreg.web.access import current_actor, page
from civreg.web.administration import alarms, jobs, recovery, roles, trail, units, users
from civreg.web.administration.area import blueprint

__all__ = ["alarms", "blueprint", "jobs", "recovery", "roles", "trail", "units", "users"]


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
    """Show the parts of the area."""
    return render_template("administration/index.html", actor=current_actor())
