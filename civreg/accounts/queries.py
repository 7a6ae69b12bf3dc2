"""Đọc người dùng: users, their roles, and the actor of a request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from civreg.accounts.models import Recovery, RoleGrant, SignIn, TrustedDevice, User
from civreg.accounts.rules import Actor, Grant, Permission, Role
from civreg.shared import clock, crypto
from civreg.shared.errors import NotFound
from civreg.shared.text import fold, sort_key_vi
from civreg.units.queries import covered, units_by_ids


@dataclass(frozen=True)
class UserRow:
    """A user as lists and pages show it; never the hash."""

    id: UUID
    username: str
    full_name: str
    title: str
    is_active: bool
    must_change_password: bool
    has_second_factor: bool
    created_at: datetime
    version: int


@dataclass(frozen=True)
class GrantRow:
    """One role of one user, past, present or future; `ends_on` is the first day it no longer holds."""

    id: UUID
    user_id: UUID
    unit_id: int
    unit_name: str
    role: Role
    starts_on: date
    ends_on: date | None

    def holds_on(self, day: date) -> bool:
        """Tell whether the role is held on the day."""
        return self.starts_on <= day and (self.ends_on is None or day < self.ends_on)


def row_of(user: User) -> UserRow:
    """Return the frozen row of a user."""
    return UserRow(
        user.id,
        user.username,
        user.full_name,
        user.title or "",
        user.is_active,
        user.must_change_password,
        user.totp_confirmed_at is not None,
        user.created_at,
        user.version,
    )


def user_by_id(session: Session, user_id: UUID) -> UserRow | None:
    """Return a user, or None."""
    user = session.get(User, user_id)
    return row_of(user) if user else None


def user_by_name(session: Session, username: str) -> UserRow | None:
    """Return the user with this (clean) user name, or None."""
    user = session.scalars(select(User).where(User.username == username)).first()
    return row_of(user) if user else None


def names_of(session: Session, user_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return full names by id, for histories."""
    wanted = set(user_ids)
    if not wanted:
        return {}
    rows = session.execute(select(User.id, User.full_name).where(User.id.in_(wanted)))
    return {row[0]: row[1] for row in rows}


def grants_of(session: Session, user_id: UUID) -> list[GrantRow]:
    """Return all roles a user holds, held or will hold, the newest first."""
    grants = session.scalars(
        select(RoleGrant)
        .where(RoleGrant.user_id == user_id)
        .order_by(RoleGrant.starts_on.desc(), RoleGrant.id)
    ).all()
    units = units_by_ids(session, {grant.unit_id for grant in grants})
    return [_grant_row(grant, units[grant.unit_id].name) for grant in grants]


def _grant_row(grant: RoleGrant, unit_name: str) -> GrantRow:
    return GrantRow(
        grant.id, grant.user_id, grant.unit_id, unit_name, Role(grant.role), grant.starts_on, grant.ends_on
    )


def actor_for(session: Session, user_id: UUID, on: date) -> Actor:
    """Return the actor a user is on a day: the roles held then, each with the units it covers.

    Raises:
        NotFound: when there is no such user.
    """
    user = session.get(User, user_id)
    if user is None:
        raise NotFound
    held = session.execute(
        select(RoleGrant.role, RoleGrant.unit_id).where(RoleGrant.user_id == user.id, holding(on))
    )
    return actor_with(session, user, [(role, unit_id) for role, unit_id in held], on)


def holding(on: date) -> ColumnElement[bool]:
    """Return the condition for a role that is held on a day."""
    return and_(RoleGrant.starts_on <= on, or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on > on))


def actor_with(session: Session, user: User, held: Sequence[tuple[str, int]], on: date) -> Actor:
    """Return the actor of a loaded user who holds these roles, each at a unit; a disabled one holds none."""
    covers = covered(session, {unit_id for _, unit_id in held}, on)
    grants = tuple(Grant(Role(role), unit_id, frozenset(covers[unit_id])) for role, unit_id in held)
    return Actor(
        user.id,
        user.username,
        user.full_name,
        user.title or "",
        grants if user.is_active else (),
        must_change_password=user.must_change_password,
        has_second_factor=user.totp_confirmed_at is not None,
    )


def users_at(
    session: Session,
    actor: Actor,
    *,
    text: str = "",
    unit_id: int | None = None,
    role: Role | None = None,
    after: str = "",
    limit: int = 50,
) -> list[UserRow]:
    """Return the users an administrator looks after, by user name; a search forgives missing accents.

    Args:
        session: the transaction.
        actor: who looks; only users with a role (of any time) inside the actor's units are shown.
        text: part of the name or user name.
        unit_id: only users with a role held at this unit.
        role: only users who hold or held this role there.
        after: the user name the page starts after (keyset).
        limit: rows of a page.
    """
    own: list[ColumnElement[bool]] = []
    if not actor.unlimited:
        own.append(RoleGrant.unit_id.in_(actor.units(Permission.USERS_MANAGE)))
    if unit_id is not None:
        own.append(RoleGrant.unit_id == unit_id)
    if role is not None:
        own.append(RoleGrant.role == role.value)
    statement = select(User).where(User.username > after).order_by(User.username)
    if own:
        statement = statement.where(User.id.in_(select(RoleGrant.user_id).where(*own)))
    wanted = fold(text)
    found: list[UserRow] = []
    for user in session.scalars(statement):
        # a subtree has some hundred users at most: folding here spares a column that only this search would use
        if not wanted or wanted in fold(user.full_name) or wanted in user.username:
            found.append(row_of(user))
        if len(found) == limit:
            break
    return found


@dataclass(frozen=True, slots=True)
class RoleToPlace:
    """A role held at a unit that ended, and the other units where the same person holds or will hold one."""

    id: UUID
    full_name: str
    role: Role
    also_at: frozenset[int]


def roles_to_place(session: Session, unit_id: int, on: date) -> list[RoleToPlace]:
    """Return the roles of a unit that run on a day or later, by person."""
    runs = or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on > on)
    held = session.execute(
        select(RoleGrant.id, RoleGrant.user_id, User.full_name, RoleGrant.role)
        .join(User, User.id == RoleGrant.user_id)
        .where(RoleGrant.unit_id == unit_id, runs)
        .order_by(User.full_name, RoleGrant.role, RoleGrant.id)
    ).all()
    elsewhere: dict[UUID, set[int]] = {row.user_id: set() for row in held}
    others = select(RoleGrant.user_id, RoleGrant.unit_id).where(RoleGrant.user_id.in_(elsewhere), runs)
    for user_id, other_id in session.execute(others):
        elsewhere[user_id].add(other_id)
    return [
        RoleToPlace(row.id, row.full_name, Role(row.role), frozenset(elsewhere[row.user_id] - {unit_id}))
        for row in held
    ]


def roles_held(session: Session, on: date) -> dict[int, dict[Role, int]]:
    """Return for each unit how many roles of each kind are held there on a day or later."""
    query = (
        select(RoleGrant.unit_id, RoleGrant.role, func.count())
        .where(or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on > on))
        .group_by(RoleGrant.unit_id, RoleGrant.role)
    )
    found: dict[int, dict[Role, int]] = {}
    for unit_id, role, count in session.execute(query):
        found.setdefault(unit_id, {})[Role(role)] = count
    return found


def manages(session: Session, actor: Actor, user_id: UUID) -> bool:
    """Tell whether the actor may change this user: all roles the user holds lie inside the actor's units.

    An administrator of a commune must not be able to reset the password of one of the province.
    """
    if actor.unlimited:
        return True
    today = clock.today()
    own = actor.units(Permission.USERS_MANAGE)
    grants = session.scalars(select(RoleGrant).where(RoleGrant.user_id == user_id)).all()
    open_grants = [grant for grant in grants if grant.ends_on is None or grant.ends_on > today]
    known_here = any(grant.unit_id in own for grant in grants)
    return known_here and all(grant.unit_id in own for grant in open_grants)


def officers_at(session: Session, unit_id: int, on: date) -> list[UserRow]:
    """Return who may be sent from this unit on the day (officers and heads), by given name."""
    held = select(RoleGrant.user_id).where(
        RoleGrant.unit_id == unit_id,
        RoleGrant.role.in_([Role.OFFICER.value, Role.HEAD.value]),
        holding(on),
    )
    users = session.scalars(select(User).where(User.id.in_(held), User.is_active)).all()
    return sorted((row_of(user) for user in users), key=lambda user: sort_key_vi(user.full_name))


@dataclass(frozen=True)
class SessionRow:
    """One place where a user is signed in; `is_here` is the one that asks."""

    started_at: datetime
    seen_at: datetime
    is_here: bool


def sessions_of(session: Session, user_id: UUID, token: str, idle: timedelta) -> list[SessionRow]:
    """Return where a user is signed in now, the latest first; what was idle too long is over."""
    now = clock.now()
    rows = session.scalars(
        select(SignIn)
        .where(
            SignIn.user_id == user_id,
            SignIn.ended_at.is_(None),
            SignIn.ends_at > now,
            SignIn.seen_at > now - idle,
        )
        .order_by(SignIn.started_at.desc(), SignIn.id)
    )
    here = crypto.digest(token)
    return [SessionRow(row.started_at, row.seen_at, row.token_digest == here) for row in rows]


def trusted_devices(session: Session, user_id: UUID) -> int:
    """Return how many browsers are not asked for this user's code at the moment."""
    kept = (TrustedDevice.user_id == user_id, TrustedDevice.expires_at > clock.now())
    return session.scalar(select(func.count()).where(*kept)) or 0


@dataclass(frozen=True)
class RecoveryRow:
    """A request to take a lost second factor away, waiting for a second administrator."""

    id: UUID
    reason: str
    asked_by: UUID
    asked_by_name: str
    asked_at: datetime
    expires_at: datetime


def open_recovery(session: Session, user_id: UUID) -> RecoveryRow | None:
    """Return the request that waits for a second administrator, or None."""
    row = session.scalars(
        select(Recovery)
        .where(
            Recovery.user_id == user_id,
            Recovery.confirmed_at.is_(None),
            Recovery.expires_at > clock.now(),
        )
        .order_by(Recovery.asked_at.desc())
    ).first()
    if row is None:
        return None
    name = names_of(session, [row.asked_by])[row.asked_by]
    return RecoveryRow(row.id, row.reason, row.asked_by, name, row.asked_at, row.expires_at)
