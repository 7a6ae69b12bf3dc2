"""Rights of the three roles, and triggers that keep what may never change.

The application reads and writes; of the audit, the log of reads and the facts it may only add. The report role sees
figures, units and the calendar, no person. Where a role does not exist (a database with one user), its rights are left
out and the triggers still hold.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = ("audit", "read_log", "fact")
FIGURES = (
    "unit", "unit_snapshot", "unit_successor", "participation", "hamlet", "calendar_day", "daily_count", "fact",
)  # fmt: skip

REFUSE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% only grows: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $$
"""
KEEP_LETTER = """
CREATE FUNCTION keep_issued_letter() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (NEW.unit_id, NEW.year, NEW.number, NEW.file_id, NEW.sha256)
        IS DISTINCT FROM (OLD.unit_id, OLD.year, OLD.number, OLD.file_id, OLD.sha256) THEN
        RAISE EXCEPTION 'letter % has its number: its paper stays', OLD.id USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$
"""


def _for_role(role: str, *statements: str) -> None:
    """Run statements where the role exists."""
    body = " ".join(f"EXECUTE $run${statement}$run$;" for statement in statements)
    op.execute(
        f"DO $do$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN {body} END IF; END $do$"
    )


def upgrade() -> None:
    """Give rights, make triggers."""
    op.execute(REFUSE)
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_not_truncated BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    op.execute(KEEP_LETTER)
    op.execute(
        "CREATE TRIGGER letter_keeps_paper BEFORE UPDATE OR DELETE ON letter FOR EACH ROW "
        "WHEN (OLD.number IS NOT NULL) EXECUTE FUNCTION keep_issued_letter()"
    )
    _for_role(
        "civreg_app",
        "GRANT USAGE ON SCHEMA public TO civreg_app",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO civreg_app",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO civreg_app",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO civreg_app",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO civreg_app",
        f"REVOKE UPDATE, DELETE, TRUNCATE ON {', '.join(APPEND_ONLY)} FROM civreg_app",
        "REVOKE DELETE ON audit_head FROM civreg_app",
        "REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM civreg_app",
    )
    _for_role(
        "civreg_report",
        "GRANT USAGE ON SCHEMA public TO civreg_report",
        f"GRANT SELECT ON {', '.join(FIGURES)} TO civreg_report",
    )


def downgrade() -> None:
    """Take rights and triggers away."""
    _for_role("civreg_report", f"REVOKE ALL ON {', '.join(FIGURES)} FROM civreg_report")
    _for_role(
        "civreg_app",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM civreg_app",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON SEQUENCES FROM civreg_app",
        "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM civreg_app",
        "REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM civreg_app",
    )
    op.execute("DROP TRIGGER letter_keeps_paper ON letter")
    op.execute("DROP FUNCTION keep_issued_letter()")
    for table in APPEND_ONLY:
        op.execute(f"DROP TRIGGER {table}_only_grows ON {table}")
        op.execute(f"DROP TRIGGER {table}_not_truncated ON {table}")
    op.execute("DROP FUNCTION refuse_change()")
