from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.cases.test_copy_card import DEATH
from tests.web.officer_site import Desk, landed, now, sit
from tests.world import BIRTH, MARRIAGE, World, ask, receive

COMPARE = "Ông/bà đối chiếu lại với phần mềm hộ tịch."
SCREEN = "Quyển số: 01/2026-KS\nSố định danh: 084326012345\nSố: 123/2026\nNgày đăng ký: 16/11/2026"


@pytest.fixture
def dossier(session: Session, world: World) -> UUID:
    case_id = ask(session, world).case_id
    receive(session, world, case_id)
    session.commit()
    return case_id


def test_the_card_has_each_field_read_only_with_its_button(desk: Desk, dossier: UUID) -> None:
    assert f'href="/ho-so/{dossier}/the-chep"' in desk.open(f"/ho-so/{dossier}").text
    page = desk.open(f"/ho-so/{dossier}/the-chep").text
    assert 'id="o-1" type="text" value="KIM SÔ KHANE" readonly' in page
    assert 'data-copy="o-1" data-name="Họ, chữ đệm, tên" hidden>Chép</button>' in page
    assert page.index('value="KIM SÔ KHANE"') < page.index('value="02/11/2026"') < page.index('value="Nữ"')
    assert 'data-name="cả thẻ" hidden>Chép cả thẻ</button>' in page
    assert "NGƯỜI ĐƯỢC KHAI SINH\nHọ, chữ đệm, tên: KIM SÔ KHANE" in page
    assert "độ chắc chắn C" in page
    assert "Mỗi ô đã khóa, chỉ để chép" in page


def test_what_is_missing_leads_to_where_it_is_typed(desk: Desk, dossier: UUID) -> None:
    page = desk.open(f"/ho-so/{dossier}/the-chep").text
    assert f'Chưa ghi trong hồ sơ. <a href="/ho-so/{dossier}/sua#mother.residence">Ghi thêm' in page
    assert f'Chưa có <a href="/ho-so/{dossier}/so-dang-ky">Ghi thêm' in page
    assert 'id="mother.residence"' in desk.open(f"/ho-so/{dossier}/sua").text
    assert f'href="/ho-so/{dossier}/so-dang-ky">Đã nhập xong, ghi số</a>' in page


@pytest.mark.parametrize("form", [BIRTH, MARRIAGE], ids=["birth", "marriage"])
def test_every_link_of_the_card_leads_to_a_box(
    session: Session, world: World, desk: Desk, form: object
) -> None:
    nobody = tuple(replace(person, full_name="A", residence="") for person in form.people)  # type: ignore[attr-defined]
    case_id = ask(session, world, form, people=nobody, hamlet="", place_of_event="").case_id  # type: ignore[arg-type]
    session.commit()
    page = desk.open(f"/ho-so/{case_id}/the-chep").text
    boxes = {part.partition('"')[0] for part in page.split(f"/ho-so/{case_id}/sua#")[1:]}
    assert boxes
    edit = desk.open(f"/ho-so/{case_id}/sua").text
    assert [box for box in boxes if f'id="{box}"' not in edit] == []


def test_a_cause_of_death_that_is_missing_leads_to_where_it_is_typed(
    session: Session, world: World, desk: Desk
) -> None:
    case_id = ask(session, world, DEATH).case_id
    receive(session, world, case_id)
    session.commit()
    page = desk.open(f"/ho-so/{case_id}/the-chep").text
    assert f'href="/ho-so/{case_id}/hoan-canh#cause">Ghi thêm' in page
    assert 'id="cause"' in desk.open(f"/ho-so/{case_id}/hoan-canh").text
    desk.fill(f"/ho-so/{case_id}/hoan-canh", {"cause": "Bệnh già"})
    assert 'value="Bệnh già" readonly' in desk.open(f"/ho-so/{case_id}/the-chep").text


def test_the_card_is_for_the_own_unit_s_officer(
    client: FlaskClient, session: Session, world: World, dossier: UUID
) -> None:
    path = f"/ho-so/{dossier}/the-chep"
    assert sit(client, session, "head").open(path).status_code == 200
    assert sit(client, session, "neighbour").open(path).status_code == 404
    assert sit(client, session, "stranger").open(path).status_code == 404
    assert client.application.test_client().get(path).headers["Location"].startswith("/dang-nhap?")


def test_what_nobody_types_again_has_no_card(session: Session, world: World, desk: Desk) -> None:
    tax = replace(BIRTH, procedure="construction_tax_support", people=(), event=None)
    case_id = ask(session, world, tax).case_id
    receive(session, world, case_id)
    session.commit()
    answer = desk.open(f"/ho-so/{case_id}/the-chep")
    assert answer.status_code == 404
    assert "Việc này không nhập vào phần mềm hộ tịch nên không có thẻ chép." in answer.text
    assert "/the-chep" not in desk.open(f"/ho-so/{case_id}").text


