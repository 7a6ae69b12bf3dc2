"""Table of what an office sets beside the shipped catalogue: a shorter limit, or another value of an unsure rule."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from civreg.shared.database import Base


class ProcedureOverride(Base):
    """A dated rule of one unit over one procedure, with its source and author; a case freezes its id.

    Attributes:
        rule: what it changes: `rules.SHORTER_LIMIT` or the path of a rule.
        values: what holds instead; of a decision also its number and day, of a correction its certainty.
        shipped: what the catalogue said when a correction was written (`RuleItem.snapshot`); None of a decision.
    """

    __tablename__ = "procedure_override"
    __table_args__ = (
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="period"),
        Index("ix_procedure_override_unit", "unit_id", "procedure", "starts_on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    procedure: Mapped[str]
    rule: Mapped[str]
    values: Mapped[dict[str, Any]]
    shipped: Mapped[dict[str, Any] | None]
    source: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    written_at: Mapped[datetime]
