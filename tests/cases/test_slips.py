"""The slips M01–M06: what is on them, and when each can be printed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import get_args

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.cases import export
from civreg.cases import service as cases
from civreg.cases.queries import case_page
from civreg.cases.rules import (
    SLIP_WORDS,
    STATES,
    PersonForm,
    RequestForm,
    Slip,
    kept_promise,
    slips_of,
)
from civreg.procedures.rules import SlipName
from civreg.shared import clock
from civreg.shared.errors import Conflict, NotFound
from civreg.shared.partial_date import PartialDate
from tests.apologies import LATE, missed_result, sign_result
from tests.cases.paper_acts import DEATH, WRONG_NAME, ask_for_papers, end
from tests.shared.paper_reading import pages, reader, words
from tests.world import MARRIAGE, MONDAY, World, ask, papers_of, receive, register, version

# what can be printed when


@pytest.mark.parametrize("state", STATES)
def test_each_state_offers_what_fits_it(state: str) -> None:
    every = get_args(SlipName)
    early = slips_of(state, every, received_at=None, papers_asked=False)
    late = slips_of(state, every[1:], received_at=MONDAY, papers_asked=True)
    assert Slip.CONTROL not in early
    assert Slip.APPOINTMENT not in early
    assert {Slip.SUPPLEMENT, Slip.CONTROL} <= set(late)
    stopped = ("annulled", "refused", "withdrawn", "home_service_declined", "transferred")
    assert (Slip.APPOINTMENT in late) == (state not in stopped)
    assert Slip.DECLARATION not in late
    assert (Slip.REFUSAL in late) == (state == "refused")
    assert (Slip.STOP in late) == (state in ("withdrawn", "home_service_declined", "transferred"))
    assert (Slip.DECLARATION in early) == (
        state
        not in (
            *("registered", "delivered", "annulled"),
            *("refused", "withdrawn", "home_service_declined", "transferred"),
        )
    )


def test_every_slip_has_words_and_is_one_that_a_catalogue_file_may_name() -> None:
    assert set(SLIP_WORDS) == set(Slip) == set(get_args(SlipName))


def test_a_procedure_prints_only_the_slips_of_its_file() -> None:
    assert slips_of("delivered", ("control_slip",), received_at=MONDAY, papers_asked=True) == (Slip.CONTROL,)
    printed = slips_of("refused", ("appointment_slip",), received_at=None, papers_asked=False)
    assert printed == ()


def test_a_paper_that_does_not_fit_says_what_to_do_first(session: Session, world: World) -> None:
    case_id = ask(session, world).case_id
    for paper, sentence in (
        (export.supplement_slip, "Ông/bà ghi yêu cầu bổ sung trước."),
        (export.refusal_slip, "Hồ sơ này không bị từ chối nên không có phiếu từ chối."),
        (export.stop_notice, "Hồ sơ này chưa dừng giải quyết nên chưa có thông báo."),
        (export.control_slip, "Hồ sơ này chưa nhận đủ giấy tờ nên chưa có phiếu kiểm soát."),
    ):
        with pytest.raises(Conflict, match=sentence):
            paper(session, world.officer, case_id)
    receive(session, world, case_id)
    register(session, world, case_id)
    with pytest.raises(Conflict, match=r"Tờ khai chỉ in trước khi đăng ký xong\."):
        export.declaration(session, world.officer, case_id)


def test_a_procedure_without_the_paper_says_so_and_what_it_has(session: Session, world: World) -> None:
    """Asked for by an old address: helping with a tax has no declaration and is never refused as a registration."""
    tax = replace(MARRIAGE, procedure="construction_tax_support", people=(), letter_consent=None)
    case_id = ask(session, world, tax).case_id
    has = (
        "Thủ tục này có: giấy hẹn, phiếu yêu cầu bổ sung, thông báo dừng giải quyết, phiếu kiểm soát. "
        "Ông/bà mở lại hồ sơ để in giấy phù hợp với bước đang làm."
    )
    for paper, name in ((export.declaration, "tờ khai"), (export.refusal_slip, "phiếu từ chối")):
        with pytest.raises(Conflict) as refused:
            paper(session, world.officer, case_id)
        assert refused.value.sentence == (
            f"Thủ tục “Hỗ trợ làm thủ tục nộp thuế xây dựng tại nhà” không có {name}. {has}"
        )


def test_a_colleague_of_another_unit_prints_nothing(session: Session, world: World) -> None:
    case_id = ask(session, world).case_id
    receive(session, world, case_id)
    for paper in (export.declaration, export.control_slip, export.supplement_slip):
        with pytest.raises(NotFound):
            paper(session, world.neighbour, case_id)


def test_printing_is_written_into_the_read_log(session: Session, world: World) -> None:
    case_id = ask(session, world).case_id
    count = text("SELECT count(*) FROM read_log WHERE subject_id = :case AND actor_id = :who")
    values = {"case": case_id, "who": world.officer.user_id}
    before = session.scalar(count, values) or 0
    export.declaration(session, world.officer, case_id)
    session.flush()
    assert session.scalar(count, values) == before + 1


# M01


def test_a_bundle_s_slip_has_a_day_or_a_reason_for_each_result(session: Session, world: World) -> None:
    case_id = ask(session, world, replace(DEATH, procedure="death_bundle")).case_id
    receive(session, world, case_id)
    printed = words(export.appointment_slip(session, world.officer, case_id, "https://hotich.example"))
    assert "1 Trích lục khai tử" in printed
    assert "Nhận đủ giấy tờ trước 15 giờ ngày 16/11/2026: trả kết quả ngay trong ngày." in printed
    assert printed.count("Chưa xác nhận được ngày; cán bộ sẽ báo lại") == 3
    assert "Thời hạn chưa xác nhận: thời hạn tùy loại trợ cấp, chưa có văn bản xác nhận." in printed


def test_a_slip_printed_again_while_the_clock_stands_says_so(session: Session, world: World) -> None:
    case_id = ask(session, world).case_id
    receive(session, world, case_id)
    ask_for_papers(session, world, case_id, "birth_paper")
    printed = words(export.appointment_slip(session, world.officer, case_id, "https://hotich.example"))
    assert "Tạm dừng; hẹn lại ngày khi nhận đủ giấy tờ bổ sung" in printed
    assert "Chưa xác nhận được ngày" not in printed


# M02, M03, M05


def test_a_request_for_papers_names_each_paper_the_reason_and_one_day(session: Session, world: World) -> None:
    case_id = ask(session, world).case_id
    receive(session, world, case_id)
    with clock.travelling(MONDAY + timedelta(days=1)):
        ask_for_papers(session, world, case_id, "birth_paper")
        first = export.supplement_slip(session, world.officer, case_id)
    printed = words(first)
    for said in (
        "ỦY BAN NHÂN DÂN XÃ TRÀ CÚ",
        "Trà Cú, ngày 17 tháng 11 năm 2026",
        "PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ",
        "Lần yêu cầu: 01",
        "Kính gửi: Ông/bà Thạch Thị Sa Rết",
        "1. Giấy chứng sinh do bệnh viện, trạm y tế cấp.",
        f"Lý do: {WRONG_NAME}.",
        "Thời hạn giải quyết tạm dừng từ ngày 17/11/2026 đến khi nhận đủ giấy tờ trên",
        "Cần hỏi thêm, xin ông/bà gọi 0294 3874 001.",
        "CÔNG CHỨC LÀM CÔNG TÁC HỘ TỊCH",
        "Thạch Thị Mỹ Hạnh",
    ):
        assert said in printed
    assert "2. " not in printed
    with clock.travelling(MONDAY + timedelta(days=3)):
        cases.take_papers(
            session,
            world.officer,
            case_id,
            expected_version=version(session, world, case_id),
            papers=("birth_paper",),
        )
        assert export.supplement_slip(session, world.officer, case_id) == first


def test_what_is_asked_again_is_a_slip_of_its_own_and_no_new_round(session: Session, world: World) -> None:
    case_id = ask(session, world).case_id
    receive(session, world, case_id)
    ask_for_papers(session, world, case_id, "birth_paper")
    first = export.supplement_slip(session, world.officer, case_id)
    with clock.travelling(MONDAY + timedelta(days=1)):
        cases.take_papers(
            session,
            world.officer,
            case_id,
            expected_version=version(session, world, case_id),
            papers=("birth_paper",),
        )
        ask_for_papers(session, world, case_id, "birth_paper")
        printed = words(export.supplement_slip(session, world.officer, case_id))
        assert "Lần yêu cầu: 01 (đổi bản chưa đúng)" in printed
        assert "tạm dừng từ ngày 17/11/2026" in printed
        newest, earlier = case_page(session, world.officer, case_id).supplements
        assert export.supplement_slip(session, world.officer, case_id, earlier.id) == first
        assert words(export.supplement_slip(session, world.officer, case_id, newest.id)) == printed
        with pytest.raises(NotFound, match="Không tìm thấy lần yêu cầu bổ sung này"):
            export.supplement_slip(session, world.officer, case_id, case_id)


def test_a_reminder_while_the_clock_stands_names_the_day_it_stopped(session: Session, world: World) -> None:
    case_id = ask(session, world).case_id
    receive(session, world, case_id)
    ask_for_papers(session, world, case_id, "birth_paper")
    with clock.travelling(MONDAY + timedelta(days=2)):
        ask_for_papers(session, world, case_id, "birth_paper")
        printed = words(export.supplement_slip(session, world.officer, case_id))
    assert "Lần yêu cầu: 01 (nhắc giấy tờ còn thiếu)" in printed
    assert "ngày 18 tháng 11 năm 2026" in printed
    assert "tạm dừng từ ngày 16/11/2026 đến khi nhận đủ giấy tờ trên" in printed


def test_a_new_paper_on_the_head_s_word_is_the_second_round(session: Session, world: World) -> None:
    case_id = ask(session, world).case_id
    receive(session, world, case_id)
    ask_for_papers(session, world, case_id, "birth_paper")
    with clock.travelling(MONDAY + timedelta(days=1)):
        ask_for_papers(session, world, case_id, "identity_paper")
        waiting = case_page(session, world.head, case_id)
        assert "Lần yêu cầu: 01" in words(export.supplement_slip(session, world.officer, case_id))
        cases.decide_supplement(
            session,
            world.head,
            case_id,
            waiting.supplements[0].id,
            expected_version=waiting.version,
            agreed=True,
        )
        printed = words(export.supplement_slip(session, world.officer, case_id))
    assert "Lần yêu cầu: 02 " in printed
    assert "1. Giấy tờ tùy thân của người đi khai" in printed
    assert "Giấy chứng sinh do" not in printed


def test_a_refusal_has_its_reason_who_signs_and_how_to_complain(session: Session, world: World) -> None:
    case_id = ask(session, world).case_id
    receive(session, world, case_id)
    end(session, world, case_id, cases.refuse, "Trẻ đã được đăng ký khai sinh tại xã Đại An")
    with clock.travelling(MONDAY + timedelta(days=30)):
        printed = words(export.refusal_slip(session, world.officer, case_id))
    for said in (
        "PHIẾU TỪ CHỐI TIẾP NHẬN, GIẢI QUYẾT HỒ SƠ",
        "Trà Cú, ngày 16 tháng 11 năm 2026",
        "từ chối giải quyết hồ sơ này. Lý do: Trẻ đã được đăng ký khai sinh tại xã Đại An.",
        "trong 90 ngày từ ngày nhận được phiếu này, ông/bà có quyền khiếu nại đến Chủ tịch Ủy ban nhân dân xã Trà Cú",
        "khởi kiện tại Tòa án",
        "TM. ỦY BAN NHÂN DÂN CHỦ TỊCH Kim Thị Sô Phia",
    ):
        assert said in printed


def test_each_way_of_stopping_has_its_own_words(session: Session, world: World) -> None:
    withdrawn = ask(session, world).case_id
    receive(session, world, withdrawn)
    end(session, world, withdrawn, cases.withdraw, "Gia đình đăng ký ở nơi khác")
    printed = words(export.stop_notice(session, world.officer, withdrawn))
    assert "THÔNG BÁO DỪNG GIẢI QUYẾT HỒ SƠ" in printed
    assert "dừng giải quyết hồ sơ này từ ngày 16/11/2026. Lý do: Gia đình đăng ký ở nơi khác." in printed
    assert "Đăng ký đến hết ngày 4/1/2027 là đúng hạn." in printed

    declined = ask(session, world, MARRIAGE).case_id
    end(session, world, declined, cases.decline_home_service, "Không thuộc trường hợp lưu động")
    printed = words(export.stop_notice(session, world.officer, declined))
    assert "THÔNG BÁO THÔI GIẢI QUYẾT YÊU CẦU" in printed
    assert "Mời ông/bà đến trụ sở Ủy ban nhân dân xã Trà Cú (Ấp 1) trong giờ làm việc" in printed
    assert "Ông/bà mang theo: Giấy tờ tùy thân của hai bên" in printed

    moved = ask(session, world, DEATH).case_id
    cases.transfer(
        session,
        world.officer,
        moved,
        expected_version=version(session, world, moved),
        unit_id=world.dai_an,
        reason="người mất cư trú ở Đại An",
    )
    printed = words(export.stop_notice(session, world.officer, moved))
    assert "Nơi giải quyết và lý do: Xã Đại An: người mất cư trú ở Đại An." in printed
    assert "Nơi đó gọi cho ông/bà để nhận yêu cầu mới." in printed


# M06


def test_the_control_slip_says_who_gave_what_to_whom_and_how_promises_were_kept(
    session: Session, world: World
) -> None:
    case_id = ask(session, world).case_id
    receive(session, world, case_id)
    with clock.travelling(MONDAY + timedelta(hours=2)):
        ask_for_papers(session, world, case_id, "birth_paper")
        assert "Chưa có ngày – Tạm dừng" in words(export.control_slip(session, world.officer, case_id))
    with clock.travelling(MONDAY + timedelta(hours=5, minutes=7)):
        cases.take_papers(
            session,
            world.officer,
            case_id,
            expected_version=version(session, world, case_id),
            papers=("birth_paper",),
        )
        register(session, world, case_id)
    with clock.travelling(MONDAY + timedelta(days=1)):
        cases.deliver(
            session,
            world.officer,
            case_id,
            expected_version=version(session, world, case_id),
            delivered_on=date(2026, 11, 16),
            place="home",
        )
        found = pages(export.control_slip(session, world.officer, case_id))
    assert len(found) == 1
    for said in (
        "PHIẾU KIỂM SOÁT QUÁ TRÌNH GIẢI QUYẾT HỒ SƠ",
        "1 Nhận hồ sơ Gia đình Thạch Thị Mỹ Hạnh 08 giờ 00, 16/11/2026",
        "2 Yêu cầu bổ sung giấy tờ Thạch Thị Mỹ Hạnh Gia đình 10 giờ 00, 16/11/2026",
        "3 Đã nhận giấy tờ bổ sung Gia đình Thạch Thị Mỹ Hạnh 13 giờ 07, 16/11/2026",
        "Lãnh đạo đã ký Thạch Thị Mỹ Hạnh Lãnh đạo đơn vị",
        "Đã trả kết quả Thạch Thị Mỹ Hạnh Gia đình ngày 16/11/2026",
        "1 Giấy khai sinh Ủy ban nhân dân cấp xã 16/11/2026 16/11/2026 Đúng hạn",
    ):
        assert said in found[0]


def test_a_promise_made_again_shows_both_days_once_the_head_signed(session: Session, world: World) -> None:
    case_id = missed_result(session, world)
    with clock.travelling(LATE):
        before = words(export.control_slip(session, world.officer, case_id))
        sign_result(session, world, case_id)
        printed = words(export.control_slip(session, world.officer, case_id))
    assert "23/11/2026 – Quá hạn, chưa xong" in before
    assert "hẹn lại" not in before
    assert "23/11/2026; hẹn lại 27/11/2026 – Quá hạn, chưa xong" in printed


@pytest.mark.parametrize(
    ("due_on", "done_on", "said"),
    [
        (date(2026, 11, 23), date(2026, 11, 20), "Trước hạn"),
        (date(2026, 11, 23), date(2026, 11, 23), "Đúng hạn"),
        (date(2026, 11, 23), date(2026, 11, 25), "Quá hạn"),
        (date(2026, 11, 23), None, "Còn trong hạn"),
        (date(2026, 11, 20), None, "Quá hạn, chưa xong"),
        (None, date(2026, 11, 20), "Không có hạn"),
        (None, None, "Chưa có hạn"),
    ],
)
def test_how_a_promise_was_kept(due_on: date | None, done_on: date | None, said: str) -> None:
    assert kept_promise(due_on, done_on, date(2026, 11, 21)) == said


LONG_NAME = ("Công Tằng Tôn Nữ Nguyễn Thị Hoàng Phước Lưu Quỳnh Thiên Trường Ngọc Bảo Nhi Cẩm Tú " * 2)[
    :120
].strip()
LONG_LINE = ("Nhà 123/45 đường Nguyễn Thị Minh Khai nối dài, tổ 12, khu dân cư vượt lũ Đầu Giồng, " * 3)[
    :200
].strip()


@pytest.mark.parametrize(
    ("procedure", "roles"),
    [
        ("birth_bundle", ("child", "mother", "father")),
        ("death_bundle", ("deceased",)),
        ("marriage_mobile", ("bride", "groom")),
    ],
)
def test_the_longest_answers_stay_on_the_sheet(
    session: Session, world: World, procedure: str, roles: tuple[str, ...]
) -> None:
    people = tuple(
        PersonForm(
            role,
            LONG_NAME,
            birth=PartialDate(1998, 10, 30),
            sex="male" if role == "groom" else "female",
            ethnic_group="Gié Triêng (Ta Riêng, Ve, Trơng, Bơ Noong)",
            residence=LONG_LINE,
            marriage_ordinal=2,
        )
        for role in roles
    )
    form = RequestForm(
        procedure=procedure,
        unit_id=0,
        requester_name=LONG_NAME,
        address=LONG_LINE,
        hamlet=LONG_LINE,
        people=people,
        event=None if procedure == "marriage_mobile" else PartialDate(2026, 9, 24),
        place_of_event=LONG_LINE,
    )
    case_id = ask(session, world, form).case_id
    sheets = [export.declaration(session, world.officer, case_id)]
    receive(session, world, case_id)
    ask_for_papers(session, world, case_id, *papers_of(session, world, case_id))
    sheets += [
        export.appointment_slip(session, world.officer, case_id, "https://hotich.example"),
        export.supplement_slip(session, world.officer, case_id),
        export.control_slip(session, world.officer, case_id),
    ]
    end(session, world, case_id, cases.refuse, ("Không thuộc thẩm quyền của xã. " * 40)[:1000])
    sheets += [
        export.refusal_slip(session, world.officer, case_id),
        export.control_slip(session, world.officer, case_id),
    ]
    assert " ".join(LONG_NAME.upper().split()) in words(sheets[0])
    for sheet in sheets:
        _is_whole(sheet)


def _is_whole(sheet: bytes) -> None:
    """Every page is A4 and no text starts outside it or stands below the lower margin."""
    for page in reader(sheet).pages:
        assert (round(page.mediabox.width), round(page.mediabox.height)) == (595, 842)

        def visit(text: str, _cm: object, tm: list[float], _font: object, size: float) -> None:
            if text.strip():
                assert 84 <= tm[4] <= 595 - 56, text
                assert tm[5] >= 55, text
                assert "\ufffd" not in text

        page.extract_text(visitor_text=visit)
