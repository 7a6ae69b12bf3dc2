"""Việc với người dùng: sign-in and its sessions, passwords, users and their roles. Nothing here commits."""

from __future__ import annotations

import secrets
from datetime import date, timedelta
from functools import lru_cache
from importlib.resources import files
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from civreg.accounts.models import RoleGrant, SignIn, User
from civreg.accounts.queries import UserRow, actor_from, manages, row_of
from civreg.accounts.rules import (
    Actor,
    Permission,
    Role,
    clean_username,
    password_problem,
    username_problem,
)
from civreg.shared import audit, clock, crypto, throttle
from civreg.shared.database import new_id
from civreg.shared.errors import InvalidInput, NotFound, Refusal, TooMany
from civreg.shared.text import nfc

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
TOUCH = timedelta(minutes=1)
TRIES = 5
TRIES_WITHIN = timedelta(minutes=15)
_THROTTLE = "sign_in"
_hasher = PasswordHasher()


class WrongSignIn(Refusal):
    """User name and password do not belong together; which of the two is not said (ASVS 6.3.8)."""

    def __init__(self) -> None:
        super().__init__("Tên đăng nhập hoặc mật khẩu chưa đúng. Ông/bà nhập lại cả hai.")


@lru_cache(maxsize=1)
def _nobody() -> str:
    """Return a hash nobody's password has, so that an unknown user takes as long as a known one."""
    return _hasher.hash(secrets.token_urlsafe(24))


