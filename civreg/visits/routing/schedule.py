"""Giờ giấc của một ngày đi: exact times of a sequence of tasks, and the cheapest place to put one in.

A task is a stop for one officer; a stop that needs two officers gives two tasks, fixed to one minute each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from time import monotonic

from civreg.visits.routing.problem import RouteProblem


@dataclass(frozen=True, slots=True)
class Task:
    """What one officer does at one stop.

    Attributes:
        stop: position of the stop in the problem.
        location: its row in the travel times.
        service: minutes there.
        window: earliest and latest minute to begin.
        allowed: positions of the officers who may do it.
        fixed: whether it belongs to a visit of several officers and must not be dropped alone.
    """

    stop: int
    location: int
    service: int
    window: tuple[int, int]
    allowed: frozenset[int]
    fixed: bool = False


Plan = dict[int, tuple[Task, ...]]
"""Position of an officer → tasks in order."""


def times(problem: RouteProblem, officer: int, tasks: Sequence[Task]) -> list[int] | None:
    """Return when each task begins, as early as possible, or None when the sequence cannot be done in the day."""
    who = problem.officers[officer]
    now, here = who.start, problem.depot
    begins = []
    for task in tasks:
        if officer not in task.allowed:
            return None
        now = max(now + problem.durations[here][task.location], task.window[0])
        if now > task.window[1]:
            return None
        begins.append(now)
        now += task.service
        here = task.location
    if tasks and now + problem.durations[here][problem.depot] > who.end:
        return None
    return begins


def travel(problem: RouteProblem, tasks: Sequence[Task]) -> int:
    """Return the minutes on the road of a sequence, from the office and back."""
    if not tasks:
        return 0
    places = [problem.depot, *(task.location for task in tasks), problem.depot]
    return sum(problem.durations[a][b] for a, b in pairwise(places))


def cost(problem: RouteProblem, plan: Plan) -> tuple[int, int]:
    """Return what a plan is compared by: stops not served, then minutes on the road."""
    served = {task.stop for tasks in plan.values() for task in tasks}
    return len(problem.stops) - len(served), sum(travel(problem, tasks) for tasks in plan.values())


def insert(problem: RouteProblem, plan: Plan, task: Task) -> Plan | None:
    """Return the plan with the task at the place that adds the least travel, or None when it fits nowhere."""
    best: tuple[int, Plan] | None = None
    for officer in sorted(task.allowed):
        tasks = plan.get(officer, ())
        before = travel(problem, tasks)
        for place in range(len(tasks) + 1):
            tried = (*tasks[:place], task, *tasks[place:])
            added = travel(problem, tried) - before
            if (best is None or added < best[0]) and times(problem, officer, tried) is not None:
                best = (added, {**plan, officer: tried})
    return best[1] if best else None


def insert_all(problem: RouteProblem, plan: Plan, tasks: Iterable[Task], until: float = float("inf")) -> Plan:
    """Return the plan with every task that fits, one after another, until a `monotonic` moment."""
    for task in tasks:
        if monotonic() >= until:
            break
        plan = insert(problem, plan, task) or plan
    return plan


def repaired(problem: RouteProblem, plan: Plan) -> Plan | None:
    """Return the plan without the tasks that make it impossible; None when a fixed task would have to go."""
    sound: Plan = {}
    for officer, tasks in plan.items():
        kept = tuple(task for task in tasks if officer in task.allowed)
        while times(problem, officer, kept) is None:
            loose = [task for task in kept if not task.fixed]
            if not loose:
                return None
            without = min(loose, key=lambda one: travel(problem, [task for task in kept if task is not one]))
            kept = tuple(task for task in kept if task is not without)
        sound[officer] = kept
    return sound
