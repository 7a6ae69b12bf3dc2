"""Người dùng: make, correct, lock and unlock; passwords."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.accounts.models import User
from civreg.accounts.rules import Actor, Permission, clean_username, password_problem, username_problem
from civreg.accounts.service.second_factor import forget_devices
from civreg.accounts.service.sessions import THROTTLE, end_sessions
from civreg.accounts.service.writing import (
    check_password,
    common_passwords,
    invalid,
    managed,
    matches,
    random_password,
    record,
    set_password,
)
from civreg.shared import clock, throttle
from civreg.shared.database import new_id
from civreg.shared.errors import InvalidInput, NotFound, Refusal
from civreg.shared.text import nfc


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
    if not matches(user.password_hash, old):
        raise invalid("old_password", "Mật khẩu đang dùng chưa đúng. Ông/bà nhập lại.")
    if old == new:
        raise invalid("new_password", "Mật khẩu mới phải khác mật khẩu đang dùng.")
    check_password(new, user.username, "new_password")
    set_password(user, new, must_change=False)
    end_sessions(session, user.id, but=token)
    forget_devices(session, user.id)
    record(session, "user.password_changed", user.id, user.id)


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
    set_password(user, password, must_change=must_change)
    session.add(user)
    session.flush()
    record(session, "user.created", by.user_id, user.id)
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
    user = managed(session, by, user_id)
    if not nfc(full_name):
        raise invalid("full_name", "Ông/bà ghi họ tên của người dùng.")
    user.full_name, user.title = nfc(full_name), nfc(title) or None
    user.version += 1
    record(session, "user.changed", by.user_id, user.id)


def set_active(session: Session, by: Actor, user_id: UUID, active: bool) -> None:
    """Enable or disable a user; a disabled one is refused at the next request.

    Raises:
        NotFound: when the user is not the actor's to manage.
        Refusal: for one's own account.
    """
    user = managed(session, by, user_id)
    if user.id == by.user_id:
        raise Refusal("Ông/bà không tự khóa tài khoản của mình được. Hãy nhờ một người quản trị khác.")
    user.is_active = active
    user.version += 1
    if not active:
        end_sessions(session, user.id)
        forget_devices(session, user.id)
    record(session, "user.enabled" if active else "user.disabled", by.user_id, user.id)


def reset_password(session: Session, by: Actor, user_id: UUID) -> str:
    """Give a user a new random password, shown once; it must be changed at the next sign-in.

    The second factor stays (ASVS 6.4.3): a lost phone is the business of two people, see `recovery`.

    Raises:
        NotFound: when the user is not the actor's to manage.
    """
    user = managed(session, by, user_id)
    password = random_password()
    set_password(user, password, must_change=True)
    throttle.forget_failures(session, THROTTLE, user.username)
    end_sessions(session, user.id)
    forget_devices(session, user.id)
    record(session, "user.password_reset", by.user_id, user.id)
    return password
