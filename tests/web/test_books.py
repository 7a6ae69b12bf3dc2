"""The pages of register books: where each is, lending and closing, and the trips that carry them."""

from __future__ import annotations

import html
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.accounts import service as accounts
from civreg.accounts.rules import SYSTEM, Role
from civreg.shared import clock
from civreg.visits import queries as visits
from civreg.visits import service
from civreg.visits.service.books import AT_OFFICE, NO_TRIP, STALE_BOOK
from civreg.visits.service.carrying import NOT_OFFERED
from civreg.visits.service.holding import STALE_VISIT
from tests import world as small
from tests.web.officer_site import Desk, landed, sit
from tests.world import MARRIAGE, MONDAY, REFORM, World, ask, receive, register, version

BOOKS = "/lich-den-nha/so"
TITLE = "Sổ đăng ký kết hôn năm 2026, quyển 01"

NOBODY_S = "01a20bf5-d955-7000-a891-9aa01df39c2c"
"""An id that nothing has; written out, because every process must collect the same tests."""


def at(day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=clock.ZONE)


@pytest.fixture
def book_id(session: Session, world: World) -> UUID:
    made = service.open_book(
        session, world.officer, unit_id=world.tra_cu, kind="marriage", year=2026, label="01"
    )
    session.commit()
    return made


@pytest.fixture
def wedding(session: Session, world: World) -> UUID:
    """A marriage registered in the mobile form, whose papers were taken at a visit this morning."""
    case_id = registered(session, world)
    session.commit()
    return case_id


def registered(session: Session, world: World, **changes: str) -> UUID:
    case_id = ask(session, world, MARRIAGE, **changes).case_id
    visit_id = trip(session, world, case_id, purpose="receive", starts_at=at(16, 8))
    service.record_visit(session, world.officer, visit_id, "done")
    receive(session, world, case_id)
    register(session, world, case_id)
    return case_id


def trip(session: Session, world: World, case_id: UUID, **changes: object) -> UUID:
    booking = {"purpose": "return", "starts_at": at(17), "officer_id": world.officer.user_id, **changes}
    made: UUID = service.book_visit(
        session, world.officer, case_id=case_id, expected_version=version(session, world, case_id), **booking
    )  # type: ignore[arg-type]
    return made


def words(answer: object) -> str:
    return html.unescape(getattr(answer, "text"))  # noqa: B009


# The list, opening, closing


def test_a_unit_without_books_is_told_how_to_begin(desk: Desk) -> None:
    page = words(desk.open(BOOKS))
    assert "Chưa mở quyển sổ nào" in page
    assert f'href="{BOOKS}/mo">Mở sổ mới</a>' in page
    assert f'href="{BOOKS}">Sổ hộ tịch</a>' in desk.open("/lich-den-nha").text


def test_a_book_is_opened_and_listed(session: Session, world: World, desk: Desk) -> None:
    form = desk.form(f"{BOOKS}/mo?loai=marriage&nam=2026")
    assert (form.fields["kind"], form.fields["year"]) == ("marriage", "2026")
    assert landed(desk.send(form, label="01")) == BOOKS
    page = words(desk.open(BOOKS))
    assert f"Đã mở {TITLE}." in page
    assert "Ở trụ sở" in page
    twice = desk.send(form, label="01")
    assert twice.status_code == 422
    assert f"{TITLE} đã có trong danh sách. Ông/bà ghi số quyển khác." in words(twice)
    assert [row.unit_id for row in visits.books_of(session, world.officer, clock.today())] == [world.tra_cu]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"kind": "tax"}, "Ông/bà chọn loại sổ: khai sinh, kết hôn hoặc khai tử."),
        ({"year": ""}, "Ông/bà ghi năm của sổ, từ 1950 đến 2027."),
        ({"year": "hai nghìn"}, "Ông/bà ghi một số từ 1950 đến 2027."),
        ({"year": "2099"}, "Ông/bà ghi một số từ 1950 đến 2027."),
        ({"label": " "}, "Ông/bà ghi số quyển như trên bìa sổ, ví dụ 01."),
        ({"label": "x" * 21}, "Ông/bà ghi số quyển không quá 20 ký tự (đang có 21), ví dụ 01."),
        ({"unit_id": "1"}, "Ông/bà chọn đơn vị giữ sổ."),
    ],
)
def test_a_book_that_cannot_be_opened_says_what_to_type(
    session: Session, desk: Desk, typed: dict[str, str], sentence: str
) -> None:
    sent = {"kind": "birth", "year": "2026", "label": "01", **typed}
    answer = desk.fill(f"{BOOKS}/mo", sent)
    assert answer.status_code == 422
    assert words(answer).count(sentence) == (1 if "unit_id" in typed else 2)
    again = desk.form_in(answer, f"{BOOKS}/mo").fields
    assert {name: again[name] for name in ("year", "label")} == {
        name: sent[name] for name in ("year", "label")
    }
    assert session.execute(text("SELECT count(*) FROM register_book")).scalar_one() == 0


