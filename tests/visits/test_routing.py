from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from civreg.shared.errors import InvalidInput
from civreg.visits.routing import RoutePlan, RouteProblem, plan_route, read_problem


def day(**changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "seconds": 0.5,
        "officers": [{"id": "Lan", "start": 450, "end": 1020, "skills": []}],
        "depot": 0,
        "durations": [[0, 10, 20], [10, 0, 5], [20, 5, 0]],
        "stops": [],
    }
    return base | changes


def stop(name: str, location: int, **changes: Any) -> dict[str, Any]:
    base = {
        "id": name,
        "location": location,
        "service": 20,
        "window": [480, 690],
        "skills": [],
        "officers_needed": 1,
    }
    return base | changes


def plan(**changes: Any) -> RoutePlan:
    problem = read_problem(day(**changes))
    answer = plan_route(problem)
    check_feasible(problem, answer)
    return answer


def check_feasible(problem: RouteProblem, answer: RoutePlan) -> None:
    """Count a plan again from nothing: every promise of the planner."""
    stops = {one.id: one for one in problem.stops}
    officers = {one.id: one for one in problem.officers}
    begins: dict[str, list[int]] = {}
    for route in answer.routes:
        who, now, here, travel = officers[route.officer], officers[route.officer].start, problem.depot, 0
        for visit in route.stops:
            place = stops[visit.id]
            way = problem.durations[here][place.location]
            travel += way
            assert visit.arrive >= now + way
            assert place.window[0] <= visit.arrive <= place.window[1]
            assert visit.leave == visit.arrive + place.service
            assert place.skills <= who.skills
            begins.setdefault(visit.id, []).append(visit.arrive)
            now, here = visit.leave, place.location
        way = problem.durations[here][problem.depot]
        assert now + way <= who.end
        assert route.travel == travel + way
    assert len({route.officer for route in answer.routes}) == len(answer.routes)
    for name, times in begins.items():
        assert len(times) == stops[name].officers_needed
        assert len(set(times)) == 1
    assert set(answer.unserved) == set(stops) - set(begins)
    assert answer.travel == sum(route.travel for route in answer.routes)


def test_one_officer_serves_two_families_on_one_round() -> None:
    answer = plan(stops=[stop("a", 1), stop("b", 2)])
    assert answer.unserved == ()
    assert answer.travel == 35


def test_windows_decide_the_order() -> None:
    answer = plan(stops=[stop("late", 1, window=[700, 720]), stop("early", 2, window=[480, 500])])
    assert [visit.id for visit in answer.routes[0].stops] == ["early", "late"]


def test_skills_decide_the_officer() -> None:
    officers = [
        {"id": "Lan", "start": 450, "end": 1020, "skills": []},
        {"id": "Sa Rết", "start": 450, "end": 1020, "skills": ["khmer"]},
    ]
    answer = plan(officers=officers, stops=[stop("a", 1, skills=["khmer"])])
    assert [route.officer for route in answer.routes] == ["Sa Rết"]


def test_a_stop_that_needs_two_is_begun_together_by_two_officers() -> None:
    officers = [
        {"id": "Lan", "start": 450, "end": 1020, "skills": []},
        {"id": "Minh", "start": 500, "end": 1020, "skills": []},
    ]
    answer = plan(officers=officers, stops=[stop("wedding", 2, officers_needed=2), stop("a", 1)])
    assert answer.unserved == ()
    visits = {route.officer: [(visit.id, visit.arrive) for visit in route.stops] for route in answer.routes}
    together = {arrive for own in visits.values() for name, arrive in own if name == "wedding"}
    assert len(visits) == 2
    assert len(together) == 1


@pytest.mark.parametrize(
    "impossible",
    [
        stop("x", 1, skills=["khmer"]),
        stop("x", 1, officers_needed=2),
        stop("x", 1, window=[0, 450]),
        stop("x", 1, window=[1019, 1020]),
        stop("x", 1, window=[690, 480]),
        stop("x", 1, service=600),
    ],
)
def test_what_cannot_be_served_is_named_and_the_rest_is_served(impossible: dict[str, Any]) -> None:
    answer = plan(stops=[impossible, stop("a", 2)])
    assert answer.unserved == ("x",)
    assert [visit.id for visit in answer.routes[0].stops] == ["a"]


def test_a_day_without_officers_or_without_stops() -> None:
    assert plan(officers=[], stops=[stop("a", 1)]).unserved == ("a",)
    assert plan() == RoutePlan((), (), 0)


def test_two_families_in_one_place_and_the_office_itself() -> None:
    answer = plan(stops=[stop("a", 1), stop("b", 1), stop("office", 0)])
    assert answer.unserved == ()
    assert answer.travel == 20


def test_minutes_with_fractions_are_rounded_so_that_the_plan_holds() -> None:
    problem = read_problem(day(durations=[[0, 9.2], [9.2, 0]], stops=[stop("a", 1, window=[480.5, 690.9])]))
    assert problem.durations == ((0, 10), (10, 0))
    assert problem.stops[0].window == (481, 690)


def best_travel(problem: RouteProblem) -> int:
    """Find the shortest round of one officer by trying every order."""
    rounds = []
    for order in itertools.permutations(problem.stops):
        now, here, travel = problem.officers[0].start, problem.depot, 0
        for place in order:
            way = problem.durations[here][place.location]
            travel += way
            now = max(now + way, place.window[0])
            if now > place.window[1]:
                break
            now, here = now + place.service, place.location
        else:
            rounds.append(travel + problem.durations[here][problem.depot])
    return min(rounds)


