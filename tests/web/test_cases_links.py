"""Cases of one family and circumstances on pages: twins, marriage first, recognition, under a day, the cause."""

from __future__ import annotations

import html
from dataclasses import replace
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg import work
from civreg.cases.queries import links_of
from civreg.cases.rules import PersonForm
from civreg.letters.rules import LetterState
from civreg.shared.partial_date import PartialDate
from tests.cases.test_circumstances import DEATH
from tests.letters.flow import letter_of
from tests.web.officer_site import Desk, all_papers, landed, now, sit
from tests.world import BIRTH, MARRIAGE, World, ask, receive, register


def read(desk: Desk, path: str) -> str:
    """Return a page's text as a person reads it: entities resolved, white space single."""
    answer = desk.open(path)
    assert answer.status_code == 200, path
    return " ".join(html.unescape(answer.text).split())


def test_an_officer_adds_a_twin_and_both_pages_show_one_another(
    session: Session, world: World, desk: Desk, case_id: UUID
) -> None:
    assert "Chưa nối với hồ sơ nào." in read(desk, f"/ho-so/{case_id}")
    typed = {"child.full_name": "Kim Sô Phia", "sex": "female", "birth_paper_number": "02.GCS.26"}
    assert landed(desk.fill(f"/ho-so/{case_id}/be-sinh-doi", typed)) == f"/ho-so/{case_id}"
    page = read(desk, f"/ho-so/{case_id}")
    assert "Đã ghi thêm bé; cha mẹ, chỗ ở và chuyến hẹn lấy theo hồ sơ này." in page
    assert "Bé sinh cùng lần:" in page
    assert "Mỗi bé một hồ sơ, một giấy khai sinh. Cả lần sinh có một thư chúc mừng ghi tên các bé." in page
    [tie] = links_of(session, world.officer, case_id)
    twin = read(desk, f"/ho-so/{tie.case_id}")
    assert f'href="/ho-so/{case_id}"' in twin
    assert "Kim Sô Phia" in twin
    assert now(session, world, tie.case_id).fields["birth_paper_number"] == "02.GCS.26"


def test_a_name_that_cannot_be_one_keeps_what_was_typed(
    session: Session, world: World, desk: Desk, case_id: UUID
) -> None:
    typed = {"child.full_name": "Kim Sô 2", "birth_paper_number": "02.GCS.26"}
    answer = desk.fill(f"/ho-so/{case_id}/be-sinh-doi", typed)
    assert answer.status_code == 422
    said = html.unescape(answer.text)
    assert said.count("Trẻ được khai sinh: ông/bà chỉ ghi bằng chữ cái, bỏ ký hiệu “2”.") == 2
    assert 'value="Kim Sô 2"' in said
    assert 'value="02.GCS.26"' in said
    assert links_of(session, world.officer, case_id) == []


def test_the_twin_s_form_sent_twice_makes_one_baby(
    session: Session, world: World, desk: Desk, case_id: UUID
) -> None:
    form = desk.form(f"/ho-so/{case_id}/be-sinh-doi")
    desk.send(form, **{"child.full_name": "Kim Sô Phia", "sex": "female"})
    again = desk.send(form, **{"child.full_name": "Kim Sô Phia", "sex": "female"})
    assert again.status_code == 409
    assert "Hồ sơ vừa có người khác cập nhật." in again.text
    assert len(links_of(session, world.officer, case_id)) == 1


def test_the_one_letter_of_twins_is_shown_on_both_pages(
    session: Session, world: World, desk: Desk, case_id: UUID
) -> None:
    desk.fill(f"/ho-so/{case_id}/be-sinh-doi", {"child.full_name": "Kim Sô Phia", "sex": "female"})
    [tie] = links_of(session, world.officer, case_id)
    for one in (case_id, tie.case_id):
        receive(session, world, one)
        register(session, world, one)
        work.run_waiting(session)
    session.commit()
    letter = letter_of(session, case_id)
    assert letter.state is LetterState.DRAFT
    page = read(desk, f"/ho-so/{tie.case_id}")
    assert f'href="/thu/{letter.id}"' in page
    assert "thư chung, ở hồ sơ" in page
    assert "hai cháu Kim Sô Khane và Kim Sô Phia" in read(desk, f"/thu/{letter.id}")


