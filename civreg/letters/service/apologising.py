"""Lập dự thảo thư xin lỗi: a letter for each promise that was missed, once the head has signed why and the new one.

From here on it goes the way of every letter: approved, numbered, printed, signed, handed over or posted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.accounts.rules import SYSTEM
from civreg.cases import queries as cases
from civreg.cases import service as cases_service
from civreg.cases.service import Told
from civreg.letters.models import Letter
from civreg.letters.queries.apologies import facts_for_date, facts_for_trip
from civreg.letters.queries.facts import facts_of
from civreg.letters.rules import ApologyFacts, LetterKind, LetterState, Missed, apology_decision, pack_facts
from civreg.letters.service.steps import last_hand_over, note_audit, write_move
from civreg.shared import clock, crypto
from civreg.shared.database import new_id
from civreg.visits import queries as visits
from civreg.visits import service as visits_service


def apologise_for_date(
    session: Session, case_id: UUID, apology_id: UUID, missed_hour: str = "", *, ahead: bool = False
) -> UUID | None:
    """Draft the letter for a missed day of a result (job letters.apologise_date); again changes nothing."""
    facts = facts_for_date(session, case_id, apology_id, missed_hour, ahead=ahead)
    return _draft(session, case_id, facts) if facts else None


def apologise_for_trip(session: Session, visit_id: UUID, case_ids: Iterable[UUID]) -> int:
    """Draft a letter to each family of a trip nobody made (job letters.apologise_trip); return how many are new."""
    drafted = 0
    for case_id in sorted(case_ids):
        facts = facts_for_trip(session, case_id, visit_id)
        drafted += facts is not None and _draft(session, case_id, facts) is not None
    return drafted


def note_told(session: Session, letter_id: UUID) -> None:
    """Note with the apology whether its letter is in the family's hands (job letters.note_told); again changes nothing.

    Runs after a hand-over and after one was taken back. The apology for a trip is told once every family of the trip has
    its letter.
    """
    letter = session.get_one(Letter, letter_id)
    facts = facts_of(letter)
    if not isinstance(facts, ApologyFacts):
        return
    if facts.missed is Missed.RESULT:
        told = partial(_told, session, [letter.case_id], facts)
        cases_service.settle_told_by_letter(session, letter.case_id, facts.missed_on, facts.promised_on, told)
        return
    for visit_id, case_ids in visits.apologised_visits(session, letter.case_id):
        said = facts_for_trip(session, letter.case_id, visit_id)
        if said is not None and said.same_promise(facts):
            told = partial(_told, session, case_ids, facts)
            visits_service.settle_visit_told_by_letter(session, visit_id, told)


def _told(session: Session, case_ids: Iterable[UUID], facts: ApologyFacts) -> Told | None:
    """Return who handed over the last of the letters that say one promise; None while a family has none yet."""
    told: list[Told] = []
    for case_id in case_ids:
        letter = _letter_saying(_apologies_to(session, case_id), facts)
        if letter is None or letter.state != LetterState.HANDED_OVER.value:
            return None
        handed = last_hand_over(session, letter.id)
        told.append(Told(handed.actor_id, handed.at))
    return max(told, key=lambda one: one.at, default=None)


def _apologies_to(session: Session, case_id: UUID, *, held: bool = False) -> Sequence[Letter]:
    """Return the letters of apology of a case, the first one first."""
    query = (
        select(Letter)
        .where(Letter.case_id == case_id, Letter.kind == LetterKind.APOLOGY.value)
        .order_by(Letter.ordinal)
    )
    query = query.execution_options(populate_existing=True)  # a take-back meanwhile has the last word
    return session.scalars(query.with_for_update() if held else query).all()


def _letter_saying(letters: Iterable[Letter], facts: ApologyFacts) -> Letter | None:
    for letter in letters:
        said = facts_of(letter)
        if isinstance(said, ApologyFacts) and said.same_promise(facts):
            return letter
    return None


def _draft(session: Session, case_id: UUID, facts: ApologyFacts) -> UUID | None:
    """Write the draft unless this promise has its letter; a cancelled one is not written anew."""
    earlier = _apologies_to(session, case_id, held=True)
    if _letter_saying(earlier, facts):
        return None
    letter_id, decision = new_id(), apology_decision(facts, clock.today())
    held = ",".join(decision.hold_reasons)
    new = Letter(
        id=letter_id,
        case_id=case_id,
        unit_id=cases.addressee_of(session, case_id).unit_id,
        kind=LetterKind.APOLOGY.value,
        ordinal=max((letter.ordinal for letter in earlier), default=0) + 1,
        state=(LetterState.HELD if held else LetterState.DRAFT).value,
        held_reason=held or None,
        sealed_facts=crypto.seal(pack_facts(facts), "letter", letter_id, "sealed_facts"),
        template_version="",
        needed_by=visits.next_visit(session, case_id),
        drafted_at=clock.now(),
    )
    session.add(new)
    session.flush()
    write_move(session, SYSTEM, new, "draft", LetterState(new.state))
    note_audit(session, SYSTEM, new, "letter.drafted", kind=new.kind, held=held)
    return letter_id
