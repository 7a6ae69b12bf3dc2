"""Kế hoạch đi trong ngày: insertion, the solver, small repairs, within the seconds given; always feasible."""

from __future__ import annotations

from time import monotonic

from civreg.visits.routing.improving import improved
from civreg.visits.routing.problem import OfficerRoute, PlannedStop, RoutePlan, RouteProblem
from civreg.visits.routing.rounds import Rounds, begin_times, cost, insert, insert_all, served, travel
from civreg.visits.routing.solver import Meetings, solved

_SHARE_USED = 0.85
"""Share of the seconds that is planned for; the rest is for reading, building tables and printing."""
_SHARE_TO_BEGIN = 0.3
_SHARE_OF_MOVES = 0.5
_TURNS = 3
"""Times that moves (which may shift meetings) and the solver (which may not) follow one another."""
_PATIENCE = 400
_SEED = 20261124


def plan_route(problem: RouteProblem) -> RoutePlan:
    """Return a feasible plan that serves as many stops as it can and then travels little (xếp đường đi).

    A visit begins inside its window; officers leave the office after their start and are back by their end; every
    officer of a stop has its skills; the officers of a stop that needs several begin in the same minute. A stop
    that finds no place is named in `unserved`.

    First rounds come from insertion. Then, in turns, stops of both kinds are moved while it helps, and the solver
    orders the stops for one officer around the meetings of several, whose minutes it must keep.
    """
    began = monotonic()
    ends = began + problem.seconds * _SHARE_USED
    empty: Rounds = tuple(() for _ in problem.officers)
    possible = [position for position in range(len(problem.stops)) if insert(problem, empty, position)]
    together = [position for position in possible if problem.stops[position].officers_needed > 1]
    singles = [position for position in possible if problem.stops[position].officers_needed == 1]
    order = sorted(possible, key=lambda position: _urgency(problem, position))
    best = insert_all(problem, empty, order, began + problem.seconds * _SHARE_TO_BEGIN)
    turns = _TURNS if together else 1
    for turn in range(turns):
        share = (ends - monotonic()) / (turns - turn)
        if together:
            best = improved(problem, best, monotonic() + share * _SHARE_OF_MOVES, _SEED + turn, _PATIENCE)
        found = solved(
            problem, singles, _meetings(problem, best), share * (1 - _SHARE_OF_MOVES), _SEED + turn
        )
        if found is not None:
            missing = [position for position in order if position not in served(found)]
            found = insert_all(problem, found, missing, ends)
            best = min(best, found, key=lambda rounds: cost(problem, rounds))
    best = improved(problem, best, ends, _SEED, _PATIENCE)
    return _answer(problem, best)


def _urgency(problem: RouteProblem, position: int) -> tuple[int, int, int]:
    """Return the order of first insertion: stops for several officers, then narrow windows."""
    stop = problem.stops[position]
    return -stop.officers_needed, stop.window[1] - stop.window[0], stop.window[0]


def _meetings(problem: RouteProblem, rounds: Rounds) -> Meetings:
    begins = begin_times(problem, rounds) or {}
    return {
        position: (begin, frozenset(officer for officer, stops in enumerate(rounds) if position in stops))
        for position, begin in begins.items()
        if problem.stops[position].officers_needed > 1
    }


def _answer(problem: RouteProblem, rounds: Rounds) -> RoutePlan:
    begins = begin_times(problem, rounds) or {}
    routes = tuple(
        OfficerRoute(
            problem.officers[officer].id,
            tuple(
                PlannedStop(problem.stops[stop].id, begins[stop], begins[stop] + problem.stops[stop].service)
                for stop in stops
            ),
            travel(problem, stops),
        )
        for officer, stops in enumerate(rounds)
        if stops
    )
    unserved = tuple(stop.id for position, stop in enumerate(problem.stops) if position not in begins)
    return RoutePlan(routes, unserved, sum(route.travel for route in routes))