def test_parents_who_marry_first_have_both_done_in_order(
    session: Session, world: World, desk: Desk, case_id: UUID
) -> None:
    path = f"/ho-so/{case_id}/ket-hon-truoc"
    assert "Từ lúc ghi, khai sinh chỉ ghi số và ký được sau khi kết hôn đã đăng ký." in read(desk, path)
    assert landed(desk.fill(path)) == f"/ho-so/{case_id}"
    page = read(desk, f"/ho-so/{case_id}")
    assert "Kết hôn của cha mẹ, làm trước:" in page
    assert path not in page
    receive(session, world, case_id)
    session.commit()
    refused = desk.fill(f"/ho-so/{case_id}/so-dang-ky", {"register_number": "9/2026"})
    assert refused.status_code == 409
    [tie] = links_of(session, world.officer, case_id)
    assert f"Cha mẹ kết hôn trước: hồ sơ {tie.code} chưa đăng ký xong." in html.unescape(refused.text)
    assert 'value="9/2026"' in refused.text
    unlink = f"/ho-so/{case_id}/lien-quan/{tie.case_id}/bo"
    assert "Khai sinh không chờ kết hôn nữa." in read(desk, unlink)
    assert landed(desk.fill(unlink)) == f"/ho-so/{case_id}"
    register(session, world, case_id)
    assert now(session, world, case_id).state == "registered"
    assert desk.open(unlink).status_code == 404


def test_two_cases_are_tied_by_number_and_a_wrong_one_is_said_at_the_field(
    session: Session, world: World, desk: Desk, case_id: UUID
) -> None:
    path = f"/ho-so/{case_id}/lien-quan"
    empty = html.unescape(desk.fill(path).text)
    assert empty.count("Ông/bà chọn hai hồ sơ nối với nhau thế nào.") == 2
    assert empty.count("Ông/bà ghi mã của hồ sơ kia.") == 2
    wrong = desk.fill(path, {"kind": "mother_and_child", "code": "H86.XX"})
    assert wrong.status_code == 422
    sentence = "Không có hồ sơ mang mã này ở đơn vị của ông/bà. Ông/bà xem lại mã."
    assert html.unescape(wrong.text).count(sentence) == 2
    assert 'value="H86.XX"' in wrong.text
    death = ask(session, world, DEATH)
    session.commit()
    assert landed(desk.fill(path, {"kind": "mother_and_child", "code": death.code})) == f"/ho-so/{case_id}"
    assert "Mọi thư của hai hồ sơ được giữ lại để lãnh đạo đơn vị quyết định." in read(
        desk, f"/ho-so/{case_id}"
    )


