"""Hamlets of one name from two old communes; why an ended unit handed over to one of several."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let the old commune tell hamlets apart; keep the reason of a handover."""
    op.drop_constraint("uq_hamlet_unit_id_name", "hamlet", type_="unique")
    op.create_unique_constraint(
        "uq_hamlet_unit_id_name_old_commune",
        "hamlet",
        ["unit_id", "name", "old_commune"],
        postgresql_nulls_not_distinct=True,
    )
    op.add_column("unit_handover", sa.Column("reason", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    """Take it back; of hamlets with one name the first stays."""
    op.drop_column("unit_handover", "reason")
    op.drop_constraint("uq_hamlet_unit_id_name_old_commune", "hamlet", type_="unique")
    op.execute(
        "DELETE FROM hamlet h USING hamlet first"
        " WHERE h.unit_id = first.unit_id AND h.name = first.name AND h.id > first.id"
    )
    op.create_unique_constraint("uq_hamlet_unit_id_name", "hamlet", ["unit_id", "name"])
