"""Đếm thư theo bước: drafted, approved, printed, signed, handed over, returned, held, declined; by unit, day and kind.

Counted from the history of each letter, so that a count and the moves it stands for never differ. Codes and counts
only, no names: programme staff may see them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from civreg.accounts.rules import Actor, Permission
from civreg.cases.queries import letters_declined
from civreg.letters.models import Letter, LetterMove
from civreg.letters.queries.access import units_with_letters
from civreg.letters.rules import KIND_OF, KIND_WORDS, LetterKind, Occasion
from civreg.shared import clock
from civreg.shared.errors import NotFound
from civreg.shared.text import sort_key_vi
from civreg.units import queries as units
from civreg.units.rules import name_sort_key

STEP_WORDS: Mapping[str, str] = {
    "draft": "Đã soạn",
    "approve": "Đã duyệt",
    "print": "Đã in",
    "sign_seal": "Đã ký, đóng dấu",
    "hand_over": "Đã trao",
    "return": "Mang về",
    "hold": "Tạm giữ",
    "declined": "Gia đình không nhận",
}
"""Column → its words, in the order of the page."""
_TAKEN_BACK = {"print": "unprint", "hand_over": "take_back"}
"""A step → the later move that says it did not happen; a step taken back is not counted."""


@dataclass(frozen=True)
class CountRow:
    """The counts of one unit, day and kind."""

    unit_id: int
    unit_name: str
    day: date
    kind_words: str
    counts: Mapping[str, int] = field(default_factory=dict)


def step_counts(
    session: Session, actor: Actor, unit_id: int, first: date, last: date, *, as_of: date | None = None
) -> list[CountRow]:
    """Return what was done with letters at a unit and below it, a row per unit, day and kind, the newest day first.

    By the units of that time; with `as_of` an ended unit's letters stand at the unit of that day which took its place
    (one that was split keeps its own row, where all its parts lie below the unit).

    Raises:
        NotFound: the figures of the unit are not open to the actor.
    """
    if not actor.may(Permission.FIGURES_VIEW, unit_id):
        raise NotFound("Không có số liệu của đơn vị này trong phạm vi của ông/bà.")
    ids, stands = _places(session, unit_id, first, last, as_of)
    found: dict[tuple[int, date, str], dict[str, int]] = {}
    for unit, day, kind, action, count in _moves(session, ids, first, last):
        steps = found.setdefault((stands.get(unit, unit), day, kind), {})
        steps[action] = steps.get(action, 0) + count
    for (unit, day, occasion), count in letters_declined(session, ids, first, last).items():
        if occasion in {one.value for one in Occasion}:
            key = (stands.get(unit, unit), day, KIND_OF[Occasion(occasion)].value)
            steps = found.setdefault(key, {})
            steps["declined"] = steps.get("declined", 0) + count
    names = units.units_by_ids(session, {unit for unit, _, _ in found})
    rows = [
        CountRow(unit, names[unit].name, day, KIND_WORDS[LetterKind(kind)], steps)
        for (unit, day, kind), steps in found.items()
    ]
    return sorted(
        rows,
        key=lambda row: (-row.day.toordinal(), name_sort_key(row.unit_name), sort_key_vi(row.kind_words)),
    )


def _places(
    session: Session, unit_id: int, first: date, last: date, as_of: date | None
) -> tuple[set[int], dict[int, int]]:
    """Return the units whose letters count for one, and in whose place each of the ended ones is shown."""
    if as_of is None or not units.unit_by_id(session, unit_id).holds_on(as_of):
        return units.descendant_ids(session, unit_id, first, last), {}
    below = units.descendant_ids(session, unit_id, as_of, as_of)
    stands = units.stand_as(
        session, units_with_letters(session) | units.participating_ids(session, last) | below, as_of
    )
    ids = {unit for unit, now in stands.items() if now and now <= below}
    return ids, {unit: next(iter(stands[unit])) for unit in ids if len(stands[unit]) == 1}


def _moves(
    session: Session, unit_ids: set[int], first: date, last: date
) -> list[tuple[int, date, str, str, int]]:
    """Return (unit, day, kind, step, count) of the moves that stand; a letter held at its draft counts as held too."""
    later = aliased(LetterMove)
    undone = [
        (LetterMove.action == step)
        & exists().where(
            later.letter_id == LetterMove.letter_id, later.action == back, later.id > LetterMove.id
        )
        for step, back in _TAKEN_BACK.items()
    ]
    day = func.date(func.timezone("Asia/Ho_Chi_Minh", LetterMove.at))
    held = (LetterMove.action == "draft") & (LetterMove.to_state == "held")
    base = (
        select(Letter.unit_id, day, Letter.kind, LetterMove.action, func.count(), func.count().filter(held))
        .join(Letter, Letter.id == LetterMove.letter_id)
        .where(
            Letter.unit_id.in_(unit_ids),
            LetterMove.action.in_(STEP_WORDS),
            LetterMove.at >= datetime.combine(first, time(), clock.ZONE),
            LetterMove.at < datetime.combine(last + timedelta(days=1), time(), clock.ZONE),
            *(~one for one in undone),
        )
        .group_by(Letter.unit_id, day, Letter.kind, LetterMove.action)
    )
    found = []
    for unit, on, kind, action, count, at_once in session.execute(base):
        found.append((unit, on, kind, action, count))
        if at_once:
            found.append((unit, on, kind, "hold", at_once))
    return found
