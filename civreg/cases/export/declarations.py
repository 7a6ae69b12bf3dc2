"""Tờ khai đăng ký khai sinh, khai tử, kết hôn: filled from the case, to be signed at the door.

What the case does not know stays a dotted line; what the family said it does not know ("năm 1961", "khoảng 03 giờ")
is printed as it was said.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.cases.export.appointment import home_of
from civreg.cases.export.office import Office, office_on
from civreg.cases.queries import CasePage, PersonRow, case_page, circumstances_of
from civreg.cases.rules import DECLARATIONS, Declaration, Section, Slip
from civreg.shared import clock
from civreg.shared.paper.declaration import (
    DeclarationSheet,
    FilledEntry,
    FilledSection,
    render_declaration,
)
from civreg.shared.partial_date import PartialDate, Precision
from civreg.shared.text import capitals

LEFT_EMPTY = "(để trống)"
"""For a parent who is not to be written down: the place must not be filled by hand (NĐ 123/2015 art 15)."""
_SEX = {"male": "Nam", "female": "Nữ"}
_PARENTS = ("mother", "father")
_CAUSE = "event.cause"


def declaration(session: Session, actor: Actor, case_id: UUID) -> bytes:
    """Return the PDF of the declaration that belongs to the procedure, as far as the case is known today.

    Args:
        session: the open transaction; the reading is logged.
        actor: an officer of the unit.
        case_id: the case.

    Raises:
        NotFound: another unit's case.
        Conflict: the case is registered or ended, or its procedure has no declaration.
    """
    case = case_page(session, actor, case_id)
    case.require_slip(Slip.DECLARATION)
    office = office_on(session, case, clock.today())
    form = DECLARATIONS[case.rules.declaration or ""]
    facts = facts_of(case, office)
    if _asks(form, _CAUSE) and actor.may(Permission.CASE_WORK, case.unit_id):
        facts[_CAUSE] = circumstances_of(session, actor, case_id).cause  # opened with a line in the read log
    return render_declaration(
        DeclarationSheet(
            title=form.title,
            to=f"Ủy ban nhân dân {office.path}",
            sections=tuple(_filled(section, facts) for section in form.sections),
            pledge=form.pledge,
            place=office.unit.spoken,
            signers=tuple(words for _, words in form.signers),
            case_code=case.code,
        )
    )


def _asks(form: Declaration, fact: str) -> bool:
    return any(entry.fact == fact for section in form.sections for row in section.rows for entry in row)


def _filled(section: Section, facts: Mapping[str, str]) -> FilledSection:
    """Return a section with its facts; in a table each row takes the fact of every column's role."""
    if not section.columns:
        rows = tuple(
            tuple(FilledEntry(entry.label, facts.get(entry.fact, ""), entry.blank_lines) for entry in row)
            for row in section.rows
        )
        return FilledSection(rows, section.opening)
    rows = tuple(
        tuple(
            FilledEntry(entry.label, facts.get(f"{role}.{entry.fact}", ""), entry.blank_lines)
            for _, role in section.columns
        )
        for (entry,) in section.rows
    )
    return FilledSection(rows, section.opening, tuple(words for words, _ in section.columns))


def facts_of(case: CasePage, office: Office) -> dict[str, str]:
    """Return what is known, by the names `rules.declarations` uses; a fact that is not known is not there."""
    facts: dict[str, str] = {}
    for person in reversed(case.people):  # the first person of a role comes last and stays
        facts |= {f"{person.role}.{name}": value for name, value in _facts_of_person(person).items()}
    if not facts.get("requester.residence") and (case.fields["address"] or case.fields["hamlet"]):
        facts["requester.residence"] = home_of(case, office.path)
    if case.father_unknown or case.abandoned:
        hidden = _PARENTS if case.abandoned else ("father",)
        facts |= {
            f"{role}.{name}": LEFT_EMPTY
            for role in hidden
            for name in ("name", "birth_year", "ethnic_group", "nationality", "residence")
        }
    facts |= _facts_of_event(case, office)
    if case.rules.occasion == "birth" and not facts.get("child.birth"):
        facts |= {f"child.{name}": value for name, value in _birth_words(_event_of(case)).items()}
    return {name: value for name, value in facts.items() if value}


def _facts_of_person(person: PersonRow) -> dict[str, str]:
    named = bool(person.full_name)
    precision = _precision(person.birth_year, person.birth_precision)
    birth = PartialDate(person.birth_year, person.birth_month, person.birth_day, precision=precision)
    return {
        **_birth_words(birth),
        "name": capitals(person.full_name),
        "sex": _SEX.get(person.sex or "", ""),
        "ethnic_group": person.ethnic_group,
        "nationality": person.nationality if named else "",
        "residence": person.residence,
        "relation": person.relation,
        "identity": f"Số định danh cá nhân {person.personal_number}" if person.personal_number else "",
        "marriage_ordinal": str(person.marriage_ordinal or ""),
    }


def _birth_words(birth: PartialDate) -> dict[str, str]:
    return {
        "birth": _short_day(birth) or birth.on_paper(),
        "birth_year": _short_day(birth) or birth.on_paper().replace("năm ", ""),
        "birth_in_words": birth.in_words(),
    }


def _short_day(birth: PartialDate) -> str:
    """Return a day that is known for sure in figures, as the forms write a birth."""
    known = birth.as_date()
    return f"{known:%d/%m/%Y}" if known and birth.precision == "known" else ""


def _precision(year: int | None, stored: str) -> Precision:
    if year is None:
        return "unknown"
    return "about" if stored == "about" else "known"


def _event_of(case: CasePage, hour: str = "") -> PartialDate:
    """Return the day of the birth or death as far as it is known."""
    year, month, day = (
        int(case.fields[f"event_{part}"]) if case.fields[f"event_{part}"] else None
        for part in ("year", "month", "day")
    )
    return PartialDate(year, month, day, precision=_precision(year, case.event_precision), hour=hour)


def _facts_of_event(case: CasePage, office: Office) -> dict[str, str]:
    """Return moment, place and paper of the birth or death."""
    facts = {
        "event.moment": _event_of(case, case.fields["event_hour"]).on_paper(),
        "event.place": case.fields["place_of_event"],
        "event.paper": case.fields["birth_paper_number"],
    }
    if case.death_paper_by_commune:
        facts["event.paper_issuer"] = office.name
    return facts
