"""Pages at the door: the reason for a mobile registration, pen or thumb, both parties of a marriage."""

from __future__ import annotations

import html
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from civreg.accounts import service as accounts
from civreg.accounts.rules import SYSTEM, Role
from civreg.cases.rules import ONE_PARTY
from civreg.cases.rules.eligibility import NO_REASON, NOT_DECIDED, NOT_EXPLAINED
from tests.shared.paper_reading import words
from tests.web.officer_site import Desk, all_papers, landed, now, sit
from tests.web.staff_browser import errors
from tests.world import BIRTH, MARRIAGE, REFORM, World, ask, receive, register

HEALTH = "Mẹ bị liệt hai chân"


@pytest.fixture
def mobile(session: Session, world: World) -> UUID:
    note = "Lý do đăng ký tại nhà: Có người khuyết tật hoặc đau ốm, không đi được."
    case_id = ask(session, world, BIRTH, procedure="birth_mobile", note=note).case_id
    session.commit()
    return case_id


@pytest.fixture
def marriage(session: Session, world: World) -> UUID:
    case_id = ask(session, world, MARRIAGE).case_id
    receive(session, world, case_id)
    register(session, world, case_id)
    session.commit()
    return case_id


def test_the_officer_says_at_the_door_why_it_is_mobile_and_who_pressed_a_thumb(
    session: Session, world: World, desk: Desk, mobile: UUID
) -> None:
    path = f"/ho-so/{mobile}"
    papers = all_papers(session, world, mobile)
    form = desk.form(f"{path}/nhan-ho-so")
    assert form.fields["signing.requester.way"] == "signature"
    assert "eligibility" not in form.fields, "nobody's reason is chosen for her"
    shown = desk.open(f"{path}/nhan-ho-so").text
    assert "Gia đình đã nói: Lý do đăng ký tại nhà: Có người khuyết tật hoặc đau ốm" in shown
    assert "Thông tư số 04/2020/TT-BTP điều 24 khoản 1" in shown
    typed = {
        **papers,
        "eligibility_note": HEALTH,
        "signing.requester.way": "thumb_print",
        "signing.requester.witness": "Kim Văn Sơn",
    }
    refused = desk.send(form, **typed)
    assert refused.status_code == 422
    read_back = "Người yêu cầu: ông/bà đọc lại cho nghe trước khi điểm chỉ, rồi đánh dấu “Đã đọc lại”."
    assert errors(refused) == [NO_REASON, read_back]
    for field, sentence in (("eligibility", NO_REASON), ("signing.requester.read_back", read_back)):
        assert f'id="{field}-error"><span class="visually-hidden">Lỗi: </span>{sentence}' in refused.text
    kept = desk.form_in(refused, f"{path}/nhan-ho-so")
    assert {name: kept.fields[name] for name in typed} == typed
    taken = desk.send(kept, eligibility="parents_unable", **{"signing.requester.read_back": "1"})
    assert landed(taken) == path
    shown = desk.open(path).text
    assert "Cha mẹ khuyết tật, ốm đau không đi đăng ký khai sinh cho con được." in shown
    assert "(Thông tư số 04/2020/TT-BTP điều 24 khoản 1)" in shown
    assert HEALTH in shown
    sentence = "Tờ khai: đã đọc lại cho ông/bà Thạch Thị Sa Rết nghe, điểm chỉ, người chứng Kim Văn Sơn."
    assert sentence in shown
    assert sentence in words(desk.open(f"{path}/phieu-hen.pdf").data)


def test_the_office_s_own_decision_names_who_and_why(
    session: Session, world: World, desk: Desk, mobile: UUID
) -> None:
    path = f"/ho-so/{mobile}"
    papers = all_papers(session, world, mobile)
    refused = desk.fill(f"{path}/nhan-ho-so", {**papers, "eligibility": "decided_locally"})
    assert refused.status_code == 422
    assert errors(refused) == [NOT_DECIDED, NOT_EXPLAINED]
    told = {
        "eligibility_decided_by": "Nguyễn Văn Lâm, Chủ tịch",
        "eligibility_note": "Nước lên, đò nghỉ chạy",
    }
    kept = desk.form_in(refused, f"{path}/nhan-ho-so")
    assert kept.fields["eligibility"] == "decided_locally"
    assert landed(desk.send(kept, **told)) == path
    shown = desk.open(path).text
    for wanted in ("Nguyễn Văn Lâm, Chủ tịch", "Nước lên, đò nghỉ chạy", "điều 24 khoản 2"):
        assert wanted in shown


