"""Thu hồi thư: what becomes of a letter when its registration is annulled."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.accounts.rules import SYSTEM, Actor
from civreg.cases import queries as cases
from civreg.letters.models import Letter
from civreg.letters.queries.access import FOLLOWS_REGISTER
from civreg.letters.queries.of_case import known_of, shared_letters
from civreg.letters.rules import UNNUMBERED, LetterAction, LetterState
from civreg.letters.service.drafting import look_again
from civreg.letters.service.steps import load_for, note_audit, step
from civreg.shared import clock
from civreg.shared.errors import Conflict

ANNULLED = "Đăng ký đã bị hủy bỏ."
_SHARED = "Đăng ký của một người có tên trên thư đã bị hủy bỏ."
_NOT_RECALLED = "Thư này không phải thu lại. Ông/bà mở lại thư để xem."


def recall_letters(session: Session, case_id: UUID) -> int:
    """Cancel the letters of an annulled case that are not printed, and list the printed ones; return how many.

    A number already given stays void in the book. A letter of another case that names this one's people too (twins,
    mother and child) is written anew where it has no number, and listed where it has.
    """
    known = known_of(session, case_id)
    if known.registered_at is not None:
        return 0
    own = [letter for letter in _letters(session, [case_id]) if letter.state != LetterState.CANCELLED]
    for letter in own:
        if letter.state in (*UNNUMBERED, LetterState.ISSUED):
            step(session, SYSTEM, letter, LetterAction.CANCEL, note=ANNULLED)
            letter.held_reason = None
            note_audit(session, SYSTEM, letter, "letter.cancelled", number_void=letter.number is not None)
        else:
            _list(session, letter)
    shared = {letter.id for letter in shared_letters(session, known)}
    for letter in _letters(session, cases.tied_to(session, case_id)):
        if letter.state == LetterState.CANCELLED:
            continue
        if letter.state in (LetterState.DRAFT, LetterState.HELD):
            look_again(session, letter)
        elif letter.id in shared and letter.state == LetterState.APPROVED:
            step(session, SYSTEM, letter, LetterAction.HOLD, note=_SHARED)
            letter.held_reason = _SHARED
            note_audit(session, SYSTEM, letter, "letter.held_back")
        elif letter.id in shared:
            _list(session, letter)
    return len(own)


def settle_recall(
    session: Session, actor: Actor, letter_id: UUID, *, expected_version: int, reason: str
) -> None:
    """Note that the family was told about a letter it already has (đã báo gia đình); it leaves the lists.

    Its registration was annulled, or corrected so that the letter says something else than the register.

    The hand-over stays counted: the letter did reach the family.

    Raises:
        Conflict: the letter is not on the list.
    """
    letter = load_for(session, actor, letter_id, LetterAction.SETTLE_RECALL, expected_version)
    if letter.recalled_at is None and letter.outdated_at is None:
        raise Conflict(_NOT_RECALLED)
    step(session, actor, letter, LetterAction.SETTLE_RECALL, note=reason.strip())
    letter.recalled_at = letter.outdated_at = None
    note_audit(session, actor, letter, "letter.recall_settled")


def _list(session: Session, letter: Letter) -> None:
    if letter.recalled_at is None:
        letter.recalled_at = clock.now()
        letter.version += 1
        note_audit(session, SYSTEM, letter, "letter.recalled")


def _letters(session: Session, case_ids: list[UUID]) -> list[Letter]:
    return list(
        session.scalars(
            select(Letter)
            .where(Letter.case_id.in_(case_ids), FOLLOWS_REGISTER)
            .order_by(Letter.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )
