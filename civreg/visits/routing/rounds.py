"""Vòng đi: the order of stops of each officer, their exact times, and the cheapest place for one more.

A stop that needs several officers stands in the round of each of them and begins when the last one is there. The
times are the earliest ones that agree with each other, found by going over the rounds until nothing moves; two rounds
that wait for one another in a circle run out of their windows and are refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations, islice, pairwise, product
from time import monotonic

from civreg.visits.routing.problem import RouteProblem

Rounds = tuple[tuple[int, ...], ...]
"""For each officer, by position, the positions of the stops in order."""

_MOST_TEAMS = 60
_MOST_CHECKS = 400
"""Places tried for one stop, cheapest first, before it is left out."""


def begin_times(problem: RouteProblem, rounds: Rounds) -> dict[int, int] | None:
    """Return the minute at which each stop begins, as early as possible, or None when the rounds cannot be done."""
    begins: dict[int, int] = {}
    moved = True
    while moved:
        moved = False
        for officer, stops in enumerate(rounds):
            change = _walk(problem, officer, stops, begins)
            if change is None:
                return None
            moved = moved or change
    return begins


def _walk(problem: RouteProblem, officer: int, stops: tuple[int, ...], begins: dict[int, int]) -> bool | None:
    """Go one round, moving begins later where needed; whether a shared stop moved, None when impossible."""
    now, here, moved = problem.officers[officer].start, problem.depot, False
    for position in stops:
        stop = problem.stops[position]
        begin = max(now + problem.durations[here][stop.location], stop.window[0], begins.get(position, 0))
        if begin > stop.window[1]:
            return None
        if begins.get(position) != begin:
            begins[position] = begin
            moved = moved or stop.officers_needed > 1
        now, here = begin + stop.service, stop.location
    if stops and now + problem.durations[here][problem.depot] > problem.officers[officer].end:
        return None
    return moved


def travel(problem: RouteProblem, stops: tuple[int, ...]) -> int:
    """Return the minutes on the road of one round, from the office and back."""
    if not stops:
        return 0
    places = [problem.depot, *(problem.stops[position].location for position in stops), problem.depot]
    return sum(problem.durations[a][b] for a, b in pairwise(places))


def cost(problem: RouteProblem, rounds: Rounds) -> tuple[int, int]:
    """Return what rounds are compared by: stops not served, then minutes on the road."""
    return len(problem.stops) - len(served(rounds)), sum(travel(problem, stops) for stops in rounds)


def served(rounds: Rounds) -> frozenset[int]:
    """Return the positions of the stops that some officer visits."""
    return frozenset(position for stops in rounds for position in stops)


def without(rounds: Rounds, gone: Iterable[int]) -> Rounds:
    """Return the rounds without some stops."""
    left_out = frozenset(gone)
    return tuple(tuple(position for position in stops if position not in left_out) for stops in rounds)


def insert(
    problem: RouteProblem, rounds: Rounds, position: int, blink: Callable[[], bool] = bool
) -> Rounds | None:
    """Return the rounds with one more stop where it adds the least travel, or None when no place was found.

    `blink` says, place by place, whether to overlook it: a search that always takes the cheapest place repeats itself.
    """
    begins = begin_times(problem, rounds)
    if begins is None:
        return None
    tried = sorted(_places(problem, rounds, position), key=lambda place: place[0])
    for _, officers, spots in tried[:_MOST_CHECKS]:
        if blink():
            continue
        changed = list(rounds)
        for officer, spot in zip(officers, spots, strict=True):
            changed[officer] = (*rounds[officer][:spot], position, *rounds[officer][spot:])
        if _holds(problem, tuple(changed), officers, begins):
            return tuple(changed)
    return None


def _holds(problem: RouteProblem, rounds: Rounds, changed: tuple[int, ...], before: dict[int, int]) -> bool:
    """Return whether rounds that held before still do after stops were put into those of some officers.

    One more stop only makes times later, so the old times are a sound start; while no shared stop moves, nobody
    else is touched.
    """
    begins = dict(before)
    spreads = len(changed) > 1
    for officer in changed:
        moved = _walk(problem, officer, rounds[officer], begins)
        if moved is None:
            return False
        spreads = spreads or moved
    return not spreads or begin_times(problem, rounds) is not None


def insert_all(
    problem: RouteProblem,
    rounds: Rounds,
    positions: Iterable[int],
    until: float = float("inf"),
    blink: Callable[[], bool] = bool,
) -> Rounds:
    """Return the rounds with every stop that fits, one after another, until a `monotonic` moment."""
    for position in positions:
        if monotonic() >= until:
            break
        rounds = insert(problem, rounds, position, blink) or rounds
    return rounds


def _places(
    problem: RouteProblem, rounds: Rounds, position: int
) -> Iterator[tuple[int, tuple[int, ...], tuple[int, ...]]]:
    """Yield added travel, officers and their spots for every way to put a stop in."""
    stop = problem.stops[position]
    able = problem.able(stop)
    added = {officer: _added(problem, rounds[officer], stop.location) for officer in able}
    for team in islice(combinations(able, stop.officers_needed), _MOST_TEAMS):
        for spots in product(*(range(len(added[officer])) for officer in team)):
            yield sum(added[officer][spot] for officer, spot in zip(team, spots, strict=True)), team, spots


def _added(problem: RouteProblem, stops: tuple[int, ...], location: int) -> list[int]:
    """Return the travel that a location adds at each spot of a round."""
    places = [problem.depot, *(problem.stops[position].location for position in stops), problem.depot]
    ways = problem.durations
    return [ways[a][location] + ways[location][b] - (ways[a][b] if stops else 0) for a, b in pairwise(places)]
