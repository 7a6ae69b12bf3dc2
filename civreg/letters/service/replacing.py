"""Thay thư: another letter in place of a numbered one whose registration was corrected; the old number stays void."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor
from civreg.letters.models import Letter
from civreg.letters.rules import LetterAction, LetterState, pack_facts, stop_reasons
from civreg.letters.service.deciding import decided_reasons, refuse_while_correcting, refuse_without_consent
from civreg.letters.service.rechecking import drafted_now
from civreg.letters.service.steps import load_for, note_audit, step, write_move
from civreg.shared import clock, crypto
from civreg.shared.database import new_id
from civreg.shared.errors import Conflict

_NOTHING_CORRECTED = (
    "Lời thư vẫn đúng với đăng ký nên không thay được. Ông/bà hủy thư nếu thư không nên gửi nữa."
)


def replace_letter(
    session: Session, actor: Actor, letter_id: UUID, *, expected_version: int, reason: str
) -> UUID:
    """The head voids an outdated letter and has another drafted in its place (thay bằng thư mới).

    The new one says what the register says now, keeps language and what a person chose and decided for the old one, and
    goes the whole way: approval, number, print run. A letter in the family's hands is not replaced: it was handed over.

    Returns:
        The new letter's id.

    Raises:
        Conflict: nothing was corrected since it was written, or it is with the family already.
        Refusal: the registration is being corrected again, or the family does not want the letter.
    """
    old = load_for(session, actor, letter_id, LetterAction.REPLACE, expected_version)
    drafted = drafted_now(session, old)
    if old.outdated_at is None or drafted is None or drafted.decision.kind is None:
        if drafted is not None:
            refuse_without_consent(drafted)
        raise Conflict(_NOTHING_CORRECTED)
    refuse_without_consent(drafted)
    refuse_while_correcting(drafted)
    step(session, actor, old, LetterAction.REPLACE, note=reason.strip())
    old.outdated_at = old.held_reason = None
    reasons = stop_reasons(drafted.decision, drafted.consent, decided_reasons(session, old.id))
    new_letter_id = new_id()
    ordinals = select(func.max(Letter.ordinal)).where(Letter.case_id == old.case_id, Letter.kind == old.kind)
    new = Letter(
        id=new_letter_id,
        case_id=old.case_id,
        unit_id=drafted.unit_id,
        kind=old.kind,
        ordinal=session.scalars(ordinals).one() + 1,
        state=(LetterState.HELD if reasons else LetterState.DRAFT).value,
        held_reason=",".join(reason.value for reason in reasons) or None,
        sealed_facts=crypto.seal(pack_facts(drafted.facts), "letter", new_letter_id, "sealed_facts"),
        language=old.language,
        template_version="",
        needed_by=old.needed_by,
        drafted_at=clock.now(),
        replaces_id=old.id,
    )
    session.add(new)
    session.flush()
    write_move(session, actor, new, "draft", LetterState(new.state))
    note_audit(session, actor, old, "letter.replaced", by=str(new.id))
    note_audit(session, actor, new, "letter.drafted", kind=new.kind, held=new.held_reason or "")
    return new.id
