"""Đọc người dùng: users, their roles, and the actor of a request."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from civreg.accounts.models import RoleGrant, User
from civreg.accounts.rules import Actor, Grant, Permission, Role
from civreg.shared import clock
from civreg.shared.errors import NotFound
from civreg.shared.text import fold, sort_key_vi
from civreg.units.queries import descendant_ids, units_by_ids


@dataclass(frozen=True)
class UserRow:
    """A user as lists and pages show it; never the hash."""

    id: UUID
    username: str
    full_name: str
    title: str
    is_active: bool
    must_change_password: bool
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
    return actor_from(session, user, on)


def actor_from(session: Session, user: User, on: date) -> Actor:
    """Return the actor of a loaded user; a disabled one holds no role."""
    held = session.execute(
        select(RoleGrant.role, RoleGrant.unit_id).where(
            RoleGrant.user_id == user.id,
            RoleGrant.starts_on <= on,
            or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on > on),
        )
    ).all()
    covers = {unit_id: frozenset(descendant_ids(session, unit_id, on, on)) | {unit_id} for _, unit_id in held}
    grants = tuple(Grant(Role(role), unit_id, covers[unit_id]) for role, unit_id in held)
    return Actor(
        user.id,
        user.username,
        user.full_name,
        user.title or "",
        grants if user.is_active else (),
        must_change_password=user.must_change_password,
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
        RoleGrant.starts_on <= on,
        or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on > on),
    )
    users = session.scalars(select(User).where(User.id.in_(held), User.is_active)).all()
    return sorted((row_of(user) for user in users), key=lambda user: sort_key_vi(user.full_name))
