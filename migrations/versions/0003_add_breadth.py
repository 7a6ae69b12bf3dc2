"""Tables and columns of the second breadth: outside parts, apologies, photographs, second factors."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


OLD_ROLES = "role IN ('officer', 'head', 'letter_clerk', 'programme_staff', 'administrator')"
NEW_ROLES = "role IN ('officer', 'head', 'letter_clerk', 'intake_clerk', 'programme_staff', 'auditor', 'administrator')"
OLD_PARTS = "state IN ('open', 'done', 'refused', 'abandoned')"
NEW_PARTS = "state IN ('open', 'submitted', 'returned', 'done', 'refused', 'abandoned')"


def _add_filled(table: str, column: str, kind: sa.types.TypeEngine[Any], value: Any) -> None:
    """Add a column that rows already there need a value for; new rows bring their own."""
    op.add_column(table, sa.Column(column, kind, nullable=False, server_default=value))
    op.alter_column(table, column, server_default=None)


def _replace_check(table: str, name: str, condition: str) -> None:
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)


def upgrade() -> None:
    """Add them; rows that are there get the plain answer."""
    op.create_table(
        "recovery",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.UUID(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.UUID(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "confirmed_by IS NULL OR confirmed_by <> asked_by", name=op.f("ck_recovery_two_people")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["app_user.id"], name=op.f("fk_recovery_asked_by_app_user")),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["app_user.id"], name=op.f("fk_recovery_confirmed_by_app_user")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_recovery_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery")),
    )
    op.create_index("ix_recovery_user", "recovery", ["user_id"], unique=False)
    op.create_table(
        "trusted_device",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("token_digest", sa.Text(), nullable=False),
        sa.Column("trusted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["app_user.id"], name=op.f("fk_trusted_device_user_id_app_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trusted_device")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_trusted_device_token_digest")),
    )
    op.create_index("ix_trusted_device_user", "trusted_device", ["user_id"], unique=False)
    op.create_table(
        "apology",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("deadline_id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("missed_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("new_due_on", sa.Date(), nullable=True),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_by", sa.UUID(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_by", sa.UUID(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_how", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('draft', 'signed', 'sent')", name=op.f("ck_apology_state")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_apology_case_id_case_file")),
        sa.ForeignKeyConstraint(
            ["deadline_id"], ["deadline.id"], name=op.f("fk_apology_deadline_id_deadline")
        ),
        sa.ForeignKeyConstraint(["sent_by"], ["app_user.id"], name=op.f("fk_apology_sent_by_app_user")),
        sa.ForeignKeyConstraint(["signed_by"], ["app_user.id"], name=op.f("fk_apology_signed_by_app_user")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_apology_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_apology")),
        sa.UniqueConstraint("deadline_id", name=op.f("uq_apology_deadline_id")),
    )
    op.create_index("ix_apology_unit", "apology", ["unit_id", "state"], unique=False)
    op.create_table(
        "paper_image",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("paper_code", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("file_id", sa.UUID(), nullable=False),
        sa.Column("width", sa.BigInteger(), nullable=False),
        sa.Column("height", sa.BigInteger(), nullable=False),
        sa.Column("upload_key", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.UUID(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["added_by"], ["app_user.id"], name=op.f("fk_paper_image_added_by_app_user")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_paper_image_case_id_case_file")),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_paper_image_file_id_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_image")),
        sa.UniqueConstraint("case_id", "upload_key", name=op.f("uq_paper_image_case_id_upload_key")),
    )
    op.create_index("ix_paper_image_case", "paper_image", ["case_id", "ordinal"], unique=False)
    _add_filled("app_user", "sealed_totp_secret", sa.Text(), sa.text("''"))
    op.add_column("app_user", sa.Column("totp_confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("app_user", sa.Column("totp_last_step", sa.BigInteger(), nullable=True))
    _add_filled("case_file", "death_paper_by_commune", sa.Boolean(), sa.false())
    op.add_column("case_part", sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("case_part", sa.Column("submitted_by_account", sa.Text(), nullable=True))
    op.add_column("case_part", sa.Column("returned_reason", sa.Text(), nullable=True))
    op.add_column("case_part", sa.Column("told_received_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("case_part", sa.Column("checked_on", sa.Date(), nullable=True))
    _replace_check("role_grant", "role", NEW_ROLES)
    _replace_check("case_part", "state", NEW_PARTS)


def downgrade() -> None:
    """Take them away; what the old checks do not know goes back to the nearest thing they know."""
    op.execute("UPDATE case_part SET state = 'open' WHERE state IN ('submitted', 'returned')")
    _replace_check("case_part", "state", OLD_PARTS)
    op.execute("DELETE FROM role_grant WHERE role IN ('intake_clerk', 'auditor')")
    _replace_check("role_grant", "role", OLD_ROLES)
    op.drop_column("case_part", "checked_on")
    op.drop_column("case_part", "told_received_at")
    op.drop_column("case_part", "returned_reason")
    op.drop_column("case_part", "submitted_by_account")
    op.drop_column("case_part", "submitted_at")
    op.drop_column("case_file", "death_paper_by_commune")
    op.drop_column("app_user", "totp_last_step")
    op.drop_column("app_user", "totp_confirmed_at")
    op.drop_column("app_user", "sealed_totp_secret")
    op.drop_index("ix_paper_image_case", table_name="paper_image")
    op.drop_table("paper_image")
    op.drop_index("ix_apology_unit", table_name="apology")
    op.drop_table("apology")
    op.drop_index("ix_trusted_device_user", table_name="trusted_device")
    op.drop_table("trusted_device")
    op.drop_index("ix_recovery_user", table_name="recovery")
    op.drop_table("recovery")
