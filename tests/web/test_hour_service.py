"""A service whose limit is in hours: page, slip, family, command and sweep all say the one moment that was counted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.cases import export
from civreg.cli.procedures import answer_for
from civreg.deadlines import service as deadlines
from civreg.letters.queries import letter_pdf, letters_of_case
from civreg.letters.service import approve
from civreg.shared import clock
from civreg.work import LETTER_TEMPLATES, run_waiting
from tests.apologies import sign_result
from tests.shared.paper_reading import words
from tests.web.family import Family
from tests.web.office_days import ask_on_the_web, follow_page, newest_case, take_dossier
from tests.web.officer_site import Desk, sit
from tests.web.one_more_service import CODE, one_more_service
from tests.world import World, deliver

MISSED = "Đã quá ngày hẹn trả kết quả."
RECEIVED = datetime(2026, 11, 16, 8, 20, tzinfo=clock.ZONE)
DUE = datetime(2026, 11, 17, 8, 50, tzinfo=clock.ZONE)
"""Monday gives 3:10 and 3:30; of eight hours one hour and twenty minutes are left for Tuesday from 7:30 on."""


@pytest.fixture
def eight_hours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The service of the how-to, with 8 working hours in the place of its days."""
    yield from one_more_service(tmp_path, monkeypatch, limit='{ kind = "working_hours", hours = 8 }')


@pytest.mark.usefixtures("eight_hours")
def test_one_moment_on_every_surface(client: FlaskClient, session: Session, world: World, desk: Desk) -> None:
    sentence = "08 giờ làm việc, tính từ 8 giờ 20 ngày 16/11/2026."
    with clock.travelling(RECEIVED):
        family = Family(client)
        assert "8 giờ làm việc kể từ lúc nhận đủ giấy tờ." in family.open(f"/yeu-cau/{CODE}")
        ask_on_the_web(family, world, CODE)
        case_id = newest_case(session)
        take_dossier(session, world, desk, case_id)
        page = desk.open(f"/ho-so/{case_id}").text
        assert "<strong>8 giờ 50 ngày 17/11/2026</strong>" in page
        assert sentence in page
        told = follow_page(session, world, family, case_id)
        assert "Chậm nhất 8 giờ 50 ngày 17/11/2026" in told
        slip = words(export.appointment_slip(session, world.officer, case_id, "https://hotich.example"))
        assert "8 giờ 50 ngày" in slip
        assert sentence in " ".join(slip.split())
        answer = answer_for(CODE, "2026-11-16T08:20", None, (), "next_day_is_reception")
        assert answer["due_at"] == answer["parts"][0]["due_at"] == DUE.isoformat()
        assert answer["parts"][0]["reasons"][0] == sentence
        session.commit()
    with clock.travelling(DUE):
        assert deadlines.sweep(session).overdue == 0
        session.commit()
        assert MISSED not in follow_page(session, world, family, case_id)
    with clock.travelling(DUE + timedelta(minutes=1)):
        assert deadlines.sweep(session).overdue == 1
        session.commit()
        assert MISSED in follow_page(session, world, family, case_id)
        assert "đã quá giờ hẹn" in sit(client, session, "officer").open(f"/ho-so/{case_id}").text


@pytest.mark.usefixtures("eight_hours")
@pytest.mark.parametrize(("minutes", "on_time"), [(0, True), (1, False)])
def test_what_is_done_in_the_last_minute_is_on_time(
    client: FlaskClient, session: Session, world: World, desk: Desk, minutes: int, on_time: bool
) -> None:
    with clock.travelling(RECEIVED):
        ask_on_the_web(Family(client), world, CODE)
        case_id = newest_case(session)
        take_dossier(session, world, desk, case_id)
    with clock.travelling(DUE + timedelta(minutes=minutes)):
        deliver(session, world, case_id)
    state = "SELECT met_at < due_at FROM deadline WHERE case_id = :id AND kind = 'part'"
    assert session.execute(text(state), {"id": case_id}).scalar_one() is on_time


@pytest.mark.usefixtures("eight_hours")
def test_the_apology_and_its_letter_name_the_hour_that_was_missed(
    client: FlaskClient, session: Session, world: World, desk: Desk
) -> None:
    with clock.travelling(RECEIVED):
        ask_on_the_web(Family(client), world, CODE)
        case_id = newest_case(session)
        take_dossier(session, world, desk, case_id)
    with clock.travelling(DUE + timedelta(minutes=1)):
        assert deadlines.sweep(session).overdue == 1
        run_waiting(session)
        sign_result(session, world, case_id, reason="Mất điện cả buổi sáng", new_due_on=date(2026, 11, 19))
        run_waiting(session)
        (letter,) = letters_of_case(session, world.head, case_id)
        approve(session, world.head, letter.id, expected_version=letter.version)
        run_waiting(session)
        (letter,) = letters_of_case(session, world.head, case_id)
        assert letter.number == "01/2026"
        said = " ".join(words(letter_pdf(session, world.officer, letter.id, LETTER_TEMPLATES)).split())
        assert "cho gia đình vào 8 giờ 50 ngày 17 tháng 11 năm 2026, nhưng" in said
        assert "hẹn lại với gia đình: ngày 19 tháng 11 năm 2026." in said
