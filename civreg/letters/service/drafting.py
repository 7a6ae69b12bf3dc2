"""Lập dự thảo thư: what a final registration earns, once for each case; twins have one letter that names them all."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from civreg.accounts.rules import SYSTEM
from civreg.cases import queries as cases
from civreg.letters.models import Letter
from civreg.letters.queries.access import FOLLOWS_REGISTER
from civreg.letters.queries.facts import facts_of
from civreg.letters.queries.of_case import (
    Choices,
    drafted_from,
    known_of,
    shared_letters,
    standing_letters,
    with_choices_of,
)
from civreg.letters.rules import (
    UNNUMBERED,
    HoldReason,
    LetterAction,
    LetterState,
    hold_codes,
    pack_facts,
)
from civreg.letters.service.deciding import decided_reasons
from civreg.letters.service.steps import note_audit, step, write_move
from civreg.shared import clock, crypto
from civreg.shared.database import new_id
from civreg.visits import queries as visits


def draft_earned_letter(session: Session, case_id: UUID) -> UUID | None:
    """Draft the letter a registered case earns, or hold it when a person must decide first.

    Also the work that follows when a case was tied to another, untied, or ended unregistered: letters of the cases
    it is tied to that nobody approved yet take the names, and the reasons to wait, as they are now. Doing it again
    changes nothing: a case has one letter of a kind, and a letter that names a case already is its letter.

    Returns:
        The letter's id; None when the case earns none or has it already.
    """
    for open_letter in _open_letters(session, [case_id, *cases.tied_to(session, case_id)]):
        look_again(session, open_letter)
    known = known_of(session, case_id)
    if known.registered_at is None or shared_letters(session, known):
        return None
    drafted = drafted_from(session, known, Choices())
    if drafted is None or drafted.decision.kind is None:
        return None
    reasons = _with_what_was_cancelled(session, known, drafted.decision.hold_reasons)
    letter_id = new_id()
    state = LetterState.HELD if reasons else LetterState.DRAFT
    held = ",".join(reason.value for reason in reasons)
    inserted = session.execute(
        insert(Letter)
        .values(
            id=letter_id,
            case_id=case_id,
            unit_id=drafted.unit_id,
            kind=drafted.decision.kind.value,
            ordinal=1,
            state=state.value,
            held_reason=held or None,
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
    note_audit(session, SYSTEM, letter, "letter.drafted", kind=letter.kind, held=held)
    return letter_id


def _with_what_was_cancelled(
    session: Session, known: cases.LetterFacts, reasons: tuple[HoldReason, ...]
) -> tuple[HoldReason, ...]:
    """Add that the letter of another baby of the birth was cancelled: a person looks why before this one goes."""
    others = [baby.case_id for baby in known.babies if baby.case_id != known.case_id]
    cancelled = bool(standing_letters(session, others, cancelled=True))
    if cancelled and HoldReason.TWIN_HAS_LETTER not in reasons:
        return (*reasons, HoldReason.TWIN_HAS_LETTER)
    return reasons


def _open_letters(session: Session, case_ids: list[UUID]) -> list[Letter]:
    """Return the letters of these cases that have no number yet, locked until the transaction ends."""
    waiting = [state.value for state in UNNUMBERED]
    return list(
        session.scalars(
            select(Letter)
            .where(Letter.case_id.in_(case_ids), FOLLOWS_REGISTER, Letter.state.in_(waiting))
            .order_by(Letter.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )


def look_again(session: Session, letter: Letter) -> None:
    """Take over what has changed since the draft: names, and reasons to wait that came or went."""
    known = known_of(session, letter.case_id)
    drafted = drafted_from(session, known, Choices()) if known.registered_at is not None else None
    if drafted is None:
        return  # of a registration that was annulled: `recalling` decides
    was = hold_codes(letter.held_reason)
    if letter.state == LetterState.HELD and not was:
        return  # a person held it in her own words, and looks again herself
    decided = decided_reasons(session, letter.id)
    reasons = tuple(reason for reason in drafted.decision.hold_reasons if reason not in decided)
    facts = pack_facts(with_choices_of(drafted.facts, facts_of(letter)))
    if letter.state == LetterState.APPROVED and not reasons:
        return  # its words are what the head approved
    if reasons == was and facts == pack_facts(facts_of(letter)):
        return
    letter.sealed_facts = crypto.seal(facts, "letter", letter.id, "sealed_facts")
    held = ",".join(reason.value for reason in reasons)
    if reasons and letter.state != LetterState.HELD:
        step(session, SYSTEM, letter, LetterAction.HOLD, note=held)
    elif not reasons and letter.state == LetterState.HELD:
        step(session, SYSTEM, letter, LetterAction.RELEASE)
    else:
        letter.version += 1
    letter.held_reason = held or None
    note_audit(session, SYSTEM, letter, "letter.looked_at_again", held=held)
