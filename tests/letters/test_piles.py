"""A pile of letters gets its numbers in one commit: no gap, nobody held up by another's fault."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg import work
from civreg.letters import queries
from civreg.letters import service as letters
from civreg.letters.queries import LetterRow
from civreg.letters.rules import LetterKind, LetterState, usual_layout
from civreg.letters.service import deciding
from civreg.shared import audit, clock, outbox
from tests.letters.flow import approved, letter_of, numbers, registered
from tests.shared.paper_reading import words as pdf_words
from tests.world import BIRTH, MARRIAGE, World

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


def test_a_pile_that_failed_once_is_taken_apart(session: Session, world: World) -> None:
    """So that one letter which kills its worker does not keep the others from their numbers for ever."""
    pile_of(session, world, 3)
    outbox.relay(session, work.LISTENERS)
    session.execute(text("UPDATE job SET attempts = 2 WHERE kind = 'letters.issue'"))
    session.expire_all()
    work.run_waiting(session)
    assert jobs_made(session) == 1 + 3  # the pile, which issued nothing itself, and each letter
    assert numbers(session) == [1, 2, 3]
