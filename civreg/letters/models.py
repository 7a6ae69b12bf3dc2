"""Tables of letters: their words, layout and signers; the draft, its number, its final bytes, every hand it passed through."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from civreg.shared.database import Base


class Letter(Base):
    """A letter that a registration earned (thư); a draft has no number.

    `held_reason` of a numbered letter says why it is stopped before printing; `outdated_at` since when the register says
    something else than its words; `replaces_id` which letter it was written in place of.
    """

    __tablename__ = "letter"
    __table_args__ = (
        UniqueConstraint("case_id", "kind", "ordinal"),
        UniqueConstraint("unit_id", "year", "number"),
        CheckConstraint(
            "kind IN ('congratulation_birth', 'congratulation_marriage', 'condolence', 'apology')",
            name="kind",
        ),
        CheckConstraint("language IN ('vi', 'vi_km')", name="language"),
        CheckConstraint(
            "state IN ('draft', 'held', 'approved', 'issued', 'printed', 'signed_sealed', 'with_officer',"
            " 'handed_over', 'returned', 'kept', 'cancelled')",
            name="state",
        ),
        CheckConstraint("(number IS NULL) = (file_id IS NULL)", name="number_with_bytes"),
        Index("ix_letter_unit_state", "unit_id", "state"),
        Index("ix_letter_recalled", "unit_id", postgresql_where="recalled_at IS NOT NULL"),
        Index("ix_letter_outdated", "unit_id", postgresql_where="outdated_at IS NOT NULL"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    kind: Mapped[str]
    ordinal: Mapped[int] = mapped_column(default=1)
    state: Mapped[str]
    held_reason: Mapped[str | None]
    sealed_facts: Mapped[str]
    language: Mapped[str] = mapped_column(default="vi")
    template_version: Mapped[str]
    wording_id: Mapped[UUID | None] = mapped_column(ForeignKey("letter_wording.id"))
    layout_id: Mapped[UUID | None] = mapped_column(ForeignKey("letter_layout.id"))
    confirm_code: Mapped[str | None] = mapped_column(unique=True)
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
    outdated_at: Mapped[datetime | None]
    replaces_id: Mapped[UUID | None] = mapped_column(ForeignKey("letter.id"), unique=True)


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
    double_sided: Mapped[bool] = mapped_column(default=False)
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    cancelled_reason: Mapped[str | None]


class LetterWording(Base):
    """A version of the words of an occasion at a unit (lời thư); below it, units without their own use it too.

    `from_unit_id`: the ended unit it was copied from; `reader`, `reader_role`: who read the Khmer half and as what.
    """

    __tablename__ = "letter_wording"
    __table_args__ = (
        UniqueConstraint("unit_id", "kind", "language", "number"),
        CheckConstraint(
            "kind IN ('congratulation_birth', 'congratulation_marriage', 'condolence', 'apology')",
            name="kind",
        ),
        CheckConstraint("language IN ('vi', 'vi_km')", name="language"),
        CheckConstraint("state IN ('draft', 'approved', 'withdrawn')", name="state"),
        CheckConstraint("(state = 'draft') = (approved_at IS NULL)", name="approved"),
        CheckConstraint("state = 'draft' OR language = 'vi' OR reader IS NOT NULL", name="reader"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    kind: Mapped[str]
    language: Mapped[str]
    number: Mapped[int]
    body: Mapped[str]
    state: Mapped[str]
    written_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    written_at: Mapped[datetime]
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    approved_at: Mapped[datetime | None]
    reader: Mapped[str | None]
    reader_role: Mapped[str | None]
    from_unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    withdrawn_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class LetterLayout(Base):
    """How letters of an occasion are laid out at a unit from a day on (mẫu giấy); rows are added, never changed."""

    __tablename__ = "letter_layout"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('congratulation_birth', 'congratulation_marriage', 'condolence', 'apology')",
            name="kind",
        ),
        CheckConstraint("size IN ('A4', 'A5', 'folded')", name="size"),
        CheckConstraint("border = 'none' OR border = 'lotus' AND kind LIKE 'congratulation%'", name="border"),
        CheckConstraint("abs(right_tenths_mm) <= 300 AND abs(down_tenths_mm) <= 300", name="offset"),
        Index("ix_letter_layout_unit_kind", "unit_id", "kind", "starts_on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    kind: Mapped[str]
    starts_on: Mapped[date]
    size: Mapped[str]
    border: Mapped[str]
    show_number: Mapped[bool]
    show_code: Mapped[bool]
    receivers: Mapped[str]
    preprinted: Mapped[bool]
    right_tenths_mm: Mapped[int]
    down_tenths_mm: Mapped[int]
    letterhead_file_id: Mapped[UUID | None] = mapped_column(ForeignKey("file.id"))
    from_unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    set_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    set_at: Mapped[datetime]


class LetterSigner(Base):
    """Who signs the letters of a unit from a day on (người ký thư); rows are added, never changed."""

    __tablename__ = "letter_signer"
    __table_args__ = (
        CheckConstraint("way IN ('chair', 'deputy', 'by_order', 'delegated')", name="way"),
        Index("ix_letter_signer_unit", "unit_id", "starts_on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    starts_on: Mapped[date]
    way: Mapped[str]
    position: Mapped[str]
    name: Mapped[str]
    signing_unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    set_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    set_at: Mapped[datetime]


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
