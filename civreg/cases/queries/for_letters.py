"""Dữ kiện cho thư: what decides whether a letter is earned, held, and what it says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, aliased

from civreg.cases.models import Case, Party
from civreg.cases.queries.fields import latest_consent
from civreg.cases.queries.links import babies_of_one_birth, tied_to
from civreg.cases.rules import ENDED, State
from civreg.procedures import catalogue
from civreg.shared.partial_date import PartialDate

CLOSE_DAYS = 90
"""Between a death and a birth or wedding in one household within which a person decides; an office may set its own."""
_TOLD_BY_OTHERS = ("hamlet_head", "health_station", "pagoda", "neighbour")
"""Channels whose phone is that of somebody who tells for many families: it says nothing about a household."""

_GONE = tuple(state.value for state in (State.WITHDRAWN, State.REFUSED, State.TRANSFERRED, State.ANNULLED))
"""Cases that say nothing about a household here: nothing was registered, or it was taken back."""
_ENDED = tuple(state.value for state in ENDED)


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
class TiedCase:
    """A case that shares its letter with the one at hand: another baby of the birth, or the other of mother and child.

    Attributes:
        people: whom it is about (the child, or the deceased).
        registered: its registration is final.
    """

    case_id: UUID
    people: tuple[LetterPerson, ...]
    registered: bool


@dataclass(frozen=True)
class LetterFacts:
    """What a letter needs to know of a registered case.

    Attributes:
        consent: yes, no, later; empty when never asked.
        death_in_household: a death and a birth (or wedding) lie within so many days of one another in one household: the
            same person is named in both, the same phone of the family asks, or the two cases are tied together.
        lived_under_a_day: the child lived less than 24 hours.
        child_died: the death of this child is being registered too.
        babies: every baby of the birth that is still being registered or is, this one among them, in birth order.
        died_together: the other deceased of mother and child.
        correction_open: the registration is being corrected.
        named_twice: the same newborn or deceased stands in another case of this kind that is registered or going on.
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
    lived_under_a_day: bool
    child_died: bool
    babies: tuple[TiedCase, ...]
    died_together: tuple[TiedCase, ...]
    stillborn_sibling: bool
    parent_detained: bool
    correction_open: bool
    named_twice: bool


def letter_facts(session: Session, case_id: UUID, close_days: int = CLOSE_DAYS) -> LetterFacts:
    """Return the facts of a case for its letter (used by the machine after a final registration).

    Args:
        session: the open transaction.
        case_id: the case.
        close_days: days between a death and a joy of one household within which a person decides.
    """
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
        people=tuple(_person(party) for party in parties),
        event=event,
        father_unknown=case.father_unknown,
        abandoned=case.abandoned,
        consent=latest_consent(session, case),
        hamlet=case.hamlet,
        address=case.address,
        death_in_household=_near_in_household(session, case, rules.occasion, timedelta(days=close_days)),
        lived_under_a_day=case.lived_under_a_day,
        child_died=rules.occasion == "birth" and bool(tied_to(session, case.id, "birth_and_death")),
        babies=_going_on(session, babies_of_one_birth(session, case.id), "child"),
        died_together=_going_on(session, tied_to(session, case.id, "mother_and_child"), "deceased"),
        stillborn_sibling=case.stillborn_sibling,
        parent_detained=case.parent_detained,
        correction_open=case.correction_opened_at is not None,
        named_twice=_named_twice(session, case),
    )


def _person(party: Party) -> LetterPerson:
    return LetterPerson(
        party.role,
        party.ordinal,
        party.full_name,
        party.sex,
        party.birth_year,
        party.birth_month,
        party.birth_day,
    )


def _going_on(session: Session, case_ids: list[UUID], role: str) -> tuple[TiedCase, ...]:
    """Return these cases with their people of a role, without those that ended unregistered or have nobody of it."""
    cases = session.scalars(
        select(Case)
        .where(Case.id.in_(case_ids), or_(Case.registered_at.is_not(None), Case.state.not_in(_ENDED)))
        .order_by(Case.id)
    )
    found = []
    for case in cases:
        if occasion_role(case) == role:
            rows = session.scalars(
                select(Party).where(Party.case_id == case.id, Party.role == role).order_by(Party.ordinal)
            )
            people = tuple(_person(party) for party in rows if party.full_name)
            found.append(TiedCase(case.id, people, case.registered_at is not None))
    return tuple(found)


def occasion_role(case: Case) -> str:
    """Return the role of the person a birth or a death is about; empty for other cases."""
    occasion = catalogue.version_by_id(case.procedure_version).occasion
    return {"birth": "child", "death": "deceased"}.get(occasion, "")


def _named_twice(session: Session, case: Case) -> bool:
    """Say whether the same newborn or deceased, of the same day, stands in another case of the unit and kind."""
    role = occasion_role(case)
    if not role or case.event_year is None:
        return False
    own, other, another = aliased(Party), aliased(Party), aliased(Case)
    same_day = (
        (another.event_year == case.event_year)
        & another.event_month.is_not_distinct_from(case.event_month)
        & another.event_day.is_not_distinct_from(case.event_day)
    )
    statement = exists().where(
        own.case_id == case.id,
        own.role == role,
        own.full_name != "",
        other.role == role,
        other.folded == own.folded,
        other.case_id == another.id,
        another.id != case.id,
        another.current_unit_id == case.current_unit_id,
        another.state.not_in(_GONE),
        same_day,
    )
    return bool(session.scalar(select(statement)))


def _near_in_household(session: Session, case: Case, occasion: str, close: timedelta) -> bool:
    """Say whether the household has a death (for a birth or a marriage) or a birth (for a death) near in time."""
    if occasion != "death" and tied_to(session, case.id, "mother_and_child", "birth_and_death"):
        return True
    if occasion == "death" and any(
        occasion_role(session.get_one(Case, one)) == "child"
        for one in tied_to(session, case.id, "mother_and_child")
    ):
        return True
    if occasion not in ("birth", "death", "marriage"):
        return False
    own_roles, other_roles, sought = (
        (("deceased",), ("child", "mother", "father"), "birth")
        if occasion == "death"
        else (("child", "mother", "father", "groom", "bride"), ("deceased",), "death")
    )
    codes = [
        code for code, procedure in catalogue.catalogue().items() if procedure.versions[0].occasion == sought
    ]
    # Names and phone are read first: as a join of persons with persons the planner may compare everybody with everybody.
    own = session.execute(
        select(Party.role, Party.folded, Party.phone_index).where(Party.case_id == case.id)
    ).all()
    names = {row.folded for row in own if row.role in own_roles and row.folded}
    phones = {row.phone_index for row in own if row.role == "requester" and row.phone_index}
    other, near = aliased(Party), aliased(Case)
    found = other.role.in_(other_roles) & other.folded.in_(names)
    if case.channel not in _TOLD_BY_OTHERS:
        found |= (
            (other.role == "requester") & other.phone_index.in_(phones) & near.channel.not_in(_TOLD_BY_OTHERS)
        )
    asked = case.requested_at
    statement = (
        exists()
        .where(other.case_id == near.id, found)
        .where(
            near.procedure.in_(codes),
            near.current_unit_id == case.current_unit_id,
            near.state.not_in(_GONE),
            near.requested_at.between(asked - close, asked + close),
        )
    )
    return bool(session.scalar(select(statement)))
