"""The pages of home visits: the day, booking in two taps, joining, recording, and the papers in one go."""

from __future__ import annotations

import html
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.accounts.rules import Role
from civreg.cases.queries import case_page
from civreg.cases.service.moves import STALE
from civreg.shared import clock
from civreg.visits import queries as visits
from civreg.visits.service.holding import STALE_CASE, STALE_VISIT
from tests import world as small
from tests.web.officer_site import Desk, landed, sit
from tests.world import MARRIAGE, MONDAY, World, ask, papers_of, receive, register

HOLIDAY = datetime(2026, 11, 24, 8, 0, tzinfo=clock.ZONE)
SUNDAY = datetime(2026, 11, 22, 8, 0, tzinfo=clock.ZONE)


def state(session: Session, world: World, case_id: UUID) -> str:
    session.expire_all()
    return case_page(session, world.officer, case_id).state


def book(desk: Desk, case_id: UUID, slot: int = 0) -> None:
    """Book in two taps: open the page, tap a slot."""
    path = f"/ho-so/{case_id}/lich-den-nha"
    form = desk.form(path)
    assert landed(desk.send(form, slot=form.buttons[slot][1])) == f"/ho-so/{case_id}"


def visit_of(session: Session, world: World, case_id: UUID) -> UUID:
    return visits.visits_of_case(session, world.officer, case_id)[0].id


def test_two_taps_book_a_visit(session: Session, world: World, desk: Desk, case_id: UUID) -> None:
    page = desk.open(f"/ho-so/{case_id}").text
    assert f'href="/ho-so/{case_id}/lich-den-nha">Hẹn đến nhà</a>' in page
    book(desk, case_id)
    assert (
        "Đã hẹn 08:00 thứ Hai, 16/11/2026. Gia đình tra cứu sẽ thấy giờ hẹn này."
        in desk.open(f"/ho-so/{case_id}").text
    )
    assert state(session, world, case_id) == "visit_scheduled"
    day = desk.open("/lich-den-nha").text
    assert "Thạch Thị Sa Rết" in day
    assert "Nhà sau chùa, Ấp Chợ" in day
    taken = desk.form(f"/ho-so/{ask(session, world, key='other').case_id}/lich-den-nha").buttons
    assert not any(value.startswith("2026-11-16T08:00") for _, value in taken)


def test_a_clash_offers_to_join_the_trip(session: Session, world: World, desk: Desk, case_id: UUID) -> None:
    other = ask(session, world, MARRIAGE).case_id
    session.commit()
    form = desk.form(f"/ho-so/{other}/lich-den-nha")
    book(desk, case_id)
    clash = desk.send(form, slot=form.buttons[0][1])
    assert clash.status_code == 409
    assert "Thạch Thị Mỹ Hạnh đã có lịch đến nhà (Nhà sau chùa, Ấp Chợ)." in clash.text
    join = desk.form_in(clash, f"/ho-so/{other}/lich-den-nha", f"/ghep/{other}")
    assert landed(desk.send(join)) == f"/ho-so/{other}"
    assert state(session, world, other) == "visit_scheduled"
    assert visit_of(session, world, other) == visit_of(session, world, case_id)
    twice = desk.send(join)
    assert twice.status_code == 409
    assert STALE_CASE in twice.text


