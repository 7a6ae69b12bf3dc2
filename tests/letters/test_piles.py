"""A pile of letters gets its numbers in one commit: no gap, nobody held up by another's fault."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from civreg import work
from civreg.letters import queries
from civreg.letters import service as letters
from civreg.letters.queries import LetterRow
from civreg.letters.rules import LetterKind, LetterState, usual_layout
from civreg.letters.service import deciding
from civreg.settings import Settings
from civreg.shared import audit, clock, crypto, jobs, outbox
from civreg.shared.database import transaction
from tests.letters.flow import approved, letter_of, numbers, registered
from tests.shared.paper_reading import words as pdf_words
from tests.world import BIRTH, MARRIAGE, MONDAY, World, build_world
from workers import one_job

UNPRINTABLE = replace(BIRTH.people[0], full_name="Kim Sô 中")


def pile_of(session: Session, world: World, count: int) -> list[LetterRow]:
    """Let the head approve a pile of marriages at once, after she has read one."""
    rows = [letter_of(session, registered(session, world, MARRIAGE)) for _ in range(count)]
    queries.letter_page(session, world.head, rows[0].id, work.LETTER_TEMPLATES)
    session.flush()
    letters.approve_many(session, world.head, {row.id: row.version for row in rows})
    return rows


def jobs_made(session: Session) -> int:
    return session.scalar(text("SELECT count(*) FROM job WHERE kind = 'letters.issue'")) or 0


def show_numbers(session: Session, world: World) -> None:
    for kind in (LetterKind.CONGRATULATION_BIRTH, LetterKind.CONGRATULATION_MARRIAGE):
        layout = replace(usual_layout(kind), show_number=True)
        letters.set_layout(session, world.clerk, world.province, kind, clock.today(), layout)


def test_a_pile_makes_a_job_for_so_many_letters(
    session: Session, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deciding, "PILE", 3)
    rows = pile_of(session, world, 4)
    work.run_waiting(session)
    assert jobs_made(session) == 2
    assert numbers(session) == [1, 2, 3, 4]
    told = text("SELECT count(*) FROM outbox WHERE topic = 'letter.issued' AND subject_id = ANY(:ids)")
    assert session.scalar(told, {"ids": [row.id for row in rows]}) == 4
    written = text(
        "SELECT array_agg((details->>'number')::int ORDER BY seq) FROM audit WHERE action = :action"
    )
    assert session.scalar(written, {"action": "letter.issued"}) == [1, 2, 3, 4]
    assert audit.verify(session).ok


def test_one_that_cannot_be_drawn_leaves_its_number_to_the_next(session: Session, world: World) -> None:
    show_numbers(session, world)
    forms = [(MARRIAGE, {}), (BIRTH, {"people": (UNPRINTABLE, *BIRTH.people[1:])}), (MARRIAGE, {})]
    case_ids = [registered(session, world, form, **more) for form, more in forms]
    rows = [approved(session, world, case_id) for case_id in case_ids]
    assert letters.issue_pile(session, [row.id for row in rows], work.LETTER_TEMPLATES) == 2
    assert numbers(session) == [1, 2]
    first, bad, last = (letter_of(session, row.case_id) for row in rows)
    assert bad.state == LetterState.HELD
    assert bad.held_reason
    assert "Không in được ký tự “中”" in bad.held_reason
    for row in (first, last):
        pdf = queries.letter_pdf(session, world.head, row.id, work.LETTER_TEMPLATES)
        assert f"Số: {row.number}" in pdf_words(pdf)
    work.run_waiting(session)  # the jobs of the single approvals find nothing left to do
    assert numbers(session) == [1, 2]


@pytest.mark.parametrize("shown", [False, True])
def test_each_unit_of_a_pile_counts_for_itself(session: Session, world: World, shown: bool) -> None:
    if shown:
        show_numbers(session, world)
    case_ids = [registered(session, world, MARRIAGE) for _ in range(4)]
    ids = [approved(session, world, case_id).id for case_id in case_ids]
    move = text("UPDATE letter SET unit_id = :unit WHERE id = ANY(:ids)")
    session.execute(move, {"unit": world.dai_an, "ids": ids[::2]})
    session.expire_all()
    assert letters.issue_pile(session, ids, work.LETTER_TEMPLATES) == 4
    given = session.execute(text("SELECT unit_id, number FROM letter ORDER BY unit_id, number")).all()
    assert sorted(tuple(row) for row in given) == sorted(
        (unit, number) for unit in (world.tra_cu, world.dai_an) for number in (1, 2)
    )
    assert audit.verify(session).ok


def do_waiting(engine: Engine) -> None:
    """Do every job that waits, as a worker does: each try noted before it, a failed one put aside."""
    with Session(engine) as session, transaction(session):
        outbox.relay(session, work.LISTENERS)
    with Session(engine) as session:
        waiting = session.scalars(text("SELECT id FROM job WHERE state = 'waiting' ORDER BY id")).all()
    for job_id in waiting:
        one_job.do(str(job_id))


def test_a_letter_that_cannot_be_read_keeps_only_itself_from_its_number(
    fresh_database: Settings, keyring: crypto.Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its facts no longer open under any key: each try fails, until it is parked alone and a person is rung."""
    engine = create_engine(fresh_database.database_url)
    monkeypatch.setattr(one_job, "new_session", lambda: Session(engine))
    with clock.travelling(MONDAY):
        with Session(engine) as session, transaction(session):
            rows = pile_of(session, build_world(session), 3)
            bad = sorted(row.id for row in rows)[1]
            spoil = text(
                "UPDATE letter SET sealed_facts = left(sealed_facts, -8) || 'AAAAAAAA' WHERE id = :id"
            )
            session.execute(spoil, {"id": bad})
        do_waiting(engine)
        with Session(engine) as session:
            assert numbers(session) == [], "the pile failed whole"
        for _further_try in range(jobs.MAX_ATTEMPTS + 1):
            do_waiting(engine)
        with Session(engine) as session:
            assert jobs_made(session) == 1 + 3  # the pile, which issued nothing itself, and each letter
            assert numbers(session) == [1, 2]
            left = session.execute(
                text("SELECT subject_id, attempts FROM job WHERE kind = 'letters.issue' AND state = 'parked'")
            ).all()
            assert [tuple(row) for row in left] == [(bad, jobs.MAX_ATTEMPTS)]
            state = session.scalar(text("SELECT state FROM letter WHERE id = :id"), {"id": bad})
            assert state == LetterState.APPROVED
            assert audit.verify(session).ok
    engine.dispose()


