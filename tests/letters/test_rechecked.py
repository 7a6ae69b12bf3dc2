"""What comes up between approval and the printer: the letter stops with its reason, and a head decides."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg import work
from civreg.cases import service as cases
from civreg.cases.rules import PersonForm
from civreg.letters import queries
from civreg.letters import service as letters
from civreg.letters.queries import LetterRow
from civreg.letters.rules import LetterAction, LetterState
from civreg.letters.service import rechecking
from civreg.shared.errors import Conflict, InvalidInput, NotAllowed, Refusal
from civreg.shared.partial_date import PartialDate
from tests.cases.test_circumstances import DEATH
from tests.letters.flow import handed_over, issued, letter_of, numbers, registered, state_of, topics
from tests.letters.test_annulled import close_correction, open_correction
from tests.letters.test_shared_letters import hand_over as hands_over
from tests.letters.test_shared_letters import to_register, twins
from tests.shared.paper_reading import pages
from tests.world import MARRIAGE, World, ask, version

NEAR = "Gia đình vừa có người mất, vừa có trẻ mới sinh: người biết gia đình quyết định."
NO_MORE = "Gia đình đã trả lời lại là không nhận thư: hủy thư."
CORRECTING = "Đăng ký đang được sửa sai sót: chờ ghi kết quả sửa ở hồ sơ, thư sẽ theo lời mới."
STOPPED = queries.Narrow(stopped=True)


def death_in_family(session: Session, world: World) -> UUID:
    """The father of the newborn of the plain birth has died; only told of, nothing is registered yet."""
    dead = PersonForm("deceased", "Kim Văn Sơn", birth=PartialDate(1995), sex="male")
    return ask(session, world, DEATH, people=(dead,)).case_id


def stopped(session: Session, world: World) -> LetterRow:
    row = issued(session, world)
    death_in_family(session, world)
    assert letters.print_run(session, world.clerk, [world.tra_cu]).stopped == 1
    return letter_of(session, row.case_id)


def test_a_death_told_after_approval_stops_the_letter_at_the_printer(session: Session, world: World) -> None:
    joy, other = issued(session, world), issued(session, world, MARRIAGE)
    death_in_family(session, world)
    run = letters.print_run(session, world.clerk, [world.tra_cu])
    assert (run.count, run.stopped) == (1, 1)
    assert joy.names not in " ".join(pages(run.pdf))
    held = letter_of(session, joy.case_id)
    assert (held.state, held.number, held.held_reason) == (LetterState.ISSUED, "01/2026", NEAR)
    assert state_of(session, other.case_id) == LetterState.PRINTED
    page = queries.letter_page(session, world.head, joy.id, work.LETTER_TEMPLATES)
    assert (page.moves[-1].words, page.moves[-1].note) == ("Dừng lại trước khi in", NEAR)
    assert [row.id for row in queries.letters(session, world.head, narrow=STOPPED)] == [joy.id]
    with pytest.raises(Refusal, match="Chưa có thư nào chờ in"):
        letters.print_run(session, world.clerk, [world.tra_cu])
    with pytest.raises(
        Conflict, match="thư đang dừng lại chờ lãnh đạo quyết định: Gia đình vừa có người mất"
    ):
        letters.print_run(session, world.clerk, [world.tra_cu], [joy.id])


def test_the_head_lets_a_stopped_letter_go_and_it_is_not_asked_again(session: Session, world: World) -> None:
    row = stopped(session, world)
    assert LetterAction.PRINT not in row.actions
    with pytest.raises(NotAllowed):
        letters.let_go(
            session, world.officer, row.id, expected_version=row.version, reason="Gia đình vẫn muốn"
        )
    with pytest.raises(InvalidInput, match="Ông/bà ghi lý do trước khi chọn “Cho thư đi tiếp”"):
        letters.let_go(session, world.head, row.id, expected_version=row.version, reason=" ")
    letters.let_go(session, world.head, row.id, expected_version=row.version, reason="Gia đình vẫn muốn nhận")
    go = letter_of(session, row.case_id)
    assert (go.held_reason, go.number) == ("", "01/2026")
    run = letters.print_run(session, world.clerk, [world.tra_cu])
    assert (run.count, run.stopped) == (1, 0)
    current = letter_of(session, row.case_id)
    with pytest.raises(Conflict, match="Thư này không dừng lại"):
        letters.let_go(session, world.head, row.id, expected_version=current.version, reason="Lần nữa")


def test_a_stopped_letter_is_voided_with_its_number(session: Session, world: World) -> None:
    row = stopped(session, world)
    letters.cancel(session, world.head, row.id, expected_version=row.version, reason="Cha của bé vừa mất")
    gone = letter_of(session, row.case_id)
    assert (gone.state, gone.void, gone.held_reason) == (LetterState.CANCELLED, True, "")
    [line] = queries.letter_book(session, world.head, world.tra_cu, 2026).rows
    assert (line.number, line.state, line.note) == ("01/2026", "Số đã hủy", "Cha của bé vừa mất")
    assert queries.letters(session, world.head, narrow=STOPPED) == []


def test_an_answer_changed_to_no_stops_the_letter_for_good(session: Session, world: World) -> None:
    row = issued(session, world)
    cases.change_case(
        session,
        world.officer,
        row.case_id,
        expected_version=version(session, world, row.case_id),
        before={"letter_consent": "yes"},
        sent={"letter_consent": "no"},
    )
    assert letters.print_run(session, world.clerk, [world.tra_cu]).stopped == 1
    held = letter_of(session, row.case_id)
    assert held.held_reason == NO_MORE
    with pytest.raises(Refusal, match=r"Gia đình đã trả lời không nhận thư\. Ông/bà hủy thư này\."):
        letters.let_go(session, world.head, row.id, expected_version=held.version, reason="Cứ gửi")


def test_a_correction_says_its_reason_on_the_page_while_it_is_open(session: Session, world: World) -> None:
    row = issued(session, world)
    open_correction(session, world, row.case_id)
    held = letter_of(session, row.case_id)
    assert (held.held_reason, LetterAction.PRINT in held.actions) == (CORRECTING, False)
    close_correction(session, world, row.case_id)
    assert letter_of(session, row.case_id).held_reason == ""
    assert letters.print_run(session, world.clerk, [world.tra_cu]).count == 1


def test_what_a_person_decided_before_the_number_stops_nothing(session: Session, world: World) -> None:
    death_in_family(session, world)
    case_id = registered(session, world)
    row = letter_of(session, case_id)
    assert row.held_reason == NEAR
    letters.release(session, world.officer, row.id, expected_version=row.version)
    row = letter_of(session, case_id)
    letters.approve(session, world.head, row.id, expected_version=row.version)
    work.run_waiting(session)
    ask(session, world, MARRIAGE)  # the unit has seen a case change: the letter is asked about again
    run = letters.print_run(session, world.clerk, [world.tra_cu])
    assert (run.count, run.stopped) == (1, 0)


def test_a_quiet_unit_is_not_asked_about(
    session: Session, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run of a thousand letters of which nothing changed looks into no case."""
    asked: list[UUID] = []
    seen = rechecking.drafted_now
    monkeypatch.setattr(
        rechecking, "drafted_now", lambda session, letter: asked.append(letter.id) or seen(session, letter)
    )
    first = issued(session, world)
    letters.print_run(session, world.clerk, [world.tra_cu])
    assert asked == []
    second = issued(session, world, MARRIAGE)
    ask(session, world)
    letters.print_run(session, world.clerk, [world.tra_cu])
    assert (asked, first.id in asked) == ([second.id], False)


