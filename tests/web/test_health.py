"""What rings, when, and that the readings reach Prometheus."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from civreg.observability import Pulse, Readings, alarms, metrics_text
from civreg.observability.alarms import THRESHOLDS
from civreg.shared import clock, upkeep
from civreg.shared.crypto import Keyring
from civreg.shared.upkeep import Upkeep
from tests.world import MONDAY

WELL = Readings(
    at=MONDAY,
    pulse=Pulse(broker=True, heartbeat_at=MONDAY),
    system_since=MONDAY - timedelta(days=90),
    backup_at=MONDAY - timedelta(hours=8),
    audit_checked_at=MONDAY - timedelta(hours=5),
    audit_ok=True,
    disk_free=0.5,
)


def ringing(readings: Readings) -> list[str]:
    return [alarm.code for alarm in alarms(readings)]


def test_a_system_that_is_well_is_silent() -> None:
    assert ringing(WELL) == []
    assert ringing(Readings(at=MONDAY, pulse=WELL.pulse)) == []


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("audit_broken", {"audit_ok": False}),
        ("broker", {"pulse": Pulse(broker=False)}),
        ("worker", {"pulse": Pulse(broker=True)}),
        ("worker", {"pulse": Pulse(broker=True, heartbeat_at=MONDAY - timedelta(minutes=4))}),
        ("outbox", {"outbox_since": MONDAY - timedelta(minutes=2)}),
        ("job", {"job_since": MONDAY - timedelta(minutes=2)}),
        ("sweep", {"notice_due_since": MONDAY - timedelta(minutes=5)}),
        ("parked", {"parked_since": MONDAY}),
        ("disk", {"disk_free": 0.09}),
        ("backup", {"backup_at": None}),
        ("backup", {"backup_at": MONDAY - timedelta(hours=26)}),
        ("audit_unchecked", {"audit_checked_at": MONDAY - timedelta(hours=27)}),
        ("overdue", {"overdue_since": MONDAY - timedelta(days=7)}),
        ("calendar", {"open_years": (2027,)}),
        ("rules", {"rules_overtaken": 1}),
    ],
)
def test_one_thing_wrong_rings_once(code: str, change: dict[str, object]) -> None:
    wrong = replace(WELL, **change)
    assert ringing(wrong) == [code]
    assert f'civreg_alarm{{code="{code}"}} 1.0' in metrics_text(wrong).decode()


def test_an_open_year_rings_since_the_october_before_it() -> None:
    (alarm,) = alarms(replace(WELL, open_years=(2027,)))
    assert alarm.since == datetime(2026, 10, 1, tzinfo=clock.ZONE)


def test_every_alarm_stands_in_the_runbook() -> None:
    runbook = (Path(__file__).parents[2] / "docs/runbook.md").read_text(encoding="utf-8")
    assert [one.heading for one in THRESHOLDS if f"\n## {one.heading}\n" not in runbook] == []


def test_care_is_read_back_and_reaches_prometheus(
    client: FlaskClient, session: Session, keyring: Keyring
) -> None:
    with clock.travelling(MONDAY):
        upkeep.note(session, Upkeep.BACKUP, rows=7)
        assert upkeep.check_audit(session).ok
        session.flush()
        done = upkeep.last(session, Upkeep.BACKUP)
    assert done is not None
    assert (done.at, done.details["rows"]) == (MONDAY, 7)
    assert upkeep.last(session, Upkeep.RESTORE) is None
    body = client.get("/metrics").text
    assert "civreg_audit_ok 1.0" in body
    assert "civreg_backup_age_seconds" in body
