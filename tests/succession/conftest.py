from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.shared import clock
from tests.succession.merged import AFTER, REFORM, Merged, build, unit_of


@pytest.fixture
def merged(country: Session) -> Iterator[Merged]:
    """What stood at xã Ngãi Xuyên before, on the day after the reform."""
    found = build(country)
    with clock.travelling(AFTER):
        yield found


@pytest.fixture
def second(country: Session, merged: Merged) -> int:
    """Let a part of the old unit have gone to xã Tập Sơn as well."""
    second = unit_of(country, "29467", REFORM)
    country.execute(
        text(
            "INSERT INTO unit_successor (old_unit_id, new_unit_id, effective_on, is_split, source)"
            " VALUES (:old, :new, '2025-07-01', true, 'list')"
        ),
        {"old": merged.old, "new": second},
    )
    return second
