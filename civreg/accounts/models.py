"""Tables of users, their roles at units, and their server-side sessions."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from civreg.shared.database import Base


class User(Base):
    """A member of staff who signs in (người dùng)."""

    __tablename__ = "app_user"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    full_name: Mapped[str]
    title: Mapped[str | None]
    password_hash: Mapped[str]
    password_changed_at: Mapped[datetime]
    must_change_password: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    sealed_totp_secret: Mapped[str] = mapped_column(default="")
    totp_confirmed_at: Mapped[datetime | None]
    totp_last_step: Mapped[int | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class RoleGrant(Base):
    """A role held at a unit from one day to another; it covers the unit and everything below it."""

    __tablename__ = "role_grant"
    __table_args__ = (
        UniqueConstraint("user_id", "unit_id", "role", "starts_on"),
        CheckConstraint(
            "role IN ('officer', 'head', 'letter_clerk', 'intake_clerk', 'programme_staff', 'auditor', 'administrator')",
            name="role",
        ),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="period"),
        Index("ix_role_grant_unit", "unit_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    role: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    granted_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    granted_at: Mapped[datetime]


class SignIn(Base):
    """One server-side session; only the digest of its token is kept, so a copied cookie dies at sign-out."""

    __tablename__ = "sign_in"
    __table_args__ = (Index("ix_sign_in_user", "user_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    token_digest: Mapped[str] = mapped_column(unique=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class TrustedDevice(Base):
    """A browser that showed the second factor once; only the digest of its token is kept."""

    __tablename__ = "trusted_device"
    __table_args__ = (Index("ix_trusted_device_user", "user_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    token_digest: Mapped[str] = mapped_column(unique=True)
    trusted_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class Recovery(Base):
    """Khôi phục tài khoản: one administrator asks, another confirms, then the second factor is taken away once."""

    __tablename__ = "recovery"
    __table_args__ = (
        CheckConstraint("confirmed_by IS NULL OR confirmed_by <> asked_by", name="two_people"),
        Index("ix_recovery_user", "user_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    reason: Mapped[str]
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    asked_at: Mapped[datetime]
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    confirmed_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
