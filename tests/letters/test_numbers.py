"""The letter book under many writers at once: no gap, no double, whoever gives up in between."""

from __future__ import annotations

import threading
from uuid import UUID

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from civreg import work
from civreg.letters import service as letters
from civreg.settings import Settings
from civreg.shared import audit, clock, crypto
from civreg.shared.database import transaction
from tests.letters.flow import approved, registered
from tests.world import MARRIAGE, MONDAY, build_world


class GaveUp(Exception):  # noqa: N818 - what happened
    """A writer that stops after everything was written and before the commit."""


def issue_and_give_up(session: Session, letter_id: UUID) -> None:
    with transaction(session):
        letters.issue(session, letter_id, work.LETTER_TEMPLATES)
        raise GaveUp


def test_many_writers_of_whom_some_give_up(fresh_database: Settings, keyring: crypto.Keyring) -> None:
    engine = create_engine(fresh_database.database_url, pool_size=8)
    with Session(engine) as session, clock.travelling(MONDAY), transaction(session):
        world = build_world(session)
        ids = [approved(session, world, registered(session, world, MARRIAGE)).id for _ in range(24)]

    def write(mine: list[UUID], gives_up: int) -> None:
        for position, letter_id in enumerate(mine):
            with Session(engine) as session:
                if position == gives_up:
                    with pytest.raises(GaveUp):
                        issue_and_give_up(session, letter_id)
                with transaction(session):
                    letters.issue(session, letter_id, work.LETTER_TEMPLATES)

    # two writers want every letter, in opposite orders
    halves = [ids[start::4] for start in range(4)]
    threads = [threading.Thread(target=write, args=(half, 2)) for half in halves]
    threads += [threading.Thread(target=write, args=(half[::-1], 3)) for half in halves]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Session(engine) as session:
        numbers = session.execute(text("SELECT number FROM letter ORDER BY number")).scalars().all()
        assert numbers == list(range(1, 25))
        assert session.scalar(text("SELECT last FROM counter WHERE series = 'letter'")) == 24
        assert session.scalar(text("SELECT count(*) FROM file")) == 24
        assert audit.verify(session).ok
    engine.dispose()
