"""Khôi phục tài khoản: two administrators together take a lost second factor away; neither can do it alone."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.accounts.models import Recovery, User
from civreg.accounts.rules import Actor
from civreg.accounts.service.second_factor import remove_second_factor
from civreg.accounts.service.sessions import CODE_THROTTLE, THROTTLE, end_sessions
from civreg.accounts.service.writing import invalid, managed, random_password, record, set_password
from civreg.shared import clock, throttle
from civreg.shared.database import new_id
from civreg.shared.errors import NotFound, Refusal
from civreg.shared.text import nfc

OPEN_FOR = timedelta(hours=24)
_LONGEST_REASON = 300


def ask_recovery(session: Session, by: Actor, user_id: UUID, reason: str) -> UUID:
    """Ask that a user's second factor be taken away; another administrator has `OPEN_FOR` to confirm.

    Raises:
        NotFound: the user is not the actor's to manage.
        InvalidInput: no reason, or one that is too long.
        Refusal: for oneself, for a user without a second factor, or when somebody asked already.
    """
    user = managed(session, by, user_id)
    words = nfc(reason)
    if not words or len(words) > _LONGEST_REASON:
        raise invalid(
            "reason",
            f"Ông/bà ghi vì sao cần khôi phục, ví dụ mất điện thoại; không quá {_LONGEST_REASON} ký tự.",
        )
    if user.id == by.user_id:
        raise Refusal("Ông/bà không tự khôi phục tài khoản của mình được. Hãy nhờ một người quản trị khác.")
    if user.totp_confirmed_at is None:
        raise Refusal("Tài khoản này chưa bật mã xác thực. Cấp mật khẩu mới là đủ.")
    if by.user_id is None:
        raise Refusal("Việc này cần hai người quản trị.")
    now = clock.now()
    waiting = select(Recovery.id).where(
        Recovery.user_id == user_id, Recovery.confirmed_at.is_(None), Recovery.expires_at > now
    )
    if session.scalar(waiting) is not None:
        raise Refusal("Đã có người đề nghị khôi phục tài khoản này. Một người quản trị khác cần xác nhận.")
    row = Recovery(
        id=new_id(),
        user_id=user_id,
        reason=words,
        asked_by=by.user_id,
        asked_at=now,
        expires_at=now + OPEN_FOR,
    )
    session.add(row)
    record(session, "user.recovery_asked", by.user_id, user_id)
    return row.id


def confirm_recovery(session: Session, by: Actor, user_id: UUID, recovery_id: UUID) -> str:
    """Confirm what another administrator asked; return the one-time password to hand over in person.

    The key of the phone, the trusted browsers and all sessions are gone; the user sets a password of her own and
    switches the second factor on again.

    Raises:
        NotFound: no such open request for a user the actor manages.
        Refusal: the same person who asked, or the user.
    """
    user: User = managed(session, by, user_id)
    row = session.scalars(select(Recovery).where(Recovery.id == recovery_id).with_for_update()).first()
    now = clock.now()
    if row is None or row.user_id != user_id or row.confirmed_at is not None or now >= row.expires_at:
        raise NotFound("Không còn đề nghị nào chờ xác nhận. Ông/bà mở lại trang tài khoản.")
    if by.user_id is None or by.user_id in (row.asked_by, user_id):
        raise Refusal("Một người quản trị khác với người đề nghị phải xác nhận.")
    row.confirmed_by, row.confirmed_at = by.user_id, now
    password = random_password()
    set_password(user, password, must_change=True)
    remove_second_factor(session, user)
    throttle.forget_failures(session, THROTTLE, user.username)
    throttle.forget_failures(session, CODE_THROTTLE, str(user.id))
    end_sessions(session, user.id)
    record(session, "user.recovered", by.user_id, user_id, asked_by=str(row.asked_by))
    return password