def test_two_workers_never_take_the_chains_of_two_units_crosswise(
    fresh_database: Settings, keyring: crypto.Keyring
) -> None:
    """One pile holds a letter of the first unit back and issues one of the second; another writes to the first, then the second."""
    engine = create_engine(fresh_database.database_url)
    with clock.travelling(MONDAY), Session(engine) as session, transaction(session):
        world = build_world(session)
        children = (UNPRINTABLE, *BIRTH.people[1:])
        cases = [registered(session, world, BIRTH, people=children), registered(session, world, MARRIAGE)]
        held, issued = (approved(session, world, case_id).id for case_id in cases)
        move = text("UPDATE letter SET unit_id = :unit WHERE id = :id")
        session.execute(move, {"unit": world.dai_an, "id": issued})
        first, second = sorted((world.tra_cu, world.dai_an))

    def issue() -> int:
        with clock.travelling(MONDAY), Session(engine) as session, transaction(session):
            return letters.issue_pile(session, [held, issued], work.LETTER_TEMPLATES)

    def note(session: Session, unit_id: int) -> None:
        audit.record(
            session, "letter.held", unit_id=unit_id, actor_id=None, subject_type="letter", subject_id=None
        )

    with ThreadPoolExecutor(1) as pool:
        with Session(engine) as session, transaction(session):
            note(session, first)
            done = pool.submit(issue)
            wait_until_it_waits(engine, done)
            note(session, second)  # refused by PostgreSQL as a deadlock if the pile held this chain already
        assert done.result() == 1
    with Session(engine) as session:
        assert numbers(session) == [1]
        assert audit.verify(session).ok
    engine.dispose()


def wait_until_it_waits(engine: Engine, done: Future[int]) -> None:
    """Return once the work in the other thread waits for a lock; what ends without waiting ends this too."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not connection.scalar(waiting):
            assert not done.done(), f"it ended without waiting: {done.exception() or done.result()}"
            time.sleep(0.02)
