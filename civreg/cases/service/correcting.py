"""Sửa sai sót sau đăng ký: while a correction is open no letter goes out; closing it writes what the register says now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.cases.models import Case
from civreg.cases.rules import (
    CORRECTION_CLOSED,
    CORRECTION_OPENED,
    FINAL,
    NOTE_LIMIT,
    PEOPLE_ASKED,
    ROLE_WORDS,
    State,
    clean_line,
    clean_name,
    clean_personal_number,
    clean_register_number,
    personal_number_warnings,
)
from civreg.cases.service import people
from civreg.cases.service.codes import note_code
from civreg.cases.service.moves import load_case, note_audit, note_step, tell, version_of
from civreg.shared import clock
from civreg.shared.errors import Conflict, InvalidInput

NOT_FINAL = "Hồ sơ chưa có đăng ký để sửa. Ông/bà sửa thẳng trong hồ sơ."
OPEN_ALREADY = "Hồ sơ này đang được sửa sai sót rồi. Ông/bà ghi kết quả của lần sửa ấy trước."
NONE_OPEN = "Hồ sơ này không có việc sửa sai sót nào đang mở. Ông/bà mở lại hồ sơ."


@dataclass(frozen=True)
class CorrectionForm:
    """What the register says after the correction.

    Attributes:
        names: role → full name of the people the registration is about (their first of each role).
        personal_number: empty leaves the one that is there.
        personal_number_as_given: the officer has checked a number that has not twelve digits.
    """

    register_number: str
    register_book: str = ""
    personal_number: str = ""
    personal_number_as_given: bool = False
    names: Mapping[str, str] = field(default_factory=dict)


def open_correction(
    session: Session, actor: Actor, case_id: UUID, *, expected_version: int, reason: str
) -> None:
    """Note that a registration is being corrected (đang sửa sai sót, cải chính); its letter waits from now on.

    Raises:
        InvalidInput: no reason.
        Conflict: nothing is registered, a correction is open already, or a stale page.
    """
    case = _load_final(session, actor, case_id, expected_version)
    if case.correction_opened_at is not None:
        raise Conflict(OPEN_ALREADY)
    words = clean_line(reason, "reason", "Điều cần sửa", NOTE_LIMIT)
    if not words:
        raise InvalidInput("Ông/bà ghi điều cần sửa.", {"reason": "Ông/bà ghi điều cần sửa."})
    case.correction_opened_at, case.correction_reason = clock.now(), words
    note_step(session, actor, case, CORRECTION_OPENED, words)
    tell(session, case, "case.correction_opened", clock.today())
    note_audit(session, actor, case, "case.correction_opened")


def close_correction(
    session: Session, actor: Actor, case_id: UUID, *, expected_version: int, form: CorrectionForm
) -> tuple[str, ...]:
    """Write what the register says after the correction; return warnings about the personal number.

    Nothing of the figures changes: the event stays registered on its day.

    Raises:
        InvalidInput: values that cannot be; each with its sentence.
        Conflict: no correction is open, or a stale page.
    """
    case = _load_final(session, actor, case_id, expected_version)
    if case.correction_opened_at is None:
        raise Conflict(NONE_OPEN)
    form = _clean(form)
    changed = _apply(session, actor, case, form)
    warnings: tuple[str, ...] = ()
    party = people.main_party(people.parties_of(session, case.id), version_of(case).occasion)
    if "personal_number" in changed and party is not None:
        warnings = personal_number_warnings(
            form.personal_number, party.sex, case.event_year or party.birth_year
        )
    note_step(session, actor, case, CORRECTION_CLOSED, case.correction_reason)
    case.correction_opened_at = case.correction_reason = None
    tell(session, case, "case.correction_closed", clock.today())
    note_audit(session, actor, case, "case.correction_closed", fields=sorted(changed))
    return warnings


def _load_final(session: Session, actor: Actor, case_id: UUID, expected_version: int) -> Case:
    case = load_case(session, actor, case_id, Permission.CASE_WORK, expected_version)
    if State(case.state) not in FINAL or case.registered_at is None:
        raise Conflict(NOT_FINAL)
    return case


def _clean(form: CorrectionForm) -> CorrectionForm:
    """Return the form with every value cleaned.

    Raises:
        InvalidInput: one sentence per field, all of them at once.
    """
    problems: dict[str, str] = {}

    def cleaned(clean: Callable[[], str]) -> str:
        try:
            return clean()
        except InvalidInput as problem:
            problems.update(problem.fields)
            return ""

    number = cleaned(lambda: clean_register_number(form.register_number))
    book = cleaned(lambda: clean_line(form.register_book, "register_book", "Quyển số", 40))
    personal = ""
    if form.personal_number.strip():
        as_given = form.personal_number_as_given
        personal = cleaned(lambda: clean_personal_number(form.personal_number, as_given=as_given))
    names = {
        role: cleaned(lambda role=role, typed=typed: clean_name(typed, f"{role}.full_name", ROLE_WORDS[role]))  # type: ignore[misc]
        for role, typed in form.names.items()
    }
    if problems:
        raise InvalidInput("Ông/bà sửa lại những chỗ được nêu dưới đây.", problems)
    return CorrectionForm(number, book, personal, names=names)


def _apply(session: Session, actor: Actor, case: Case, form: CorrectionForm) -> set[str]:
    """Write the cleaned form and return which fields changed."""
    changed = {"register_number"}
    note_code(session, actor, case, "register", case.id, form.register_number)
    if form.register_book:
        note_code(session, actor, case, "register_book", case.id, form.register_book)
        changed.add("register_book")
    parties, occasion = people.parties_of(session, case.id), version_of(case).occasion
    main = people.main_party(parties, occasion)
    if form.personal_number and main is not None:
        people.set_personal_number(main, form.personal_number)
        changed.add("personal_number")
    for party in parties:
        asked = party.role in PEOPLE_ASKED[occasion] and party.ordinal == 1
        name = form.names.get(party.role) if asked else None
        if name and name != party.full_name:
            people.set_name(party, name)
            changed.add(f"{party.role}.full_name")
    return changed
