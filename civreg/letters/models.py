"""Tables of letters: the draft, its number, its final bytes, and every hand it passed through."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from civreg.shared.database import Base


class Letter(Base):
    """A letter that a registration earned (thư); a draft has no number.

    `spoiled` counts the sheets that were spoiled and printed again under the same number; `recalled_at` says since
    when its paper must come back, because the registration was annulled.
    """

    __tablename__ = "letter"
    __table_args__ = (
        UniqueConstraint("case_id", "kind", "ordinal"),
        UniqueConstraint("unit_id", "year", "number"),
        CheckConstraint(
            "kind IN ('congratulation_birth', 'congratulation_marriage', 'condolence')", name="kind"
        ),
        CheckConstraint(
            "state IN ('draft', 'held', 'approved', 'issued', 'printed', 'signed_sealed', 'with_officer',"
            " 'handed_over', 'returned', 'kept', 'cancelled')",
            name="state",
        ),
        CheckConstraint("(number IS NULL) = (file_id IS NULL)", name="number_with_bytes"),
        Index("ix_letter_unit_state", "unit_id", "state"),
        Index("ix_letter_recalled", "unit_id", postgresql_where="recalled_at IS NOT NULL"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    kind: Mapped[str]
    ordinal: Mapped[int] = mapped_column(default=1)
    state: Mapped[str]
    held_reason: Mapped[str | None]
    sealed_facts: Mapped[str]
    template_version: Mapped[str]
    needed_by: Mapped[datetime | None]
    drafted_at: Mapped[datetime]
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    approved_at: Mapped[datetime | None]
    year: Mapped[int | None]
    number: Mapped[int | None]
    issued_at: Mapped[datetime | None]
    sealed_words: Mapped[str | None]
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("file.id"))
    sha256: Mapped[str | None]
    print_run_id: Mapped[UUID | None] = mapped_column(ForeignKey("print_run.id"))
    version: Mapped[int] = mapped_column(default=1)
    spoiled: Mapped[int] = mapped_column(default=0)
    recalled_at: Mapped[datetime | None]


class LetterMove(Base):
    """One step of a letter through hands: who did it, when, to whom (sealed) or why."""

    __tablename__ = "letter_move"
    __table_args__ = (
        CheckConstraint("way IS NULL OR way IN ('visit', 'office', 'post')", name="way"),
        Index("ix_letter_move_letter", "letter_id", "at"),
        Index("ix_letter_move_at", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    letter_id: Mapped[UUID] = mapped_column(ForeignKey("letter.id"))
    action: Mapped[str]
    from_state: Mapped[str]
    to_state: Mapped[str]
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    sealed_recipient: Mapped[str | None]
    note: Mapped[str | None]
    way: Mapped[str | None]
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("file.id"))


class PrintRun(Base):
    """Letters printed together in one PDF (đợt in), in the order they were printed."""

    __tablename__ = "print_run"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    printed_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    printed_at: Mapped[datetime]
    letter_ids: Mapped[list[Any]]
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    cancelled_reason: Mapped[str | None]


class LetterSetting(Base):
    """What an office sets for its letters; a unit without a row goes by the one above it, at last by the shipped days.

    `mourning_days` lie between a death and a birth or wedding of one household within which a person decides;
    after `waiting_days` a letter that is not handed over stands on the list of those that wait too long.
    """

    __tablename__ = "letter_setting"
    __table_args__ = (
        CheckConstraint("mourning_days BETWEEN 1 AND 730", name="mourning_days"),
        CheckConstraint("waiting_days BETWEEN 1 AND 365", name="waiting_days"),
    )

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    mourning_days: Mapped[int]
    waiting_days: Mapped[int]
    changed_at: Mapped[datetime]
    changed_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))


class LetterBookStart(Base):
    """The first number civreg gives in a letter book that began on paper (sổ thư bắt đầu trên giấy)."""

    __tablename__ = "letter_book_start"
    __table_args__ = (CheckConstraint("first_number BETWEEN 1 AND 100000", name="first_number"),)

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    first_number: Mapped[int]
    noted_at: Mapped[datetime]
    noted_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
