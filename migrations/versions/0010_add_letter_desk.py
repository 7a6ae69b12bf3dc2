"""The letter desk: annulled and corrected registrations, recalled and spoiled letters, run and book settings."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_CASE_STATES = (
    "requested", "visit_scheduled", "dossier_received", "papers_requested", "personal_number_pending",
    "awaiting_signature", "registered", "delivered", "home_service_declined", "transferred", "refused", "withdrawn",
)  # fmt: skip
_LETTER_STATES = (
    "draft", "held", "approved", "issued", "printed", "signed_sealed", "with_officer", "handed_over", "returned",
    "cancelled",
)  # fmt: skip


def _set_states(table: str, *states: str) -> None:
    names = ", ".join(f"'{state}'" for state in states)
    op.drop_constraint(op.f(f"ck_{table}_state"), table, type_="check")
    op.create_check_constraint(op.f(f"ck_{table}_state"), table, f"state IN ({names})")


def _add_filled(table: str, column: str, kind: sa.types.TypeEngine[Any], value: Any) -> None:
    """Add a column that rows already there need a value for; new rows bring their own."""
    op.add_column(table, sa.Column(column, kind, nullable=False, server_default=value))
    op.alter_column(table, column, server_default=None)


def _add_settings() -> None:
    op.create_table(
        "letter_setting",
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("mourning_days", sa.BigInteger(), nullable=False),
        sa.Column("waiting_days", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.UUID(), nullable=True),
        sa.CheckConstraint("mourning_days BETWEEN 1 AND 730", name=op.f("ck_letter_setting_mourning_days")),
        sa.CheckConstraint("waiting_days BETWEEN 1 AND 365", name=op.f("ck_letter_setting_waiting_days")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_letter_setting_unit_id_unit")),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["app_user.id"], name=op.f("fk_letter_setting_changed_by_app_user")
        ),
        sa.PrimaryKeyConstraint("unit_id", name=op.f("pk_letter_setting")),
    )
    op.create_table(
        "letter_book_start",
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("first_number", sa.BigInteger(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by", sa.UUID(), nullable=True),
        sa.CheckConstraint(
            "first_number BETWEEN 1 AND 100000", name=op.f("ck_letter_book_start_first_number")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_letter_book_start_unit_id_unit")),
        sa.ForeignKeyConstraint(
            ["noted_by"], ["app_user.id"], name=op.f("fk_letter_book_start_noted_by_app_user")
        ),
        sa.PrimaryKeyConstraint("unit_id", "year", name=op.f("pk_letter_book_start")),
    )


def upgrade() -> None:
    """Add them; rows that are there get the plain answer."""
    _set_states("case_file", *_CASE_STATES, "annulled")
    _set_states("letter", *_LETTER_STATES, "kept")
    op.add_column("case_file", sa.Column("correction_opened_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("case_file", sa.Column("correction_reason", sa.Text(), nullable=True))
    _add_filled("case_file", "stillborn_sibling", sa.Boolean(), sa.false())
    _add_filled("case_file", "parent_detained", sa.Boolean(), sa.false())
    op.add_column("letter", sa.Column("recalled_at", sa.DateTime(timezone=True), nullable=True))
    _add_filled("letter", "spoiled", sa.BigInteger(), sa.text("0"))
    op.create_index(
        "ix_letter_recalled", "letter", ["unit_id"], unique=False, postgresql_where="recalled_at IS NOT NULL"
    )
    op.add_column("letter_move", sa.Column("way", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("ck_letter_move_way"), "letter_move", "way IS NULL OR way IN ('visit', 'office', 'post')"
    )
    op.add_column("letter_move", sa.Column("file_id", sa.UUID(), nullable=True))
    op.create_foreign_key(op.f("fk_letter_move_file_id_file"), "letter_move", "file", ["file_id"], ["id"])
    op.create_index("ix_letter_move_at", "letter_move", ["at"], unique=False)
    op.add_column("print_run", sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("print_run", sa.Column("cancelled_by", sa.UUID(), nullable=True))
    op.add_column("print_run", sa.Column("cancelled_reason", sa.Text(), nullable=True))
    op.create_foreign_key(
        op.f("fk_print_run_cancelled_by_app_user"), "print_run", "app_user", ["cancelled_by"], ["id"]
    )
    _add_settings()


def downgrade() -> None:
    """Take them away; what the older tables have no word for gets the nearest one they have."""
    op.drop_table("letter_book_start")
    op.drop_table("letter_setting")
    op.drop_constraint(op.f("fk_print_run_cancelled_by_app_user"), "print_run", type_="foreignkey")
    for column in ("cancelled_reason", "cancelled_by", "cancelled_at"):
        op.drop_column("print_run", column)
    op.drop_index("ix_letter_move_at", "letter_move")
    op.drop_constraint(op.f("fk_letter_move_file_id_file"), "letter_move", type_="foreignkey")
    op.drop_column("letter_move", "file_id")
    op.drop_column("letter_move", "way")
    op.drop_index("ix_letter_recalled", "letter")
    op.drop_column("letter", "spoiled")
    op.drop_column("letter", "recalled_at")
    for column in ("parent_detained", "stillborn_sibling", "correction_reason", "correction_opened_at"):
        op.drop_column("case_file", column)
    op.execute("UPDATE letter SET state = 'returned' WHERE state = 'kept'")
    _set_states("letter", *_LETTER_STATES)
    op.execute("UPDATE case_file SET state = 'withdrawn' WHERE state = 'annulled'")
    _set_states("case_file", *_CASE_STATES)
