"""Trao thư: signed and sealed, given to the officer, in the family's hands, or brought back. Every hand is a row."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor
from civreg.letters.models import Letter
from civreg.letters.rules import LetterAction
from civreg.letters.service.steps import (
    last_hand_over,
    load_for,
    load_many,
    note_audit,
    refuse_barred,
    step,
    tell,
)
from civreg.shared import clock, files
from civreg.shared.errors import InvalidInput
from civreg.shared.text import nfc

HandOverWay = Literal["visit", "office", "post"]
"""Where a letter reaches the family."""

_LONGEST = 120
"""Characters of the longest recipient."""


def sign_seal(session: Session, actor: Actor, letter_id: UUID, *, expected_version: int) -> None:
    """The printed letter was signed and sealed (đã ký, đóng dấu)."""
    letter = load_for(session, actor, letter_id, LetterAction.SIGN_SEAL, expected_version)
    refuse_barred(session, [letter])
    step(session, actor, letter, LetterAction.SIGN_SEAL)
    note_audit(session, actor, letter, "letter.signed_sealed")


def sign_many(session: Session, actor: Actor, letter_ids: Collection[UUID]) -> int:
    """A whole pile was signed and sealed; return how many. One that is not ready refuses the pile."""
    letters = load_many(session, actor, list(letter_ids), LetterAction.SIGN_SEAL)
    refuse_barred(session, letters)
    for letter in letters:
        step(session, actor, letter, LetterAction.SIGN_SEAL)
    _audit_all(session, actor, letters, "letter.signed_sealed")
    return len(letters)


def give_to_officer(
    session: Session, actor: Actor, letter_id: UUID, *, expected_version: int, officer_name: str
) -> None:
    """The letter was given to the officer who carries it (giao cho cán bộ đi trao)."""
    letter = load_for(session, actor, letter_id, LetterAction.GIVE_TO_OFFICER, expected_version)
    refuse_barred(session, [letter])
    step(session, actor, letter, LetterAction.GIVE_TO_OFFICER, recipient=_recipient(officer_name, "cán bộ"))
    note_audit(session, actor, letter, "letter.given_to_officer")


def give_many(session: Session, actor: Actor, letter_ids: Collection[UUID], *, officer_name: str) -> int:
    """A pile was given to one officer, against the signed list (`queries.hand_over_list`); return how many."""
    letters = load_many(session, actor, list(letter_ids), LetterAction.GIVE_TO_OFFICER)
    refuse_barred(session, letters)
    for letter in letters:
        step(
            session, actor, letter, LetterAction.GIVE_TO_OFFICER, recipient=_recipient(officer_name, "cán bộ")
        )
    _audit_all(session, actor, letters, "letter.given_to_officer")
    return len(letters)


def hand_over(
    session: Session,
    actor: Actor,
    letter_id: UUID,
    *,
    expected_version: int,
    to_whom: str,
    relation: str,
    at: datetime,
    way: HandOverWay = "visit",
    photograph: bytes | None = None,
) -> None:
    """The letter is in the family's hands (đã trao tận tay); this, and only this, the programme counts.

    Args:
        session: the caller's transaction.
        actor: who handed it over, or writes it down.
        letter_id: the letter.
        expected_version: of the page.
        to_whom: full name of who took it; sealed.
        relation: what they are to the family; sealed.
        at: when; aware.
        way: at the visit, at the office, or by post.
        photograph: of the signed receipt, or the signature drawn on a screen: a JPEG made by `shared.imaging`; optional,
            stored sealed.

    Raises:
        InvalidInput: no name, a moment in the future or before the letter existed.
    """
    letter = load_for(session, actor, letter_id, LetterAction.HAND_OVER, expected_version)
    refuse_barred(session, [letter])
    _refuse_impossible(letter, to_whom, at)
    file_id = None
    if photograph is not None:
        file_id, _ = files.store(session, photograph, "image/jpeg")
        session.flush()  # the file's row must exist before the move points at it
    step(
        session,
        actor,
        letter,
        LetterAction.HAND_OVER,
        at=at,
        recipient=_recipient(to_whom, relation),
        way=way,
        file_id=file_id,
    )
    tell(session, letter, "letter.handed_over", at.astimezone(clock.ZONE).date())
    note_audit(session, actor, letter, "letter.handed_over")


def return_letter(
    session: Session, actor: Actor, letter_id: UUID, *, expected_version: int, reason: str
) -> None:
    """The letter could not be handed over and was brought back (mang về), with the reason.

    It was not counted, so nothing is taken away: `was_handed_over` in the message says so.
    """
    letter = load_for(session, actor, letter_id, LetterAction.RETURN, expected_version)
    step(session, actor, letter, LetterAction.RETURN, note=reason.strip())
    tell(session, letter, "letter.returned", clock.today(), was_handed_over=False)
    note_audit(session, actor, letter, "letter.returned")


def keep(session: Session, actor: Actor, letter_id: UUID, *, expected_version: int, reason: str) -> None:
    """A letter that could not be handed over stays at the office (lưu tại đơn vị); the family may still ask for it."""
    letter = load_for(session, actor, letter_id, LetterAction.KEEP, expected_version)
    step(session, actor, letter, LetterAction.KEEP, note=reason.strip())
    note_audit(session, actor, letter, "letter.kept")


def take_back(session: Session, actor: Actor, letter_id: UUID, *, expected_version: int, reason: str) -> None:
    """A hand-over was noted by mistake: the head takes it out of the figures, on the day it was counted for."""
    letter = load_for(session, actor, letter_id, LetterAction.TAKE_BACK, expected_version)
    handed = last_hand_over(session, letter.id)
    step(session, actor, letter, LetterAction.TAKE_BACK, note=reason.strip())
    day = handed.at.astimezone(clock.ZONE).date()
    tell(session, letter, "letter.returned", day, was_handed_over=True)
    note_audit(session, actor, letter, "letter.hand_over_taken_back", day=day.isoformat())


def _refuse_impossible(letter: Letter, to_whom: str, at: datetime) -> None:
    problems: dict[str, str] = {}
    if not nfc(to_whom):
        problems["to_whom"] = "Ông/bà ghi họ tên người nhận thư."
    elif len(nfc(to_whom)) > _LONGEST:
        problems["to_whom"] = f"Họ tên người nhận dài tối đa {_LONGEST} ký tự. Ông/bà ghi ngắn lại."
    if at > clock.now():
        problems["at"] = "Thời điểm trao không thể sau bây giờ. Ông/bà ghi lại ngày giờ đã trao."
    elif letter.issued_at is not None and at < letter.issued_at.replace(second=0, microsecond=0):
        # people write minutes: a letter may be handed over in the minute it got its number
        issued = letter.issued_at.astimezone(clock.ZONE)
        problems["at"] = (
            f"Thư được cấp số lúc {issued:%H:%M ngày %d/%m/%Y}. Ông/bà ghi thời điểm trao sau đó."
        )
    if problems:
        raise InvalidInput("Ông/bà sửa lại những chỗ được nêu dưới đây.", problems)


def _recipient(name: str, relation: str) -> str:
    return json.dumps({"name": nfc(name), "relation": nfc(relation)[:_LONGEST]}, ensure_ascii=False)


def _audit_all(session: Session, actor: Actor, letters: Collection[Letter], action: str) -> None:
    """Append one row per letter, chain by chain in the order of units: two piles never wait for each other."""
    for letter in sorted(letters, key=lambda letter: letter.unit_id):
        note_audit(session, actor, letter, action)
