"""Đơn vị tham gia chương trình: who offers the home service on a day, on which terms, and their hamlets."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, or_, select
from sqlalchemy.orm import Session

from civreg.units.models import Hamlet, Participation, Unit
from civreg.units.queries.tree import UNIT_COLUMNS, UnitRow, holds, unit_row


@dataclass(frozen=True, slots=True)
class ParticipationRow:
    """Tham gia chương trình as read: the unit and its terms.

    Attributes:
        ends_on: the first day it no longer takes part; None while it does.
        call_within_working_days: the office's own promise to call a family back; no legal date.
        signer_prefix, signer_title, signer_name: the lines under a paper.
    """

    id: UUID
    unit: UnitRow
    starts_on: date
    ends_on: date | None
    hotline: str
    office_address: str
    call_within_working_days: int
    saturday_morning: bool
    signer_name: str | None
    signer_title: str
    signer_prefix: str


@dataclass(frozen=True, slots=True)
class HamletRow:
    """Ấp, khóm as read; `old_commune` is the commune it belonged to before, for those who know only that name."""

    id: UUID
    unit_id: int
    name: str
    old_commune: str | None


_TERMS = (
    Participation.id,
    Participation.starts_on,
    Participation.ends_on,
    Participation.hotline,
    Participation.office_address,
    Participation.call_within_working_days,
    Participation.saturday_morning,
    Participation.signer_name,
    Participation.signer_title,
    Participation.signer_prefix,
)


def _row(row: Row[*tuple[Any, ...]]) -> ParticipationRow:
    terms = row[len(UNIT_COLUMNS) :]
    return ParticipationRow(terms[0], unit_row(row), *terms[1:])


def _select() -> Select[*tuple[Any, ...]]:
    return select(*UNIT_COLUMNS, *_TERMS).join(Participation, Participation.unit_id == Unit.id)


def _runs(on: date) -> ColumnElement[bool]:
    return (Participation.starts_on <= on) & or_(Participation.ends_on.is_(None), Participation.ends_on > on)


def participating(
    session: Session, on: date, unit_ids: Collection[int] | None = None
) -> list[ParticipationRow]:
    """Return the units that take part on a day, in Vietnamese order; a unit that has ended takes part no more.

    With `unit_ids` only those among them.
    """
    query = _select().where(_runs(on), holds(Unit, on)).order_by(Unit.sort_key, Unit.code)
    if unit_ids is not None:
        query = query.where(Unit.id.in_(unit_ids))
    return [_row(row) for row in session.execute(query)]


def participating_ids(session: Session, on: date) -> set[int]:
    """Return the ids of the units that take part on a day."""
    query = select(Unit.id).join(Participation, Participation.unit_id == Unit.id)
    return set(session.scalars(query.where(_runs(on), holds(Unit, on))))


def participation_of(session: Session, unit_id: int, on: date) -> ParticipationRow | None:
    """Return the terms on which a unit takes part on a day; None when it does not."""
    found = participating(session, on, [unit_id])
    return found[0] if found else None


def participations_of(session: Session, unit_id: int) -> list[ParticipationRow]:
    """Return all stretches in which a unit took part, the latest first."""
    query = _select().where(Unit.id == unit_id).order_by(Participation.starts_on.desc())
    return [_row(row) for row in session.execute(query)]


def terms_near(session: Session, unit_id: int, on: date) -> ParticipationRow | None:
    """Return the terms on a day, else those of the stretch that began next after it, else the latest ones.

    A case that came with a merger was asked for before its present unit took part: the family needs the
    number that answers now.
    """
    there = participation_of(session, unit_id, on)
    if there is not None:
        return there
    stretches = participations_of(session, unit_id)
    later = [row for row in stretches if row.starts_on > on]
    return later[-1] if later else next(iter(stretches), None)


def runs_past_end(row: ParticipationRow) -> bool:
    """Say whether a stretch is still open though its unit has ended; one that never began does not count."""
    end = row.unit.valid_to
    return end is not None and row.starts_on < end and (row.ends_on is None or row.ends_on > end)


def participations_left_open(session: Session) -> dict[int, int]:
    """Return for each ended unit how many of its participations nobody has ended."""
    found: dict[int, int] = {}
    for row in session.execute(_select().where(Unit.valid_to.is_not(None))):
        terms = _row(row)
        if runs_past_end(terms):
            found[terms.unit.id] = found.get(terms.unit.id, 0) + 1
    return found


def hamlets_of(session: Session, unit_id: int) -> list[HamletRow]:
    """Return a commune's hamlets by old commune, then by name."""
    query = (
        select(Hamlet.id, Hamlet.unit_id, Hamlet.name, Hamlet.old_commune)
        .where(Hamlet.unit_id == unit_id)
        .order_by(Hamlet.old_commune.nulls_first(), Hamlet.name_folded, Hamlet.name)
    )
    return [HamletRow(*row) for row in session.execute(query)]
