"""Xác định xã, phường: one unit for what was typed or sent, or a refusal that offers where to go instead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.shared.errors import InvalidInput
from civreg.shared.text import format_date_vi, name_match, strip_accents
from civreg.units.models import Unit
from civreg.units.queries.searching import CommuneHit, search_communes
from civreg.units.queries.succeeding import successors
from civreg.units.queries.tree import UnitRow, code_held_before, is_lowest, tree_path, tree_paths
from civreg.units.rules import read_search_text, spoken_name

_OFFERED = 12
_SAME_SPELLING = 0.95
"""Of `name_match`: the same but for missing accents, their place (hòa, hoà) or joined syllables."""


class UnitGone(InvalidInput):
    """The text means no single unit of the day; `candidates` are the units to choose from, perhaps none.

    Attributes:
        candidates: today's units that may be meant, each with its place as `paths[id]`.
        gone: the unit that was meant and has ended, if there is one.
    """

    def __init__(
        self,
        sentence: str,
        candidates: Sequence[UnitRow] = (),
        paths: dict[int, str] | None = None,
        gone: UnitRow | None = None,
    ) -> None:
        super().__init__(sentence, {"commune": sentence})
        self.candidates = tuple(candidates)
        self.paths = paths or {}
        self.gone = gone


def resolve_commune(session: Session, code_or_text: str, on: date) -> UnitRow:
    """Return the lowest unit of a day that a code or a name means (xã, phường, đặc khu).

    Raises:
        UnitGone: no such unit, one that has become another ("Xã Ngãi Xuyên nay là xã Trà Cú"), or several.
    """
    code = code_or_text.strip()
    if code.isdecimal() and code.isascii():
        unit = code_held_before(session, code[:20], on)
        if unit is not None:
            return _standing_lowest(session, unit, on)
    hits = search_communes(session, code_or_text, on, _OFFERED)
    exact = _closest(code_or_text, [hit for hit in hits if hit.is_exact])
    if len(exact) == 1 and not exact[0].old_names and not _accents_clash(code_or_text, exact[0].unit):
        return exact[0].unit
    if len(exact) == 1 and exact[0].old_names:
        old_names, new = " và ".join(exact[0].old_names), exact[0]
        sentence = f"{_capital(old_names)} nay là {new.unit.spoken}. Ông/bà chọn {spoken_name(new.path)}."
        raise UnitGone(sentence, [new.unit], {new.unit.id: new.path})
    offered = exact or hits
    paths = {hit.unit.id: hit.path for hit in offered}
    raise UnitGone(_choose(offered), [hit.unit for hit in offered], paths)


def _standing_lowest(session: Session, unit: UnitRow, on: date) -> UnitRow:
    if unit.holds_on(on):
        if session.scalar(select(Unit.id).where(Unit.id == unit.id, is_lowest(on))) is None:
            raise UnitGone(f"{unit.name} còn có các đơn vị bên dưới. Ông/bà chọn xã, phường.")
        return unit
    after = successors(session, unit.id, on)
    paths = tree_paths(session, [one.id for one in after], on)
    if len(after) == 1:
        name = after[0].spoken
        sentence = f"{unit.name} nay là {name}. Ông/bà chọn {spoken_name(paths[after[0].id])}."
    elif after:
        names = ", ".join(one.spoken for one in after[:_OFFERED])
        sentence = f"{unit.name} nay thuộc nhiều đơn vị: {names}. Ông/bà chọn nơi mình ở."
    else:
        since = format_date_vi(unit.valid_to or on)
        place = tree_path(session, unit, on)
        sentence = (
            f"{place} không còn trong danh mục từ ngày {since} và danh mục không ghi đơn vị kế tiếp. "
            "Ông/bà gõ tên xã, phường hiện nay."
        )
    raise UnitGone(sentence, after, paths, unit)


def _closest(typed: str, exact: list[CommuneHit]) -> list[CommuneHit]:
    """Return the exact hits that are as good as the best one: accents, kind and place decide, the programme too.

    A family that typed "Đại An" with its accents did not mean "Đại Ân".
    """
    search = read_search_text(typed)
    spelled = [hit for hit in exact if search.spells(hit.unit.name)]
    return spelled if len(spelled) == 1 else exact


def _accents_clash(typed: str, unit: UnitRow) -> bool:
    """Say whether the text was typed with accents that are not the unit's: "Đại Ân" for xã Đại An."""
    words = read_search_text(typed).typed
    if strip_accents(words) == words:
        return False
    tail = " ".join(words.split(" ")[-unit.bare.count(" ") - 1 :])
    return name_match(tail, unit.bare).score < _SAME_SPELLING


def _choose(offered: Sequence[CommuneHit]) -> str:
    if not offered:
        return "Không tìm thấy xã, phường này. Ông/bà gõ lại tên xã, phường, có thể dùng tên cũ."
    if len(offered) == 1 and offered[0].note is None:
        return f"Có phải ông/bà muốn chọn {spoken_name(offered[0].path)}? Bấm chọn nếu đúng."
    places = "; ".join(f"{hit.path} ({hit.note})" if hit.note else hit.path for hit in offered)
    return f"Có nhiều nơi gần giống tên đã gõ: {places}. Ông/bà chọn một nơi."


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
