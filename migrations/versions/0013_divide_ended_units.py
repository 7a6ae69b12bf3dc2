"""A split unit hands over to several: one row of `unit_handover` for each, one of them the main one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let an old unit have several rows; those that are there are the main ones."""
    op.add_column(
        "unit_handover", sa.Column("is_main", sa.Boolean(), server_default=sa.true(), nullable=False)
    )
    op.drop_constraint(op.f("pk_unit_handover"), "unit_handover", type_="primary")
    op.create_primary_key(op.f("pk_unit_handover"), "unit_handover", ["old_unit_id", "new_unit_id"])
    op.create_index(
        "uq_unit_handover_main", "unit_handover", ["old_unit_id"], unique=True, postgresql_where="is_main"
    )


def downgrade() -> None:
    """Keep the main row of each."""
    op.drop_index("uq_unit_handover_main", "unit_handover")
    op.execute("DELETE FROM unit_handover WHERE NOT is_main")
    op.drop_constraint(op.f("pk_unit_handover"), "unit_handover", type_="primary")
    op.create_primary_key(op.f("pk_unit_handover"), "unit_handover", ["old_unit_id"])
    op.drop_column("unit_handover", "is_main")
