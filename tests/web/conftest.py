from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from civreg.shared import clock
from tests.web.officer_site import Desk, sit
from tests.web.staff_browser import Browsers, StaffBrowser
from tests.world import MONDAY, World, ask, build_world


@pytest.fixture
def world(session: Session) -> Iterator[World]:
    with clock.travelling(MONDAY):
        yield build_world(session)


@pytest.fixture
def browse(client: FlaskClient, session: Session, world: World) -> Browsers:
    """Gives the browser of a person."""
    return lambda username: StaffBrowser(client, session, username)


@pytest.fixture
def desk(client: FlaskClient, session: Session, world: World) -> Desk:
    return sit(client, session, "officer")


@pytest.fixture
def case_id(session: Session, world: World) -> UUID:
    """A birth that was asked for and nothing more."""
    return ask(session, world).case_id
