"""Tables of the working-day calendar, of deadlines with their segments, and of notices given once."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from civreg.shared.database import Base


class CalendarDay(Base):
    """A day that differs from the week's rule: holiday, compensated day off, or swapped working day.

    `ordinary` is a day that was listed and no longer is: the row stays, so that the shipped one does not come back.
    """

    __tablename__ = "calendar_day"
    __table_args__ = (
        CheckConstraint("kind IN ('holiday', 'compensated_off', 'swapped_working', 'ordinary')", name="kind"),
        CheckConstraint("certainty IN ('A', 'B', 'C', 'D')", name="certainty"),
    )

    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    source: Mapped[str]
    certainty: Mapped[str]
    edited_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))


class CalendarYear(Base):
    """A year whose list of days off somebody confirmed, with the notice; a year without a row is open."""

    __tablename__ = "calendar_year"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    source: Mapped[str]
    confirmed_at: Mapped[datetime]
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))


class CalendarChange(Base):
    """Days whose working or resting changed, in the order of the changes: what was counted before may be wrong there."""

    __tablename__ = "calendar_change"
    __table_args__ = (CheckConstraint("first_day <= last_day", name="order"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first_day: Mapped[date]
    last_day: Mapped[date]


class NoticeRule(Base):
    """When a procedure's deadlines are reminded of and told to the head; a procedure without a row has the usual."""

    __tablename__ = "notice_rule"
    __table_args__ = (
        CheckConstraint("remind_before_days BETWEEN 0 AND 10", name="remind_before_days"),
        CheckConstraint("escalate_after_hours BETWEEN 0 AND 240", name="escalate_after_hours"),
        CheckConstraint("missed_after_hours BETWEEN 1 AND 72", name="missed_after_hours"),
    )

    procedure: Mapped[str] = mapped_column(primary_key=True)
    remind_before_days: Mapped[int]
    escalate_after_hours: Mapped[int]
    missed_after_hours: Mapped[int]
    edited_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))


class Deadline(Base):
    """A promise with its due day and its reason: the office's call, the legal date of a part or of a whole bundle (hạn).

    `counted_by` is the newest change of the calendar that its day takes into account; 0 before any.
    """

    __tablename__ = "deadline"
    __table_args__ = (
        UniqueConstraint("subject_id", "kind", "ordinal"),
        CheckConstraint("kind IN ('call', 'part', 'whole')", name="kind"),
        CheckConstraint("state IN ('open', 'met', 'cancelled')", name="state"),
        Index("ix_deadline_next_notice", "next_notice_at", postgresql_where="state = 'open'"),
        Index("ix_deadline_case", "case_id"),
        Index("ix_deadline_unit_due", "unit_id", "due_at", postgresql_where="state = 'open'"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    subject_id: Mapped[UUID]
    kind: Mapped[str]
    ordinal: Mapped[int] = mapped_column(default=1)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    procedure: Mapped[str]
    starts_at: Mapped[datetime]
    due_on: Mapped[date | None]
    due_at: Mapped[datetime | None]
    reasons: Mapped[list[Any]]
    state: Mapped[str]
    met_at: Mapped[datetime | None]
    next_notice_at: Mapped[datetime | None]
    counted_by: Mapped[int]


class DeadlineSegment(Base):
    """The clock of a deadline started, paused or resumed, and why."""

    __tablename__ = "deadline_segment"
    __table_args__ = (CheckConstraint("kind IN ('start', 'pause', 'resume')", name="kind"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    deadline_id: Mapped[UUID] = mapped_column(ForeignKey("deadline.id"), index=True)
    kind: Mapped[str]
    at: Mapped[datetime]
    reason: Mapped[str]


class DeadlineNotice(Base):
    """A reminder, the due day itself, a breach or an escalation, each once for one due day."""

    __tablename__ = "deadline_notice"
    __table_args__ = (
        UniqueConstraint("deadline_id", "kind", "due_on"),
        CheckConstraint("kind IN ('reminder', 'due_today', 'overdue', 'escalation')", name="kind"),
        Index("ix_deadline_notice_open", "unit_id", "for_role", postgresql_where="seen_at IS NULL"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    deadline_id: Mapped[UUID] = mapped_column(ForeignKey("deadline.id"))
    case_id: Mapped[UUID]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    kind: Mapped[str]
    due_on: Mapped[date]
    for_role: Mapped[str]
    given_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    seen_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
