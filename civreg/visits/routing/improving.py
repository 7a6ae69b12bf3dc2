"""Sửa dần kế hoạch: take a few stops out, put them back better (ruin and recreate), meetings of officers included.

The solver knows no stop that two officers begin together; this search does, because it moves whole stops and asks
`rounds` for the times. It starts from any sound rounds and never returns worse ones.
"""

from __future__ import annotations

import random
from time import monotonic

from civreg.visits.routing.problem import RouteProblem
from civreg.visits.routing.rounds import Rounds, cost, insert_all, served, without

_MOST_TAKEN_OUT = 6
_OVERLOOKED = 0.1
"""Share of places that are passed by, so that meetings and families try other hours too."""
_TOLERATED = 0.03
"""Share of extra travel that is accepted on the way, to get out of a dead end."""


def improved(problem: RouteProblem, rounds: Rounds, until: float, seed: int, patience: int) -> Rounds:
    """Return rounds that are at least as good, found before `until` (a `monotonic` moment).

    Args:
        problem: the day.
        rounds: sound rounds to start from.
        until: when to stop.
        seed: makes the search repeatable.
        patience: tries without a better plan after which a small day is done.
    """
    chance = random.Random(seed)  # noqa: S311 - a search, not a secret
    current = best = rounds
    current_cost = best_cost = cost(problem, rounds)
    idle = 0
    while monotonic() < until and idle < patience:
        idle += 1
        tried = _moved(problem, current, chance, until)
        tried_cost = cost(problem, tried)
        if tried_cost < best_cost:
            best, best_cost, idle = tried, tried_cost, 0
        if tried_cost <= (current_cost[0], current_cost[1] * (1 + _TOLERATED * chance.random())):
            current, current_cost = tried, tried_cost
        elif idle % 50 == 0:
            current, current_cost = best, best_cost
    return best


def _moved(problem: RouteProblem, rounds: Rounds, chance: random.Random, until: float) -> Rounds:
    visited = sorted(served(rounds))
    missing = [position for position in range(len(problem.stops)) if position not in set(visited)]
    count = min(len(visited), chance.randint(1, _MOST_TAKEN_OUT))
    gone = _neighbours(problem, visited, count, chance) if visited else []
    waiting = gone + missing
    if chance.random() < 0.5:
        chance.shuffle(waiting)
    else:
        # Stops for several officers find a place more easily while the rounds are short.
        waiting.sort(key=lambda position: (-problem.stops[position].officers_needed, chance.random()))
    return insert_all(problem, without(rounds, gone), waiting, until, lambda: chance.random() < _OVERLOOKED)


def _neighbours(problem: RouteProblem, visited: list[int], count: int, chance: random.Random) -> list[int]:
    """Return a visited stop and others near it (or anywhere, one time in three)."""
    first = chance.choice(visited)
    if chance.random() < 1 / 3:
        return chance.sample(visited, count)
    from_here = problem.durations[problem.stops[first].location]
    return sorted(
        visited,
        key=lambda position: from_here[problem.stops[position].location] * chance.uniform(0.5, 1.5),
    )[:count]
