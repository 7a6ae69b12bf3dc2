"""Tables of home visits: who goes when, where, for which cases, and what came of it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
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
        UniqueConstraint("id", "state", "period", name="uq_visit_id_state_period"),
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


class VisitApology(Base):
    """Xin lỗi vì lỡ hẹn: a booked trip that nobody made; drafted by the machine, signed with one new time, told.

    One per trip. `missed_at` is the hour it was booked for: a draft holds only while the trip stands there unmade.
    """

    __tablename__ = "visit_apology"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'signed', 'sent')", name="state"),
        CheckConstraint("(state = 'draft') = (new_at IS NULL)", name="new_time"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"), unique=True)
    missed_at: Mapped[datetime]
    reason: Mapped[str]
    new_at: Mapped[datetime | None]
    state: Mapped[str]
    drafted_at: Mapped[datetime]
    signed_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    signed_at: Mapped[datetime | None]
    sent_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    sent_at: Mapped[datetime | None]
    sent_how: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)


class RegisterBook(Base):
    """Sổ hộ tịch of one kind and year: it travels to the second visit and cannot be in two places (Luật art 58).

    Closed (khóa sổ) on its year's last day or when its last page is written; then the totals are written into it.
    A closed book takes no new entries, but still travels to the families who have to sign in it.
    """

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
    total_pages: Mapped[int | None]
    total_events: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)


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


class VisitBook(Base):
    """A register book that a trip carries (sổ mang theo); a trip with a marriage and a birth carries two.

    State and time are the trip's own and follow it (ON UPDATE CASCADE), so that the database itself keeps a book
    from two planned trips at once, and a trip that is cancelled or recorded frees it.
    """

    __tablename__ = "visit_book"
    __table_args__ = (
        ForeignKeyConstraint(
            ("visit_id", "visit_state", "period"),
            ("visit.id", "visit.state", "visit.period"),
            name="fk_visit_book_visit",
            onupdate="CASCADE",
        ),
        ExcludeConstraint(
            ("register_book_id", "="),
            ("period", "&&"),
            name="ex_visit_book_period",
            using="gist",
            where="visit_state = 'planned'",
        ),
        Index("ix_visit_book_book", "register_book_id"),
    )

    visit_id: Mapped[UUID] = mapped_column(primary_key=True)
    register_book_id: Mapped[UUID] = mapped_column(ForeignKey("register_book.id"), primary_key=True)
    visit_state: Mapped[str]
    period: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)


class VisitCase(Base):
    """A case that a visit serves; one trip may serve several.

    `returns_visit_id`: the visit at which the papers of this case were taken, when this trip is the second one of
    mobile registration (lần 2); each case of a trip has its own.
    """

    __tablename__ = "visit_case"
    __table_args__ = (Index("ix_visit_case_case", "case_id"),)

    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"), primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"), primary_key=True)
    returns_visit_id: Mapped[UUID | None] = mapped_column(ForeignKey("visit.id"))
