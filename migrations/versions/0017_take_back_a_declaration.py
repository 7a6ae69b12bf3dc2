"""A step of a case's history may take an earlier one back: a relative declared by mistake."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TABLE, COLUMN = "case_move", "takes_back_id"


def upgrade() -> None:
    """Add the column; nothing could be taken back before."""
    op.add_column(TABLE, sa.Column(COLUMN, sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f(f"fk_{TABLE}_{COLUMN}_{TABLE}"), TABLE, TABLE, [COLUMN], ["id"])
    op.create_unique_constraint(op.f(f"uq_{TABLE}_{COLUMN}"), TABLE, [COLUMN])


def downgrade() -> None:
    """Forget what was taken back: the declarations stand again."""
    op.drop_column(TABLE, COLUMN)
