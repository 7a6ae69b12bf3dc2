"""Tìm xã, phường: today's lowest units by their own name or by any name that went into them.

Families know their commune by its old name: "Định An" answers xã Đại An with the note "thị trấn Định An và xã
Định An cũ". Accents, joined syllables, short words for a kind and places after a comma are all forgiven.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from civreg.units.models import Unit
from civreg.units.queries.participating import participating_ids
from civreg.units.queries.succeeding import successor_ids
from civreg.units.queries.tree import UNIT_COLUMNS, UnitRow, is_lowest, names_above, path_text, unit_row
from civreg.units.rules import SearchText, name_key_joined, read_search_text

_CANDIDATES = 300
_FUZZY_CANDIDATES = 60
_SHORTEST_FUZZY = 4
"""Letters under which likeness by trigrams says nothing."""

_LEAST_LIKENESS = 0.4

_EXACT, _WITH_PLACE, _PREFIX, _FUZZY = 100.0, 80.0, 60.0, 40.0
_ACCENTS, _PROGRAMME, _PLACE = 12.0, 8.0, 20.0
_OLD_NAME, _OTHER_KIND = -5.0, -15.0


@dataclass(frozen=True, slots=True)
class CommuneHit:
    """One of today's lowest units that a search found.

    Attributes:
        path: "Xã Đại An, tỉnh Vĩnh Long".
        old_names: the old names that led here ("thị trấn Định An"); empty when its own name did.
        is_exact: the whole text is the name (own or old), accents aside.
        is_split: the old unit went to several, so the family may live in another of them.
        takes_part: offers the home service on that day.
        score: for the order only.
    """

    unit: UnitRow
    path: str
    old_names: tuple[str, ...]
    is_exact: bool
    is_split: bool
    takes_part: bool
    score: float

    @property
    def note(self) -> str | None:
        """What a person reads beside the name: "thị trấn Định An cũ"; None when its own name led here."""
        return f"{' và '.join(self.old_names)} cũ" if self.old_names else None


@dataclass(frozen=True, slots=True)
class _Candidate:
    unit: UnitRow
    score: float
    is_exact: bool
    rest: str = ""


@dataclass(slots=True)
class _Found:
    """The best way that led to one of today's units."""

    unit: UnitRow
    score: float = float("-inf")
    is_exact: bool = False
    is_split: bool = False
    old_names: dict[str, str] = field(default_factory=dict)

    def offer(self, candidate: _Candidate, score: float, *, is_split: bool) -> None:
        """Take a way over when it is better; keep several old names that are equally good."""
        if score < self.score:
            return
        if score > self.score:
            self.old_names = {}
        self.score, self.is_exact, self.is_split = score, candidate.is_exact, is_split
        if candidate.unit.id != self.unit.id:
            # "phường 09" and "phường 9" are one name in two lists.
            key = f"{candidate.unit.kind} {name_key_joined(candidate.unit.name)}"
            self.old_names.setdefault(key, candidate.unit.spoken)


def search_communes(session: Session, text: str, on: date, limit: int = 10) -> list[CommuneHit]:
    """Return the lowest units of a day that a typed text means, the best first; empty when nothing is alike.

    Whole names go before beginnings, beginnings before likeness; among equals a name with the typed accents,
    then a unit of the programme, then a name of today go first. Never fails, whatever was typed.
    """
    search = read_search_text(text)
    if not search.readings:
        return []
    candidates = _named(session, search, on)
    found = _todays(session, search, candidates, on)
    if not found:
        found = _todays(session, search, _alike(session, search, on), on)
    takes_part = participating_ids(session, on)
    for unit_id, one in found.items():
        one.score += _PROGRAMME if unit_id in takes_part else 0
    best = sorted(found.values(), key=lambda one: (-one.score, one.unit.bare, one.unit.code))[:limit]
    above = names_above(session, ((one.unit.id, on) for one in best))
    return [
        CommuneHit(
            one.unit,
            path_text(above[one.unit.id]),
            tuple(one.old_names.values()),
            one.is_exact,
            one.is_split,
            one.unit.id in takes_part,
            one.score,
        )
        for one in best
    ]


def _begun(on: date) -> ColumnElement[bool]:
    return or_(Unit.since_before, Unit.valid_from <= on)


def _shorter(search: SearchText) -> dict[str, str]:
    """Return beginnings of the text that may be the name, with what follows: "dai an tra cu" → daian, tracu."""
    found: dict[str, str] = {}
    for reading in search.readings:
        words = reading.name.split(" ")
        for count in range(len(words) - 1, 0, -1):
            found.setdefault("".join(words[:count]), "".join(words[count:]))
    return found