def test_small_days_are_solved_to_the_optimum() -> None:
    places = [(0, 0), (3, 17), (22, 4), (9, 9), (15, 21), (28, 13), (5, 26)]
    durations = [[abs(a - c) + abs(b - d) for c, d in places] for a, b in places]
    windows = [[450, 1000], [600, 1000], [450, 700], [450, 1000], [560, 900], [450, 1000]]
    stops = [stop(str(n), n + 1, window=window) for n, window in enumerate(windows)]
    problem = read_problem(day(durations=durations, stops=stops))
    answer = plan_route(problem)
    check_feasible(problem, answer)
    assert answer.unserved == ()
    assert answer.travel == best_travel(problem)


MINUTES = st.integers(0, 1200)


@st.composite
def days(draw: st.DrawFn) -> dict[str, Any]:
    locations = draw(st.integers(1, 6))
    skills = st.lists(st.sampled_from(["khmer", "sign"]), unique=True, max_size=2)
    durations = [
        [0 if a == b else draw(st.integers(0, 90)) for b in range(locations)] for a in range(locations)
    ]
    officers = [
        {
            "id": f"o{n}",
            "start": draw(st.integers(400, 700)),
            "end": draw(st.integers(600, 1100)),
            "skills": draw(skills),
        }
        for n in range(draw(st.integers(0, 3)))
    ]
    stops = [
        stop(
            f"s{n}",
            draw(st.integers(0, locations - 1)),
            service=draw(st.integers(0, 60)),
            window=[draw(MINUTES), draw(MINUTES)],
            skills=draw(skills),
            officers_needed=draw(st.sampled_from([1, 1, 2, 3])),
        )
        for n in range(draw(st.integers(0, 6)))
    ]
    return day(seconds=0.05, durations=durations, officers=officers, stops=stops)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(days())
def test_every_plan_holds(table: dict[str, Any]) -> None:
    problem = read_problem(table)
    check_feasible(problem, plan_route(problem))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"seconds": 0}, "seconds là số giây được tính, lớn hơn 0 và không quá 600."),
        ({"seconds": "nhanh"}, "seconds phải là một số."),
        (
            {"durations": [[0, 1], [1]]},
            "durations là bảng vuông số phút đi từ nơi này đến nơi kia, không âm.",
        ),
        (
            {"durations": [[0, -1], [1, 0]]},
            "durations là bảng vuông số phút đi từ nơi này đến nơi kia, không âm.",
        ),
        ({"durations": None}, "durations là bảng vuông số phút đi từ nơi này đến nơi kia, không âm."),
        ({"depot": 3}, "depot là số thứ tự của một hàng trong durations, từ 0 đến 2."),
        ({"stops": [stop("a", 9)]}, "location của a là số thứ tự của một hàng trong durations, từ 0 đến 2."),
        ({"stops": [stop("a", 1), stop("a", 2)]}, "stops có hai mục cùng id “a”. Mỗi mục cần một id riêng."),
        ({"stops": [stop("a", 1, window=[1])]}, "window của a là hai số phút: sớm nhất và muộn nhất."),
        (
            {"stops": [stop("a", 1, window=[1, 9999])]},
            "late của window của a là số phút trong ngày, từ 0 đến 1440.",
        ),
        ({"stops": [stop("a", 1, service=-5)]}, "service của a là số phút trong ngày, từ 0 đến 1440."),
        ({"stops": [stop("a", 1, officers_needed=0)]}, "officers_needed của a là số người từ 1 đến 10."),
        ({"stops": [stop("a", 1, skills="khmer")]}, "skills của a là danh sách các chữ."),
        ({"stops": [{"location": 1}]}, "Mỗi mục của stops cần một id."),
        ({"officers": "Lan"}, "officers là một danh sách các đối tượng."),
        (
            {"officers": [{"id": "Lan", "start": float("nan")}]},
            "start của Lan là số phút trong ngày, từ 0 đến 1440.",
        ),
    ],
)
def test_a_problem_that_cannot_be_used_says_what_it_should_be(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_problem(day(**changes))
    assert refusal.value.sentence == sentence


def test_between_two_stops_that_exclude_one_another_the_shorter_way_is_taken() -> None:
    """With time for one of two stops, the near single is served and the far meeting is named."""
    officers = [{"id": name, "start": 450, "end": 560, "skills": []} for name in ("Lan", "Minh")]
    durations = [[0, 10, 40], [10, 0, 40], [40, 40, 0]]
    stops = [
        stop("far", 2, officers_needed=2, window=[450, 560]),
        stop("near", 1, window=[500, 505], service=30),
    ]
    answer = plan(officers=officers, durations=durations, stops=stops)
    assert answer.unserved == ("far",)
    assert answer.travel == 20


def test_meetings_of_two_find_the_shortest_day() -> None:
    """Two meetings on one road: both officers drive it once, together."""
    officers = [{"id": name, "start": 450, "end": 1020, "skills": []} for name in ("Lan", "Minh")]
    durations = [[0, 30, 40, 35], [30, 0, 10, 5], [40, 10, 0, 5], [35, 5, 5, 0]]
    stops = [
        stop("one", 1, officers_needed=2, window=[450, 1000]),
        stop("two", 2, officers_needed=2, window=[450, 1000]),
        stop("between", 3, window=[450, 1000]),
    ]
    answer = plan(officers=officers, durations=durations, stops=stops)
    assert answer.unserved == ()
    assert answer.travel == 160
