"""Letters on pages: the whole way of a letter through hands, who may do what, and what a refused form keeps."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from civreg import work
from civreg.accounts.rules import Role
from civreg.letters import service as letters
from civreg.letters.rules import LetterState
from civreg.shared.partial_date import PartialDate
from tests import world as small
from tests.letters.flow import issued, letter_of, state_of, with_officer
from tests.shared.paper_reading import pages as pdf_pages
from tests.shared.paper_reading import words as pdf_words
from tests.web.letter_pages import draft, tabs
from tests.web.staff_browser import Browsers, errors, hidden
from tests.world import BIRTH, MARRIAGE, World

NOT_FOUND = "Không tìm thấy thư này ở đơn vị của ông/bà."
STALE = "Thư vừa có người khác cập nhật. Ông/bà xem lại thư rồi bấm lại; chưa có gì bị mất."
DEATH = replace(
    BIRTH,
    procedure="death_at_home",
    requester_name="Kim Văn Sơn",
    requester_relation="con",
    people=(
        replace(
            BIRTH.people[1],
            role="deceased",
            full_name="Thạch Thị Sa Rinh",
            birth=PartialDate(precision="unknown"),
            sex=None,
        ),
    ),
    event=PartialDate(2026, 11, 12),
)


def moves(session: Session, letter_id: UUID) -> list[str]:
    query = text("SELECT action FROM letter_move WHERE letter_id = :id ORDER BY id")
    return list(session.execute(query, {"id": letter_id}).scalars())


def run_address(page: TestResponse) -> str:
    found = re.search(r'href="(/thu/in/[0-9a-f-]{36})\.pdf"', page.text)
    assert found is not None
    return found.group(1)


def test_a_letter_goes_through_every_hand(session: Session, world: World, browse: Browsers) -> None:
    row = draft(session, world)
    head, clerk, officer = browse("head"), browse("clerk"), browse("officer")

    listed = head.get("/thu")
    assert tabs(listed)["Chờ duyệt"] == 1
    assert f'value="{row.id}:{row.version}"' in listed.text
    unread = head.post("/thu/duyet", {"letter": f"{row.id}:{row.version}"})
    assert (unread.status_code, errors(unread)) == (
        422,
        [
            "Chưa duyệt thư nào. Ông/bà mở đọc ít nhất một thư chúc mừng khai sinh trong các thư đã chọn (bấm vào "
            "tên), rồi duyệt cả chồng."
        ],
    )
    head.get(f"/thu/{row.id}")
    approved = head.post("/thu/duyet", {"letter": f"{row.id}:{row.version}"}, follow=True)
    assert "Đã duyệt 1 thư. Máy cấp số ngay; sau đó thư chờ in." in approved.text
    work.run_waiting(session)

    assert "1 thư chờ in ở 1 xã, phường" in clerk.get("/thu/in").text
    run = clerk.post("/thu/in", {"unit": str(world.tra_cu)}, follow=True)
    address = run_address(run)
    paper = clerk.get(f"{address}.pdf")
    assert paper.mimetype == "application/pdf"
    assert "Kim Sô Khane" in pdf_words(paper.data)
    signed = clerk.post(f"{address}/da-ky", {"letter": str(row.id)}, follow=True)
    assert "Đã ghi 1 thư đã ký, đóng dấu. Bước tiếp theo: giao cho cán bộ đi trao." in signed.text
    pile = f"/thu/giao/{world.tra_cu}"
    given = clerk.post(pile, {"letter": str(row.id), "officer_id": str(world.officer.user_id)}, follow=True)
    assert f"Đã ghi giao 1 thư cho {world.officer.full_name}." in given.text
    sheet = re.search(r'href="([^"]+danh-sach\.pdf[^"]+)"', given.text)
    assert sheet is not None
    listed_on_paper = pdf_words(clerk.get(sheet.group(1).replace("&amp;", "&")).data)
    for expected in ("01/2026", "Kim Sô Khane", world.officer.full_name):
        assert expected in listed_on_paper

    form = officer.get(f"/thu/{row.id}/trao")
    typed = {
        "expected_version": hidden(form, "expected_version"),
        "way": "visit",
        "to_whom": "Thạch Thị Sa Rết",
        "relation": "mẹ của bé",
        "at_day": "16",
        "at_month": "11",
        "at_year": "2026",
        "at_time": "8h00",
    }
    page = officer.post(f"/thu/{row.id}/trao", typed, follow=True)
    assert "Đã ghi: thư đã trao tận tay gia đình." in page.text
    assert "cho <strong>Thạch Thị Sa Rết</strong> (mẹ của bé), tại nhà, trong chuyến đi" in page.text
    for person in (world.head, world.clerk, world.officer):
        assert person.full_name in page.text
    assert state_of(session, row.case_id) == LetterState.HANDED_OVER
    work.run_waiting(session)
    figures = browse("staff").get("/thong-ke?thang=2026-11").text
    assert re.search(r"Chúc mừng khai sinh</th>\s*<td class=\"num\"><a [^>]+>1<", figures)


def test_loading_a_run_again_prints_nothing_twice(session: Session, world: World, browse: Browsers) -> None:
    row = issued(session, world)
    issued(session, world, MARRIAGE)
    clerk = browse("clerk")
    first = clerk.post("/thu/in", {"unit": [str(world.tra_cu), str(world.dai_an)]})
    assert first.status_code == 302
    run = first.headers["Location"]
    papers = {clerk.get(f"{run}.pdf").data for _ in range(2)}
    assert len(papers) == 1
    cover, *sheets = pdf_pages(papers.pop())
    assert len(sheets) == 2
    assert "02 thư, xếp theo chuyến mang đi rồi theo ấp, khóm" in cover
    assert "Nhà sau chùa, Ấp Chợ" in cover
    assert clerk.get(run).status_code == 200
    again = clerk.post("/thu/in", {"unit": str(world.tra_cu)})
    assert again.status_code == 422
    assert errors(again) == [
        "Chưa có thư nào chờ in ở các đơn vị này. Thư in được sau khi lãnh đạo duyệt và máy đã cấp số."
    ]
    assert session.execute(text("SELECT count(*) FROM print_run")).scalar_one() == 1
    assert moves(session, row.id).count("print") == 1


def test_a_reprint_is_written_down_and_keeps_the_number(
    session: Session, world: World, browse: Browsers
) -> None:
    row = issued(session, world)
    clerk = browse("clerk")
    run = clerk.post("/thu/in", {"unit": str(world.tra_cu)}).headers["Location"]
    before = clerk.get(f"{run}.pdf").data
    silent = clerk.post(f"{run}/in-lai", {"reason": " "})
    assert (silent.status_code, errors(silent)) == (422, ["Ông/bà ghi vì sao in lại."])
    page = clerk.post(f"{run}/in-lai", {"reason": "Kẹt giấy"}, follow=True)
    assert "Đã ghi in lại 1 thư, số thư giữ nguyên. Ông/bà mở tệp PDF để in." in page.text
    assert clerk.get(f"{run}.pdf").data == before
    assert moves(session, row.id)[-1] == "reprint"
    assert letter_of(session, row.case_id).number == row.number


def test_one_letter_is_printed_from_its_page(session: Session, world: World, browse: Browsers) -> None:
    row, other = issued(session, world), issued(session, world, MARRIAGE)
    clerk = browse("clerk")
    assert '<button class="btn btn-primary btn-main" type="submit">In thư</button>' in (
        clerk.get(f"/thu/{row.id}").text
    )
    clerk.post("/thu/in", {"unit": str(world.tra_cu), "letter": str(row.id)})
    assert state_of(session, row.case_id) == LetterState.PRINTED
    assert state_of(session, other.case_id) == LetterState.ISSUED
    clerk.post(f"/thu/{row.id}/da-ky", {"expected_version": str(letter_of(session, row.case_id).version)})
    assert state_of(session, row.case_id) == LetterState.SIGNED_SEALED


def test_who_opens_a_letter(session: Session, world: World, browse: Browsers) -> None:
    row = draft(session, world)
    paths = (f"/thu/{row.id}", f"/thu/{row.id}.pdf")
    for person in ("officer", "head", "clerk"):
        assert [browse(person).get(path).status_code for path in paths] == [200, 200]
    for person in ("neighbour", "staff", "administrator", "stranger"):
        browser = browse(person)
        for path in paths:
            answer = browser.get(path)
            assert answer.status_code == 404
            assert "Khane" not in answer.text
    assert NOT_FOUND in browse("neighbour").get(paths[0]).text
    assert "Khane" not in browse("neighbour").get("/thu").text
    assert browse("staff").get("/thu").status_code == 403


@pytest.mark.parametrize(
    ("person", "step", "status"),
    [
        ("officer", "tam-giu", 200),
        ("head", "tam-giu", 200),
        ("clerk", "tam-giu", 404),
        ("officer", "huy", 404),
        ("head", "huy", 200),
        ("neighbour", "tam-giu", 404),
        ("staff", "tam-giu", 404),
        ("officer", "trao", 409),
        ("officer", "mang-ve", 409),
        ("officer", "bo-tam-giu", 409),
    ],
)
def test_the_page_of_a_step_opens_for_whose_step_it_is(
    session: Session, world: World, browse: Browsers, person: str, step: str, status: int
) -> None:
    row = draft(session, world)
    assert browse(person).get(f"/thu/{row.id}/{step}").status_code == status


def test_a_clerk_of_one_commune_prints_nothing_of_another(
    session: Session, world: World, browse: Browsers
) -> None:
    small._user(session, "own.clerk", Role.LETTER_CLERK, world.dai_an, "Kim Thị Thảo")
    row = issued(session, world)
    clerk = browse("own.clerk")
    assert "Không có thư nào chờ in" in clerk.get("/thu/in").text
    refused = clerk.post("/thu/in", {"unit": str(world.tra_cu)})
    assert refused.status_code == 404
    assert "Không có đơn vị này trong phạm vi của ông/bà." in refused.text
    assert clerk.get(f"/thu/giao/{world.tra_cu}").status_code == 404
    run = letters.print_run(session, world.clerk, [world.tra_cu])
    for path in (f"/thu/in/{run.id}", f"/thu/in/{run.id}.pdf"):
        assert clerk.get(path).status_code == 404
    assert clerk.post(f"/thu/in/{run.id}/da-ky", {"letter": str(row.id)}).status_code == 404
    assert state_of(session, row.case_id) == LetterState.PRINTED


def test_a_reason_is_asked_for(session: Session, world: World, browse: Browsers) -> None:
    row = draft(session, world)
    head = browse("head")
    for step in ("tam-giu", "huy"):
        answer = head.post(f"/thu/{row.id}/{step}", {"expected_version": str(row.version), "reason": "  "})
        assert answer.status_code == 422
        assert errors(answer) == ["Ông/bà ghi lý do để người sau hiểu."]
    long = head.post(f"/thu/{row.id}/tam-giu", {"expected_version": str(row.version), "reason": "á" * 10_000})
    assert errors(long) == ["Ô này nhận nhiều nhất 1000 ký tự. Ông/bà ghi ngắn lại."]
    assert "á" * 10_000 in long.text
    assert state_of(session, row.case_id) == LetterState.DRAFT


def test_cancelling_says_what_follows(session: Session, world: World, browse: Browsers) -> None:
    row = issued(session, world)
    head = browse("head")
    page = head.get(f"/thu/{row.id}/huy")
    assert "Số 01/2026 ghi là đã hủy trong sổ thư và không cấp cho thư nào nữa." in page.text
    typed = {"expected_version": hidden(page, "expected_version"), "reason": "Gia đình không muốn nhận"}
    done = head.post(f"/thu/{row.id}/huy", typed, follow=True)
    assert "Số 01/2026 đã hủy trong sổ thư và không cấp lại." in done.text
    assert "Gia đình không muốn nhận" in done.text
    assert state_of(session, row.case_id) == LetterState.CANCELLED


def test_somebody_else_was_first(session: Session, world: World, browse: Browsers) -> None:
    row = draft(session, world)
    letters.hold(session, world.head, row.id, expected_version=row.version, reason="chờ")
    letters.release(session, world.head, row.id, expected_version=row.version + 1)
    officer = browse("officer")
    typed = {"expected_version": str(row.version), "reason": "Bé đang nằm viện 🏥"}
    answer = officer.post(f"/thu/{row.id}/tam-giu", typed)
    assert answer.status_code == 409
    assert errors(answer) == [STALE]
    assert "Bé đang nằm viện 🏥</textarea>" in answer.text
    again = {**typed, "expected_version": hidden(answer, "expected_version")}
    assert "Đã tạm giữ thư." in officer.post(f"/thu/{row.id}/tam-giu", again, follow=True).text


def test_a_stale_letter_refuses_the_whole_pile(session: Session, world: World, browse: Browsers) -> None:
    fresh, stale = draft(session, world), draft(session, world, form=MARRIAGE)
    letters.hold(session, world.officer, stale.id, expected_version=stale.version, reason="chờ")
    pile = [f"{fresh.id}:{fresh.version}", f"{stale.id}:{stale.version}"]
    head = browse("head")
    for row in (fresh, stale):
        head.get(f"/thu/{row.id}")
    answer = head.post("/thu/duyet", {"letter": pile, "state": "draft"})
    assert answer.status_code == 409
    assert errors(answer) == [f"Chưa duyệt thư nào. Thư có tên {stale.names}: {STALE}"]
    assert re.search(rf'value="{fresh.id}:{fresh.version}" data-count="1" checked', answer.text)
    assert state_of(session, fresh.case_id) == LetterState.DRAFT
    nothing = head.post("/thu/duyet", {"state": "draft"})
    assert (nothing.status_code, errors(nothing)) == (422, ["Ông/bà chọn ít nhất một thư để duyệt."])


def test_a_letter_of_another_unit_cannot_be_slipped_into_a_pile(
    session: Session, world: World, browse: Browsers
) -> None:
    row = draft(session, world)
    small._user(session, "other.head", Role.HEAD, world.dai_an, "Sơn Thị Hai")
    answer = browse("other.head").post("/thu/duyet", {"letter": f"{row.id}:{row.version}"})
    assert answer.status_code == 404
    assert state_of(session, row.case_id) == LetterState.DRAFT


@pytest.mark.parametrize(
    ("typed", "sentences"),
    [
        (
            {"way": "", "to_whom": "Thạch Thị Sa Rết", "relation": "mẹ"},
            ["Ông/bà chọn nơi trao thư."],
        ),
        (
            {"to_whom": "", "relation": "mẹ"},
            ["Ông/bà ghi họ tên người nhận thư."],
        ),
        (
            {"to_whom": "Thạch Thị Sa Rết", "relation": ""},
            ["Ông/bà ghi người nhận là gì của gia đình."],
        ),
        (
            {"to_whom": "Thạch Thị Sa Rết", "relation": "mẹ", "at_time": "25:00"},
            ["Ông/bà ghi giờ như 08:30 hoặc 14:00."],
        ),
        (
            {"to_whom": "Thạch Thị Sa Rết", "relation": "mẹ", "at_time": "23:59"},
            ["Thời điểm trao không thể sau bây giờ. Ông/bà ghi lại ngày giờ đã trao."],
        ),
        (
            {"to_whom": "Thạch Thị Sa Rết", "relation": "mẹ", "at_month": "10"},
            ["Thư được cấp số lúc 08:00 ngày 16/11/2026. Ông/bà ghi thời điểm trao sau đó."],
        ),
    ],
)
def test_handing_over_says_what_to_put_right(
    session: Session, world: World, browse: Browsers, typed: dict[str, str], sentences: list[str]
) -> None:
    row = with_officer(session, world)
    day = {"at_day": "16", "at_month": "11", "at_year": "2026", "at_time": "08:00"}
    sent = {"expected_version": str(row.version), "way": "visit", **day, **typed}
    answer = browse("officer").post(f"/thu/{row.id}/trao", sent)
    assert answer.status_code == 422
    assert errors(answer) == sentences
    for value in (sent["to_whom"], sent["relation"], sent["at_time"]):
        assert not value or f'value="{value}"' in answer.text
    assert hidden(answer, "expected_version") == str(row.version)
    assert state_of(session, row.case_id) == LetterState.WITH_OFFICER


def test_a_letter_comes_back_and_goes_out_again(session: Session, world: World, browse: Browsers) -> None:
    row = with_officer(session, world)
    officer, clerk = browse("officer"), browse("clerk")
    silent = officer.post(f"/thu/{row.id}/mang-ve", {"expected_version": str(row.version)})
    assert errors(silent) == ["Ông/bà ghi vì sao chưa trao được."]
    reason = unicodedata.normalize("NFD", "Nhà không có ai")
    sent = {"expected_version": str(row.version), "reason": reason}
    back = officer.post(f"/thu/{row.id}/mang-ve", sent, follow=True)
    assert "Đã ghi: thư mang về, chờ giao lại." in back.text
    assert "Nhà không có ai" in back.text
    pile = clerk.get(f"/thu/giao/{world.tra_cu}?letter={row.id.hex}")
    assert re.search(rf'value="{row.id}" data-count="1" checked', pile.text)
    again = clerk.post(
        pile_path := f"/thu/giao/{world.tra_cu}", {"letter": str(row.id), "other_name": "Sơn Vũ"}
    )
    assert again.status_code == 302
    assert moves(session, row.id)[-2:] == ["return", "give_to_officer"]
    nobody = clerk.post(pile_path, {"letter": str(row.id), "officer_id": "x"})
    assert errors(nobody) == ["Ông/bà chọn cán bộ nhận thư, hoặc ghi họ tên người khác."]


def test_the_list_to_sign_is_printed_before_giving(session: Session, world: World, browse: Browsers) -> None:
    row = issued(session, world)
    letters.print_run(session, world.clerk, [world.tra_cu])
    letters.sign_many(session, world.clerk, [row.id])
    clerk, path = browse("clerk"), f"/thu/giao/{world.tra_cu}/danh-sach.pdf"
    assert re.search(r"<td[^>]*>1</td>", clerk.get("/thu/giao").text)
    paper = clerk.post(path, {"letter": str(row.id), "officer_id": str(world.officer.user_id)})
    assert paper.mimetype == "application/pdf"
    read = pdf_words(paper.data)
    for expected in ("DANH SÁCH GIAO, NHẬN THƯ", "Kim Sô Khane", world.officer.full_name):
        assert expected in read
    assert state_of(session, row.case_id) == LetterState.SIGNED_SEALED
    empty = clerk.post(path, {"other_name": "Sơn Vũ"})
    assert (empty.status_code, errors(empty)) == (422, ["Ông/bà chọn ít nhất một thư để giao."])
    assert 'value="Sơn Vũ"' in empty.text
    assert browse("neighbour").post(path, {"letter": str(row.id)}).status_code == 404


def test_the_head_reads_one_letter_and_approves_it(session: Session, world: World, browse: Browsers) -> None:
    row = draft(session, world)
    head, path = browse("head"), f"/thu/{row.id}/duyet"
    page = head.get(f"/thu/{row.id}")
    assert "Kính gửi: Chị Thạch Thị Sa Rết và anh Kim Văn Sơn" in page.text
    stale = head.post(path, {"expected_version": "0"})
    assert (stale.status_code, errors(stale)) == (409, [STALE])
    done = head.post(path, {"expected_version": hidden(stale, "expected_version")}, follow=True)
    assert "Máy đang cấp số và lập tờ thư. Ông/bà tải lại trang sau ít giây." in done.text
    twice = head.post(path, {"expected_version": str(letter_of(session, row.case_id).version)})
    assert errors(twice) == [
        "Thư đang ở bước “Đã duyệt, chờ cấp số” nên chưa làm được việc “Duyệt thư”. "
        "Ông/bà mở lại thư để xem bước tiếp theo."
    ]
    work.run_waiting(session)
    assert "số 01/2026" in head.get(f"/thu/{row.id}").text


def test_a_mother_alone_is_asked_about(session: Session, world: World, browse: Browsers) -> None:
    row = draft(session, world, people=BIRTH.people[:2])
    assert row.state == LetterState.HELD
    officer = browse("officer")
    page = officer.get(f"/thu/{row.id}/bo-tam-giu")
    assert "Hồ sơ không có tên cha: chọn thư gửi “mẹ và bé” hoặc hủy thư." in page.text
    assert 'name="mother_and_child"' in page.text
    assert 'name="honorific"' not in page.text
    sent = {"expected_version": str(row.version), "mother_and_child": "1"}
    assert "Đã bỏ tạm giữ. Thư chờ lãnh đạo duyệt." in (
        officer.post(f"/thu/{row.id}/bo-tam-giu", sent, follow=True).text
    )
    assert state_of(session, row.case_id) == LetterState.DRAFT


def test_a_condolence_asks_how_the_deceased_is_called_and_stays_quiet(
    session: Session, world: World, browse: Browsers
) -> None:
    row = draft(session, world, form=DEATH)
    officer = browse("officer")
    unsaid = "Lời thư hiện ra sau khi ông/bà chọn cách xưng hô với người đã mất (bấm “Bỏ tạm giữ”)."
    assert unsaid in officer.get(f"/thu/{row.id}").text
    preview = officer.get(f"/thu/{row.id}.pdf")
    assert (preview.status_code, preview.mimetype) == (422, "text/html")
    assert 'name="honorific"' in officer.get(f"/thu/{row.id}/bo-tam-giu").text
    answer = officer.post(f"/thu/{row.id}/bo-tam-giu", {"expected_version": str(row.version)})
    assert errors(answer) == [
        "Ông/bà chọn cách xưng hô với người đã mất (cụ, ông, bà, anh, chị, cháu) rồi bỏ tạm giữ."
    ]
    sent = {"expected_version": hidden(answer, "expected_version"), "honorific": "bà"}
    page = officer.post(f"/thu/{row.id}/bo-tam-giu", sent, follow=True)
    assert "Đã bỏ tạm giữ." in page.text
    assert "bà Thạch Thị Sa Rinh" in page.text
    for loud in ("notice-done", "state-done", "state-work", "notice-warning", "!</"):
        assert loud not in page.text
    assert "state-plain" in page.text


def test_without_consent_a_letter_is_not_released(session: Session, world: World, browse: Browsers) -> None:
    row = draft(session, world, letter_consent="later")
    answer = browse("officer").post(f"/thu/{row.id}/bo-tam-giu", {"expected_version": str(row.version)})
    assert answer.status_code == 422
    assert errors(answer) == [
        "Gia đình chưa đồng ý nhận thư. Ông/bà hỏi gia đình, ghi câu trả lời vào hồ sơ, rồi bỏ tạm giữ."
    ]
    assert f"/ho-so/{row.case_id}/sua" in answer.text