def test_pasting_fills_the_boxes_and_saves_nothing(
    session: Session, world: World, desk: Desk, dossier: UUID
) -> None:
    path = f"/ho-so/{dossier}/so-dang-ky"
    read = desk.fill(path, {"pasted": SCREEN, "go": "read"})
    assert read.status_code == 200
    assert (
        "Đã điền các số đọc được vào ô. Ông/bà xem lại từng ô rồi bấm “Lưu số”; chưa có gì được lưu."
        in read.text
    )
    assert now(session, world, dossier).state == "dossier_received"
    form = desk.form_in(read, path)
    assert {name: form.fields[name] for name in form.fields if name.startswith(("register", "personal"))} == {
        "register_number": "123/2026",
        "register_book": "01/2026-KS",
        "registered_on_day": "16",
        "registered_on_month": "11",
        "registered_on_year": "2026",
        "personal_number": "084326012345",
    }
    assert form.fields["pasted"] == ""
    default = read.text.index('tabindex="-1" aria-hidden="true">Lưu số</button>')  # what Enter presses
    assert default < read.text.index('name="go" value="read"')
    assert landed(desk.send(form)) == f"/ho-so/{dossier}"
    page = now(session, world, dossier)
    assert (page.state, page.codes["register_book"]) == ("awaiting_signature", "01/2026-KS")


def test_pasting_keeps_what_was_typed_and_says_what_is_odd(desk: Desk, dossier: UUID) -> None:
    path = f"/ho-so/{dossier}/so-dang-ky"
    typed = {"pasted": "Số định danh 086199012345", "go": "read", "register_number": "7/2026"}
    read = desk.fill(path, typed)
    assert 'value="7/2026"' in read.text
    assert f"Hai chữ số năm sinh trong số định danh khác năm sinh đã ghi. {COMPARE}" in read.text
    assert f"Chữ số thế kỷ trong số định danh khác thế kỷ của năm sinh. {COMPARE}" in read.text
    nothing = desk.fill(path, {"pasted": "<script>alert(1)</script>", "go": "read"})
    assert "Chưa đọc được số nào trong đoạn dán. Ông/bà ghi vào từng ô." in nothing.text
    assert "<script>alert" not in nothing.text
    assert "Đã điền các số đọc được vào ô" not in nothing.text


def test_a_number_of_another_length_is_a_question_and_no_wall(
    session: Session, world: World, desk: Desk, dossier: UUID
) -> None:
    path = f"/ho-so/{dossier}/so-dang-ky"
    asked = desk.fill(path, {"register_number": "1/2026", "personal_number": "08432601234"})
    assert asked.status_code == 422
    assert "Số định danh: ông/bà ghi đủ 12 chữ số như phần mềm hộ tịch trả về." in asked.text
    assert "Phần mềm hộ tịch cấp đúng số này, vẫn lưu" in asked.text
    form = desk.form_in(asked, path)
    assert landed(desk.send(form, personal_number_as_given="1")) == f"/ho-so/{dossier}"
    assert f"Số định danh có 11 chữ số, không phải 12. {COMPARE}" in desk.open(f"/ho-so/{dossier}").text
    assert now(session, world, dossier).state == "awaiting_signature"


def test_the_day_of_the_software_is_offered_for_the_signature(desk: Desk, dossier: UUID) -> None:
    typed = {"register_number": "1/2026", "personal_number": "084326012345"}
    day = {"registered_on_day": "13", "registered_on_month": "11", "registered_on_year": "2026"}
    desk.fill(f"/ho-so/{dossier}/so-dang-ky", {**typed, **day})
    form = desk.form(f"/ho-so/{dossier}/da-ky")
    assert (form.fields["signed_at_day"], form.fields["signed_at_time"]) == ("13", "")
    future = desk.fill(f"/ho-so/{dossier}/da-ky", {"signed_at_day": "17", "signed_at_time": "8:00"})
    assert future.status_code == 422


def test_a_day_that_has_not_come_is_refused_at_its_box(desk: Desk, dossier: UUID) -> None:
    day = {"registered_on_day": "17", "registered_on_month": "11", "registered_on_year": "2026"}
    answer = desk.fill(f"/ho-so/{dossier}/so-dang-ky", {"register_number": "1/2026", **day})
    assert answer.status_code == 422
    assert "Ngày này chưa đến. Ông/bà ghi ngày không muộn hơn 16/11/2026." in answer.text
    assert 'value="1/2026"' in answer.text


def test_a_card_opened_before_somebody_else_s_step_saves_nothing(
    session: Session, world: World, desk: Desk, client: FlaskClient, dossier: UUID
) -> None:
    form = desk.form(f"/ho-so/{dossier}/so-dang-ky")
    other = sit(client, session, "head")
    other.fill(f"/ho-so/{dossier}/cho-so-dinh-danh", {"register_number": ""})
    stale = desk.send(form, register_number="5/2026", personal_number="084326012345")
    assert stale.status_code == 409
    assert "Hồ sơ vừa có thay đổi" in stale.text
    assert 'value="5/2026"' in stale.text
    assert now(session, world, dossier).state == "personal_number_pending"
