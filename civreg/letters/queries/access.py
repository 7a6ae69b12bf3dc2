"""Ai thấy thư nào, ai làm được việc gì: letters of the units whose letters an actor may see."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.letters.models import Letter
from civreg.letters.rules import GOES_OUT, HoldReason, LetterAction, LetterKind, actions, hold_codes

PERMISSION_OF: Mapping[LetterAction, Permission] = {
    LetterAction.APPROVE: Permission.LETTER_APPROVE,
    LetterAction.HOLD: Permission.CASE_WORK,
    LetterAction.RELEASE: Permission.CASE_WORK,
    LetterAction.CANCEL: Permission.LETTER_APPROVE,
    LetterAction.PRINT: Permission.LETTER_PRINT,
    LetterAction.REPRINT: Permission.LETTER_PRINT,
    LetterAction.SIGN_SEAL: Permission.LETTER_PRINT,
    LetterAction.GIVE_TO_OFFICER: Permission.LETTER_PRINT,
    LetterAction.HAND_OVER: Permission.LETTER_HAND_OVER,
    LetterAction.RETURN: Permission.LETTER_HAND_OVER,
    LetterAction.KEEP: Permission.LETTER_HAND_OVER,
    LetterAction.SPOIL: Permission.LETTER_PRINT,
    LetterAction.UNPRINT: Permission.LETTER_PRINT,
    LetterAction.TAKE_BACK: Permission.LETTER_APPROVE,
    LetterAction.SETTLE_RECALL: Permission.LETTER_HAND_OVER,
    LetterAction.LET_GO: Permission.LETTER_APPROVE,
    LetterAction.REPLACE: Permission.LETTER_APPROVE,
}
"""What each action asks for; `issue` and `stop` are the machine's. Whoever knows the family may hold and release, only
the head approves, cancels, lets a stopped letter go, replaces it, and takes back a hand-over that was counted."""


FOLLOWS_REGISTER = Letter.kind.in_([kind.value for kind in LetterKind if kind.follows_register])
"""Condition of letters that say what a registration says; an apology stands on the promise that was missed."""
GOES_ON = (Letter.held_reason.is_(None), Letter.outdated_at.is_(None), Letter.recalled_at.is_(None))
"""Conditions of a numbered letter that nothing stops; whether its registration is being corrected, its case knows."""


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition under which a letter exists for the actor."""
    if actor.unlimited:
        return true()
    return Letter.unit_id.in_(actor.units(Permission.LETTER_VIEW))


def units_with_letters(session: Session) -> set[int]:
    """Return every unit that has a letter: one look into the index for each, instead of reading every letter."""
    units = select(func.min(Letter.unit_id).label("unit_id")).cte("units", recursive=True)
    after = select(func.min(Letter.unit_id)).where(Letter.unit_id > units.c.unit_id).scalar_subquery()
    units = units.union_all(select(after).where(units.c.unit_id.is_not(None)))
    return set(session.scalars(select(units.c.unit_id).where(units.c.unit_id.is_not(None))))


def sees(actor: Actor, unit_id: int) -> bool:
    """Say whether letters of the unit exist for the actor; `visible_to` for one row."""
    return actor.may(Permission.LETTER_VIEW, unit_id)


def open_actions(actor: Actor, letter: Letter, *, correcting: bool = False) -> tuple[LetterAction, ...]:
    """Return what the actor may do to a letter now, the next step of the flow first.

    Args:
        actor: who asks.
        letter: as it stands.
        correcting: its registration is being corrected.
    """
    recalled, outdated = letter.recalled_at is not None, letter.outdated_at is not None
    stopped, reasons = outdated or letter.held_reason is not None, hold_codes(letter.held_reason)
    open_here = {
        LetterAction.SETTLE_RECALL: recalled or outdated,
        LetterAction.LET_GO: stopped and not recalled and HoldReason.CONSENT_WITHDRAWN not in reasons,
        LetterAction.REPLACE: outdated and not recalled and not correcting,
        **dict.fromkeys(GOES_OUT, not (recalled or stopped or correcting)),
    }
    return tuple(
        action
        for action in actions(letter.state)
        if action in PERMISSION_OF
        and actor.may(PERMISSION_OF[action], letter.unit_id)
        and open_here.get(action, True)
    )
