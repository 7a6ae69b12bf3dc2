"""The promise at reception: the reading of the bundle after 15:00 that this system is set to reaches the case."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from civreg.cases.queries import case_page
from civreg.deadlines import service
from civreg.factory import create_app
from civreg.settings import load_settings
from civreg.shared import clock
from tests.world import BIRTH, World, ask, receive

FRIDAY_LATE = datetime(2026, 11, 20, 15, 0, 1, tzinfo=clock.ZONE)
"""One second after the cut-off; Saturday, Sunday and the holiday of Tuesday 24/11 follow."""


@pytest.fixture(autouse=True)
def reading_as_before() -> Iterator[None]:
    before = service.after_cutoff_reading()
    yield
    service.use_after_cutoff(before)


@pytest.mark.parametrize(
    ("setting", "promised"), [("", date(2026, 11, 27)), ("next_day_counts", date(2026, 11, 26))]
)
def test_the_setting_decides_what_the_family_is_promised(
    session: Session,
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    setting: str,
    promised: date,
) -> None:
    monkeypatch.setenv("CIVREG_BUNDLE_AFTER_CUTOFF", setting)
    create_app(load_settings(var=tmp_path))
    case_id = ask(session, world, replace(BIRTH, procedure="birth_bundle")).case_id
    with clock.travelling(FRIDAY_LATE):
        receive(session, world, case_id, FRIDAY_LATE)
    assert case_page(session, world.officer, case_id).promised_on == promised
