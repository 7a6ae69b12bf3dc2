"""The pages of a case: every step of its way, and every refusal with its sentence."""

from __future__ import annotations

import html
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.cases import service as cases
from civreg.shared import clock
from civreg.shared.partial_date import PartialDate
from tests.shared.paper_reading import words
from tests.web.officer_site import Desk, all_papers, landed, now, sit
from tests.world import MARRIAGE, MONDAY, World, ask, papers_of, receive, version


def seen(answer_text: str) -> str:
    """Return what a reader sees, with character references opened."""
    return html.unescape(answer_text)


# the whole way


def test_a_birth_goes_from_call_to_the_family_s_hands_by_its_pages(
    session: Session, world: World, desk: Desk
) -> None:
    created = desk.fill(
        "/ho-so/moi",
        {"procedure": "birth_at_home", "requester_name": "Thạch Thị Sa Rết", "phone": "0912 345 678"},
    )
    path = landed(created)
    case_id = UUID(path.rpartition("/")[2])
    assert now(session, world, case_id).channel == "phone"
    assert landed(desk.fill(path, to="/da-goi")) == path
    assert "Gia đình chỉ để lại số" in desk.open(path).text
    told = {
        "child.full_name": "Kim Sô Khane", "child.birth_day": "2", "child.birth_month": "11",
        "child.birth_year": "2026", "child.sex": "female", "mother.full_name": "Thạch Thị Sa Rết",
        "mother.birth_year": "1998", "hamlet": "Ấp Chợ", "letter_consent": "later", "interpreter_wanted": "1",
    }  # fmt: skip
    assert landed(desk.fill(f"{path}/sua", told)) == path
    page = now(session, world, case_id)
    assert (page.callback_only, page.fields["mother.sex"], page.fields["interpreter_wanted"]) == (
        False,
        "female",
        "1",
    )
    assert landed(desk.fill(f"{path}/nhan-ho-so", all_papers(session, world, case_id))) == path
    page = now(session, world, case_id)
    assert (page.state, page.promised_on) == ("dossier_received", MONDAY.date())
    shown = desk.open(path).text
    assert "Hẹn trả kết quả: <strong>16/11/2026</strong>" in shown
    assert "Nhận đủ giấy tờ trước 15 giờ ngày 16/11/2026: trả kết quả ngay trong ngày." in shown
    assert landed(desk.fill(f"{path}/cho-so-dinh-danh", {"register_number": "12/2026"})) == path
    assert "Chờ số định danh" in desk.open(path).text
    numbers = desk.form(f"{path}/so-dang-ky")
    assert numbers.fields["register_number"] == "12/2026"
    assert landed(desk.send(numbers, personal_number="084326012345", register_book="01/2026-KS")) == path
    assert landed(desk.fill(f"{path}/da-ky")) == path
    page = now(session, world, case_id)
    assert (page.state, page.on_time, page.codes) == (
        "registered",
        True,
        {"register": "12/2026", "register_book": "01/2026-KS"},
    )
    assert landed(desk.fill(f"{path}/tra-ket-qua", {"place": "office"})) == path
    page = now(session, world, case_id)
    assert (page.state, page.return_place) == ("delivered", "office")
    assert "Sửa, bổ sung thông tin" not in desk.open(path).text


def test_the_same_call_typed_twice_is_one_case(session: Session, desk: Desk) -> None:
    form = desk.form("/ho-so/moi")
    typed = {"procedure": "marriage_mobile", "requester_name": "Trần Văn Út"}
    first, second = desk.send(form, **typed), desk.send(form, **typed)
    assert landed(first) == landed(second)
    other = desk.send(form, **{**typed, "requester_name": "Người khác"})
    assert other.status_code == 422
    assert "Yêu cầu này đã được gửi trước đó với nội dung khác." in other.text
    assert session.execute(text("SELECT count(*) FROM case_file")).scalar_one() == 1