def test_a_typed_time_and_what_is_wrong_with_it(
    desk: Desk, session: Session, world: World, case_id: UUID
) -> None:
    path = f"/ho-so/{case_id}/lich-den-nha"
    form = desk.form(path)
    for typed, sentence in (
        ({"starts_at_time": "khuya"}, "Ông/bà ghi giờ như 08:30 hoặc 14:00."),
        ({"starts_at_day": "15"}, "đã qua. Ông/bà chọn giờ sau"),
        ({"starts_at_day": "24"}, "là ngày nghỉ (Ngày Văn hóa Việt Nam). Ông/bà chọn ngày làm việc, gần nhất là 25/11/2026."),
        ({"starts_at_time": "21:00"}, "Ông/bà hẹn gia đình trong khoảng từ 6 giờ đến 20 giờ"),
        ({"starts_at_year": "2028"}, "còn xa hơn một năm"),
        ({"officer_id": "x"}, "Ông/bà chọn người đi."),
        ({"officer_id": str(uuid4())}, "Người này không phải cán bộ của đơn vị"),
        ({"officer_id": str(world.neighbour.user_id)}, "Người này không phải cán bộ của đơn vị"),
    ):  # fmt: skip
        answer = desk.send(form, **{"starts_at_day": "17", "starts_at_month": "11", "starts_at_year": "2026", "starts_at_time": "18:30", **typed})  # fmt: skip
        assert answer.status_code == 422, typed
        assert sentence in html.unescape(answer.text), typed
        for name, value in typed.items():
            assert name == "officer_id" or f'value="{value}"' in answer.text
    evening = {
        "starts_at_day": "17",
        "starts_at_month": "11",
        "starts_at_year": "2026",
        "starts_at_time": "18h30",
    }
    assert landed(desk.send(form, **evening)) == f"/ho-so/{case_id}"
    assert "18:30, 17/11/2026" in desk.open(f"/ho-so/{case_id}").text


def test_a_stale_booking_page_comes_back_with_the_new_version(
    client: FlaskClient, session: Session, world: World, desk: Desk, case_id: UUID
) -> None:
    path = f"/ho-so/{case_id}/lich-den-nha"
    form = desk.form(path)
    sit(client, session, "head").fill(f"/ho-so/{case_id}/sua", {"note": "Nhà có chó"})
    stale = desk.send(form, slot=form.buttons[0][1])
    assert stale.status_code == 409
    assert STALE in stale.text
    assert "Nhà có chó" in stale.text
    again = desk.form_in(stale, path)
    assert landed(desk.send(again, slot=again.buttons[0][1])) == f"/ho-so/{case_id}"


def test_a_second_booking_is_refused_with_what_to_do(desk: Desk, case_id: UUID) -> None:
    book(desk, case_id)
    form = desk.form(f"/ho-so/{case_id}/lich-den-nha")
    answer = desk.send(form, slot=form.buttons[0][1])
    assert answer.status_code == 409
    assert (
        "Hồ sơ này đã có lịch đến nhà. Ông/bà chuyển giờ hoặc huỷ lịch cũ trước khi hẹn lại." in answer.text
    )


def test_the_chosen_officer_is_one_of_the_unit(desk: Desk, world: World, case_id: UUID) -> None:
    for asked in ("x", str(uuid4()), str(world.neighbour.user_id)):
        page = desk.open(f"/ho-so/{case_id}/lich-den-nha?officer_id={asked}")
        assert page.status_code == 200
        form = desk.form_in(page, f"/ho-so/{case_id}/lich-den-nha")
        assert form.fields["officer_id"] == str(world.officer.user_id)


def test_a_visit_made_leads_to_the_papers_and_the_slip(
    session: Session, world: World, desk: Desk, case_id: UUID
) -> None:
    book(desk, case_id)
    visit = f"/lich-den-nha/{visit_of(session, world, case_id)}"
    assert 'href="tel:0912345678"' in desk.open(visit).text
    none = desk.fill(visit, {"note": "trẻ ngủ"}, to="/ket-qua")
    assert none.status_code == 422
    assert "Ông/bà chọn: đã gặp hay không gặp gia đình." in none.text
    assert 'value="trẻ ngủ"' in none.text
    with clock.travelling(MONDAY + timedelta(minutes=29)):
        answer = desk.fill(visit, {"outcome": "done"}, to="/ket-qua")
        assert landed(answer) == f"/ho-so/{case_id}/nhan-ho-so"
        form = desk.form(str(answer.headers["Location"]))
        assert form.fields["received_at_time"] == "08:29"
        assert form.fields["place"] == "home"
        papers = {f"paper.{code}": "1" for code in papers_of(session, world, case_id)}
        assert landed(desk.send(form, **papers)) == f"/ho-so/{case_id}"
        assert state(session, world, case_id) == "dossier_received"
        assert desk.open(f"/ho-so/{case_id}/phieu-hen.pdf").mimetype == "application/pdf"
        assert "Đã đến" in desk.open(visit).text
        again = desk.post(f"{visit}/ket-qua", {"outcome": "done", "expected_version": "2"})
        assert again.status_code == 409
        assert "Chuyến này đã ghi kết quả rồi." in again.text


