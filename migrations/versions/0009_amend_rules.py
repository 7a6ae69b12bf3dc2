"""Which rule an office's own rule changes, and the corrections that a case froze."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Name the rule beside its value; let a case keep corrections as it keeps a decision."""
    op.add_column(
        "procedure_override", sa.Column("rule", sa.Text(), server_default="shorter_limit", nullable=False)
    )
    op.alter_column("procedure_override", "rule", server_default=None)
    op.add_column("procedure_override", sa.Column("shipped", postgresql.JSONB(), nullable=True))
    op.add_column(
        "case_file",
        sa.Column("correction_ids", postgresql.ARRAY(sa.UUID()), server_default="{}", nullable=False),
    )


def downgrade() -> None:
    """Take it back; corrections go, for nothing would apply them."""
    op.drop_column("case_file", "correction_ids")
    op.execute("DELETE FROM procedure_override WHERE rule <> 'shorter_limit'")
    op.drop_column("procedure_override", "shipped")
    op.drop_column("procedure_override", "rule")
