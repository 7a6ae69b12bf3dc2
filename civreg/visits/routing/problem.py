"""Đề bài xếp đường đi: officers, stops and travel times of one day. Times are minutes of the day."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from civreg.shared.errors import InvalidInput

_MINUTES_OF_A_DAY = 24 * 60
_LONGEST_SECONDS = 600.0
_LONGEST_WAY = 100_000


@dataclass(frozen=True, slots=True)
class RouteOfficer:
    """Một công chức đi trong ngày: leaves the office from `start`, is back by `end`."""

    id: str
    start: int
    end: int
    skills: frozenset[str]


@dataclass(frozen=True, slots=True)
class RouteStop:
    """Một gia đình cần đến.

    Attributes:
        id: name of the stop in the answer.
        location: its row in the travel times.
        service: minutes at the family's.
        window: earliest and latest minute at which the visit may begin.
        skills: what the officer must be able to do (every officer of a visit of two).
        officers_needed: how many officers begin together; two for a marriage with a witness from the office.
    """

    id: str
    location: int
    service: int
    window: tuple[int, int]
    skills: frozenset[str]
    officers_needed: int


@dataclass(frozen=True, slots=True)
class RouteProblem:
    """Đề bài của một ngày: `seconds` to think, `durations[a][b]` minutes from location a to b."""

    seconds: float
    officers: tuple[RouteOfficer, ...]
    depot: int
    durations: tuple[tuple[int, ...], ...]
    stops: tuple[RouteStop, ...]

    def able(self, stop: RouteStop) -> tuple[int, ...]:
        """Return which officers (by position) have the skills of a stop."""
        return tuple(
            position for position, officer in enumerate(self.officers) if stop.skills <= officer.skills
        )


@dataclass(frozen=True, slots=True)
class PlannedStop:
    """A visit in the plan: begins at `arrive`, ends at `leave`."""

    id: str
    arrive: int
    leave: int


@dataclass(frozen=True, slots=True)
class OfficerRoute:
    """One officer's day; `travel` counts the way out and the way back."""

    officer: str
    stops: tuple[PlannedStop, ...]
    travel: int


@dataclass(frozen=True, slots=True)
class RoutePlan:
    """Kế hoạch đi: a route for every officer who goes out, and the stops that could not be served."""

    routes: tuple[OfficerRoute, ...]
    unserved: tuple[str, ...]
    travel: int


def read_problem(table: Mapping[str, Any]) -> RouteProblem:
    """Return the problem that a JSON object describes.

    Raises:
        InvalidInput: when it cannot be used; the sentence names the entry and what it should be.
    """
    seconds = _number(table, "seconds", default=2)
    if not 0 < seconds <= _LONGEST_SECONDS:
        raise InvalidInput(f"seconds là số giây được tính, lớn hơn 0 và không quá {_LONGEST_SECONDS:.0f}.")
    durations = _durations(table.get("durations"))
    depot = _index(table.get("depot", 0), len(durations), "depot")
    officers = tuple(_officer(entry) for entry in _list(table, "officers"))
    stops = tuple(_stop(entry, len(durations)) for entry in _list(table, "stops"))
    for name, ids in (("officers", [one.id for one in officers]), ("stops", [one.id for one in stops])):
        twice = next((one for one in ids if ids.count(one) > 1), None)
        if twice is not None:
            raise InvalidInput(f"{name} có hai mục cùng id “{twice}”. Mỗi mục cần một id riêng.")
    return RouteProblem(seconds, officers, depot, durations, stops)


def _list(table: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    entries = table.get(name, [])
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        raise InvalidInput(f"{name} là một danh sách các đối tượng.")
    return entries


def _as_number(value: object) -> float | None:
    """Return a finite JSON number, or None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if -1e12 < value < 1e12 else None


def _number(table: Mapping[str, Any], name: str, default: float | None = None) -> float:
    value = _as_number(table.get(name, default))
    if value is None:
        raise InvalidInput(f"{name} phải là một số.")
    return value


def _minute(table: Mapping[str, Any], name: str, where: str, default: int | None = None) -> float:
    value = _as_number(table.get(name, default))
    if value is None or not 0 <= value <= _MINUTES_OF_A_DAY:
        raise InvalidInput(f"{name} của {where} là số phút trong ngày, từ 0 đến {_MINUTES_OF_A_DAY}.")
    return value


def _id(table: Mapping[str, Any], name: str) -> str:
    value = table.get("id")
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise InvalidInput(f"Mỗi mục của {name} cần một id.")
    return str(value)


def _skills(table: Mapping[str, Any], where: str) -> frozenset[str]:
    skills = table.get("skills", [])
    if not isinstance(skills, list) or not all(isinstance(skill, str) for skill in skills):
        raise InvalidInput(f"skills của {where} là danh sách các chữ.")
    return frozenset(skills)


def _officer(table: Mapping[str, Any]) -> RouteOfficer:
    name = _id(table, "officers")
    start = math.ceil(_minute(table, "start", name, 0))
    end = math.floor(_minute(table, "end", name, _MINUTES_OF_A_DAY))
    return RouteOfficer(name, start, end, _skills(table, name))


def _stop(table: Mapping[str, Any], locations: int) -> RouteStop:
    name = _id(table, "stops")
    window = table.get("window", [0, _MINUTES_OF_A_DAY])
    if not isinstance(window, list) or len(window) != 2:
        raise InvalidInput(f"window của {name} là hai số phút: sớm nhất và muộn nhất.")
    bounds = {"early": window[0], "late": window[1]}
    needed = table.get("officers_needed", 1)
    if isinstance(needed, bool) or not isinstance(needed, int) or not 1 <= needed <= 10:
        raise InvalidInput(f"officers_needed của {name} là số người từ 1 đến 10.")
    early = math.ceil(_minute(bounds, "early", f"window của {name}"))
    late = math.floor(_minute(bounds, "late", f"window của {name}"))
    return RouteStop(
        id=name,
        location=_index(table.get("location"), locations, f"location của {name}"),
        service=math.ceil(_minute(table, "service", name, 0)),
        window=(early, late),
        skills=_skills(table, name),
        officers_needed=needed,
    )


def _index(value: object, count: int, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < count:
        raise InvalidInput(f"{name} là số thứ tự của một hàng trong durations, từ 0 đến {count - 1}.")
    return value


def _durations(rows: object) -> tuple[tuple[int, ...], ...]:
    wrong = InvalidInput("durations là bảng vuông số phút đi từ nơi này đến nơi kia, không âm.")
    if not isinstance(rows, list) or not rows:
        raise wrong
    for row in rows:
        if not isinstance(row, list) or len(row) != len(rows):
            raise wrong
        numbers = [_as_number(minutes) for minutes in row]
        if not all(minutes is not None and 0 <= minutes <= _LONGEST_WAY for minutes in numbers):
            raise wrong
    return tuple(tuple(math.ceil(minutes) for minutes in row) for row in rows)