def test_a_corrected_letter_is_listed_and_replaced_under_a_new_number(session: Session, world: World) -> None:
    old = issued(session, world)
    letters.print_run(session, world.clerk, [world.tra_cu])
    open_correction(session, world, old.case_id)
    close_correction(session, world, old.case_id, mother="Thạch Thị Sa Rên")
    [listed] = queries.letters(session, world.head, narrow=STOPPED)
    assert (listed.id, listed.state, listed.outdated_at is not None) == (old.id, LetterState.PRINTED, True)
    assert {LetterAction.REPLACE, LetterAction.LET_GO, LetterAction.CANCEL} <= set(listed.actions)
    assert LetterAction.SIGN_SEAL not in listed.actions
    with pytest.raises(Conflict, match="đăng ký đã sửa sai sót sau khi thư có số nên lời thư là lời cũ"):
        letters.sign_many(session, world.clerk, [old.id])
    with pytest.raises(NotAllowed):
        letters.replace_letter(
            session, world.officer, old.id, expected_version=listed.version, reason="Sai tên"
        )
    new_id = letters.replace_letter(
        session, world.head, old.id, expected_version=listed.version, reason="Đã sửa tên mẹ"
    )
    session.expire_all()
    gone, new = (
        next(row for row in queries.letters_of_case(session, world.head, old.case_id) if row.id == one)
        for one in (old.id, new_id)
    )
    assert (gone.state, gone.void, gone.replaced_by and gone.replaced_by.words) == (
        LetterState.CANCELLED,
        True,
        "thư mới chưa có số",
    )
    assert (new.state, new.replaces and new.replaces.words) == (LetterState.DRAFT, "thư số 01/2026")
    letters.approve(session, world.head, new_id, expected_version=new.version)
    work.run_waiting(session)
    page = queries.letter_page(session, world.head, new_id, work.LETTER_TEMPLATES)
    assert page.words is not None
    assert "Thạch Thị Sa Rên" in page.words.salutation
    assert (page.row.number, numbers(session)) == ("02/2026", [1, 2])
    first, second = queries.letter_book(session, world.head, world.tra_cu, 2026).rows
    assert (first.void, first.note) == (True, "Đã sửa tên mẹ. Thay bằng thư số 02/2026")
    assert (second.void, second.note) == (False, "Thay thư số 01/2026")
    assert letters.print_run(session, world.clerk, [world.tra_cu]).count == 1
    assert topics(session).count("letter.approved") == 2


