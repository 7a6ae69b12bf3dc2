"""A service that nobody wrote code for: one TOML file, as the how-to shows it, from the family's page to the figure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from civreg.cases.queries import case_page
from civreg.cases.rules import Slip
from civreg.deadlines.queries import deadlines_of
from civreg.deadlines.rules import reason_sentence
from civreg.statistics.export import month_csv
from civreg.statistics.queries import month
from civreg.statistics.rules import Line
from civreg.work import run_waiting
from tests.web.family import Family
from tests.web.office_days import ask_on_the_web, deliver_case, newest_case, take_dossier
from tests.web.officer_site import Desk
from tests.web.one_more_service import CODE, one_more_service
from tests.world import World


@pytest.fixture
def shipped_with_one_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The shipped catalogue and beside it the file that the how-to prints."""
    yield from one_more_service(tmp_path, monkeypatch)


@pytest.mark.usefixtures("shipped_with_one_more")
def test_the_file_of_the_how_to_is_a_whole_service(
    client: FlaskClient, session: Session, world: World, desk: Desk
) -> None:
    family = Family(client)
    assert "Giúp làm thẻ bảo hiểm y tế tại nhà" in family.open("/yeu-cau")
    seen = ask_on_the_web(family, world, CODE)
    assert "Người già yếu, người khuyết tật không tự đi được." in seen[0]
    case_id = newest_case(session)
    take_dossier(session, world, desk, case_id)
    page = case_page(session, world.officer, case_id)
    assert page.slips == (Slip.APPOINTMENT, Slip.CONTROL)
    assert page.fields["note"] == "Giúp làm thẻ bảo hiểm y tế cho bà ngoại"
    (part,) = [row for row in deadlines_of(session, case_id) if row.kind == "part"]
    assert next(reason_sentence(reason) for reason in part.reasons) == (
        "04 ngày làm việc, tính từ ngày sau ngày tiếp nhận đủ giấy tờ (16/11/2026)."
    )
    assert deliver_case(session, world, desk, case_id).state == "delivered"
    session.commit()
    run_waiting(session)
    figures = month(session, world.staff, world.tra_cu, 2026, 11)
    (row,) = [row for row in figures.services if row.procedure == CODE]
    counted = {figure.line: figure.count for figure in row.figures if figure.count}
    assert (row.title, counted) == (
        "Giúp làm thẻ bảo hiểm y tế tại nhà",
        {Line.RECEIVED: 1, Line.DELIVERED: 1},
    )
    lines = {figure.line: figure.reported for figure in row.figures}
    assert [line for line in lines if not lines[line]] == [
        Line.REQUESTED,
        Line.REGISTERED,
        Line.REGISTERED_ON_TIME,
        Line.REGISTERED_LATE,
        Line.LATE_REGISTRATION,
    ]
    assert "Giúp làm thẻ bảo hiểm y tế tại nhà,,1,,,,,1\r\n" in month_csv(figures).decode("utf-8-sig")
