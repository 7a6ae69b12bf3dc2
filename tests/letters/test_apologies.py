"""Thư xin lỗi: a signed apology becomes a letter of the desk, though the case is not final, and goes the whole way."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pypdfium2
import pytest
import zxingcpp
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg import work
from civreg.cases import service as cases
from civreg.letters import queries
from civreg.letters import service as letters
from civreg.letters.queries import LetterRow
from civreg.letters.rules import ApologyFacts, Language, LetterKind, LetterState, Missed, PaperLayout
from civreg.shared import clock
from civreg.shared.errors import NotFound, Refusal
from civreg.visits import service as visits
from civreg.work import LETTER_TEMPLATES as FOLDER
from tests.apologies import LATE, NEW_AT, NOTICED, case_of, missed_result, missed_trip, sign_result, sign_trip
from tests.letters.flow import letter_of, registered
from tests.shared.paper_reading import words
from tests.world import World, version

MOVED = (
    "Ngày hẹn lại hoặc chuyến hẹn lại ghi trong thư xin lỗi đã đổi hoặc không còn: "
    "lời thư không còn đúng, hủy thư và gọi cho gia đình."
)


@pytest.fixture
def missed(session: Session, world: World) -> UUID:
    return missed_trip(session, world)


def sign(session: Session, world: World, visit_id: UUID) -> LetterRow:
    """Let the head sign the apology for a trip; return the letter that follows."""
    sign_trip(session, world, visit_id)
    work.run_waiting(session)
    return letter_of(session, case_of(session, visit_id))


def test_before_the_head_signs_there_is_no_letter(session: Session, world: World, missed: UUID) -> None:
    with clock.travelling(NOTICED):
        work.run_waiting(session)
        assert queries.letters(session, world.head) == []


def test_a_missed_trip_goes_the_whole_way_of_a_letter(session: Session, world: World, missed: UUID) -> None:
    with clock.travelling(NOTICED):
        layout = PaperLayout(show_code=True)
        letters.set_layout(session, world.clerk, world.tra_cu, LetterKind.APOLOGY, NOTICED.date(), layout)
        row = sign(session, world, missed)
        assert (row.kind, row.state, row.held_reason) == (LetterKind.APOLOGY, LetterState.DRAFT, "")
        assert row.names == "Thạch Thị Sa Rết"
        assert row.needed_by == NEW_AT, "the trip at the new time carries it"
        letters.approve(session, world.head, row.id, expected_version=row.version)
        letters.issue(session, row.id, FOLDER, "https://trc.example/kiem-tra-thu/")
        work.run_waiting(session)
        row = letter_of(session, row.case_id)
        assert (row.state, row.number) == (LetterState.ISSUED, "01/2026")
        content = queries.letter_pdf(session, world.officer, row.id, FOLDER)
        said = " ".join(words(content).split())
        for sentence in (
            "THƯ XIN LỖI Về việc lỡ hẹn đến nhà Kính gửi: Ông/bà Thạch Thị Sa Rết",
            "đã hẹn cử cán bộ đến nhà vào 09 giờ 00 ngày 16 tháng 11 năm 2026 để giải quyết",
            "Lý do: Xe của cán bộ hỏng giữa đường.",
            "Chúng tôi xin hẹn lại với gia đình: 10 giờ 00 ngày 17 tháng 11 năm 2026.",
            "Cần hỏi thêm, xin gọi 0294 3874 001.",
        ):
            assert sentence in said
        code = zxingcpp.read_barcode(pypdfium2.PdfDocument(content)[0].render(scale=4).to_pil())
        assert code is not None
        confirmed = queries.confirmed(session, code.text.rpartition("/")[2])
        assert confirmed is not None
        assert (confirmed.number, confirmed.unit) == ("01/2026", "xã Trà Cú")
        run = letters.print_run(session, world.clerk, [world.tra_cu])
        assert run.count == 1
        letters.sign_many(session, world.clerk, [row.id])
        letters.give_many(session, world.clerk, [row.id], officer_name=world.officer.full_name)
        assert [one.carried for one in queries.bag(session, world.officer, [row.case_id])] == [True]
        row = letter_of(session, row.case_id)
        letters.hand_over(
            session,
            world.officer,
            row.id,
            expected_version=row.version,
            to_whom="Thạch Thị Sa Rết",
            relation="người yêu cầu",
            at=clock.now(),
            way="post",
        )
        work.run_waiting(session)
        assert letter_of(session, row.case_id).state is LetterState.HANDED_OVER
        book = queries.letter_book(session, world.clerk, world.tra_cu, 2026)
        assert [(one.number, one.kind) for one in book.rows] == [("01/2026", "Thư xin lỗi")]
        (day,) = queries.step_counts(session, world.head, world.tra_cu, NOTICED.date(), NOTICED.date())
        assert day.kind_words == "Thư xin lỗi"
        assert dict(day.counts) == {"draft": 1, "approve": 1, "print": 1, "sign_seal": 1, "hand_over": 1}
        lines = session.scalars(text("SELECT line FROM daily_count WHERE line LIKE 'letter%'")).all()
        assert lines == [], "the programme counts its own three letters"
        for outsider in (world.neighbour, world.stranger):
            with pytest.raises(NotFound):
                queries.letter_pdf(session, outsider, row.id, FOLDER)


def signed_for_a_late_result(session: Session, world: World) -> tuple[UUID, UUID]:
    """Let the head sign why a result is late; return its case and the apology. Needs `LATE`."""
    case_id = missed_result(session, world)
    apology_id = sign_result(session, world, case_id)
    work.run_waiting(session)
    return case_id, apology_id


def test_a_missed_date_has_one_letter_for_each_promise(session: Session, world: World) -> None:
    with clock.travelling(LATE):
        case_id, apology_id = signed_for_a_late_result(session, world)
        row = letter_of(session, case_id)
        assert (row.kind, row.state) == (LetterKind.APOLOGY, LetterState.DRAFT)
        assert letters.apologise_for_date(session, case_id, apology_id) is None
        letters.cancel(
            session, world.head, row.id, expected_version=row.version, reason="Đã xin lỗi tại nhà."
        )
        assert letters.apologise_for_date(session, case_id, apology_id) is None, (
            "nor is a cancelled one written anew"
        )


def test_a_case_that_ended_meanwhile_stops_the_letter_of_its_late_result(
    session: Session, world: World
) -> None:
    with clock.travelling(LATE):
        case_id, _apology_id = signed_for_a_late_result(session, world)
        row = letter_of(session, case_id)
        letters.approve(session, world.head, row.id, expected_version=row.version)
        work.run_waiting(session)
        seen = version(session, world, case_id)
        cases.withdraw(session, world.officer, case_id, expected_version=seen, reason="Gia đình rút hồ sơ")
        run = letters.print_run(session, world.clerk, [world.tra_cu])
        assert (run.count, run.stopped) == (0, 1)
        assert letter_of(session, case_id).held_reason == MOVED


def test_a_day_that_has_not_passed_yet_is_not_said_to_be_missed(session: Session, world: World) -> None:
    """The head signs on the promised day itself: the office will not keep it, the family still waits for it."""
    case_id = missed_result(session, world, at=LATE - timedelta(days=1))
    with clock.travelling(LATE - timedelta(days=1)):
        sign_result(session, world, case_id)
        work.run_waiting(session)
        row = letter_of(session, case_id)
        said = " ".join(words(queries.letter_pdf(session, world.officer, row.id, FOLDER)).split())
        assert "Về việc hẹn lại ngày trả kết quả" in said
        assert (
            "cho gia đình vào ngày 23 tháng 11 năm 2026, nhưng không thể làm xong kịp ngày hẹn này." in said
        )
        assert "chưa giữ được lời hẹn" not in said


def test_a_day_that_has_passed_is_said_to_be_missed(session: Session, world: World) -> None:
    with clock.travelling(LATE):
        case_id, _apology_id = signed_for_a_late_result(session, world)
        row = letter_of(session, case_id)
        said = " ".join(words(queries.letter_pdf(session, world.officer, row.id, FOLDER)).split())
    assert "Về việc trễ hẹn trả kết quả" in said
    assert "vào ngày 23 tháng 11 năm 2026, nhưng đến nay chưa giữ được lời hẹn." in said


@pytest.mark.parametrize("day_after", [False, True])
def test_a_trip_that_was_made_meanwhile_stops_its_letter_as_kept(
    session: Session, world: World, missed: UUID, day_after: bool
) -> None:
    with clock.travelling(NOTICED):
        row = sign(session, world, missed)
        letters.approve(session, world.head, row.id, expected_version=row.version)
        work.run_waiting(session)
    with clock.travelling(NEW_AT + timedelta(hours=1)):
        visits.record_visit(session, world.officer, missed, "done", "")
    with clock.travelling(NEW_AT + timedelta(hours=2, days=day_after)):
        run = letters.print_run(session, world.clerk, [world.tra_cu])
        assert (run.count, run.stopped) == (0, 1)
        assert letter_of(session, row.case_id).held_reason == (
            "Cán bộ đã đến nhà theo lời hẹn lại ghi trong thư xin lỗi: hỏi gia đình có còn cần thư không, rồi gửi hoặc "
            "hủy thư."
        )


def test_two_new_days_for_promises_missed_on_one_day_are_two_letters() -> None:
    first = ApologyFacts(
        "xã Trà Cú",
        "ông/bà Kim Thị Mai",
        "đăng ký khai sinh",
        Missed.RESULT,
        date(2026, 11, 23),
        "máy hỏng",
        promised_on=date(2026, 11, 27),
    )
    assert first.same_promise(replace(first, reason="mất điện"))
    assert not first.same_promise(replace(first, promised_on=date(2026, 12, 4)))


def test_after_the_new_day_a_person_looks_before_it_goes(
    session: Session, world: World, missed: UUID
) -> None:
    with clock.travelling(NOTICED):
        row = sign(session, world, missed)
    with clock.travelling(NEW_AT + timedelta(days=1)):
        with (
            pytest.raises(Refusal, match="Ngày hẹn lại ghi trong thư xin lỗi đã qua"),
            session.begin_nested(),
        ):
            letters.approve(session, world.head, row.id, expected_version=row.version)
        session.expire_all()
        letters.hold(session, world.officer, row.id, expected_version=row.version, reason="Hỏi gia đình")
        letters.release(session, world.officer, row.id, expected_version=row.version + 1)
        letters.approve(session, world.head, row.id, expected_version=row.version + 2)


def test_a_trip_that_moved_again_stops_its_letter(session: Session, world: World, missed: UUID) -> None:
    with clock.travelling(NOTICED):
        row = sign(session, world, missed)
        letters.approve(session, world.head, row.id, expected_version=row.version)
        work.run_waiting(session)
        visits.move_visit(session, world.officer, missed, starts_at=NEW_AT + timedelta(hours=1))
        run = letters.print_run(session, world.clerk, [world.tra_cu])
        assert (run.count, run.stopped) == (0, 1)
        stopped = letter_of(session, row.case_id)
        assert (stopped.number, stopped.held_reason) == ("01/2026", MOVED)
        letters.let_go(
            session,
            world.head,
            row.id,
            expected_version=stopped.version,
            reason="Đã gọi, gia đình biết giờ mới",
        )
        assert letters.print_run(session, world.clerk, [world.tra_cu]).count == 1


def test_what_becomes_of_the_registration_does_not_touch_it(session: Session, world: World) -> None:
    """The letter of the registration waits for its correction; the apology for a trip missed before goes on."""
    case_id = registered(session, world)
    trip = missed_trip(session, world, case_id, purpose="return")
    with clock.travelling(NOTICED):
        sign_trip(session, world, trip)
        work.run_waiting(session)
        rows = {row.kind: row for row in queries.letters_of_case(session, world.head, case_id)}
        assert set(rows) == {LetterKind.CONGRATULATION_BIRTH, LetterKind.APOLOGY}
        cases.open_correction(
            session,
            world.officer,
            case_id,
            expected_version=version(session, world, case_id),
            reason="Sai chữ đệm",
        )
        work.run_waiting(session)
        rows = {row.kind: row for row in queries.letters_of_case(session, world.head, case_id)}
        assert rows[LetterKind.CONGRATULATION_BIRTH].state is LetterState.HELD
        sorry = rows[LetterKind.APOLOGY]
        assert (sorry.state, sorry.held_reason) == (LetterState.DRAFT, "")
        letters.approve(session, world.head, sorry.id, expected_version=sorry.version)
        work.run_waiting(session)
        assert letters.print_run(session, world.clerk, [world.tra_cu]).count == 1


def test_it_says_the_office_s_own_words(session: Session, world: World, missed: UUID) -> None:
    body = "[Tiêu đề]\nLỜI XIN LỖI\n[Kính gửi]\nKính gửi: {Người nhận}\n[Lời thư]\nXin lỗi {người nhận}."
    body += "\n[Lời thư | sắp trễ]\nXin báo trước."
    with clock.travelling(NOTICED):
        made = letters.write_wording(
            session, world.clerk, world.tra_cu, LetterKind.APOLOGY, Language.VIETNAMESE, body
        )
        letters.approve_wording(session, world.head, made, expected_version=1)
        row = sign(session, world, missed)
        said = " ".join(words(queries.letter_pdf(session, world.clerk, row.id, FOLDER)).split())
        assert "LỜI XIN LỖI Kính gửi: Ông/bà Thạch Thị Sa Rết Xin lỗi ông/bà Thạch Thị Sa Rết." in said
