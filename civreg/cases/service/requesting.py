"""Gửi yêu cầu: one request from one form, however often it is sent."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civreg.accounts.rules import FAMILY, Actor, Permission
from civreg.cases.models import Case, CaseMove, Consent, RequestKey
from civreg.cases.queries.receipts import Receipt, receipt_of
from civreg.cases.rules import (
    PersonForm,
    RequestForm,
    State,
    case_code,
    clean_request,
    new_pin,
    new_tracking_code,
    plain_tracking_code,
)
from civreg.cases.service import people
from civreg.cases.service.moves import new_part, note_audit, tell
from civreg.deadlines import service as deadlines
from civreg.deadlines.rules import citizen_due, working_days_due
from civreg.procedures.checks import run_checks
from civreg.procedures.queries import in_force
from civreg.procedures.rules import Answers, Finding, PersonFacts, ProcedureVersion
from civreg.shared import clock, counters, crypto, throttle
from civreg.shared.database import new_id
from civreg.shared.errors import InvalidInput, Refusal, TooMany
from civreg.shared.partial_date import PartialDate
from civreg.units import queries as units
from civreg.units.queries import ParticipationRow, UnitRow

WORDS_VERSION = "2026-11"
"""Version of the words that ask for consent to a letter."""

SAME_KEY_OTHER_BODY = (
    "Yêu cầu này đã được gửi trước đó với nội dung khác. Ông/bà tra cứu yêu cầu đã gửi, "
    "hoặc bắt đầu một yêu cầu mới."
)
MOST_OF_PHONE, PHONE_WITHIN = 10, timedelta(days=1)
"""Requests that a family's pages take for one phone: a neighbour's may speak for a whole hamlet."""
MOST_OF_ADDRESS, ADDRESS_WITHIN = 120, timedelta(hours=1)
"""The same for one client address, which a mobile network shares among many families."""


def _often_from_phone(hotline: str) -> str:
    return (
        f"Số điện thoại này đã gửi {MOST_OF_PHONE} yêu cầu trong một ngày. Những gì ông/bà vừa ghi vẫn còn ở trang này. "
        f"Xin gọi xã, số {hotline}, để cán bộ ghi giúp."
    )


def _often_from_address(hotline: str) -> str:
    return (
        "Từ mạng này vừa có quá nhiều yêu cầu. Những gì ông/bà vừa ghi vẫn còn ở trang này; xin chờ một giờ rồi gửi lại. "
        f"Cần gấp thì gọi xã, số {hotline}."
    )


def submit_request(
    session: Session,
    form: RequestForm,
    *,
    request_key: str,
    body_digest: str,
    actor: Actor = FAMILY,
    promised_since: datetime | None = None,
    address: str = "",
) -> Receipt:
    """Write down a family's request; the same key again answers with the same receipt.

    Args:
        session: the open transaction.
        form: what was stated.
        request_key: made with the form, carried by every sending of it.
        body_digest: a digest of what was stated.
        actor: the officer who types it on the phone, or the family itself.
        promised_since: since when the call is promised, where that was before the request (báo tin).
        address: of the client, for the limits of the families' pages; empty where nobody sends from outside.

    Raises:
        InvalidInput: answers that cannot be used, each with its sentence.
        Refusal: the same key with another body (422), or a commune that does not take part.
        TooMany: too many requests for this phone or from this address; sending one again is never counted.
    """
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(request_key, 0))))
    used = session.get(RequestKey, request_key)
    if used is not None:
        if used.body_digest != body_digest:
            raise Refusal(SAME_KEY_OTHER_BODY)
        return receipt_of(session, used.case_id)
    if actor.user_id is not None:
        actor.require(Permission.CASE_ASK, form.unit_id)
    clean = clean_request(form)
    if address:
        _hold_limits(session, clean, address)
    case = _write_request(session, clean, actor, promised_since)
    session.add(
        RequestKey(key=request_key, body_digest=body_digest, case_id=case.id, used_at=case.requested_at)
    )
    tell(session, case, "case.requested", case.requested_at.date())
    note_audit(session, actor, case, "case.requested", channel=case.channel, callback_only=case.callback_only)
    return receipt_of(session, case.id)


def _hold_limits(session: Session, form: RequestForm, address: str) -> None:
    """Count this request for its phone and its address, in the transaction that makes it.

    Raises:
        TooMany: with the number to call instead.
    """
    _, office = asked_unit(session, form.unit_id, clock.today())
    limits = [("request.address", address, MOST_OF_ADDRESS, ADDRESS_WITHIN, _often_from_address)]
    if form.phone:
        limits.append(("request.phone", form.phone, MOST_OF_PHONE, PHONE_WITHIN, _often_from_phone))
    for kind, key, most, within, sentence in limits:
        if throttle.count_failures(session, kind, key, within) >= most:
            raise TooMany(sentence(office.hotline))
        throttle.note_failure(session, kind, key)


def _write_request(
    session: Session, form: RequestForm, actor: Actor, promised_since: datetime | None
) -> Case:
    now = clock.now()
    since = promised_since or now
    unit, office = asked_unit(session, form.unit_id, now.date())
    rules = in_force(session, form.procedure, unit.id, now.date())
    version = rules.version
    calendar = deadlines.calendar(session)
    keep = _check(form, version, now.date())
    event_on = form.event.as_date() if form.event else None
    last_day = citizen_due(version.citizen_deadline, event_on, now.date(), calendar)
    call = working_days_due(since, office.call_within_working_days, calendar)
    case = _new_case(form, version, unit, now)
    case.override_id, case.correction_ids = rules.decision_id, rules.correction_ids
    case.keep_for_call = " ".join(finding.sentence for finding in keep) or None
    case.citizen_due_on = last_day.due_on if last_day else None
    case.citizen_counted_by = deadlines.newest_change(session)
    case.call_by = call.due_on
    number = counters.take_number(session, unit.id, "case", now.year)
    case.number, case.code = number, case_code(unit.code, now.year, number)
    session.add(case)
    session.flush()
    _write_rows(session, case, form, version, actor)
    deadlines.open_deadline(
        session,
        case_id=case.id,
        subject_id=case.id,
        kind="call",
        unit_id=unit.id,
        starts_at=since,
        due=call,
        procedure=case.procedure,
    )
    return case


def asked_unit(session: Session, unit_id: int, day: date) -> tuple[UnitRow, ParticipationRow]:
    """Return the commune that is asked, with its terms on the day.

    Raises:
        InvalidInput: it is no more, or does not take part.
    """
    unit = units.units_by_ids(session, [unit_id]).get(unit_id)
    office = units.participation_of(session, unit_id, day) if unit else None
    if unit is None or (unit.valid_to is not None and unit.valid_to <= day):
        raise InvalidInput(
            "Ông/bà chọn lại xã, phường: đơn vị này không còn.", {"unit": "Chọn lại xã, phường đang có."}
        )
    if office is None:
        raise InvalidInput(
            f"{unit.name} chưa nhận đăng ký tại nhà qua hệ thống này. Ông/bà liên hệ trụ sở Ủy ban nhân dân "
            f"{unit.name}, hoặc chọn xã, phường khác.",
            {"unit": "Chọn xã, phường đã nhận đăng ký tại nhà."},
        )
    return unit, office


def answers_of(form: RequestForm, on: date) -> Answers:
    """Return what the checks of a procedure look at."""
    return Answers(
        on=on,
        event=form.event or PartialDate(precision="unknown"),
        people=tuple(
            PersonFacts(person.role, person.full_name, person.birth, person.sex) for person in form.people
        ),
    )


def _check(form: RequestForm, version: ProcedureVersion, day: date) -> list[Finding]:
    if form.callback_only:
        return []
    findings = run_checks(version.checks, answers_of(form, day))
    refused = {f.field or "form": f.sentence for f in findings if f.severity == "refuse"}
    if problem := version.choice_problem(form.left_out_parts):
        refused["parts"] = problem
    if refused:
        raise InvalidInput("Ông/bà sửa lại những chỗ được nêu dưới đây.", refused)
    return [finding for finding in findings if finding.severity == "keep_for_call"]


def _new_case(form: RequestForm, version: ProcedureVersion, unit: UnitRow, now: datetime) -> Case:
    case_id, tracking, event = new_id(), new_tracking_code(), form.event or PartialDate(precision="unknown")
    plain = plain_tracking_code(tracking)
    return Case(
        id=case_id,
        received_unit_id=unit.id,
        current_unit_id=unit.id,
        year=now.year,
        tracking_digest=crypto.blind(plain, "tracking"),
        sealed_tracking=crypto.seal(tracking, "case_file", case_id, "sealed_tracking"),
        sealed_pin=crypto.seal(new_pin(), "case_file", case_id, "sealed_pin"),
        procedure=form.procedure,
        procedure_version=version.id,
        state=State.REQUESTED.value,
        version=1,
        form=version.form,
        channel=form.channel,
        return_place="home",
        callback_only=form.callback_only,
        address=form.address,
        hamlet=form.hamlet,
        note=form.note,
        interpreter_wanted=form.interpreter_wanted,
        requested_at=now,
        event_year=event.year,
        event_month=event.month,
        event_day=event.day,
        event_precision=event.precision,
        event_hour=form.event_hour or None,
        father_unknown=form.father_unknown,
        death_paper_by_commune=form.death_paper_by_commune,
        place_of_event=form.place_of_event,
        birth_paper_number=form.birth_paper_number,
    )


def _write_rows(
    session: Session, case: Case, form: RequestForm, version: ProcedureVersion, actor: Actor
) -> None:
    requester = PersonForm("requester", form.requester_name, relation=form.requester_relation)
    people.add_party(session, case.id, requester, phone=form.phone)
    for person in form.people:
        people.add_party(session, case.id, person)
    chosen = (part for part in version.parts if part.code not in form.left_out_parts)
    for ordinal, part in enumerate(chosen, start=1):
        session.add(new_part(case.id, ordinal, part))
    if form.letter_consent is not None:
        write_consent(session, case.id, form.letter_consent, actor.user_id)
    session.add(
        CaseMove(
            id=new_id(),
            case_id=case.id,
            version=case.version,
            action="request",
            from_state="",
            to_state=case.state,
            at=case.requested_at,
            actor_id=actor.user_id,
        )
    )


def write_consent(session: Session, case_id: UUID, answer: str, noted_by: UUID | None) -> None:
    """Write an answer to "may we bring a letter" down; the newest row counts."""
    session.add(
        Consent(
            id=new_id(),
            case_id=case_id,
            purpose="letter",
            words_version=WORDS_VERSION,
            answer=answer,
            given_at=clock.now(),
            noted_by=noted_by,
        )
    )
