"""The calendar on the administrator's pages: days with their notice, a year confirmed, promises moved on her word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from civreg.deadlines import queries
from civreg.deadlines.rules.notices import NoticeRuleRow
from civreg.shared import clock
from tests.web.officer_site import Desk, landed, sit
from tests.world import MARRIAGE, MONDAY, World, ask, build_world, receive

LIST = "/quan-tri/lich-nghi"
FRIDAY = {
    "day_day": "20",
    "day_month": "11",
    "day_year": "2026",
    "kind": "holiday",
    "name": "Nghỉ bão",
    "source": "CĐ 12/CĐ-UBND ngày 16/11/2026",
    "certainty": "A",
}


@pytest.fixture
def world(session: Session) -> Iterator[World]:
    with clock.travelling(MONDAY):
        yield build_world(session)


@pytest.fixture
def admin(client: FlaskClient, session: Session, world: World) -> Desk:
    return sit(client, session, "administrator")


def words_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_a_year_is_listed_with_kinds_sources_and_who_confirmed_it(admin: Desk) -> None:
    page = words_of(admin.open(f"{LIST}?nam=2026").text)
    for said in (
        "Đã xác nhận. Căn cứ: Bộ luật Lao động 2019 điều 112; NQ 28/2026/QH16 (24/11);",
        "thứ Bảy, 10/1/2026 Ngày làm bù Làm bù cho ngày 2/1/2026",
        "thứ Ba, 24/11/2026 Ngày lễ, tết Ngày Văn hóa Việt Nam",
        "Lịch nghỉ năm 2027 chưa xác nhận.",
    ):
        assert said in page, said
    assert "Lịch nghỉ năm 2026" in words_of(admin.open(f"{LIST}?nam=không").text)


def test_confirming_a_year_needs_its_notice_and_ends_the_alarm(
    admin: Desk, client: FlaskClient, session: Session, world: World
) -> None:
    officer = sit(client, session, "officer")
    alarm = "Lịch nghỉ năm 2027 chưa xác nhận: hạn rơi vào năm 2027 có thể đổi."
    assert alarm in words_of(officer.open("/ban-lam-viec").text)
    empty = admin.fill(f"{LIST}?nam=2027", {"source": ""}, to="/xac-nhan")
    assert empty.status_code == 422
    assert "Ông/bà ghi số và ngày của thông báo nghỉ, không quá 300 ký tự." in empty.text
    done = admin.fill(f"{LIST}?nam=2027", {"source": "TB 6150/TB-BNV"}, to="/xac-nhan")
    assert landed(done) == LIST
    page = words_of(admin.open(f"{LIST}?nam=2027").text)
    assert "Đã xác nhận ngày 16/11/2026. Căn cứ: TB 6150/TB-BNV." in page
    assert alarm not in words_of(officer.open("/ban-lam-viec").text)


def test_a_year_without_days_cannot_be_confirmed_and_says_why(admin: Desk) -> None:
    assert "Chưa nhập ngày nghỉ nào của năm 2028" in admin.open(f"{LIST}?nam=2028").text
    refused = admin.fill(f"{LIST}?nam=2028", {"source": "TB 1"}, to="/xac-nhan")
    assert refused.status_code == 422
    assert "Năm 2028 mới có 00 ngày nghỉ trong lịch" in refused.text
    assert 'value="TB 1"' in refused.text


def test_a_wrong_day_is_shown_again_as_it_was_typed(admin: Desk) -> None:
    answer = admin.fill(f"{LIST}/ngay", {**FRIDAY, "kind": "swapped_working", "source": ""})
    assert answer.status_code == 422
    for said in (
        "Ngày làm bù phải là thứ Bảy hoặc Chủ nhật. Ông/bà kiểm tra lại ngày.",
        "Ông/bà ghi số và ngày của thông báo nghỉ, không quá 300 ký tự.",
        'value="Nghỉ bão"',
        'value="20"',
    ):
        assert said in answer.text, said


def test_an_edit_leads_to_the_promises_it_moves_and_only_a_word_moves_them(
    admin: Desk, session: Session, world: World
) -> None:
    case_id = ask(session, world, MARRIAGE).case_id
    receive(session, world, case_id)
    session.commit()
    answer = admin.fill(f"{LIST}/ngay", FRIDAY)
    assert landed(answer) == f"{LIST}/doi-han"
    page = words_of(admin.open(f"{LIST}/doi-han").text)
    assert "Đổi 1 hạn theo lịch nghỉ?" in page
    assert "Xã Trà Cú Trả kết quả Đang là 23/11/2026 Đổi thành 25/11/2026 Số hạn 1" in page
    assert "làm đổi 1 hạn đang mở" in words_of(admin.open(LIST).text)
    stale = admin.form(f"{LIST}/doi-han")
    other = ask(session, world, MARRIAGE).case_id
    receive(session, world, other)
    session.commit()
    admin.fill(f"{LIST}/ngay", {**FRIDAY, "day_day": "23"})
    refused = admin.send(stale)
    assert refused.status_code == 409
    assert "Danh sách hạn đã thay đổi từ lúc ông/bà mở trang." in refused.text
    assert "Đổi 2 hạn theo lịch nghỉ?" in words_of(refused.text)
    done = admin.send(admin.form_in(refused, f"{LIST}/doi-han"))
    assert landed(done) == LIST
    session.expire_all()
    days = {
        row.due_on
        for one in (case_id, other)
        for row in queries.deadlines_of(session, one)
        if row.kind == "part"
    }
    assert days == {date(2026, 11, 26)}
    assert "Không có hạn nào phải đổi" in admin.open(f"{LIST}/doi-han").text


def test_a_listed_day_is_opened_with_what_stands_there(admin: Desk) -> None:
    form = admin.form(f"{LIST}/ngay?ngay=2026-11-24")
    assert (form.fields["day_day"], form.fields["kind"], form.fields["name"], form.fields["certainty"]) == (
        "24",
        "holiday",
        "Ngày Văn hóa Việt Nam",
        "C",
    )


def test_notices_are_set_per_procedure(admin: Desk, session: Session) -> None:
    wrong = admin.fill(
        "/quan-tri/nhac-han",
        {"birth_mobile_before": "11", "birth_mobile_after": "", "birth_mobile_missed": "0"},
    )
    assert wrong.status_code == 422
    assert "Ông/bà ghi một số từ 0 đến 10." in wrong.text
    assert "Ông/bà ghi một số từ 1 đến 72." in wrong.text
    assert "Ông/bà ghi một số; ghi 0 nếu không cần." in wrong.text
    assert queries.notice_rules(session) == {}
    done = admin.fill(
        "/quan-tri/nhac-han",
        {"birth_mobile_before": "2", "birth_mobile_after": "26", "birth_mobile_missed": "12"},
    )
    assert landed(done) == "/quan-tri/nhac-han"
    session.expire_all()
    assert queries.notice_rules(session) == {"birth_mobile": NoticeRuleRow(2, 26, 12)}
    assert admin.form("/quan-tri/nhac-han").fields["birth_mobile_after"] == "26"


def test_what_cannot_be_kept_is_signed_before_it_passes(
    client: FlaskClient, session: Session, world: World
) -> None:
    case_id = ask(session, world, MARRIAGE).case_id
    receive(session, world, case_id)
    session.commit()
    officer, head = sit(client, session, "officer"), sit(client, session, "head")
    path = f"/ho-so/{case_id}/khong-kip-hen"
    assert path in officer.open(f"/ho-so/{case_id}").text
    empty = officer.fill(path, {"reason": " "})
    assert (empty.status_code, "Ông/bà ghi lý do để gia đình hiểu vì sao trễ." in empty.text) == (422, True)
    assert landed(officer.fill(path, {"reason": "Chờ xác minh"})) == f"/ho-so/{case_id}"
    assert path not in officer.open(f"/ho-so/{case_id}").text
    again = officer.fill(path, {"reason": "Chờ xác minh"})
    assert (again.status_code, "Phiếu xin lỗi của ngày hẹn này đã có." in again.text) == (409, True)
    desk = words_of(head.open("/ban-lam-viec").text)
    assert "Phiếu xin lỗi đã soạn, ký nếu không kịp Hẹn trả 23/11/2026" in desk
    link = re.search(r"/ho-so/[^\"]+/xin-loi/[^\"]+/ky", head.open(f"/ho-so/{case_id}").text)
    assert link is not None
    form = head.form(link.group())
    assert form.fields["reason"].strip() == "Chờ xác minh"
    assert [form.fields[f"new_due_on_{part}"] for part in ("day", "month", "year")] == ["26", "11", "2026"]
    early = head.send(form, new_due_on_day="23")
    assert (early.status_code, "Ông/bà chọn ngày hẹn mới sau ngày 23/11/2026." in early.text) == (422, True)
    with clock.travelling(datetime(2026, 11, 24, 8, tzinfo=clock.ZONE)):
        owed = sit(client, session, "head").open("/ban-lam-viec").text
        assert owed.index("Đã trễ hẹn, phiếu xin lỗi chờ ông/bà ký") < owed.index('id="lich"')
        assert "Trễ ngày hẹn 23/11/2026" in owed
    assert landed(head.send(form)) == f"/ho-so/{case_id}"
    assert "26/11/2026" in head.open(f"/ho-so/{case_id}").text


def test_the_level_above_sees_how_many_promises_are_missed_and_no_case(
    client: FlaskClient, session: Session, world: World
) -> None:
    receipt = ask(session, world, MARRIAGE)
    receive(session, world, receipt.case_id)
    ask(session, world, MARRIAGE, unit_id=world.dai_an)
    session.commit()
    assert "Đang trễ hẹn lúc này" not in sit(client, session, "staff").open("/thong-ke").text
    with clock.travelling(datetime(2026, 11, 24, 8, tzinfo=clock.ZONE)):
        page = sit(client, session, "staff").open("/thong-ke").text
        assert "Xã Đại An 1 0 17/11/2026 Xã Trà Cú 0 1 23/11/2026" in words_of(page)
        assert receipt.code not in page
        assert (
            "Đang trễ hẹn lúc này" not in sit(client, session, "staff").open("/thong-ke?thang=2026-10").text
        )
