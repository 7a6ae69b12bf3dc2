"""Two administrators confirm at once, and officers work on meanwhile: one plan, nothing lost, nobody stuck."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from civreg import succession
from civreg.cases import service as cases
from civreg.settings import Settings
from civreg.shared import audit, clock, crypto
from civreg.shared.database import transaction
from civreg.shared.errors import Refusal
from civreg.succession import Holdings
from tests.succession.merged import SmallMerger, small_merger
from tests.world import World, build_world

CASES = 12


@dataclass(frozen=True)
class Office:
    """The committed world that many connections work on."""

    engine: Engine
    people: World
    merger: SmallMerger
    expected: str

    def confirm(self, _: int = 0) -> Holdings:
        """Confirm the plan as the page showed it."""
        with Session(self.engine) as session, transaction(session):
            return succession.carry_out(
                session, self.people.administrator, self.merger.old, expected=self.expected
            )


@pytest.fixture
def office(fresh_database: Settings, keyring: crypto.Keyring) -> Iterator[Office]:
    engine = create_engine(fresh_database.database_url, pool_size=16)
    with Session(engine) as session, transaction(session):
        people = build_world(session)
        merger = small_merger(session, people, CASES)
        plan = succession.plan_of(session, people.administrator, merger.old, clock.today())
    yield Office(engine, people, merger, plan.expected)
    engine.dispose()


def test_of_two_administrators_one_hands_over(office: Office) -> None:
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(office.confirm, range(4)))
    moved = Holdings(cases=CASES, roles=1, participations=1)
    assert sorted(done, key=lambda one: one.cases) == [Holdings()] * 3 + [moved]
    with Session(office.engine) as session:
        count = "SELECT count(*) FROM case_move WHERE action = 'change_unit'"
        assert session.execute(text(count)).scalar_one() == CASES
        assert audit.verify(session).ok


def test_officers_work_on_while_the_plan_is_carried_out(office: Office) -> None:
    def call(number: int) -> str:
        case_id = office.merger.cases[number % CASES]
        try:
            with Session(office.engine) as session, transaction(session):
                cases.note_call(session, office.merger.officer, case_id, expected_version=1)
        except Refusal:
            return "refused"  # the case went over a moment before
        return "noted"

    with ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(call, number) for number in range(CASES)]
        plan = pool.submit(office.confirm)
        calls += [pool.submit(call, number) for number in range(CASES)]
        assert plan.result().cases == CASES
        said = [one.result() for one in calls]
    with Session(office.engine) as session:
        rows = session.execute(text("SELECT current_unit_id, called_at IS NOT NULL FROM case_file")).all()
        assert {row[0] for row in rows} == {office.people.tra_cu}
        noted = session.execute(text("SELECT count(*) FROM audit WHERE action = 'case.called'"))
        assert sum(row[1] for row in rows) == noted.scalar_one() == said.count("noted")
        assert audit.verify(session).ok