def test_recognition_is_noted_before_the_reception_and_changes_the_promise(
    session: Session, world: World, desk: Desk, case_id: UUID
) -> None:
    reception = f"/ho-so/{case_id}/nhan-ho-so"
    assert "Phải xác minh thêm" not in read(desk, reception)
    path = f"/ho-so/{case_id}/hoan-canh"
    assert "hẹn 03 ngày làm việc, 08 ngày khi phải xác minh (chưa xác nhận văn bản)." in read(desk, path)
    refused = desk.fill(path, {"evidence": "two_witnesses", "witness_1": "Sơn Văn Hai"})
    assert refused.status_code == 422
    sentence = "Người làm chứng thứ 2: ông/bà ghi họ, chữ đệm và tên, ví dụ Thạch Thị Sa Rết."
    assert html.unescape(refused.text).count(sentence) == 2
    assert 'value="Sơn Văn Hai"' in html.unescape(refused.text)
    typed = {"evidence": "two_witnesses", "witness_1": "Sơn Văn Hai", "witness_2": "Trần Thị Ba"}
    assert landed(desk.fill(path, typed)) == f"/ho-so/{case_id}"
    words = "văn bản cam đoan, có hai người làm chứng: Sơn Văn Hai, Trần Thị Ba."
    assert words in read(desk, f"/ho-so/{case_id}")
    assert words in read(desk, reception)
    assert "Phải xác minh thêm" in read(desk, reception)
    desk.fill(reception, all_papers(session, world, case_id))
    page = read(desk, f"/ho-so/{case_id}")
    assert "Hẹn trả kết quả: <strong>19/11/2026</strong>" in page
    assert "Khai sinh kết hợp nhận cha, mẹ, con nên có thời hạn riêng." in page
    settled = read(desk, path)
    assert "Khai sinh kết hợp nhận cha, mẹ, con?" not in settled
    assert "Hồ sơ đã nhận: điều đã quyết định giấy tờ và ngày hẹn giữ như lúc nhận." in settled
    assert landed(desk.fill(path, {"lived_under_a_day": "1"})) == f"/ho-so/{case_id}"
    assert words in read(desk, f"/ho-so/{case_id}")
    late = desk.fill(path, {"evidence": ""})
    assert late.status_code == 422
    assert "Hồ sơ đã nhận: giấy tờ và ngày hẹn đã ghi theo điều này nên không đổi được nữa." in html.unescape(
        late.text
    )


def test_an_abandoned_child_is_received_without_a_mother(session: Session, world: World, desk: Desk) -> None:
    case_id = ask(session, world, people=BIRTH.people[:1], requester_relation="người nuôi dưỡng").case_id
    session.commit()
    reception = f"/ho-so/{case_id}/nhan-ho-so"
    assert "Trước khi nhận hồ sơ, ông/bà ghi họ tên: mẹ." in read(desk, reception)
    desk.fill(f"/ho-so/{case_id}/hoan-canh", {"abandoned": "1"})
    page = read(desk, reception)
    assert "Trước khi nhận hồ sơ, ông/bà ghi họ tên" not in page
    assert "Biên bản về việc trẻ bị bỏ rơi, do xã hoặc công an lập." in page
    assert "Giấy chứng sinh do bệnh viện" not in page
    assert landed(desk.fill(reception, all_papers(session, world, case_id))) == f"/ho-so/{case_id}"


def test_a_baby_of_less_than_a_day_waits_for_the_parents_word(
    session: Session, world: World, desk: Desk, case_id: UUID
) -> None:
    path, reception = f"/ho-so/{case_id}/hoan-canh", f"/ho-so/{case_id}/nhan-ho-so"
    desk.fill(path, {"lived_under_a_day": "1"})
    asks = "Chưa hỏi cha mẹ có yêu cầu đăng ký không: hỏi trước khi nhận hồ sơ."
    assert asks in read(desk, f"/ho-so/{case_id}")
    refused = desk.fill(reception, all_papers(session, world, case_id))
    assert refused.status_code == 422
    assert (
        "Bé sống chưa đủ 24 giờ thì chỉ đăng ký khi cha mẹ có yêu cầu (Bộ luật Dân sự 2015, điều 30 khoản 3)."
        in html.unescape(refused.text)
    )
    desk.fill(path, {"registration_asked": "yes"})
    assert "Cha mẹ có yêu cầu đăng ký." in read(desk, f"/ho-so/{case_id}")
    assert landed(desk.fill(reception, all_papers(session, world, case_id))) == f"/ho-so/{case_id}"


