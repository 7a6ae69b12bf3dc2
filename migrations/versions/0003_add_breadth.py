"""Tables and columns of the second breadth: bundles, books, apologies, tidings, photographs, second factors."""

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
        "register_book",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('birth', 'death', 'marriage')", name=op.f("ck_register_book_kind")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_register_book_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_book")),
        sa.UniqueConstraint(
            "unit_id", "kind", "year", "label", name=op.f("uq_register_book_unit_id_kind_year_label")
        ),
    )
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
        "book_loan",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("register_book_id", sa.UUID(), nullable=False),
        sa.Column("visit_id", sa.UUID(), nullable=True),
        sa.Column("taken_by", sa.UUID(), nullable=False),
        sa.Column("out_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("back_to", sa.UUID(), nullable=True),
        sa.ForeignKeyConstraint(["back_to"], ["app_user.id"], name=op.f("fk_book_loan_back_to_app_user")),
        sa.ForeignKeyConstraint(
            ["register_book_id"],
            ["register_book.id"],
            name=op.f("fk_book_loan_register_book_id_register_book"),
        ),
        sa.ForeignKeyConstraint(["taken_by"], ["app_user.id"], name=op.f("fk_book_loan_taken_by_app_user")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_book_loan_visit_id_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_book_loan")),
    )
    op.create_index(
        "ix_book_loan_out", "book_loan", ["register_book_id"], unique=True, postgresql_where="back_at IS NULL"
    )
    op.create_table(
        "case_link",
        sa.Column("first_id", sa.UUID(), nullable=False),
        sa.Column("second_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("linked_by", sa.UUID(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('twin', 'marriage_before_birth', 'mother_and_child')", name=op.f("ck_case_link_kind")
        ),
        sa.CheckConstraint("first_id <> second_id", name=op.f("ck_case_link_two")),
        sa.ForeignKeyConstraint(["first_id"], ["case_file.id"], name=op.f("fk_case_link_first_id_case_file")),
        sa.ForeignKeyConstraint(["linked_by"], ["app_user.id"], name=op.f("fk_case_link_linked_by_app_user")),
        sa.ForeignKeyConstraint(
            ["second_id"], ["case_file.id"], name=op.f("fk_case_link_second_id_case_file")
        ),
        sa.PrimaryKeyConstraint("first_id", "second_id", name=op.f("pk_case_link")),
    )
    op.create_index("ix_case_link_second", "case_link", ["second_id"], unique=False)
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
    op.create_table(
        "tiding",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("reporter", sa.Text(), nullable=False),
        sa.Column("reporter_name", sa.Text(), nullable=False),
        sa.Column("sealed_reporter_phone", sa.Text(), nullable=False),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("family_name", sa.Text(), nullable=False),
        sa.Column("sealed_family_phone", sa.Text(), nullable=False),
        sa.Column("hamlet", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=True),
        sa.Column("settled_by", sa.UUID(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dropped_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("occasion IN ('birth', 'death', 'marriage')", name=op.f("ck_tiding_occasion")),
        sa.CheckConstraint(
            "reporter IN ('hamlet_head', 'health_station', 'pagoda', 'neighbour')",
            name=op.f("ck_tiding_reporter"),
        ),
        sa.CheckConstraint("state IN ('new', 'taken', 'dropped')", name=op.f("ck_tiding_state")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_tiding_case_id_case_file")),
        sa.ForeignKeyConstraint(["settled_by"], ["app_user.id"], name=op.f("fk_tiding_settled_by_app_user")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_tiding_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tiding")),
        sa.UniqueConstraint("request_key", name=op.f("uq_tiding_request_key")),
    )
    op.create_index("ix_tiding_unit", "tiding", ["unit_id", "state"], unique=False)
    _add_filled("app_user", "sealed_totp_secret", sa.Text(), sa.text("''"))
    op.add_column("app_user", sa.Column("totp_confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("app_user", sa.Column("totp_last_step", sa.BigInteger(), nullable=True))
    op.add_column("case_file", sa.Column("eligibility", sa.Text(), nullable=True))
    op.add_column("case_file", sa.Column("eligibility_note", sa.Text(), nullable=True))
    op.add_column("case_file", sa.Column("eligibility_decided_by", sa.UUID(), nullable=True))
    op.add_column("case_file", sa.Column("signing_way", sa.Text(), nullable=True))
    op.add_column("case_file", sa.Column("read_back_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("case_file", sa.Column("witness", sa.Text(), nullable=True))
    op.add_column("case_file", sa.Column("both_present", sa.Boolean(), nullable=True))
    _add_filled("case_file", "with_recognition", sa.Boolean(), sa.false())
    _add_filled("case_file", "lived_under_a_day", sa.Boolean(), sa.false())
    _add_filled("case_file", "death_paper_by_commune", sa.Boolean(), sa.false())
    _add_filled("case_file", "sealed_cause", sa.Text(), sa.text("''"))
    op.create_foreign_key(
        op.f("fk_case_file_eligibility_decided_by_app_user"),
        "case_file",
        "app_user",
        ["eligibility_decided_by"],
        ["id"],
    )
    op.add_column("case_part", sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("case_part", sa.Column("submitted_by_account", sa.Text(), nullable=True))
    op.add_column("case_part", sa.Column("returned_reason", sa.Text(), nullable=True))
    op.add_column("case_part", sa.Column("told_received_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("case_part", sa.Column("checked_on", sa.Date(), nullable=True))
    op.add_column("visit", sa.Column("register_book_id", sa.UUID(), nullable=True))
    op.add_column("visit", sa.Column("returns_visit_id", sa.UUID(), nullable=True))
    op.create_foreign_key(
        op.f("fk_visit_register_book_id_register_book"),
        "visit",
        "register_book",
        ["register_book_id"],
        ["id"],
    )
    op.create_foreign_key(
        op.f("fk_visit_returns_visit_id_visit"), "visit", "visit", ["returns_visit_id"], ["id"]
    )
    _replace_check("role_grant", "role", NEW_ROLES)
    _replace_check("case_part", "state", NEW_PARTS)
    op.create_check_constraint(
        op.f("ck_case_file_signing_way"),
        "case_file",
        "signing_way IS NULL OR signing_way IN ('signature', 'thumb_print')",
    )
    op.create_exclude_constraint(
        "ex_visit_register_book_period",
        "visit",
        (sa.column("register_book_id"), "="),
        (sa.column("period"), "&&"),
        using="gist",
        where=sa.text("state = 'planned' AND register_book_id IS NOT NULL"),
    )


def downgrade() -> None:
    """Take them away; what the old checks do not know goes back to the nearest thing they know."""
    op.drop_constraint("ex_visit_register_book_period", "visit")
    op.drop_constraint(op.f("ck_case_file_signing_way"), "case_file", type_="check")
    op.execute("UPDATE case_part SET state = 'open' WHERE state IN ('submitted', 'returned')")
    _replace_check("case_part", "state", OLD_PARTS)
    op.execute("DELETE FROM role_grant WHERE role IN ('intake_clerk', 'auditor')")
    _replace_check("role_grant", "role", OLD_ROLES)
    op.drop_constraint(op.f("fk_visit_returns_visit_id_visit"), "visit", type_="foreignkey")
    op.drop_constraint(op.f("fk_visit_register_book_id_register_book"), "visit", type_="foreignkey")
    op.drop_column("visit", "returns_visit_id")
    op.drop_column("visit", "register_book_id")
    op.drop_column("case_part", "checked_on")
    op.drop_column("case_part", "told_received_at")
    op.drop_column("case_part", "returned_reason")
    op.drop_column("case_part", "submitted_by_account")
    op.drop_column("case_part", "submitted_at")
    op.drop_constraint(op.f("fk_case_file_eligibility_decided_by_app_user"), "case_file", type_="foreignkey")
    op.drop_column("case_file", "sealed_cause")
    op.drop_column("case_file", "death_paper_by_commune")
    op.drop_column("case_file", "lived_under_a_day")
    op.drop_column("case_file", "with_recognition")
    op.drop_column("case_file", "both_present")
    op.drop_column("case_file", "witness")
    op.drop_column("case_file", "read_back_at")
    op.drop_column("case_file", "signing_way")
    op.drop_column("case_file", "eligibility_decided_by")
    op.drop_column("case_file", "eligibility_note")
    op.drop_column("case_file", "eligibility")
    op.drop_column("app_user", "totp_last_step")
    op.drop_column("app_user", "totp_confirmed_at")
    op.drop_column("app_user", "sealed_totp_secret")
    op.drop_index("ix_tiding_unit", table_name="tiding")
    op.drop_table("tiding")
    op.drop_index("ix_paper_image_case", table_name="paper_image")
    op.drop_table("paper_image")
    op.drop_index("ix_case_link_second", table_name="case_link")
    op.drop_table("case_link")
    op.drop_index("ix_book_loan_out", table_name="book_loan", postgresql_where="back_at IS NULL")
    op.drop_table("book_loan")
    op.drop_index("ix_apology_unit", table_name="apology")
    op.drop_table("apology")
    op.drop_index("ix_trusted_device_user", table_name="trusted_device")
    op.drop_table("trusted_device")
    op.drop_table("register_book")
    op.drop_index("ix_recovery_user", table_name="recovery")
    op.drop_table("recovery")
