"""Bước của thư: load a letter under lock, check version and right, move it, write history, outbox and audit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.cases.queries.briefs import CaseBrief, briefs
from civreg.cases.rules import FINAL, State
from civreg.letters.models import Letter, LetterMove
from civreg.letters.queries.access import PERMISSION_OF, sees
from civreg.letters.rules import LetterAction, LetterKind, LetterState, hold_codes, hold_sentence, next_state
from civreg.shared import audit, clock, crypto, outbox
from civreg.shared.database import new_id
from civreg.shared.errors import Conflict, NotFound
from civreg.units import queries as units

ANNULLED_BARS = "đăng ký đã bị hủy bỏ nên thư không in, không trao. Ông/bà hủy thư và giữ lại tờ đã in."
CORRECTION_BARS = "đăng ký đang được sửa sai sót nên thư phải chờ. Ông/bà ghi kết quả sửa ở hồ sơ trước."
STOPPED_BARS = "thư đang dừng lại chờ lãnh đạo quyết định: {why} Ông/bà mở thư ấy để xem."
OUTDATED_BARS = "đăng ký đã sửa sai sót sau khi thư có số nên lời thư là lời cũ. Lãnh đạo thay thư, hủy thư hoặc cho thư đi tiếp."
STALE = "Thư vừa có người khác cập nhật. Ông/bà xem lại thư rồi bấm lại; chưa có gì bị mất."


def load_letter(
    session: Session,
    actor: Actor,
    letter_id: UUID,
    permission: Permission,
    expected_version: int | None = None,
) -> Letter:
    """Load a letter and hold it until the transaction ends.

    Raises:
        NotFound: no such letter, or another unit's.
        NotAllowed: the actor sees the letter but may not do this.
        Conflict: the page was opened before somebody else's change.
    """
    (letter,) = _load(session, actor, [letter_id], permission)
    if expected_version is not None and letter.version != expected_version:
        raise Conflict(STALE)
    return letter


def _load(
    session: Session, actor: Actor, letter_ids: Collection[UUID], permission: Permission
) -> list[Letter]:
    """Load letters in the order of their ids and hold them; all of them, or none."""
    wanted = set(letter_ids)
    letters = session.scalars(
        select(Letter)
        .where(Letter.id.in_(wanted))
        .order_by(Letter.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if len(letters) != len(wanted) or not all(sees(actor, letter.unit_id) for letter in letters):
        raise NotFound("Không tìm thấy thư này ở đơn vị của ông/bà.")
    for letter in letters:
        actor.require(permission, letter.unit_id)
    return list(letters)


def load_for(
    session: Session, actor: Actor, letter_id: UUID, action: LetterAction, expected_version: int | None
) -> Letter:
    """Load a letter for one action of the state table, with the permission that action asks for."""
    return load_letter(session, actor, letter_id, PERMISSION_OF[action], expected_version)


def load_many(
    session: Session, actor: Actor, letter_ids: Collection[UUID], action: LetterAction
) -> list[Letter]:
    """Load letters for one action of a whole pile in one query, locked in the order of their ids.

    Raises:
        NotFound: when one of them is not there or not open to the actor; nothing is done then.
    """
    return _load(session, actor, letter_ids, PERMISSION_OF[action])


def refuse_barred(session: Session, letters: Collection[Letter]) -> None:
    """Refuse to bring letters nearer to a family while something stops them.

    Its registration is being corrected, was corrected since, or was annulled; or the letter was stopped before printing.

    Raises:
        Conflict: naming the case of the first such letter, and what to do.
    """
    known = briefs(session, {letter.case_id for letter in letters})
    for letter in letters:
        if why := barred(letter, known[letter.case_id]):
            raise Conflict(why)


def barred(letter: Letter, case: CaseBrief) -> str:
    """Return the sentence that says what stops a letter from coming nearer to the family; empty where nothing does."""
    follows = LetterKind(letter.kind).follows_register
    if letter.recalled_at is not None or (follows and State(case.state) not in FINAL):
        why = ANNULLED_BARS
    elif follows and case.correcting:
        why = CORRECTION_BARS
    elif letter.outdated_at is not None:
        why = OUTDATED_BARS
    elif letter.held_reason is not None:
        why = STOPPED_BARS.format(why=hold_sentence(hold_codes(letter.held_reason)))
    else:
        return ""
    return f"Hồ sơ {case.code}: {why}"


def step(
    session: Session,
    actor: Actor,
    letter: Letter,
    action: LetterAction,
    *,
    at: datetime | None = None,
    note: str | None = None,
    recipient: str = "",
    way: str | None = None,
    file_id: UUID | None = None,
) -> None:
    """Move the letter along the state table and write the move into its history.

    Args:
        session: the caller's transaction.
        actor: who does it.
        letter: held by this transaction.
        action: what is done.
        at: when it was done; now when None.
        note: the reason, where the action needs one.
        recipient: who took the letter and what they are to the family; sealed.
        way: where it was handed over: visit, office, post.
        file_id: the photograph of the receipt, already stored.

    Raises:
        Conflict: when the action does not fit the state.
        InvalidInput: when a reason is needed and missing.
    """
    to = next_state(letter.state, action, reason=note)
    write_move(
        session,
        actor,
        letter,
        action.value,
        to,
        at=at,
        note=note,
        recipient=recipient,
        way=way,
        file_id=file_id,
    )
    letter.state = to.value
    letter.version += 1


def write_move(
    session: Session,
    actor: Actor,
    letter: Letter,
    action: str,
    to: LetterState,
    *,
    at: datetime | None = None,
    note: str | None = None,
    recipient: str = "",
    way: str | None = None,
    file_id: UUID | None = None,
) -> None:
    """Write one row of the letter's history."""
    move_id = new_id()
    session.add(
        LetterMove(
            id=move_id,
            letter_id=letter.id,
            action=action,
            from_state=letter.state,
            to_state=to.value,
            at=at or clock.now(),
            actor_id=actor.user_id,
            sealed_recipient=crypto.seal(recipient, "letter_move", move_id, "sealed_recipient") or None,
            note=note,
            way=way,
            file_id=file_id,
        )
    )


