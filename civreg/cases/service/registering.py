"""Đăng ký: numbers from the Ministry's software, the head's signature, and the result in the family's hands."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.cases.models import Case, CasePart
from civreg.cases.queries.frozen_rules import rules_of
from civreg.cases.rules import (
    NOT_BY_POST,
    ONE_PARTY,
    Action,
    Moment,
    SigningForm,
    clean_line,
    clean_personal_number,
    clean_register_number,
    clean_signings,
    personal_number_warnings,
)
from civreg.cases.service import people
from civreg.cases.service.codes import note_code
from civreg.cases.service.conflicts import refuse_own_family
from civreg.cases.service.door import keep_signings
from civreg.cases.service.links import refuse_before_marriage
from civreg.cases.service.moves import load_case, note_audit, step, tell, version_of
from civreg.cases.service.parts import settle_whole
from civreg.cases.service.promised_days import judged_day
from civreg.deadlines import service as deadlines
from civreg.procedures.rules import ProcedureVersion
from civreg.shared import clock
from civreg.shared.errors import InvalidInput

REGISTER_DAY = "register_day"
"""System of the outside number that is the day shown by the Ministry's software (ISO)."""


def await_personal_number(
    session: Session, actor: Actor, case_id: UUID, *, expected_version: int, register_number: str = ""
) -> None:
    """The entry is typed into the Ministry's software and the personal number has not come yet.

    Raises:
        InvalidInput: when this procedure gives no personal number.
        Conflict: the marriage of the parents, to be registered first, is not registered yet.
    """
    case = load_case(session, actor, case_id, Permission.CASE_WORK, expected_version)
    refuse_before_marriage(session, case)
    refuse_own_family(session, actor, case)
    if not version_of(case).needs_personal_number:
        raise InvalidInput("Thủ tục này không có số định danh. Ông/bà ghi số đăng ký.")
    if register_number.strip():
        note_code(session, actor, case, "register", case.id, clean_register_number(register_number))
    step(session, actor, case, Action.AWAIT_PERSONAL_NUMBER)
    note_audit(session, actor, case, "case.personal_number_awaited")


def enter_numbers(
    session: Session,
    actor: Actor,
    case_id: UUID,
    *,
    expected_version: int,
    register_number: str,
    register_book: str = "",
    personal_number: str = "",
    personal_number_as_given: bool = False,
    registered_on: date | None = None,
) -> tuple[str, ...]:
    """Type or paste the numbers that the Ministry's software gave; return warnings, never blocking.

    Args:
        session: the open transaction.
        actor: who works on the case.
        case_id: the case.
        expected_version: at which the page was opened.
        register_number: số đăng ký.
        register_book: quyển số, may be empty.
        personal_number: số định danh cá nhân, for procedures that wait for one.
        personal_number_as_given: confirmed although it has not twelve digits.
        registered_on: the day the software shows; offered again when the signature is noted.

    Raises:
        InvalidInput: a number that cannot be one; each field with its sentence.
        Conflict: the marriage of the parents, to be registered first, is not registered yet.
    """
    case = load_case(session, actor, case_id, Permission.CASE_WORK, expected_version)
    refuse_before_marriage(session, case)
    refuse_own_family(session, actor, case)
    version = version_of(case)
    problems: dict[str, str] = {}
    number = personal = ""
    try:
        number = clean_register_number(register_number)
    except InvalidInput as problem:
        problems.update(problem.fields)
    if version.needs_personal_number:
        try:
            personal = clean_personal_number(personal_number, as_given=personal_number_as_given)
        except InvalidInput as problem:
            problems.update(problem.fields)
    if problems:
        raise InvalidInput("Ông/bà sửa lại những chỗ được nêu dưới đây.", problems)
    note_code(session, actor, case, "register", case.id, number)
    if register_book.strip():
        book = clean_line(register_book, "register_book", "Quyển số", 40)
        note_code(session, actor, case, "register_book", case.id, book)
    warnings = _keep_personal_number(session, case, personal) if personal else ()
    if registered_on is not None:
        note_code(session, actor, case, REGISTER_DAY, case.id, registered_on.isoformat())
        if case.received_at and registered_on < case.received_at.astimezone(clock.ZONE).date():
            warnings = (*warnings, "Ngày đăng ký trên phần mềm sớm hơn ngày nhận hồ sơ.")
    step(session, actor, case, Action.ENTER_NUMBERS)
    note_audit(session, actor, case, "case.numbers_entered", warnings=len(warnings))
    return warnings


def _keep_personal_number(session: Session, case: Case, number: str) -> tuple[str, ...]:
    party = people.main_party(people.parties_of(session, case.id), version_of(case).occasion)
    if party is None:
        raise InvalidInput("Ông/bà ghi họ tên trẻ trước khi ghi số định danh.")
    people.set_personal_number(party, number)
    return personal_number_warnings(number, party.sex, case.event_year or party.birth_year)


