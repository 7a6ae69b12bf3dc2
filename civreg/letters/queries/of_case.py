"""Dữ kiện từ hồ sơ: what a registered case says about its letter, put into the terms of the rules."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.cases import queries as cases
from civreg.cases.queries.briefs import briefs
from civreg.letters.models import Letter
from civreg.letters.queries.access import FOLLOWS_REGISTER
from civreg.letters.queries.apologies import new_promise
from civreg.letters.queries.facts import facts_of
from civreg.letters.queries.naming import names_in
from civreg.letters.queries.settings import settings_of
from civreg.letters.rules import (
    ApologyFacts,
    BirthFacts,
    Circumstances,
    DeathFacts,
    Honorific,
    LetterDecision,
    LetterFacts,
    LetterState,
    MarriageFacts,
    Occasion,
    apology_decision,
    earned_letter,
    suggested_honorific,
)
from civreg.shared import clock
from civreg.shared.errors import Refusal
from civreg.shared.partial_date import PartialDate
from civreg.units import queries as units


@dataclass(frozen=True)
class Choices:
    """What only a person can choose about a letter.

    Attributes:
        mother_and_child: address it to “mẹ và bé”.
        honorific: how the deceased is called; None leaves the suggestion.
        together: one condolence names mother and child.
    """

    mother_and_child: bool = False
    honorific: Honorific | None = None
    together: bool = False


@dataclass(frozen=True)
class Drafted:
    """Which letter a case earns, the facts its words need, and the family's answer about it."""

    decision: LetterDecision
    facts: LetterFacts
    consent: str
    unit_id: int


def known_of(session: Session, case_id: UUID) -> cases.LetterFacts:
    """Return what decides about a case's letter, by the days its unit has set."""
    unit_id = briefs(session, [case_id])[case_id].unit_id
    return cases.letter_facts(session, case_id, settings_of(session, unit_id).mourning_days)


def drafted_from(session: Session, known: cases.LetterFacts, choices: Choices) -> Drafted | None:
    """Return the letter that a registered case earns; None when its procedure has none.

    Raises:
        Refusal: when the case has no person the letter could name, or is not registered.
    """
    if known.letter is None or known.occasion not in {occasion.value for occasion in Occasion}:
        return None
    if known.registered_at is None:
        raise Refusal("Hồ sơ chưa đăng ký xong nên chưa có thư. Ông/bà mở lại hồ sơ.")
    facts = _facts(session, known, known.registered_at, choices)
    circumstances = _circumstances(known, known.registered_at, choices)
    others = [baby.case_id for baby in known.babies if baby.case_id != known.case_id]
    if known.occasion == Occasion.BIRTH and standing_letters(session, others):
        circumstances = replace(circumstances, twin_has_letter=True)
    return Drafted(
        earned_letter(Occasion(known.occasion), circumstances),
        facts,
        known.consent,
        known.unit_id,
    )


def as_written(session: Session, letter: Letter) -> Drafted | None:
    """Return a letter that follows no registration as it was drafted; None for one that is drawn from its case.

    An apology says what the head signed: nothing of the case changes its words, and nobody is asked for consent.
    """
    facts = facts_of(letter)
    if not isinstance(facts, ApologyFacts):
        return None
    promise = new_promise(session, letter.case_id, facts)
    return Drafted(apology_decision(facts, clock.today(), promise), facts, "yes", letter.unit_id)


def with_choices_of(facts: LetterFacts, earlier: LetterFacts) -> LetterFacts:
    """Return fresh facts that keep what a person chose for the earlier draft."""
    if isinstance(facts, BirthFacts) and isinstance(earlier, BirthFacts):
        return replace(
            facts,
            mother_and_child=earlier.mother_and_child,
            mother_title=earlier.mother_title,
            father_title=earlier.father_title,
        )
    if isinstance(facts, MarriageFacts) and isinstance(earlier, MarriageFacts):
        return replace(facts, husband_title=earlier.husband_title, wife_title=earlier.wife_title)
    if isinstance(facts, DeathFacts) and isinstance(earlier, DeathFacts):
        return replace(facts, title=earlier.title, also=earlier.also)
    return facts


def _people(known: cases.LetterFacts, role: str) -> list[cases.LetterPerson]:
    return [person for person in known.people if person.role == role and person.full_name]


def _birth_of(person: cases.LetterPerson) -> PartialDate:
    if person.birth_year is None:
        return PartialDate(precision="unknown")
    return PartialDate(person.birth_year, person.birth_month, person.birth_day)


