from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from civreg.shared import clock
from tests.world import MONDAY, World, build_world


@pytest.fixture
def world(session: Session) -> Iterator[World]:
    with clock.travelling(MONDAY):
        yield build_world(session)
