"""How many hours after its end a trip nobody recorded counts as missed: a setting of the procedure."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the hours; procedures that were set before keep the four that held for all."""
    op.add_column(
        "notice_rule",
        sa.Column("missed_after_hours", sa.BigInteger(), nullable=False, server_default="4"),
    )
    op.alter_column("notice_rule", "missed_after_hours", server_default=None)
    op.create_check_constraint(
        op.f("ck_notice_rule_missed_after_hours"), "notice_rule", "missed_after_hours BETWEEN 1 AND 72"
    )


def downgrade() -> None:
    """Take it back; four hours hold for all again."""
    op.drop_column("notice_rule", "missed_after_hours")