def test_the_cause_of_death_shows_on_the_case_page_only(
    session: Session, world: World, desk: Desk, client: FlaskClient
) -> None:
    case_id = ask(session, world, DEATH).case_id
    session.commit()
    desk.fill(f"/ho-so/{case_id}/hoan-canh", {"cause": "bệnh tim"})
    before = session.execute(text("SELECT count(*) FROM read_log WHERE what = 'cause_of_death'")).scalar_one()
    page = read(desk, f"/ho-so/{case_id}")
    assert "Nguyên nhân mất: bệnh tim" in page
    assert "Mất tại nhà: xã tự cấp giấy báo tử, không hỏi gia đình." in page
    assert '<dt>Giờ mất</dt> <dd class="value">khoảng 03 giờ</dd>' in page
    after = session.execute(text("SELECT count(*) FROM read_log WHERE what = 'cause_of_death'")).scalar_one()
    assert after == before + 1
    for path in ("/ho-so", "/ban-lam-viec", f"/ho-so/{case_id}/nhan-ho-so"):
        assert "bệnh tim" not in read(desk, path)
    neighbour = sit(client, session, "neighbour")
    for path in ("", "/hoan-canh", "/lien-quan"):
        assert neighbour.open(f"/ho-so/{case_id}{path}").status_code == 404


def test_only_the_head_is_asked_whether_mother_and_child_share_a_letter(
    session: Session, world: World, client: FlaskClient, desk: Desk
) -> None:
    mother = replace(
        DEATH, people=(PersonForm("deceased", "Thạch Thị Sa Rết", birth=PartialDate(1998), sex="female"),)
    )
    child = replace(DEATH, people=(PersonForm("deceased", "Kim Sô Ly", birth=PartialDate(2026), sex="male"),))
    first, second = ask(session, world, mother), ask(session, world, child)
    session.commit()
    typed = {"kind": "mother_and_child", "code": second.code}
    assert landed(desk.fill(f"/ho-so/{first.case_id}/lien-quan", typed)) == f"/ho-so/{first.case_id}"
    for one in (first, second):
        receive(session, world, one.case_id)
        register(session, world, one.case_id)
        work.run_waiting(session)
    session.commit()
    letter = letter_of(session, first.case_id)
    path = f"/thu/{letter.id}/bo-tam-giu"
    question = "Một thư chia buồn chung, ghi cả Kim Sô Ly"
    assert question not in read(desk, path)
    head = sit(client, session, "head")
    assert question in read(head, path)
    forced = desk.fill(path, {"together": "1"})
    assert forced.status_code == 403
    assert letter_of(session, second.case_id).state is LetterState.HELD
    assert landed(head.fill(path, {"together": "1"})) == f"/thu/{letter.id}"
    assert "chị Thạch Thị Sa Rết và cháu Kim Sô Ly đã qua đời" in read(head, f"/thu/{letter.id}")
    assert letter_of(session, second.case_id).state is LetterState.CANCELLED
    assert "Thư chung ở hồ sơ" in read(head, f"/thu/{letter_of(session, second.case_id).id}")


def test_a_deadline_that_cannot_be_counted_says_so(session: Session, world: World, desk: Desk) -> None:
    birth = ask(session, world, event=None, people=(BIRTH.people[1],)).case_id
    death = ask(session, world, DEATH, event=None).case_id
    session.commit()
    assert "Chưa tính được hạn của gia đình vì chưa rõ ngày sinh." in read(desk, f"/ho-so/{birth}")
    assert "Chưa tính được hạn của gia đình vì chưa rõ ngày mất." in read(desk, f"/ho-so/{death}")


def test_a_procedure_without_ties_or_circumstances_has_no_such_pages(
    session: Session, world: World, desk: Desk
) -> None:
    marriage = ask(session, world, MARRIAGE).case_id
    session.commit()
    for path in ("be-sinh-doi", "ket-hon-truoc", "hoan-canh"):
        assert desk.open(f"/ho-so/{marriage}/{path}").status_code == 404
    assert desk.open(f"/ho-so/{marriage}/lien-quan").status_code == 200


@pytest.mark.parametrize("path", ["be-sinh-doi", "ket-hon-truoc", "lien-quan", "hoan-canh"])
def test_a_stranger_is_sent_to_the_sign_in(client: FlaskClient, case_id: UUID, path: str) -> None:
    answer = client.get(f"/ho-so/{case_id}/{path}")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/dang-nhap?")
