from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg import work
from civreg.shared.database import new_id
from civreg.statistics import queries
from civreg.statistics import service as statistics
from civreg.statistics.rules import Line
from tests.letters.flow import handed_over, registered, with_officer
from tests.world import MARRIAGE, World


def _payload(world: World, **changes: Any) -> dict[str, Any]:
    return {
        "unit_id": world.tra_cu,
        "procedure": "birth_at_home",
        "day": "2026-11-16",
        "on_time": True,
        "late": False,
    } | changes


def _counts(session: Session) -> dict[str, int]:
    rows = session.execute(text("SELECT line, sum(count)::int FROM daily_count GROUP BY line"))
    return {row[0]: row[1] for row in rows}


def test_an_event_folded_twice_counts_once(session: Session, world: World) -> None:
    case_id = new_id()
    assert statistics.fold_event(session, 7, "case.registered", case_id, _payload(world)) == 2
    assert statistics.fold_event(session, 7, "case.registered", case_id, _payload(world)) == 0
    assert _counts(session) == {"registered": 1, "registered_on_time": 1}
    assert queries.facts_equal_counts(session)


def test_a_step_taken_back_takes_the_count_back_on_its_day(session: Session, world: World) -> None:
    letter_id, case_id = new_id(), new_id()
    payload = _payload(world, kind="condolence", case_id=str(case_id))
    statistics.fold_event(session, 1, "letter.handed_over", letter_id, payload)
    statistics.fold_event(session, 2, "letter.returned", letter_id, payload | {"was_handed_over": True})
    assert _counts(session) == {"letter_condolence": 0}
    behind = queries.cases_behind(
        session,
        world.staff,
        world.tra_cu,
        date(2026, 11, 1),
        date(2026, 11, 30),
        None,
        Line.LETTER_CONDOLENCE,
    )
    assert behind == []
    assert queries.facts_equal_counts(session)


def test_folding_again_gives_the_counts_that_stand(session: Session, world: World) -> None:
    handed_over(session, world)
    registered(session, world, MARRIAGE)
    with_officer(session, world)
    assert statistics.rebuild(session) == []
    assert queries.facts_equal_counts(session)


def test_a_wrong_count_is_found_and_put_right(session: Session, world: World) -> None:
    handed_over(session, world)
    right = _counts(session)
    session.execute(text("UPDATE daily_count SET count = 41 WHERE line = 'registered'"))
    session.execute(text("DELETE FROM daily_count WHERE line = 'delivered' OR line = 'requested'"))
    session.execute(
        text("INSERT INTO daily_count VALUES (:unit, '2026-11-02', 'birth_at_home', 'received', 3)"),
        {"unit": world.dai_an},
    )
    assert not queries.facts_equal_counts(session)
    found = {(row.line, row.unit_id): (row.stored, row.folded) for row in statistics.rebuild(session)}
    assert found == {
        ("registered", world.tra_cu): (41, 1),
        ("requested", world.tra_cu): (0, 1),
        ("received", world.dai_an): (3, 0),
    }
    assert statistics.rebuild(session) == []
    assert _counts(session) == right


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.integers(1, 8),
            st.sampled_from(["case.requested", "case.registered", "letter.handed_over", "letter.returned"]),
            st.integers(1, 28),
            st.booleans(),
        ),
        max_size=30,
    )
)
def test_facts_folded_in_any_order_and_number_equal_the_counts(
    session: Session, world: World, events: list[tuple[int, str, int, bool]]
) -> None:
    with session.begin_nested() as savepoint:
        for source, topic, day, flag in events:
            payload = _payload(
                world,
                day=f"2026-11-{day:02d}",
                on_time=flag,
                late=flag,
                kind="condolence",
                was_handed_over=flag,
            )
            statistics.fold_event(session, source, topic, UUID(int=source), payload)
        assert queries.facts_equal_counts(session)
        assert statistics.rebuild(session) == []
        savepoint.rollback()


def test_a_whole_case_writes_each_line_once(session: Session, world: World) -> None:
    handed_over(session, world)
    work.run_waiting(session)
    assert _counts(session) == {
        "requested": 1,
        "received": 1,
        "registered": 1,
        "registered_on_time": 1,
        "letter_congratulation_birth": 1,
    }
