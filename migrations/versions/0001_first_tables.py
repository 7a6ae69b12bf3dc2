"""First tables: everything the models of the first version say (made by Alembic from them)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all tables; extensions are there already where the superuser made them."""
    for extension in ("btree_gist", "pg_trgm", "unaccent"):
        op.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    op.create_table(
        "app_user",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app_user")),
        sa.UniqueConstraint("username", name=op.f("uq_app_user_username")),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("chain", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.UUID(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.UUID(), nullable=True),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("previous_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sa.UniqueConstraint("chain", "seq", name=op.f("uq_audit_chain_seq")),
    )
    op.create_index("ix_audit_subject", "audit", ["subject_id", "seq"], unique=False)
    op.create_table(
        "audit_head",
        sa.Column("chain", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "draft",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("token_digest", sa.Text(), nullable=False),
        sa.Column("procedure", sa.Text(), nullable=False),
        sa.Column("sealed_answers", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_draft_token_digest")),
    )
    op.create_index(op.f("ix_draft_expires_at"), "draft", ["expires_at"], unique=False)
    op.create_table(
        "failed_try",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failed_try")),
    )
    op.create_index("ix_failed_try_key", "failed_try", ["kind", "key", "at"], unique=False)
    op.create_table(
        "file",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("size <= 1048576", name=op.f("ck_file_size")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file")),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.UUID(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'done', 'parked')", name=op.f("ck_job_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("kind", "subject_id", "ordinal", name=op.f("uq_job_kind_subject_id_ordinal")),
    )
    op.create_index(
        "ix_job_waiting", "job", ["lease_until", "id"], unique=False, postgresql_where="state = 'waiting'"
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.UUID(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("relayed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index(
        "ix_outbox_waiting", "outbox", ["id"], unique=False, postgresql_where="relayed_at IS NULL"
    )
    op.create_table(
        "read_log",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.UUID(), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.UUID(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_read_log")),
    )
    op.create_index("ix_read_log_subject", "read_log", ["subject_id", "at"], unique=False)
    op.create_table(
        "unit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parent_code", sa.Text(), nullable=True),
        sa.Column("known_from", sa.Date(), nullable=False),
        sa.Column("since_before", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("ended_after", sa.Date(), nullable=True),
        sa.Column("name_folded", sa.Text(), nullable=False),
        sa.Column("name_joined", sa.Text(), nullable=False),
        sa.Column("sort_key", sa.Text(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.text("code"), "="),
            (sa.text("daterange(valid_from, valid_to)"), "&&"),
            using="gist",
            name="ex_unit_code_period",
        ),
        sa.CheckConstraint("valid_to > valid_from", name=op.f("ck_unit_ends_after_start")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("code", "valid_from", name=op.f("uq_unit_code_valid_from")),
    )
    op.create_index(
        "ix_unit_name_folded_trigram",
        "unit",
        ["name_folded"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"name_folded": "gin_trgm_ops"},
    )
    op.create_index(
        "ix_unit_name_joined",
        "unit",
        ["name_joined"],
        unique=False,
        postgresql_ops={"name_joined": "text_pattern_ops"},
    )
    op.create_index("ix_unit_parent_code", "unit", ["parent_code"], unique=False)
    op.create_table(
        "unit_snapshot",
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("is_act_date", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("effective_on", name=op.f("pk_unit_snapshot")),
    )
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("certainty", sa.Text(), nullable=False),
        sa.Column("edited_by", sa.UUID(), nullable=True),
        sa.CheckConstraint("certainty IN ('A', 'B', 'C', 'D')", name=op.f("ck_calendar_day_certainty")),
        sa.CheckConstraint(
            "kind IN ('holiday', 'compensated_off', 'swapped_working')", name=op.f("ck_calendar_day_kind")
        ),
        sa.ForeignKeyConstraint(
            ["edited_by"], ["app_user.id"], name=op.f("fk_calendar_day_edited_by_app_user")
        ),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "counter",
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_counter_unit_id_unit")),
        sa.PrimaryKeyConstraint("unit_id", "series", "year", name=op.f("pk_counter")),
    )
    op.create_table(
        "daily_count",
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("procedure", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_daily_count_unit_id_unit")),
        sa.PrimaryKeyConstraint("unit_id", "day", "procedure", "line", name=op.f("pk_daily_count")),
    )
    op.create_table(
        "deadline",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("subject_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("met_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_notice_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('call', 'part')", name=op.f("ck_deadline_kind")),
        sa.CheckConstraint("state IN ('open', 'met', 'cancelled')", name=op.f("ck_deadline_state")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_deadline_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline")),
        sa.UniqueConstraint(
            "subject_id", "kind", "ordinal", name=op.f("uq_deadline_subject_id_kind_ordinal")
        ),
    )
    op.create_index("ix_deadline_case", "deadline", ["case_id"], unique=False)
    op.create_index(
        "ix_deadline_next_notice",
        "deadline",
        ["next_notice_at"],
        unique=False,
        postgresql_where="state = 'open'",
    )
    op.create_index(
        "ix_deadline_unit_due",
        "deadline",
        ["unit_id", "due_at"],
        unique=False,
        postgresql_where="state = 'open'",
    )
    op.create_table(
        "fact",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("source", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("procedure", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("delta", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("subject_id", sa.UUID(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("delta IN (-1, 1)", name=op.f("ck_fact_delta")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_fact_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact")),
        sa.UniqueConstraint("source", "line", "subject_id", name=op.f("uq_fact_source_line_subject_id")),
    )
    op.create_index("ix_fact_case", "fact", ["case_id"], unique=False)
    op.create_index("ix_fact_figure", "fact", ["unit_id", "line", "procedure", "day"], unique=False)
    op.create_table(
        "hamlet",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_folded", sa.Text(), nullable=False),
        sa.Column("old_commune", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_hamlet_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hamlet")),
        sa.UniqueConstraint("unit_id", "name", name=op.f("uq_hamlet_unit_id_name")),
    )
    op.create_table(
        "participation",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("hotline", sa.Text(), nullable=False),
        sa.Column("office_address", sa.Text(), nullable=False),
        sa.Column("call_within_working_days", sa.Integer(), server_default="1", nullable=False),
        sa.Column("saturday_morning", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("signer_name", sa.Text(), nullable=True),
        sa.Column("signer_title", sa.Text(), server_default="CHỦ TỊCH", nullable=False),
        sa.Column("signer_prefix", sa.Text(), server_default="TM. ỦY BAN NHÂN DÂN", nullable=False),
        sa.Column("created_by", sa.UUID(), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.text("unit_id"), "="),
            (sa.text("daterange(starts_on, ends_on)"), "&&"),
            using="gist",
            name="ex_participation_unit_period",
        ),
        sa.CheckConstraint(
            "call_within_working_days between 0 and 30", name=op.f("ck_participation_call_promise_in_range")
        ),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("ck_participation_ends_after_start")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_participation_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participation")),
    )
    op.create_table(
        "print_run",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("printed_by", sa.UUID(), nullable=True),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("letter_ids", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["printed_by"], ["app_user.id"], name=op.f("fk_print_run_printed_by_app_user")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_print_run_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_run")),
    )
    op.create_table(
        "procedure_override",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("procedure", sa.Text(), nullable=False),
        sa.Column("values", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("author_id", sa.UUID(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_procedure_override_period")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["app_user.id"], name=op.f("fk_procedure_override_author_id_app_user")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_procedure_override_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_procedure_override")),
    )
    op.create_index(
        "ix_procedure_override_unit",
        "procedure_override",
        ["unit_id", "procedure", "starts_on"],
        unique=False,
    )
    op.create_table(
        "role_grant",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("granted_by", sa.UUID(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "role IN ('officer', 'head', 'letter_clerk', 'programme_staff', 'administrator')",
            name=op.f("ck_role_grant_role"),
        ),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_role_grant_period")),
        sa.ForeignKeyConstraint(
            ["granted_by"], ["app_user.id"], name=op.f("fk_role_grant_granted_by_app_user")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_role_grant_unit_id_unit")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_role_grant_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
        sa.UniqueConstraint(
            "user_id",
            "unit_id",
            "role",
            "starts_on",
            name=op.f("uq_role_grant_user_id_unit_id_role_starts_on"),
        ),
    )
    op.create_index("ix_role_grant_unit", "role_grant", ["unit_id"], unique=False)
    op.create_table(
        "sign_in",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("token_digest", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_sign_in_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_sign_in_token_digest")),
    )
    op.create_index("ix_sign_in_user", "sign_in", ["user_id"], unique=False)
    op.create_table(
        "unit_successor",
        sa.Column("old_unit_id", sa.BigInteger(), nullable=False),
        sa.Column("new_unit_id", sa.BigInteger(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("is_split", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint("old_unit_id <> new_unit_id", name=op.f("ck_unit_successor_not_itself")),
        sa.ForeignKeyConstraint(
            ["new_unit_id"], ["unit.id"], name=op.f("fk_unit_successor_new_unit_id_unit")
        ),
        sa.ForeignKeyConstraint(
            ["old_unit_id"], ["unit.id"], name=op.f("fk_unit_successor_old_unit_id_unit")
        ),
        sa.PrimaryKeyConstraint("old_unit_id", "new_unit_id", name=op.f("pk_unit_successor")),
    )
    op.create_index("ix_unit_successor_new_unit_id", "unit_successor", ["new_unit_id"], unique=False)
    op.create_table(
        "visit",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("officer_id", sa.UUID(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("period", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("booked_by", sa.UUID(), nullable=True),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_afterwards", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("officer_id"), "="),
            (sa.column("period"), "&&"),
            where=sa.text("state = 'planned'"),
            using="gist",
            name="ex_visit_officer_period",
        ),
        sa.CheckConstraint("purpose IN ('receive', 'return')", name=op.f("ck_visit_purpose")),
        sa.CheckConstraint(
            "state IN ('planned', 'done', 'nobody_home', 'cancelled')", name=op.f("ck_visit_state")
        ),
        sa.ForeignKeyConstraint(["booked_by"], ["app_user.id"], name=op.f("fk_visit_booked_by_app_user")),
        sa.ForeignKeyConstraint(["officer_id"], ["app_user.id"], name=op.f("fk_visit_officer_id_app_user")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_visit_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
    )
    op.create_index("ix_visit_unit_starts", "visit", ["unit_id", "starts_at"], unique=False)
    op.create_table(
        "case_file",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("received_unit_id", sa.BigInteger(), nullable=False),
        sa.Column("current_unit_id", sa.BigInteger(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("tracking_digest", sa.Text(), nullable=False),
        sa.Column("sealed_tracking", sa.Text(), nullable=False),
        sa.Column("sealed_pin", sa.Text(), nullable=False),
        sa.Column("procedure", sa.Text(), nullable=False),
        sa.Column("procedure_version", sa.Text(), nullable=False),
        sa.Column("override_id", sa.UUID(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("field_versions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("reception_place", sa.Text(), nullable=True),
        sa.Column("return_place", sa.Text(), nullable=False),
        sa.Column("callback_only", sa.Boolean(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("hamlet", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("interpreter_wanted", sa.Boolean(), nullable=False),
        sa.Column("officer_id", sa.UUID(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("call_by", sa.Date(), nullable=True),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("event_year", sa.BigInteger(), nullable=True),
        sa.Column("event_month", sa.BigInteger(), nullable=True),
        sa.Column("event_day", sa.BigInteger(), nullable=True),
        sa.Column("event_precision", sa.Text(), nullable=False),
        sa.Column("event_hour", sa.Text(), nullable=True),
        sa.Column("citizen_due_on", sa.Date(), nullable=True),
        sa.Column("late_registration", sa.Boolean(), nullable=True),
        sa.Column("on_time", sa.Boolean(), nullable=True),
        sa.Column("re_registered", sa.Boolean(), nullable=False),
        sa.Column("father_unknown", sa.Boolean(), nullable=False),
        sa.Column("abandoned", sa.Boolean(), nullable=False),
        sa.Column("place_of_event", sa.Text(), nullable=False),
        sa.Column("birth_paper_number", sa.Text(), nullable=False),
        sa.Column("result_paper", sa.Text(), nullable=True),
        sa.Column("register_remark", sa.Text(), nullable=True),
        sa.Column("closing_reason", sa.Text(), nullable=True),
        sa.Column("keep_for_call", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "channel IN ('web', 'phone', 'counter', 'hamlet_head', 'health_station')",
            name=op.f("ck_case_file_channel"),
        ),
        sa.CheckConstraint("form IN ('ordinary', 'mobile')", name=op.f("ck_case_file_form")),
        sa.CheckConstraint(
            "reception_place IS NULL OR reception_place IN ('office', 'home', 'mobile_site', 'online', 'post')",
            name=op.f("ck_case_file_reception_place"),
        ),
        sa.CheckConstraint(
            "return_place IN ('office', 'home', 'mobile_site', 'post')",
            name=op.f("ck_case_file_return_place"),
        ),
        sa.CheckConstraint(
            "state IN ('requested', 'visit_scheduled', 'dossier_received', 'papers_requested', 'personal_number_pending', 'awaiting_signature', 'registered', 'delivered', 'home_service_declined', 'transferred', 'refused', 'withdrawn')",
            name=op.f("ck_case_file_state"),
        ),
        sa.ForeignKeyConstraint(
            ["current_unit_id"], ["unit.id"], name=op.f("fk_case_file_current_unit_id_unit")
        ),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["app_user.id"], name=op.f("fk_case_file_officer_id_app_user")
        ),
        sa.ForeignKeyConstraint(
            ["override_id"],
            ["procedure_override.id"],
            name=op.f("fk_case_file_override_id_procedure_override"),
        ),
        sa.ForeignKeyConstraint(
            ["received_unit_id"], ["unit.id"], name=op.f("fk_case_file_received_unit_id_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_file")),
        sa.UniqueConstraint("code", name=op.f("uq_case_file_code")),
        sa.UniqueConstraint(
            "received_unit_id", "year", "number", name=op.f("uq_case_file_received_unit_id_year_number")
        ),
        sa.UniqueConstraint("tracking_digest", name=op.f("uq_case_file_tracking_digest")),
    )
    op.create_index("ix_case_file_desk", "case_file", ["current_unit_id", "state", "id"], unique=False)
    op.create_table(
        "deadline_notice",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("deadline_id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("for_role", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_by", sa.UUID(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('reminder', 'overdue', 'escalation')", name=op.f("ck_deadline_notice_kind")
        ),
        sa.ForeignKeyConstraint(
            ["deadline_id"], ["deadline.id"], name=op.f("fk_deadline_notice_deadline_id_deadline")
        ),
        sa.ForeignKeyConstraint(
            ["seen_by"], ["app_user.id"], name=op.f("fk_deadline_notice_seen_by_app_user")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_deadline_notice_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline_notice")),
        sa.UniqueConstraint(
            "deadline_id", "kind", "due_on", name=op.f("uq_deadline_notice_deadline_id_kind_due_on")
        ),
    )
    op.create_index(
        "ix_deadline_notice_open",
        "deadline_notice",
        ["unit_id", "for_role"],
        unique=False,
        postgresql_where="seen_at IS NULL",
    )
    op.create_table(
        "deadline_segment",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("deadline_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('start', 'pause', 'resume')", name=op.f("ck_deadline_segment_kind")),
        sa.ForeignKeyConstraint(
            ["deadline_id"], ["deadline.id"], name=op.f("fk_deadline_segment_deadline_id_deadline")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline_segment")),
    )
    op.create_index(
        op.f("ix_deadline_segment_deadline_id"), "deadline_segment", ["deadline_id"], unique=False
    )
    op.create_table(
        "case_move",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=False),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.UUID(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["app_user.id"], name=op.f("fk_case_move_actor_id_app_user")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_case_move_case_id_case_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_move")),
        sa.UniqueConstraint("case_id", "version", name=op.f("uq_case_move_case_id_version")),
    )
    op.create_table(
        "case_paper",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_round", sa.BigInteger(), nullable=True),
        sa.Column("asked_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_case_paper_case_id_case_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_paper")),
        sa.UniqueConstraint("case_id", "code", name=op.f("uq_case_paper_case_id_code")),
    )
    op.create_table(
        "case_part",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'done', 'refused', 'abandoned')", name=op.f("ck_case_part_state")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_case_part_case_id_case_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_part")),
        sa.UniqueConstraint("case_id", "code", name=op.f("uq_case_part_case_id_code")),
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("words_version", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by", sa.UUID(), nullable=True),
        sa.CheckConstraint("answer IN ('yes', 'no', 'later')", name=op.f("ck_consent_answer")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_consent_case_id_case_file")),
        sa.ForeignKeyConstraint(["noted_by"], ["app_user.id"], name=op.f("fk_consent_noted_by_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index("ix_consent_case", "consent", ["case_id", "purpose", "given_at"], unique=False)
    op.create_table(
        "external_code",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.UUID(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by", sa.UUID(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_external_code_case_id_case_file")
        ),
        sa.ForeignKeyConstraint(
            ["noted_by"], ["app_user.id"], name=op.f("fk_external_code_noted_by_app_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_code")),
        sa.UniqueConstraint(
            "case_id", "system", "subject_id", name=op.f("uq_external_code_case_id_system_subject_id")
        ),
    )
    op.create_index("ix_external_code_code", "external_code", ["code"], unique=False)
    op.create_table(
        "letter",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("held_reason", sa.Text(), nullable=True),
        sa.Column("sealed_facts", sa.Text(), nullable=False),
        sa.Column("template_version", sa.Text(), nullable=False),
        sa.Column("needed_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.UUID(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("year", sa.BigInteger(), nullable=True),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sealed_words", sa.Text(), nullable=True),
        sa.Column("file_id", sa.UUID(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("print_run_id", sa.UUID(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('congratulation_birth', 'congratulation_marriage', 'condolence')",
            name=op.f("ck_letter_kind"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'held', 'approved', 'issued', 'printed', 'signed_sealed', 'with_officer', 'handed_over', 'returned', 'cancelled')",
            name=op.f("ck_letter_state"),
        ),
        sa.CheckConstraint("(number IS NULL) = (file_id IS NULL)", name=op.f("ck_letter_number_with_bytes")),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["app_user.id"], name=op.f("fk_letter_approved_by_app_user")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_letter_case_id_case_file")),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_letter_file_id_file")),
        sa.ForeignKeyConstraint(
            ["print_run_id"], ["print_run.id"], name=op.f("fk_letter_print_run_id_print_run")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_letter_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("case_id", "kind", "ordinal", name=op.f("uq_letter_case_id_kind_ordinal")),
        sa.UniqueConstraint("unit_id", "year", "number", name=op.f("uq_letter_unit_id_year_number")),
    )
    op.create_index("ix_letter_unit_state", "letter", ["unit_id", "state"], unique=False)
    op.create_table(
        "party",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("joined", sa.Text(), nullable=False),
        sa.Column("sort_key", sa.Text(), nullable=False),
        sa.Column("birth_year", sa.BigInteger(), nullable=True),
        sa.Column("birth_month", sa.BigInteger(), nullable=True),
        sa.Column("birth_day", sa.BigInteger(), nullable=True),
        sa.Column("birth_precision", sa.Text(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=True),
        sa.Column("is_kinh", sa.Boolean(), nullable=True),
        sa.Column("sealed_ethnic_group", sa.Text(), nullable=False),
        sa.Column("nationality", sa.Text(), nullable=False),
        sa.Column("residence", sa.Text(), nullable=False),
        sa.Column("residence_unit_id", sa.BigInteger(), nullable=True),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("marriage_ordinal", sa.BigInteger(), nullable=True),
        sa.Column("sealed_phone", sa.Text(), nullable=False),
        sa.Column("phone_index", sa.Text(), nullable=True),
        sa.Column("sealed_personal_number", sa.Text(), nullable=False),
        sa.Column("personal_number_index", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "role IN ('requester', 'child', 'mother', 'father', 'groom', 'bride', 'deceased')",
            name=op.f("ck_party_role"),
        ),
        sa.CheckConstraint("sex IS NULL OR sex IN ('male', 'female')", name=op.f("ck_party_sex")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_party_case_id_case_file")),
        sa.ForeignKeyConstraint(
            ["residence_unit_id"], ["unit.id"], name=op.f("fk_party_residence_unit_id_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party")),
        sa.UniqueConstraint("case_id", "role", "ordinal", name=op.f("uq_party_case_id_role_ordinal")),
    )
    op.create_index("ix_party_folded", "party", ["folded"], unique=False)
    op.create_index("ix_party_joined", "party", ["joined"], unique=False)
    op.create_index(
        "ix_party_joined_parts",
        "party",
        ["joined"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"joined": "gin_trgm_ops"},
    )
    op.create_index("ix_party_personal_number", "party", ["personal_number_index"], unique=False)
    op.create_index("ix_party_phone", "party", ["phone_index"], unique=False)
    op.create_table(
        "request_key",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body_digest", sa.Text(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_request_key_case_id_case_file")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_request_key")),
    )
    op.create_table(
        "visit_case",
        sa.Column("visit_id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_visit_case_case_id_case_file")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_visit_case_visit_id_visit")),
        sa.PrimaryKeyConstraint("visit_id", "case_id", name=op.f("pk_visit_case")),
    )
    op.create_index("ix_visit_case_case", "visit_case", ["case_id"], unique=False)
    op.create_table(
        "letter_move",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("letter_id", sa.UUID(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=False),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.UUID(), nullable=True),
        sa.Column("sealed_recipient", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["app_user.id"], name=op.f("fk_letter_move_actor_id_app_user")),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_letter_move_letter_id_letter")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_move")),
    )
    op.create_index("ix_letter_move_letter", "letter_move", ["letter_id", "at"], unique=False)


def downgrade() -> None:
    """Drop all tables."""
    op.drop_index("ix_letter_move_letter", table_name="letter_move")
    op.drop_table("letter_move")
    op.drop_index("ix_visit_case_case", table_name="visit_case")
    op.drop_table("visit_case")
    op.drop_table("request_key")
    op.drop_index("ix_party_phone", table_name="party")
    op.drop_index("ix_party_personal_number", table_name="party")
    op.drop_index(
        "ix_party_joined_parts",
        table_name="party",
        postgresql_using="gin",
        postgresql_ops={"joined": "gin_trgm_ops"},
    )
    op.drop_index("ix_party_joined", table_name="party")
    op.drop_index("ix_party_folded", table_name="party")
    op.drop_table("party")
    op.drop_index("ix_letter_unit_state", table_name="letter")
    op.drop_table("letter")
    op.drop_index("ix_external_code_code", table_name="external_code")
    op.drop_table("external_code")
    op.drop_index("ix_consent_case", table_name="consent")
    op.drop_table("consent")
    op.drop_table("case_part")
    op.drop_table("case_paper")
    op.drop_table("case_move")
    op.drop_index(op.f("ix_deadline_segment_deadline_id"), table_name="deadline_segment")
    op.drop_table("deadline_segment")
    op.drop_index("ix_deadline_notice_open", table_name="deadline_notice", postgresql_where="seen_at IS NULL")
    op.drop_table("deadline_notice")
    op.drop_index("ix_case_file_desk", table_name="case_file")
    op.drop_table("case_file")
    op.drop_index("ix_visit_unit_starts", table_name="visit")
    op.drop_table("visit")
    op.drop_index("ix_unit_successor_new_unit_id", table_name="unit_successor")
    op.drop_table("unit_successor")
    op.drop_index("ix_sign_in_user", table_name="sign_in")
    op.drop_table("sign_in")
    op.drop_index("ix_role_grant_unit", table_name="role_grant")
    op.drop_table("role_grant")
    op.drop_index("ix_procedure_override_unit", table_name="procedure_override")
    op.drop_table("procedure_override")
    op.drop_table("print_run")
    op.drop_table("participation")
    op.drop_table("hamlet")
    op.drop_index("ix_fact_figure", table_name="fact")
    op.drop_index("ix_fact_case", table_name="fact")
    op.drop_table("fact")
    op.drop_index("ix_deadline_unit_due", table_name="deadline", postgresql_where="state = 'open'")
    op.drop_index("ix_deadline_next_notice", table_name="deadline", postgresql_where="state = 'open'")
    op.drop_index("ix_deadline_case", table_name="deadline")
    op.drop_table("deadline")
    op.drop_table("daily_count")
    op.drop_table("counter")
    op.drop_table("calendar_day")
    op.drop_table("unit_snapshot")
    op.drop_index("ix_unit_parent_code", table_name="unit")
    op.drop_index(
        "ix_unit_name_joined", table_name="unit", postgresql_ops={"name_joined": "text_pattern_ops"}
    )
    op.drop_index(
        "ix_unit_name_folded_trigram",
        table_name="unit",
        postgresql_using="gin",
        postgresql_ops={"name_folded": "gin_trgm_ops"},
    )
    op.drop_table("unit")
    op.drop_index("ix_read_log_subject", table_name="read_log")
    op.drop_table("read_log")
    op.drop_index("ix_outbox_waiting", table_name="outbox", postgresql_where="relayed_at IS NULL")
    op.drop_table("outbox")
    op.drop_index("ix_job_waiting", table_name="job", postgresql_where="state = 'waiting'")
    op.drop_table("job")
    op.drop_table("file")
    op.drop_index("ix_failed_try_key", table_name="failed_try")
    op.drop_table("failed_try")
    op.drop_index(op.f("ix_draft_expires_at"), table_name="draft")
    op.drop_table("draft")
    op.drop_table("audit_head")
    op.drop_index("ix_audit_subject", table_name="audit")
    op.drop_table("audit")
    op.drop_table("app_user")
