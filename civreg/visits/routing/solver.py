"""Bộ giải: hands the tasks of a day to PyVRP and takes its routes back as a plan.

Every task is optional with a prize above any detour, but the fixed ones, so that as many families as possible are
served and travel decides between equal counts. Officers differ by day and skills: each is a vehicle with a travel
table of its own, in which a task that is not theirs lies out of reach.
"""

from __future__ import annotations

from collections.abc import Sequence

from pyvrp import Client, Depot, Location, ProblemData, VehicleType, solve
from pyvrp.stop import MaxRuntime, MultipleCriteria, NoImprovement

from civreg.visits.routing.problem import RouteProblem
from civreg.visits.routing.schedule import Plan, Task

_ENOUGH_TRIES = 3000
"""Iterations without a better plan after which a small day is done before its seconds are over."""
_OUT_OF_REACH = 100_000


def solved(problem: RouteProblem, tasks: Sequence[Task], seconds: float, seed: int) -> Plan:
    """Return PyVRP's best plan for the tasks; it may be infeasible and must be looked at with `repaired`."""
    if not tasks or not problem.officers or seconds <= 0:
        return {}
    longest = max(max(row) for row in problem.durations)
    prize = (longest + 1) * (2 * len(tasks) + 2)
    data = ProblemData(
        locations=[Location(0, 0) for _ in range(len(tasks) + 1)],
        clients=[
            Client(
                position + 1,
                service_duration=task.service,
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
        distance_matrices=[
            _table(problem, tasks, officer, prize * 50) for officer in range(len(problem.officers))
        ],
        duration_matrices=[
            _table(problem, tasks, officer, _OUT_OF_REACH) for officer in range(len(problem.officers))
        ],
    )
    stop = MultipleCriteria([MaxRuntime(seconds), NoImprovement(_ENOUGH_TRIES)])
    best = solve(data, stop, seed=seed, collect_stats=False, display=False).best
    return {
        route.vehicle_type(): tuple(tasks[visit.idx] for visit in route if visit.is_client())
        for route in best.routes()
    }


def _table(problem: RouteProblem, tasks: Sequence[Task], officer: int, out_of_reach: int) -> list[list[int]]:
    """Return the travel table of one officer over office and tasks."""
    places = [problem.depot, *(task.location for task in tasks)]
    closed = [False, *(officer not in task.allowed for task in tasks)]
    return [
        [
            0 if row == column else out_of_reach if closed[row] or closed[column] else problem.durations[a][b]
            for column, b in enumerate(places)
        ]
        for row, a in enumerate(places)
    ]