def test_a_request_says_what_is_missing_and_keeps_the_rest(desk: Desk) -> None:
    answer = desk.fill("/ho-so/moi", {"requester_name": "Út 2", "phone": "123", "note": "gọi buổi tối"})
    assert answer.status_code == 422
    assert "Ông/bà chọn việc gia đình cần." in answer.text
    answer = desk.fill(
        "/ho-so/moi",
        {"procedure": "birth_at_home", "requester_name": "Út 2", "phone": "123", "note": "gọi buổi tối"},
    )
    assert answer.status_code == 422
    assert "Người yêu cầu: ông/bà chỉ ghi bằng chữ cái, bỏ ký hiệu “2”." in answer.text
    assert 'href="#phone">Số điện thoại: ông/bà ghi đủ 10 chữ số' in answer.text
    assert 'id="phone-error"' in answer.text
    assert 'value="Út 2"' in answer.text
    assert ">gọi buổi tối</textarea>" in answer.text


# the way back, and what else the case page offers


def test_papers_are_asked_for_once_and_the_clock_pauses(
    session: Session, world: World, desk: Desk, case_id: UUID
) -> None:
    receive(session, world, case_id)
    session.commit()
    path = f"/ho-so/{case_id}"
    nothing = desk.fill(f"{path}/bo-sung", {"reason": "Giấy bị rách"})
    assert nothing.status_code == 422
    assert "Chọn ít nhất một giấy tờ." in nothing.text
    assert ">Giấy bị rách</textarea>" in nothing.text
    first = papers_of(session, world, case_id)[0]
    no_reason = desk.fill(f"{path}/bo-sung", {f"paper.{first}": "1"})
    assert "Ông/bà ghi rõ cần bổ sung gì, vì sao." in no_reason.text
    assert desk.form_in(no_reason, f"{path}/bo-sung").fields[f"paper.{first}"] == "1"
    assert landed(desk.fill(f"{path}/bo-sung", {f"paper.{first}": "1", "reason": "Giấy bị rách"})) == path
    shown = desk.open(path).text
    assert "thời hạn tạm dừng" in shown
    assert "Giấy bị rách" in shown
    missing = desk.fill(f"{path}/nhan-bo-sung")
    assert missing.status_code == 422
    assert "Còn thiếu: " in missing.text
    assert ".." not in missing.text
    assert landed(desk.fill(f"{path}/nhan-bo-sung", {f"paper.{first}": "1"})) == path


@pytest.mark.parametrize(
    ("way", "state", "person"),
    [
        ("decline_home_service", "home_service_declined", "officer"),
        ("withdraw", "withdrawn", "officer"),
        ("refuse", "refused", "head"),
    ],
)
def test_a_case_ends_with_its_reason(
    client: FlaskClient, session: Session, world: World, case_id: UUID, way: str, state: str, person: str
) -> None:
    if way == "refuse":
        receive(session, world, case_id)
        session.commit()
    desk = sit(client, session, person)
    path = f"/ho-so/{case_id}"
    empty = desk.fill(f"{path}/dong/{way}", {"reason": "  "})
    assert empty.status_code == 422
    assert "Ông/bà ghi lý do để gia đình hiểu." in empty.text
    assert landed(desk.fill(f"{path}/dong/{way}", {"reason": "Gia đình đã đến\ntrụ sở"})) == path
    page = now(session, world, case_id)
    assert (page.state, page.closing_reason) == (state, "Gia đình đã đến trụ sở")
    assert "<strong>Lý do:</strong> Gia đình đã đến trụ sở" in desk.open(path).text
    assert f"/dong/{way}" not in desk.open(path).text


def test_a_case_goes_to_the_commune_that_has_the_authority(
    session: Session, world: World, desk: Desk, case_id: UUID
) -> None:
    path = f"/ho-so/{case_id}/dong/transfer"
    unknown = desk.fill(path, {"unit": "Xã Không Có Đâu", "reason": "Cư trú ở nơi khác"})
    assert unknown.status_code == 422
    assert "Không tìm thấy xã, phường này." in unknown.text
    assert 'value="Xã Không Có Đâu"' in unknown.text
    own = desk.fill(path, {"unit": "xã Trà Cú", "reason": "Cư trú ở nơi khác"})
    assert own.status_code == 422
    assert "Chọn xã, phường khác." in own.text
    nearly = desk.fill(path, {"unit": "Dai An", "reason": "Cư trú ở nơi khác"})
    if nearly.status_code == 422:  # offered to choose from
        nearly = desk.send(desk.form_in(nearly, path), unit_code="29491")
    assert landed(nearly) == f"/ho-so/{case_id}"
    page = now(session, world, case_id)
    assert (page.state, page.closing_reason) == ("transferred", "Xã Đại An: Cư trú ở nơi khác")


