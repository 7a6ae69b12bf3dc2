"""The desk: what each role finds on it, and that nothing an officer's form may hold breaks a page."""

from __future__ import annotations

import random
from datetime import timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from civreg.cases import service as cases
from civreg.deadlines import service as deadlines
from civreg.letters import service as letters
from civreg.shared import clock
from civreg.shared.partial_date import PartialDate
from civreg.visits import service as visits
from tests.web.officer_site import Desk, forms_of, landed, sit
from tests.world import MARRIAGE, MONDAY, World, ask, papers_of, receive, register, version


def group(page: str, section: str) -> str:
    """Return the text of one group of the desk; empty when it is not there."""
    _, found, rest = page.partition(f'id="{section}"')
    return rest.partition("</section>")[0] if found else ""


def test_an_empty_desk_says_so(desk: Desk) -> None:
    page = desk.open("/ban-lam-viec").text
    assert "Hôm nay chưa có việc nào chờ ông/bà" in page
    assert "thứ Hai, 16/11/2026" in page


def test_each_case_lies_where_its_next_step_is(session: Session, world: World, desk: Desk) -> None:
    to_call = ask(session, world, requester_name="Gọi Thị Một", people=(), event=None, callback_only=True)
    called = ask(session, world, requester_name="Gọi Thị Hai", people=(), event=None, callback_only=True)
    cases.note_call(session, world.officer, called.case_id, expected_version=1)
    taken = ask(session, world, MARRIAGE)
    receive(session, world, taken.case_id)
    registered = ask(session, world)
    receive(session, world, registered.case_id)
    register(session, world, registered.case_id)
    session.commit()
    page = desk.open("/ban-lam-viec").text
    assert to_call.code in group(page, "goi")
    assert "hẹn gọi còn 1 ngày" in group(page, "goi")
    assert called.code in group(page, "hen")
    assert taken.code in group(page, "dang-lam")
    assert "hẹn trả còn 7 ngày" in group(page, "dang-lam")
    assert registered.code in group(page, "tra")
    assert "Trần Văn Út và Sơn Thị Na" in group(page, "dang-lam")
    for section in ("goi", "hen", "dang-lam", "tra"):
        assert f'href="#{section}"' in page


def test_a_family_near_its_last_day_is_named_as_such(session: Session, world: World, desk: Desk) -> None:
    ask(session, world, event=PartialDate(2026, 9, 20))  # the sixtieth day is 19/11
    ask(session, world, event=PartialDate(2026, 9, 1), key="late")
    session.commit()
    page = desk.open("/ban-lam-viec").text
    assert "Gia đình cần đăng ký trước hết 19/11/2026, còn 3 ngày." in page
    assert "Đã quá hạn đăng ký của gia đình (2/11/2026)." in page


def test_a_long_group_shows_five_and_folds_the_rest(session: Session, world: World, desk: Desk) -> None:
    for number in range(8):
        ask(session, world, key=f"many-{number}")
    session.commit()
    calls = group(desk.open("/ban-lam-viec").text, "goi")
    assert '<span class="tally">8</span>' in calls
    assert "Xem thêm 3" in calls
    assert calls.partition("<details")[0].count('class="desk-line"') == 5
    assert calls.count('class="desk-line"') == 8


def test_a_late_case_reminds_the_officer_then_the_head(
    client: FlaskClient, session: Session, world: World
) -> None:
    receipt = ask(session, world, MARRIAGE)
    receive(session, world, receipt.case_id)
    session.commit()
    with clock.travelling(MONDAY + timedelta(days=9)):
        deadlines.sweep(session)
        session.commit()
        officer, head = sit(client, session, "officer"), sit(client, session, "head")
        page = officer.open("/ban-lam-viec").text
        assert "Hồ sơ trễ hẹn" in group(page, "nhac")
        assert "Đã quá hẹn trả kết quả" in group(page, "nhac")
        above = head.open("/ban-lam-viec").text
        assert "Báo lãnh đạo: quá hẹn trả kết quả từ" in group(above, "nhac")
        assert (
            landed(officer.fill("/ban-lam-viec", to="/ban-lam-viec/nhac/" + _notice(page))) == "/ban-lam-viec"
        )
        after = officer.open("/ban-lam-viec").text
        assert "Đã ghi là đã xem." in after
        assert _notice(page) not in after
        assert receipt.code in group(after, "tre") + group(after, "nhac"), "late stays late, read or not"
        assert "Báo lãnh đạo" in group(head.open("/ban-lam-viec").text, "nhac")


def _notice(page: str) -> str:
    return page.split("/ban-lam-viec/nhac/", 1)[1].split('"', 1)[0]


def test_the_head_finds_letters_to_approve(client: FlaskClient, session: Session, world: World) -> None:
    receipt = ask(session, world)
    receive(session, world, receipt.case_id)
    register(session, world, receipt.case_id)
    assert letters.draft_earned_letter(session, receipt.case_id) is not None
    session.commit()
    page = sit(client, session, "head").open("/ban-lam-viec").text
    assert '<span class="tally">1</span>' in group(page, "duyet")
    assert "/thu?state=draft" in group(page, "duyet")
    assert group(sit(client, session, "officer").open("/ban-lam-viec").text, "duyet") == ""


