"""Vai trò: give a role at a unit and end one."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from civreg.accounts.models import RoleGrant, User
from civreg.accounts.rules import Actor, Permission, Role
from civreg.accounts.service.writing import invalid, record
from civreg.shared import clock
from civreg.shared.database import new_id
from civreg.shared.errors import NotFound
from civreg.units.rules import Heirs


def grant_role(
    session: Session,
    by: Actor,
    user_id: UUID,
    unit_id: int,
    role: Role,
    starts_on: date,
    ends_on: date | None = None,
) -> UUID:
    """Give a user a role at a unit from a day on; `ends_on` is the first day it no longer holds.

    Raises:
        NotAllowed: when the unit is outside what the actor manages.
        NotFound: when there is no such user.
        InvalidInput: when it would end before it starts.
    """
    by.require(Permission.USERS_MANAGE, unit_id)
    user = session.get(User, user_id)
    if user is None:
        raise NotFound
    if ends_on is not None and ends_on <= starts_on:
        raise invalid("ends_on", "Ngày kết thúc phải sau ngày bắt đầu.")
    same = (RoleGrant.user_id == user_id, RoleGrant.unit_id == unit_id, RoleGrant.role == role.value)
    overlapping = session.scalars(select(RoleGrant).where(*same).with_for_update()).all()
    for grant in overlapping:
        if grant.starts_on == starts_on and grant.ends_on is not None and grant.ends_on <= starts_on:
            grant.ends_on = ends_on  # taken back on its first day and given again
            record(session, "role.granted", by.user_id, user_id, unit_id=unit_id, role=role.value)
            return grant.id
        if grant.ends_on is None or grant.ends_on > starts_on:
            raise invalid("role", "Người này đã giữ vai trò đó ở đơn vị này. Không cần giao lại.")
    row = RoleGrant(
        id=new_id(),
        user_id=user_id,
        unit_id=unit_id,
        role=role.value,
        starts_on=starts_on,
        ends_on=ends_on,
        granted_by=by.user_id,
        granted_at=clock.now(),
    )
    session.add(row)
    session.flush()
    record(session, "role.granted", by.user_id, user_id, unit_id=unit_id, role=role.value)
    return row.id


def hold_roles(session: Session, unit_id: int) -> None:
    """Hold every role of a unit until the transaction ends, in the order of ids."""
    query = select(RoleGrant.id).where(RoleGrant.unit_id == unit_id)
    session.execute(query.order_by(RoleGrant.id).with_for_update())


def hand_over_roles(session: Session, by: Actor, old_unit_id: int, heirs: Heirs, on: date) -> int:
    """Move the roles held at a unit that ended each to the one that takes it (chuyển giao); return how many ended.

    Each ends at the old unit on the day and begins at the new one on the same day, until its own last day. Whoever
    holds the same role there already is given nothing twice.

    Raises:
        NotAllowed: a new unit is outside what the actor manages.
    """
    for unit_id in heirs.units:
        by.require(Permission.USERS_MANAGE, unit_id)
    held = session.scalars(
        select(RoleGrant)
        .where(RoleGrant.unit_id == old_unit_id, or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on > on))
        .order_by(RoleGrant.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for grant in held:
        until, starts_on, new_unit_id = grant.ends_on, max(on, grant.starts_on), heirs.of(grant.id)
        grant.ends_on = starts_on
        record(session, "role.ended", by.user_id, grant.user_id, unit_id=old_unit_id, role=grant.role)
        if not _holds(session, grant, new_unit_id, starts_on):
            grant_role(session, by, grant.user_id, new_unit_id, Role(grant.role), starts_on, until)
    return len(held)


def _holds(session: Session, grant: RoleGrant, unit_id: int, on: date) -> bool:
    """Say whether the same person holds the same role at a unit on a day or later."""
    same = (
        RoleGrant.user_id == grant.user_id,
        RoleGrant.role == grant.role,
        RoleGrant.unit_id == unit_id,
        or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on > on),
    )
    return session.scalar(select(select(RoleGrant.id).where(*same).exists())) or False


def end_role(session: Session, by: Actor, grant_id: UUID, ends_on: date) -> None:
    """End a role: `ends_on` is the first day it no longer holds, so today means at once.

    Raises:
        NotFound: when there is no such role among what the actor manages.
        InvalidInput: when the day lies before the role's first day.
    """
    grant = session.scalars(select(RoleGrant).where(RoleGrant.id == grant_id).with_for_update()).first()
    if grant is None or not by.may(Permission.USERS_MANAGE, grant.unit_id):
        raise NotFound
    if ends_on < grant.starts_on:
        raise invalid("ends_on", "Ngày thôi giữ vai trò không thể trước ngày bắt đầu.")
    grant.ends_on = ends_on
    record(session, "role.ended", by.user_id, grant.user_id, unit_id=grant.unit_id, role=grant.role)
