"""What changed in the calendar, and by which calendar each promise and each family's day was counted last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

COUNTED = (("deadline", "counted_by"), ("case_file", "citizen_counted_by"))


def upgrade() -> None:
    """Add the list of changes, with what was corrected so far: a move that nobody confirmed yet is still listed."""
    op.create_table(
        "calendar_change",
        sa.Column("id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_calendar_change_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_change")),
    )
    op.execute(
        "INSERT INTO calendar_change (id, first_day, last_day)"
        " SELECT row_number() OVER (ORDER BY day), day, day FROM calendar_day WHERE edited_by IS NOT NULL"
    )
    for table, column in COUNTED:
        op.add_column(table, sa.Column(column, sa.BigInteger(), nullable=False, server_default=sa.text("0")))
        op.alter_column(table, column, server_default=None)


def downgrade() -> None:
    """Forget what changed; every open promise is counted anew then."""
    for table, column in COUNTED:
        op.drop_column(table, column)
    op.drop_table("calendar_change")
