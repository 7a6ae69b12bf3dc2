"""Lượt đến cần hai người: a stop that several officers begin together.

Sound by construction: before routes are sought, each such stop gets one minute and its officers, and becomes one task
per officer whose window is that minute and whose only allowed officer is that one. Whatever is then planned around
these tasks keeps them synchronised. Which minute and who is searched by small changes, judged by cheap insertion.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import combinations
from time import monotonic

from civreg.visits.routing.problem import RouteProblem
from civreg.visits.routing.schedule import Plan, Task, cost, insert_all, times, travel

_STEP = 15
"""Minutes between the hours that are tried for a meeting, besides its window's ends and exact arrivals."""
_MOST_TEAMS = 200

Meeting = tuple[int, frozenset[int]]
"""The minute at which a stop begins and the officers who are there."""


def meeting_tasks(problem: RouteProblem, stop: int, meeting: Meeting) -> dict[int, Task]:
    """Return the task of each officer of a meeting."""
    minute, team = meeting
    place = problem.stops[stop]
    return {
        officer: Task(stop, place.location, place.service, (minute, minute), frozenset({officer}), fixed=True)
        for officer in team
    }


def fixed_plan(problem: RouteProblem, meetings: dict[int, Meeting]) -> Plan | None:
    """Return the plan that has only the meetings, or None when they cannot all be held."""
    tasks: dict[int, list[Task]] = {}
    for stop, meeting in meetings.items():
        for officer, task in meeting_tasks(problem, stop, meeting).items():
            tasks.setdefault(officer, []).append(task)
    plan: Plan = {}
    for officer, own in tasks.items():
        ordered = tuple(sorted(own, key=lambda task: task.window))
        if times(problem, officer, ordered) is None:
            return None
        plan[officer] = ordered
    return plan


def _minutes(problem: RouteProblem, stop: int) -> list[int]:
    place = problem.stops[stop]
    early, late = place.window
    arrivals = {
        max(early, problem.officers[officer].start + problem.durations[problem.depot][place.location])
        for officer in problem.able(place)
    }
    return sorted(
        minute for minute in {*range(early, late + 1, _STEP), late, *arrivals} if early <= minute <= late
    )


def _teams(problem: RouteProblem, stop: int) -> list[frozenset[int]]:
    place = problem.stops[stop]
    teams = combinations(problem.able(place), place.officers_needed)
    return [frozenset(team) for team, _ in zip(teams, range(_MOST_TEAMS), strict=False)]


def first_meetings(problem: RouteProblem, order: Sequence[int], until: float) -> dict[int, Meeting]:
    """Return meetings placed one after another, each where it adds the least travel.

    One that finds no place, or whose turn would come after `until`, is left out.
    """
    chosen: dict[int, Meeting] = {}
    for stop in order:
        best: tuple[int, int, dict[int, Meeting]] | None = None
        for team in _teams(problem, stop):
            if monotonic() >= until:
                break
            for minute in _minutes(problem, stop):
                tried = {**chosen, stop: (minute, team)}
                plan = fixed_plan(problem, tried)
                if plan is None:
                    continue
                added = sum(travel(problem, tasks) for tasks in plan.values())
                if best is None or (added, minute) < best[:2]:
                    best = (added, minute, tried)
        chosen = best[2] if best else chosen
    return chosen


def search_meetings(
    problem: RouteProblem, stops: Sequence[int], singles: Sequence[Task], until: float, keep: int, seed: int
) -> list[dict[int, Meeting]]:
    """Return the best choices of meetings found before `until` (a `monotonic` moment), best first.

    Args:
        problem: the day.
        stops: positions of the stops that need several officers.
        singles: the other tasks; a choice is judged by how well they still fit.
        until: when to stop.
        keep: how many choices to return.
        seed: makes the search repeatable.
    """
    chance = random.Random(seed)  # noqa: S311 - a search, not a secret
    options = {stop: (_minutes(problem, stop), _teams(problem, stop)) for stop in stops}
    open_stops = [stop for stop in stops if all(options[stop])]
    tight = sorted(open_stops, key=lambda stop: problem.stops[stop].window[1] - problem.stops[stop].window[0])
    current = first_meetings(problem, tight, until)
    judged = {_key(current): (_judge(problem, current, singles, until), current)}
    current_cost = judged[_key(current)][0]
    while open_stops and monotonic() < until:
        stop = chance.choice(open_stops)
        minutes, teams = options[stop]
        held = current.get(stop)
        minute, team = chance.choice(minutes), chance.choice(teams)
        if held is not None and chance.random() < 0.5:
            minute, team = (minute, held[1]) if chance.random() < 0.5 else (held[0], team)
        tried = {**current, stop: (minute, team)}
        if _key(tried) in judged:
            continue
        tried_cost = _judge(problem, tried, singles, until)
        judged[_key(tried)] = (tried_cost, tried)
        if tried_cost <= current_cost:
            current, current_cost = tried, tried_cost
        if len(judged) >= _space(options, open_stops):
            break
    best = sorted(judged.values(), key=lambda one: one[0])[:keep]
    return [meetings for _, meetings in best]


def _key(meetings: dict[int, Meeting]) -> frozenset[tuple[int, Meeting]]:
    return frozenset(meetings.items())


def _space(options: dict[int, tuple[list[int], list[frozenset[int]]]], stops: Sequence[int]) -> int:
    """Return an upper bound of how many choices there are, so that a tiny day ends early."""
    total = 1
    for stop in stops:
        minutes, teams = options[stop]
        total *= len(minutes) * len(teams)
    return total


def _judge(
    problem: RouteProblem, meetings: dict[int, Meeting], singles: Sequence[Task], until: float
) -> tuple[int, int]:
    plan = fixed_plan(problem, meetings)
    if plan is None:
        return len(problem.stops) + 1, 0
    return cost(problem, insert_all(problem, plan, singles, until))
