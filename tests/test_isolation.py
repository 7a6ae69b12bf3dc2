"""The promises of conftest.py: no trace between tests, no network, the application's own rights."""

from __future__ import annotations

import socket

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from civreg.settings import Settings

ADD = text("INSERT INTO failed_try (kind, key, at) VALUES ('isolation', 'probe', now())")
COUNT = text("SELECT count(*) FROM failed_try WHERE kind = 'isolation'")


@pytest.mark.parametrize("turn", [1, 2])
def test_what_one_test_commits_no_other_sees(session: Session, turn: int) -> None:
    assert session.execute(COUNT).scalar_one() == 0, f"turn {turn} sees the rows of the other"
    session.execute(ADD)
    session.commit()
    session.execute(ADD)
    session.rollback()
    assert session.execute(COUNT).scalar_one() == 1


def test_a_request_sees_what_the_test_committed(client: FlaskClient, session: Session, app: Flask) -> None:
    session.execute(ADD)
    session.commit()
    with app.app_context():
        theirs = app.extensions["sqlalchemy"].session()
        assert theirs.execute(COUNT).scalar_one() == 1
        theirs.execute(ADD)
        theirs.commit()
    assert session.execute(COUNT).scalar_one() == 2


def test_commits_in_a_fresh_database_are_real(fresh_database: Settings) -> None:
    engine = create_engine(fresh_database.database_url)
    with engine.begin() as connection:
        connection.execute(ADD)
    with engine.connect() as other:
        assert other.execute(COUNT).scalar_one() == 1
    engine.dispose()


def test_the_application_may_not_change_the_audit_or_make_tables(session: Session) -> None:
    for statement in (
        "UPDATE audit SET action = action",
        "DELETE FROM audit",
        "TRUNCATE audit",
        "CREATE TABLE mine (id int)",
    ):
        with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
            session.execute(text(statement))
        session.rollback()


def test_nothing_outside_this_machine_can_be_reached() -> None:
    with socket.socket() as probe, pytest.raises(UserWarning, match=r"192\.0\.2\.1"):
        probe.connect(("192.0.2.1", 80))
