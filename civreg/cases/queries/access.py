"""Ai thấy hồ sơ nào: the one condition every case query starts from."""

from __future__ import annotations

from sqlalchemy import ColumnElement, true

from civreg.accounts.rules import Actor, Permission
from civreg.cases.models import Case


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition under which a case exists for the actor: it stands at a unit the actor covers."""
    if actor.unlimited:
        return true()
    return Case.current_unit_id.in_(actor.units(Permission.CASE_VIEW))
