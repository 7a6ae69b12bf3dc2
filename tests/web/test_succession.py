"""The plan of an ended unit on the administrator's pages: counts and codes, asked before, and only hers."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg import work
from civreg.accounts import service as accounts
from civreg.accounts.rules import SYSTEM, Role
from civreg.letters import queries as letters
from civreg.letters import service as letters_service
from civreg.letters.rules import Language, LetterKind, PaperLayout, PaperSize, SigningWay
from civreg.shared import clock
from tests import world as small
from tests.succession.merged import FORM, SmallMerger, small_merger
from tests.web.officer_site import Desk, landed, sit
from tests.world import MONDAY, PASSWORD, World, build_world

LIST = "/quan-tri/sap-nhap"


@pytest.fixture
def world(session: Session) -> Iterator[World]:
    with clock.travelling(MONDAY):
        yield build_world(session)


@pytest.fixture
def merger(session: Session, world: World) -> SmallMerger:
    found = small_merger(session, world, 2)
    session.commit()
    return found


@pytest.fixture
def admin(client: FlaskClient, session: Session, world: World) -> Desk:
    return sit(client, session, "administrator")


def words_of(page: str) -> str:
    """Return the text of a page in one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def held_at(session: Session, unit_id: int) -> int:
    query = "SELECT count(*) FROM case_file WHERE current_unit_id = :unit"
    return int(session.execute(text(query), {"unit": unit_id}).scalar_one())


def test_the_list_says_what_is_left_and_where_it_goes(admin: Desk, merger: SmallMerger) -> None:
    page = words_of(admin.open(LIST).text)
    assert "1 đơn vị còn việc" in page
    assert (
        "Xã Ngãi Xuyên kết thúc ngày 1/7/2025 Nay là xã Trà Cú Còn giữ 2 hồ sơ, 1 vai trò, 1 đợt tham gia"
    ) in page


def test_a_day_before_the_end_shows_nothing_and_a_day_that_is_none_says_so(
    admin: Desk, merger: SmallMerger
) -> None:
    early = admin.open(f"{LIST}?ngay_day=30&ngay_month=6&ngay_year=2025")
    assert "Không đơn vị nào còn việc phải chuyển" in early.text
    wrong = admin.open(f"{LIST}?ngay_day=31&ngay_month=6&ngay_year=2025")
    assert wrong.status_code == 422
    assert 'value="31"' in wrong.text
    assert 'href="#ngay' in wrong.text


def test_the_plan_says_the_consequences_before_it_asks(admin: Desk, merger: SmallMerger) -> None:
    page = words_of(admin.open(f"{LIST}/{merger.old}").text)
    for said in (
        "Chuyển việc của xã Ngãi Xuyên sang xã Trà Cú?",
        "Xã Ngãi Xuyên, mã 29479, kết thúc ngày 1/7/2025.",
        "Hồ sơ chưa xong 2 Sang xã Trà Cú cùng các hạn. Mã hồ sơ, ngày hẹn và nơi đã nhận giữ nguyên.",
        "Vai trò của cán bộ 1 Thôi ở đơn vị cũ và bắt đầu ở xã Trà Cú trong hôm nay: "
        "1 công chức làm công tác hộ tịch.",
        "Đợt tham gia chương trình 1 Kết thúc ngày 1/7/2025. Xã Trà Cú đã có thông tin của mình.",
        "Hồ sơ đã kết thúc ở lại đơn vị cũ để tra cứu; cán bộ xã Trà Cú mở được.",
        "Sau khi xác nhận không quay lại được. Trang này chỉ có số, không có nội dung hồ sơ.",
    ):
        assert said in page
    assert "Lịch đến nhà sắp tới" not in page


def test_the_administrator_reads_no_name_and_no_case(admin: Desk, merger: SmallMerger) -> None:
    for path in (LIST, f"{LIST}/{merger.old}"):
        page = admin.open(path).text
        for canary in ("Sa Rết", "Kim Sô Khane", "0912", "Ấp Chợ", "NX-", str(merger.cases[0])):
            assert canary not in page