def test_only_the_head_refuses(desk: Desk, session: Session, world: World, case_id: UUID) -> None:
    receive(session, world, case_id)
    session.commit()
    path = f"/ho-so/{case_id}/dong/refuse"
    assert "Từ chối đăng ký" not in desk.open(f"/ho-so/{case_id}").text
    assert desk.open(path).status_code == 403
    refused = desk.post(path, {"expected_version": str(version(session, world, case_id)), "reason": "Không"})
    assert refused.status_code == 403
    assert now(session, world, case_id).state == "dossier_received"


def test_a_way_of_ending_that_does_not_exist_is_not_found(desk: Desk, case_id: UUID) -> None:
    for way in ("deliver", "sign", "..", "lose_visit"):
        assert desk.open(f"/ho-so/{case_id}/dong/{way}").status_code == 404


def test_the_letter_is_asked_about_with_one_tap(session: Session, world: World, desk: Desk) -> None:
    case_id = ask(session, world, letter_consent=None, interpreter_wanted=True).case_id
    session.commit()
    path = f"/ho-so/{case_id}"
    assert "Gia đình có muốn nhận thư chúc mừng không?" in desk.open(path).text
    form = desk.form(path, "/sua")
    assert [value for name, value in form.buttons if name == "letter_consent"] == ["yes", "no", "later"]
    assert landed(desk.send(form, letter_consent="later")) == path
    assert "Gia đình đã nói trả lời sau." in desk.open(path).text
    assert landed(desk.fill(path, {"letter_consent": "yes"}, to="/sua")) == path
    page = now(session, world, case_id)
    assert (page.fields["letter_consent"], page.fields["interpreter_wanted"]) == ("yes", "1")
    assert "Gia đình có muốn nhận thư" not in desk.open(path).text


def test_a_lost_code_is_read_out_and_the_reading_is_written_down(
    session: Session, world: World, desk: Desk
) -> None:
    receipt = ask(session, world)
    session.commit()
    path = f"/ho-so/{receipt.case_id}"
    for secret in (receipt.tracking_code, receipt.pin):
        assert secret not in desk.open(path).text
    answer = desk.fill(path, to="/ma-tra-cuu")
    assert answer.status_code == 200
    assert receipt.tracking_code in answer.text
    assert f"{receipt.pin[:3]} {receipt.pin[3:]}" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    reads = session.execute(
        text("SELECT actor_id FROM read_log WHERE what = 'tracking_code' AND subject_id = :case"),
        {"case": receipt.case_id},
    ).all()
    assert [row.actor_id for row in reads] == [world.officer.user_id]
    assert desk.open(f"{path}/ma-tra-cuu").status_code == 405


def test_the_slip_says_what_the_family_must_know(session: Session, world: World, desk: Desk) -> None:
    receipt = ask(session, world)
    session.commit()
    path = f"/ho-so/{receipt.case_id}/phieu-hen.pdf"
    early = desk.open(path)
    assert early.status_code == 409
    assert "Giấy hẹn chỉ có từ khi nhận đủ giấy tờ đến khi hồ sơ dừng." in early.text
    receive(session, world, receipt.case_id)
    session.commit()
    answer = desk.open(path)
    assert answer.mimetype == "application/pdf"
    printed = words(answer.data)
    for wanted in (
        receipt.code, "Thạch Thị Sa Rết", "16/11/2026", "Nhận đủ giấy tờ trước 15 giờ ngày 16/11/2026",
        receipt.tracking_code, receipt.pin, "0294 3874 001", "Thạch Thị Mỹ Hạnh", "Giấy khai sinh",
    ):  # fmt: skip
        assert wanted in printed, wanted
    assert desk.open(path).data == answer.data


