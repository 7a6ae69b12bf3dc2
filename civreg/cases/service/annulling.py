"""Hủy bỏ đăng ký: the head takes a registration back out; figures, letters and visits follow through the outbox."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.cases.rules import NOTE_LIMIT, Action, clean_line
from civreg.cases.service.moves import load_case, note_audit, step, tell
from civreg.deadlines import service as deadlines
from civreg.shared import clock
from civreg.shared.errors import InvalidInput


def annul_registration(
    session: Session, actor: Actor, case_id: UUID, *, expected_version: int, reason: str
) -> None:
    """Take a registration back out (hủy bỏ đăng ký): it was made wrongly, or a higher agency decided so.

    What was counted is taken away on the day it was counted for; a letter that is not printed is cancelled, one
    that is printed is listed to be brought back (job letters.recall). The case then has no registration: its history
    says when it had one, and the number in the register stays where it was written.

    Args:
        session: the open transaction.
        actor: the head; only whoever may refuse a registration may take one back.
        case_id: a registered case, its result delivered or not.
        expected_version: of the page.
        reason: for the family and whoever checks later; the decision's number and date belong here.

    Raises:
        InvalidInput: no reason.
        Conflict: nothing is registered, or a stale page.
    """
    case = load_case(session, actor, case_id, Permission.CASE_REFUSE, expected_version)
    words = clean_line(reason, "reason", "Lý do", NOTE_LIMIT)
    if not words:
        raise InvalidInput("Ông/bà ghi lý do hủy bỏ.", {"reason": "Ông/bà ghi lý do hủy bỏ."})
    registered, delivered = case.registered_at, case.delivered_at
    step(session, actor, case, Action.ANNUL, words)
    if registered is not None:
        tell(session, case, "case.annulled", registered.astimezone(clock.ZONE).date())
    if delivered is not None:
        tell(session, case, "case.delivery_annulled", delivered.astimezone(clock.ZONE).date())
    case.registered_at = case.delivered_at = case.on_time = None
    case.correction_opened_at = case.correction_reason = None
    case.closing_reason = words
    deadlines.cancel_deadlines(session, case.id)
    note_audit(session, actor, case, "case.annulled", was_delivered=delivered is not None)
