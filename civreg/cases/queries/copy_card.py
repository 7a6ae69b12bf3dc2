"""Thẻ chép của hồ sơ: everything that is typed a second time into the Ministry's software; reading it is logged."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.cases.models import Case, ExternalCode, Party
from civreg.cases.queries.access import visible_to
from civreg.cases.rules import STOPPED, Action, State, open_actions
from civreg.cases.rules.copying import CopySection, Fact, copy_sections
from civreg.procedures import catalogue
from civreg.procedures.catalogue.screens import entry_screens
from civreg.procedures.rules.screens import EntryScreen
from civreg.shared import audit, clock, crypto
from civreg.shared.errors import NotFound, Refusal
from civreg.shared.partial_date import PartialDate
from civreg.units import queries as units

NO_SCREEN = "Việc này không nhập vào phần mềm hộ tịch nên không có thẻ chép."
NOTHING_TO_COPY = "Hồ sơ đã dừng, không còn gì để nhập vào phần mềm hộ tịch. Ông/bà mở lại hồ sơ."
_SEX = {"male": "Nam", "female": "Nữ"}


@dataclass(frozen=True)
class CopyCard:
    """A case as the Ministry's software asks for it.

    Attributes:
        title: what is registered.
        screen: order, source and certainty of the fields.
        awaits_numbers: the numbers that the software gives can be typed now.
        may_edit: what is missing can still be typed.
    """

    case_id: UUID
    case_code: str
    title: str
    screen: EntryScreen
    sections: tuple[CopySection, ...]
    awaits_numbers: bool
    may_edit: bool


def has_copy_card(occasion: str) -> bool:
    """Tell whether this kind of event is typed a second time into the Ministry's software."""
    return occasion in entry_screens()


def copy_card(session: Session, actor: Actor, case_id: UUID) -> CopyCard:
    """Return the copy card of a case, and write down who read it.

    Raises:
        NotFound: no such case, another unit's, or one that is not typed into the software.
        Refusal: the case ended without a registration.
        NotAllowed: the actor sees the case but does not work on it.
    """
    case = session.scalars(select(Case).where(Case.id == case_id, visible_to(actor))).first()
    if case is None:
        raise NotFound("Không tìm thấy hồ sơ này ở đơn vị của ông/bà.")
    actor.require(Permission.CASE_WORK, case.current_unit_id)
    rules = catalogue.version_by_id(case.procedure_version)
    screen = entry_screens().get(rules.occasion)
    if screen is None:
        raise NotFound(NO_SCREEN)
    if State(case.state) in STOPPED:
        raise Refusal(NOTHING_TO_COPY)
    audit.record_read(session, "copy_card", actor_id=actor.user_id, subject_type="case", subject_id=case.id)
    facts = {**_people(session, case), **_event(case), **_register(session, case)}
    if rules.occasion == "birth" and not facts.get("child.birth"):
        facts["child.birth"] = facts["event.date"]
    actions = open_actions(rules.flow, case.state)
    return CopyCard(
        case.id,
        case.code,
        rules.title_vi,
        screen,
        copy_sections(screen, facts),
        Action.ENTER_NUMBERS in actions,
        bool(actions),
    )


def _people(session: Session, case: Case) -> dict[str, Fact]:
    facts: dict[str, Fact] = {"father.undeclared": "1" if case.father_unknown else ""}
    first = select(Party).where(Party.case_id == case.id).order_by(Party.ordinal.desc())
    for party in session.scalars(first):  # the first person of a role comes last and stays
        facts |= {f"{party.role}.{name}": value for name, value in _person(party).items()}
    facts["requester.residence"] = facts.get("requester.residence") or _home(session, case)
    return facts


def _person(party: Party) -> dict[str, Fact]:
    known = PartialDate(party.birth_year, party.birth_month, party.birth_day)
    number = crypto.unseal(party.sealed_personal_number, "party", party.id, "sealed_personal_number")
    return {
        "full_name": party.full_name,
        "birth": "" if known.year is None else known,
        "sex": _SEX.get(party.sex or "", ""),
        "ethnic_group": crypto.unseal(party.sealed_ethnic_group, "party", party.id, "sealed_ethnic_group"),
        "nationality": party.nationality,
        "residence": party.residence,
        "relation": party.relation,
        "marriage_ordinal": "" if party.marriage_ordinal is None else str(party.marriage_ordinal),
        "personal_number": number,
    }


def _home(session: Session, case: Case) -> str:
    """Return where the visit goes as a place of residence: hamlet and commune; empty without the hamlet."""
    if not case.hamlet:
        return ""
    place = units.tree_path(session, units.unit_by_id(session, case.current_unit_id), clock.today())
    return f"{case.hamlet}, {place[:1].lower()}{place[1:]}"


def _event(case: Case) -> dict[str, Fact]:
    day = PartialDate(case.event_year, case.event_month, case.event_day)
    return {
        "event.date": "" if day.year is None else day,
        "event.hour": case.event_hour or "",
        "event.place": case.place_of_event,
        "event.paper_number": case.birth_paper_number,
        "event.cause": crypto.unseal(case.sealed_cause, "case_file", case.id, "sealed_cause"),
    }


_TIMELINESS = {True: "Quá hạn", False: "Đúng hạn", None: ""}


def _register(session: Session, case: Case) -> dict[str, Fact]:
    own = select(ExternalCode).where(ExternalCode.case_id == case.id, ExternalCode.subject_id == case.id)
    codes = {row.system: row.code for row in session.scalars(own)}
    signed = case.registered_at.astimezone(clock.ZONE).date() if case.registered_at else None
    return {
        "register.number": codes.get("register", ""),
        "register.book": codes.get("register_book", ""),
        "register.date": PartialDate.of(signed) if signed else "",
        "register.timeliness": _TIMELINESS[case.late_registration],
        "register.remark": case.register_remark or "",
    }