def _age(person: cases.LetterPerson, event: PartialDate) -> int | None:
    """Return the years a person had by the difference of years; serves the form of address only."""
    if person.birth_year is None or event.year is None:
        return None
    return event.year - person.birth_year


def _honorific(known: cases.LetterFacts, choices: Choices) -> Honorific | None:
    dead = _people(known, "deceased")
    suggested = suggested_honorific(dead[0].sex, _age(dead[0], known.event)) if dead else None
    return choices.honorific or suggested


def _circumstances(known: cases.LetterFacts, registered_at: datetime, choices: Choices) -> Circumstances:
    mothers, fathers = _people(known, "mother"), _people(known, "father")
    return Circumstances(
        consent=known.consent or None,
        event=known.event,
        registered_on=registered_at.astimezone(clock.ZONE).date(),
        mother_named=bool(mothers),
        father_unknown=known.father_unknown or not fathers,
        mother_and_child=choices.mother_and_child,
        abandoned=known.abandoned,
        mother_born=_birth_of(mothers[0]) if mothers and mothers[0].birth_year else None,
        death_or_birth_near=known.death_in_household,
        title_chosen=known.occasion != Occasion.DEATH or _honorific(known, choices) is not None,
        lived_under_a_day=known.lived_under_a_day,
        child_died=known.child_died,
        twin_waiting=any(not baby.registered for baby in known.babies),
        died_together=known.occasion == Occasion.DEATH and bool(known.died_together),
        correction_open=known.correction_open,
        stillborn_sibling=known.stillborn_sibling,
        parent_detained=known.parent_detained,
        named_twice=known.named_twice,
    )


def _facts(
    session: Session, known: cases.LetterFacts, registered_at: datetime, choices: Choices
) -> LetterFacts:
    unit = units.unit_by_id(session, known.unit_id).spoken
    if known.occasion == Occasion.BIRTH:
        mothers, fathers = _people(known, "mother"), _people(known, "father")
        return BirthFacts(
            unit=unit,
            children=tuple(
                child.full_name for baby in known.babies if baby.registered for child in baby.people
            ),
            mother=mothers[0].full_name if mothers else None,
            father=fathers[0].full_name if fathers and not known.father_unknown else None,
            born=known.event,
            mother_and_child=choices.mother_and_child,
        )
    if known.occasion == Occasion.MARRIAGE:
        grooms, brides = _people(known, "groom"), _people(known, "bride")
        if not (grooms and brides):
            raise Refusal("Hồ sơ kết hôn cần họ tên hai người. Ông/bà ghi họ tên rồi lập lại thư.")
        day = registered_at.astimezone(clock.ZONE).date()
        return MarriageFacts(unit, grooms[0].full_name, brides[0].full_name, day)
    dead = _people(known, "deceased")
    if not dead:
        raise Refusal("Hồ sơ khai tử cần họ tên người mất. Ông/bà ghi họ tên rồi lập lại thư.")
    return DeathFacts(
        unit,
        dead[0].full_name,
        _honorific(known, choices) or Honorific.GRANDFATHER,
        known.event,
        tuple(_addressed(person, known.event) for other in known.died_together for person in other.people)
        if choices.together
        else (),
    )


def _addressed(person: cases.LetterPerson, event: PartialDate) -> str:
    """Return who died with them as the letter calls them; without a form of address where only a person can choose."""
    title = suggested_honorific(person.sex, _age(person, event))
    return f"{title} {person.full_name}" if title else person.full_name


def standing_letters(
    session: Session, case_ids: Collection[UUID], *, cancelled: bool = False
) -> list[Letter]:
    """Return what these registrations earned and was not cancelled (or what was), the oldest first."""
    gone = Letter.state == LetterState.CANCELLED.value
    return list(
        session.scalars(
            select(Letter)
            .where(Letter.case_id.in_(case_ids), FOLLOWS_REGISTER, gone if cancelled else ~gone)
            .order_by(Letter.id)
        )
    )


def shared_letters(session: Session, known: cases.LetterFacts) -> list[Letter]:
    """Return the letters of other cases that name the people of this one: one letter for twins, for mother and child."""
    tied = {one.case_id for one in (*known.babies, *known.died_together)} - {known.case_id}
    own = {person.full_name for person in known.people if person.role in ("child", "deceased")}
    return [
        letter
        for letter in standing_letters(session, tied)
        if own and all(any(name.endswith(one) for name in names_in(facts_of(letter))) for one in own)
    ]
