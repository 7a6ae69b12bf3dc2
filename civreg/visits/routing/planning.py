"""Kế hoạch đi trong ngày: meetings first, then routes, within the seconds given; the answer is always feasible."""

from __future__ import annotations

from time import monotonic

from civreg.visits.routing.meetings import Meeting, fixed_plan, meeting_tasks, search_meetings
from civreg.visits.routing.problem import OfficerRoute, PlannedStop, RoutePlan, RouteProblem
from civreg.visits.routing.schedule import Plan, Task, cost, insert_all, repaired, times, travel
from civreg.visits.routing.solver import solved

_SHARE_USED = 0.85
"""Share of the seconds that is planned for; the rest is for reading, building tables and printing."""
_SHARE_FOR_MEETINGS = 0.35
_SHARE_FOR_INSERTION = 0.2
_CHOICES = 3
_SEED = 20261124


def plan_route(problem: RouteProblem) -> RoutePlan:
    """Return a feasible plan that serves as many stops as it can and then travels little (xếp đường đi).

    A visit begins inside its window; officers leave the office after their start and are back by their end; every
    officer of a stop has its skills; the officers of a stop that needs several begin in the same minute. A stop
    that finds no place is named in `unserved`.
    """
    began = monotonic()
    ends = began + problem.seconds * _SHARE_USED
    singles, together = _split(problem)
    choices: list[dict[int, Meeting]] = [{}]
    if together:
        until = began + problem.seconds * _SHARE_FOR_MEETINGS
        choices = search_meetings(problem, together, singles, until, _CHOICES, _SEED)
    plans: list[Plan] = []
    for position, meetings in enumerate(choices):
        left = (ends - monotonic()) / (len(choices) - position)
        plans += _plans_around(problem, meetings, singles, left)
    best = min(plans, key=lambda plan: cost(problem, plan), default={})
    return _answer(problem, best)


def _split(problem: RouteProblem) -> tuple[list[Task], list[int]]:
    """Return the tasks for one officer, tightest window first, and the stops that need several."""
    singles: list[Task] = []
    together: list[int] = []
    for position, stop in enumerate(problem.stops):
        able = problem.able(stop)
        if len(able) < stop.officers_needed or stop.window[0] > stop.window[1]:
            continue
        if stop.officers_needed > 1:
            together.append(position)
            continue
        task = Task(position, stop.location, stop.service, stop.window, frozenset(able))
        alone = frozenset(officer for officer in able if times(problem, officer, [task]) is not None)
        if alone:
            singles.append(Task(position, stop.location, stop.service, stop.window, alone))
    singles.sort(key=lambda task: (task.window[1] - task.window[0], task.window[0], task.stop))
    return singles, together


def _plans_around(
    problem: RouteProblem, meetings: dict[int, Meeting], singles: list[Task], seconds: float
) -> list[Plan]:
    """Return the plan by insertion and, where it holds, the solver's plan around the same meetings."""
    fixed = fixed_plan(problem, meetings)
    if fixed is None:
        return []
    tasks = [
        *(
            task
            for stop, meeting in meetings.items()
            for task in meeting_tasks(problem, stop, meeting).values()
        ),
        *singles,
    ]
    ends = monotonic() + seconds
    inserted = insert_all(problem, fixed, singles, monotonic() + seconds * _SHARE_FOR_INSERTION)
    sound = repaired(problem, solved(problem, tasks, ends - monotonic(), _SEED))
    needed = sum(len(team) for _, team in meetings.values())
    if sound is None or sum(task.fixed for own in sound.values() for task in own) != needed:
        return [inserted]
    served = {task.stop for own in sound.values() for task in own}
    return [inserted, insert_all(problem, sound, [task for task in singles if task.stop not in served])]


def _answer(problem: RouteProblem, plan: Plan) -> RoutePlan:
    routes = []
    served: set[int] = set()
    for officer, tasks in sorted(plan.items()):
        begins = times(problem, officer, tasks)
        if not tasks or begins is None:
            continue
        served |= {task.stop for task in tasks}
        stops = tuple(
            PlannedStop(problem.stops[task.stop].id, begin, begin + task.service)
            for task, begin in zip(tasks, begins, strict=True)
        )
        routes.append(OfficerRoute(problem.officers[officer].id, stops, travel(problem, tasks)))
    unserved = tuple(stop.id for position, stop in enumerate(problem.stops) if position not in served)
    return RoutePlan(tuple(routes), unserved, sum(route.travel for route in routes))
