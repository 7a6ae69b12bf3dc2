"""Two administrators confirm at once, and officers work on meanwhile: one plan, nothing lost, nobody stuck."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from civreg import succession
from civreg.accounts.rules import Actor, Role
from civreg.cases import service as cases
from civreg.settings import Settings
from civreg.shared import audit, clock, crypto
from civreg.shared.database import transaction
from civreg.shared.errors import Refusal
from civreg.succession import Holdings, carrying
from civreg.succession.carrying import SETTLED
from tests.succession.merged import SmallMerger, small_merger
from tests.world import World, _user, build_world

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


def test_of_two_administrators_who_divide_a_unit_one_wins_and_the_other_is_told(office: Office) -> None:
    """Each sends every case to another heir: what holds is one person's whole answer, and the other reads 409."""
    people, old = office.people, office.merger.old
    with Session(office.engine) as session, transaction(session):
        session.execute(
            text(
                "INSERT INTO unit_successor (old_unit_id, new_unit_id, effective_on, is_split, source)"
                " VALUES (:old, :new, '2025-07-01', true, 'list')"
            ),
            {"old": old, "new": people.dai_an},
        )
        other = _user(session, "administrator.two", Role.ADMINISTRATOR, people.province, "Kim Văn Bình")
        plan = succession.plan_of(session, people.administrator, old, clock.today())
    assert plan.division is not None
    fields = [share.field for share in (*plan.division.cases, *plan.division.roles)]
    fields += [share.field for share in plan.division.hamlets]
    ready = Barrier(2)

    def confirm(who: Actor, heir: int) -> Holdings | succession.SituationChanged:
        wanted = succession.Wanted(heir, "Trụ sở nay ở đây", dict.fromkeys(fields, heir))
        with Session(office.engine) as session:
            ready.wait()
            try:
                with transaction(session):
                    return succession.carry_out(session, who, old, expected=plan.expected, wanted=wanted)
            except succession.SituationChanged as told:
                return told

    pairs = ((people.administrator, people.tra_cu), (other, people.dai_an))
    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(lambda pair: confirm(*pair), pairs))
    won = [place for one, (_, place) in zip(said, pairs, strict=True) if isinstance(one, Holdings)]
    [told] = [one for one in said if isinstance(one, succession.SituationChanged)]
    assert (told.status, told.sentence) == (409, SETTLED)
    assert told.plan.holdings.is_empty
    with Session(office.engine) as session:
        at = session.execute(text("SELECT DISTINCT current_unit_id FROM case_file")).scalars().all()
        assert at == won
        count = "SELECT count(*) FROM case_move WHERE action = 'change_unit'"
        assert session.execute(text(count)).scalar_one() == CASES
        assert audit.verify(session).ok


def test_the_plan_is_counted_once_behind_the_lock(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    locked: list[bool] = []

    def counted(session: Session, *given: Any) -> succession.Plan:
        query = "SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND relation = 'unit'::regclass"
        mode = f"{query} AND mode = 'RowShareLock'"
        locked.append(bool(session.execute(text(mode)).scalar_one()))
        return succession.plan_of(session, *given)

    monkeypatch.setattr(carrying, "plan_of", counted)
    assert office.confirm().cases == CASES
    assert locked == [True]


def test_the_heir_is_held_before_its_texts_are_written(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who else writes texts of the heir waits for its row first, as this does: two who take it last would wait for each other."""
    free: list[bool] = []
    copy = carrying.letters_service.hand_over_papers

    def copied(*given: Any) -> Any:
        with Session(office.engine) as other:
            query = text("SELECT id FROM unit WHERE id = :id FOR UPDATE SKIP LOCKED")
            free.append(other.execute(query, {"id": office.people.tra_cu}).first() is not None)
        return copy(*given)

    monkeypatch.setattr(carrying.letters_service, "hand_over_papers", copied)
    assert office.confirm().cases == CASES
    assert free == [False]


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