def _named(session: Session, search: SearchText, on: date) -> list[_Candidate]:
    """Return units whose name is the text, begins with it, or is its beginning."""
    whole = {reading.joined for reading in search.readings}
    shorter = _shorter(search)
    # Folded text holds letters and digits only, so nothing in it is a pattern.
    query = (
        select(*UNIT_COLUMNS, Unit.name_joined)
        .where(
            _begun(on),
            or_(
                Unit.name_joined.in_([*whole, *shorter]),
                *(Unit.name_joined.like(joined + "%") for joined in whole),
            ),
        )
        .order_by(Unit.name_joined.in_(whole).desc(), func.length(Unit.name_joined), Unit.code)
        .limit(_CANDIDATES)
    )
    found = []
    for row in session.execute(query):
        unit = unit_row(row)
        if row.name_joined in whole:
            found.append(_Candidate(unit, _EXACT + _fit(search, unit, row.name_joined), True))
        elif row.name_joined in shorter:
            found.append(
                _Candidate(unit, _WITH_PLACE + _fit(search, unit, ""), False, shorter[row.name_joined])
            )
        else:
            closeness = max(map(len, whole)) / len(row.name_joined)
            score = _PREFIX + 10 * closeness + _fit(search, unit, "")
            found.append(_Candidate(unit, score, False))
    return found


def _alike(session: Session, search: SearchText, on: date) -> list[_Candidate]:
    """Return units whose name looks like the text (trigrams): a letter too many, one lost, two swapped."""
    names = [reading.name for reading in search.readings if len(reading.name) >= _SHORTEST_FUZZY]
    if not names:
        return []
    likeness = func.greatest(*(func.similarity(Unit.name_folded, name) for name in names))
    query = (
        select(*UNIT_COLUMNS, likeness.label("likeness"))
        .where(
            _begun(on),
            or_(*(Unit.name_folded.bool_op("%")(name) for name in names)),
        )
        .order_by(likeness.desc(), Unit.code)
        .limit(_FUZZY_CANDIDATES)
    )
    return [
        _Candidate(unit := unit_row(row), _FUZZY * row.likeness + _fit(search, unit, ""), False)
        for row in session.execute(query)
        if row.likeness >= _LEAST_LIKENESS
    ]


def _fit(search: SearchText, unit: UnitRow, joined: str) -> float:
    """Return what a unit gains by the typed accents and loses by a kind that was not meant."""
    score = _ACCENTS if search.spells(unit.name) else 0.0
    for reading in search.readings:
        if reading.kinds and joined in ("", reading.joined) and unit.kind not in reading.kinds:
            score += _OTHER_KIND
    return score


def _todays(
    session: Session, search: SearchText, candidates: Sequence[_Candidate], on: date
) -> dict[int, _Found]:
    """Lead candidates to the units of the day; keep the best way to each."""
    ended = [one.unit.id for one in candidates if not one.unit.holds_on(on)]
    ways = successor_ids(session, ended, on)
    standing = {one.unit.id for one in candidates if one.unit.holds_on(on)}
    standing.update(*ways.values())
    lowest = _lowest(session, standing, on)
    places = _places(session, search, candidates, ways, on)
    found: dict[int, _Found] = {}
    for candidate in candidates:
        own = candidate.unit.id
        for unit_id, is_split in ways.get(own, {own: False}).items():
            unit = lowest.get(unit_id)
            place = _place_score(search, candidate, places, (own, unit_id))
            if unit is not None and place is not None:
                score = candidate.score + place + (_OLD_NAME if unit_id != own else 0)
                found.setdefault(unit_id, _Found(unit)).offer(candidate, score, is_split=is_split)
    return found


def _lowest(session: Session, ids: Iterable[int], on: date) -> dict[int, UnitRow]:
    query = select(*UNIT_COLUMNS).where(Unit.id.in_(list(ids)), is_lowest(on))
    return {row.id: unit_row(row) for row in session.execute(query)}


def _places(
    session: Session,
    search: SearchText,
    candidates: Sequence[_Candidate],
    ways: Mapping[int, Mapping[int, bool]],
    on: date,
) -> dict[int, list[str]]:
    """Return the joined names above each candidate and each of today's units, if the text names a place."""
    if not search.context and not any(one.rest for one in candidates):
        return {}
    ids = {one.unit.id for one in candidates}.union(*ways.values())
    above = names_above(session, ((unit_id, on) for unit_id in ids))
    return {unit_id: [name_key_joined(name) for name in names[1:]] for unit_id, names in above.items()}


def _place_score(
    search: SearchText, candidate: _Candidate, places: Mapping[int, list[str]], ids: tuple[int, int]
) -> float | None:
    """Return what the places in the text add; None when words behind the name are no place above the unit."""
    names = [name for unit_id in ids for name in places.get(unit_id, [])]
    if candidate.rest and not _covers(candidate.rest, names):
        return None
    score = 0.0
    for place in search.context:
        joined = place.replace(" ", "")
        score += _PLACE if any(name.startswith(joined) for name in names) else -_PLACE
    return score


def _covers(rest: str, names: Sequence[str]) -> bool:
    """Say whether words behind the name are names above it, one or two after another: "tracutravinh"."""
    return any(
        name.startswith(rest) or (name and rest.startswith(name) and _covers_tail(rest[len(name) :], names))
        for name in names
    )


def _covers_tail(rest: str, names: Sequence[str]) -> bool:
    return any(name.startswith(rest) for name in names)
