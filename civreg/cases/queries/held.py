"""Việc còn ở từng đơn vị: how many open cases and unsent apologies each unit has; counts only."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civreg.cases.models import Apology, Case, Tiding
from civreg.cases.rules import ENDED


def open_cases_by_unit(session: Session) -> dict[int, int]:
    """Return for each unit how many of its cases have not ended."""
    query = (
        select(Case.current_unit_id, func.count())
        .where(Case.state.not_in([state.value for state in ENDED]))
        .group_by(Case.current_unit_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def unsent_apologies_by_unit(session: Session) -> dict[int, int]:
    """Return for each unit how many apologies have not reached the family."""
    query = select(Apology.unit_id, func.count()).where(Apology.state != "sent").group_by(Apology.unit_id)
    return {row[0]: row[1] for row in session.execute(query)}


def new_tidings_by_unit(session: Session) -> dict[int, int]:
    """Return for each unit how many tidings nobody has taken or dropped."""
    query = select(Tiding.unit_id, func.count()).where(Tiding.state == "new").group_by(Tiding.unit_id)
    return {row[0]: row[1] for row in session.execute(query)}