def test_a_book_is_closed_at_the_end_or_when_it_is_full(session: Session, desk: Desk, book_id: UUID) -> None:
    path = f"{BOOKS}/{book_id}/khoa"
    early = desk.fill(path, {"total_events": "187"})
    assert early.status_code == 422
    assert words(early).count("Sổ năm 2026 khóa vào ngày cuối năm, 31/12/2026. Nếu sổ đã viết hết trang, ông/bà đánh dấu ô này để khóa sớm rồi mở quyển tiếp theo.") == 2  # fmt: skip
    assert 'value="187"' in early.text
    wrong = desk.fill(path, {"full": "1", "total_pages": "nhiều"})
    assert wrong.status_code == 422
    assert "Ông/bà ghi một số từ 0 đến 9999." in words(wrong)
    assert 'name="full" value="1" checked' in " ".join(wrong.text.split())
    form = desk.form(path)
    assert landed(desk.send(form, full="1", total_pages="200", total_events="187")) == BOOKS
    page = words(desk.open(BOOKS))
    assert f"Đã khóa {TITLE}." in page
    assert "Khóa ngày 16/11/2026 · 187 sự kiện · 200 trang" in page
    again = desk.send(form, full="1")
    assert again.status_code == 409
    assert STALE_BOOK in words(again)


def test_on_the_last_day_of_the_year_nothing_is_asked_about_full_pages(
    client: FlaskClient, session: Session, world: World, book_id: UUID
) -> None:
    with clock.travelling(datetime(2026, 12, 31, 16, 0, tzinfo=clock.ZONE)):
        desk = sit(client, session, "officer")
        page = desk.open(f"{BOOKS}/{book_id}/khoa")
        assert "Sổ đã viết hết trang" not in page.text
        assert landed(desk.fill(f"{BOOKS}/{book_id}/khoa")) == BOOKS


# Out and back


def test_a_book_goes_out_for_its_trip_and_comes_back(
    session: Session, world: World, desk: Desk, book_id: UUID, wedding: UUID
) -> None:
    visit_id = trip(session, world, wedding, register_book_id=book_id, officer_id=world.head.user_id)
    session.commit()
    path = f"{BOOKS}/{book_id}/mang-di"
    form = desk.form(path)
    assert form.fields["officer_id"] == str(world.head.user_id)
    assert form.fields["visit_id"] == str(visit_id)
    assert landed(desk.send(form)) == BOOKS
    page = words(desk.open(BOOKS))
    assert "Đã ghi mang sổ đi. Khi sổ về trụ sở, ông/bà bấm “Ghi mang về”." in page
    assert "Đang mang đi" in page
    assert f'Nguyễn Văn Lâm mang đi lúc 08:00, 16/11/2026, cho chuyến <a href="/lich-den-nha/{visit_id}">09:00, 17/11/2026</a>.' in page  # fmt: skip
    stale = desk.send(form)
    assert stale.status_code == 409
    assert STALE_BOOK in words(stale)
    twice = desk.fill(path)
    assert twice.status_code == 409
    assert "Nguyễn Văn Lâm đang giữ quyển sổ này, mang đi lúc 8 giờ, 16/11/2026. Ông/bà ghi mang về trước, rồi ghi lần mang đi mới." in words(twice)  # fmt: skip
    back = desk.form(BOOKS, "/mang-ve")
    assert landed(desk.send(back)) == BOOKS
    page = words(desk.open(BOOKS))
    assert "Đã ghi sổ về trụ sở." in page
    assert "Chuyến tới" in page
    desk.send(back)
    assert STALE_BOOK in words(desk.open(BOOKS))
    desk.post(f"{BOOKS}/{book_id}/mang-ve", {"expected_version": "3"})
    assert AT_OFFICE in words(desk.open(BOOKS))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"officer_id": ""}, "Ông/bà chọn người mang sổ đi."),
        ({"officer_id": "x"}, "Ông/bà chọn người mang sổ đi."),
        ({"officer_id": NOBODY_S}, "Người này không phải cán bộ của đơn vị vào ngày 16/11/2026. Ông/bà chọn người trong danh sách cán bộ của đơn vị."),
        ({"visit_id": "x"}, NO_TRIP),
        ({"visit_id": NOBODY_S}, NO_TRIP),
    ],
)  # fmt: skip
def test_what_is_wrong_with_taking_it_out(
    session: Session, desk: Desk, book_id: UUID, typed: dict[str, str], sentence: str
) -> None:
    answer = desk.fill(f"{BOOKS}/{book_id}/mang-di", typed)
    assert answer.status_code == 422
    assert words(answer).count(sentence) == 2
    assert session.execute(text("SELECT count(*) FROM book_loan")).scalar_one() == 0


