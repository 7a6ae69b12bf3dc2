"""Sửa hồ sơ: complete a request while talking; two people's changes are merged field by field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.cases.models import Case, Party
from civreg.cases.queries.fields import FIELD_WORDS, editable_fields
from civreg.cases.queries.frozen_rules import rules_of
from civreg.cases.rules import (
    ENDED,
    LINE_LIMIT,
    NOTE_LIMIT,
    PEOPLE_ASKED,
    ROLE_WORDS,
    Action,
    PersonForm,
    State,
    clean_line,
    clean_name,
    clean_phone,
    merge_fields,
)
from civreg.cases.service import people
from civreg.cases.service.moves import is_before_dossier, load_case, note_audit, step, tell, version_of
from civreg.cases.service.requesting import write_consent
from civreg.deadlines import service as deadlines
from civreg.deadlines.rules import citizen_due, working_days_due
from civreg.shared import clock
from civreg.shared.errors import Conflict, InvalidInput
from civreg.shared.partial_date import parse_day_month_year
from civreg.units import queries as units

SAME_FIELD = "Người khác vừa sửa cùng một ô thành giá trị khác. Ông/bà xem hai giá trị dưới đây, giữ giá trị đúng rồi bấm Lưu."


@dataclass(frozen=True)
class Changed:
    """What came of a change.

    Attributes:
        version: the case's version now.
        others_changed: Vietnamese names of the fields somebody else changed meanwhile.
    """

    version: int
    others_changed: tuple[str, ...]


def change_case(
    session: Session,
    actor: Actor,
    case_id: UUID,
    *,
    expected_version: int,
    before: Mapping[str, str],
    sent: Mapping[str, str],
) -> Changed:
    """Write the fields a person changed, keeping what somebody else changed meanwhile.

    Args:
        session: the open transaction.
        actor: the officer.
        case_id: the case.
        expected_version: of the page the form was opened with.
        before: the values the form was opened with.
        sent: the values it sends.

    Raises:
        Conflict: the same field was changed to another value; `theirs` and `yours` hold both.
        InvalidInput: values that cannot be used.
    """
    case = load_case(session, actor, case_id, Permission.CASE_ASK)
    if not is_before_dossier(case):  # from the reception on the answers are those of a dossier
        actor.require(Permission.CASE_WORK, case.current_unit_id)
    if State(case.state) in ENDED:
        raise Conflict("Hồ sơ đã kết thúc nên không sửa được nữa.")
    parties = people.parties_of(session, case.id)
    stored = editable_fields(session, case, parties)
    known = {name: value for name, value in sent.items() if name in stored or _is_new_person(name, case)}
    opened = stored if case.version == expected_version else before
    merge = merge_fields(opened, stored, known)
    if merge.clashing:
        raise Conflict(
            SAME_FIELD,
            theirs={name: stored.get(name, "") for name in merge.clashing},
            yours={name: known[name] for name in merge.clashing},
        )
    if merge.accepted:
        _apply(session, case, parties, {**stored, **merge.accepted}, set(merge.accepted), actor)
        case.version += 1
        note_audit(session, actor, case, "case.changed", fields=sorted(merge.accepted))
    words = tuple(FIELD_WORDS.get(name.rpartition(".")[2], name) for name in merge.others_changed)
    return Changed(case.version, words)


def _is_new_person(name: str, case: Case) -> bool:
    role = name.partition(".")[0]
    return role in PEOPLE_ASKED[version_of(case).occasion] and name.partition(".")[2] in FIELD_WORDS


def _apply(
    session: Session,
    case: Case,
    parties: list[Party],
    values: Mapping[str, str],
    accepted: set[str],
    actor: Actor,
) -> None:
    problems: dict[str, str] = {}

    def attempt(change: Callable[[], None]) -> None:
        try:
            change()
        except InvalidInput as problem:
            problems.update(problem.fields)

    by_role = {party.role: party for party in parties}
    for role in sorted({name.partition(".")[0] for name in accepted if "." in name}):
        attempt(lambda role=role: _apply_person(session, case, by_role.get(role), role, values, accepted))  # type: ignore[misc]
    attempt(lambda: _apply_texts(case, values, accepted))
    attempt(lambda: _apply_event(session, case, values, accepted))
    if problems:
        raise InvalidInput("Chưa lưu. Ông/bà sửa lại những chỗ được nêu dưới đây.", problems)
    if "letter_consent" in accepted and values["letter_consent"] in ("yes", "no", "later"):
        write_consent(session, case.id, values["letter_consent"], actor.user_id)
    if any("." in name and not name.startswith("requester.") for name in accepted):
        case.callback_only = False


_TEXTS: Mapping[str, tuple[str, int]] = {
    "hamlet": ("Ấp, khóm", LINE_LIMIT),
    "address": ("Địa chỉ", LINE_LIMIT),
    "note": ("Ghi chú", NOTE_LIMIT),
    "place_of_event": ("Nơi sinh hoặc nơi mất", LINE_LIMIT),
    "birth_paper_number": ("Số giấy chứng sinh hoặc báo tử", 60),
}


def _apply_texts(case: Case, values: Mapping[str, str], accepted: set[str]) -> None:
    for name, (what, limit) in _TEXTS.items():
        if name in accepted:
            setattr(case, name, clean_line(values[name], name, what, limit))
    if "event_hour" in accepted:
        case.event_hour = clean_line(values["event_hour"], "event_hour", "Giờ", 60) or None
    if "interpreter_wanted" in accepted:
        case.interpreter_wanted = values["interpreter_wanted"] == "1"
    if "father_unknown" in accepted:
        case.father_unknown = values["father_unknown"] == "1"


def _apply_event(session: Session, case: Case, values: Mapping[str, str], accepted: set[str]) -> None:
    """Set the day of the event; of a birth it is the child's day of birth, typed once."""
    of_birth = version_of(case).occasion == "birth"
    prefix = "child.birth" if of_birth else "event"
    if not accepted & {f"{prefix}_{part}" for part in ("day", "month", "year")}:
        return
    try:
        event = parse_day_month_year(
            *(values.get(f"{prefix}_{part}", "") for part in ("day", "month", "year")),
            allow_partial=True,
            not_after=clock.today(),
        )
    except InvalidInput as problem:
        raise InvalidInput(problem.sentence, {f"{prefix}_day": problem.sentence}) from problem
    case.event_year, case.event_month, case.event_day = event.year, event.month, event.day
    case.event_precision = event.precision
    rule, calendar = rules_of(session, case).citizen_deadline, deadlines.calendar(session)
    citizen = citizen_due(rule, event.as_date(), clock.today(), calendar)
    case.citizen_due_on = citizen.due_on if citizen else None
    case.citizen_counted_by = deadlines.newest_change(session)


