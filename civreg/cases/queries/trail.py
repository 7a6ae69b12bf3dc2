"""Đọc nhật ký: what was changed and who looked, for an auditor of the units it happened at. Codes only, no values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from civreg.accounts.models import RoleGrant, User
from civreg.accounts.rules import Actor, Permission
from civreg.cases.models import Case
from civreg.shared import clock
from civreg.shared.audit import SYSTEM_CHAIN, AuditHead, AuditRow, ReadRow
from civreg.shared.text import nfc
from civreg.units.queries.succeeding import successor_ids

_SHOWN = frozenset(
    {"fields", "role", "channel", "version", "starts_on", "ends_on", "count", "callback_only"}
    | {
        "from_unit",
        "to_unit",
        "cases",
        "visits",
        "letters",
        "apologies",
        "tidings",
        "roles",
        "books",
        "participations",
    }
)
"""Details whose content is a code, a day or a count; of everything else only the name is shown."""


@dataclass(frozen=True)
class TrailRow:
    """One line of the log: a change, or a look at personal data.

    Attributes:
        id: for turning pages.
        at: when.
        actor_id: who; None for the machine and for a family.
        what: the code of the act.
        subject_type, subject_id: on what.
        details: names, and codes where they say nothing about a person.
    """

    id: int
    at: datetime
    actor_id: UUID | None
    what: str
    subject_type: str
    subject_id: UUID | None
    details: tuple[str, ...] = ()


@dataclass(frozen=True)
class TrailFilter:
    """What an auditor looks for; empty fields ask for everything."""

    username: str = ""
    subject: str = ""
    day: date | None = None
    before: int | None = None


def changes(session: Session, actor: Actor, wanted: TrailFilter, limit: int) -> list[TrailRow]:
    """Return changes at the units the auditor covers and of the people who work there, the newest first."""
    units = audited_units(session, actor)
    own = or_(
        AuditRow.chain.in_(units),
        (AuditRow.chain == SYSTEM_CHAIN)
        & (AuditRow.subject_id.in_(_people(units)) | AuditRow.actor_id.in_(_people(units))),
    )
    query = select(AuditRow).where(own, *_conditions(session, AuditRow, wanted)).order_by(AuditRow.id.desc())
    return [
        TrailRow(
            row.id, row.at, row.actor_id, row.action, row.subject_type, row.subject_id, _names(row.details)
        )
        for row in session.scalars(query.limit(limit))
    ]


def looks(session: Session, actor: Actor, wanted: TrailFilter, limit: int) -> list[TrailRow]:
    """Return who saw personal data at the units the auditor covers, the newest first."""
    units = audited_units(session, actor)
    cases = select(Case.id).where(Case.current_unit_id.in_(units))
    own = ReadRow.actor_id.in_(_people(units)) | ReadRow.subject_id.in_(cases)
    query = select(ReadRow).where(own, *_conditions(session, ReadRow, wanted)).order_by(ReadRow.id.desc())
    return [
        TrailRow(row.id, row.at, row.actor_id, row.what, row.subject_type, row.subject_id)
        for row in session.scalars(query.limit(limit))
    ]


def known_as(session: Session, rows: Iterable[TrailRow]) -> dict[UUID, str]:
    """Return the number of each case and the user name of each account that the lines are about."""
    ids = {row.subject_id for row in rows if row.subject_id}
    cases = session.execute(select(Case.id, Case.code).where(Case.id.in_(ids)))
    users = session.execute(select(User.id, User.username).where(User.id.in_(ids)))
    return {subject_id: name for found in (cases, users) for subject_id, name in found}


def audited_units(session: Session, actor: Actor) -> set[int]:
    """Return the units whose log the actor reads: those covered today, and the vanished ones that went into them."""
    covered = set(actor.units(Permission.AUDIT_VIEW))
    logged = set(session.scalars(select(AuditHead.chain).where(AuditHead.chain != SYSTEM_CHAIN)))
    ways = successor_ids(session, logged - covered, clock.today()) if covered else {}
    return covered | {old for old, new in ways.items() if covered.intersection(new)}


def _people(units: set[int]) -> Select[UUID]:
    return select(RoleGrant.user_id).where(RoleGrant.unit_id.in_(units))


def _conditions(
    session: Session, table: type[AuditRow] | type[ReadRow], wanted: TrailFilter
) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.before is not None:
        found.append(table.id < wanted.before)
    if wanted.username:
        name = nfc(wanted.username).casefold()
        found.append(table.actor_id.in_(select(User.id).where(User.username == name)))
    if wanted.subject:
        found.append(table.subject_id.in_(_subjects(session, wanted.subject)))
    if wanted.day is not None:
        start = datetime.combine(wanted.day, time(), clock.ZONE)
        found += [table.at >= start, table.at < start + timedelta(days=1)]
    return found


def _subjects(session: Session, typed: str) -> list[UUID]:
    """Return what a case number, a user name or an id stands for."""
    try:
        return [UUID(typed)]
    except ValueError:
        code, name = nfc(typed).upper(), nfc(typed).casefold()
    cases = session.scalars(select(Case.id).where(Case.code == code)).all()
    return [*cases, *session.scalars(select(User.id).where(User.username == name))]


def _names(details: Mapping[str, Any]) -> tuple[str, ...]:
    shown = []
    for name, value in sorted(details.items()):
        words = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        shown.append(f"{name}: {words}" if name in _SHOWN else name)
    return tuple(shown)