def test_nobody_home_puts_the_family_back_on_the_calls(
    session: Session, world: World, desk: Desk, case_id: UUID
) -> None:
    book(desk, case_id)
    visit = f"/lich-den-nha/{visit_of(session, world, case_id)}"
    assert landed(desk.fill(visit, {"outcome": "nobody_home", "note": "Cửa khoá"}, to="/ket-qua")) == visit
    shown = desk.open(visit).text
    assert "Đã ghi không gặp gia đình. Ông/bà gọi để hẹn lại." in shown
    assert "Cửa khoá" in shown
    assert state(session, world, case_id) == "requested"
    assert "Cần gọi lại" in desk.open("/ban-lam-viec").text


def test_a_visit_of_another_day_is_not_recorded_yet(
    session: Session, world: World, desk: Desk, case_id: UUID
) -> None:
    tomorrow = {
        "starts_at_day": "17",
        "starts_at_month": "11",
        "starts_at_year": "2026",
        "starts_at_time": "09:00",
    }
    desk.fill(f"/ho-so/{case_id}/lich-den-nha", tomorrow)
    visit = f"/lich-den-nha/{visit_of(session, world, case_id)}"
    early = desk.fill(visit, {"outcome": "done"}, to="/ket-qua")
    assert early.status_code == 422
    assert "Chuyến này hẹn ngày 17/11/2026, chưa đến ngày." in early.text


def test_a_trip_made_without_a_booking_leads_to_the_papers_too(
    session: Session, world: World, desk: Desk, case_id: UUID
) -> None:
    path = f"/ho-so/{case_id}/chuyen-da-di"
    answer = desk.fill(
        path, {"starts_at_time": "07:10", "ends_at_time": "07:50", "note": "Đi cùng trạm y tế"}
    )
    assert landed(answer) == f"/ho-so/{case_id}/nhan-ho-so"
    assert desk.form(str(answer.headers["Location"])).fields["received_at_time"] == "07:50"
    row = visits.visits_of_case(session, world.officer, case_id)[0]
    assert (row.state, row.recorded_afterwards, row.outcome) == ("done", True, "Đi cùng trạm y tế")
    lost = desk.fill(path, {"starts_at_time": "07:10", "ends_at_time": "07:20", "outcome": "nobody_home"})
    assert landed(lost) == f"/ho-so/{case_id}"
    assert "Đã ghi chuyến đi: không gặp gia đình." in desk.open(f"/ho-so/{case_id}").text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"ends_at_time": "06:00"}, "Ông/bà ghi giờ về sau giờ đến."),
        ({"ends_at_time": "23:00"}, "Chuyến này chưa kết thúc."),
        ({"ends_at_time": ""}, "Ông/bà ghi giờ như 08:30 hoặc 14:00."),
        ({"starts_at_day": "20"}, "Ngày này chưa đến."),
        ({"starts_at_year": "2024"}, "đã quá một năm. Ông/bà kiểm tra lại năm."),
        ({"outcome": "x"}, "Ông/bà chọn: đã gặp hay không gặp."),
        ({"officer_id": "x"}, "Ông/bà chọn người đã đi."),
        ({"note": "a" * 10_000}, "500"),
    ],
)
def test_a_past_trip_says_what_to_put_right(
    session: Session, world: World, desk: Desk, case_id: UUID, typed: dict[str, str], sentence: str
) -> None:
    path = f"/ho-so/{case_id}/chuyen-da-di"
    sent = {"starts_at_time": "07:10", "ends_at_time": "07:50", **typed}
    answer = desk.fill(path, sent)
    assert answer.status_code == 422
    assert sentence in html.unescape(answer.text)
    again = desk.form_in(answer, path).fields
    kept = ("starts_at_time", "ends_at_time", "starts_at_day", "starts_at_year", "note")
    assert {name: again[name] for name in kept if name in sent} == {
        name: value for name, value in sent.items() if name in kept
    }
    assert visits.visits_of_case(session, world.officer, case_id) == []