def test_reason_and_signing_are_put_right_until_it_is_registered(
    session: Session, world: World, desk: Desk, mobile: UUID
) -> None:
    path = f"/ho-so/{mobile}"
    early = desk.open(f"{path}/tai-nha")
    assert landed(early) == path
    assert "Hồ sơ chưa nhận đủ giấy tờ hoặc đã đăng ký xong" in desk.open(path).text
    receive(session, world, mobile)
    session.commit()
    assert "Sửa lý do, chữ ký tờ khai" in desk.open(path).text
    form = desk.form(f"{path}/tai-nha")
    assert (form.fields["eligibility"], form.fields["signing.requester.way"]) == (
        "parents_unable",
        "signature",
    )
    assert landed(desk.send(form, eligibility="parents_held", **{"signing.requester.way": "none"})) == path
    page = now(session, world, mobile)
    assert page.eligibility is not None
    assert (page.eligibility.stated.reason, page.signings) == ("parents_held", ())
    stale = desk.send(form, eligibility="parents_unable")
    assert stale.status_code == 409
    assert "Hồ sơ vừa có người khác cập nhật." in stale.text
    register(session, world, mobile)
    session.commit()
    assert "/tai-nha" not in desk.open(path).text


def test_a_clerk_of_the_counter_reads_no_reason(
    client: FlaskClient, session: Session, world: World, mobile: UUID
) -> None:
    receive(session, world, mobile)
    stranger = world.stranger.user_id
    assert stranger is not None
    accounts.grant_role(session, SYSTEM, stranger, world.tra_cu, Role.INTAKE_CLERK, REFORM)
    session.commit()
    clerk = sit(client, session, "stranger")
    shown = clerk.open(f"/ho-so/{mobile}")
    assert shown.status_code == 200
    assert "khuyết tật, ốm đau không đi đăng ký khai sinh" not in shown.text
    assert clerk.open(f"/ho-so/{mobile}/tai-nha").status_code == 404


def test_a_mobile_result_comes_with_the_register_to_sign(
    session: Session, world: World, desk: Desk, mobile: UUID
) -> None:
    receive(session, world, mobile)
    register(session, world, mobile)
    session.commit()
    path = f"/ho-so/{mobile}"
    form = desk.form(f"{path}/tra-ket-qua")
    assert "Mang theo sổ để người yêu cầu xem và ký" in desk.open(f"{path}/tra-ket-qua").text
    assert 'value="post"' not in desk.open(f"{path}/tra-ket-qua").text
    refused = desk.send(form, **{"signing.requester.way": ""})
    assert refused.status_code == 422
    assert errors(refused) == ["Người yêu cầu: ông/bà chọn ký tên hay điểm chỉ vào sổ hộ tịch."]
    signed = {"signing.requester.way": "thumb_print", "signing.requester.read_back": "1"}
    assert landed(desk.send(form, **signed)) == path
    assert "Sổ hộ tịch: đã đọc lại cho ông/bà Thạch Thị Sa Rết nghe, điểm chỉ." in desk.open(path).text


def test_an_ordinary_result_asks_for_no_register(session: Session, world: World, desk: Desk) -> None:
    case_id = ask(session, world).case_id
    receive(session, world, case_id)
    register(session, world, case_id)
    session.commit()
    shown = desk.open(f"/ho-so/{case_id}/tra-ket-qua").text
    assert "signing." not in shown
    assert 'name="both_present"' not in shown
    assert landed(desk.fill(f"/ho-so/{case_id}/tra-ket-qua", {"place": "post"})) == f"/ho-so/{case_id}"


def test_a_marriage_is_refused_with_one_party_there(
    session: Session, world: World, desk: Desk, marriage: UUID
) -> None:
    path = f"/ho-so/{marriage}"
    refused = desk.fill(f"{path}/tra-ket-qua", {"signing.bride.way": "thumb_print"})
    assert refused.status_code == 422
    assert errors(refused) == [
        ONE_PARTY,
        "Bên nữ: ông/bà đọc lại cho nghe trước khi điểm chỉ, rồi đánh dấu “Đã đọc lại”.",
    ]
    assert now(session, world, marriage).state == "registered"
    kept = desk.form_in(refused, f"{path}/tra-ket-qua")
    assert kept.fields["signing.bride.way"] == "thumb_print"
    both = {"both_present": "1", "signing.bride.read_back": "1"}
    assert landed(desk.send(kept, **both)) == path
    shown = html.unescape(desk.open(path).text)
    assert "Hai bên nam, nữ cùng có mặt khi đăng ký." in shown
    assert "Sổ hộ tịch: ông/bà Trần Văn Út đã ký tên." in shown
    assert "Sổ hộ tịch: đã đọc lại cho ông/bà Sơn Thị Na nghe, điểm chỉ." in shown
