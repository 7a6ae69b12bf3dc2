"""Tables and columns of the door: books, bound visits, signing, eligibility, linked cases, tidings, handovers."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _add_filled(table: str, column: str, kind: sa.types.TypeEngine[Any], value: Any) -> None:
    """Add a column that rows already there need a value for; new rows bring their own."""
    op.add_column(table, sa.Column(column, kind, nullable=False, server_default=value))
    op.alter_column(table, column, server_default=None)


def _add_books() -> None:
    op.create_table(
        "register_book",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("total_pages", sa.BigInteger(), nullable=True),
        sa.Column("total_events", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('birth', 'death', 'marriage')", name=op.f("ck_register_book_kind")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_register_book_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_book")),
        sa.UniqueConstraint(
            "unit_id", "kind", "year", "label", name=op.f("uq_register_book_unit_id_kind_year_label")
        ),
    )
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


def _add_carried_books() -> None:
    op.create_unique_constraint("uq_visit_id_state_period", "visit", ["id", "state", "period"])
    op.create_table(
        "visit_book",
        sa.Column("visit_id", sa.UUID(), nullable=False),
        sa.Column("register_book_id", sa.UUID(), nullable=False),
        sa.Column("visit_state", sa.Text(), nullable=False),
        sa.Column("period", postgresql.TSTZRANGE(), nullable=False),
        sa.ForeignKeyConstraint(
            ["visit_id", "visit_state", "period"],
            ["visit.id", "visit.state", "visit.period"],
            name="fk_visit_book_visit",
            onupdate="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["register_book_id"],
            ["register_book.id"],
            name=op.f("fk_visit_book_register_book_id_register_book"),
        ),
        sa.PrimaryKeyConstraint("visit_id", "register_book_id", name=op.f("pk_visit_book")),
    )
    op.create_index("ix_visit_book_book", "visit_book", ["register_book_id"], unique=False)
    op.create_exclude_constraint(
        "ex_visit_book_period",
        "visit_book",
        (sa.column("register_book_id"), "="),
        (sa.column("period"), "&&"),
        using="gist",
        where=sa.text("visit_state = 'planned'"),
    )
    op.add_column("visit_case", sa.Column("returns_visit_id", sa.UUID(), nullable=True))
    op.create_foreign_key(
        op.f("fk_visit_case_returns_visit_id_visit"), "visit_case", "visit", ["returns_visit_id"], ["id"]
    )


def _add_signing() -> None:
    op.create_table(
        "signing",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("moment", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("read_back", sa.Boolean(), nullable=False),
        sa.Column("witness", sa.Text(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by", sa.UUID(), nullable=True),
        sa.CheckConstraint("moment IN ('declaration', 'register')", name=op.f("ck_signing_moment")),
        sa.CheckConstraint("role IN ('requester', 'groom', 'bride')", name=op.f("ck_signing_role")),
        sa.CheckConstraint("way IN ('signature', 'thumb_print')", name=op.f("ck_signing_way")),
        sa.CheckConstraint("way = 'signature' OR read_back", name=op.f("ck_signing_read_back")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_signing_case_id_case_file")),
        sa.ForeignKeyConstraint(["noted_by"], ["app_user.id"], name=op.f("fk_signing_noted_by_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing")),
        sa.UniqueConstraint("case_id", "moment", "role", name=op.f("uq_signing_case_id_moment_role")),
    )


def _add_supplements() -> None:
    op.create_table(
        "supplement",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("papers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.UUID(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.UUID(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_reason", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("slip_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("stage IN ('intake', 'appraisal')", name=op.f("ck_supplement_stage")),
        sa.CheckConstraint(
            "kind IN ('first', 'second', 'still_missing', 'wrong_version', 'other_agency')",
            name=op.f("ck_supplement_kind"),
        ),
        sa.CheckConstraint("state IN ('proposed', 'sent', 'declined')", name=op.f("ck_supplement_state")),
        sa.ForeignKeyConstraint(["asked_by"], ["app_user.id"], name=op.f("fk_supplement_asked_by_app_user")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_supplement_case_id_case_file")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["app_user.id"], name=op.f("fk_supplement_decided_by_app_user")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_supplement_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplement")),
    )
    op.create_index("ix_supplement_case", "supplement", ["case_id", "asked_at"], unique=False)
    op.create_index("ix_supplement_unit", "supplement", ["unit_id", "sent_at"], unique=False)
    op.create_index(
        "ix_supplement_proposed",
        "supplement",
        ["case_id"],
        unique=True,
        postgresql_where="state = 'proposed'",
    )


def _add_links() -> None:
    op.create_table(
        "case_link",
        sa.Column("first_id", sa.UUID(), nullable=False),
        sa.Column("second_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("linked_by", sa.UUID(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('twin', 'marriage_before_birth', 'mother_and_child', 'birth_and_death')",
            name=op.f("ck_case_link_kind"),
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


def _add_tidings() -> None:
    op.create_table(
        "tiding",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("reporter", sa.Text(), nullable=False),
        sa.Column("reporter_name", sa.Text(), nullable=False),
        sa.Column("sealed_reporter_phone", sa.Text(), nullable=False),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("family_name", sa.Text(), nullable=False),
        sa.Column("sealed_family_phone", sa.Text(), nullable=False),
        sa.Column("hamlet", sa.Text(), nullable=False),
        sa.Column("sealed_note", sa.Text(), nullable=False),
        sa.Column("event_year", sa.BigInteger(), nullable=True),
        sa.Column("event_month", sa.BigInteger(), nullable=True),
        sa.Column("event_day", sa.BigInteger(), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("call_by", sa.Date(), nullable=True),
        sa.Column("request_key", sa.Text(), nullable=False),
        sa.Column("body_digest", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=True),
        sa.Column("settled_by", sa.UUID(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dropped_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "reporter IN ('hamlet_head', 'health_station', 'pagoda', 'neighbour')",
            name=op.f("ck_tiding_reporter"),
        ),
        sa.CheckConstraint("occasion IN ('birth', 'death', 'marriage')", name=op.f("ck_tiding_occasion")),
        sa.CheckConstraint("state IN ('new', 'taken', 'dropped')", name=op.f("ck_tiding_state")),
        sa.CheckConstraint("(state = 'taken') = (case_id IS NOT NULL)", name=op.f("ck_tiding_taken")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_tiding_case_id_case_file")),
        sa.ForeignKeyConstraint(["settled_by"], ["app_user.id"], name=op.f("fk_tiding_settled_by_app_user")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_tiding_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tiding")),
        sa.UniqueConstraint("code", name=op.f("uq_tiding_code")),
        sa.UniqueConstraint("request_key", name=op.f("uq_tiding_request_key")),
    )
    op.create_index("ix_tiding_unit", "tiding", ["unit_id", "state"], unique=False)
    _set_channels(*_CHANNELS, *_CHANNELS_OF_TIDINGS)


_CHANNELS = ("web", "phone", "counter", "hamlet_head", "health_station")
_CHANNELS_OF_TIDINGS = ("pagoda", "neighbour")


def _set_channels(*channels: str) -> None:
    names = ", ".join(f"'{channel}'" for channel in channels)
    op.drop_constraint(op.f("ck_case_file_channel"), "case_file")
    op.create_check_constraint(op.f("ck_case_file_channel"), "case_file", f"channel IN ({names})")


def _add_handovers() -> None:
    op.create_table(
        "unit_handover",
        sa.Column("old_unit_id", sa.BigInteger(), nullable=False),
        sa.Column("new_unit_id", sa.BigInteger(), nullable=False),
        sa.Column("handed_on", sa.Date(), nullable=False),
        sa.Column("handed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handed_by", sa.UUID(), nullable=True),
        sa.CheckConstraint("old_unit_id <> new_unit_id", name=op.f("ck_unit_handover_not_itself")),
        sa.ForeignKeyConstraint(["old_unit_id"], ["unit.id"], name=op.f("fk_unit_handover_old_unit_id_unit")),
        sa.ForeignKeyConstraint(["new_unit_id"], ["unit.id"], name=op.f("fk_unit_handover_new_unit_id_unit")),
        sa.PrimaryKeyConstraint("old_unit_id", name=op.f("pk_unit_handover")),
    )
    op.create_index("ix_unit_handover_new_unit_id", "unit_handover", ["new_unit_id"], unique=False)


def upgrade() -> None:
    """Add them; rows that are there get the plain answer."""
    _add_books()
    _add_carried_books()
    _add_signing()
    _add_supplements()
    _add_links()
    _add_tidings()
    _add_handovers()
    op.add_column("case_file", sa.Column("recognition_evidence", sa.Text(), nullable=True))
    op.add_column("case_file", sa.Column("both_present", sa.Boolean(), nullable=True))
    op.add_column("case_file", sa.Column("recognition_witnesses", sa.Text(), nullable=True))
    op.add_column("case_file", sa.Column("registration_asked", sa.Boolean(), nullable=True))
    op.create_check_constraint(
        op.f("ck_case_file_recognition_evidence"),
        "case_file",
        "recognition_evidence IS NULL OR recognition_evidence IN ('paper', 'two_witnesses')",
    )
    _add_filled("case_file", "with_recognition", sa.Boolean(), sa.false())
    _add_filled("case_file", "lived_under_a_day", sa.Boolean(), sa.false())
    _add_filled("case_file", "sealed_cause", sa.Text(), sa.text("''"))
    _add_filled("case_file", "sealed_eligibility", sa.Text(), sa.text("''"))


def downgrade() -> None:
    """Take them away."""
    op.drop_constraint(op.f("ck_case_file_recognition_evidence"), "case_file")
    for column in (
        "registration_asked",
        "recognition_witnesses",
        "sealed_eligibility",
        "sealed_cause",
        "lived_under_a_day",
        "with_recognition",
        "both_present",
        "recognition_evidence",
    ):
        op.drop_column("case_file", column)
    op.drop_table("unit_handover")
    op.drop_table("tiding")
    op.execute("UPDATE case_file SET channel = 'phone' WHERE channel IN ('pagoda', 'neighbour')")
    _set_channels(*_CHANNELS)
    op.drop_table("case_link")
    op.drop_table("supplement")
    op.drop_table("signing")
    op.drop_column("visit_case", "returns_visit_id")
    op.drop_table("visit_book")
    op.drop_constraint("uq_visit_id_state_period", "visit")
    op.drop_table("book_loan")
    op.drop_table("register_book")
