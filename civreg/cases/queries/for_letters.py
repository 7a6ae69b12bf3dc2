"""Dữ kiện cho thư: what decides whether a letter is earned, held, and what it says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from civreg.cases.models import Case, Party
from civreg.cases.queries.fields import latest_consent
from civreg.cases.rules import State
from civreg.procedures import catalogue
from civreg.shared.partial_date import PartialDate


@dataclass(frozen=True)
class LetterPerson:
    """A person as a letter names them."""

    role: str
    ordinal: int
    full_name: str
    sex: str | None
    birth_year: int | None
    birth_month: int | None
    birth_day: int | None


@dataclass(frozen=True)
class LetterFacts:
    """What a letter needs to know of a registered case.

    Attributes:
        consent: yes, no, later; empty when never asked.
        death_in_household: a death case names somebody of this case within the last hundred days.
    """

    case_id: UUID
    code: str
    procedure: str
    occasion: str
    letter: str | None
    unit_id: int
    state: str
    registered_at: datetime | None
    people: tuple[LetterPerson, ...]
    event: PartialDate
    father_unknown: bool
    abandoned: bool
    consent: str
    hamlet: str
    address: str
    death_in_household: bool


def letter_facts(session: Session, case_id: UUID) -> LetterFacts:
    """Return the facts of a case for its letter (used by the machine after a final registration)."""
    case = session.get_one(Case, case_id)
    rules = catalogue.version_by_id(case.procedure_version)
    parties = session.scalars(
        select(Party).where(Party.case_id == case.id).order_by(Party.role, Party.ordinal)
    ).all()
    event = PartialDate(precision="unknown")
    if case.event_year is not None:
        event = PartialDate(case.event_year, case.event_month, case.event_day)
    return LetterFacts(
        case_id=case.id,
        code=case.code,
        procedure=case.procedure,
        occasion=rules.occasion,
        letter=rules.letter,
        unit_id=case.current_unit_id,
        state=case.state,
        registered_at=case.registered_at,
        people=tuple(
            LetterPerson(
                party.role,
                party.ordinal,
                party.full_name,
                party.sex,
                party.birth_year,
                party.birth_month,
                party.birth_day,
            )
            for party in parties
        ),
        event=event,
        father_unknown=case.father_unknown,
        abandoned=case.abandoned,
        consent=latest_consent(session, case),
        hamlet=case.hamlet,
        address=case.address,
        death_in_household=_death_in_household(session, case),
    )


def _death_in_household(session: Session, case: Case) -> bool:
    """Say whether a death is being registered that names somebody of this case (mother, child, father)."""
    own, other = aliased(Party), aliased(Party)
    death = aliased(Case)
    deaths = [
        code for code, procedure in catalogue.catalogue().items() if procedure.versions[0].occasion == "death"
    ]
    found = (
        exists()
        .where(own.case_id == case.id, own.role.in_(("child", "mother", "father", "groom", "bride")))
        .where(other.folded == own.folded, other.role == "deceased", other.case_id == death.id)
        .where(
            death.procedure.in_(deaths),
            death.current_unit_id == case.current_unit_id,
            death.state.not_in((State.WITHDRAWN.value, State.REFUSED.value)),
        )
    )
    return bool(session.scalar(select(found)))
