"""Tables of home visits: who goes when, where, for which cases, and what came of it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from civreg.shared.database import Base


class Visit(Base):
    """A trip to a family (lịch đến nhà): a booking, or the record of a visit already made.

    Only bookings exclude one another: what happened happened, even when two records overlap.
    """

    __tablename__ = "visit"
    __table_args__ = (
        ExcludeConstraint(
            ("officer_id", "="),
            ("period", "&&"),
            name="ex_visit_officer_period",
            using="gist",
            where="state = 'planned'",
        ),
        CheckConstraint("state IN ('planned', 'done', 'nobody_home', 'cancelled')", name="state"),
        CheckConstraint("purpose IN ('receive', 'return')", name="purpose"),
        Index("ix_visit_unit_starts", "unit_id", "starts_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    officer_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    purpose: Mapped[str]
    period: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    place: Mapped[str]
    state: Mapped[str]
    outcome: Mapped[str | None]
    booked_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    booked_at: Mapped[datetime]
    recorded_at: Mapped[datetime | None]
    recorded_afterwards: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)


class VisitCase(Base):
    """A case that a visit serves; one trip may serve several."""

    __tablename__ = "visit_case"
    __table_args__ = (Index("ix_visit_case_case", "case_id"),)

    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"), primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"), primary_key=True)
