"""Tables of cases (hồ sơ): the case, its parts, people, papers, outside numbers, consents, moves and drafts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from civreg.cases.rules import STATES
from civreg.shared.database import Base

_STATE_LIST = ", ".join(f"'{state}'" for state in STATES)


class Case(Base):
    """One request of a family and what became of it; from reception on a dossier (hồ sơ).

    `received_unit_id` stays for ever; `current_unit_id` moves when a unit is succeeded by another.
    `requested_at` is a wish (the office promises a call); `received_at` starts the legal clock.
    """

    __tablename__ = "case_file"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATE_LIST})", name="state"),
        CheckConstraint("form IN ('ordinary', 'mobile')", name="form"),
        CheckConstraint(
            "reception_place IS NULL OR reception_place IN ('office', 'home', 'mobile_site', 'online', 'post')",
            name="reception_place",
        ),
        CheckConstraint("return_place IN ('office', 'home', 'mobile_site', 'post')", name="return_place"),
        CheckConstraint(
            "channel IN ('web', 'phone', 'counter', 'hamlet_head', 'health_station', 'pagoda', 'neighbour')",
            name="channel",
        ),
        UniqueConstraint("received_unit_id", "year", "number"),
        CheckConstraint(
            "recognition_evidence IS NULL OR recognition_evidence IN ('paper', 'two_witnesses')",
            name="recognition_evidence",
        ),
        Index("ix_case_file_desk", "current_unit_id", "state", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    received_unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    current_unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    year: Mapped[int]
    number: Mapped[int]
    code: Mapped[str] = mapped_column(unique=True)
    tracking_digest: Mapped[str] = mapped_column(unique=True)
    sealed_tracking: Mapped[str]
    sealed_pin: Mapped[str]
    procedure: Mapped[str]
    procedure_version: Mapped[str]
    override_id: Mapped[UUID | None] = mapped_column(ForeignKey("procedure_override.id"))
    correction_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list, server_default="{}")
    state: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    field_versions: Mapped[dict[str, Any]] = mapped_column(default=dict)
    form: Mapped[str]
    channel: Mapped[str]
    reception_place: Mapped[str | None]
    return_place: Mapped[str]
    callback_only: Mapped[bool] = mapped_column(default=False)
    address: Mapped[str]
    hamlet: Mapped[str]
    note: Mapped[str]
    interpreter_wanted: Mapped[bool] = mapped_column(default=False)
    officer_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    requested_at: Mapped[datetime]
    call_by: Mapped[date | None]
    called_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]
    registered_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    promised_on: Mapped[date | None]
    event_year: Mapped[int | None]
    event_month: Mapped[int | None]
    event_day: Mapped[int | None]
    event_precision: Mapped[str] = mapped_column(default="known")
    event_hour: Mapped[str | None]
    citizen_due_on: Mapped[date | None]
    citizen_counted_by: Mapped[int] = mapped_column(default=0)
    late_registration: Mapped[bool | None]
    on_time: Mapped[bool | None]
    re_registered: Mapped[bool] = mapped_column(default=False)
    father_unknown: Mapped[bool] = mapped_column(default=False)
    abandoned: Mapped[bool] = mapped_column(default=False)
    place_of_event: Mapped[str]
    birth_paper_number: Mapped[str]
    result_paper: Mapped[str | None]
    register_remark: Mapped[str | None]
    closing_reason: Mapped[str | None]
    keep_for_call: Mapped[str | None]
    death_paper_by_commune: Mapped[bool] = mapped_column(default=False)
    both_present: Mapped[bool | None]
    with_recognition: Mapped[bool] = mapped_column(default=False)
    recognition_evidence: Mapped[str | None]
    recognition_witnesses: Mapped[str | None]
    lived_under_a_day: Mapped[bool] = mapped_column(default=False)
    registration_asked: Mapped[bool | None]
    sealed_cause: Mapped[str] = mapped_column(default="")
    sealed_eligibility: Mapped[str] = mapped_column(default="")
    stillborn_sibling: Mapped[bool] = mapped_column(default=False)
    parent_detained: Mapped[bool] = mapped_column(default=False)
    correction_opened_at: Mapped[datetime | None]
    correction_reason: Mapped[str | None]


class CasePart(Base):
    """One procedure inside a case, with its agency, clock, state and outside number (thủ tục thành phần)."""

    __tablename__ = "case_part"
    __table_args__ = (
        UniqueConstraint("case_id", "code"),
        CheckConstraint(
            "state IN ('open', 'submitted', 'returned', 'done', 'refused', 'abandoned')", name="state"
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    ordinal: Mapped[int]
    code: Mapped[str]
    agency: Mapped[str]
    state: Mapped[str]
    due_on: Mapped[date | None]
    done_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    submitted_by_account: Mapped[str | None]
    returned_reason: Mapped[str | None]
    told_received_at: Mapped[datetime | None]
    checked_on: Mapped[date | None]


class Party(Base):
    """A person of a case (người liên quan); personal number, phone and ethnic group are sealed."""

    __tablename__ = "party"
    __table_args__ = (
        UniqueConstraint("case_id", "role", "ordinal"),
        CheckConstraint(
            "role IN ('requester', 'child', 'mother', 'father', 'groom', 'bride', 'deceased')", name="role"
        ),
        CheckConstraint("sex IS NULL OR sex IN ('male', 'female')", name="sex"),
        Index("ix_party_folded", "folded"),
        Index("ix_party_joined", "joined"),
        Index(
            "ix_party_joined_parts",
            "joined",
            postgresql_using="gin",
            postgresql_ops={"joined": "gin_trgm_ops"},
        ),
        Index("ix_party_phone", "phone_index"),
        Index("ix_party_personal_number", "personal_number_index"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    role: Mapped[str]
    ordinal: Mapped[int] = mapped_column(default=1)
    full_name: Mapped[str]
    folded: Mapped[str]
    joined: Mapped[str]
    sort_key: Mapped[str]
    birth_year: Mapped[int | None]
    birth_month: Mapped[int | None]
    birth_day: Mapped[int | None]
    birth_precision: Mapped[str] = mapped_column(default="known")
    sex: Mapped[str | None]
    is_kinh: Mapped[bool | None]
    sealed_ethnic_group: Mapped[str] = mapped_column(default="")
    nationality: Mapped[str] = mapped_column(default="Việt Nam")
    residence: Mapped[str] = mapped_column(default="")
    residence_unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    relation: Mapped[str] = mapped_column(default="")
    marriage_ordinal: Mapped[int | None]
    sealed_phone: Mapped[str] = mapped_column(default="")
    phone_index: Mapped[str | None]
    sealed_personal_number: Mapped[str] = mapped_column(default="")
    personal_number_index: Mapped[str | None]


class CasePaper(Base):
    """A paper that the officer saw or took (giấy tờ)."""

    __tablename__ = "case_paper"
    __table_args__ = (UniqueConstraint("case_id", "code"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    code: Mapped[str]
    seen_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    asked_round: Mapped[int | None]
    asked_reason: Mapped[str | None]


class Supplement(Base):
    """One asking for papers (lần yêu cầu bổ sung): what, why, at which stage, on whose word.

    A second round at one stage waits as `proposed` until the head says yes or no. `slip_out_at` is when the slip
    first left for the family; until then the same day's edit changes the row and makes no new one.
    """

    __tablename__ = "supplement"
    __table_args__ = (
        CheckConstraint("stage IN ('intake', 'appraisal')", name="stage"),
        CheckConstraint(
            "kind IN ('first', 'second', 'still_missing', 'wrong_version', 'other_agency')", name="kind"
        ),
        CheckConstraint("state IN ('proposed', 'sent', 'declined')", name="state"),
        Index("ix_supplement_case", "case_id", "asked_at"),
        Index("ix_supplement_unit", "unit_id", "sent_at"),
        Index("ix_supplement_proposed", "case_id", unique=True, postgresql_where="state = 'proposed'"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    stage: Mapped[str]
    kind: Mapped[str]
    state: Mapped[str]
    papers: Mapped[list[Any]]
    reason: Mapped[str]
    basis: Mapped[str]
    asked_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    asked_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    decided_at: Mapped[datetime | None]
    decided_reason: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    slip_out_at: Mapped[datetime | None]


class OutsideWait(Base):
    """Another body that has to answer before the case goes on (chờ cơ quan khác trả lời), one at a time."""

    __tablename__ = "outside_wait"
    __table_args__ = (
        CheckConstraint("(answered_at IS NULL) = (answer IS NULL)", name="answer"),
        CheckConstraint("answered_at >= asked_at", name="order"),
        Index("ix_outside_wait_case", "case_id", "asked_at"),
        Index("ix_outside_wait_open", "case_id", unique=True, postgresql_where="answered_at IS NULL"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    body: Mapped[str]
    letter: Mapped[str]
    asked_at: Mapped[datetime]
    asked_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    answer: Mapped[str | None]


class ExternalCode(Base):
    """A number that another system gave: register number, book, portal code."""

    __tablename__ = "external_code"
    __table_args__ = (
        UniqueConstraint("case_id", "system", "subject_id"),
        Index("ix_external_code_code", "code"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    system: Mapped[str]
    subject_id: Mapped[UUID]
    code: Mapped[str]
    noted_at: Mapped[datetime]
    noted_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))


class Consent(Base):
    """An answer (có, không, trả lời sau) to one purpose, with the version of the words that were read."""

    __tablename__ = "consent"
    __table_args__ = (
        CheckConstraint("answer IN ('yes', 'no', 'later')", name="answer"),
        Index("ix_consent_case", "case_id", "purpose", "given_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    purpose: Mapped[str]
    words_version: Mapped[str]
    answer: Mapped[str]
    given_at: Mapped[datetime]
    noted_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))


class CaseMove(Base):
    """One step of a case from state to state: its history (diễn biến)."""

    __tablename__ = "case_move"
    __table_args__ = (UniqueConstraint("case_id", "version"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    version: Mapped[int]
    action: Mapped[str]
    from_state: Mapped[str]
    to_state: Mapped[str]
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    note: Mapped[str | None]
    takes_back_id: Mapped[UUID | None] = mapped_column(ForeignKey("case_move.id"), unique=True)
    """The step that this one takes back, once: only a declaration of a relative can be."""


class CaseLink(Base):
    """Two cases that belong together (hồ sơ liên quan).

    Twins; a marriage before the birth; mother and child of whom one has died or both; a birth and the death of
    the same child. The first is the older one, the marriage, or the birth.
    """

    __tablename__ = "case_link"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('twin', 'marriage_before_birth', 'mother_and_child', 'birth_and_death')", name="kind"
        ),
        CheckConstraint("first_id <> second_id", name="two"),
        Index("ix_case_link_second", "second_id"),
    )

    first_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"), primary_key=True)
    second_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"), primary_key=True)
    kind: Mapped[str]
    linked_at: Mapped[datetime]
    linked_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))


class Signing(Base):
    """How one person signed the declaration or the register: by pen, or by thumb after it was read back to her.

    Kept in words ("đã điểm chỉ, đã đọc lại, người chứng"); never a picture of a fingerprint.
    """

    __tablename__ = "signing"
    __table_args__ = (
        UniqueConstraint("case_id", "moment", "role"),
        CheckConstraint("moment IN ('declaration', 'register')", name="moment"),
        CheckConstraint("role IN ('requester', 'groom', 'bride')", name="role"),
        CheckConstraint("way IN ('signature', 'thumb_print')", name="way"),
        CheckConstraint("way = 'signature' OR read_back", name="read_back"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    moment: Mapped[str]
    role: Mapped[str]
    way: Mapped[str]
    read_back: Mapped[bool]
    witness: Mapped[str]
    noted_at: Mapped[datetime]
    noted_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))


class Draft(Base):
    """A family's unfinished answers, sealed, under the digest of a token the family's browser holds."""

    __tablename__ = "draft"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    token_digest: Mapped[str] = mapped_column(unique=True)
    procedure: Mapped[str]
    sealed_answers: Mapped[str]
    started_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class RequestKey(Base):
    """A key the family's form carries: the same key makes one request, another body under it is refused."""

    __tablename__ = "request_key"

    key: Mapped[str] = mapped_column(primary_key=True)
    body_digest: Mapped[str]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    used_at: Mapped[datetime]


