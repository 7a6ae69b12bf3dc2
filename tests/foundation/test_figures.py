"""Whole journeys at random, every message repeated: facts folded again are the counts, and the counts are what happened."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg import work
from civreg.cases import service as cases
from civreg.letters import service as letters
from civreg.shared import clock
from civreg.shared.database import new_id
from civreg.statistics import queries
from civreg.statistics import service as statistics
from civreg.statistics.rules import Line, Period
from tests.letters.flow import letter_of
from tests.world import BIRTH, MARRIAGE, MONDAY, World, ask, receive, register, version

STAGES = ("asked", "withdrawn", "received", "registered", "handed_over", "returned")


@dataclass(frozen=True)
class Journey:
    """How one family's case goes.

    Attributes:
        stage: where it stops.
        days: calendar days between its steps.
        repeats: how often the machine gets every message of the case again afterwards.
    """

    marriage: bool
    stage: str
    days: int
    repeats: int


journeys = st.lists(
    st.builds(Journey, st.booleans(), st.sampled_from(STAGES), st.integers(0, 9), st.integers(0, 2)),
    min_size=1,
    max_size=5,
)


def say_everything_again(session: Session) -> None:
    """Let every message be relayed and every job be done once more, as after a crash between effect and answer."""
    session.execute(text("UPDATE outbox SET relayed_at = NULL"))
    session.execute(text("UPDATE job SET state = 'waiting', lease_until = NULL, attempts = 0"))
    work.run_waiting(session)


def go(session: Session, world: World, journey: Journey, expected: Counter[tuple[date, str]]) -> None:
    """Take one case as far as it goes and write down, apart from the code under test, what must be counted."""
    moment = MONDAY

    def step(line: str = "") -> None:
        if line:
            expected[clock.today(), line] += 1
        work.run_waiting(session)

    def later() -> datetime:
        return moment + timedelta(days=journey.days)

    with clock.travelling(moment):
        case_id = ask(session, world, MARRIAGE if journey.marriage else BIRTH, key=str(new_id())).case_id
        step("requested")
        if journey.stage == "withdrawn":
            cases.withdraw(
                session,
                world.officer,
                case_id,
                expected_version=version(session, world, case_id),
                reason="Thôi",
            )
            step()
    if journey.stage in ("asked", "withdrawn"):
        return
    moment = later()
    with clock.travelling(moment):
        receive(session, world, case_id)
        step("received")
    if journey.stage == "received":
        return
    promised = cases_promised_on(session, case_id)
    moment = later()
    with clock.travelling(moment):
        register(session, world, case_id)
        on_time = clock.today() <= promised
        expected[clock.today(), "registered_on_time" if on_time else "registered_late"] += 1
        step("registered")
    if journey.stage == "registered":
        return
    moment = later()
    with clock.travelling(moment):
        bring_letter(session, world, journey, case_id, expected)
        step()


def cases_promised_on(session: Session, case_id: object) -> date:
    found = session.execute(
        text("SELECT promised_on FROM case_file WHERE id = :id"), {"id": case_id}
    ).scalar_one()
    assert isinstance(found, date)
    return found


def bring_letter(
    session: Session, world: World, journey: Journey, case_id: object, expected: Counter[tuple[date, str]]
) -> None:
    row = letter_of(session, case_id)
    letters.approve(session, world.head, row.id, expected_version=row.version)
    work.run_waiting(session)
    letters.print_run(session, world.clerk, [row.unit_id], [row.id])
    letters.sign_many(session, world.clerk, [row.id])
    letters.give_many(session, world.clerk, [row.id], officer_name=world.officer.full_name)
    row = letter_of(session, case_id)
    if journey.stage == "returned":
        letters.return_letter(
            session, world.officer, row.id, expected_version=row.version, reason="Gia đình đi vắng"
        )
        return
    letters.hand_over(
        session,
        world.officer,
        row.id,
        expected_version=row.version,
        to_whom="Kim Văn Sơn",
        relation="cha",
        at=clock.now(),
    )
    occasion = "marriage" if journey.marriage else "birth"
    expected[clock.today(), f"letter_congratulation_{occasion}"] += 1


@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(journeys)
def test_counts_are_what_happened_however_often_it_is_told(
    session: Session, world: World, taken: list[Journey]
) -> None:
    expected: Counter[tuple[date, str]] = Counter()
    with session.begin_nested() as savepoint:
        for journey in taken:
            go(session, world, journey, expected)
            for _ in range(journey.repeats):
                say_everything_again(session)
        counted = session.execute(
            text("SELECT day, line, sum(count)::int FROM daily_count GROUP BY day, line")
        )
        assert {(day, line): count for day, line, count in counted} == dict(expected)
        assert queries.facts_equal_counts(session)
        assert statistics.rebuild(session) == []
        check_drill_down(session, world, expected)
        savepoint.rollback()
    session.expire_all()


def check_drill_down(session: Session, world: World, expected: Counter[tuple[date, str]]) -> None:
    """Every figure of the province opens to as many cases as it says."""
    period = Period(MONDAY.date(), MONDAY.date() + timedelta(days=40))
    figures = queries.over(session, world.staff, world.province, period)
    for figure in (*figures.total.figures, *figures.letters):
        behind = queries.cases_behind(
            session, world.staff, world.province, period.from_on, period.to_on, None, figure.line
        )
        told = sum(count for (_, line), count in expected.items() if line == figure.line)
        assert (figure.count, len(behind)) == (told, told), figure.line


def test_every_kind_of_tampering_with_a_count_is_reported(session: Session, world: World) -> None:
    go(session, world, Journey(False, "handed_over", 1, 0), Counter())
    lines = session.scalars(text("SELECT line FROM daily_count ORDER BY line")).all()
    assert len(lines) == 5
    for change, stored in (("UPDATE daily_count SET count = count + 1", 2), ("DELETE FROM daily_count", 0)):
        for line in lines:
            session.execute(text(f"{change} WHERE line = :line"), {"line": line})
            assert not queries.facts_equal_counts(session)
            (found,) = statistics.rebuild(session)
            assert (found.line, found.stored, found.folded) == (Line(line), stored, 1)
            assert found.unit_id == world.tra_cu
            assert statistics.rebuild(session) == []
            assert queries.facts_equal_counts(session)
