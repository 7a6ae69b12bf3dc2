"""Letters whose registration was corrected are listed and replaced; a run remembers that it was printed on both sides."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; letters and runs that are there are as they were: current, replacing none, on one side."""
    op.add_column("letter", sa.Column("outdated_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("letter", sa.Column("replaces_id", sa.UUID(), nullable=True))
    op.create_foreign_key(op.f("fk_letter_replaces_id_letter"), "letter", "letter", ["replaces_id"], ["id"])
    op.create_unique_constraint(op.f("uq_letter_replaces_id"), "letter", ["replaces_id"])
    op.create_index(
        "ix_letter_outdated", "letter", ["unit_id"], unique=False, postgresql_where="outdated_at IS NOT NULL"
    )
    op.add_column(
        "print_run", sa.Column("double_sided", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.alter_column("print_run", "double_sided", server_default=None)


def downgrade() -> None:
    """Take them away; letters, numbers and bytes stay."""
    op.drop_column("print_run", "double_sided")
    op.drop_index("ix_letter_outdated", "letter")
    op.drop_constraint(op.f("uq_letter_replaces_id"), "letter", type_="unique")
    op.drop_constraint(op.f("fk_letter_replaces_id_letter"), "letter", type_="foreignkey")
    op.drop_column("letter", "replaces_id")
    op.drop_column("letter", "outdated_at")
