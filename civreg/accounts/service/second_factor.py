"""Mã xác thực trên điện thoại: enrol, confirm, take away; and the browsers that are not asked again."""

from __future__ import annotations

import base64
from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from civreg.accounts.models import TrustedDevice, User
from civreg.accounts.rules import Actor, matching_step, new_secret
from civreg.accounts.service.writing import invalid, matches, record
from civreg.shared import clock, crypto
from civreg.shared.database import new_id
from civreg.shared.errors import InvalidInput, NotFound, Refusal

TRUSTED = timedelta(days=30)
_CELL = ("app_user", "sealed_totp_secret")


class WrongCode(InvalidInput):
    """The code is wrong, too old, or was used before; which of them is not said."""

    def __init__(self) -> None:
        sentence = "Mã chưa đúng hoặc đã dùng rồi. Ông/bà chờ điện thoại hiện mã mới rồi nhập lại sáu chữ số."
        super().__init__(sentence, {"code": sentence})


def start_second_factor(session: Session, actor: Actor, password: str) -> None:
    """Make a new key for one's own account; it counts only after `confirm_second_factor`.

    The password is asked again: whoever finds an open desk must not put his own phone in the owner's place.

    Raises:
        InvalidInput: the password is wrong.
        Refusal: there is a confirmed one, which has to be taken away first.
    """
    user = _own(session, actor)
    if not matches(user.password_hash, password):
        raise invalid("password", "Mật khẩu chưa đúng. Ông/bà nhập lại.")
    if user.totp_confirmed_at is not None:
        raise Refusal("Tài khoản đã bật mã xác thực. Muốn đổi điện thoại, ông/bà tắt rồi bật lại.")
    user.sealed_totp_secret = crypto.seal(base64.b64encode(new_secret()).decode(), *_cell(user))
    user.totp_last_step = None
    record(session, "user.second_factor_started", user.id, user.id)


def unconfirmed_secret(session: Session, actor: Actor) -> bytes | None:
    """Return one's own key while it still waits for its first code; never afterwards, and never another's."""
    user = _own(session, actor)
    if user.totp_confirmed_at is not None or not user.sealed_totp_secret:
        return None
    return _secret(user)


def confirm_second_factor(session: Session, actor: Actor, code: str) -> None:
    """Switch it on with one right code; the caller ends the other sessions (ASVS 7.4.3).

    Raises:
        WrongCode: the code is not that of the key.
        Refusal: nothing was started.
    """
    user = _own(session, actor)
    if user.totp_confirmed_at is not None or not user.sealed_totp_secret:
        raise Refusal("Chưa có khóa nào chờ xác nhận. Ông/bà bấm “Bật mã xác thực” để bắt đầu.")
    take_code(user, code)
    user.totp_confirmed_at = clock.now()
    user.version += 1
    record(session, "user.second_factor_confirmed", user.id, user.id)


def stop_second_factor(session: Session, actor: Actor, code: str) -> None:
    """Switch it off with one right code; a lost phone goes by `recovery` and never by this.

    Raises:
        WrongCode: the code is not right.
        Refusal: it is not on.
    """
    user = _own(session, actor)
    if user.totp_confirmed_at is None:
        raise Refusal("Tài khoản chưa bật mã xác thực.")
    take_code(user, code)
    remove_second_factor(session, user)
    record(session, "user.second_factor_stopped", user.id, user.id)


def remove_second_factor(session: Session, user: User) -> None:
    """Take key and trusted browsers away; for `stop_second_factor` and for a confirmed recovery only."""
    user.sealed_totp_secret, user.totp_confirmed_at, user.totp_last_step = "", None, None
    user.version += 1
    forget_devices(session, user.id)


def take_code(user: User, code: str) -> None:
    """Use a code up: neither it nor an older one is taken again.

    Raises:
        WrongCode: wrong, too old, or used before.
    """
    secret = _secret(user) if user.sealed_totp_secret else b""
    step = matching_step(secret, code, clock.now().timestamp(), user.totp_last_step) if secret else None
    if step is None:
        raise WrongCode
    user.totp_last_step = step


def trust_device(session: Session, user_id: UUID) -> str:
    """Let a browser be asked no more for a while; return the new token it keeps (only its digest stays here).

    Always a fresh one: a token that somebody planted in the browser before is worth nothing.
    """
    now, device = clock.now(), crypto.token()
    session.execute(
        delete(TrustedDevice).where(TrustedDevice.user_id == user_id, TrustedDevice.expires_at <= now)
    )
    session.add(
        TrustedDevice(
            id=new_id(),
            user_id=user_id,
            token_digest=crypto.digest(device),
            trusted_at=now,
            expires_at=now + TRUSTED,
        )
    )
    return device


def is_trusted(session: Session, user_id: UUID, devices: Collection[str]) -> bool:
    """Tell whether the browser that keeps these tokens showed the code of this user within the last days."""
    if not devices:
        return False
    found = select(TrustedDevice.id).where(
        TrustedDevice.user_id == user_id,
        TrustedDevice.token_digest.in_([crypto.digest(device) for device in devices]),
        TrustedDevice.expires_at > clock.now(),
    )
    return session.scalar(found.limit(1)) is not None


def forget_devices(session: Session, user_id: UUID) -> None:
    """Ask every browser again: at a new password, a recovery, and "sign out everywhere"."""
    session.execute(delete(TrustedDevice).where(TrustedDevice.user_id == user_id))


def _cell(user: User) -> tuple[str, UUID, str]:
    return _CELL[0], user.id, _CELL[1]


def _secret(user: User) -> bytes:
    return base64.b64decode(crypto.unseal(user.sealed_totp_secret, *_cell(user)))


def _own(session: Session, actor: Actor) -> User:
    """Hold the actor's own row: no argument of these services names another user."""
    user = session.scalars(select(User).where(User.id == actor.user_id).with_for_update()).first()
    if user is None:
        raise NotFound
    return user
