"""The same numbers by the units of that time and by today's: cases of 2021 and 2024 carried across 1/7/2025.

Each case is made on its day under a travelling clock, at the commune that stood then; the last one is still open at
the reform and goes over by the confirmed plan.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg import succession, work
from civreg.accounts.rules import SYSTEM, Actor, Role
from civreg.cases.queries import case_page
from civreg.deadlines import service as deadlines
from civreg.shared import clock
from civreg.shared.partial_date import PartialDate
from civreg.statistics import queries as statistics
from civreg.statistics.rules import Line, Period
from civreg.units import queries as units
from civreg.units import service as units_service
from civreg.units.service import ParticipationTerms
from tests.succession.merged import REFORM, _person, actor, unit_of
from tests.world import BIRTH, World, ask, receive

TODAY = date(2025, 7, 10)
WHOLE = Period(date(2021, 1, 1), date(2025, 12, 31))
OLD = {"29479": "Xã Ngãi Xuyên", "29485": "Xã Thanh Sơn", "29491": "Xã Đại An"}
MADE = (
    ("29479", datetime(2021, 12, 7, 9, 0, tzinfo=clock.ZONE)),
    ("29485", datetime(2024, 5, 14, 9, 0, tzinfo=clock.ZONE)),
    ("29491", datetime(2024, 5, 14, 10, 0, tzinfo=clock.ZONE)),
    ("29479", datetime(2025, 6, 25, 9, 0, tzinfo=clock.ZONE)),
)


@dataclass(frozen=True)
class Years:
    """The units of both times, who looks at them, and the case that was open at the reform."""

    old: dict[str, int]
    district: int
    province: int
    tra_cu: int
    officer: Actor
    administrator: Actor
    open_case: UUID


@pytest.fixture
def years(country: Session) -> Years:
    deadlines.load_calendar(country)
    old = {code: unit_of(country, code, MADE[0][1].date()) for code in OLD}
    tra_cu, new_province = unit_of(country, "29461", REFORM), unit_of(country, "86", REFORM)
    since = date(2021, 11, 1)
    people: dict[str, Actor] = {}
    for code, unit_id in old.items():
        terms = ParticipationTerms(hotline="0294 3874 079", office_address="Ấp Xoài Xiêm")
        units_service.start_participation(country, unit_id, since, terms)
        people[code] = _person(country, f"officer{code}", Role.OFFICER, unit_id, "Thạch Thị Mỹ Hạnh", since)
    administrator = _person(country, "admin", Role.ADMINISTRATOR, new_province, "Kim Văn Bình", REFORM)
    made = []
    for code, moment in MADE:
        with clock.travelling(moment):
            officer = actor(country, people[code])
            world = World(new_province, old[code], old[code], *(officer,) * 7)
            day = PartialDate(moment.year, moment.month, 1)
            form = replace(BIRTH, event=day, people=(replace(BIRTH.people[0], birth=day), *BIRTH.people[1:]))
            case_id = ask(country, world, form, key=f"{code}-{moment}").case_id
            receive(country, world, case_id)
            work.run_waiting(country)
            made.append(case_id)
    with clock.travelling(datetime.combine(TODAY, moment.timetz())):
        for unit_id in old.values():
            who = actor(country, administrator)
            plan = succession.plan_of(country, who, unit_id, TODAY)
            succession.carry_out(country, who, unit_id, expected=plan.expected)
        work.run_waiting(country)
    return Years(
        old,
        unit_of(country, "849", MADE[0][1].date()),
        new_province,
        tra_cu,
        people["29479"],
        administrator,
        made[-1],
    )


def received(rows: list[statistics.UnitFigures]) -> dict[str, int]:
    return {row.unit_name: row.counts[Line.RECEIVED] for row in rows}


def test_a_list_by_the_units_of_that_time_and_by_todays(country: Session, years: Years) -> None:
    then = statistics.by_unit(country, SYSTEM, years.district, Period(WHOLE.from_on, date(2025, 6, 30)))
    assert received(then) == {"Xã Đại An": 1, "Xã Ngãi Xuyên": 2, "Xã Thanh Sơn": 1}
    now = statistics.by_unit(country, SYSTEM, years.province, WHOLE, as_of=TODAY)
    assert received(now) == {"Xã Đại An": 1, "Xã Trà Cú": 3}
    of_district = statistics.by_unit(
        country, SYSTEM, years.district, Period(WHOLE.from_on, date(2025, 6, 30)), as_of=TODAY
    )
    assert received(of_district) == received(now)


def test_the_total_and_the_cases_behind_it_follow_the_same_grouping(country: Session, years: Years) -> None:
    def count(unit_id: int, as_of: date | None) -> int:
        found = statistics.over(country, SYSTEM, unit_id, WHOLE, as_of=as_of).total.count(Line.RECEIVED)
        behind = statistics.cases_behind(
            country, SYSTEM, unit_id, WHOLE.from_on, WHOLE.to_on, None, Line.RECEIVED, as_of=as_of
        )
        assert len(behind) == found
        months = statistics.last_months(country, SYSTEM, unit_id, WHOLE, 60, as_of=as_of)
        assert sum(month.counts[Line.RECEIVED] for month in months) == found
        return found

    assert count(years.tra_cu, None) == 0
    assert count(years.tra_cu, TODAY) == 3
    assert count(years.province, TODAY) == 4
    assert count(years.old["29479"], None) == count(years.old["29479"], TODAY) == 2


def test_the_officer_who_went_over_sees_the_open_and_the_ended_cases(country: Session, years: Years) -> None:
    with clock.travelling(datetime(2025, 7, 11, 9, 0, tzinfo=clock.ZONE)):
        officer = actor(country, years.officer)
        page = case_page(country, officer, years.open_case)
        assert page.unit_id == years.tra_cu
        behind = statistics.cases_behind(
            country, officer, years.tra_cu, WHOLE.from_on, WHOLE.to_on, None, Line.RECEIVED, as_of=TODAY
        )
        assert {line.unit for line in behind} == {"Xã Ngãi Xuyên", "Xã Thanh Sơn"}


def test_a_split_unit_keeps_a_row_of_its_own(country: Session, years: Years) -> None:
    """Its numbers belong to the province that holds both parts, and to neither part."""
    country.execute(
        text(
            "INSERT INTO unit_successor (old_unit_id, new_unit_id, effective_on, is_split, source)"
            " VALUES (:old, :new, '2025-07-01', true, 'list')"
        ),
        {"old": years.old["29485"], "new": unit_of(country, "29467", REFORM)},
    )
    now = statistics.by_unit(country, SYSTEM, years.province, WHOLE, as_of=TODAY)
    assert received(now) == {
        "Xã Đại An": 1,
        "Xã Thanh Sơn (nay thuộc nhiều đơn vị)": 1,
        "Xã Trà Cú": 2,
    }
    total = statistics.over(country, SYSTEM, years.province, WHOLE, as_of=TODAY).total
    assert total.count(Line.RECEIVED) == 4


def test_every_unit_stands_as_itself_or_as_what_followed(country: Session, years: Years) -> None:
    stands = units.stand_as(country, [*years.old.values(), years.tra_cu], TODAY)
    assert stands[years.old["29479"]] == stands[years.old["29485"]] == stands[years.tra_cu] == {years.tra_cu}
    day = date(2024, 1, 1)
    assert units.stand_as(country, years.old.values(), day) == {one: {one} for one in years.old.values()}