def test_under_age_is_kept_for_a_call_with_the_day(session: Session, world: World, desk: Desk) -> None:
    people = (MARRIAGE.people[0], MARRIAGE.people[1].__class__(
        "bride", "Sơn Thị Na", birth=PartialDate(2009, 7, 9), sex="female", marriage_ordinal=1
    ))  # fmt: skip
    case_id = ask(session, world, MARRIAGE, people=people).case_id
    session.commit()
    sentence = "Bên nữ (Sơn Thị Na) đủ 18 tuổi từ ngày 9/7/2027; từ ngày đó mới đăng ký kết hôn được."
    assert sentence in desk.open("/ban-lam-viec").text
    shown = desk.open(f"/ho-so/{case_id}").text
    assert "Cần gọi trao đổi:" in shown
    assert sentence in shown
    refused = desk.fill(f"/ho-so/{case_id}/nhan-ho-so", all_papers(session, world, case_id))
    assert refused.status_code == 422
    assert sentence in refused.text
    assert now(session, world, case_id).state == "requested"


def test_a_late_registration_is_labelled_before_and_after_the_papers(
    session: Session, world: World, desk: Desk
) -> None:
    born = PartialDate(2026, 6, 1)
    case_id = ask(session, world, event=born).case_id
    session.commit()
    shown = desk.open(f"/ho-so/{case_id}").text
    assert "Đăng ký quá hạn" in shown
    assert "Vẫn nhận và đăng ký bình thường" in shown
    receive(session, world, case_id)
    session.commit()
    assert now(session, world, case_id).late_registration is True
    assert "Đăng ký quá hạn" in desk.open(f"/ho-so/{case_id}").text


def test_the_phone_number_is_one_tap_away(session: Session, world: World, desk: Desk, case_id: UUID) -> None:
    shown = desk.open(f"/ho-so/{case_id}").text
    assert 'href="tel:0912345678"' in shown
    assert shown.index('href="tel:0912345678"') < shown.index("Người yêu cầu")
    silent = ask(session, world, phone="").case_id
    session.commit()
    shown = desk.open(f"/ho-so/{silent}").text
    assert "tel:" not in shown
    assert "Không có điện thoại" in shown


def test_people_stand_in_the_order_of_the_form(desk: Desk, case_id: UUID) -> None:
    shown = desk.open(f"/ho-so/{case_id}").text
    places = [shown.index(f"<h3>{word}</h3>") for word in ("Trẻ được khai sinh", "Mẹ", "Cha")]
    assert places == sorted(places)


# a form that cannot be used


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"child.birth_month": "13"}, "Tháng"),
        ({"child.birth_day": "31", "child.birth_month": "2"}, "Tháng 2"),
        (
            {"child.full_name": "Khane 😀"},
            "Trẻ được khai sinh: ông/bà chỉ ghi bằng chữ cái, bỏ ký hiệu “😀”.",
        ),
        ({"child.full_name": ""}, "Trẻ được khai sinh: ông/bà ghi họ, chữ đệm và tên"),
        ({"requester.phone": "12"}, "Số điện thoại: ông/bà ghi đủ 10 chữ số"),
        ({"note": "a" * 10_000}, "Ghi chú: ông/bà rút ngắn còn"),
        ({"birth_paper_number": "9" * 61}, "rút ngắn còn 60 chữ (đang có 61 chữ)."),
    ],
)
def test_what_cannot_be_used_stays_in_the_edit_form(
    session: Session, world: World, desk: Desk, case_id: UUID, typed: dict[str, str], sentence: str
) -> None:
    before = now(session, world, case_id)
    answer = desk.fill(f"/ho-so/{case_id}/sua", {**typed, "address": "Nhà mới, cạnh cầu"})
    assert answer.status_code == 422
    assert sentence in seen(answer.text)
    assert 'value="Nhà mới, cạnh cầu"' in answer.text
    again = desk.form_in(answer, f"/ho-so/{case_id}/sua")
    assert {name: again.fields[name] for name in typed} == typed
    assert again.fields["before.address"] == "Nhà sau chùa"
    assert now(session, world, case_id).fields == before.fields