def test_a_book_not_brought_back_stands_first_and_on_the_desk(
    client: FlaskClient, session: Session, world: World, desk: Desk, book_id: UUID
) -> None:
    desk.fill(f"{BOOKS}/{book_id}/mang-di")
    assert "chưa mang về" not in desk.open("/ban-lam-viec").text
    service.open_book(session, world.officer, unit_id=world.tra_cu, kind="birth", year=2026, label="01")
    session.commit()
    with clock.travelling(MONDAY + timedelta(days=1)):
        next_day = sit(client, session, "officer")
        page = words(next_day.open(BOOKS))
        assert page.index("Chưa mang về") < page.index(TITLE) < page.index("Sổ đăng ký khai sinh năm 2026")
        assert (
            "Lẽ ra về trụ sở trong ngày 16/11/2026. Ông/bà hỏi Thạch Thị Mỹ Hạnh; sổ đã về thì bấm “Ghi mang về”."
            in page
        )
        start = words(next_day.open("/ban-lam-viec"))
        assert "Sổ hộ tịch chưa mang về" in start
        assert "Thạch Thị Mỹ Hạnh mang đi lúc 08:00, 16/11/2026, lẽ ra về trong ngày 16/11/2026" in start
        next_day.send(next_day.form(BOOKS, "/mang-ve"))
        assert "chưa mang về" not in next_day.open("/ban-lam-viec").text


# The two visits


def test_the_second_visit_is_booked_with_its_book_in_two_taps(
    client: FlaskClient, session: Session, world: World, desk: Desk, book_id: UUID, wedding: UUID
) -> None:
    first = visits.visits_of_case(session, world.officer, wedding)[0].id
    path = f"/ho-so/{wedding}/lich-den-nha"
    page = words(desk.open(path))
    assert f'Lần 2, sau buổi ngày <a href="/lich-den-nha/{first}">16/11/2026</a>' in page
    assert f'value="{book_id}" selected>Quyển 01</option>' in " ".join(page.split())
    assert "Mang theo Sổ đăng ký kết hôn năm 2026" in page
    form = desk.form(path)
    tap = next(value for _, value in form.buttons if value.startswith("2026-11-17T09:00"))
    assert landed(desk.send(form, slot=tap)) == f"/ho-so/{wedding}"
    second = visits.visits_of_case(session, world.officer, wedding)[0].id
    case = " ".join(words(desk.open(f"/ho-so/{wedding}")).split())
    assert f'Lần 2, sau buổi ngày <a href="/lich-den-nha/{first}">16/11/2026</a>' in case
    assert f'Lần 1; lần 2: <a href="/lich-den-nha/{second}">09:00, 17/11/2026</a>' in case
    assert f"Mang theo: {TITLE}" in case
    assert "Cột Ghi chú trong sổ: “Đăng ký lưu động”." in case
    day = words(desk.open("/lich-den-nha?ngay=2026-11-17"))
    assert f'Lần 2, sau buổi ngày <a href="/lich-den-nha/{first}">16/11/2026</a>' in day
    assert f"Mang theo: {TITLE}" in day
    assert "Chưa chọn sổ" not in day
    with clock.travelling(at(17, 10)):
        service.record_visit(session, world.officer, second, "done")
        next_day = sit(client, session, "officer")
        assert f"Đã mang: {TITLE}" in words(next_day.open(f"/lich-den-nha/{second}"))
        assert "Đã mang đến nhà 1 lần, gần nhất 17/11/2026." in words(next_day.open(BOOKS))


