"""Đợt in: issued letters of the clerk's communes as one PDF, in the order in which they are carried out.

A reprint is the same run again: same letters, same bytes, same numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.letters.models import Letter, PrintRun
from civreg.letters.queries.naming import first_name_key
from civreg.letters.rules import LetterAction, LetterState
from civreg.letters.service.scheduling import note_visits
from civreg.letters.service.steps import load_letter, load_many, note_audit, step, write_move
from civreg.shared import audit, clock, files
from civreg.shared.database import new_id
from civreg.shared.errors import NotFound, Refusal
from civreg.shared.paper.merging import merge
from civreg.units import queries as units
from civreg.units.rules import name_sort_key

MOST_IN_RUN = 500
"""Most letters in one run; what is left goes into the next."""

_NOTHING = "Chưa có thư nào chờ in ở các đơn vị này. Thư in được sau khi lãnh đạo duyệt và máy đã cấp số."


@dataclass(frozen=True)
class PrintedRun:
    """A run as the printer gets it."""

    id: UUID
    pdf: bytes
    count: int


def print_run(
    session: Session, actor: Actor, unit_ids: Collection[int], letter_ids: Collection[UUID] | None = None
) -> PrintedRun:
    """Print the issued letters of some communes together and mark them printed (in thư).

    Args:
        session: the caller's transaction.
        actor: the letter clerk.
        unit_ids: communes; each must be one of the clerk's.
        letter_ids: only these; letters printed before are printed again then, unchanged.

    Raises:
        NotFound: a commune or letter that is not the clerk's.
        Refusal: nothing waits to be printed.
    """
    for unit_id in unit_ids:
        if not actor.may(Permission.LETTER_VIEW, unit_id):
            raise NotFound("Không có đơn vị này trong phạm vi của ông/bà.")
        actor.require(Permission.LETTER_PRINT, unit_id)
    letters = _letters_to_print(session, actor, unit_ids, letter_ids)
    if not letters:
        raise Refusal(_NOTHING)
    note_visits(session, {letter.case_id for letter in letters})
    ordered = _in_order(session, letters)
    run = PrintRun(
        id=new_id(),
        unit_id=_unit_of_run(actor, ordered),
        printed_by=actor.user_id,
        printed_at=clock.now(),
        letter_ids=[str(letter.id) for letter in ordered],
    )
    session.add(run)
    session.flush()
    pdf = merge(_papers(session, ordered))
    for letter in ordered:
        again = letter.state == LetterState.PRINTED
        step(session, actor, letter, LetterAction.REPRINT if again else LetterAction.PRINT)
        letter.print_run_id = run.id
    for letter in sorted(ordered, key=lambda letter: letter.unit_id):
        note_audit(session, actor, letter, "letter.printed", run=str(run.id))
    return PrintedRun(run.id, pdf, len(ordered))


def reprint(session: Session, actor: Actor, run_id: UUID) -> PrintedRun:
    """Print a run again exactly as it was (in lại); letters that moved on keep their state.

    Raises:
        NotFound: no such run among the clerk's.
    """
    run = session.get(PrintRun, run_id)
    if run is None or not actor.may(Permission.LETTER_PRINT, run.unit_id):
        raise NotFound("Không tìm thấy đợt in này ở đơn vị của ông/bà.")
    letters = [
        load_letter(session, actor, UUID(key), Permission.LETTER_PRINT) for key in sorted(run.letter_ids)
    ]
    by_id = {str(letter.id): letter for letter in letters}
    ordered = [by_id[key] for key in run.letter_ids]
    pdf = merge(_papers(session, ordered))
    for letter in ordered:
        write_move(session, actor, letter, LetterAction.REPRINT.value, LetterState(letter.state))
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


def _letters_to_print(
    session: Session, actor: Actor, unit_ids: Collection[int], letter_ids: Collection[UUID] | None
) -> list[Letter]:
    if letter_ids is not None:
        return load_many(session, actor, list(letter_ids), LetterAction.PRINT)
    return list(
        session.scalars(
            select(Letter)
            .where(Letter.unit_id.in_(unit_ids), Letter.state == LetterState.ISSUED.value)
            .order_by(Letter.id)
            .limit(MOST_IN_RUN)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )


def _in_order(session: Session, letters: Sequence[Letter]) -> list[Letter]:
    """Return letters by the visit that carries them, then by commune, then by name."""
    found = units.units_by_ids(session, {letter.unit_id for letter in letters})

    def key(letter: Letter) -> tuple[bool, datetime, str, str, UUID]:
        needed = letter.needed_by
        unit = name_sort_key(found[letter.unit_id].name)
        return needed is None, needed or letter.drafted_at, unit, first_name_key(letter), letter.id

    return sorted(letters, key=key)


def _papers(session: Session, letters: Sequence[Letter]) -> Iterator[bytes]:
    """Yield the stored bytes one at a time: a run of hundreds is never in memory as a whole."""
    for letter in letters:
        if letter.file_id is None:
            raise Refusal("Trong đợt in có thư chưa được cấp số. Ông/bà bỏ chọn thư đó rồi in lại.")
        yield files.load(session, letter.file_id)


def _unit_of_run(actor: Actor, letters: Sequence[Letter]) -> int:
    """Return where the run belongs: the clerk's unit that covers all its communes, else the first commune."""
    wanted = {letter.unit_id for letter in letters}
    covering = [
        grant for grant in actor.grants if grant.allows(Permission.LETTER_PRINT) and wanted <= grant.covers
    ]
    if covering:
        return min(covering, key=lambda grant: len(grant.covers)).unit_id
    return letters[0].unit_id
