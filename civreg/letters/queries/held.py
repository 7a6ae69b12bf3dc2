"""Còn ở từng đơn vị: letters on their way with and without a number, and the words, layouts, signers of ended units."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.letters.models import Letter, LetterLayout, LetterSetting, LetterSigner, LetterWording
from civreg.letters.rules import LetterState
from civreg.units import queries as units
from civreg.units.queries import HandoverRow


def letters_by_unit(session: Session, states: Collection[LetterState]) -> dict[int, int]:
    """Return for each unit how many letters stand at one of these steps."""
    query = (
        select(Letter.unit_id, func.count())
        .where(Letter.state.in_([state.value for state in states]))
        .group_by(Letter.unit_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def cases_of_letters(session: Session, unit_id: int, states: Collection[LetterState]) -> set[UUID]:
    """Return the cases whose letters stand at one of these steps at a unit."""
    found = select(Letter.case_id).where(
        Letter.unit_id == unit_id, Letter.state.in_([state.value for state in states])
    )
    return set(session.scalars(found))


def wordings_left(session: Session) -> dict[int, tuple[UUID, ...]]:
    """Return for each ended unit that has not handed over yet the texts another unit could go on with.

    Of each occasion and language that is the text in use and every draft written after it, the oldest first.
    """
    rows = session.execute(
        select(
            LetterWording.id,
            LetterWording.unit_id,
            LetterWording.kind,
            LetterWording.language,
            LetterWording.state,
        )
        .where(
            LetterWording.unit_id.in_(units.not_handed_over()),
            LetterWording.state.in_(["draft", "approved"]),
        )
        .order_by(LetterWording.unit_id, LetterWording.kind, LetterWording.language, LetterWording.number)
    )
    texts: defaultdict[tuple[int, str, str], list[UUID]] = defaultdict(list)
    for wording_id, unit_id, kind, language, state in rows:
        found = texts[unit_id, kind, language]
        if state == "approved":
            found.clear()
        found.append(wording_id)
    left: defaultdict[int, tuple[UUID, ...]] = defaultdict(tuple)
    for (unit_id, _, _), found in texts.items():
        left[unit_id] += tuple(found)
    return dict(left)


def layouts_left(session: Session, on: date) -> dict[int, tuple[UUID, ...]]:
    """Return for each ended unit that has not handed over yet the layouts it has on a day or set for later."""
    rows = session.execute(
        select(LetterLayout.id, LetterLayout.unit_id, LetterLayout.kind, LetterLayout.starts_on)
        .where(LetterLayout.unit_id.in_(units.not_handed_over()))
        .order_by(LetterLayout.unit_id, LetterLayout.kind, LetterLayout.starts_on, LetterLayout.id)
    )
    papers: defaultdict[tuple[int, str], list[UUID]] = defaultdict(list)
    for layout_id, unit_id, kind, starts_on in rows:
        if starts_on <= on:
            papers[unit_id, kind].clear()
        papers[unit_id, kind].append(layout_id)
    left: defaultdict[int, tuple[UUID, ...]] = defaultdict(tuple)
    for (unit_id, _), found in papers.items():
        left[unit_id] += tuple(found)
    return dict(left)


def settings_left(session: Session) -> dict[int, int]:
    """Return the ended units that have not handed over yet and had set days of their own for the desk, 1 for each."""
    query = select(LetterSetting.unit_id).where(LetterSetting.unit_id.in_(units.not_handed_over()))
    return dict.fromkeys(session.scalars(query), 1)


def signers_left(session: Session) -> dict[int, int]:
    """Return for each ended unit that has not handed over yet how many signers it had named; they stay there."""
    query = (
        select(LetterSigner.unit_id, func.count())
        .where(LetterSigner.unit_id.in_(units.not_handed_over()))
        .group_by(LetterSigner.unit_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def units_without_signer(session: Session, actor: Actor, on: date) -> list[HandoverRow]:
    """Return where a head has to say who signs, because an ended unit went there; one row for each such unit.

    The name of who signs never goes over, and until it is set the letters leave room for it.
    """
    handed = {
        row.new.id: row
        for row in units.handovers(session)
        if row.new.holds_on(on) and actor.may(Permission.LETTER_APPROVE, row.new.id)
    }
    named = set(
        session.scalars(select(LetterSigner.unit_id).where(LetterSigner.unit_id.in_(handed)).distinct())
    )
    named |= {row.unit.id for row in units.participating(session, on, handed) if row.signer_name}
    return [row for unit_id, row in handed.items() if unit_id not in named]
