"""Cách làm của bàn thư: the head sets days for the unit, and where the numbers of a book that began on paper go on."""

from __future__ import annotations

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.letters.models import LetterBookStart, LetterSetting
from civreg.letters.queries.settings import SERIES, book_state
from civreg.shared import audit, clock
from civreg.shared.counters import take_number
from civreg.shared.errors import Conflict, InvalidInput

_BEGUN = "Sổ thư năm {year} đã có số {last:02d}/{year} do máy cấp nên không đổi số đầu được nữa."
_MOURNING = "Ông/bà ghi số ngày từ 1 đến 730."
_WAITING = "Ông/bà ghi số ngày từ 1 đến 365."
_FIRST = "Ông/bà ghi số đầu từ 1 đến 100.000."


def set_desk(session: Session, actor: Actor, unit_id: int, *, mourning_days: int, waiting_days: int) -> None:
    """Set the days of one unit; units below without their own go by them.

    Raises:
        NotAllowed: somebody else than the head of the unit.
        InvalidInput: days out of range, each with its sentence.
    """
    actor.require(Permission.LETTER_APPROVE, unit_id)
    problems = {}
    if not 1 <= mourning_days <= 730:
        problems["mourning_days"] = _MOURNING
    if not 1 <= waiting_days <= 365:
        problems["waiting_days"] = _WAITING
    if problems:
        raise InvalidInput("Ông/bà sửa lại những chỗ được nêu dưới đây.", problems)
    values = {
        "mourning_days": mourning_days,
        "waiting_days": waiting_days,
        "changed_at": clock.now(),
        "changed_by": actor.user_id,
    }
    session.execute(
        insert(LetterSetting)
        .values(unit_id=unit_id, **values)
        .on_conflict_do_update(index_elements=[LetterSetting.unit_id], set_=values)
    )
    audit_settings(
        session,
        actor,
        unit_id,
        "letter.settings_changed",
        mourning_days=mourning_days,
        waiting_days=waiting_days,
    )


def start_book(session: Session, actor: Actor, unit_id: int, *, year: int, first_number: int) -> None:
    """Let the numbers of this year begin after those given on paper (sổ thư bắt đầu trên giấy).

    Only before civreg has given a number in that book: afterwards a gap or a double would follow.

    Raises:
        NotAllowed: somebody else than the head of the unit.
        InvalidInput: no number that can begin a book.
        Conflict: the book has begun.
    """
    actor.require(Permission.LETTER_APPROVE, unit_id)
    if not 1 <= first_number <= 100_000:
        raise InvalidInput(_FIRST, {"first_number": _FIRST})
    # taking and giving back holds the counter: no number can be given between the look and the change
    state = book_state(session, unit_id, year)
    if state.begun:
        raise Conflict(_BEGUN.format(year=year, last=state.last))
    moved = first_number - 1 - state.last
    if moved:
        reached = take_number(session, unit_id, SERIES, year, moved) + moved - 1
        if reached != first_number - 1:
            raise Conflict(_BEGUN.format(year=year, last=reached - moved))
    values = {"first_number": first_number, "noted_at": clock.now(), "noted_by": actor.user_id}
    session.execute(
        insert(LetterBookStart)
        .values(unit_id=unit_id, year=year, **values)
        .on_conflict_do_update(index_elements=[LetterBookStart.unit_id, LetterBookStart.year], set_=values)
    )
    audit_settings(session, actor, unit_id, "letter.book_started", year=year, first_number=first_number)


def audit_settings(session: Session, actor: Actor, unit_id: int, action: str, **details: int | str) -> None:
    """Append to the log what was set at a unit's desk."""
    audit.record(
        session,
        action,
        unit_id=unit_id,
        actor_id=actor.user_id,
        subject_type="unit",
        subject_id=None,
        **details,
    )
