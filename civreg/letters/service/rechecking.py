"""Xem lại thư đã cấp số: what came up after approval stops a letter before it is printed, or lists it as outdated.

A draft is looked at again by `drafting.look_again`; a letter with a number keeps number, words and bytes, so that it is
stopped where it is until a head lets it go, cancels it, or has another written in its place (`replacing`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.accounts.rules import SYSTEM, Actor
from civreg.cases import queries as cases
from civreg.cases.queries.briefs import briefs
from civreg.letters.models import Letter
from civreg.letters.queries.access import FOLLOWS_REGISTER
from civreg.letters.queries.facts import facts_of
from civreg.letters.queries.of_case import (
    Choices,
    Drafted,
    as_written,
    drafted_from,
    known_of,
    with_choices_of,
)
from civreg.letters.rules import (
    NUMBERED,
    DeathFacts,
    HoldReason,
    LetterAction,
    LetterFacts,
    LetterKind,
    LetterState,
    still_says,
    stop_reasons,
)
from civreg.letters.service.deciding import decided_reasons, refuse_without_consent
from civreg.letters.service.steps import load_for, note_audit, step
from civreg.shared import audit, clock
from civreg.shared.errors import Conflict
from civreg.units import queries as units

_NOT_STOPPED = "Thư này không dừng lại. Ông/bà mở lại thư để xem."


def stop_doubtful(session: Session, letters: Sequence[Letter]) -> list[Letter]:
    """Return which of these issued letters may be printed; each of the others is stopped with its reason.

    The reasons are those that hold a draft, asked again now. Where nothing happened to any case of the unit since the
    approval (the audit chain says so) there is nothing to ask, and a run of a thousand costs no more than before.
    """
    doubtful = _touched_since_approval(session, letters)
    clear: list[Letter] = []
    stopped: list[Letter] = []
    for letter in letters:
        reasons = _reasons_now(session, letter) if letter.id in doubtful else ()
        if not reasons or letter.state != LetterState.ISSUED:
            clear.append(letter)
            continue
        letter.held_reason = ",".join(reason.value for reason in reasons)
        step(session, SYSTEM, letter, LetterAction.STOP, note=letter.held_reason)
        stopped.append(letter)
    for letter in sorted(stopped, key=lambda letter: letter.unit_id):  # chain by chain, in the order of units
        note_audit(session, SYSTEM, letter, "letter.stopped", held=letter.held_reason)
    return clear


def let_go(session: Session, actor: Actor, letter_id: UUID, *, expected_version: int, reason: str) -> None:
    """The head lets a stopped or outdated letter go on as it is (cho thư đi tiếp); the reasons count as decided.

    Raises:
        Conflict: it is not stopped.
        Refusal: the family does not want it.
    """
    letter = load_for(session, actor, letter_id, LetterAction.LET_GO, expected_version)
    if letter.held_reason is None and letter.outdated_at is None:
        raise Conflict(_NOT_STOPPED)
    drafted = drafted_now(session, letter)
    if drafted is not None:
        refuse_without_consent(drafted)
    step(session, actor, letter, LetterAction.LET_GO, note=reason.strip())
    letter.held_reason = letter.outdated_at = None
    note_audit(session, actor, letter, "letter.let_go")


def compare_letters(session: Session, case_id: UUID) -> int:
    """List the numbered letters whose words are no longer what the register says (job after a correction).

    Also those of tied cases, which may name this one's people. Return how many came onto the list.
    """
    states = [state.value for state in (*NUMBERED, LetterState.KEPT, LetterState.HANDED_OVER)]
    found = session.scalars(
        select(Letter)
        .where(
            Letter.case_id.in_([case_id, *cases.tied_to(session, case_id)]),
            FOLLOWS_REGISTER,
            Letter.state.in_(states),
        )
        .order_by(Letter.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    listed = 0
    for letter in found.all():
        drafted = drafted_now(session, letter)
        if drafted is None or letter.outdated_at is not None:
            continue
        if not still_says(facts_of(letter), drafted.facts):
            letter.outdated_at = clock.now()
            letter.version += 1
            note_audit(session, SYSTEM, letter, "letter.outdated")
            listed += 1
    return listed


def drafted_now(session: Session, letter: Letter) -> Drafted | None:
    """Return what the letter would be if it were drafted now, with what a person chose for it.

    None when its registration was annulled (`recalling` decides then) or its procedure has no letter.
    """
    if (written := as_written(session, letter)) is not None:
        return written
    known, earlier = known_of(session, letter.case_id), facts_of(letter)
    if known.registered_at is None:
        return None
    together = isinstance(earlier, DeathFacts) and bool(earlier.also)
    drafted = drafted_from(session, known, Choices(together=together))
    if drafted is None:
        return None
    facts: LetterFacts = with_choices_of(drafted.facts, earlier)
    if isinstance(facts, DeathFacts) and isinstance(drafted.facts, DeathFacts):
        facts = replace(
            facts, also=drafted.facts.also
        )  # named in the common letter, corrected in its own case
    unit = units.unit_by_id(session, letter.unit_id).spoken  # the unit that sent it, also where it has ended
    return replace(drafted, facts=replace(facts, unit=unit))


def _reasons_now(session: Session, letter: Letter) -> tuple[HoldReason, ...]:
    drafted = drafted_now(session, letter)
    if drafted is None:
        return ()
    return stop_reasons(drafted.decision, drafted.consent, decided_reasons(session, letter.id))


def _touched_since_approval(session: Session, letters: Collection[Letter]) -> set[UUID]:
    """Return the letters whose unit has seen a case change since the letter was approved."""
    approvals = audit.last_of(session, "letter.approved", [letter.id for letter in letters])
    changes = {
        unit_id: audit.last_about(session, unit_id, "case")
        for unit_id in {letter.unit_id for letter in letters}
    }
    stands = briefs(session, {letter.case_id for letter in letters})
    found = set()
    for letter in letters:
        chain, approved = approvals.get(letter.id, (None, 0))
        elsewhere = chain != letter.unit_id or stands[letter.case_id].unit_id != letter.unit_id
        promises = not LetterKind(
            letter.kind
        ).follows_register  # what it promises can pass or move without a case
        if elsewhere or promises or changes[letter.unit_id] > approved:
            found.add(letter.id)
    return found