def test_after_the_second_visit_the_result_is_handed_over(
    session: Session, world: World, desk: Desk, case_id: UUID
) -> None:
    receive(session, world, case_id)
    register(session, world, case_id)
    session.commit()
    book(desk, case_id)
    visit = f"/lich-den-nha/{visit_of(session, world, case_id)}"
    assert "Trả kết quả" in desk.open(visit).text
    assert landed(desk.fill(visit, {"outcome": "done"}, to="/ket-qua")) == f"/ho-so/{case_id}/tra-ket-qua"


def test_a_booking_moves_or_is_cancelled(session: Session, world: World, desk: Desk, case_id: UUID) -> None:
    book(desk, case_id)
    visit = f"/lich-den-nha/{visit_of(session, world, case_id)}"
    form = desk.form(f"{visit}/doi-gio")
    assert form.fields["starts_at_time"] == "08:00"
    wrong = desk.send(form, starts_at_time="05:00")
    assert wrong.status_code == 422
    assert 'value="05:00"' in wrong.text
    assert landed(desk.send(form, starts_at_time="14:30")) == visit
    assert "14:30–15:00, thứ Hai, 16/11/2026" in desk.open(visit).text
    stale = desk.send(form, starts_at_time="15:30")
    assert stale.status_code == 409
    assert STALE_VISIT in stale.text
    assert 'value="15:30"' in stale.text
    empty = desk.fill(visit, {"reason": " "}, to="/huy")
    assert empty.status_code == 422
    assert "Ông/bà ghi lý do huỷ, ví dụ “gia đình bận, hẹn lại sau”." in empty.text
    cancel = desk.form(visit, "/huy")
    assert landed(desk.send(cancel, reason="Gia đình bận")) == visit
    shown = desk.open(visit).text
    assert "Đã huỷ" in shown
    assert "Gia đình bận" in shown
    assert state(session, world, case_id) == "requested"
    again = desk.send(cancel, reason="Gia đình vẫn bận")
    assert again.status_code == 409
    assert "Lịch này đã huỷ. Ông/bà hẹn một lịch mới." in again.text


def test_moving_onto_another_booking_is_refused(
    session: Session, world: World, desk: Desk, case_id: UUID
) -> None:
    other = ask(session, world, MARRIAGE).case_id
    session.commit()
    book(desk, case_id)
    book(desk, other)
    visit = f"/lich-den-nha/{visit_of(session, world, other)}"
    clash = desk.fill(f"{visit}/doi-gio", {"starts_at_time": "08:10"})
    assert clash.status_code == 409
    assert "Thạch Thị Mỹ Hạnh đã có lịch đến nhà" in clash.text


@pytest.mark.parametrize(
    ("moment", "why"), [(HOLIDAY, "Ngày Văn hóa Việt Nam"), (SUNDAY, "Hôm nay Chủ nhật, 22/11/2026 nghỉ")]
)
def test_on_a_day_off_the_next_working_day_opens_and_says_why(
    client: FlaskClient, session: Session, world: World, moment: datetime, why: str
) -> None:
    with clock.travelling(moment):
        desk = sit(client, session, "officer")
        opened = "25/11/2026" if moment is HOLIDAY else "23/11/2026"
        page = desk.open("/lich-den-nha").text
        assert why in page
        assert (
            f"nên lịch mở ngày làm việc tiếp theo: thứ {'Tư' if moment is HOLIDAY else 'Hai'}, {opened}."
            in page
        )
        assert f"Lịch thứ {'Tư' if moment is HOLIDAY else 'Hai'}, {opened}" in desk.open("/ban-lam-viec").text
        asked = desk.open(f"/lich-den-nha?ngay={moment.date().isoformat()}").text
        assert "Không có giờ hẹn trong ngày này." in asked


