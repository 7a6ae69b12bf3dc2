"""Lập dự thảo thư xin lỗi: a letter for each promise that was missed, once the head has signed why and the new one.

From here on it goes the way of every letter: approved, numbered, printed, signed, handed over or posted.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.accounts.rules import SYSTEM
from civreg.cases import queries as cases
from civreg.letters.models import Letter
from civreg.letters.queries.apologies import facts_for_date, facts_for_trip
from civreg.letters.queries.facts import facts_of
from civreg.letters.rules import ApologyFacts, LetterKind, LetterState, apology_decision, pack_facts
from civreg.letters.service.steps import note_audit, write_move
from civreg.shared import clock, crypto
from civreg.shared.database import new_id
from civreg.visits import queries as visits


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


def _draft(session: Session, case_id: UUID, facts: ApologyFacts) -> UUID | None:
    """Write the draft unless this promise has its letter; a cancelled one is not written anew."""
    earlier = session.scalars(
        select(Letter)
        .where(Letter.case_id == case_id, Letter.kind == LetterKind.APOLOGY.value)
        .order_by(Letter.ordinal)
        .with_for_update()
    ).all()
    for letter in earlier:
        said = facts_of(letter)
        if isinstance(said, ApologyFacts) and said.same_promise(facts):
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