def test_only_what_was_corrected_is_replaced(session: Session, world: World) -> None:
    row = issued(session, world)
    with pytest.raises(Conflict, match="Lời thư vẫn đúng với đăng ký nên không thay được"):
        letters.replace_letter(session, world.head, row.id, expected_version=row.version, reason="Thử")
    open_correction(session, world, row.case_id)
    close_correction(session, world, row.case_id)  # the number of the register only: no word of the letter
    assert queries.letters(session, world.head, narrow=STOPPED) == []


def test_a_letter_whose_old_words_still_hold_goes_on(session: Session, world: World) -> None:
    row = issued(session, world)
    open_correction(session, world, row.case_id)
    close_correction(session, world, row.case_id, mother="Thạch Thị Sa-Rết")
    held = letter_of(session, row.case_id)
    letters.let_go(
        session, world.head, row.id, expected_version=held.version, reason="Cùng một tên, viết rời"
    )
    assert letters.print_run(session, world.clerk, [world.tra_cu]).count == 1
    assert queries.letters(session, world.head, narrow=STOPPED) == []


def test_a_family_that_has_the_old_words_is_told(session: Session, world: World) -> None:
    row = handed_over(session, world)
    open_correction(session, world, row.case_id)
    close_correction(session, world, row.case_id, mother="Thạch Thị Sa Rên")
    held = letter_of(session, row.case_id)
    assert LetterAction.SETTLE_RECALL in held.actions
    assert LetterAction.REPLACE not in held.actions  # it was handed over, and stays counted
    letters.settle_recall(
        session, world.officer, row.id, expected_version=held.version, reason="Gia đình giữ thư cũ"
    )
    assert queries.letters(session, world.head, narrow=STOPPED) == []


def test_a_replacement_waits_for_what_came_up_meanwhile(session: Session, world: World) -> None:
    row = issued(session, world)
    open_correction(session, world, row.case_id)
    close_correction(session, world, row.case_id, mother="Thạch Thị Sa Rên")
    death_in_family(session, world)
    held = letter_of(session, row.case_id)
    new_id = letters.replace_letter(
        session, world.head, row.id, expected_version=held.version, reason="Sai tên"
    )
    new = next(one for one in queries.letters_of_case(session, world.head, row.case_id) if one.id == new_id)
    assert (new.state, new.held_reason) == (LetterState.HELD, NEAR)


def test_each_letter_of_a_double_sided_run_begins_on_a_front(session: Session, world: World) -> None:
    """Cover and letters of one page: every paper gets an empty back, and the same file comes again."""
    first, second = issued(session, world), issued(session, world, MARRIAGE)
    run = letters.print_run(session, world.clerk, [world.tra_cu], double_sided=True)
    read = pages(run.pdf)
    assert len(read) == 6
    assert [bool(page.strip()) for page in read] == [True, False] * 3
    where = [
        number
        for number, page in enumerate(read)
        for row in (first, second)
        if row.names.split(" và ")[0] in page
    ]
    assert {number % 2 for number in where} == {0}
    again = letters.reprint(session, world.clerk, run.id, reason="Kẹt giấy")
    assert again.pdf == run.pdf == queries.print_run_pdf(session, world.clerk, run.id)


def test_nothing_personal_stands_in_what_stops_a_letter(session: Session, world: World) -> None:
    row = stopped(session, world)
    written = session.execute(
        text("SELECT details::text FROM audit WHERE subject_id = :id AND action = 'letter.stopped'"),
        {"id": row.id},
    ).scalar_one()
    assert "birth_and_death" in written
    assert "Sơn" not in written


def test_an_early_letter_is_not_outdated_because_the_other_twin_came_later(
    session: Session, world: World
) -> None:
    first, second = twins(session, world)
    to_register(session, world, first)
    row = letter_of(session, first)
    letters.release(session, world.officer, row.id, expected_version=row.version)
    hands_over(session, world, first)
    to_register(session, world, second)
    open_correction(session, world, first)
    close_correction(session, world, first)  # the number of the register only
    early = letter_of(session, first)
    assert (early.names, early.outdated_at) == ("Kim Sô Khane", None)
    open_correction(session, world, first)
    close_correction(session, world, first, child="Kim Sô Khan")
    assert letter_of(session, first).outdated_at is not None, "its own name is corrected"
