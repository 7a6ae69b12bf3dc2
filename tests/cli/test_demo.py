from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.accounts.rules import Role
from civreg.cases.rules import State
from civreg.cli.demo.making import make_demo
from civreg.deadlines import service as deadlines
from civreg.letters.rules import LetterState
from civreg.shared import audit, clock
from civreg.statistics import service as statistics

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=clock.ZONE)


def _make(country: Session) -> list[tuple[object, ...]]:
    with clock.travelling(NOW):
        deadlines.load_calendar(country)
        accounts = make_demo(country, months=2)
    assert len(accounts) == len(Role)
    rows = country.execute(
        text(
            "SELECT c.code, c.state, c.requested_at, c.promised_on, string_agg(p.full_name, ';' ORDER BY p.role)"
            " FROM case_file c JOIN party p ON p.case_id = c.id GROUP BY c.id ORDER BY c.code"
        )
    )
    return [tuple(row) for row in rows]


def test_the_demo_holds_every_state_and_is_the_same_when_made_again(country: Session) -> None:
    with country.begin_nested() as savepoint:
        first = _make(country)
        _check_what_is_there_to_see(country)
        savepoint.rollback()
    country.expire_all()
    assert _make(country) == first


def _check_what_is_there_to_see(country: Session) -> None:
    states = set(country.scalars(text("SELECT state FROM case_file")))
    assert states == {state.value for state in State}
    letters = set(country.scalars(text("SELECT state FROM letter")))
    assert {LetterState.HELD, LetterState.DRAFT, LetterState.HANDED_OVER, LetterState.RETURNED} <= letters
    changed = country.execute(
        text(
            "SELECT count(*) FILTER (WHERE state = 'issued' AND held_reason = 'consent_withdrawn'),"
            " count(*) FILTER (WHERE outdated_at IS NOT NULL), count(replaces_id),"
            " count(*) FILTER (WHERE kind = 'apology' AND number IS NOT NULL) FROM letter"
        )
    ).one()
    assert tuple(changed) == (1, 1, 1, 1), (
        "a stopped, an outdated, a replaced letter, and an apology in the book"
    )
    told = country.execute(text("SELECT reporter, occasion, state FROM tiding ORDER BY told_at")).all()
    assert [tuple(row) for row in told] == [("hamlet_head", "birth", "new"), ("pagoda", "death", "new")]
    groups = set(country.scalars(text("SELECT is_kinh FROM party WHERE is_kinh IS NOT NULL")))
    assert groups == {True, False}
    overdue = country.scalar(text("SELECT count(*) FROM deadline_notice WHERE kind = 'overdue'"))
    assert overdue
    twins = country.scalars(
        text(
            "SELECT l.held_reason FROM letter l JOIN case_link k ON l.case_id IN (k.first_id, k.second_id)"
            " WHERE k.kind = 'twin'"
        )
    ).all()
    assert twins == ["twin_waiting"]
    planned = country.scalar(
        text("SELECT count(*) FROM visit WHERE state = 'planned' AND starts_at > :now"), {"now": NOW}
    )
    assert planned
    carried = "SELECT count(*) FROM visit_book WHERE visit_state = 'planned' AND lower(period) > :now"
    assert country.scalar(text(carried), {"now": NOW})
    away = "SELECT out_at FROM book_loan WHERE back_at IS NULL AND out_at < :today"
    assert country.scalars(text(away), {"today": NOW.replace(hour=0)}).all()
    assert country.scalar(text("SELECT count(*) FROM visit_case WHERE returns_visit_id IS NOT NULL"))
    assert audit.verify(country).ok
    assert statistics.rebuild(country) == []
    assert country.scalar(text("SELECT count(*) FROM job WHERE state <> 'done'")) == 0