def test_a_working_day_says_nothing_of_days_off(desk: Desk) -> None:
    assert "nghỉ" not in desk.open("/lich-den-nha").text
    assert "Hôm nay nghỉ" not in desk.open("/ban-lam-viec").text


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "x", "2026-02-30", "", "2026-11-17"])
def test_any_day_in_the_address_opens_a_plan(desk: Desk, day: str) -> None:
    assert desk.open(f"/lich-den-nha?ngay={day}").status_code == 200


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+07:00", "x", "2026-11-16", "2030-01-01T08:00:00+07:00"])  # fmt: skip
def test_any_moment_in_the_address_opens_the_papers(desk: Desk, case_id: UUID, moment: str) -> None:
    form = desk.form(f"/ho-so/{case_id}/nhan-ho-so?luc={moment.replace('+', '%2B')}")
    assert form.fields["received_at_time"] == "08:00"
    sent = desk.post(f"/ho-so/{case_id}/lich-den-nha", {"slot": moment, "officer_id": str(uuid4())})
    assert sent.status_code == 422


def test_another_unit_s_visit_is_not_there(
    client: FlaskClient, session: Session, world: World, desk: Desk, case_id: UUID
) -> None:
    book(desk, case_id)
    visit_id = visit_of(session, world, case_id)
    own = ask(session, world, unit_id=world.dai_an, key="dai-an").case_id
    session.commit()
    neighbour = sit(client, session, "neighbour")
    assert "Thạch Thị Sa Rết" not in neighbour.open("/lich-den-nha").text
    assert neighbour.open(f"/lich-den-nha/{visit_id}").status_code == 404
    assert neighbour.open(f"/lich-den-nha/{visit_id}/doi-gio").status_code == 404
    for path in ("ket-qua", "huy", "doi-gio", f"ghep/{own}"):
        sent = neighbour.post(f"/lich-den-nha/{visit_id}/{path}", {"outcome": "done", "reason": "x", "expected_version": "1"})  # fmt: skip
        assert sent.status_code in (404, 422), path
        assert "Sa Rết" not in sent.text
    assert visits.visit_page(session, world.officer, visit_id).state == "planned"


def test_fields_nobody_offered_change_no_visit(
    session: Session, world: World, desk: Desk, case_id: UUID
) -> None:
    path = f"/ho-so/{case_id}/lich-den-nha"
    form = desk.form(path)
    planted = {
        "unit_id": str(world.dai_an), "state": "done", "purpose": "return", "place": "Nơi khác", "minutes": "240",
        "booked_by": str(world.neighbour.user_id), "case_id": str(uuid4()),
    }  # fmt: skip
    assert landed(desk.send(form, slot=form.buttons[0][1], **planted)) == f"/ho-so/{case_id}"
    row = session.execute(text("SELECT unit_id, state, purpose, place, booked_by, ends_at - starts_at FROM visit")).one()  # fmt: skip
    assert tuple(row) == (
        world.tra_cu, "planned", "receive", "Nhà sau chùa, Ấp Chợ", world.officer.user_id, timedelta(minutes=30),
    )  # fmt: skip


def test_an_intake_clerk_reads_the_visit_and_is_shown_no_door_that_is_shut(
    client: FlaskClient, session: Session, world: World, desk: Desk, case_id: UUID
) -> None:
    book(desk, case_id)
    visit = f"/lich-den-nha/{visit_of(session, world, case_id)}"
    shut = (f"/ho-so/{case_id}/nhan-ho-so", f"{visit}/doi-gio", f"{visit}/ket-qua", f"{visit}/huy")
    assert all(path in desk.open(visit).text for path in shut)
    small._user(session, "intake", Role.INTAKE_CLERK, world.tra_cu, "Người tiếp nhận")
    session.commit()
    clerk = sit(client, session, "intake")
    page = clerk.open(visit).text
    assert "Gọi 0912 345 678" in page
    assert not any(path in page for path in shut)


def test_a_refusal_at_the_desk_keeps_the_frame_of_the_desk(
    client: FlaskClient, desk: Desk, case_id: UUID
) -> None:
    gone = desk.open(f"/lich-den-nha/{uuid4()}")
    assert gone.status_code == 404
    assert '<a href="/ho-so">Hồ sơ</a>' in gone.text
    assert '<a href="/ho-so">Hồ sơ</a>' not in desk.open("/khong-co-trang-nay").text
    stranger = client.application.test_client().get(f"/lich-den-nha/{uuid4()}")
    assert "Hồ sơ</a>" not in stranger.text
