"""Xếp đường đi: which officer visits which families in which order; the only user of the route solver.

Rooms: `problem` (what is asked, read and checked), `schedule` (times of one officer's day, exact), `meetings`
(stops that need two officers at the same hour), `solver` (PyVRP), `planning` (the whole, within the seconds given).
A plan that comes out is always feasible: it was counted again by `schedule`, whatever the solver said.
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
