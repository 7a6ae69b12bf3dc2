"""Tables of figures: signed facts per case and their daily fold."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from civreg.shared.database import Base


class Fact(Base):
    """One signed step (+1 or −1) of one line of figures for one subject; never changed, only added to."""

    __tablename__ = "fact"
    __table_args__ = (
        UniqueConstraint("source", "line", "subject_id"),
        CheckConstraint("delta IN (-1, 1)", name="delta"),
        Index("ix_fact_figure", "unit_id", "line", "procedure", "day"),
        Index("ix_fact_case", "case_id"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    source: Mapped[int]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    day: Mapped[date]
    procedure: Mapped[str]
    line: Mapped[str]
    delta: Mapped[int]
    case_id: Mapped[UUID]
    subject_id: Mapped[UUID]
    written_at: Mapped[datetime]


class DailyCount(Base):
    """The sum of the facts of one unit, day, procedure and line (số liệu ngày)."""

    __tablename__ = "daily_count"

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    procedure: Mapped[str] = mapped_column(primary_key=True)
    line: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
