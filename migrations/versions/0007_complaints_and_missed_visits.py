"""Complaints of families, read by the head; apologies for visits that nobody made."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables; the default privileges of 0002 open them to the application."""
    op.create_table(
        "complaint",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("visit_id", sa.UUID(), nullable=True),
        sa.Column("sealed_text", sa.Text(), nullable=False),
        sa.Column("wants_call", sa.Boolean(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("send_key", sa.UUID(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sealed_note", sa.Text(), nullable=False),
        sa.Column("settled_by", sa.UUID(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('new', 'answered', 'closed')", name=op.f("ck_complaint_state")),
        sa.CheckConstraint("(state = 'new') = (settled_at IS NULL)", name=op.f("ck_complaint_settled")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_complaint_case_id_case_file")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_complaint_unit_id_unit")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_complaint_visit_id_visit")),
        sa.ForeignKeyConstraint(
            ["settled_by"], ["app_user.id"], name=op.f("fk_complaint_settled_by_app_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint")),
        sa.UniqueConstraint("send_key", name=op.f("uq_complaint_send_key")),
    )
    op.create_index("ix_complaint_unit", "complaint", ["unit_id", "state"], unique=False)
    op.create_index("ix_complaint_case", "complaint", ["case_id"], unique=False)
    op.create_table(
        "visit_apology",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("visit_id", sa.UUID(), nullable=False),
        sa.Column("missed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("new_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_by", sa.UUID(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_by", sa.UUID(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_how", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('draft', 'signed', 'sent')", name=op.f("ck_visit_apology_state")),
        sa.CheckConstraint("(state = 'draft') = (new_at IS NULL)", name=op.f("ck_visit_apology_new_time")),
        sa.ForeignKeyConstraint(["sent_by"], ["app_user.id"], name=op.f("fk_visit_apology_sent_by_app_user")),
        sa.ForeignKeyConstraint(
            ["signed_by"], ["app_user.id"], name=op.f("fk_visit_apology_signed_by_app_user")
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_visit_apology_visit_id_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_apology")),
        sa.UniqueConstraint("visit_id", name=op.f("uq_visit_apology_visit_id")),
    )


def downgrade() -> None:
    """Take both away."""
    op.drop_table("visit_apology")
    op.drop_index("ix_complaint_case", table_name="complaint")
    op.drop_index("ix_complaint_unit", table_name="complaint")
    op.drop_table("complaint")