def test_confirming_moves_everything_and_says_what(
    admin: Desk, session: Session, world: World, merger: SmallMerger
) -> None:
    answer = admin.fill(f"{LIST}/{merger.old}", to=str(merger.old))
    assert landed(answer) == LIST
    page = words_of(admin.open(LIST).text)
    said = "Đã chuyển việc của xã Ngãi Xuyên sang xã Trà Cú: 2 hồ sơ, 1 vai trò, 1 đợt tham gia."
    assert said in page
    assert "Không đơn vị nào còn việc phải chuyển" in page
    assert "Xã Ngãi Xuyên Sang xã Trà Cú Ngày 16/11/2026" in page
    assert (held_at(session, merger.old), held_at(session, world.tra_cu)) == (0, 2)
    left = words_of(admin.open(f"{LIST}/{merger.old}").text)
    assert "Không còn gì để chuyển: đơn vị này không còn việc, không còn cán bộ." in left


def test_pressing_twice_moves_once(admin: Desk, session: Session, merger: SmallMerger) -> None:
    form = admin.form(f"{LIST}/{merger.old}", str(merger.old))
    assert landed(admin.send(form)) == LIST
    assert landed(admin.send(form)) == LIST
    assert "Không còn gì để chuyển: đơn vị này không còn việc, không còn cán bộ." in admin.open(LIST).text
    moves = session.execute(text("SELECT count(*) FROM case_move WHERE action = 'change_unit'"))
    assert moves.scalar_one() == 2


def test_a_changed_situation_shows_the_new_counts_and_asks_again(
    admin: Desk, session: Session, merger: SmallMerger
) -> None:
    form = admin.form(f"{LIST}/{merger.old}", str(merger.old))
    session.execute(text("UPDATE case_file SET state = 'withdrawn' WHERE id = :id"), {"id": merger.cases[0]})
    session.commit()
    answer = admin.send(form)
    assert answer.status_code == 409
    page = words_of(answer.text)
    assert (
        "Số việc đã thay đổi từ lúc ông/bà mở trang. Ông/bà xem lại các số mới dưới đây rồi xác nhận lại; "
        "chưa có gì bị chuyển."
    ) in page
    assert "Hồ sơ chưa xong 1 Sang xã Trà Cú" in page
    assert held_at(session, merger.old) == 2
    again = admin.form_in(answer, f"{LIST}/{merger.old}", str(merger.old))
    assert landed(admin.send(again)) == LIST


def test_words_layouts_and_signers_are_counted_and_the_head_is_told(
    admin: Desk, client: FlaskClient, session: Session, world: World, merger: SmallMerger
) -> None:
    shipped = letters.shipped_wording(LetterKind.CONDOLENCE, Language.VIETNAMESE, work.LETTER_TEMPLATES).body
    letters_service.write_wording(
        session, SYSTEM, merger.old, LetterKind.CONDOLENCE, Language.VIETNAMESE, shipped
    )
    a5 = PaperLayout(PaperSize.A5)
    letters_service.set_layout(session, SYSTEM, merger.old, LetterKind.CONDOLENCE, date(2025, 6, 1), a5)
    letters_service.set_signer(
        session, SYSTEM, merger.old, date(2025, 6, 1), SigningWay.CHAIR, name="Sơn Minh Trí"
    )
    session.execute(text("UPDATE participation SET signer_name = NULL"))
    session.commit()
    head = sit(client, session, "head")
    assert "người ký thư" not in head.open("/ban-lam-viec").text
    page = words_of(admin.open(f"{LIST}/{merger.old}").text)
    for said in (
        "Lời thư riêng 1 Xã Trà Cú nhận bản dự thảo; lãnh đạo đọc lại, sửa tên xã cũ nếu có, rồi duyệt.",
        "Mẫu giấy riêng 1 Xã Trà Cú dùng tiếp từ hôm nay, trừ dịp đã có mẫu của mình. "
        "Không kèm ảnh tiêu đề, nơi nhận và chỉnh lề; in trên giấy trắng.",
        "Người ký thư 1 Không chuyển. Lãnh đạo đơn vị nhận đặt người ký ở trang Mẫu giấy; "
        "chưa đặt thì thư để trống họ tên.",
    ):
        assert said in page
    assert landed(admin.fill(f"{LIST}/{merger.old}", to=str(merger.old))) == LIST
    assert "1 lời thư, 1 mẫu giấy" in words_of(admin.open(LIST).text)
    desk = words_of(head.open("/ban-lam-viec").text)
    assert "1 lời thư của xã Trà Cú chờ ông/bà đọc và duyệt. Xem lời thư" in desk
    assert (
        "Xã Ngãi Xuyên đã chuyển việc sang xã Trà Cú; tên người ký thư không chuyển theo nên thư đang để trống "
        "họ tên. Đặt người ký thư"
    ) in desk
    officer = sit(client, session, "officer")
    assert "chờ ông/bà đọc và duyệt" not in officer.open("/ban-lam-viec").text