@pytest.mark.parametrize(
    ("page", "typed", "sentence"),
    [
        ("nhan-ho-so", {"received_at_time": "25:00"}, "Ông/bà ghi giờ như 08:30 hoặc 14:00."),
        ("nhan-ho-so", {"received_at_day": "17"}, "Ngày này chưa đến. Ông/bà ghi ngày không muộn hơn 16/11/2026."),
        ("nhan-ho-so", {"received_at_time": "23:30"}, "Ghi thời điểm không muộn hơn bây giờ."),
        ("nhan-ho-so", {"received_at_day": "13"}, "Ghi từ ngày gia đình yêu cầu trở đi."),
        ("nhan-ho-so", {"place": "trên trời"}, "Ông/bà chọn nơi nhận."),
        ("nhan-ho-so", {}, "Chưa có: Giấy chứng sinh"),
        ("so-dang-ky", {"register_number": ""}, "Số đăng ký: ông/bà chép đúng số trên phần mềm hộ tịch"),
        ("so-dang-ky", {"register_number": "1", "personal_number": "123"}, "Số định danh: ông/bà ghi đủ 12 chữ số"),
        ("cho-so-dinh-danh", {"register_number": "số 1 *"}, "Số đăng ký: ông/bà chép đúng số"),
        ("da-ky", {"signed_at_time": "07:59"}, "Ghi thời điểm sau khi nhận hồ sơ, không muộn hơn bây giờ."),
        ("da-ky", {"signed_at_day": "x"}, "Ngày chỉ ghi bằng số"),
        ("tra-ket-qua", {"delivered_on_day": "15"}, "Ghi từ ngày ký đến hôm nay."),
        ("tra-ket-qua", {"place": ""}, "Ông/bà chọn nơi trả kết quả."),
    ],
)  # fmt: skip
def test_each_step_says_what_to_put_right_and_keeps_what_was_typed(
    session: Session, world: World, desk: Desk, case_id: UUID, page: str, typed: dict[str, str], sentence: str
) -> None:
    if page != "nhan-ho-so":
        receive(session, world, case_id)
    if page in ("da-ky", "tra-ket-qua"):
        cases.enter_numbers(
            session, world.officer, case_id, expected_version=version(session, world, case_id),
            register_number="1/2026", personal_number="084326012345",
        )  # fmt: skip
    if page == "tra-ket-qua":
        cases.sign(
            session, world.officer, case_id, expected_version=version(session, world, case_id),
            signed_at=clock.now(),
        )  # fmt: skip
    session.commit()
    state = now(session, world, case_id).state
    answer = desk.fill(f"/ho-so/{case_id}/{page}", typed)
    assert answer.status_code == 422
    assert sentence in seen(answer.text)
    again = desk.form_in(answer, f"/ho-so/{case_id}/{page}").fields
    assert {name: again.get(name) for name in typed if name != "place"} == {
        name: value for name, value in typed.items() if name != "place"
    }
    assert now(session, world, case_id).state == state


def test_a_dossier_without_names_leads_to_the_names(session: Session, world: World, desk: Desk) -> None:
    case_id = ask(session, world, people=(), event=None, callback_only=True).case_id
    session.commit()
    page = desk.open(f"/ho-so/{case_id}/nhan-ho-so").text
    assert "Trước khi nhận hồ sơ, ông/bà ghi họ tên: trẻ được khai sinh, mẹ." in page
    assert f'href="/ho-so/{case_id}/sua"' in page
    refused = desk.fill(f"/ho-so/{case_id}/nhan-ho-so", all_papers(session, world, case_id))
    assert "Mẹ: ông/bà ghi họ và tên trước khi nhận hồ sơ." in refused.text
    kept = desk.form_in(refused, f"/ho-so/{case_id}/nhan-ho-so").fields
    assert all_papers(session, world, case_id).items() <= kept.items()