def test_without_an_open_book_the_page_says_so_and_still_books(
    session: Session, world: World, desk: Desk, wedding: UUID
) -> None:
    path = f"/ho-so/{wedding}/lich-den-nha"
    page = words(desk.open(path))
    assert "Đơn vị chưa mở Sổ đăng ký kết hôn năm 2026. Ông/bà vẫn hẹn được và chọn sổ sau" in page
    assert f'href="{BOOKS}/mo?loai=marriage&nam=2026">mở sổ này</a>' in page
    form = desk.form(path)
    tap = next(value for _, value in form.buttons if value.startswith("2026-11-17T09:00"))
    assert landed(desk.send(form, slot=tap)) == f"/ho-so/{wedding}"
    visit_id = visits.visits_of_case(session, world.officer, wedding)[0].id
    lacking = f'Chưa chọn sổ: <a href="/lich-den-nha/{visit_id}#so">Sổ đăng ký kết hôn năm 2026</a>'
    assert lacking in words(desk.open("/lich-den-nha?ngay=2026-11-17"))
    visit = f"/lich-den-nha/{visit_id}"
    assert "Đơn vị chưa mở Sổ đăng ký kết hôn năm 2026." in words(desk.open(visit))
    made = service.open_book(
        session, world.officer, unit_id=world.tra_cu, kind="marriage", year=2026, label="01"
    )
    session.commit()
    form = desk.form(visit, "/so")
    assert form.fields["book_marriage_2026"] == ""
    assert landed(desk.send(form, book_marriage_2026=str(made))) == visit
    page = words(desk.open(visit))
    assert "Đã ghi sổ mang theo chuyến này." in page
    assert f"Mang theo: {TITLE}" in page
    stale = desk.send(form, book_marriage_2026="")
    assert stale.status_code == 409
    assert STALE_VISIT in words(stale)
    assert landed(desk.fill(visit, {"book_marriage_2026": ""}, to="/so")) == visit
    assert "Chuyến này chưa chọn sổ." in words(desk.open(visit))
    for wrong in ("x", NOBODY_S):
        refused = desk.fill(visit, {"book_marriage_2026": wrong}, to="/so")
        assert refused.status_code == 422
        assert words(refused).count(NOT_OFFERED) == 2


def test_a_birth_in_the_ordinary_form_is_asked_for_no_book(
    session: Session, world: World, desk: Desk, case_id: UUID, book_id: UUID
) -> None:
    receive(session, world, case_id)
    register(session, world, case_id)
    session.commit()
    form = desk.form(f"/ho-so/{case_id}/lich-den-nha")
    assert "book_id" not in form.fields
    assert "Mang theo Sổ" not in desk.open(f"/ho-so/{case_id}/lich-den-nha").text
    assert landed(desk.send(form, slot=form.buttons[0][1])) == f"/ho-so/{case_id}"
    assert "Chưa chọn sổ" not in desk.open("/lich-den-nha").text


@pytest.mark.parametrize("wrong", ["x", NOBODY_S])
def test_a_book_nobody_offered_is_not_booked(desk: Desk, book_id: UUID, wedding: UUID, wrong: str) -> None:
    form = desk.form(f"/ho-so/{wedding}/lich-den-nha")
    answer = desk.send(form, slot=form.buttons[0][1], book_id=wrong)
    assert answer.status_code == 422
    assert words(answer).count(NOT_OFFERED) == 2
    assert desk.open(f"/ho-so/{wedding}/lich-den-nha?book_id={wrong}").status_code == 200


