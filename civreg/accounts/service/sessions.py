"""Đăng nhập: the try, the password, the session and its end."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import and_, func, select, update
from sqlalchemy.orm import Session

from civreg.accounts.models import RoleGrant, SignIn, User
from civreg.accounts.queries import UserRow, actor_with, holding, row_of
from civreg.accounts.rules import Actor, clean_username
from civreg.accounts.service.second_factor import is_trusted, take_code, trust_device
from civreg.accounts.service.writing import freshen_hash, matches, nobody, record
from civreg.shared import clock, crypto, throttle
from civreg.shared.database import new_id
from civreg.shared.errors import Refusal, TooMany

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
TOUCH = timedelta(minutes=1)
TRIES = 5
TRIES_WITHIN = timedelta(minutes=15)
BETWEEN = timedelta(minutes=10)
"""How long the right password waits for its code."""
THROTTLE = "sign_in"
CODE_THROTTLE = "second_factor"


class WrongSignIn(Refusal):
    """User name and password do not belong together; which of the two is not said (ASVS 6.3.8)."""

    def __init__(self) -> None:
        super().__init__("Tên đăng nhập hoặc mật khẩu chưa đúng. Ông/bà nhập lại cả hai.")


@dataclass(frozen=True)
class Pending:
    """A right password that still waits for the code of the phone.

    Attributes:
        user_id: whose password it was.
        mark: dies with that password, so that a kept page of an old one opens nothing.
        until: seconds since 1970.
    """

    user_id: UUID
    mark: str
    until: int


class SecondFactorDue(Exception):  # noqa: N818 - not a fault: the next question
    """The password is right; this user and this browser need the code of the phone as well."""

    def __init__(self, pending: Pending) -> None:
        super().__init__("second factor due")
        self.pending = pending


class SignInOver(Refusal):
    """The right password waited too long for its code, or is no longer the password."""

    def __init__(self) -> None:
        super().__init__("Đã quá lâu từ khi nhập mật khẩu. Ông/bà đăng nhập lại từ đầu.")


def note_try(session: Session, username: str) -> None:
    """Write down that somebody tries to sign in, before the password is looked at; `sign_in` takes it back.

    Committed in a transaction of its own, so that many guesses at the same moment are counted one by one.

    Raises:
        TooMany: after `TRIES` tries without success within `TRIES_WITHIN`.
    """
    _note(session, THROTTLE, clean_username(username))


def note_code_try(session: Session, user_id: UUID) -> None:
    """Write down that a code is tried, before it is looked at; as `note_try`, per user and not per browser.

    Raises:
        TooMany: after `TRIES` tries without success within `TRIES_WITHIN`.
    """
    _note(session, CODE_THROTTLE, str(user_id))


def _note(session: Session, kind: str, name: str) -> None:
    key = int(crypto.blind(name, kind)[:15], 16)
    session.execute(select(func.pg_advisory_xact_lock(key)))
    if throttle.count_failures(session, kind, name, TRIES_WITHIN) >= TRIES:
        raise TooMany(
            f"Đã nhập sai {TRIES} lần. Ông/bà chờ {TRIES_WITHIN.seconds // 60} phút rồi thử lại, "
            "hoặc nhờ người quản trị giúp."
        )
    throttle.note_failure(session, kind, name)


def sign_in(
    session: Session, username: str, password: str, *, devices: Collection[str] = ()
) -> tuple[str, UserRow]:
    """Check name and password and open a session; return its token (kept nowhere else) and the user.

    Args:
        session: the transaction.
        username: as typed.
        password: as typed.
        devices: the tokens this browser keeps; with one that is trusted for this user no code is asked.

    Raises:
        WrongSignIn: the same sentence for an unknown name, a wrong password and a disabled user.
        SecondFactorDue: the password is right and a code is needed; nothing is opened yet.
    """
    name = clean_username(username)
    user = session.scalars(select(User).where(User.username == name).with_for_update()).first()
    right = matches(user.password_hash if user else nobody(), password)
    if user is None or not right or not user.is_active:
        raise WrongSignIn
    if user.totp_confirmed_at is not None and not is_trusted(session, user.id, devices):
        until = int((clock.now() + BETWEEN).timestamp())
        raise SecondFactorDue(Pending(user.id, _mark(user), until))
    freshen_hash(user, password)
    return _open(session, user)


def finish_sign_in(
    session: Session, pending: Pending, code: str, *, trust: bool = False
) -> tuple[str, UserRow, str]:
    """Check the code that the right password waited for and open the session.

    Args:
        session: the transaction.
        pending: what `SecondFactorDue` carried, brought back by the edge under its own signature.
        code: as typed.
        trust: whether this browser shall not be asked again for a while.

    Returns:
        The token of the session, the user, and the token the trusted browser keeps (or empty).

    Raises:
        SignInOver: too late, or the password was changed or the account locked meanwhile.
        WrongCode: wrong, too old, or used before.
    """
    user = session.scalars(select(User).where(User.id == pending.user_id).with_for_update()).first()
    now = clock.now()
    if user is None or not user.is_active or now.timestamp() >= pending.until or pending.mark != _mark(user):
        raise SignInOver
    take_code(user, code)
    device = trust_device(session, user.id) if trust else ""
    token, row = _open(session, user)
    return token, row, device


def _mark(user: User) -> str:
    return crypto.blind(f"{user.id}.{user.password_hash}", "sign_in.pending")


def _open(session: Session, user: User) -> tuple[str, UserRow]:
    throttle.forget_failures(session, THROTTLE, user.username)
    throttle.forget_failures(session, CODE_THROTTLE, str(user.id))
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
    record(session, "user.signed_in", user.id, user.id)
    return token, row_of(user)


def actor_of_token(session: Session, token: str) -> Actor | None:
    """Return who holds this token now, with the roles of today; None when the session is over.

    Over means: signed out, idle for `IDLE`, older than `ABSOLUTE`, or the user disabled. `seen_at` moves at
    most once in `TOUCH`, so that reading pages does not write at every request.
    """
    now = clock.now()
    found = session.execute(
        select(SignIn, User, RoleGrant.role, RoleGrant.unit_id)
        .join(User, User.id == SignIn.user_id)
        .outerjoin(RoleGrant, and_(RoleGrant.user_id == User.id, holding(now.date())))
        .where(SignIn.token_digest == crypto.digest(token), SignIn.ended_at.is_(None))
    ).all()
    if not found:
        return None
    sign_in_row, user = found[0][:2]
    if not user.is_active or now >= sign_in_row.ends_at or now - sign_in_row.seen_at >= IDLE:
        return None
    if now - sign_in_row.seen_at >= TOUCH:
        sign_in_row.seen_at = now
    held = [(role, unit_id) for _, _, role, unit_id in found if role is not None]
    return actor_with(session, user, held, now.date())


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
