"""Xếp đường đi: which officer visits which families in which order; the only user of the route solver.

Rooms: `problem` (what is asked, read and checked), `rounds` (exact times and cheapest places), `solver` (PyVRP),
`improving` (moves of whole stops, those of several officers included), `planning` (the whole, within the seconds).
A plan that comes out is always feasible: it was counted again by `rounds`, whatever the solver said.
"""

from civreg.visits.routing.planning import plan_route
from civreg.visits.routing.problem import (
    OfficerRoute,
    PlannedStop,
    RouteOfficer,
    RoutePlan,
    RouteProblem,
    RouteStop,
    read_problem,
)

__all__ = [
    "OfficerRoute",
    "PlannedStop",
    "RouteOfficer",
    "RoutePlan",
    "RouteProblem",
    "RouteStop",
    "plan_route",
    "read_problem",
]
