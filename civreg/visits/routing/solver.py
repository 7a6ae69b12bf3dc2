"""Bộ giải: hands the stops of a day to PyVRP and takes its routes back as rounds.

Every stop for one officer is optional with a prize above any detour, so that as many families as possible are served
and travel decides between equal counts. A stop for several officers has its minute and its officers already: it
becomes one required task for each of them, with that minute as its window. Officers differ by day and skills: each is
a vehicle with a travel table of its own, in which a task that is not theirs lies out of reach.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pyvrp import Client, Depot, Location, ProblemData, VehicleType, solve
from pyvrp.stop import MaxRuntime, MultipleCriteria, NoImprovement

from civreg.visits.routing.problem import RouteProblem
from civreg.visits.routing.rounds import Rounds, begin_times

_ENOUGH_TRIES = 3000
"""Iterations without a better plan after which a small day is done before its seconds are over."""
_OUT_OF_REACH = 100_000

Meetings = Mapping[int, tuple[int, frozenset[int]]]
"""Position of a stop for several officers → the minute it begins and who is there."""


@dataclass(frozen=True, slots=True)
class _Task:
    """What one officer does at one stop."""

    stop: int
    window: tuple[int, int]
    allowed: frozenset[int]
    fixed: bool


def solved(
    problem: RouteProblem, singles: Sequence[int], meetings: Meetings, seconds: float, seed: int
) -> Rounds | None:
    """Return PyVRP's best rounds around the meetings, or None when they do not hold when counted again.

    Args:
        problem: the day.
        singles: positions of the stops for one officer.
        meetings: minute and officers of every other stop that is to be served.
        seconds: time to think.
        seed: makes the search repeatable as far as the time limit allows.
    """
    tasks = _tasks(problem, singles, meetings)
    if not tasks or not problem.officers or seconds <= 0:
        return None
    prize = (max(map(max, problem.durations)) + 1) * (2 * len(tasks) + 2)
    stop = MultipleCriteria([MaxRuntime(seconds), NoImprovement(_ENOUGH_TRIES)])
    best = solve(_data(problem, tasks, prize), stop, seed=seed, collect_stats=False, display=False).best
    rounds: list[tuple[int, ...]] = [() for _ in problem.officers]
    for route in best.routes():
        own = [tasks[visit.idx] for visit in route if visit.is_client()]
        if any(route.vehicle_type() not in task.allowed for task in own):
            return None
        rounds[route.vehicle_type()] = tuple(task.stop for task in own)
    whole = tuple(rounds)
    visits = [stop for own in whole for stop in own]
    if any(visits.count(stop) != len(team) for stop, (_, team) in meetings.items()):
        return None
    return whole if begin_times(problem, whole) is not None else None


def _tasks(problem: RouteProblem, singles: Sequence[int], meetings: Meetings) -> list[_Task]:
    tasks = [
        _Task(stop, (minute, minute), frozenset({officer}), fixed=True)
        for stop, (minute, team) in meetings.items()
        for officer in sorted(team)
    ]
    for stop in singles:
        place = problem.stops[stop]
        tasks.append(_Task(stop, place.window, frozenset(problem.able(place)), fixed=False))
    return tasks


def _data(problem: RouteProblem, tasks: Sequence[_Task], prize: int) -> ProblemData:
    officers = range(len(problem.officers))
    return ProblemData(
        locations=[Location(0, 0) for _ in range(len(tasks) + 1)],
        clients=[
            Client(
                position + 1,
                service_duration=problem.stops[task.stop].service,
                tw_early=task.window[0],
                tw_late=task.window[1],
                prize=prize,
                required=task.fixed,
            )
            for position, task in enumerate(tasks)
        ],
        depots=[Depot(0)],
        vehicle_types=[
            VehicleType(1, tw_early=officer.start, tw_late=max(officer.start, officer.end), profile=position)
            for position, officer in enumerate(problem.officers)
        ],
        distance_matrices=[_table(problem, tasks, officer, prize * 50) for officer in officers],
        duration_matrices=[_table(problem, tasks, officer, _OUT_OF_REACH) for officer in officers],
    )


def _table(problem: RouteProblem, tasks: Sequence[_Task], officer: int, out_of_reach: int) -> list[list[int]]:
    """Return the travel table of one officer over office and tasks."""
    places = [problem.depot, *(problem.stops[task.stop].location for task in tasks)]
    closed = [False, *(officer not in task.allowed for task in tasks)]
    return [
        [
            0 if row == column else out_of_reach if closed[row] or closed[column] else problem.durations[a][b]
            for column, b in enumerate(places)
        ]
        for row, a in enumerate(places)
    ]