@lru_cache(maxsize=1)
def common_passwords() -> frozenset[str]:
    """Return the folded passwords that are refused because everybody tries them first."""
    text = files("civreg.accounts").joinpath("common_passwords.txt").read_text("utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))


def note_try(session: Session, username: str) -> None:
    """Write down that somebody tries to sign in, before the password is looked at; `sign_in` takes it back.

    Committed in a transaction of its own, so that many guesses at the same moment are counted one by one.

    Raises:
        TooMany: after `TRIES` tries without success within `TRIES_WITHIN`.
    """
    name = clean_username(username)
    key = int(crypto.blind(name, _THROTTLE)[:15], 16)
    session.execute(select(func.pg_advisory_xact_lock(key)))
    if throttle.count_failures(session, _THROTTLE, name, TRIES_WITHIN) >= TRIES:
        raise TooMany(
            f"Đã nhập sai {TRIES} lần. Ông/bà chờ {TRIES_WITHIN.seconds // 60} phút rồi thử lại, "
            "hoặc nhờ người quản trị cấp mật khẩu mới."
        )
    throttle.note_failure(session, _THROTTLE, name)


def sign_in(session: Session, username: str, password: str) -> tuple[str, UserRow]:
    """Check name and password and open a session; return its token (kept nowhere else) and the user.

    Raises:
        WrongSignIn: the same sentence for an unknown name, a wrong password and a disabled user.
    """
    name = clean_username(username)
    user = session.scalars(select(User).where(User.username == name).with_for_update()).first()
    right = _matches(user.password_hash if user else _nobody(), password)
    if user is None or not right or not user.is_active:
        raise WrongSignIn
    if _hasher.check_needs_rehash(user.password_hash):
        user.password_hash = _hasher.hash(password)
    throttle.forget_failures(session, _THROTTLE, name)
    token = crypto.token()
    now = clock.now()
    session.add(
        SignIn(
            id=new_id(),
            user_id=user.id,
            token_digest=crypto.digest(token),
            started_at=now,
            seen_at=now,
            ends_at=now + ABSOLUTE,
            ended_at=None,
        )
    )
    _record(session, "user.signed_in", user.id, user.id)
    return token, row_of(user)


def _matches(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def actor_of_token(session: Session, token: str) -> Actor | None:
    """Return who holds this token now, with the roles of today; None when the session is over.

    Over means: signed out, idle for `IDLE`, older than `ABSOLUTE`, or the user disabled. `seen_at` moves at
    most once in `TOUCH`, so that reading pages does not write at every request.
    """
    now = clock.now()
    found = session.execute(
        select(SignIn, User)
        .join(User, User.id == SignIn.user_id)
        .where(SignIn.token_digest == crypto.digest(token), SignIn.ended_at.is_(None))
    ).first()
    if found is None:
        return None
    sign_in_row, user = found
    if not user.is_active or now >= sign_in_row.ends_at or now - sign_in_row.seen_at >= IDLE:
        return None
    if now - sign_in_row.seen_at >= TOUCH:
        sign_in_row.seen_at = now
    return actor_from(session, user, now.date())


def sign_out(session: Session, token: str) -> None:
    """End the session of this token; a copied cookie is worth nothing from now on."""
    session.execute(
        update(SignIn)
        .where(SignIn.token_digest == crypto.digest(token), SignIn.ended_at.is_(None))
        .values(ended_at=clock.now())
    )


def end_sessions(session: Session, user_id: UUID, *, but: str = "") -> None:
    """End all sessions of a user, except the one of the token `but`."""
    session.execute(
        update(SignIn)
        .where(
            SignIn.user_id == user_id,
            SignIn.ended_at.is_(None),
            SignIn.token_digest != (crypto.digest(but) if but else ""),
        )
        .values(ended_at=clock.now())
    )


def change_password(session: Session, actor: Actor, old: str, new: str, *, token: str = "") -> None:
    """Set one's own new password; all other sessions of the user end (ASVS 7.4.3).

    Args:
        session: the transaction.
        actor: the user.
        old: the password of now.
        new: the password from now on.
        token: the session that stays.

    Raises:
        InvalidInput: naming the field and what to do.
    """
    user = session.scalars(select(User).where(User.id == actor.user_id).with_for_update()).first()
    if user is None:
        raise NotFound
    if not _matches(user.password_hash, old):
        raise _invalid("old_password", "Mật khẩu đang dùng chưa đúng. Ông/bà nhập lại.")
    if old == new:
        raise _invalid("new_password", "Mật khẩu mới phải khác mật khẩu đang dùng.")
    _check_password(new, user.username, "new_password")
    _set_password(user, new, must_change=False)
    end_sessions(session, user.id, but=token)
    _record(session, "user.password_changed", user.id, user.id)


def create_user(
    session: Session,
    by: Actor,
    *,
    username: str,
    full_name: str,
    title: str,
    password: str,
    must_change: bool = True,
) -> UUID:
    """Make a user without a role; whoever makes it gives one in the same transaction.

    Raises:
        InvalidInput: naming every field that cannot be used.
    """
    by.require(Permission.USERS_MANAGE)
    name = clean_username(username)
    problems = {
        "username": username_problem(name) or _taken(session, name),
        "full_name": None if nfc(full_name) else "Ông/bà ghi họ tên của người dùng.",
        "password": password_problem(password, common=common_passwords(), username=name),
    }
    fields = {field: problem for field, problem in problems.items() if problem}
    if fields:
        raise InvalidInput("Chưa tạo được tài khoản. Ông/bà sửa các ô được nêu.", fields)
    user = User(
        id=new_id(),
        username=name,
        full_name=nfc(full_name),
        title=nfc(title) or None,
        password_hash="",
        password_changed_at=clock.now(),
        is_active=True,
        created_at=clock.now(),
        version=1,
    )
    _set_password(user, password, must_change=must_change)
    session.add(user)
    session.flush()
    _record(session, "user.created", by.user_id, user.id)
    return user.id


def _taken(session: Session, username: str) -> str | None:
    if session.scalar(select(User.id).where(User.username == username)) is None:
        return None
    return "Tên đăng nhập này đã có người dùng. Ông/bà thêm một chữ hoặc số để phân biệt."


def change_user(session: Session, by: Actor, user_id: UUID, *, full_name: str, title: str) -> None:
    """Correct the name and title of a user.

    Raises:
        InvalidInput: when the name is empty.
        NotFound: when the user is not the actor's to manage.
    """
    user = _managed(session, by, user_id)
    if not nfc(full_name):
        raise _invalid("full_name", "Ông/bà ghi họ tên của người dùng.")
    user.full_name, user.title = nfc(full_name), nfc(title) or None
    user.version += 1
    _record(session, "user.changed", by.user_id, user.id)


def set_active(session: Session, by: Actor, user_id: UUID, active: bool) -> None:
    """Enable or disable a user; a disabled one is refused at the next request.

    Raises:
        NotFound: when the user is not the actor's to manage.
        Refusal: for one's own account.
    """
    user = _managed(session, by, user_id)
    if user.id == by.user_id:
        raise Refusal("Ông/bà không tự khóa tài khoản của mình được. Hãy nhờ một người quản trị khác.")
    user.is_active = active
    user.version += 1
    if not active:
        end_sessions(session, user.id)
    _record(session, "user.enabled" if active else "user.disabled", by.user_id, user.id)


def reset_password(session: Session, by: Actor, user_id: UUID) -> str:
    """Give a user a new random password, shown once; it must be changed at the next sign-in.

    Raises:
        NotFound: when the user is not the actor's to manage.
    """
    user = _managed(session, by, user_id)
    password = random_password()
    _set_password(user, password, must_change=True)
    throttle.forget_failures(session, _THROTTLE, user.username)
    end_sessions(session, user.id)
    _record(session, "user.password_reset", by.user_id, user.id)
    return password


def random_password() -> str:
    """Return four groups of four letters and digits that are not mistaken for one another (79 bits)."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(4))


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
        raise _invalid("ends_on", "Ngày kết thúc phải sau ngày bắt đầu.")
    same = (RoleGrant.user_id == user_id, RoleGrant.unit_id == unit_id, RoleGrant.role == role.value)
    overlapping = session.scalars(select(RoleGrant).where(*same).with_for_update()).all()
    for grant in overlapping:
        if grant.starts_on == starts_on and grant.ends_on is not None and grant.ends_on <= starts_on:
            grant.ends_on = ends_on  # taken back on its first day and given again
            _record(session, "role.granted", by.user_id, user_id, unit_id=unit_id, role=role.value)
            return grant.id
        if grant.ends_on is None or grant.ends_on > starts_on:
            raise _invalid("role", "Người này đã giữ vai trò đó ở đơn vị này. Không cần giao lại.")
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
    _record(session, "role.granted", by.user_id, user_id, unit_id=unit_id, role=role.value)
    return row.id


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
        raise _invalid("ends_on", "Ngày thôi giữ vai trò không thể trước ngày bắt đầu.")
    grant.ends_on = ends_on
    _record(session, "role.ended", by.user_id, grant.user_id, unit_id=grant.unit_id, role=grant.role)


def _managed(session: Session, by: Actor, user_id: UUID) -> User:
    by.require(Permission.USERS_MANAGE)
    user = session.scalars(select(User).where(User.id == user_id).with_for_update()).first()
    if user is None or not manages(session, by, user_id):
        raise NotFound
    return user


def _check_password(password: str, username: str, field: str) -> None:
    problem = password_problem(password, common=common_passwords(), username=username)
    if problem:
        raise _invalid(field, problem)


def _set_password(user: User, password: str, *, must_change: bool) -> None:
    user.password_hash = _hasher.hash(password)
    user.password_changed_at = clock.now()
    user.must_change_password = must_change


def _invalid(field: str, sentence: str) -> InvalidInput:
    return InvalidInput(sentence, {field: sentence})


def _record(
    session: Session,
    action: str,
    by: UUID | None,
    user_id: UUID,
    *,
    unit_id: int | None = None,
    **details: str,
) -> None:
    audit.record(
        session,
        action,
        unit_id=unit_id,
        actor_id=by,
        subject_type="user",
        subject_id=user_id,
        **details,
    )
