"""The calendar in the database: days corrected with their source, years confirmed, dates that touch an open year."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.deadlines import queries, service
from civreg.deadlines.rules import is_working_day, reason_sentence, working_days_due
from civreg.deadlines.rules.notices import NoticeRuleRow
from civreg.deadlines.rules.shipped import load_calendar as shipped_calendar
from civreg.shared import clock
from civreg.shared.errors import Conflict, InvalidInput, NotAllowed
from tests.world import MONDAY, World


def test_the_shipped_calendar_is_loaded_once(session: Session, world: World) -> None:
    assert service.load_calendar(session) == 0
    assert service.calendar(session) == shipped_calendar()


def test_an_edited_day_is_never_overwritten(session: Session, world: World) -> None:
    day = date(2026, 11, 24)
    service.set_calendar_day(
        session, world.administrator, day, kind="compensated_off", name="Nghỉ bù", source="CV 1"
    )
    assert service.load_calendar(session) == 0
    row = next(row for row in queries.calendar_rows(session, 2026) if row.day == day)
    assert (row.kind, row.source, row.edited_by) == ("compensated_off", "CV 1", world.administrator.user_id)


def test_a_shipped_day_that_changed_is_brought_up_to_date(session: Session, world: World) -> None:
    session.execute(text("UPDATE calendar_day SET name = 'cũ' WHERE day = '2026-11-24'"))
    assert service.load_calendar(session) == 1


def test_an_edit_counts_at_once_and_is_audited(session: Session, world: World) -> None:
    saturday = date(2026, 11, 21)
    assert not is_working_day(saturday, service.calendar(session))
    service.set_calendar_day(
        session, world.administrator, saturday, kind="swapped_working", name="Làm bù", source="CV 2"
    )
    assert is_working_day(saturday, service.calendar(session))
    service.set_calendar_day(
        session, world.administrator, saturday, kind="ordinary", name="Không làm bù", source="CV 3"
    )
    assert not is_working_day(saturday, service.calendar(session))
    actions = session.scalars(
        text("SELECT action FROM audit WHERE action LIKE 'calendar.%' ORDER BY id")
    ).all()
    assert actions == ["calendar.day_set", "calendar.day_set"]


def test_the_calendar_is_edited_by_an_administrator_only(session: Session, world: World) -> None:
    for actor in (world.officer, world.head, world.staff, world.stranger):
        with pytest.raises(NotAllowed, match="người quản trị"):
            service.set_calendar_day(
                session, actor, date(2026, 12, 1), kind="holiday", name="Lễ", source="CV 3"
            )
        with pytest.raises(NotAllowed, match="người quản trị"):
            service.confirm_year(session, actor, 2027, "CV 3")
        with pytest.raises(NotAllowed, match="người quản trị"):
            service.set_notice_rule(session, actor, "birth_mobile", NoticeRuleRow(2, 4))


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"day": date(1999, 1, 1)}, "day", "từ năm 2010"),
        ({"kind": "festival"}, "kind", "chọn một loại ngày"),
        ({"kind": "swapped_working"}, "kind", "thứ Bảy hoặc Chủ nhật"),
        ({"name": " "}, "name", "ghi tên ngày"),
        ({"name": "x" * 10_000}, "name", "không quá 300"),
        ({"source": ""}, "source", "thông báo nghỉ"),
        ({"certainty": "E"}, "certainty", "độ chắc chắn"),
    ],
)
def test_an_unusable_day_is_refused_with_what_to_do(
    session: Session, world: World, change: dict[str, Any], field: str, sentence: str
) -> None:
    sent: dict[str, Any] = {
        "day": date(2026, 12, 1),
        "kind": "holiday",
        "name": "Lễ",
        "source": "CV 4",
        **change,
    }
    with pytest.raises(InvalidInput) as refused:
        service.set_calendar_day(session, world.administrator, sent.pop("day"), **sent)
    assert sentence in refused.value.fields[field]


def test_a_shipped_holiday_that_was_none_stays_a_working_day(session: Session, world: World) -> None:
    day = date(2027, 2, 4)
    assert not is_working_day(day, service.calendar(session))
    service.set_calendar_day(
        session, world.administrator, day, kind="ordinary", name="Ngày thường", source="TB 1/2027"
    )
    assert is_working_day(day, service.calendar(session))
    assert service.load_calendar(session) == 0
    assert is_working_day(day, service.calendar(session))


def test_a_year_rings_until_somebody_confirms_it_with_the_notice(session: Session, world: World) -> None:
    assert queries.years_without_confirmation(session, date(2026, 9, 30)) == []
    assert queries.years_without_confirmation(session, MONDAY.date()) == [2027]
    with pytest.raises(InvalidInput) as refused:
        service.confirm_year(session, world.administrator, 2027, " ")
    assert refused.value.fields == {
        "source": "Ông/bà ghi số và ngày của thông báo nghỉ, không quá 300 ký tự."
    }
    service.confirm_year(session, world.administrator, 2027, "TB 6150/TB-BNV ngày 1/12/2026")
    assert queries.years_without_confirmation(session, MONDAY.date()) == []
    assert service.calendar(session).open_years == frozenset()
    row = queries.confirmed_years(session)[2027]
    assert (row.source, row.confirmed_by) == ("TB 6150/TB-BNV ngày 1/12/2026", world.administrator.user_id)
    assert session.scalar(text("SELECT count(*) FROM audit WHERE action = 'calendar.year_confirmed'")) == 1
    with pytest.raises(Conflict, match="đã được xác nhận"):
        service.confirm_year(session, world.administrator, 2027, "TB khác")


def test_a_year_with_a_few_days_typed_ahead_cannot_be_confirmed(session: Session, world: World) -> None:
    service.set_calendar_day(
        session, world.administrator, date(2028, 1, 1), kind="holiday", name="Tết Dương lịch", source="TB 1"
    )
    with pytest.raises(
        InvalidInput, match=r"Năm 2028 mới có 01 ngày nghỉ trong lịch; luật có ít nhất 10 ngày\."
    ):
        service.confirm_year(session, world.administrator, 2028, "TB 1")
    assert queries.years_without_confirmation(session, date(2027, 11, 1)) == [2027, 2028]


def test_a_day_of_an_open_year_is_counted_and_said_to_be_open(session: Session, world: World) -> None:
    received = datetime(2026, 12, 31, 9, tzinfo=clock.ZONE)
    due = working_days_due(received, 1, service.calendar(session))
    assert due.due_on == date(2027, 1, 4)
    assert reason_sentence(due.reasons[-1]) == (
        "Lịch nghỉ năm 2027 chưa xác nhận; hạn có thể đổi khi có thông báo chính thức."
    )
    service.confirm_year(session, world.administrator, 2027, "TB 6150/TB-BNV")
    again = working_days_due(received, 1, service.calendar(session))
    assert (again.due_on, [reason.code for reason in again.reasons]) == (
        due.due_on,
        ["working_days", "day_off"],
    )
