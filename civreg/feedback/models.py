"""Table of complaints; what the family wrote and what the head noted are sealed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from civreg.shared.database import Base


class Complaint(Base):
    """Phản ánh of a family, tied to its case and, where it says so, to one visit.

    `unit_id` is whose head reads it (it moves with the open work of a unit that ended). `send_key` is made with the
    page: sent twice it is one complaint.
    """

    __tablename__ = "complaint"
    __table_args__ = (
        CheckConstraint("state IN ('new', 'answered', 'closed')", name="state"),
        CheckConstraint("(state = 'new') = (settled_at IS NULL)", name="settled"),
        Index("ix_complaint_unit", "unit_id", "state"),
        Index("ix_complaint_case", "case_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    visit_id: Mapped[UUID | None] = mapped_column(ForeignKey("visit.id"))
    sealed_text: Mapped[str]
    wants_call: Mapped[bool]
    sent_at: Mapped[datetime]
    send_key: Mapped[UUID] = mapped_column(unique=True)
    state: Mapped[str]
    sealed_note: Mapped[str]
    settled_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    settled_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
