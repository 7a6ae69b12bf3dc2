"""Words, layout and signers of letters as data; an approved text never changes.

Until now the words were files of the program alone; they stay as what every unit starts from.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KINDS = "'congratulation_birth', 'congratulation_marriage', 'condolence'"
KEEP_WORDING = """
CREATE FUNCTION keep_approved_wording() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (NEW.unit_id, NEW.kind, NEW.language, NEW.number, NEW.body, NEW.approved_by, NEW.reader)
        IS DISTINCT FROM (OLD.unit_id, OLD.kind, OLD.language, OLD.number, OLD.body, OLD.approved_by, OLD.reader) THEN
        RAISE EXCEPTION 'wording % is approved: its words stay', OLD.id USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$
"""


def _add_wording() -> None:
    op.create_table(
        "letter_wording",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("written_by", sa.UUID(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.UUID(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reader", sa.Text(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(f"kind IN ({KINDS}, 'apology')", name=op.f("ck_letter_wording_kind")),
        sa.CheckConstraint("language IN ('vi', 'vi_km')", name=op.f("ck_letter_wording_language")),
        sa.CheckConstraint(
            "state IN ('draft', 'approved', 'withdrawn')", name=op.f("ck_letter_wording_state")
        ),
        sa.CheckConstraint(
            "(state = 'draft') = (approved_at IS NULL)", name=op.f("ck_letter_wording_approved")
        ),
        sa.CheckConstraint(
            "state = 'draft' OR language = 'vi' OR reader IS NOT NULL", name=op.f("ck_letter_wording_reader")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_letter_wording_unit_id_unit")),
        sa.ForeignKeyConstraint(
            ["written_by"], ["app_user.id"], name=op.f("fk_letter_wording_written_by_app_user")
        ),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["app_user.id"], name=op.f("fk_letter_wording_approved_by_app_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_wording")),
        sa.UniqueConstraint(
            "unit_id",
            "kind",
            "language",
            "number",
            name=op.f("uq_letter_wording_unit_id_kind_language_number"),
        ),
    )
    op.execute(KEEP_WORDING)
    op.execute(
        "CREATE TRIGGER wording_keeps_words BEFORE UPDATE OR DELETE ON letter_wording FOR EACH ROW "
        "WHEN (OLD.approved_at IS NOT NULL) EXECUTE FUNCTION keep_approved_wording()"
    )


def _add_layout() -> None:
    op.create_table(
        "letter_layout",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("size", sa.Text(), nullable=False),
        sa.Column("border", sa.Text(), nullable=False),
        sa.Column("show_number", sa.Boolean(), nullable=False),
        sa.Column("show_code", sa.Boolean(), nullable=False),
        sa.Column("receivers", sa.Text(), nullable=False),
        sa.Column("preprinted", sa.Boolean(), nullable=False),
        sa.Column("right_tenths_mm", sa.BigInteger(), nullable=False),
        sa.Column("down_tenths_mm", sa.BigInteger(), nullable=False),
        sa.Column("letterhead_file_id", sa.UUID(), nullable=True),
        sa.Column("set_by", sa.UUID(), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(f"kind IN ({KINDS}, 'apology')", name=op.f("ck_letter_layout_kind")),
        sa.CheckConstraint("size IN ('A4', 'A5', 'folded')", name=op.f("ck_letter_layout_size")),
        sa.CheckConstraint(
            "border = 'none' OR border = 'lotus' AND kind LIKE 'congratulation%'",
            name=op.f("ck_letter_layout_border"),
        ),
        sa.CheckConstraint(
            "abs(right_tenths_mm) <= 300 AND abs(down_tenths_mm) <= 300",
            name=op.f("ck_letter_layout_offset"),
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_letter_layout_unit_id_unit")),
        sa.ForeignKeyConstraint(
            ["letterhead_file_id"], ["file.id"], name=op.f("fk_letter_layout_letterhead_file_id_file")
        ),
        sa.ForeignKeyConstraint(["set_by"], ["app_user.id"], name=op.f("fk_letter_layout_set_by_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_layout")),
    )
    op.create_index("ix_letter_layout_unit_kind", "letter_layout", ["unit_id", "kind", "starts_on"])


def _add_signer() -> None:
    op.create_table(
        "letter_signer",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("signing_unit_id", sa.BigInteger(), nullable=True),
        sa.Column("set_by", sa.UUID(), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "way IN ('chair', 'deputy', 'by_order', 'delegated')", name=op.f("ck_letter_signer_way")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_letter_signer_unit_id_unit")),
        sa.ForeignKeyConstraint(
            ["signing_unit_id"], ["unit.id"], name=op.f("fk_letter_signer_signing_unit_id_unit")
        ),
        sa.ForeignKeyConstraint(["set_by"], ["app_user.id"], name=op.f("fk_letter_signer_set_by_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_signer")),
    )
    op.create_index("ix_letter_signer_unit", "letter_signer", ["unit_id", "starts_on"])


def upgrade() -> None:
    """Make the three tables; letters name what they were written with."""
    _add_wording()
    _add_layout()
    _add_signer()
    op.add_column("letter", sa.Column("language", sa.Text(), nullable=False, server_default="vi"))
    op.alter_column("letter", "language", server_default=None)
    op.add_column("letter", sa.Column("wording_id", sa.UUID(), nullable=True))
    op.add_column("letter", sa.Column("layout_id", sa.UUID(), nullable=True))
    op.add_column("letter", sa.Column("confirm_code", sa.Text(), nullable=True))
    op.create_foreign_key(
        op.f("fk_letter_wording_id_letter_wording"), "letter", "letter_wording", ["wording_id"], ["id"]
    )
    op.create_foreign_key(
        op.f("fk_letter_layout_id_letter_layout"), "letter", "letter_layout", ["layout_id"], ["id"]
    )
    op.create_unique_constraint(op.f("uq_letter_confirm_code"), "letter", ["confirm_code"])
    op.create_check_constraint(op.f("ck_letter_language"), "letter", "language IN ('vi', 'vi_km')")
    op.drop_constraint(op.f("ck_letter_kind"), "letter")
    op.create_check_constraint(op.f("ck_letter_kind"), "letter", f"kind IN ({KINDS}, 'apology')")


def downgrade() -> None:
    """Take them away; what was printed keeps its bytes.

    Raises:
        RuntimeError: letters of apology are there. The older tables have no word for them, and a letter with a number is
            never deleted, so nothing is changed.
    """
    apologies = (
        op.get_bind().execute(sa.text("SELECT count(*) FROM letter WHERE kind = 'apology'")).scalar_one()
    )
    if apologies:
        raise RuntimeError(
            f"Còn {apologies} thư xin lỗi trong sổ thư mà bản trước 0008 không có loại thư này, nên không hạ xuống được; bước "
            "này chưa đổi gì. Ông/bà giữ bản hiện tại, hoặc khôi phục bản sao lưu làm trước khi nâng cấp."
        )
    op.drop_constraint(op.f("ck_letter_kind"), "letter")
    op.create_check_constraint(op.f("ck_letter_kind"), "letter", f"kind IN ({KINDS})")
    for column in ("language", "wording_id", "layout_id", "confirm_code"):
        op.drop_column("letter", column)
    op.drop_table("letter_signer")
    op.drop_table("letter_layout")
    op.drop_table("letter_wording")
    op.execute("DROP FUNCTION keep_approved_wording()")
