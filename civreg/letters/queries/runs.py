"""Đợt in và nơi có thư: where letters wait, the runs that were printed, and a run's pages to print."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.letters.models import Letter, PrintRun
from civreg.letters.queries.access import GOES_ON, visible_to
from civreg.letters.queries.pages import LetterRow, letters
from civreg.letters.queries.run_papers import run_papers
from civreg.letters.rules import LetterState
from civreg.shared import audit
from civreg.shared.errors import NotFound
from civreg.units import queries as units
from civreg.units.rules import name_sort_key

_NOT_FOUND = "Không tìm thấy đợt in này ở đơn vị của ông/bà."


@dataclass(frozen=True)
class PrintRunRow:
    """A print run that can be printed again, or that was cancelled before anything of it was signed."""

    id: UUID
    unit_name: str
    printed_at: datetime
    count: int
    cancelled_at: datetime | None
    cancelled_reason: str
    double_sided: bool


@dataclass(frozen=True)
class PrintRunPage:
    """A print run with its letters, in the order in which they were printed."""

    row: PrintRunRow
    letters: tuple[LetterRow, ...]


def count_by_unit(
    session: Session, actor: Actor, state: Collection[LetterState]
) -> list[tuple[int, str, int]]:
    """Return (unit id, unit name, letters at these steps) of every commune that has any, by name; no names are read.

    Letters that are stopped, outdated or recalled do not go on, and are not counted.
    """
    query = (
        select(Letter.unit_id, func.count())
        .where(visible_to(actor), Letter.state.in_([wanted.value for wanted in state]), *GOES_ON)
        .group_by(Letter.unit_id)
    )
    counts = {row[0]: row[1] for row in session.execute(query)}
    found = sorted(units.units_by_ids(session, counts).values(), key=lambda unit: name_sort_key(unit.name))
    return [(unit.id, unit.name, counts[unit.id]) for unit in found]


def print_runs(session: Session, actor: Actor, limit: int = 20) -> list[PrintRunRow]:
    """Return the latest print runs of the actor's units."""
    query = select(PrintRun).order_by(PrintRun.printed_at.desc()).limit(limit)
    if not actor.unlimited:
        query = query.where(PrintRun.unit_id.in_(actor.units(Permission.LETTER_PRINT)))
    return _rows(session, session.scalars(query).all())


def print_run_page(session: Session, actor: Actor, run_id: UUID) -> PrintRunPage:
    """Return one run with its letters as they stand now; writes the read log.

    Raises:
        NotFound: no such run among the actor's.
    """
    run = _run(session, actor, run_id)
    ids = [UUID(key) for key in run.letter_ids]
    found = {row.id: row for row in letters(session, actor, ids=ids, limit=len(ids))}
    return PrintRunPage(_rows(session, [run])[0], tuple(found[key] for key in ids if key in found))


def print_run_pdf(session: Session, actor: Actor, run_id: UUID) -> bytes:
    """Return the pages of a run as one PDF, the same bytes each time; writes the read log.

    A cover with boxes to tick comes first. Looking at it again prints nothing into the history: `service.reprint` is
    for that.

    Raises:
        NotFound: no such run among the actor's, or one of its letters is not the actor's any more.
    """
    run = _run(session, actor, run_id)
    ids = [UUID(key) for key in run.letter_ids]
    found = {
        letter.id: letter
        for letter in session.scalars(select(Letter).where(visible_to(actor), Letter.id.in_(ids)))
    }
    if len(found) != len(ids):
        raise NotFound(_NOT_FOUND)
    audit.record_read(
        session, "letter.run_pdf", actor_id=actor.user_id, subject_type="print_run", subject_id=run.id
    )
    return run_papers(session, run, [found[key] for key in ids])


def _run(session: Session, actor: Actor, run_id: UUID) -> PrintRun:
    run = session.get(PrintRun, run_id)
    if run is None or not actor.may(Permission.LETTER_PRINT, run.unit_id):
        raise NotFound(_NOT_FOUND)
    return run


def _rows(session: Session, runs: Sequence[PrintRun]) -> list[PrintRunRow]:
    names = units.units_by_ids(session, {run.unit_id for run in runs})
    return [
        PrintRunRow(
            run.id,
            names[run.unit_id].name,
            run.printed_at,
            len(run.letter_ids),
            run.cancelled_at,
            run.cancelled_reason or "",
            run.double_sided,
        )
        for run in runs
    ]
