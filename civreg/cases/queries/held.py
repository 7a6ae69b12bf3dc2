"""Việc còn ở từng đơn vị: counts for each unit; and of one that was split, what is needed to divide it: codes and hamlets."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from civreg.cases.models import Apology, Case, Tiding
from civreg.cases.rules import ENDED
from civreg.shared.text import nfc


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


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """Where a case or a tiding belongs: its code and hamlet; of a case without hamlet the address. Nobody's name."""

    id: UUID
    code: str
    procedure: str
    hamlet: str
    address: str


def cases_to_place(session: Session, unit_id: int, also: Collection[UUID] = ()) -> list[PlaceRow]:
    """Return the open cases of a unit and those others that something open hangs on, by code.

    Args:
        session: the transaction.
        unit_id: the unit that ended.
        also: ended cases whose letter or complaint goes on.
    """
    apologies = select(Apology.case_id).where(Apology.unit_id == unit_id, Apology.state != "sent")
    is_open = (Case.current_unit_id == unit_id) & Case.state.not_in([state.value for state in ENDED])
    query = (
        select(Case.id, Case.code, Case.procedure, Case.hamlet, Case.address)
        .where(or_(is_open, Case.id.in_(also), Case.id.in_(apologies)))
        .order_by(Case.code)
    )
    return [
        PlaceRow(row.id, row.code, row.procedure, nfc(row.hamlet), "" if nfc(row.hamlet) else row.address)
        for row in session.execute(query)
    ]


def tidings_to_place(session: Session, unit_id: int) -> list[PlaceRow]:
    """Return the tidings of a unit that nobody has settled, by code."""
    query = select(Tiding.id, Tiding.code, Tiding.hamlet).where(
        Tiding.unit_id == unit_id, Tiding.state == "new"
    )
    return [
        PlaceRow(row.id, row.code, "", nfc(row.hamlet), "")
        for row in session.execute(query.order_by(Tiding.code))
    ]
