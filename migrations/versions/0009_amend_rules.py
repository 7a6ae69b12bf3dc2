"""Which rule an office's own rule changes, and every own rule that a case froze."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Name the rule beside its value; let a case keep several own rules, as it keeps the id of its version."""
    op.add_column(
        "procedure_override", sa.Column("rule", sa.Text(), server_default="shorter_limit", nullable=False)
    )
    op.alter_column("procedure_override", "rule", server_default=None)
    op.add_column("procedure_override", sa.Column("shipped", postgresql.JSONB(), nullable=True))
    op.add_column(
        "case_file",
        sa.Column("override_ids", postgresql.ARRAY(sa.UUID()), server_default="{}", nullable=False),
    )
    op.execute("UPDATE case_file SET override_ids = ARRAY[override_id] WHERE override_id IS NOT NULL")
    op.drop_constraint("fk_case_file_override_id_procedure_override", "case_file", type_="foreignkey")
    op.drop_column("case_file", "override_id")


def downgrade() -> None:
    """Take it back; a case keeps its shorter limit alone, and corrections go, for nothing would apply them."""
    op.add_column("case_file", sa.Column("override_id", sa.UUID(), nullable=True))
    op.execute(
        "UPDATE case_file SET override_id = (SELECT id FROM procedure_override o"
        " WHERE o.id = ANY(override_ids) AND o.rule = 'shorter_limit' LIMIT 1)"
    )
    op.drop_column("case_file", "override_ids")
    op.create_foreign_key(
        op.f("fk_case_file_override_id_procedure_override"),
        "case_file",
        "procedure_override",
        ["override_id"],
        ["id"],
    )
    op.execute("DELETE FROM procedure_override WHERE rule <> 'shorter_limit'")
    op.drop_column("procedure_override", "shipped")
    op.drop_column("procedure_override", "rule")