def last_hand_over(session: Session, letter_id: UUID) -> LetterMove:
    """Return the newest hand-over of a letter that has one."""
    return session.scalars(
        select(LetterMove)
        .where(LetterMove.letter_id == letter_id, LetterMove.action == LetterAction.HAND_OVER.value)
        .order_by(LetterMove.id.desc())
        .limit(1)
    ).one()


def tell(session: Session, letter: Letter, topic: str, day: date, **more: Any) -> None:
    """Publish what happened to the letter, with ids, day and kind only."""
    tell_all(session, [letter], topic, day, **more)


def tell_all(session: Session, letters: Collection[Letter], topic: str, day: date, **more: Any) -> None:
    """Publish the same happening of several letters, a row for each; see `tell`."""
    known = briefs(session, {letter.case_id for letter in letters})
    counted = {
        unit_id: units.counted_at(session, unit_id, day) for unit_id in {one.unit_id for one in letters}
    }
    outbox.publish_all(
        session,
        topic,
        [
            (
                letter.id,
                {
                    "unit_id": counted[letter.unit_id],
                    "case_id": str(letter.case_id),
                    "procedure": known[letter.case_id].procedure,
                    "kind": letter.kind,
                    "day": day.isoformat(),
                    **more,
                },
            )
            for letter in letters
        ],
    )


def note_audit(session: Session, actor: Actor, letter: Letter, action: str, **details: Any) -> None:
    """Append the change to the unit's audit chain; the last step of a service."""
    note_audits(session, actor, [letter], action, **details)


def note_audits(
    session: Session,
    actor: Actor,
    letters: Iterable[Letter],
    action: str,
    of_each: Callable[[Letter], dict[str, Any]] = lambda _letter: {},
    **details: Any,
) -> None:
    """Append the same change of several letters, a row for each, to the chains of their units in the units' order.

    Args:
        session: the caller's transaction.
        actor: who did it.
        letters: the letters.
        action: the change.
        of_each: what the row of one letter says more than its version.
        details: what every row says.
    """
    note_changes(session, actor, [(action, letter, {**details, **of_each(letter)}) for letter in letters])


def note_changes(
    session: Session, actor: Actor, changes: Iterable[tuple[str, Letter, dict[str, Any]]]
) -> None:
    """Append changes of any kind, a row for each, to the chains of their units, each chain once and in the units' order.

    Two transactions that took the chains twice would wait for each other crosswise.
    """
    in_order = sorted(changes, key=lambda change: (change[1].unit_id, change[0]))
    for (unit_id, action), own in groupby(in_order, key=lambda change: (change[1].unit_id, change[0])):
        audit.record_many(
            session,
            action,
            unit_id=unit_id,
            actor_id=actor.user_id,
            subject_type="letter",
            subjects=[(letter.id, {"version": letter.version, **details}) for _, letter, details in own],
        )
