"""Two people at one calendar: what somebody changes while the list of moves is confirmed is counted again, never passed over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from civreg.cases import service as cases
from civreg.cases.queries import case_page
from civreg.deadlines import queries, service
from civreg.settings import Settings
from civreg.shared import clock, crypto
from civreg.shared.database import transaction
from tests.world import BIRTH, MARRIAGE, MONDAY, World, ask, build_world, receive

FRIDAY, NEW_YEAR = date(2026, 11, 20), date(2027, 1, 4)


def list_day(session: Session, people: World, day: date, kind: str) -> None:
    service.set_calendar_day(
        session, people.administrator, day, kind=kind, name="Nghỉ theo thông báo", source="TB 9/2026"
    )


def born_a_day_later(session: Session, people: World, case_id: UUID) -> None:
    """Correct the day of birth to 3/11/2026: sixty days later is a Saturday, so the Monday counts."""
    page = case_page(session, people.officer, case_id)
    sent = {**page.fields, "child.birth_day": "3"}
    cases.change_case(
        session, people.officer, case_id, expected_version=page.version, before=page.fields, sent=sent
    )


def test_what_a_colleague_counted_meanwhile_by_the_old_calendar_is_listed_again(
    fresh_database: Settings, keyring: crypto.Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = create_engine(fresh_database.database_url)
    mine, colleagues = Session(engine), Session(engine)
    with clock.travelling(MONDAY):
        with transaction(mine):
            people = build_world(mine)
            untouched, paused = (ask(mine, people, MARRIAGE).case_id for _ in range(2))
            for case_id in (untouched, paused):
                receive(mine, people, case_id)
            family = ask(mine, people, BIRTH).case_id
            for day in (FRIDAY, NEW_YEAR):
                list_day(mine, people, day, "holiday")
        queries.calendar(colleagues)  # read once per transaction: the two days are holidays in it
        with transaction(mine):
            for day in (FRIDAY, NEW_YEAR):
                list_day(mine, people, day, "ordinary")
        move: Callable[..., Any] = service.move_by_calendar

        def moved_while_the_colleague_works(*given: Any) -> Any:
            service.pause(colleagues, paused, MONDAY, service.PAPERS)
            service.resume(colleagues, paused, MONDAY + timedelta(hours=1))
            born_a_day_later(colleagues, people, family)
            colleagues.commit()
            return move(*given)

        with transaction(mine), monkeypatch.context() as patched:
            shown = cases.calendar_moves(mine, people.administrator)
            assert shown.counts == ()
            assert set(shown.families_counted) == {family}
            patched.setattr(service, "move_by_calendar", moved_while_the_colleague_works)
            cases.move_promises(mine, people.administrator, expected=shown.expected)
        with transaction(mine):
            again = cases.calendar_moves(mine, people.administrator)
    mine.close()
    colleagues.close()
    engine.dispose()
    assert untouched not in {move.case_id for move in again.promises}
    assert sorted((one.kind, one.before, one.after) for one in again.counts) == [
        ("family", date(2027, 1, 5), date(2027, 1, 4)),
        ("part", date(2026, 11, 25), date(2026, 11, 23)),
    ]
    assert len(again.promises_counted) == 1, "what nobody touched was counted once"