class Tiding(Base):
    """Báo tin: somebody without an account tells of a birth, a death or a wedding; no request until an officer takes it.

    `unit_id` is where it lies now (it moves with the open cases when a unit is succeeded by another).
    """

    __tablename__ = "tiding"
    __table_args__ = (
        CheckConstraint(
            "reporter IN ('hamlet_head', 'health_station', 'pagoda', 'neighbour')", name="reporter"
        ),
        CheckConstraint("occasion IN ('birth', 'death', 'marriage')", name="occasion"),
        CheckConstraint("state IN ('new', 'taken', 'dropped')", name="state"),
        CheckConstraint("(state = 'taken') = (case_id IS NOT NULL)", name="taken"),
        Index("ix_tiding_unit", "unit_id", "state"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    code: Mapped[str] = mapped_column(unique=True)
    reporter: Mapped[str]
    reporter_name: Mapped[str]
    sealed_reporter_phone: Mapped[str]
    occasion: Mapped[str]
    family_name: Mapped[str]
    sealed_family_phone: Mapped[str]
    hamlet: Mapped[str]
    sealed_note: Mapped[str]
    event_year: Mapped[int | None]
    event_month: Mapped[int | None]
    event_day: Mapped[int | None]
    told_at: Mapped[datetime]
    call_by: Mapped[date | None]
    request_key: Mapped[str] = mapped_column(unique=True)
    body_digest: Mapped[str]
    state: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("case_file.id"))
    settled_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    settled_at: Mapped[datetime | None]
    dropped_reason: Mapped[str | None]


class Apology(Base):
    """Phiếu xin lỗi và hẹn lại: drafted by the machine, signed by a person, sent; one new date per promise."""

    __tablename__ = "apology"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'signed', 'sent')", name="state"),
        Index("ix_apology_unit", "unit_id", "state"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    deadline_id: Mapped[UUID] = mapped_column(ForeignKey("deadline.id"), unique=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    state: Mapped[str]
    missed_on: Mapped[date]
    reason: Mapped[str]
    new_due_on: Mapped[date | None]
    drafted_at: Mapped[datetime]
    signed_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    signed_at: Mapped[datetime | None]
    sent_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    sent_at: Mapped[datetime | None]
    sent_how: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)


class PaperImage(Base):
    """A photograph of a paper of the case, re-encoded and sealed; each view is logged."""

    __tablename__ = "paper_image"
    __table_args__ = (
        Index("ix_paper_image_case", "case_id", "ordinal"),
        UniqueConstraint("case_id", "upload_key"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"))
    paper_code: Mapped[str]
    ordinal: Mapped[int]
    file_id: Mapped[UUID] = mapped_column(ForeignKey("file.id"))
    width: Mapped[int]
    height: Mapped[int]
    upload_key: Mapped[str]
    added_at: Mapped[datetime]
    added_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id"))
    removed_at: Mapped[datetime | None]