@pytest.fixture
def split(session: Session, world: World, merger: SmallMerger) -> SmallMerger:
    """Let a part of the old unit have gone to xã Đại An."""
    session.execute(
        text(
            "INSERT INTO unit_successor (old_unit_id, new_unit_id, effective_on, is_split, source)"
            " VALUES (:old, :new, '2025-07-01', true, 'list')"
        ),
        {"old": merger.old, "new": world.dai_an},
    )
    session.commit()
    return merger


def test_of_a_split_unit_a_person_says_where_each_hamlet_lies(
    admin: Desk, session: Session, world: World, split: SmallMerger
) -> None:
    page = admin.open(f"{LIST}/{split.old}")
    said = words_of(page.text)
    assert "Xã Ngãi Xuyên nay thuộc nhiều đơn vị: xã Đại An, xã Trà Cú." in said
    assert "Ấp Chợ gia đình ghi, không có trong danh sách Hồ sơ, tin báo 2" in said
    for canary in ("Sa Rết", "Kim Sô Khane", "0912", str(FORM.address)):
        assert canary not in page.text
    form = admin.form_in(page, f"{LIST}/{split.old}", str(split.old))
    refused = admin.send(form)
    assert refused.status_code == 422
    said = words_of(refused.text)
    code = session.execute(text("SELECT min(code) FROM case_file")).scalar_one()
    assert f"Ông/bà chọn đơn vị nhận hồ sơ {code}, ở Ấp Chợ." in said
    assert "Ông/bà chọn đơn vị nhận những việc còn lại." in said
    assert "Ông/bà ghi lý do chọn đơn vị này" in said
    assert held_at(session, split.old) == 2
    own = f"ho-so-{split.cases[1]}"
    chosen = {"ap-cho": str(world.dai_an), own: str(world.tra_cu), "heir": str(world.tra_cu)}
    done = admin.send(form, reason="Trụ sở cũ nay thuộc xã này", **chosen)
    assert landed(done) == LIST
    page = words_of(admin.open(LIST).text)
    assert "Đã chuyển việc của xã Ngãi Xuyên sang xã Trà Cú và xã Đại An: 2 hồ sơ" in page
    assert "Trụ sở cũ nay thuộc xã này" in page
    assert [held_at(session, one) for one in (split.old, world.dai_an, world.tra_cu)] == [0, 1, 1]


def test_what_was_chosen_and_typed_stays_when_something_is_missing(
    admin: Desk, world: World, split: SmallMerger
) -> None:
    form = admin.form(f"{LIST}/{split.old}", str(split.old))
    chosen = {"ap-cho": str(world.dai_an), f"ho-so-{split.cases[0]}": "9" * 5000}
    refused = admin.send(form, reason="Phần lớn các ấp nay thuộc xã này", **chosen)
    assert refused.status_code == 422
    assert 'value="Phần lớn các ấp nay thuộc xã này"' in refused.text
    assert f'<option value="{world.dai_an}" selected>Xã Đại An</option>' in refused.text


def test_the_officer_of_the_old_unit_goes_on_at_the_new_one(
    client: FlaskClient, session: Session, admin: Desk, merger: SmallMerger
) -> None:
    officer = sit(client, session, "old.officer")
    case = f"/ho-so/{merger.cases[0]}"
    before = officer.open(case)
    assert before.status_code == 200
    admin.fill(f"{LIST}/{merger.old}", to=str(merger.old))
    after = words_of(officer.open(case).text)
    assert "Chuyển sang đơn vị mới do sắp xếp đơn vị hành chính" in after
    assert "Xã Ngãi Xuyên nay thuộc xã Trà Cú" in after
    assert sit(client, session, "officer").open(case).status_code == 200
    assert sit(client, session, "neighbour").open(case).status_code == 404
    assert landed(client.get(case)) == "/dang-nhap"


