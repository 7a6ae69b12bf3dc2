"""Tables of home visits: who goes when, where, for which cases, and what came of it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
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
        ExcludeConstraint(
            ("register_book_id", "="),
            ("period", "&&"),
            name="ex_visit_register_book_period",
            using="gist",
            where="state = 'planned' AND register_book_id IS NOT NULL",
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
    register_book_id: Mapped[UUID | None] = mapped_column(ForeignKey("register_book.id"))
    returns_visit_id: Mapped[UUID | None] = mapped_column(ForeignKey("visit.id"))
    version: Mapped[int] = mapped_column(default=1)


class RegisterBook(Base):
    """Sổ hộ tịch of one kind and year: it travels to the second visit and cannot be in two places (Luật art 58)."""

    __tablename__ = "register_book"
    __table_args__ = (
        CheckConstraint("kind IN ('birth', 'death', 'marriage')", name="kind"),
        UniqueConstraint("unit_id", "kind", "year", "label"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    kind: Mapped[str]
    year: Mapped[int]
    label: Mapped[str]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class BookLoan(Base):
    """The register book left the office with an officer and came back."""

    __tablename__ = "book_loan"
    __table_args__ = (
        Index("ix_book_loan_out", "register_book_id", unique=True, postgresql_where="back_at IS NULL"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    register_book_id: Mapped[UUID] = mapped_column(ForeignKey("register_book.id"))
    visit_id: Mapped[UUID | None] = mapped_column(ForeignKey("visit.id"))
    taken_by: Mapped[UUID] = mapped_column(ForeignKey("app_user.id"))
    out_at: Mapped[datetime]
    back_at: Mapped[datetime | None]
    back_to: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))


class VisitCase(Base):
    """A case that a visit serves; one trip may serve several."""

    __tablename__ = "visit_case"
    __table_args__ = (Index("ix_visit_case_case", "case_id"),)

    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"), primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"), primary_key=True)
