"""Confirmed years of the calendar, rules of notices per procedure, the promise of a whole bundle."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NOTICES = ("reminder", "due_today", "overdue", "escalation")
DAYS = ("holiday", "compensated_off", "swapped_working", "ordinary")
KINDS = ("call", "part", "whole")


def _one_of(table: str, kinds: tuple[str, ...]) -> None:
    """Say which kinds a row of the table may have."""
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.drop_constraint(op.f(f"ck_{table}_kind"), table, type_="check")
    op.create_check_constraint(op.f(f"ck_{table}_kind"), table, f"kind IN ({listed})")


def _for_role(role: str, statement: str) -> None:
    """Run a statement where the role exists."""
    op.execute(
        f"DO $do$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN {statement}; END IF; END $do$"
    )


def upgrade() -> None:
    """Add the tables; deadlines learn their procedure, that their notices follow its rule."""
    op.create_table(
        "calendar_year",
        sa.Column("year", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.UUID(), nullable=True),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["app_user.id"], name=op.f("fk_calendar_year_confirmed_by_app_user")
        ),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_calendar_year")),
    )
    op.create_table(
        "notice_rule",
        sa.Column("procedure", sa.Text(), nullable=False),
        sa.Column("remind_before_days", sa.BigInteger(), nullable=False),
        sa.Column("escalate_after_hours", sa.BigInteger(), nullable=False),
        sa.Column("edited_by", sa.UUID(), nullable=True),
        sa.CheckConstraint(
            "remind_before_days BETWEEN 0 AND 10", name=op.f("ck_notice_rule_remind_before_days")
        ),
        sa.CheckConstraint(
            "escalate_after_hours BETWEEN 0 AND 240", name=op.f("ck_notice_rule_escalate_after_hours")
        ),
        sa.ForeignKeyConstraint(
            ["edited_by"], ["app_user.id"], name=op.f("fk_notice_rule_edited_by_app_user")
        ),
        sa.PrimaryKeyConstraint("procedure", name=op.f("pk_notice_rule")),
    )
    _for_role("civreg_report", "GRANT SELECT ON calendar_year TO civreg_report")
    op.add_column("deadline", sa.Column("procedure", sa.Text(), nullable=False, server_default=""))
    op.execute(
        "UPDATE deadline SET procedure = case_file.procedure FROM case_file WHERE case_file.id = deadline.case_id"
    )
    op.alter_column("deadline", "procedure", server_default=None)
    _one_of("calendar_day", DAYS)
    _one_of("deadline", KINDS)
    _one_of("deadline_notice", NOTICES)


def downgrade() -> None:
    """Take tables and column away, and the rows that the older program would read wrongly.

    Promises of whole bundles stay, and the constraint with them: the older program passes over them, and a way back up
    finds them again.
    """
    op.execute("DELETE FROM deadline_notice WHERE kind = 'due_today'")
    op.execute("DELETE FROM calendar_day WHERE kind = 'ordinary'")
    _one_of("deadline_notice", NOTICES[:1] + NOTICES[2:])
    _one_of("calendar_day", DAYS[:3])
    op.drop_column("deadline", "procedure")
    op.drop_table("notice_rule")
    op.drop_table("calendar_year")