def test_a_book_on_another_trip_offers_to_join_it(
    session: Session, world: World, desk: Desk, book_id: UUID, wedding: UUID
) -> None:
    other = registered(session, world, key="other")
    theirs = trip(session, world, other, register_book_id=book_id, officer_id=world.head.user_id)
    session.commit()
    path = f"/ho-so/{wedding}/lich-den-nha"
    form = desk.form(path)
    assert not any(value.startswith("2026-11-17T09:00") for _, value in form.buttons)
    typed = {
        "starts_at_day": "17",
        "starts_at_month": "11",
        "starts_at_year": "2026",
        "starts_at_time": "9:10",
    }
    clash = desk.send(form, **typed)
    assert clash.status_code == 409
    assert (
        f"Lúc 9 giờ, 17/11/2026 Nguyễn Văn Lâm mang {TITLE} đi chuyến khác. "
        "Ông/bà chọn quyển khác, chọn giờ khác, hoặc ghép chuyến hồ sơ này vào lịch đó."
    ) in words(clash)
    assert 'value="9:10"' in clash.text
    join = desk.form_in(clash, path, f"/ghep/{wedding}")
    assert landed(desk.send(join)) == f"/ho-so/{wedding}"
    row = visits.visit_page(session, world.officer, theirs)
    assert {case.case_id for case in row.cases} == {other, wedding}
    assert row.lacking == ()


def test_choosing_later_frees_the_hours_of_the_book(
    session: Session, world: World, desk: Desk, book_id: UUID, wedding: UUID
) -> None:
    other = registered(session, world, key="other")
    trip(session, world, other, register_book_id=book_id, officer_id=world.head.user_id)
    session.commit()
    form = desk.form(f"/ho-so/{wedding}/lich-den-nha?book_id=")
    assert form.fields["book_id"] == ""
    assert any(value.startswith("2026-11-17T09:00") for _, value in form.buttons)


# Who may


def test_another_unit_s_book_is_not_there(
    client: FlaskClient, session: Session, world: World, book_id: UUID
) -> None:
    neighbour = sit(client, session, "neighbour")
    assert TITLE not in words(neighbour.open(BOOKS))
    for path in ("mang-di", "khoa"):
        assert neighbour.open(f"{BOOKS}/{book_id}/{path}").status_code == 404
    for path in ("mang-di", "khoa", "mang-ve"):
        sent = neighbour.post(f"{BOOKS}/{book_id}/{path}", {"expected_version": "1", "officer_id": str(world.neighbour.user_id)})  # fmt: skip
        assert sent.status_code == 404
    sent = neighbour.post(f"{BOOKS}/mo", {"unit_id": str(world.tra_cu), "kind": "birth", "year": "2026", "label": "01"})  # fmt: skip
    assert sent.status_code == 422
    assert "Ông/bà chọn đơn vị giữ sổ." in words(sent)
    assert client.get(BOOKS).headers["Location"].startswith("/dang-nhap?")
    assert sit(client, session, "stranger").open(BOOKS).status_code == 403


def test_the_counter_sees_the_books_without_buttons(
    client: FlaskClient, session: Session, world: World, book_id: UUID
) -> None:
    small._user(session, "counter", Role.INTAKE_CLERK, world.tra_cu, "Lâm Thị Quầy")
    counter = sit(client, session, "counter")
    page = words(counter.open(BOOKS))
    assert TITLE in page
    assert "Ghi mang đi" not in page
    assert "Mở sổ mới" not in page


def test_a_person_of_two_units_chooses_whose_book_it_is(
    client: FlaskClient, session: Session, world: World
) -> None:
    assert world.officer.user_id is not None
    accounts.grant_role(session, SYSTEM, world.officer.user_id, world.dai_an, Role.OFFICER, REFORM)
    desk = sit(client, session, "officer")
    form = desk.form(f"{BOOKS}/mo")
    sent = desk.send(form, unit_id=str(world.dai_an), kind="birth", year="2026", label="01")
    assert landed(sent) == BOOKS
    unit_id = session.execute(text("SELECT unit_id FROM register_book")).scalar_one()
    assert unit_id == world.dai_an