def sign(
    session: Session, actor: Actor, case_id: UUID, *, expected_version: int, signed_at: datetime
) -> None:
    """The head signed the result: the registration is final, and earns its letter.

    On time means signed by the promised day; when the paper reaches the family is kept apart.

    Raises:
        InvalidInput: a moment in the future or before the papers were taken.
    """
    case = load_case(session, actor, case_id, Permission.CASE_WORK, expected_version)
    refuse_before_marriage(session, case)
    refuse_own_family(session, actor, case)
    if signed_at > clock.now() or (case.received_at and signed_at < case.received_at):
        raise InvalidInput(
            "Ông/bà ghi thời điểm ký sau khi nhận hồ sơ và không muộn hơn bây giờ.",
            {"signed_at": "Ghi thời điểm sau khi nhận hồ sơ, không muộn hơn bây giờ."},
        )
    case.registered_at = signed_at
    main = _main_part(session, case)
    promised = judged_day(session, main)
    # a term in hours ends within its day
    in_time = deadlines.meet_deadline(session, main.id, "part", signed_at)
    day = signed_at.astimezone(clock.ZONE).date()
    case.on_time = day <= promised and in_time is not False if promised else None
    case.result_paper = rules_of(session, case).main_part.result_paper
    step(session, actor, case, Action.SIGN)
    main.state, main.done_at = "done", signed_at
    settle_whole(session, case, signed_at)
    tell(session, case, "case.registered", signed_at.date())
    note_audit(session, actor, case, "case.registered", on_time=case.on_time)


def _main_part(session: Session, case: Case) -> CasePart:
    """Return the part that registers the event; the others go on at their agencies."""
    code = version_of(case).main_part.code
    return session.scalars(select(CasePart).where(CasePart.case_id == case.id, CasePart.code == code)).one()


def deliver(
    session: Session,
    actor: Actor,
    case_id: UUID,
    *,
    expected_version: int,
    delivered_on: date,
    place: str,
    signings: tuple[SigningForm, ...] = (),
    both_present: bool = False,
) -> None:
    """The result is in the family's hands (đã trả kết quả).

    In a mobile registration the register came along: everybody who signs it has checked the entry and signed (DVCQG
    1.003583, 1.000419, 1.000593). A marriage is registered only while both parties are there (Luật Hộ tịch 2014 art 18).

    Raises:
        InvalidInput: a day before the signature or in the future; the register unsigned; one party absent.
    """
    case = load_case(session, actor, case_id, Permission.CASE_WORK, expected_version)
    now = clock.now()
    signed_on = case.registered_at.date() if case.registered_at else delivered_on
    if not signed_on <= delivered_on <= now.date():
        raise InvalidInput(
            "Ông/bà ghi ngày trả từ ngày ký đến hôm nay.", {"delivered_on": "Ghi từ ngày ký đến hôm nay."}
        )
    if place not in ("office", "home", "mobile_site", "post"):
        raise InvalidInput("Ông/bà chọn nơi trả kết quả.", {"place": "Chọn nơi trả kết quả."})
    rules = rules_of(session, case)
    signed = _check_at_hand_over(rules, place, signings, both_present)
    keep_signings(session, actor, case, Moment.REGISTER, signed)
    case.both_present = True if rules.both_present else None
    case.return_place = place
    case.delivered_at = (
        now
        if delivered_on == now.date()
        else datetime.combine(delivered_on, now.timetz().replace(hour=17, minute=0, second=0, microsecond=0))
    )
    step(session, actor, case, Action.DELIVER)
    if rules.flow == "assistance":
        main = _main_part(session, case)
        main.state, main.done_at = "done", case.delivered_at
        deadlines.meet_deadline(session, main.id, "part", case.delivered_at)
    tell(session, case, "case.delivered", delivered_on)
    note_audit(session, actor, case, "case.delivered", place=place)


def _check_at_hand_over(
    version: ProcedureVersion, place: str, signings: tuple[SigningForm, ...], both_present: bool
) -> tuple[SigningForm, ...]:
    problems: dict[str, str] = {}
    if version.both_present and not both_present:
        problems["both_present"] = ONE_PARTY
    signed: tuple[SigningForm, ...] = ()
    if version.signs_register:
        if place == "post":
            problems["place"] = NOT_BY_POST
        try:
            signed = clean_signings(signings, version.signers, moment=Moment.REGISTER, required=True)
        except InvalidInput as problem:
            problems.update(problem.fields)
    if problems:
        raise InvalidInput("Ông/bà sửa lại những chỗ được nêu dưới đây.", problems)
    return signed