def _apply_person(
    session: Session,
    case: Case,
    party: Party | None,
    role: str,
    values: Mapping[str, str],
    accepted: set[str],
) -> None:
    name = values.get(f"{role}.full_name", "")
    full_name = clean_name(name, f"{role}.full_name", ROLE_WORDS[role])
    if party is None:
        party = people.add_party(session, case.id, PersonForm(role, full_name))
    people.set_name(party, full_name)
    if any(f"{role}.birth_{part}" in accepted for part in ("day", "month", "year")):
        _apply_birth(party, role, values)
    if f"{role}.sex" in accepted:
        party.sex = values[f"{role}.sex"] or None
    if f"{role}.ethnic_group" in accepted:
        people.set_ethnic_group(
            party, clean_line(values[f"{role}.ethnic_group"], f"{role}.ethnic_group", "Dân tộc", 40)
        )
    if f"{role}.residence" in accepted:
        party.residence = clean_line(values[f"{role}.residence"], f"{role}.residence", "Nơi cư trú")
    if f"{role}.relation" in accepted:
        party.relation = clean_line(values[f"{role}.relation"], f"{role}.relation", "Quan hệ", 60)
    if f"{role}.marriage_ordinal" in accepted:
        typed = values[f"{role}.marriage_ordinal"].strip()
        if typed and not (typed.isascii() and typed.isdigit() and 1 <= int(typed) <= 9):
            sentence = "Kết hôn lần thứ mấy: ông/bà ghi một số từ 1 đến 9."
            raise InvalidInput(sentence, {f"{role}.marriage_ordinal": sentence})
        party.marriage_ordinal = int(typed) if typed else None
    if f"{role}.phone" in accepted:
        people.set_phone(party, clean_phone(values[f"{role}.phone"], f"{role}.phone"))


def _apply_birth(party: Party, role: str, values: Mapping[str, str]) -> None:
    day, month, year = (values.get(f"{role}.birth_{part}", "") for part in ("day", "month", "year"))
    try:
        birth = parse_day_month_year(day, month, year, allow_partial=True, not_after=clock.today())
    except InvalidInput as problem:
        raise InvalidInput(problem.sentence, {f"{role}.birth_day": problem.sentence}) from problem
    people.set_birth(party, birth)


def note_call(session: Session, actor: Actor, case_id: UUID, *, expected_version: int) -> None:
    """The office called the family as it promised."""
    case = load_case(session, actor, case_id, Permission.CASE_ASK, expected_version)
    if not is_before_dossier(case):
        actor.require(Permission.CASE_WORK, case.current_unit_id)
    now = clock.now()
    case.called_at = now
    case.officer_id = case.officer_id or actor.user_id
    case.version += 1
    deadlines.meet_deadline(session, case.id, "call", now)
    tell(session, case, "case.called", now.date())
    note_audit(session, actor, case, "case.called")


def _promise_another_call(session: Session, case: Case) -> None:
    """Put the family back on the list of calls, with a new promise of the office."""
    now = clock.now()
    office = units.participation_of(session, case.current_unit_id, now.date())
    days = office.call_within_working_days if office else 1
    due = working_days_due(now, days, deadlines.calendar(session))
    case.called_at, case.call_by = None, due.due_on
    deadlines.promise_another_call(
        session,
        case_id=case.id,
        unit_id=case.current_unit_id,
        starts_at=now,
        due=due,
        procedure=case.procedure,
    )


def move_for_visit(
    session: Session, actor: Actor, case_id: UUID, action: Action, *, expected_version: int | None = None
) -> None:
    """Move a case because a visit was booked or lost; visits call it inside their transaction.

    A booking answers the promised call; a lost visit puts the family back on the list of calls.
    """
    case = load_case(session, actor, case_id, Permission.CASE_WORK, expected_version)
    if action is Action.BOOK_VISIT:
        now = clock.now()
        case.called_at = case.called_at or now
        deadlines.meet_deadline(session, case.id, "call", now)
    elif action is Action.LOSE_VISIT:
        _promise_another_call(session, case)
    step(session, actor, case, action)
    note_audit(session, actor, case, f"case.{action.value}")
