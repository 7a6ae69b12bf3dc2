"""Words, paper and signers on pages: a text from draft to use, and forms that keep what was typed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from civreg import work
from civreg.letters.rules import LetterKind, hard_cases
from civreg.shared import clock
from tests.letters.flow import letter_of, registered
from tests.shared.paper_reading import words as pdf_words
from tests.web.staff_browser import StaffBrowser, errors, hidden
from tests.world import MONDAY, World, build_world

Browsers = Callable[[str], StaffBrowser]
TEXT = "[Tiêu đề]\nTHƯ MỪNG\n[Kính gửi]\nKính gửi: {Cha mẹ}\n[Lời thư]\n{đơn vị} mừng {các cháu}."
STARTS = {"starts_on_day": "16", "starts_on_month": "11", "starts_on_year": "2026"}


@pytest.fixture
def world(session: Session) -> Iterator[World]:
    with clock.travelling(MONDAY):
        yield build_world(session)


@pytest.fixture
def browse(client: FlaskClient, session: Session, world: World) -> Browsers:
    return lambda username: StaffBrowser(client, session, username)


def test_a_text_goes_from_draft_to_the_letter(session: Session, world: World, browse: Browsers) -> None:
    row = letter_of(session, registered(session, world))
    clerk, head, officer = browse("clerk"), browse("head"), browse("officer")
    address = f"/thu/loi-van/soan/{world.tra_cu}/congratulation_birth/vi"
    start = clerk.get(address)
    assert "{Cha mẹ}" in start.text
    assert "Thư đang chờ: Kim Sô Khane" in start.text
    wrong = clerk.post(address, {"body": TEXT.replace("{đơn vị}", "{xa}")})
    assert wrong.status_code == 422
    assert errors(wrong)[0].startswith("Lời thư có chỗ điền lạ {xa}. Ông/bà dùng một trong:")
    assert "{xa} mừng" in wrong.text
    tried = clerk.post(address, {"body": TEXT, "preview": "1"})
    assert "Dùng được cho cả 8 ca." in tried.text
    kept = clerk.post(address, {"body": TEXT}, follow=True)
    assert "Đã lưu bản nháp. Lãnh đạo đơn vị đọc rồi duyệt ở trang này." in kept.text
    assert "Chờ lãnh đạo đơn vị đọc và duyệt." in kept.text
    made = kept.request.path
    assert "THƯ CHÚC MỪNG" in officer.get(f"/thu/{row.id}").text
    done = head.post(f"{made}/duyet", {"expected_version": "1"}, follow=True)
    assert "Đã duyệt lời thư. Thư cấp số từ bây giờ dùng bản này." in done.text
    assert "Bản 1 của Xã Trà Cú" in officer.get("/thu/loi-van").text
    assert "THƯ MỪNG" in officer.get(f"/thu/{row.id}").text
    sheet = officer.get(f"{made}/sinh-doi.pdf")
    assert "xã Trà Cú mừng hai cháu Sơn Bảo An và Sơn Bảo Anh." in pdf_words(sheet.data)
    stale = head.post(f"{made}/thoi-dung", {"expected_version": "1"})
    assert stale.status_code == 409
    head.post(f"{made}/thoi-dung", {"expected_version": "2"})
    assert "THƯ CHÚC MỪNG" in officer.get(f"/thu/{row.id}").text


def test_khmer_is_approved_with_the_name_of_its_reader_only(
    session: Session, world: World, browse: Browsers
) -> None:
    row = letter_of(session, registered(session, world))
    head, officer = browse("head"), browse("officer")
    refused = officer.post(
        f"/thu/{row.id}/ngon-ngu", {"expected_version": str(row.version), "language": "vi_km"}
    )
    assert refused.status_code == 422
    assert errors(refused) == [
        "Chưa có lời thư song ngữ Việt – Khmer đã duyệt cho dịp này. Ông/bà chọn thư tiếng Việt, "
        "hoặc nhờ người đọc tiếng Khmer duyệt ở trang Lời thư."
    ]
    name = "congratulation_birth.vi_km.1.txt"
    body = (work.LETTER_TEMPLATES / name).read_text("utf-8")
    made = head.post(
        f"/thu/loi-van/soan/{world.tra_cu}/congratulation_birth/vi_km", {"body": body}, follow=True
    )
    assert "Bản nháp: phần chữ Khmer chưa có người đọc duyệt nên chưa dùng để in." in made.text
    path = made.request.path
    nobody = head.post(f"{path}/duyet", {"expected_version": "1", "reader": " "})
    assert errors(nobody) == [
        "Ghi họ tên người đọc tiếng Khmer đã đọc và đồng ý với phần chữ Khmer.",
        "Ghi chức vụ hoặc công việc của người đọc, ví dụ giáo viên Ngữ văn Khmer.",
    ]
    sheet = f"{path}/{hard_cases(LetterKind.CONGRATULATION_BIRTH)[0].key}.pdf"
    assert "Bản nháp, chưa có người đọc tiếng Khmer duyệt" in pdf_words(head.get(sheet).data)
    assert "Bản nháp: phần chữ Khmer chưa có người đọc duyệt." in head.get(path).text
    agreed = {"reader": "Kim Thị Sô Phia", "reader_role": "giáo viên Ngữ văn Khmer"}
    head.post(f"{path}/duyet", {"expected_version": "1", **agreed})
    assert "Kim Thị Sô Phia, giáo viên Ngữ văn Khmer" in head.get(path).text
    assert "Bản nháp" not in head.get(path).text
    assert "Bản nháp" not in pdf_words(head.get(sheet).data)
    chosen = officer.post(
        f"/thu/{row.id}/ngon-ngu",
        {"expected_version": str(row.version), "language": "vi_km"},
        follow=True,
    )
    assert "Đã lưu ngôn ngữ của thư." in chosen.text
    assert "Tiếng Việt và tiếng Khmer" in chosen.text
    found = "".join(pdf_words(officer.get(f"/thu/{row.id}.pdf").data).replace("\u200b", "").split())
    assert "លិខិតអបអរសាទរ" in found


def test_a_layout_is_set_and_a_wrong_one_keeps_what_was_typed(world: World, browse: Browsers) -> None:
    clerk = browse("clerk")
    address = f"/thu/mau-giay/{world.tra_cu}/congratulation_birth"
    typed = {
        **STARTS,
        "size": "folded",
        "border": "lotus",
        "show_number": "1",
        "receivers": "Như trên\nLưu: VT",
        "right_mm": "hai",
    }
    wrong = clerk.post(address, typed)
    assert errors(wrong) == ["Ghi số mi-li-mét như 2 hoặc 2,5; dời ngược lại thì thêm dấu trừ, như -1,5."]
    assert 'value="hai"' in wrong.text
    assert "Lưu: VT" in wrong.text
    assert errors(clerk.post(address, {**typed, "right_mm": "31"})) == [
        "Dời nhiều nhất 30 mm. Đo lại trên tờ in thử."
    ]
    done = clerk.post(address, {**typed, "right_mm": "-2,5"}, follow=True)
    assert "Đã đặt mẫu giấy. Ông/bà xem tờ in thử trước khi in thư thật." in done.text
    told = "A4 gấp đôi thành thiệp (in hai mặt, có bìa), khung hoa sen, có Số, có Nơi nhận, dời phải -2,5 mm, xuống 0 mm"
    assert told in done.text
    paper = pdf_words(clerk.get(f"{address}.pdf").data)
    assert "Nơi nhận:" in paper
    assert "Số: ......" in paper


def test_the_head_sets_who_signs(world: World, browse: Browsers) -> None:
    head = browse("head")
    address = f"/thu/mau-giay/{world.tra_cu}/nguoi-ky"
    wrong = head.post(address, {**STARTS, "way": "by_order", "name": "Kiên Thị Ngọc"})
    assert errors(wrong) == ["Ghi chức vụ của người ký, ví dụ Chánh Văn phòng."]
    assert 'value="Kiên Thị Ngọc"' in wrong.text
    done = head.post(
        address,
        {**STARTS, "way": "by_order", "name": "Kiên Thị Ngọc", "position": "Chánh Văn phòng"},
        follow=True,
    )
    for said in ("Đã đặt người ký thư.", "TL. CHỦ TỊCH", "CHÁNH VĂN PHÒNG", "Kiên Thị Ngọc"):
        assert said in done.text
    assert hidden(head.get(address), "csrf_token")
