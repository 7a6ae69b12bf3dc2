"""A case in two hands, and in hands that may not: stale pages, merged changes, other units, planted fields; the list."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from urllib.parse import parse_qsl, unquote_plus, urlsplit
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.cases.service.moves import STALE
from civreg.shared import clock
from tests.web.officer_site import Desk, all_papers, landed, now, sit
from tests.world import MARRIAGE, MONDAY, World, ask, receive, register, version


def test_a_stale_step_comes_back_with_what_was_typed(
    client: FlaskClient, session: Session, world: World, desk: Desk, case_id: UUID
) -> None:
    path = f"/ho-so/{case_id}/nhan-ho-so"
    form = desk.form(path)
    head = sit(client, session, "head")
    assert landed(head.fill(f"/ho-so/{case_id}", to="/da-goi")) == f"/ho-so/{case_id}"
    papers = all_papers(session, world, case_id)
    stale = desk.send(form, **papers, place="office", received_at_time="07:45")
    assert stale.status_code == 409
    assert STALE in stale.text
    again = desk.form_in(stale, path)
    assert (again.fields["place"], again.fields["received_at_time"]) == ("office", "07:45")
    assert papers.items() <= again.fields.items()
    assert again.fields["expected_version"] == str(version(session, world, case_id))
    with clock.travelling(MONDAY + timedelta(minutes=1)):
        assert landed(desk.send(again, received_at_time="08:00")) == f"/ho-so/{case_id}"
    assert now(session, world, case_id).reception_place == "office"


def test_a_step_that_does_not_fit_any_more_says_where_the_case_stands(
    client: FlaskClient, session: Session, world: World, desk: Desk, case_id: UUID
) -> None:
    form = desk.form(f"/ho-so/{case_id}/dong/decline_home_service")
    head = sit(client, session, "head")
    head.fill(f"/ho-so/{case_id}/dong/withdraw", {"reason": "Đã làm ở nơi khác"})
    answer = desk.send(form, reason="Nhà quá xa, mời đến trụ sở")
    assert answer.status_code == 409
    assert "Hồ sơ đang ở bước “Gia đình rút yêu cầu” nên chưa làm được việc “Mời đến trụ sở”." in answer.text
    assert "Nhà quá xa, mời đến trụ sở" in answer.text
    assert f'href="/ho-so/{case_id}"' in answer.text


def test_the_form_of_a_step_that_does_not_fit_leads_back(desk: Desk, case_id: UUID) -> None:
    for page in ("nhan-bo-sung", "cho-so-dinh-danh", "so-dang-ky", "da-ky", "tra-ket-qua"):
        assert landed(desk.open(f"/ho-so/{case_id}/{page}")) == f"/ho-so/{case_id}"
        assert "nên chưa làm được việc" in desk.open(f"/ho-so/{case_id}").text


def test_a_call_noted_on_a_stale_page_shows_what_is_new(
    client: FlaskClient, session: Session, world: World, desk: Desk, case_id: UUID
) -> None:
    form = desk.form(f"/ho-so/{case_id}", "/da-goi")
    sit(client, session, "head").fill(f"/ho-so/{case_id}/sua", {"note": "Nhà có chó"})
    assert landed(desk.send(form)) == f"/ho-so/{case_id}"
    shown = desk.open(f"/ho-so/{case_id}").text
    assert STALE in shown
    assert "Nhà có chó" in shown
    assert now(session, world, case_id).called_at is None


def test_two_people_s_changes_are_merged_and_said(
    client: FlaskClient, session: Session, world: World, desk: Desk, case_id: UUID
) -> None:
    path = f"/ho-so/{case_id}/sua"
    form = desk.form(path)
    sit(client, session, "head").fill(path, {"address": "Nhà số 5"})
    assert landed(desk.send(form, note="Gọi buổi chiều")) == f"/ho-so/{case_id}"
    assert (
        "Đã lưu. Trong lúc đó người khác đã sửa: địa chỉ; các ô ấy được giữ nguyên."
        in desk.open(f"/ho-so/{case_id}").text
    )
    fields = now(session, world, case_id).fields
    assert (fields["address"], fields["note"]) == ("Nhà số 5", "Gọi buổi chiều")


def test_the_same_field_shows_both_values_and_loses_nothing(
    client: FlaskClient, session: Session, world: World, desk: Desk, case_id: UUID
) -> None:
    path = f"/ho-so/{case_id}/sua"
    form = desk.form(path)
    sit(client, session, "head").fill(
        path, {"child.full_name": "Kim Sô Khanh", "child.sex": "male", "address": "Nhà số 5"}
    )
    clash = desk.send(
        form, **{"child.full_name": "Kim Sô Kha", "note": "Gọi buổi chiều", "hamlet": "Ấp Leng"}
    )
    assert clash.status_code == 409
    assert "Người khác vừa sửa cùng một ô" in clash.text
    assert "Trẻ được khai sinh: họ và tên" in clash.text
    assert "Người khác đã ghi: <strong>Kim Sô Khanh</strong>" in clash.text
    assert "Ông/bà ghi: <strong>Kim Sô Kha</strong>" in clash.text
    again = desk.form_in(clash, path)
    assert again.fields["child.full_name"] == "Kim Sô Kha"
    assert again.fields["note"] == "Gọi buổi chiều"
    assert again.fields["address"] == "Nhà số 5", "what only the other changed is theirs"
    assert landed(desk.send(again)) == f"/ho-so/{case_id}"
    fields = now(session, world, case_id).fields
    assert (fields["child.full_name"], fields["child.sex"]) == ("Kim Sô Kha", "male")
    assert (fields["address"], fields["note"], fields["hamlet"]) == ("Nhà số 5", "Gọi buổi chiều", "Ấp Leng")


def test_a_mistake_on_a_stale_form_does_not_undo_the_other_s_change(
    client: FlaskClient, session: Session, world: World, desk: Desk, case_id: UUID
) -> None:
    path = f"/ho-so/{case_id}/sua"
    form = desk.form(path)
    sit(client, session, "head").fill(path, {"address": "Nhà số 5"})
    wrong = desk.send(form, **{"requester.phone": "12"})
    assert wrong.status_code == 422
    assert (
        landed(desk.send(desk.form_in(wrong, path), **{"requester.phone": "0987654321"}))
        == f"/ho-so/{case_id}"
    )
    fields = now(session, world, case_id).fields
    assert (fields["address"], fields["requester.phone"]) == ("Nhà số 5", "0987654321")


def test_a_case_that_ended_meanwhile_is_not_changed(
    client: FlaskClient, session: Session, world: World, desk: Desk, case_id: UUID
) -> None:
    path = f"/ho-so/{case_id}/sua"
    form = desk.form(path)
    sit(client, session, "head").fill(f"/ho-so/{case_id}/dong/withdraw", {"reason": "Đã làm ở nơi khác"})
    answer = desk.send(form, note="Gọi buổi chiều")
    assert answer.status_code == 409
    assert "Hồ sơ đã kết thúc nên không sửa được nữa." in answer.text
    assert "Gọi buổi chiều" in answer.text
    assert landed(desk.open(path)) == f"/ho-so/{case_id}"


# who may not, and what nobody may


def test_another_unit_s_case_is_not_there(
    client: FlaskClient, session: Session, world: World, case_id: UUID
) -> None:
    receive(session, world, case_id)
    session.commit()
    neighbour = sit(client, session, "neighbour")
    for page in ("", "/sua", "/nhan-ho-so", "/bo-sung", "/dong/withdraw", "/phieu-hen.pdf"):
        assert neighbour.open(f"/ho-so/{case_id}{page}").status_code == 404
    for page in ("/sua", "/da-goi", "/ma-tra-cuu", "/bo-sung", "/dong/withdraw", "/dong/refuse"):
        answer = neighbour.post(f"/ho-so/{case_id}{page}", {"expected_version": "2", "reason": "x", "before.note": "", "note": "x"})  # fmt: skip
        assert answer.status_code in (403, 404), page
        assert "Khane" not in answer.text
    assert "Kim Sô Khane" not in neighbour.open("/ho-so").text
    assert "Kim Sô Khane" not in neighbour.search("khane").text


@pytest.mark.parametrize("person", ["clerk", "staff", "administrator", "stranger"])
def test_others_have_no_business_here(
    client: FlaskClient, session: Session, world: World, case_id: UUID, person: str
) -> None:
    other = sit(client, session, person)
    for path in ("/ban-lam-viec", "/ho-so", "/ho-so/moi", "/lich-den-nha"):
        assert other.open(path).status_code == 403
    for path in ("", "/sua", "/phieu-hen.pdf", "/lich-den-nha"):
        assert other.open(f"/ho-so/{case_id}{path}").status_code == 404


def test_fields_nobody_offered_change_nothing(
    session: Session, world: World, desk: Desk, case_id: UUID
) -> None:
    row = "SELECT number, code, year, state, current_unit_id, received_unit_id, procedure, requested_at, promised_on, officer_id, id, keep_for_call FROM case_file"
    before = session.execute(text(row)).one()
    planted = {
        "unit_id": str(world.dai_an), "current_unit_id": str(world.dai_an), "state": "delivered", "number": "99",
        "code": "X-1", "id": str(case_id), "promised_on": "2020-01-01", "procedure": "death_at_home",
        "officer_id": str(world.neighbour.user_id), "version": "77", "callback_only": "1", "keep_for_call": "x",
    }  # fmt: skip
    hidden = {f"before.{name}": "" for name in planted}
    answer = desk.fill(f"/ho-so/{case_id}/sua", {**planted, **hidden, "note": "Chỉ ô này"})
    assert landed(answer) == f"/ho-so/{case_id}"
    session.expire_all()
    assert session.execute(text(row)).one() == before
    assert now(session, world, case_id).fields["note"] == "Chỉ ô này"
    made = desk.fill("/ho-so/moi", {
        **planted, "procedure": "birth_at_home", "requester_name": "Danh Thị Lan", "unit_id": str(world.dai_an),
    })  # fmt: skip
    assert made.status_code == 422
    assert "Ông/bà chọn đơn vị." in made.text


# finding


def test_the_list_finds_by_name_without_accents_code_and_phone(
    session: Session, world: World, desk: Desk, case_id: UUID
) -> None:
    ask(session, world, MARRIAGE)
    session.commit()
    for typed in ("khane", "kim so khane", "sarết", "29461-26-00001", "0912345678"):
        shown = desk.search(typed).text
        assert "1 hồ sơ" in shown, typed
        assert "Kim Sô Khane" in shown, typed
    assert "Không có hồ sơ nào" in desk.search("không có ai").text
    assert "1 hồ sơ" in desk.open("/ho-so?procedure=marriage_mobile").text
    assert "2 hồ sơ" in desk.open("/ho-so?state=khong-co&procedure=x&after=hỏng~").text
    assert landed(desk.open("/ho-so/ma/29461-26-00001")) == f"/ho-so/{case_id}"
    assert landed(desk.open("/ho-so/ma/29461-26-09999")) == "/ho-so"


def test_what_is_searched_for_never_stands_in_an_address(
    client: FlaskClient, session: Session, world: World, desk: Desk, case_id: UUID
) -> None:
    for _ in range(3):
        ask(session, world)
    session.commit()
    for typed in ("Kim Sô Khane", "0912 345 678", "084326012345"):
        led = desk.fill("/ho-so", {"q": typed, "state": "requested"}, to="/ho-so/tim").headers["Location"]
        assert [name for name, _ in parse_qsl(urlsplit(led).query)] == ["tim", "state"]
        assert not re.search("khane|0912|0843|345", unquote_plus(led).casefold()), led
        assert f'value="{typed}"' in desk.open(led).text
    quick = desk.fill("/ban-lam-viec", {"q": "khane"}, to="/ho-so/tim").headers["Location"]
    assert "4 hồ sơ" in desk.open(quick).text
    colleague = sit(client, session, "head")
    assert 'value="khane"' not in colleague.open(quick).text, "an address that was passed on tells nothing"
    by_hand = desk.open("/ho-so?q=0912345678&state=requested")
    assert (by_hand.status_code, "0912345678" in by_hand.headers["Location"]) == (302, False)
    assert "4 hồ sơ" in desk.open(by_hand.headers["Location"]).text
    assert "4 hồ sơ" in desk.open("/ho-so?tim=hỏng").text


def test_a_long_list_goes_on_where_it_stopped(session: Session, world: World, desk: Desk) -> None:
    for number in range(52):
        ask(session, world, requester_name="Danh Thị Lan", key=f"many-{number}")
    session.commit()
    first = desk.search("danh thi lan").text
    assert "52 hồ sơ" in first
    assert first.count('<th scope="row">') == 50
    link = html.unescape(first).split('aria-label="Trang"', 1)[1].split('href="', 1)[1].split('"', 1)[0]
    rest = desk.open(link).text
    assert rest.count('<th scope="row">') == 2
    assert "Xem tiếp" not in rest


def test_the_registered_case_offers_the_second_visit(
    session: Session, world: World, desk: Desk, case_id: UUID
) -> None:
    receive(session, world, case_id)
    register(session, world, case_id)
    session.commit()
    shown = desk.open(f"/ho-so/{case_id}").text
    assert "Hẹn đến trả kết quả" in shown
    assert "đúng hẹn" in shown
    assert "Số định danh" in shown