def test_what_rings_stands_on_the_administrators_first_page(admin: Desk) -> None:
    page = admin.open("/quan-tri").text
    assert "Hàng đợi công việc (Redis) không trả lời" in page
    assert "Ông/bà khởi động lại máy chủ Redis" in page


def test_an_auditor_in_the_same_area_reads_no_alarm(
    client: FlaskClient, session: Session, world: World
) -> None:
    small._user(session, "auditor", Role.AUDITOR, world.province, "Người kiểm tra")
    session.commit()
    page = sit(client, session, "auditor").open("/quan-tri")
    assert page.status_code == 200
    assert "Hàng đợi công việc (Redis) không trả lời" not in page.text


def test_an_administrator_who_lands_elsewhere_is_told_at_sign_in(
    client: FlaskClient, session: Session, world: World
) -> None:
    user_id = world.officer.user_id
    assert user_id is not None
    accounts.grant_role(
        session, world.administrator, user_id, world.province, Role.ADMINISTRATOR, clock.today()
    )
    session.commit()
    told = "Hệ thống có cảnh báo: Hàng đợi công việc (Redis) không trả lời"
    for username, is_told in (("officer", True), ("head", False)):
        own = Desk(client.application.test_client())
        answer = own.fill("/dang-nhap", {"username": username, "password": PASSWORD})
        assert landed(answer) == "/ban-lam-viec"
        assert (told in own.open("/ban-lam-viec").text) is is_told


@pytest.mark.parametrize("number", ["0", "9" * 30])
def test_a_number_that_is_no_unit_is_not_found(admin: Desk, number: str) -> None:
    answer = admin.open(f"{LIST}/{number}")
    assert answer.status_code == 404
    assert "Không tìm thấy đơn vị đã kết thúc này trong phạm vi của ông/bà." in answer.text
    token = admin.form("/quan-tri/don-vi/moi").fields["csrf_token"]
    assert admin.client.post(f"{LIST}/{number}", data={"csrf_token": token}).status_code == 404


def test_the_list_of_cases_by_the_units_of_that_time_and_by_todays(
    client: FlaskClient, session: Session, world: World, admin: Desk, merger: SmallMerger
) -> None:
    own = small.ask(session, world).code
    session.commit()
    officer = sit(client, session, "officer")
    assert 'name="unit"' not in officer.open("/ho-so").text
    admin.send(admin.form(f"{LIST}/{merger.old}", str(merger.old)))
    session.expire_all()
    officer = sit(client, session, "officer")
    whole = words_of(officer.open("/ho-so").text)
    assert "Xã Ngãi Xuyên, nay là xã Trà Cú" in whole
    assert "Xã Trà Cú hôm nay, gồm các đơn vị cũ" in whole
    assert "Xã Ngãi Xuyên, đến 30/6/2025" in whole
    shown = {
        unit: count
        for unit, count in (
            ("", 3),
            (str(merger.old), 2),
            (str(world.tra_cu), 1),
            (f"nay-{world.tra_cu}", 3),
            ("gì đó", 3),
        )
        if f"{count} hồ sơ" in words_of(officer.open(f"/ho-so?unit={unit}").text)
    }
    assert len(shown) == 5
    assert own not in officer.open(f"/ho-so?unit={merger.old}").text
    assert own in officer.open(f"/ho-so?unit={world.tra_cu}").text


def test_the_figures_of_an_ended_unit_stand_at_todays_when_asked(
    client: FlaskClient, session: Session, world: World, merger: SmallMerger
) -> None:
    work.run_waiting(session)
    session.commit()
    officer = sit(client, session, "officer")
    month = "/thong-ke?don-vi=29461@2025-07-01&thang=2025-06"
    assert "không phát sinh hồ sơ nào" in officer.open(month).text
    page = officer.open(f"{month}&nhom=nay").text
    assert "Gom về đơn vị hôm nay" in page
    link = re.search(r'href="([^"]+dong=requested[^"]*)">2<', page)
    assert link is not None
    behind = officer.open(html.unescape(link.group(1)))
    assert words_of(behind.text).count("Xã Ngãi Xuyên") == 2
    assert "nhom=nay" in behind.text
    file = officer.open("/thong-ke/thang.csv?don-vi=29461@2025-07-01&thang=2025-06&nhom=nay")
    assert "-don-vi-nay.csv" in file.headers["Content-Disposition"]
    assert ",2," in file.text
