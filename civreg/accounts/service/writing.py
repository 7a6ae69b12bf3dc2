"""Chỗ dùng chung: the user an administrator may change, passwords as they are kept, and the audit of users."""

from __future__ import annotations

import secrets
from functools import lru_cache
from importlib.resources import files
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.accounts.models import User
from civreg.accounts.queries import manages
from civreg.accounts.rules import Actor, Permission, password_problem
from civreg.shared import audit, clock
from civreg.shared.errors import InvalidInput, NotFound

_hasher = PasswordHasher()


@lru_cache(maxsize=1)
def nobody() -> str:
    """Return a hash nobody's password has, so that an unknown user takes as long as a known one."""
    return _hasher.hash(secrets.token_urlsafe(24))


@lru_cache(maxsize=1)
def common_passwords() -> frozenset[str]:
    """Return the folded passwords that are refused because everybody tries them first."""
    text = files("civreg.accounts").joinpath("common_passwords.txt").read_text("utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))


def matches(stored: str, password: str) -> bool:
    """Tell whether the password is the one of the stored hash."""
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def random_password() -> str:
    """Return four groups of four letters and digits that are not mistaken for one another (79 bits)."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(4))


def check_password(password: str, username: str, field: str) -> None:
    """Refuse a password that cannot be used.

    Raises:
        InvalidInput: naming the field and what to do.
    """
    problem = password_problem(password, common=common_passwords(), username=username)
    if problem:
        raise invalid(field, problem)


def freshen_hash(user: User, password: str) -> None:
    """Hash a right password again when Argon2's parameters have risen since."""
    if _hasher.check_needs_rehash(user.password_hash):
        user.password_hash = _hasher.hash(password)


def set_password(user: User, password: str, *, must_change: bool) -> None:
    """Keep the hash of a new password."""
    user.password_hash = _hasher.hash(password)
    user.password_changed_at = clock.now()
    user.must_change_password = must_change


def managed(session: Session, by: Actor, user_id: UUID) -> User:
    """Load a user the actor looks after and hold it.

    Raises:
        NotFound: no such user, or one of other units.
    """
    by.require(Permission.USERS_MANAGE)
    user = session.scalars(select(User).where(User.id == user_id).with_for_update()).first()
    if user is None or not manages(session, by, user_id):
        raise NotFound
    return user


def invalid(field: str, sentence: str) -> InvalidInput:
    """Return the refusal of one field."""
    return InvalidInput(sentence, {field: sentence})


def record(
    session: Session,
    action: str,
    by: UUID | None,
    user_id: UUID,
    *,
    unit_id: int | None = None,
    **details: str,
) -> None:
    """Append a change of a user to the audit; the last step of a service."""
    audit.record(
        session,
        action,
        unit_id=unit_id,
        actor_id=by,
        subject_type="user",
        subject_id=user_id,
        **details,
    )
