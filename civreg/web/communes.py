"""Chọn xã: search by old or new name, and take only a commune that still stands and takes part."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from civreg.shared.errors import InvalidInput, NotFound
from civreg.shared.text import nfc
from civreg.units import queries as units
from civreg.units.rules import spoken_name

MOST_LETTERS = 60


@dataclass(frozen=True, slots=True)
class Choice:
    """One commune to choose: its place, the old names that led here, whether it takes part."""

    value: str
    label: str
    note: str
    takes_part: bool


@dataclass(frozen=True, slots=True)
class Found:
    """Kết quả tìm xã.

    Attributes:
        text: what was searched for, as typed.
        sentence: what to do when nothing or several were found.
    """

    text: str
    choices: tuple[Choice, ...] = ()
    sentence: str = ""


def is_id(text: str) -> bool:
    """Return whether a text can be the id of a unit."""
    return re.fullmatch(r"[0-9]{1,12}", text) is not None


def search(session: Session, text: str, today: date) -> Found:
    """Return the communes a typed name may mean; never fails, whatever was typed."""
    typed = nfc(text)
    if not typed:
        return Found(text, sentence="Ông/bà ghi tên xã rồi bấm “Tìm xã”.")
    hits = units.search_communes(session, typed[:MOST_LETTERS], today, 8)
    choices = tuple(Choice(str(hit.unit.id), hit.path, hit.note or "", hit.takes_part) for hit in hits)
    if not choices:
        return Found(
            text,
            sentence="Chưa tìm thấy xã nào có tên này. Ông/bà thử tên xã cũ, hoặc chỉ ghi một phần tên.",
        )
    count = len(choices)
    return Found(
        text,
        choices,
        "Tìm thấy một xã. Ông/bà xem có đúng không."
        if count == 1
        else f"Tìm thấy {count} xã. Ông/bà chọn xã của mình.",
    )


def is_searched(form: Mapping[str, str]) -> bool:
    """Return whether a POST looks for a commune: the button, or a name typed after the last search."""
    text = form.get("commune_search", "").strip()
    return form.get("go") == "search" or (bool(text) and text != form.get("commune_searched", "").strip())


def check(session: Session, unit_id: str, today: date) -> str:
    """Return the place of a chosen commune, "Xã Đại An, tỉnh Vĩnh Long".

    Raises:
        InvalidInput: it does not exist, has become another (which is named), or does not take part.
    """
    try:
        unit = units.unit_by_id(session, int(unit_id))
    except NotFound as reason:
        raise _refusal("Không có xã này trong danh sách. Ông/bà tìm lại tên xã.") from reason
    if not unit.holds_on(today):
        after = units.successors(session, unit.id, today)
        names = " hoặc ".join(one.spoken for one in after)
        raise _refusal(
            f"{unit.name} nay là {names}. Ông/bà tìm và chọn {names}."
            if names
            else f"{unit.name} không còn. Ông/bà tìm tên xã hiện nay."
        )
    if units.participation_of(session, unit.id, today) is None:
        raise _refusal(
            f"{unit.name} chưa nhận đăng ký tại nhà qua mạng. Ông/bà đến trụ sở Ủy ban nhân dân {unit.spoken}, "
            "hoặc chọn xã khác."
        )
    return units.tree_path(session, unit, today)


def successors_of(session: Session, unit_id: str, today: date) -> Found:
    """Return what a vanished commune has become, to choose from at once."""
    try:
        unit = units.unit_by_id(session, int(unit_id))
    except NotFound:
        return Found("")
    after = units.successors(session, unit.id, today)
    paths = units.tree_paths(session, [one.id for one in after], today)
    taking_part = {row.unit.id for row in units.participating(session, today, [one.id for one in after])}
    return Found(
        "",
        tuple(
            Choice(str(one.id), paths[one.id], f"{unit.spoken} cũ", one.id in taking_part) for one in after
        ),
    )


def hamlets(session: Session, answers: Mapping[str, str]) -> list[str]:
    """Return the hamlets of the chosen commune, for the suggestions under the box."""
    chosen = answers.get("commune", "")
    rows = units.hamlets_of(session, int(chosen)) if is_id(chosen) else []
    names = Counter(row.name for row in rows)
    return [
        f"{row.name} ({spoken_name(row.old_commune)} cũ)"
        if row.old_commune and names[row.name] > 1
        else row.name
        for row in rows
    ]


def _refusal(sentence: str) -> InvalidInput:
    return InvalidInput(sentence, {"commune": sentence})
