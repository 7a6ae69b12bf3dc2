"""Ai thấy thư nào, ai làm được việc gì: letters of the units whose letters an actor may see."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import ColumnElement, true

from civreg.accounts.rules import Actor, Permission
from civreg.letters.models import Letter
from civreg.letters.rules import GOES_OUT, LetterAction, actions

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
}
"""What each action asks for; `issue` is the machine's. Whoever knows the family may hold and release, only the
head approves, cancels, and takes back a hand-over that was counted."""


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition under which a letter exists for the actor."""
    if actor.unlimited:
        return true()
    return Letter.unit_id.in_(actor.units(Permission.LETTER_VIEW))


def sees(actor: Actor, unit_id: int) -> bool:
    """Say whether letters of the unit exist for the actor; `visible_to` for one row."""
    return actor.may(Permission.LETTER_VIEW, unit_id)


def open_actions(
    actor: Actor, state: str, unit_id: int, *, recalled: bool = False
) -> tuple[LetterAction, ...]:
    """Return what the actor may do to a letter now, the next step of the flow first.

    Args:
        actor: who asks.
        state: of the letter.
        unit_id: of the letter.
        recalled: its registration was annulled: nothing brings it nearer to the family.
    """
    return tuple(
        action
        for action in actions(state)
        if action in PERMISSION_OF
        and actor.may(PERMISSION_OF[action], unit_id)
        and (action not in GOES_OUT if recalled else action is not LetterAction.SETTLE_RECALL)
    )
