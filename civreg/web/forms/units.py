"""Chọn đơn vị bằng tên: a unit found by typing part of its name, among those the person looks after."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.shared import clock
from civreg.shared.errors import NotFound
from civreg.shared.text import fold
from civreg.units.queries import UnitRow, participating_ids, units_by_ids
from civreg.units.rules import name_sort_key
from civreg.web.forms.answers import Answers

_MOST = 20


@dataclass(frozen=True)
class UnitChoice:
    """What typing a name led to.

    Attributes:
        unit: the one that was meant, or None.
        offered: several to choose from, as (id, name).
    """

    unit: UnitRow | None
    offered: tuple[tuple[str, str], ...] = ()


def choose_unit(session: Session, answers: Answers, among: Collection[int]) -> UnitChoice:
    """Return the unit that `unit_text` means, or the ones to choose `unit_id` from; notes what is missing.

    A unit outside `among` does not exist here, whatever id was sent.
    """
    chosen = answers.values.get("unit_id", "")
    if chosen.isdigit() and len(chosen) < 10 and int(chosen) in among:
        return UnitChoice(units_by_ids(session, [int(chosen)])[int(chosen)])
    text = answers.text("unit_text", missing="Ông/bà ghi tên đơn vị, ví dụ Trà Cú.")
    if not text:
        return UnitChoice(None)
    found = find_units(session, text, among)
    if len(found) == 1:
        return UnitChoice(found[0])
    if not found:
        answers.refuse("unit_text", "Không có đơn vị tên này trong phạm vi của ông/bà. Hãy ghi lại tên.")
        return UnitChoice(None)
    answers.refuse("unit_id", "Có nhiều đơn vị tên gần giống. Ông/bà chọn một.")
    return UnitChoice(None, tuple((str(unit.id), unit.name) for unit in found[:_MOST]))


def find_units(session: Session, text: str, among: Collection[int]) -> list[UnitRow]:
    """Return units with a word that begins with the text, accents forgiven; whole names alone when there are any."""
    wanted = fold(text)
    units = units_by_ids(session, among).values()
    whole = [unit for unit in units if wanted in (fold(unit.name), fold(unit.bare))]
    found = whole or [unit for unit in units if f" {wanted}" in f" {fold(unit.name)}"]
    return sorted(found, key=lambda unit: name_sort_key(unit.name))


def own_units(session: Session, actor: Actor) -> list[UnitRow]:
    """Return the units whose letters somebody sees: where they hold a role first, then those below that take part."""
    today = clock.today()
    held = {grant.unit_id for grant in actor.grants if grant.allows(Permission.LETTER_VIEW)}
    below = participating_ids(session, today) & actor.units(Permission.LETTER_VIEW)
    found = units_by_ids(session, held | below).values()
    return sorted(found, key=lambda unit: (unit.id not in held, name_sort_key(unit.name)))


def choose_own_unit(mine: list[UnitRow], typed: str) -> UnitRow:
    """Return the unit an address names, or the first of one's own.

    Raises:
        NotFound: the address names another unit, or there is none.
    """
    if not typed and mine:
        return mine[0]
    found = next((unit for unit in mine if str(unit.id) == typed), None)
    if found is None:
        raise NotFound("Không có đơn vị này trong phạm vi của ông/bà.")
    return found
