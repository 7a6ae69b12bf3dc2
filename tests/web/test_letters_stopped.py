"""Letters that stop between approval and the printer, on pages: the clerk reads why, the head decides or replaces."""

from __future__ import annotations

import re

from sqlalchemy.orm import Session

from civreg.cases import service as cases
from civreg.letters import queries, service
from civreg.letters.rules import LetterState
from tests.letters.flow import issued, letter_of, state_of
from tests.letters.test_annulled import close_correction, open_correction
from tests.letters.test_rechecked import NEAR, death_in_family
from tests.shared.paper_reading import pages as pdf_pages
from tests.web.staff_browser import Browsers, errors, hidden
from tests.world import MARRIAGE, World, version


def test_the_clerk_is_told_which_letters_stop_and_the_head_lets_one_go(
    session: Session, world: World, browse: Browsers
) -> None:
    row = issued(session, world)
    death_in_family(session, world)
    clerk, head = browse("clerk"), browse("head")
    assert "1 thư chờ in ở 1 xã, phường" in clerk.get("/thu/in").text
    none = clerk.post("/thu/in", {"unit": str(world.tra_cu)})
    assert (none.status_code, errors(none)) == (
        409,
        [
            "Chưa in thư nào: 1 thư dừng lại vì có việc mới sau khi duyệt, chờ lãnh đạo đơn vị quyết định. Ông/bà mở danh "
            "sách thư dừng lại để xem từng lý do."
        ],
    )
    assert "1 thư dừng lại, chờ lãnh đạo quyết định, không vào đợt in." in none.text
    assert "Không có thư nào chờ in" in none.text
    listed = head.get("/thu?can=dung-lai")
    assert f"/thu/{row.id}" in listed.text
    assert NEAR in listed.text
    assert "1 thư đã có số phải dừng lại, chờ lãnh đạo quyết định." in head.get("/thu").text
    page = head.get(f"/thu/{row.id}")
    assert f"<strong>Dừng lại trước khi đi tiếp:</strong> {NEAR}" in page.text
    assert ">In thư</button>" not in clerk.get(f"/thu/{row.id}").text
    assert "Chờ lãnh đạo đơn vị quyết định." in clerk.get(f"/thu/{row.id}").text
    form = head.get(f"/thu/{row.id}/cho-di-tiep")
    typed = {"expected_version": hidden(form, "expected_version"), "reason": ""}
    silent = head.post(f"/thu/{row.id}/cho-di-tiep", typed)
    assert (silent.status_code, errors(silent)) == (422, ["Ông/bà ghi vì sao thư vẫn đi tiếp."])
    done = head.post(f"/thu/{row.id}/cho-di-tiep", {**typed, "reason": "Gia đình vẫn muốn nhận"}, follow=True)
    assert "Đã ghi: thư đi tiếp như cũ." in done.text
    assert "Gia đình vẫn muốn nhận" in done.text
    clerk.post("/thu/in", {"unit": str(world.tra_cu)})
    assert state_of(session, row.case_id) == LetterState.PRINTED


def test_the_rest_of_the_run_is_printed_and_says_what_stayed_behind(
    session: Session, world: World, browse: Browsers
) -> None:
    joy, other = issued(session, world), issued(session, world, MARRIAGE)
    death_in_family(session, world)
    run = browse("clerk").post("/thu/in", {"unit": str(world.tra_cu), "double_sided": "1"}, follow=True)
    assert "1 thư dừng lại vì có việc mới sau khi duyệt, chờ lãnh đạo đơn vị quyết định." in run.text
    assert "1 thư trong một tệp có bìa" in run.text
    assert "xếp trang để in hai mặt" in run.text
    assert (joy.names in run.text, other.names in run.text) == (False, True)
    address = re.search(r'href="(/thu/in/[0-9a-f-]{36}\.pdf)"', run.text)
    assert address is not None
    assert [bool(page.strip()) for page in pdf_pages(browse("clerk").get(address.group(1)).data)] == [
        True,
        False,
        True,
        False,
    ]