def test_todays_visits_and_those_without_a_result(session: Session, world: World, desk: Desk) -> None:
    receipt = ask(session, world)
    assert world.officer.user_id is not None
    visit_id = visits.book_visit(
        session,
        world.officer,
        case_id=receipt.case_id,
        expected_version=1,
        officer_id=world.officer.user_id,
        starts_at=MONDAY + timedelta(hours=1),
    )
    session.commit()
    page = desk.open("/ban-lam-viec").text
    assert "Lịch hôm nay" in page
    assert f"/lich-den-nha/{visit_id}" in group(page, "lich")
    with clock.travelling(MONDAY + timedelta(minutes=20)):
        assert group(desk.open("/ban-lam-viec").text, "ghi") == ""
    with clock.travelling(MONDAY + timedelta(days=1)):
        later = sit(desk.client, session, "officer").open("/ban-lam-viec").text
        assert f"/lich-den-nha/{visit_id}" in group(later, "ghi")


def test_papers_awaited_do_not_count_as_late(session: Session, world: World, desk: Desk) -> None:
    receipt = ask(session, world, MARRIAGE)
    receive(session, world, receipt.case_id)
    cases.request_papers(
        session,
        world.officer,
        receipt.case_id,
        expected_version=version(session, world, receipt.case_id),
        papers=papers_of(session, world, receipt.case_id)[:1],
        reason="Giấy bị rách",
    )
    session.commit()
    assert "thời hạn tạm dừng" in group(desk.open("/ban-lam-viec").text, "papers_requested")


# nothing typed breaks a page

_ODD = (
    "", " ", "0", "-1", "99999999999999999999", "1e9", "null", "\x00", "a\x00b", "😀" * 50, "ក្រមុំ", "é" * 3,
    "a" * 10_000, "<b>x</b>", "' OR 1=1 --", "%s%s%n", "../../etc", "2026-02-30", "31", "13", "٣", "NaN", "\r\n\r\n",
    "true", "{{7*7}}", "\ud7ff", "\u202e", "home", "yes", "00000000-0000-0000-0000-000000000000",
)  # fmt: skip


def _pages(case_id: UUID, visit_id: UUID) -> list[str]:
    steps = ("sua", "nhan-ho-so", "bo-sung", "nhan-bo-sung", "cho-so-dinh-danh", "so-dang-ky", "da-ky",
             "tra-ket-qua", "dong/withdraw", "dong/transfer", "dong/decline_home_service", "lich-den-nha",
             "chuyen-da-di", "da-goi", "ma-tra-cuu")  # fmt: skip
    trips = ("ket-qua", "huy", "doi-gio", f"ghep/{case_id}")
    return [
        "/ho-so/moi",
        *(f"/ho-so/{case_id}/{step}" for step in steps),
        *(f"/lich-den-nha/{visit_id}/{trip}" for trip in trips),
    ]


def test_fifty_broken_forms_never_break_a_page(session: Session, world: World, desk: Desk) -> None:
    chance = random.Random(20261116)
    receipt, other = ask(session, world), ask(session, world, MARRIAGE)
    assert world.officer.user_id is not None
    visit_id = visits.book_visit(
        session,
        world.officer,
        case_id=other.case_id,
        expected_version=1,
        officer_id=world.officer.user_id,
        starts_at=MONDAY + timedelta(hours=2),
    )
    session.commit()
    paths = _pages(receipt.case_id, visit_id)
    opened = [
        (path, form.fields)
        for path in (*paths, f"/lich-den-nha/{visit_id}", f"/ho-so/{receipt.case_id}")
        for form in forms_of(desk.open(path))
        if form.method == "post"
    ]
    names = sorted({name for _, fields in opened for name in fields} - {"csrf_token"})
    assert len(names) > 60
    token = desk.form("/ho-so/moi").fields["csrf_token"]
    connection = session.connection()
    for number in range(50):
        path, fields = chance.choice(opened) if number % 2 else (chance.choice(paths), {})
        most = 4 if fields else len(names)  # nearly right, or all wrong
        odd = {name: chance.choice(_ODD) for name in chance.sample(names, chance.randint(0, most))}
        attempt = connection.begin_nested()
        answer = desk.client.post(path, data={**fields, **odd, "csrf_token": token})
        attempt.rollback()
        assert answer.status_code in (200, 302, 403, 404, 405, 409, 422), (number, path, answer.status_code)


@pytest.mark.parametrize(
    "query",
    ["q=%00", "q=" + "a" * 3000, "after=~", "after=2026-01-01~x", "state=%F0%9F%98%80", "q=%25%5F", "q=%5C"],
)
def test_any_search_answers(desk: Desk, query: str) -> None:
    assert desk.client.get(f"/ho-so?{query}", follow_redirects=True).status_code == 200


def test_any_code_read_off_paper_answers(desk: Desk) -> None:
    for code in ("x" * 500, "%00", "29461-26-00001", "😀"):
        assert landed(desk.open(f"/ho-so/ma/{code}")) == "/ho-so"
