"""Lập dự thảo thư: what a final registration earns, once for each case."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from civreg.accounts.rules import SYSTEM
from civreg.cases import queries as cases
from civreg.letters.models import Letter
from civreg.letters.queries.of_case import Choices, drafted_from
from civreg.letters.rules import LetterState, pack_facts
from civreg.letters.service.steps import note_audit, write_move
from civreg.shared import clock, crypto
from civreg.shared.database import new_id
from civreg.visits import queries as visits


def draft_earned_letter(session: Session, case_id: UUID) -> UUID | None:
    """Draft the letter a registered case earns, or hold it when a person must decide first.

    Doing it again changes nothing: a case has one letter of a kind.

    Returns:
        The letter's id; None when the case earns none or has it already.
    """
    drafted = drafted_from(session, cases.letter_facts(session, case_id), Choices())
    if drafted is None or drafted.decision.kind is None:
        return None
    letter_id = new_id()
    state = LetterState.HELD if drafted.decision.held else LetterState.DRAFT
    reasons = ",".join(reason.value for reason in drafted.decision.hold_reasons)
    inserted = session.execute(
        insert(Letter)
        .values(
            id=letter_id,
            case_id=case_id,
            unit_id=drafted.unit_id,
            kind=drafted.decision.kind.value,
            ordinal=1,
            state=state.value,
            held_reason=reasons or None,
            sealed_facts=crypto.seal(pack_facts(drafted.facts), "letter", letter_id, "sealed_facts"),
            template_version="",
            needed_by=visits.next_visit(session, case_id),
            drafted_at=clock.now(),
            version=1,
        )
        .on_conflict_do_nothing()
        .returning(Letter.id)
    ).first()
    if inserted is None:
        return None
    letter = session.get_one(Letter, letter_id)
    write_move(session, SYSTEM, letter, "draft", state)
    note_audit(session, SYSTEM, letter, "letter.drafted", kind=letter.kind, held=reasons)
    return letter_id
