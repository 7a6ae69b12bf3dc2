from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy.orm import Session

from civreg.accounts.rules import SYSTEM
from civreg.shared import clock
from civreg.shared.errors import InvalidInput, NotFound
from civreg.statistics import queries
from civreg.statistics.rules import CASE_LINES, LETTER_LINES, Line, Period
from tests.letters.flow import handed_over, registered, with_officer
from tests.world import MARRIAGE, World

OCTOBER = datetime(2026, 10, 31, 9, tzinfo=clock.ZONE)


def test_a_month_of_the_commune_and_of_the_province_above(session: Session, world: World) -> None:
    handed_over(session, world)
    registered(session, world, MARRIAGE)
    for unit_id in (world.tra_cu, world.province):
        month = queries.month(session, world.staff, unit_id, 2026, 11)
        assert [(row.procedure, row.count(Line.REGISTERED)) for row in month.services] == [
            ("birth_at_home", 1),
            ("marriage_mobile", 1),
        ]
        assert month.total.count(Line.REGISTERED) == 2
        assert month.total.count(Line.REGISTERED_ON_TIME) == 2
        assert {letter.line: letter.count for letter in month.letters} == {
            Line.LETTER_CONGRATULATION_BIRTH: 1,
            Line.LETTER_CONGRATULATION_MARRIAGE: 0,
            Line.LETTER_CONDOLENCE: 0,
        }
        assert month.letters_handed_over == 1
    assert month.unit_name == "Tỉnh Vĩnh Long"
    assert [row.unit_name for row in queries.by_unit(session, world.staff, world.province, month.period)] == [
        "Xã Trà Cú"
    ]


def test_a_letter_on_its_way_is_not_counted(session: Session, world: World) -> None:
    with_officer(session, world)
    assert queries.month(session, world.staff, world.tra_cu, 2026, 11).letters_handed_over == 0


def test_every_figure_opens_to_as_many_cases_as_it_says(session: Session, world: World) -> None:
    handed_over(session, world)
    with clock.travelling(OCTOBER):
        registered(session, world, MARRIAGE)
    for year, number in ((2026, 10), (2026, 11)):
        month = queries.month(session, world.staff, world.province, year, number)
        cells = [cell for row in (*month.services, month.total) for cell in row.figures] + list(month.letters)
        assert {cell.line for cell in cells} == {*CASE_LINES, *LETTER_LINES}
        for cell in cells:
            behind = queries.cases_behind(
                session, world.staff, cell.unit_id, cell.from_on, cell.to_on, cell.procedure, cell.line
            )
            assert len(behind) == cell.count, cell
            assert all(cell.from_on <= case.day <= cell.to_on for case in behind)


def test_the_cases_behind_a_figure_have_no_names(session: Session, world: World) -> None:
    handed_over(session, world)
    (case,) = queries.cases_behind(
        session,
        world.staff,
        world.province,
        date(2026, 11, 1),
        date(2026, 11, 30),
        "birth_at_home",
        Line.REGISTERED,
    )
    assert (case.code, case.unit, case.day, case.state) == (
        "29461-26-00001",
        "Xã Trà Cú",
        date(2026, 11, 16),
        "registered",
    )
    assert "Khane" not in repr(case)


def test_the_last_evening_of_october_is_october(session: Session, world: World) -> None:
    with clock.travelling(datetime(2026, 10, 30, 23, 30, tzinfo=clock.ZONE)):
        registered(session, world, MARRIAGE)
    assert queries.month(session, world.staff, world.tra_cu, 2026, 10).total.count(Line.REQUESTED) == 1
    assert queries.month(session, world.staff, world.tra_cu, 2026, 11).is_empty


def test_any_period_is_a_sum_of_days(session: Session, world: World) -> None:
    with clock.travelling(OCTOBER):
        registered(session, world, MARRIAGE)
    registered(session, world)

    def counted(from_on: date, to_on: date) -> int:
        period = Period(from_on, to_on)
        return queries.over(session, world.staff, world.tra_cu, period).total.count(Line.REGISTERED)

    assert counted(date(2026, 10, 15), date(2026, 11, 14)) == 1
    assert counted(date(2026, 1, 1), date(2026, 11, 16)) == 2
    assert counted(date(2026, 11, 17), date(2026, 11, 30)) == 0


def test_who_sees_figures(session: Session, world: World) -> None:
    registered(session, world)
    for actor in (world.officer, world.head, world.clerk, world.staff, SYSTEM):
        assert queries.month(session, actor, world.tra_cu, 2026, 11).total.count(Line.REGISTERED) == 1
    for actor in (world.neighbour, world.administrator, world.stranger):
        with pytest.raises(NotFound):
            queries.month(session, actor, world.tra_cu, 2026, 11)
        with pytest.raises(NotFound):
            queries.cases_behind(
                session, actor, world.tra_cu, date(2026, 11, 1), date(2026, 11, 30), None, Line.REGISTERED
            )
    for actor in (world.officer, world.head, world.neighbour):
        with pytest.raises(NotFound):
            queries.month(session, actor, world.province, 2026, 11)


def test_no_such_month(session: Session, world: World) -> None:
    with pytest.raises(InvalidInput):
        queries.month(session, world.staff, world.tra_cu, 2026, 13)
