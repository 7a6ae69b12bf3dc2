from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg import work
from civreg.accounts.rules import SYSTEM
from civreg.letters import queries
from civreg.letters import service as letters
from civreg.letters.rules import LetterAction, LetterKind, LetterState
from civreg.shared import clock
from civreg.shared.errors import NotFound
from civreg.visits import service as visits
from tests.letters.flow import issued, letter_of, registered, with_officer
from tests.shared.paper_reading import words as pdf_words
from tests.world import MARRIAGE, World, version


def _reads(session: Session) -> list[str]:
    session.flush()
    return list(
        session.execute(text("SELECT what FROM read_log WHERE what LIKE 'letter%' ORDER BY id")).scalars()
    )


def test_who_sees_letters(session: Session, world: World) -> None:
    row = letter_of(session, registered(session, world))
    seen = {
        name: [found.id for found in queries.letters(session, getattr(world, name))]
        for name in ("officer", "head", "clerk", "neighbour", "staff", "administrator", "stranger")
    }
    assert seen == {
        "officer": [row.id],
        "head": [row.id],
        "clerk": [row.id],
        "neighbour": [],
        "staff": [],
        "administrator": [],
        "stranger": [],
    }
    for name in ("neighbour", "staff", "administrator", "stranger"):
        with pytest.raises(NotFound):
            queries.letter_page(session, getattr(world, name), row.id, work.LETTER_TEMPLATES)
        with pytest.raises(NotFound):
            queries.letter_pdf(session, getattr(world, name), row.id, work.LETTER_TEMPLATES)
        with pytest.raises(NotFound):
            queries.hand_over_list(session, getattr(world, name), [row.id])


def test_each_person_is_offered_what_is_theirs(session: Session, world: World) -> None:
    row = letter_of(session, registered(session, world))
    offered = {
        name: set(queries.letters(session, getattr(world, name))[0].actions)
        for name in ("officer", "head", "clerk")
    }
    assert offered["officer"] == {LetterAction.HOLD}
    assert offered["head"] == {LetterAction.APPROVE, LetterAction.HOLD, LetterAction.CANCEL}
    assert offered["clerk"] == set()
    assert row.actions[0] == LetterAction.APPROVE


def test_reading_names_is_written_down(session: Session, world: World) -> None:
    row = issued(session, world)
    before = len(_reads(session))
    queries.letters(session, world.clerk)
    queries.letter_page(session, world.clerk, row.id, work.LETTER_TEMPLATES)
    queries.letter_pdf(session, world.clerk, row.id, work.LETTER_TEMPLATES)
    queries.hand_over_list(session, world.clerk, [row.id])
    assert _reads(session)[before:] == ["letters.list", "letter.page", "letter.pdf", "letter.hand_over_list"]


def test_lists_are_narrowed_and_paged(session: Session, world: World) -> None:
    birth = issued(session, world)
    marriage = letter_of(session, registered(session, world, MARRIAGE))
    third = letter_of(session, registered(session, world, MARRIAGE))
    assert [r.id for r in queries.letters(session, world.clerk, state=[LetterState.ISSUED])] == [birth.id]
    kind = LetterKind.CONGRATULATION_MARRIAGE
    assert {r.id for r in queries.letters(session, world.clerk, kind=kind)} == {marriage.id, third.id}
    assert queries.letters(session, world.clerk, unit_id=world.dai_an) == []
    every = [r.id for r in queries.letters(session, world.clerk)]
    first = queries.letters(session, world.clerk, limit=2)
    rest = queries.letters(session, world.clerk, limit=2, after=first[-1].id)
    assert [r.id for r in (*first, *rest)] == every == [birth.id, marriage.id, third.id]
    assert queries.count_by_state(session, world.clerk) == {LetterState.ISSUED: 1, LetterState.DRAFT: 2}


def test_a_letter_is_needed_by_the_visit_that_carries_it(session: Session, world: World) -> None:
    first = letter_of(session, registered(session, world))
    carried = letter_of(session, registered(session, world, MARRIAGE))
    starts_at = clock.now() + timedelta(days=1, hours=1)
    visits.book_visit(
        session,
        world.officer,
        case_id=carried.case_id,
        expected_version=version(session, world, carried.case_id),
        officer_id=world.officer.user_id,
        starts_at=starts_at,
        purpose="return",
    )
    work.run_waiting(session)
    session.expire_all()
    rows = queries.letters(session, world.clerk)
    assert [(row.id, row.needed_by) for row in rows] == [(carried.id, starts_at), (first.id, None)]


def test_a_draft_is_previewed_without_a_number(session: Session, world: World) -> None:
    row = letter_of(session, registered(session, world))
    assert "Kim Sô Khane" in pdf_words(queries.letter_pdf(session, world.head, row.id, work.LETTER_TEMPLATES))
    assert session.scalar(text("SELECT count(*) FROM file")) == 0
    assert letter_of(session, row.case_id).number is None


def test_the_pile_goes_with_a_list_to_sign(session: Session, world: World) -> None:
    row = with_officer(session, world)
    other = with_officer(session, world, MARRIAGE)
    read = pdf_words(
        queries.hand_over_list(session, world.clerk, [row.id, other.id], officer_name=world.officer.full_name)
    )
    for expected in ("01/2026", "02/2026", "Kim Sô Khane", "Sơn Thị Na", "Ấp Chợ", world.officer.full_name):
        assert expected in read


def test_print_runs_are_listed_for_the_clerk(session: Session, world: World) -> None:
    row = issued(session, world)
    run = letters.print_run(session, world.clerk, [row.unit_id])
    assert [(found.id, found.count) for found in queries.print_runs(session, world.clerk)] == [(run.id, 1)]
    assert queries.print_runs(session, world.neighbour) == []
    assert letter_of(session, row.case_id).print_run_id == run.id


def test_the_units_of_letters_are_those_that_have_one_and_that_the_actor_sees(
    session: Session, world: World
) -> None:
    assert queries.units_of_letters(session, SYSTEM) == set()
    first, second, _ = (letter_of(session, registered(session, world, MARRIAGE)) for _ in range(3))
    move = text("UPDATE letter SET unit_id = :unit WHERE id = :id")
    for row, unit_id in ((first, world.dai_an), (second, world.province)):
        session.execute(move, {"unit": unit_id, "id": row.id})
    assert queries.units_of_letters(session, SYSTEM) == {world.province, world.tra_cu, world.dai_an}
    assert queries.units_of_letters(session, world.officer) == {world.tra_cu}
    assert queries.units_of_letters(session, world.neighbour) == {world.dai_an}
    assert queries.units_of_letters(session, world.stranger) == set()
