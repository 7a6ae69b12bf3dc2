"""Nhận hồ sơ: the papers are complete, the legal clock starts, the slip is written on the spot."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.cases.models import Case, CasePaper, CasePart, Party
from civreg.cases.queries.circumstances import codes_of
from civreg.cases.rules import (
    ROLE_WORDS,
    Action,
    DoorForm,
    PartState,
    bars_reception,
    clean_door,
    people_required,
)
from civreg.cases.service import people
from civreg.cases.service.conflicts import refuse_own_family
from civreg.cases.service.door import keep_door
from civreg.cases.service.moves import load_case, new_part, note_audit, step, tell, version_of
from civreg.deadlines import service as deadlines
from civreg.deadlines.rules import Due, ProcedureDue
from civreg.procedures.checks import run_checks
from civreg.procedures.queries import InForce, in_force
from civreg.procedures.rules import Answers, Paper, PersonFacts, ProcedureVersion
from civreg.shared import clock
from civreg.shared.database import new_id
from civreg.shared.errors import InvalidInput
from civreg.shared.partial_date import PartialDate

PLACES = ("office", "home", "mobile_site", "online", "post")


def receive_dossier(
    session: Session,
    actor: Actor,
    case_id: UUID,
    *,
    expected_version: int,
    received_at: datetime,
    place: str,
    papers: tuple[str, ...],
    flags: tuple[str, ...] = (),
    door: DoorForm | None = None,
) -> None:
    """Take the complete papers: start the clock, freeze the rules of the day, promise a date with its reason.

    Args:
        session: the open transaction.
        actor: the officer of the unit.
        case_id: the case.
        expected_version: of the page the officer acts from.
        received_at: when the papers were taken, at home or at the counter; not in the future.
        place: one of `PLACES`.
        papers: codes of the papers seen.
        flags: what lengthens the term, as `verification`.
        door: why the registration is mobile, and how the declaration was signed.

    Raises:
        InvalidInput: what is still missing, each with its sentence.
        Conflict: a stale page.
    """
    case = load_case(session, actor, case_id, Permission.CASE_WORK, expected_version)
    refuse_own_family(session, actor, case)
    _check_moment(case, received_at)
    rules = in_force(session, case.procedure, case.current_unit_id, received_at.date())
    version = rules.version
    parties = people.parties_of(session, case.id)
    stated = door or DoorForm()
    _check_complete(case, version, parties, place, papers, received_at, stated)
    flags = (*flags, "recognition") if case.with_recognition else flags
    due = _freeze_rules(session, case, rules, received_at, flags)
    case.received_at, case.reception_place, case.officer_id = received_at, place, actor.user_id
    case.form, case.register_remark = version.form, version.register_remark
    case.keep_for_call = None
    _write_papers(session, case.id, papers, received_at)
    keep_door(session, actor, case, clean_door(stated, version))
    step(session, actor, case, Action.RECEIVE_DOSSIER)
    deadlines.meet_deadline(session, case.id, "call", received_at)
    _promise(session, case, due, received_at)
    tell(session, case, "case.received", received_at.date())
    note_audit(session, actor, case, "case.received", place=place, papers=list(papers), flags=list(flags))


def _check_moment(case: Case, received_at: datetime) -> None:
    now = clock.now()
    if received_at > now:
        raise InvalidInput(
            "Ông/bà ghi thời điểm nhận giấy tờ không muộn hơn bây giờ.",
            {"received_at": "Ghi thời điểm không muộn hơn bây giờ."},
        )
    if received_at.date() < case.requested_at.date():
        raise InvalidInput(
            "Ông/bà ghi thời điểm nhận giấy tờ từ ngày gia đình yêu cầu trở đi.",
            {"received_at": "Ghi từ ngày gia đình yêu cầu trở đi."},
        )


def event_of(case: Case) -> PartialDate:
    """Return the day of birth or death as far as it is known."""
    if case.event_year is None:
        return PartialDate(precision="unknown")
    precision = "about" if case.event_precision == "about" else "known"
    if precision == "about":
        return PartialDate(case.event_year, case.event_month, case.event_day, precision="about")
    return PartialDate(case.event_year, case.event_month, case.event_day)


def answers_now(case: Case, parties: list[Party], on: date) -> Answers:
    """Return what the checks look at, from what is stored."""
    return Answers(
        on=on,
        event=event_of(case),
        people=tuple(PersonFacts(p.role, p.full_name, people.birth_of(p), p.sex) for p in parties),
    )


def _check_complete(
    case: Case,
    version: ProcedureVersion,
    parties: list[Party],
    place: str,
    papers: tuple[str, ...],
    received_at: datetime,
    door: DoorForm,
) -> None:
    problems: dict[str, str] = {}
    roles = {party.role for party in parties if party.full_name}
    circumstances = codes_of(case)
    for role in people_required(version.occasion, circumstances):
        if role not in roles:
            problems[f"{role}.full_name"] = f"{ROLE_WORDS[role]}: ông/bà ghi họ và tên trước khi nhận hồ sơ."
    if place not in PLACES:
        problems["place"] = "Ông/bà chọn nơi nhận hồ sơ."
    problems |= _paper_problems(version.papers_when(circumstances), papers)
    for finding in run_checks(version.checks, answers_now(case, parties, received_at.date())):
        if finding.severity == "refuse" or finding.bars:
            problems[finding.field or "form"] = finding.sentence
    barred = bars_reception(
        lived_under_a_day=case.lived_under_a_day, registration_asked=case.registration_asked
    )
    if barred:
        problems[""] = barred
    try:
        clean_door(door, version)
    except InvalidInput as problem:
        problems.update(problem.fields)
    if problems:
        raise InvalidInput("Chưa nhận được hồ sơ. Ông/bà bổ sung những chỗ được nêu dưới đây.", problems)


def _paper_problems(wanted: tuple[Paper, ...], papers: tuple[str, ...]) -> dict[str, str]:
    problems = {
        f"paper.{paper.code}": f"Chưa có: {paper.title.rstrip('.')}. "
        "Ông/bà đánh dấu khi đã nhận, đã tra cứu được hoặc không cần."
        for paper in wanted
        if paper.code not in papers
    }
    if unknown := set(papers) - {paper.code for paper in wanted}:
        problems["papers"] = (
            f"Ông/bà chọn lại giấy tờ trong danh sách ({', '.join(sorted(unknown))} không có)."
        )
    return problems


def _freeze_rules(
    session: Session, case: Case, rules: InForce, received_at: datetime, flags: tuple[str, ...]
) -> ProcedureDue:
    _add_new_parts(session, case, rules.version)
    case.procedure_version = rules.version.id
    case.override_id, case.correction_ids = rules.decision_id, rules.correction_ids
    event = event_of(case).as_date()
    wanted = select(CasePart.code).where(CasePart.case_id == case.id, CasePart.state != PartState.ABANDONED)
    mine = rules.version.with_parts(set(session.scalars(wanted)))  # a part left out holds up no promise
    due = deadlines.promised_dates(session, mine, received_at, event, flags)
    citizen = due.citizen_deadline
    case.citizen_due_on = citizen.due_on if citizen else None
    case.late_registration = citizen.late if citizen else None
    return due


def _add_new_parts(session: Session, case: Case, version: ProcedureVersion) -> None:
    """Add what the law joined to the procedure after the family asked (the identity card, from 1/9/2026).

    Nobody could ask the family about it then; the officer gives the part up where they do not want it.
    """
    asked_under = {part.code for part in version_of(case).parts}
    ordinal = len(asked_under)
    for part in version.parts:
        if part.code not in asked_under:
            ordinal += 1
            session.add(new_part(case.id, ordinal, part))
    session.flush()


def _promise(session: Session, case: Case, due: ProcedureDue, received_at: datetime) -> None:
    case.promised_on = due.due_on
    parts = {part.code: part for part in session.scalars(select(CasePart).where(CasePart.case_id == case.id))}
    for promise in due.parts:
        part = parts[promise.part]
        part.due_on = promise.due_on
        deadlines.open_deadline(
            session,
            case_id=case.id,
            subject_id=part.id,
            kind="part",
            unit_id=case.current_unit_id,
            starts_at=received_at,
            due=Due(promise.due_on, promise.reasons, promise.due_at),
            procedure=case.procedure,
        )
    if due.of_the_whole:
        deadlines.open_deadline(
            session,
            case_id=case.id,
            subject_id=case.id,
            kind="whole",
            unit_id=case.current_unit_id,
            starts_at=received_at,
            due=Due(due.due_on, due.reasons, due.due_at),
            procedure=case.procedure,
        )


def _write_papers(session: Session, case_id: UUID, papers: tuple[str, ...], seen_at: datetime) -> None:
    asked = {row.code: row for row in session.scalars(select(CasePaper).where(CasePaper.case_id == case_id))}
    for code in papers:
        if code in asked:  # it was missing at intake
            asked[code].seen_at = seen_at
        else:
            session.add(CasePaper(id=new_id(), case_id=case_id, code=code, seen_at=seen_at))
