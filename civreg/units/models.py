"""Bảng đơn vị: units by date, their successors, the lists they came from, participation and hamlets."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Integer,
    UniqueConstraint,
    false,
    func,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from civreg.shared.database import Base, new_id


class UnitSnapshot(Base):
    """Danh mục đã nạp: one list of units that was loaded, and whether its date is that of a legal act.

    `is_act_date` false: the list only shows the country *as of* its date, what is new in it may be older.
    """

    __tablename__ = "unit_snapshot"

    effective_on: Mapped[date] = mapped_column(primary_key=True)
    is_act_date: Mapped[bool]
    source: Mapped[str]
    row_count: Mapped[int] = mapped_column(Integer)
    content_hash: Mapped[str]
    loaded_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Unit(Base):
    """Đơn vị hành chính in one unchanged stretch of its life; `valid_to` is the first day it no longer holds.

    `since_before`: it stands in the very first list (`known_from`), so it may have existed earlier.
    `ended_after`: where the day of its end is not known, the last list that still showed it.
    """

    __tablename__ = "unit"
    __table_args__ = (
        UniqueConstraint("code", "valid_from"),
        CheckConstraint("valid_to > valid_from", name="ends_after_start"),
        ExcludeConstraint(
            (text("code"), "="),
            (text("daterange(valid_from, valid_to)"), "&&"),
            name="ex_unit_code_period",
            using="gist",
        ),
        Index("ix_unit_parent_code", "parent_code"),
        Index(
            "ix_unit_name_folded_trigram",
            "name_folded",
            postgresql_using="gin",
            postgresql_ops={"name_folded": "gin_trgm_ops"},
        ),
        Index("ix_unit_name_joined", "name_joined", postgresql_ops={"name_joined": "text_pattern_ops"}),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    code: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    name: Mapped[str]
    kind: Mapped[str]
    parent_code: Mapped[str | None]
    known_from: Mapped[date]
    since_before: Mapped[bool] = mapped_column(server_default=false())
    ended_after: Mapped[date | None]
    name_folded: Mapped[str]
    name_joined: Mapped[str]
    sort_key: Mapped[str]


class UnitSuccessor(Base):
    """Đơn vị kế tiếp: the old unit's people and land went to the new one from `effective_on` on.

    `is_split`: the old unit went to several. `source`: `list` (a successors file), `same_code` (the code
    lives on under another name, kind or parent) or `communes` (follows from the units below it).
    """

    __tablename__ = "unit_successor"
    __table_args__ = (
        CheckConstraint("old_unit_id <> new_unit_id", name="not_itself"),
        Index("ix_unit_successor_new_unit_id", "new_unit_id"),
    )

    old_unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    new_unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    effective_on: Mapped[date]
    is_split: Mapped[bool] = mapped_column(server_default=false())
    source: Mapped[str]


class UnitHandover(Base):
    """Chuyển giao: a unit that ended handed its open work, its staff and the sight of its cases to the unit after it.

    Written when the plan is confirmed for the first time; of a split unit one row for each unit that took anything.
    Access follows from it: a role at the new unit covers the old one from `handed_on` on, and what was handed over to
    that one before. `is_main`: it keeps what nobody was named for, and what the old unit's numbered letters still do
    counts for it; `reason`: why that one, where the old unit went to several.
    """

    __tablename__ = "unit_handover"
    __table_args__ = (
        CheckConstraint("old_unit_id <> new_unit_id", name="not_itself"),
        Index("ix_unit_handover_new_unit_id", "new_unit_id"),
        Index("uq_unit_handover_main", "old_unit_id", unique=True, postgresql_where="is_main"),
    )

    old_unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    new_unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    is_main: Mapped[bool] = mapped_column(default=True, server_default=true())
    handed_on: Mapped[date]
    handed_at: Mapped[datetime]
    handed_by: Mapped[UUID | None]
    reason: Mapped[str] = mapped_column(server_default="")


class Participation(Base):
    """Tham gia chương trình: a unit offers the home service from `starts_on` to `ends_on` (exclusive).

    Holds what families and letters need of the unit: hotline, office, the promise to call, Saturday
    mornings, and who signs. A null `ends_on` is open.
    """

    __tablename__ = "participation"
    __table_args__ = (
        CheckConstraint("ends_on > starts_on", name="ends_after_start"),
        CheckConstraint("call_within_working_days between 0 and 30", name="call_promise_in_range"),
        ExcludeConstraint(
            (text("unit_id"), "="),
            (text("daterange(starts_on, ends_on)"), "&&"),
            name="ex_participation_unit_period",
            using="gist",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    hotline: Mapped[str]
    office_address: Mapped[str]
    call_within_working_days: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    saturday_morning: Mapped[bool] = mapped_column(default=False, server_default=false())
    signer_name: Mapped[str | None]
    signer_title: Mapped[str] = mapped_column(default="CHỦ TỊCH", server_default="CHỦ TỊCH")
    signer_prefix: Mapped[str] = mapped_column(
        default="TM. ỦY BAN NHÂN DÂN", server_default="TM. ỦY BAN NHÂN DÂN"
    )
    created_by: Mapped[UUID | None]


class Hamlet(Base):
    """Ấp, khóm: where families really say they live; `old_commune` helps those who know only the old name.

    After a merger two hamlets of one commune bear the same name: the old commune tells them apart.
    """

    __tablename__ = "hamlet"
    __table_args__ = (UniqueConstraint("unit_id", "name", "old_commune", postgresql_nulls_not_distinct=True),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    name: Mapped[str]
    name_folded: Mapped[str]
    old_commune: Mapped[str | None]
