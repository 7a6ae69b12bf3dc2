"""Words and layouts that came from an ended unit say from which; the reader of Khmer is named with a role."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

COPIED = ("letter_wording", "letter_layout")
KEPT = ("unit_id", "kind", "language", "number", "body", "approved_by", "reader")
KEEP_WORDING = """
CREATE OR REPLACE FUNCTION keep_approved_wording() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR ({new}) IS DISTINCT FROM ({old}) THEN
        RAISE EXCEPTION 'wording % is approved: its words stay', OLD.id USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$
"""


def _keep(columns: tuple[str, ...]) -> None:
    """Let the trigger refuse a change of these columns once a text is approved."""
    new, old = (", ".join(f"{side}.{column}" for column in columns) for side in ("NEW", "OLD"))
    op.execute(KEEP_WORDING.format(new=new, old=old))


def upgrade() -> None:
    """Add the columns; what was copied before keeps no origin, and who read before has no role."""
    for table in COPIED:
        op.add_column(table, sa.Column("from_unit_id", sa.BigInteger(), nullable=True))
        op.create_foreign_key(op.f(f"fk_{table}_from_unit_id_unit"), table, "unit", ["from_unit_id"], ["id"])
    op.add_column("letter_wording", sa.Column("reader_role", sa.Text(), nullable=True))
    _keep((*KEPT, "reader_role", "from_unit_id"))


def downgrade() -> None:
    """Forget origins and roles."""
    _keep(KEPT)
    op.drop_column("letter_wording", "reader_role")
    for table in COPIED:
        op.drop_column(table, "from_unit_id")
