"""Đợt in: issued letters of the clerk's communes as one PDF, in the order in which they are carried out.

A reprint is the same run again: same letters, same bytes, same numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.cases.models import Case
from civreg.cases.queries import places
from civreg.cases.rules import FINAL
from civreg.letters.models import Letter, PrintRun
from civreg.letters.queries.access import FOLLOWS_REGISTER, GOES_ON
from civreg.letters.queries.naming import first_name_key
from civreg.letters.queries.run_papers import run_papers
from civreg.letters.rules import LetterAction, LetterState
from civreg.letters.service.rechecking import stop_doubtful
from civreg.letters.service.scheduling import note_visits
from civreg.letters.service.steps import (
    load_for,
    load_many,
    note_audit,
    note_audits,
    refuse_barred,
    step,
    write_move,
)
from civreg.shared import audit, clock
from civreg.shared.database import new_id
from civreg.shared.errors import Conflict, InvalidInput, NotFound, Refusal
from civreg.shared.text import sort_key_vi
from civreg.units import queries as units
from civreg.units.rules import name_sort_key

MOST_IN_RUN = 1000
"""Most letters in one run; what is left goes into the next."""

_NO_VISIT = datetime(9000, 1, 1, tzinfo=clock.ZONE)
"""Letters that no visit carries are all needed at one time, so that they lie by hamlet."""
_NO_REASON = "Ông/bà ghi vì sao in lại."
_NOT_WHOLE = "Đợt in này đã có thư ký, đóng dấu hoặc đi tiếp nên không hủy được. Ông/bà ghi “Tờ hỏng, in lại” ở từng thư."
_CANCELLED = "Đợt in này đã hủy; các thư của nó chờ in ở đợt khác."
_TOO_MANY = "Một đợt in nhiều nhất 1.000 thư. Ông/bà chọn ít hơn; phần còn lại vào đợt sau."
_NOTHING = "Chưa có thư nào chờ in ở các đơn vị này. Thư in được sau khi lãnh đạo duyệt và máy đã cấp số."


@dataclass(frozen=True)
class PrintedRun:
    """A run as the printer gets it; `stopped` letters stayed behind, because something came up since their approval.

    Where all of them did, there is no paper: `count` is 0, `pdf` empty, and no such run is kept.
    """

    id: UUID
    pdf: bytes
    count: int
    stopped: int = 0


def print_run(
    session: Session,
    actor: Actor,
    unit_ids: Collection[int],
    letter_ids: Collection[UUID] | None = None,
    *,
    double_sided: bool = False,
) -> PrintedRun:
    """Print the issued letters of some communes together and mark them printed (in thư).

    A letter about which something came up since its approval stays behind, stopped with its reason.

    Args:
        session: the caller's transaction.
        actor: the letter clerk.
        unit_ids: communes; each must be one of the clerk's.
        letter_ids: only these; letters printed before are printed again then, unchanged.
        double_sided: an empty back after a paper of odd length, so that each letter begins on a front.

    Raises:
        NotFound: a commune or letter that is not the clerk's.
        Refusal: nothing waits to be printed, or more letters are named than a run takes.
    """
    for unit_id in unit_ids:
        if not actor.may(Permission.LETTER_VIEW, unit_id):
            raise NotFound("Không có đơn vị này trong phạm vi của ông/bà.")
        actor.require(Permission.LETTER_PRINT, unit_id)
    letters = _letters_to_print(session, actor, unit_ids, letter_ids)
    if not letters:
        raise Refusal(_NOTHING)
    refuse_barred(session, letters)
    waiting, letters = letters, stop_doubtful(session, letters)
    stopped = len(waiting) - len(letters)
    if not letters:
        return PrintedRun(new_id(), b"", 0, stopped)
    note_visits(session, {letter.case_id for letter in letters})
    ordered = _in_order(session, letters)
    run = PrintRun(
        id=new_id(),
        unit_id=_unit_of_run(actor, ordered),
        printed_by=actor.user_id,
        printed_at=clock.now(),
        letter_ids=[str(letter.id) for letter in ordered],
        double_sided=double_sided,
    )
    session.add(run)
    session.flush()
    pdf = run_papers(session, run, ordered)
    for letter in ordered:
        again = letter.state == LetterState.PRINTED
        step(session, actor, letter, LetterAction.REPRINT if again else LetterAction.PRINT)
        letter.print_run_id = run.id
    note_audits(session, actor, ordered, "letter.printed", run=str(run.id))
    return PrintedRun(run.id, pdf, len(ordered), stopped)


def reprint(session: Session, actor: Actor, run_id: UUID, *, reason: str) -> PrintedRun:
    """Print a run again exactly as it was (in lại); letters that moved on keep their state.

    Nothing on the paper says that it is a reprint; the history of each letter does, with the reason.

    Raises:
        NotFound: no such run among the clerk's.
        InvalidInput: no reason.
        Conflict: the run was cancelled, or one of its letters may not go out any more.
    """
    run = _load_run(session, actor, run_id)
    if not reason.strip():
        raise InvalidInput(_NO_REASON, {"reason": _NO_REASON})
    ordered = _letters_of_run(session, actor, run)
    refuse_barred(session, ordered)
    pdf = run_papers(session, run, ordered)
    for letter in ordered:
        action, state = LetterAction.REPRINT.value, LetterState(letter.state)
        write_move(session, actor, letter, action, state, note=reason.strip())
    audit.record(
        session,
        "letter.run_reprinted",
        unit_id=run.unit_id,
        actor_id=actor.user_id,
        subject_type="print_run",
        subject_id=run.id,
        count=len(ordered),
    )
    return PrintedRun(run.id, pdf, len(ordered))


def cancel_run(session: Session, actor: Actor, run_id: UUID, *, reason: str) -> int:
    """Undo a run of which nothing was signed yet (hủy đợt in): its letters wait for another run; return how many.

    Raises:
        NotFound: no such run among the clerk's.
        InvalidInput: no reason.
        Conflict: one of its letters has gone further, or the run was cancelled before.
    """
    run = _load_run(session, actor, run_id)
    letters = _letters_of_run(session, actor, run)
    if any(letter.state != LetterState.PRINTED or letter.print_run_id != run.id for letter in letters):
        raise Conflict(_NOT_WHOLE)
    for letter in letters:
        step(session, actor, letter, LetterAction.UNPRINT, note=reason.strip())
        letter.print_run_id = None
    run.cancelled_at, run.cancelled_by, run.cancelled_reason = clock.now(), actor.user_id, reason.strip()
    audit.record(
        session,
        "letter.run_cancelled",
        unit_id=run.unit_id,
        actor_id=actor.user_id,
        subject_type="print_run",
        subject_id=run.id,
        count=len(letters),
    )
    return len(letters)


def spoil(session: Session, actor: Actor, letter_id: UUID, *, expected_version: int, reason: str) -> None:
    """A sheet was spoiled (tờ hỏng): the same letter under the same number waits to be printed again."""
    letter = load_for(session, actor, letter_id, LetterAction.SPOIL, expected_version)
    step(session, actor, letter, LetterAction.SPOIL, note=reason.strip())
    letter.spoiled += 1
    letter.print_run_id = None
    note_audit(session, actor, letter, "letter.spoiled", sheets=letter.spoiled)


def _load_run(session: Session, actor: Actor, run_id: UUID) -> PrintRun:
    """Load a run and hold it until the transaction ends."""
    run = session.get(PrintRun, run_id, with_for_update=True, populate_existing=True)
    if run is None or not actor.may(Permission.LETTER_PRINT, run.unit_id):
        raise NotFound("Không tìm thấy đợt in này ở đơn vị của ông/bà.")
    if run.cancelled_at is not None:
        raise Conflict(_CANCELLED)
    return run


def _letters_of_run(session: Session, actor: Actor, run: PrintRun) -> list[Letter]:
    """Return the letters of a run in its order, locked in the order of their ids."""
    letters = load_many(session, actor, [UUID(key) for key in run.letter_ids], LetterAction.PRINT)
    by_id = {str(letter.id): letter for letter in letters}
    return [by_id[key] for key in run.letter_ids]


def _letters_to_print(
    session: Session, actor: Actor, unit_ids: Collection[int], letter_ids: Collection[UUID] | None
) -> list[Letter]:
    if letter_ids is not None:
        if len(set(letter_ids)) > MOST_IN_RUN:
            raise Refusal(_TOO_MANY)
        return load_many(session, actor, letter_ids, LetterAction.PRINT)
    # what is being corrected, was annulled or is stopped stays behind without stopping the others
    return list(
        session.scalars(
            select(Letter)
            .join(Case, Case.id == Letter.case_id)
            .where(
                Letter.unit_id.in_(unit_ids),
                Letter.state == LetterState.ISSUED.value,
                *GOES_ON,
                ~FOLLOWS_REGISTER
                | Case.correction_opened_at.is_(None) & Case.state.in_([state.value for state in FINAL]),
            )
            .order_by(Letter.id)
            .limit(MOST_IN_RUN)
            .with_for_update(of=Letter)
            .execution_options(populate_existing=True)
        )
    )


def _in_order(session: Session, letters: Sequence[Letter]) -> list[Letter]:
    """Return letters by the visit that carries them, then by commune and hamlet, then by name."""
    found = units.units_by_ids(session, {letter.unit_id for letter in letters})
    where = places(session, {letter.case_id for letter in letters})

    def key(letter: Letter) -> tuple[bool, datetime, str, str, str, UUID]:
        needed = letter.needed_by
        unit, hamlet = name_sort_key(found[letter.unit_id].name), sort_key_vi(where[letter.case_id][0])
        return needed is None, needed or _NO_VISIT, unit, hamlet, first_name_key(letter), letter.id

    return sorted(letters, key=key)


def _unit_of_run(actor: Actor, letters: Sequence[Letter]) -> int:
    """Return where the run belongs: the clerk's unit that covers all its communes, else the first commune."""
    wanted = {letter.unit_id for letter in letters}
    covering = [
        grant for grant in actor.grants if grant.allows(Permission.LETTER_PRINT) and wanted <= grant.covers
    ]
    if covering:
        return min(covering, key=lambda grant: len(grant.covers)).unit_id
    return letters[0].unit_id
