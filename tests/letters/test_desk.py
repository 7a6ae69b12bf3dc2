"""The desk of letters: the pile after a sample, spoiled sheets and cancelled runs, the book and its beginning, ways out."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, timedelta

import openpyxl
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg import work
from civreg.letters import export, queries
from civreg.letters import service as letters
from civreg.letters.rules import LetterState
from civreg.letters.service import printing
from civreg.shared import audit, clock
from civreg.shared.database import new_id
from civreg.shared.errors import Conflict, InvalidInput, NotAllowed, NotFound, Refusal
from tests.cases.test_circumstances import DEATH
from tests.letters.flow import issued, letter_of, numbers, registered, state_of, with_officer
from tests.letters.many import many_drafts
from tests.shared.paper_reading import pages
from tests.world import BIRTH, MARRIAGE, World, ask, receive, register


def test_a_pile_is_approved_after_one_letter_of_each_kind_was_read(session: Session, world: World) -> None:
    rows = [letter_of(session, registered(session, world, form)) for form in (BIRTH, BIRTH, MARRIAGE)]
    versions = {row.id: row.version for row in rows}
    with pytest.raises(Refusal, match="mở đọc ít nhất một thư chúc mừng khai sinh trong các thư đã chọn"):
        letters.approve_many(session, world.head, versions)
    queries.letter_page(session, world.head, rows[0].id, work.LETTER_TEMPLATES)
    session.flush()
    with pytest.raises(Refusal, match="mở đọc ít nhất một thư chúc mừng kết hôn trong các thư đã chọn"):
        letters.approve_many(session, world.head, versions)
    queries.letter_page(session, world.officer, rows[2].id, work.LETTER_TEMPLATES)  # somebody else's reading
    session.flush()
    with pytest.raises(Refusal):
        letters.approve_many(session, world.head, versions)
    queries.letter_pdf(session, world.head, rows[2].id, work.LETTER_TEMPLATES)
    session.flush()
    letters.approve_many(session, world.head, versions)
    work.run_waiting(session)
    assert numbers(session) == [1, 2, 3]


def test_a_head_s_pile_is_judged_by_the_letters_she_may_see(session: Session, world: World) -> None:
    """A letter of another commune tells her nothing, not even that it is there or of which kind it is."""
    own = letter_of(session, registered(session, world))
    foreign = letter_of(session, registered(session, world, MARRIAGE))
    session.execute(
        text("UPDATE letter SET unit_id = :unit WHERE id = :id"), {"unit": world.dai_an, "id": foreign.id}
    )
    session.expire_all()
    queries.letter_page(session, world.head, own.id, work.LETTER_TEMPLATES)
    session.flush()
    pile = {own.id: own.version, foreign.id: foreign.version}
    with pytest.raises(NotFound) as refused:
        letters.approve_many(session, world.head, pile)
    assert refused.value.sentence == "Không tìm thấy thư này ở đơn vị của ông/bà."
    with pytest.raises(NotFound):
        letters.approve_many(session, world.head, {foreign.id: foreign.version})


def test_a_run_takes_a_thousand_named_letters_and_no_more(session: Session, world: World) -> None:
    named = [new_id() for _ in range(letters.MOST_IN_RUN + 1)]
    with pytest.raises(Refusal, match=r"Một đợt in nhiều nhất 1\.000 thư\. Ông/bà chọn ít hơn"):
        letters.print_run(session, world.clerk, [world.tra_cu], named)
    with pytest.raises(NotFound):  # a thousand are looked for
        letters.print_run(session, world.clerk, [world.tra_cu], named[1:])


def test_what_a_run_does_not_take_waits_for_the_next(
    session: Session, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "MOST_IN_RUN", 2)
    for row in many_drafts(session, world, 3):
        letters.approve(session, world.head, row.id, expected_version=row.version)
        letters.issue(session, row.id, work.LETTER_TEMPLATES)
    assert letters.print_run(session, world.clerk, [world.tra_cu]).count == 2
    assert letters.print_run(session, world.clerk, [world.tra_cu]).count == 1
    printed = text("SELECT count(DISTINCT subject_id) FROM audit WHERE action = 'letter.printed'")
    assert session.scalar(printed) == 3
    assert audit.verify(session).ok


def test_a_spoiled_sheet_is_printed_again_under_its_number(session: Session, world: World) -> None:
    row = with_officer(session, world)
    with pytest.raises(InvalidInput, match="Ông/bà ghi lý do trước khi chọn “Tờ hỏng, in lại”"):
        letters.spoil(session, world.clerk, row.id, expected_version=row.version, reason=" ")
    letters.spoil(session, world.clerk, row.id, expected_version=row.version, reason="Lem mực")
    again = letter_of(session, row.case_id)
    assert (again.state, again.number, again.spoiled) == (LetterState.ISSUED, row.number, 1)
    run = letters.print_run(session, world.clerk, [row.unit_id])
    cover, sheet = pages(run.pdf)
    assert "01/2026" in cover
    assert "in lại" not in sheet
    page = queries.letter_page(session, world.clerk, row.id, work.LETTER_TEMPLATES)
    assert ("Tờ hỏng, in lại", "Lem mực") in [(move.words, move.note) for move in page.moves]
    assert numbers(session) == [1]


def test_a_run_is_cancelled_until_something_of_it_is_signed(session: Session, world: World) -> None:
    first, second = issued(session, world), issued(session, world, MARRIAGE)
    run = letters.print_run(session, world.clerk, [world.tra_cu])
    assert letters.cancel_run(session, world.clerk, run.id, reason="Máy in hết mực") == 2
    assert {state_of(session, one.case_id) for one in (first, second)} == {LetterState.ISSUED}
    with pytest.raises(Conflict, match="Đợt in này đã hủy"):
        letters.reprint(session, world.clerk, run.id, reason="Lần nữa")
    again = letters.print_run(session, world.clerk, [world.tra_cu])
    letters.sign_many(session, world.clerk, [first.id])
    with pytest.raises(Conflict, match="Đợt in này đã có thư ký, đóng dấu hoặc đi tiếp nên không hủy được"):
        letters.cancel_run(session, world.clerk, again.id, reason="Nhầm")
    with pytest.raises(NotFound):
        letters.cancel_run(session, world.neighbour, again.id, reason="Nhầm")
    assert numbers(session) == [1, 2]


def test_a_run_lies_by_visit_then_by_hamlet(session: Session, world: World) -> None:
    names = {"Ấp Xoài": "Kim Sô Ba", "Ấp Bến": "Kim Sô Hai", "Ấp Chợ": "Kim Sô Một"}
    rows = []
    for hamlet, name in names.items():
        child = replace(BIRTH.people[0], full_name=name)
        people = (child, *BIRTH.people[1:])
        rows.append(issued(session, world, hamlet=hamlet, people=people))
    session.execute(
        text("UPDATE letter SET needed_by = :at WHERE id = :id"),
        {"at": clock.now() + timedelta(days=1), "id": rows[2].id},
    )
    session.execute(text("UPDATE visit SET state = state"))
    run = letters.print_run(session, world.clerk, [world.tra_cu])
    cover, *sheets = pages(run.pdf)
    order = sorted(names.values(), key=cover.index)
    assert order == ["Kim Sô Hai", "Kim Sô Một", "Kim Sô Ba"]
    assert [next(name for name in names.values() if name in sheet) for sheet in sheets] == order


def test_a_letter_is_kept_and_may_still_be_fetched_at_the_office(session: Session, world: World) -> None:
    row = with_officer(session, world)
    letters.return_letter(session, world.officer, row.id, expected_version=row.version, reason="Đi vắng")
    row = letter_of(session, row.case_id)
    letters.keep(session, world.officer, row.id, expected_version=row.version, reason="Đã dọn đi nơi khác")
    row = letter_of(session, row.case_id)
    assert row.state_words == "Lưu tại đơn vị"
    letters.hand_over(
        session,
        world.officer,
        row.id,
        expected_version=row.version,
        to_whom="Thạch Thị Sa Rết",
        relation="mẹ",
        at=clock.now(),
        way="office",
        photograph=b"\xff\xd8 receipt",
    )
    session.flush()
    page = queries.letter_page(session, world.officer, row.id, work.LETTER_TEMPLATES)
    move = page.moves[-1]
    assert (move.way, move.photograph_id is not None) == ("Tại trụ sở", True)
    assert move.photograph_id is not None
    shown = queries.receipt_photograph(session, world.officer, row.id, move.photograph_id)
    assert shown == b"\xff\xd8 receipt"
    with pytest.raises(NotFound):
        queries.receipt_photograph(session, world.neighbour, row.id, move.photograph_id)


def test_a_book_that_began_on_paper_goes_on_without_a_gap(session: Session, world: World) -> None:
    with pytest.raises(NotAllowed):
        letters.start_book(session, world.officer, world.tra_cu, year=2026, first_number=38)
    letters.start_book(session, world.head, world.tra_cu, year=2026, first_number=40)
    letters.start_book(session, world.head, world.tra_cu, year=2026, first_number=38)  # put right in time
    first, second = issued(session, world), issued(session, world, MARRIAGE)
    assert (first.number, second.number) == ("38/2026", "39/2026")
    with pytest.raises(Conflict, match="Sổ thư năm 2026 đã có số 39/2026 do máy cấp"):
        letters.start_book(session, world.head, world.tra_cu, year=2026, first_number=50)
    letters.cancel(
        session, world.head, first.id, expected_version=first.version, reason="Gia đình đổi ý, không nhận"
    )
    book = queries.letter_book(session, world.clerk, world.tra_cu, 2026)
    assert [(row.number, row.void, row.note) for row in book.rows] == [
        ("38/2026", True, "Gia đình đổi ý, không nhận"),
        ("39/2026", False, ""),
    ]
    paper = " ".join(pages(export.book_pdf(book)))
    assert "SỔ THƯ NĂM 2026" in paper
    assert "Các số trước 38/2026 ghi ở sổ giấy" in paper
    assert "Số đã hủy: Gia đình đổi ý, không nhận" in paper
    sheet = openpyxl.load_workbook(io.BytesIO(export.book_xlsx(book))).worksheets[0]
    assert [row[0].value for row in sheet.iter_rows(min_row=4)] == ["38/2026", "39/2026"]
    with pytest.raises(NotFound):
        queries.letter_book(session, world.neighbour, world.tra_cu, 2026)


def test_the_days_after_a_death_are_the_office_s_own(session: Session, world: World) -> None:
    ask(session, world, DEATH, phone=BIRTH.phone)
    with clock.travelling(clock.now() + timedelta(days=60)):
        letters.set_desk(session, world.head, world.tra_cu, mourning_days=30, waiting_days=7)
        assert letter_of(session, registered(session, world)).state is LetterState.DRAFT
        letters.set_desk(session, world.head, world.tra_cu, mourning_days=90, waiting_days=7)
        assert letter_of(session, registered(session, world)).state is LetterState.HELD
    with pytest.raises(InvalidInput) as refused:
        letters.set_desk(session, world.head, world.tra_cu, mourning_days=0, waiting_days=999)
    assert set(refused.value.fields) == {"mourning_days", "waiting_days"}
    assert queries.settings_of(session, world.tra_cu).set_at == "Xã Trà Cú"


def test_a_hamlet_head_s_phone_says_nothing_about_a_household(session: Session, world: World) -> None:
    told = ask(session, world, DEATH, phone=BIRTH.phone, channel="hamlet_head").case_id
    receive(session, world, told)
    register(session, world, told)
    assert letter_of(session, registered(session, world)).state is LetterState.DRAFT


def test_a_newborn_named_in_two_registrations_waits_for_a_person(session: Session, world: World) -> None:
    people = (replace(BIRTH.people[0], full_name="Kim Sô Ny"), *BIRTH.people[1:])
    first = registered(session, world, people=people)
    second = registered(session, world, people=people, phone="0399 888 777", address="Nhà khác")
    assert letter_of(session, first).state is LetterState.DRAFT
    assert letter_of(session, second).held_reason == (
        "Có hồ sơ khác cùng loại ghi cùng họ tên, cùng ngày: xem có phải đăng ký hai lần không rồi mới gửi."
    )


def test_what_waits_long_is_listed(session: Session, world: World) -> None:
    row = with_officer(session, world)
    with clock.travelling(clock.now() + timedelta(days=15)):
        long = queries.Narrow(drafted_before=clock.now() - timedelta(days=14))
        assert [one.id for one in queries.letters(session, world.officer, narrow=long)] == [row.id]
    assert queries.letters(session, world.officer, narrow=replace(long, drafted_before=clock.now())) == []


def test_the_bag_of_a_visit_says_what_is_there_to_carry(session: Session, world: World) -> None:
    carried, waiting = with_officer(session, world), registered(session, world, MARRIAGE)
    rows = queries.bag(session, world.officer, [carried.case_id, waiting])
    assert {(row.case_id, row.carried) for row in rows} == {(carried.case_id, True), (waiting, False)}
    assert queries.bag(session, world.neighbour, [carried.case_id]) == []


def test_every_step_is_counted_on_its_day_by_unit_and_kind(session: Session, world: World) -> None:
    row = with_officer(session, world)
    letters.return_letter(session, world.officer, row.id, expected_version=row.version, reason="Đi vắng")
    registered(session, world, MARRIAGE, letter_consent="no")
    registered(session, world, MARRIAGE, letter_consent="later")
    november = (date(2026, 11, 1), date(2026, 11, 30))
    rows = queries.step_counts(session, world.staff, world.province, *november)
    assert [(one.unit_name, one.day, one.kind_words, dict(one.counts)) for one in rows] == [
        (
            "Xã Trà Cú",
            date(2026, 11, 16),
            "Thư chúc mừng kết hôn",
            {"draft": 1, "hold": 1, "declined": 1},
        ),
        (
            "Xã Trà Cú",
            date(2026, 11, 16),
            "Thư chúc mừng khai sinh",
            {"draft": 1, "approve": 1, "print": 1, "sign_seal": 1, "return": 1},
        ),
    ]
    with pytest.raises(NotFound):
        queries.step_counts(session, world.neighbour, world.tra_cu, *november)


def test_what_was_taken_back_is_not_counted(session: Session, world: World) -> None:
    row = issued(session, world)
    run = letters.print_run(session, world.clerk, [world.tra_cu])
    letters.cancel_run(session, world.clerk, run.id, reason="Nhầm giấy")
    day = clock.today()
    [one] = queries.step_counts(session, world.head, row.unit_id, day, day)
    assert dict(one.counts) == {"draft": 1, "approve": 1}