def test_a_corrected_letter_is_replaced_from_its_page(
    session: Session, world: World, browse: Browsers
) -> None:
    row = issued(session, world)
    service.print_run(session, world.clerk, [world.tra_cu])
    open_correction(session, world, row.case_id)
    close_correction(session, world, row.case_id, mother="Thạch Thị Sa Rên")
    head = browse("head")
    page = head.get(f"/thu/{row.id}")
    assert "<strong>Lời thư là lời cũ:</strong> đăng ký đã sửa sai sót sau khi thư có số." in page.text
    assert "Đăng ký đã sửa sai sót: lời thư là lời cũ." in head.get("/thu?state=printed").text
    form = head.get(f"/thu/{row.id}/thay")
    assert "Số 01/2026 ghi là đã hủy trong sổ thư." in form.text
    assert "Ông/bà giữ lại và hủy tờ đã in." in form.text
    typed = {"expected_version": hidden(form, "expected_version"), "reason": "Đã sửa tên mẹ"}
    assert browse("officer").post(f"/thu/{row.id}/thay", typed).status_code == 404
    done = head.post(f"/thu/{row.id}/thay", typed, follow=True)
    assert "Đã hủy số cũ và soạn thư mới theo đăng ký đã sửa." in done.text
    link = re.search(
        r'Thư này đã được thay bằng <a href="(/thu/[0-9a-f-]{36})">thư mới chưa có số</a>', done.text
    )
    assert link is not None
    new = head.get(link.group(1))
    assert "Thạch Thị Sa Rên" in new.text
    assert f'Thư này thay cho <a href="/thu/{row.id}">thư số 01/2026</a>' in new.text
    session.expire_all()
    assert {one.state for one in queries.letters_of_case(session, world.head, row.case_id)} == {
        LetterState.CANCELLED,
        LetterState.DRAFT,
    }
    book = head.get(f"/thu/so/{world.tra_cu}").text
    assert "Đã sửa tên mẹ. Thay bằng thư mới chưa có số" in book


def test_a_pile_leaves_out_what_is_stopped(session: Session, world: World, browse: Browsers) -> None:
    row = issued(session, world)
    service.print_run(session, world.clerk, [world.tra_cu])
    service.sign_many(session, world.clerk, [row.id])
    clerk = browse("clerk")
    assert row.names in clerk.get(f"/thu/giao/{world.tra_cu}").text
    open_correction(session, world, row.case_id)
    close_correction(session, world, row.case_id, mother="Thạch Thị Sa Rên")
    assert row.names not in clerk.get(f"/thu/giao/{world.tra_cu}").text
    assert "Không có thư nào chờ giao" in clerk.get("/thu/giao").text
    assert letter_of(session, row.case_id).state is LetterState.SIGNED_SEALED


def test_a_letter_the_family_no_longer_wants_is_only_cancelled(
    session: Session, world: World, browse: Browsers
) -> None:
    row = issued(session, world)
    cases.change_case(
        session,
        world.officer,
        row.case_id,
        expected_version=version(session, world, row.case_id),
        before={"letter_consent": "yes"},
        sent={"letter_consent": "no"},
    )
    clerk, head = browse("clerk"), browse("head")
    assert clerk.post("/thu/in", {"unit": str(world.tra_cu)}).status_code == 409
    page = head.get(f"/thu/{row.id}").text
    assert "Gia đình đã trả lời lại là không nhận thư: hủy thư." in page
    assert f'<a class="btn btn-primary btn-main" href="/thu/{row.id}/huy">Hủy thư</a>' in page
    assert "Cho thư đi tiếp" not in page


def test_the_counts_name_each_step_and_leave_out_what_did_not_happen(
    session: Session, world: World, browse: Browsers
) -> None:
    issued(session, world)
    page = " ".join(browse("head").get("/thu/so-lieu").text.split())
    assert '<span class="cell-name">Đã duyệt </span>1</td>' in page
    assert '<span class="cell-name">Đã in </span>' not in page


def test_the_month_of_the_counts_is_chosen_in_words(session: Session, world: World, browse: Browsers) -> None:
    issued(session, world)
    page = browse("head").get("/thu/so-lieu?thang=2026-10")
    assert page.status_code == 200
    assert '<option value="2026-10" selected>Tháng 10 năm 2026</option>' in page.text
    assert '<option value="2026-11">Tháng 11 năm 2026</option>' in page.text
    assert "Chưa có thư nào trong kỳ này" in page.text
    wrong = browse("head").get("/thu/so-lieu?thang=11")
    assert wrong.status_code == 422
    assert "Địa chỉ trang ghi một tháng không có. Ông/bà chọn tháng trong danh sách." in wrong.text
    assert '<option value="2026-11" selected>Tháng 11 năm 2026</option>' in wrong.text
