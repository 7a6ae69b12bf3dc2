"""Another body that has to answer first: who is asked, by which letter, and its answer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; a case waits for one answer at a time."""
    op.create_table(
        "outside_wait",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("letter", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.UUID(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.UUID(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.CheckConstraint("(answered_at IS NULL) = (answer IS NULL)", name=op.f("ck_outside_wait_answer")),
        sa.CheckConstraint("answered_at >= asked_at", name=op.f("ck_outside_wait_order")),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["app_user.id"], name=op.f("fk_outside_wait_asked_by_app_user")
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["app_user.id"], name=op.f("fk_outside_wait_answered_by_app_user")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_outside_wait_case_id_case_file")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_wait")),
    )
    op.create_index("ix_outside_wait_case", "outside_wait", ["case_id", "asked_at"])
    op.create_index(
        "ix_outside_wait_open",
        "outside_wait",
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("answered_at IS NULL"),
    )


def downgrade() -> None:
    """Drop it again."""
    op.drop_table("outside_wait")
