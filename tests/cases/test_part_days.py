"""Sixty days for a newborn's residence: counted from the registration, late only a flag, shown wherever the part is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from civreg.cases import service as cases
from civreg.cases.queries import case_page, following_of, stuck_parts
from civreg.deadlines.rules import CitizenDue, load_calendar, part_family_due, reason_sentence
from civreg.procedures import catalogue, service
from civreg.procedures.catalogue import version_on
from civreg.procedures.rules import Procedure
from civreg.procedures.service import Correction
from civreg.shared import clock
from tests.world import BIRTH, MONDAY, World, ask, receive, register, version

RULE = next(part for part in version_on("birth_bundle", date(2026, 1, 5)).parts if part.code == "residence")


@pytest.mark.parametrize(
    ("registered", "asked", "due", "days_late"),
    [
        ("2026-11-16", "2027-01-15", "2027-01-15", None),  # 60 days after 16/11 is Friday 15/1/2027
        ("2026-11-16", "2027-01-16", "2027-01-15", 1),
        ("2026-09-25", "2026-11-25", "2026-11-25", None),  # the 60th day is 24/11, a holiday from 2026 on
        ("2026-09-25", "2026-12-01", "2026-11-25", 6),
        ("2025-09-25", "2025-11-25", "2025-11-24", 1),  # 24/11/2025 was a plain Monday
        ("2025-12-20", "2026-02-23", "2026-02-23", None),  # the 60th day is 18/2, in the Tết of 2026
        ("2025-01-10", "2025-03-11", "2025-03-11", None),
    ],
)
def test_the_last_day_and_how_late(registered: str, asked: str, due: str, days_late: int | None) -> None:
    told = part_family_due(
        RULE.family_deadline, date.fromisoformat(registered), date.fromisoformat(asked), load_calendar()
    )
    assert told is not None
    assert (str(told.due_on), told.days_late, told.late) == (due, days_late, days_late is not None)
    assert reason_sentence(told.reasons[0]).startswith("60 ngày, tính từ ngày sau ngày ")


def test_before_the_decree_and_before_the_registration_there_is_no_last_day() -> None:
    calendar, today = load_calendar(), date(2025, 6, 2)
    assert part_family_due(RULE.family_deadline, date(2025, 1, 9), today, calendar) is None
    assert part_family_due(RULE.family_deadline, None, today, calendar) is None
    old = version_on("birth_bundle", date(2020, 1, 6))
    assert all(part.family_deadline is None for part in old.parts)


@pytest.fixture
def registered_bundle(session: Session, world: World) -> UUID:
    case_id = ask(session, world, replace(BIRTH, procedure="birth_bundle")).case_id
    receive(session, world, case_id)
    register(session, world, case_id)
    return case_id


def residence_day(session: Session, world: World, case_id: UUID) -> CitizenDue | None:
    parts = case_page(session, world.officer, case_id).parts
    return next(part.family for part in parts if part.code == "residence")


def test_officer_list_and_family_see_the_same_day(
    session: Session, world: World, registered_bundle: UUID
) -> None:
    seen = residence_day(session, world, registered_bundle)
    assert seen is not None
    assert (seen.due_on, seen.late) == (date(2027, 1, 15), False)
    with clock.travelling(MONDAY + timedelta(days=65)):
        late = residence_day(session, world, registered_bundle)
        assert late is not None
        assert late.days_late == 5
        stuck = [row for row in stuck_parts(session, world.officer, 7) if row.part_code == "residence"]
        assert [row.family for row in stuck] == [late]
        told = following_of(session, registered_bundle).parts
        assert next(part.family for part in told if part.code == "residence") == late


def test_late_is_taken_all_the_same_and_stays_late(
    session: Session, world: World, registered_bundle: UUID
) -> None:
    asked_at = datetime(2027, 1, 18, 9, 0, tzinfo=clock.ZONE)
    with clock.travelling(asked_at):
        cases.submit_part(
            session,
            world.officer,
            registered_bundle,
            "residence",
            expected_version=version(session, world, registered_bundle),
            account="officer",
            portal_code="000.G22-1",
            submitted_at=asked_at,
        )
    with clock.travelling(asked_at + timedelta(days=30)):
        told = residence_day(session, world, registered_bundle)
    assert told is not None
    assert told.days_late == 3


PATH = "parts.residence.family_deadline"


@pytest.fixture
def unsure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the sixty days be only cited somewhere (C), so that an office that read the decree may write what it says."""
    tables = catalogue.procedure_of("birth_bundle").model_dump(mode="json")
    for rules in tables["versions"]:
        for part in rules["parts"]:
            if part["family_deadline"]:
                part["family_deadline"]["certainty"] = "C"
    cited = {**catalogue.catalogue(), "birth_bundle": Procedure.model_validate(tables)}
    monkeypatch.setattr(catalogue, "catalogue", lambda: cited)


@pytest.mark.usefixtures("unsure")
def test_the_call_list_counts_by_what_the_office_had_set_as_the_case_does(
    session: Session, world: World
) -> None:
    ninety = Correction({"days": 90}, "NĐ 154/2024 điều 5", "A", MONDAY.date())
    service.correct_rule(
        session,
        world.administrator,
        unit_id=world.tra_cu,
        procedure="birth_bundle",
        path=PATH,
        correction=ninety,
    )
    case_id = ask(session, world, replace(BIRTH, procedure="birth_bundle")).case_id
    receive(session, world, case_id)
    register(session, world, case_id)
    with clock.travelling(MONDAY + timedelta(days=65)):
        seen = residence_day(session, world, case_id)
        assert seen is not None
        # 90 days after 16/11/2026 is Sunday 14/2/2027; Monday is a working day again.
        assert (seen.due_on, seen.late, seen.source) == (date(2027, 2, 15), False, "NĐ 154/2024 điều 5")
        stuck = [row for row in stuck_parts(session, world.officer, 7) if row.part_code == "residence"]
        assert [row.family for row in stuck] == [seen]
