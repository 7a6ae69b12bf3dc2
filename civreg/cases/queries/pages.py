"""Trang hồ sơ: everything an officer sees of one case; seeing it is written into the read log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.cases.models import Case, CaseMove, CasePaper, CasePart, ExternalCode, Party
from civreg.cases.queries.access import visible_to
from civreg.cases.queries.circumstances import codes_of
from civreg.cases.queries.door import EligibilityRow, SigningRow, eligibility_of, signings_of
from civreg.cases.queries.fields import editable_fields, phone_of
from civreg.cases.queries.frozen_rules import rules_of
from civreg.cases.queries.part_days import family_due_of
from civreg.cases.queries.supplements import SupplementRow, open_to_edit, supplements_of
from civreg.cases.rules import (
    RELATIVE_DECLARED,
    Action,
    PartAction,
    Slip,
    open_actions,
    open_part_actions,
    require_slip,
    slips_of,
)
from civreg.deadlines.rules import CitizenDue
from civreg.procedures.rules import ProcedureVersion
from civreg.shared import audit, clock, crypto
from civreg.shared.errors import Conflict, NotFound


@dataclass(frozen=True)
class PersonRow:
    """A person of a case, opened for whoever may see it."""

    id: UUID
    role: str
    ordinal: int
    full_name: str
    birth_year: int | None
    birth_month: int | None
    birth_day: int | None
    birth_precision: str
    sex: str | None
    ethnic_group: str
    nationality: str
    residence: str
    relation: str
    marriage_ordinal: int | None
    phone: str
    personal_number: str


@dataclass(frozen=True)
class PartRow:
    """A part of a case with its own due day.

    Attributes:
        codes: system → number that the other system gave to this part (portal, result).
        told_received_at: when the family said it has the result; told, not proved.
        family: until when the family should ask for it after the registration, or None.
        actions: what can be done with it; none for the part that registers.
    """

    id: UUID
    code: str
    title: str
    agency: str
    state: str
    due_on: date | None
    done_at: datetime | None
    submitted_at: datetime | None
    submitted_by_account: str | None
    returned_reason: str | None
    told_received_at: datetime | None
    codes: dict[str, str]
    family: CitizenDue | None
    actions: tuple[PartAction, ...]


@dataclass(frozen=True)
class PaperRow:
    """A paper of the procedure and whether it was seen or asked for."""

    code: str
    title: str
    note: str
    seen_at: datetime | None
    asked_at: datetime | None
    asked_reason: str | None
    asked_round: int | None


@dataclass(frozen=True)
class MoveRow:
    """One step of the history; `takes_back_id` names the earlier step that it takes back."""

    id: UUID
    action: str
    from_state: str
    to_state: str
    at: datetime
    actor_id: UUID | None
    note: str | None
    takes_back_id: UUID | None


@dataclass(frozen=True)
class CasePage:
    """A case, whole: facts, people, parts, papers, outside numbers, history and what can be done next.

    Attributes:
        fields: what the edit form shows and merges by (`cases.queries.fields`).
        circumstances: what an officer noted beside the form, by its code in the catalogue.
        codes: system → number that the other system gave (register, register_book).
        eligibility: why the registration is mobile; for whoever works on the case only.
        signings: how each person signed.
        both_present: both parties of a marriage were there; None where it does not matter.
        supplements: the askings for papers, the newest first.
        edits_supplement: the newest of them may still be edited, today and before its slip goes out.
        actions: what the state table allows, in the order of the buttons.
    """

    id: UUID
    code: str
    version: int
    state: str
    unit_id: int
    received_unit_id: int
    officer_id: UUID | None
    rules: ProcedureVersion
    form: str
    channel: str
    reception_place: str | None
    return_place: str
    requested_at: datetime
    call_by: date | None
    called_at: datetime | None
    received_at: datetime | None
    registered_at: datetime | None
    correction_opened_at: datetime | None
    correction_reason: str | None
    delivered_at: datetime | None
    promised_on: date | None
    citizen_due_on: date | None
    late_registration: bool | None
    on_time: bool | None
    result_paper: str | None
    register_remark: str | None
    closing_reason: str | None
    keep_for_call: str | None
    callback_only: bool
    event_precision: str
    abandoned: bool
    death_paper_by_commune: bool
    father_unknown: bool
    circumstances: frozenset[str]
    recognition_evidence: str | None
    recognition_witnesses: str | None
    registration_asked: bool | None
    fields: dict[str, str]
    people: tuple[PersonRow, ...]
    parts: tuple[PartRow, ...]
    papers: tuple[PaperRow, ...]
    codes: dict[str, str]
    eligibility: EligibilityRow | None
    signings: tuple[SigningRow, ...]
    both_present: bool | None
    supplements: tuple[SupplementRow, ...]
    edits_supplement: bool
    history: tuple[MoveRow, ...]
    actions: tuple[Action, ...]

    @property
    def requester(self) -> PersonRow:
        """Return who asks; every case has one."""
        return next(person for person in self.people if person.role == "requester")

    @property
    def declarations(self) -> tuple[MoveRow, ...]:
        """Return who said that the family is their own, a step for each, but those the head took back."""
        taken_back = {move.takes_back_id for move in self.history}
        return tuple(
            move for move in self.history if move.action == RELATIVE_DECLARED and move.id not in taken_back
        )

    @property
    def taken_at(self) -> datetime:
        """Return when the complete papers were taken, in Vietnamese time.

        Raises:
            Conflict: they were not taken yet.
        """
        if self.received_at is None:
            raise Conflict("Hồ sơ này chưa nhận đủ giấy tờ. Ông/bà nhận hồ sơ trước.")
        return self.received_at.astimezone(clock.ZONE)

    @property
    def slips(self) -> tuple[Slip, ...]:
        """Return which papers can be printed now."""
        return slips_of(
            self.state,
            self.rules.slips,
            received_at=self.received_at,
            papers_asked=any(one.sent_at for one in self.supplements),
        )

    def require_slip(self, slip: Slip) -> None:
        """Refuse a paper that cannot be printed now; see `rules.require_slip`."""
        require_slip(slip, self.slips, self.rules.title_vi, self.rules.slips)


def case_page(session: Session, actor: Actor, case_id: UUID) -> CasePage:
    """Return a case with its personal data, and write down who read it.

    Raises:
        NotFound: no such case, or another unit's.
    """
    case = session.scalars(select(Case).where(Case.id == case_id, visible_to(actor))).first()
    if case is None:
        raise NotFound("Không tìm thấy hồ sơ này ở đơn vị của ông/bà.")
    audit.record_read(session, "case_page", actor_id=actor.user_id, subject_type="case", subject_id=case.id)
    parties = session.scalars(
        select(Party).where(Party.case_id == case.id).order_by(Party.role, Party.ordinal)
    ).all()
    rules = rules_of(session, case)
    return CasePage(
        **{name: getattr(case, name) for name in _PLAIN},
        unit_id=case.current_unit_id,
        rules=rules,
        circumstances=codes_of(case),
        fields=editable_fields(session, case, parties),
        people=tuple(_person(party) for party in parties),
        parts=_parts(session, case, rules),
        papers=_papers(session, case, rules),
        codes=_codes(session, case),
        eligibility=eligibility_of(case, rules)
        if actor.may(Permission.CASE_WORK, case.current_unit_id)
        else None,
        signings=signings_of(session, case),
        supplements=supplements_of(session, actor, case.id),
        edits_supplement=open_to_edit(session, case) is not None,
        history=_history(session, case),
        actions=open_actions(rules.flow, case.state),
    )


_PLAIN = (
    "id", "code", "version", "state", "received_unit_id", "officer_id", "form", "channel", "reception_place",
    "return_place", "requested_at", "call_by", "called_at", "received_at", "registered_at", "delivered_at",
    "promised_on", "citizen_due_on", "late_registration", "on_time", "result_paper", "register_remark",
    "closing_reason", "keep_for_call", "callback_only", "event_precision", "abandoned", "death_paper_by_commune",
    "closing_reason", "keep_for_call", "callback_only", "father_unknown", "recognition_evidence", "recognition_witnesses",
    "registration_asked",
    "correction_opened_at",
    "correction_reason",
    "both_present",
)  # fmt: skip


_PLAIN_OF_PART = (
    "id", "code", "agency", "state", "due_on", "done_at", "submitted_at", "submitted_by_account", "returned_reason",
    "told_received_at",
)  # fmt: skip


def _person(party: Party) -> PersonRow:
    return PersonRow(
        id=party.id,
        role=party.role,
        ordinal=party.ordinal,
        full_name=party.full_name,
        birth_year=party.birth_year,
        birth_month=party.birth_month,
        birth_day=party.birth_day,
        birth_precision=party.birth_precision,
        sex=party.sex,
        ethnic_group=crypto.unseal(party.sealed_ethnic_group, "party", party.id, "sealed_ethnic_group"),
        nationality=party.nationality,
        residence=party.residence,
        relation=party.relation,
        marriage_ordinal=party.marriage_ordinal,
        phone=phone_of(party),
        personal_number=crypto.unseal(
            party.sealed_personal_number, "party", party.id, "sealed_personal_number"
        ),
    )


def _parts(session: Session, case: Case, rules: ProcedureVersion) -> tuple[PartRow, ...]:
    titles = {part.code: part.title_vi for part in rules.parts}
    codes: dict[UUID, dict[str, str]] = {}
    for code in session.scalars(select(ExternalCode).where(ExternalCode.case_id == case.id)):
        codes.setdefault(code.subject_id, {})[code.system] = code.code
    rows = session.scalars(select(CasePart).where(CasePart.case_id == case.id).order_by(CasePart.ordinal))
    return tuple(
        PartRow(
            **{name: getattr(row, name) for name in _PLAIN_OF_PART},
            title=titles.get(row.code, row.code),
            codes=codes.get(row.id, {}),
            family=family_due_of(session, case, row, rules),
            actions=()
            if row.code == rules.main_part.code or case.received_at is None
            else open_part_actions(row.state),
        )
        for row in rows
    )


def _papers(session: Session, case: Case, rules: ProcedureVersion) -> tuple[PaperRow, ...]:
    seen = {row.code: row for row in session.scalars(select(CasePaper).where(CasePaper.case_id == case.id))}
    return tuple(
        PaperRow(
            code=paper.code,
            title=paper.title,
            note=paper.advice,
            seen_at=row.seen_at if row else None,
            asked_at=row.asked_at if row else None,
            asked_reason=row.asked_reason if row else None,
            asked_round=row.asked_round if row else None,
        )
        for paper in rules.papers_when(codes_of(case))
        for row in (seen.get(paper.code),)
    )


def _codes(session: Session, case: Case) -> dict[str, str]:
    rows: Sequence[ExternalCode] = session.scalars(
        select(ExternalCode).where(ExternalCode.case_id == case.id, ExternalCode.subject_id == case.id)
    ).all()
    return {row.system: row.code for row in rows}


def _history(session: Session, case: Case) -> tuple[MoveRow, ...]:
    rows = session.scalars(select(CaseMove).where(CaseMove.case_id == case.id).order_by(CaseMove.version))
    return tuple(
        MoveRow(
            row.id,
            row.action,
            row.from_state,
            row.to_state,
            row.at,
            row.actor_id,
            row.note,
            row.takes_back_id,
        )
        for row in rows
    )
