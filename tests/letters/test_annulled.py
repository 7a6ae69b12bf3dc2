"""A registration that is annulled or corrected: figures, letters on every step, and what the family's paper says."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg import work
from civreg.accounts.rules import SYSTEM
from civreg.cases import service as cases
from civreg.cases.queries import case_page
from civreg.cases.service import CorrectionForm
from civreg.letters import queries
from civreg.letters import service as letters
from civreg.letters.rules import LetterAction, LetterState
from civreg.shared import clock
from civreg.shared.errors import Conflict, InvalidInput, NotAllowed, Refusal
from civreg.statistics.queries import cases_behind, facts_equal_counts, month
from civreg.statistics.rules import LETTER_LINES, Line
from tests.letters.flow import (
    approved,
    handed_over,
    issued,
    letter_of,
    registered,
    state_of,
    with_officer,
)
from tests.letters.test_shared_letters import to_register, twins
from tests.world import World, deliver, version

RECALLED = queries.Narrow(recalled=True)
WHY = "Quyết định 12/QĐ-UBND: đăng ký sai thẩm quyền"


def annul(session: Session, world: World, case_id: UUID) -> None:
    current = version(session, world, case_id)
    cases.annul_registration(session, world.head, case_id, expected_version=current, reason=WHY)
    work.run_waiting(session)


def open_correction(session: Session, world: World, case_id: UUID) -> None:
    current = version(session, world, case_id)
    cases.open_correction(
        session, world.officer, case_id, expected_version=current, reason="Sai chữ đệm của mẹ"
    )
    work.run_waiting(session)


def close_correction(session: Session, world: World, case_id: UUID, **names: str) -> None:
    form = CorrectionForm(register_number="12/2026", names=names)
    current = version(session, world, case_id)
    cases.close_correction(session, world.officer, case_id, expected_version=current, form=form)
    work.run_waiting(session)


def counts(session: Session, world: World) -> dict[Line, int]:
    figures = month(session, world.officer, world.tra_cu, 2026, 11)
    return {
        **{cell.line: cell.count for cell in figures.total.figures},
        **{cell.line: cell.count for cell in figures.letters},
    }


def test_an_annulled_registration_leaves_the_figures_and_their_cases(session: Session, world: World) -> None:
    case_id = registered(session, world)
    deliver(session, world, case_id)
    work.run_waiting(session)
    before = counts(session, world)
    assert (before[Line.REGISTERED], before[Line.REGISTERED_ON_TIME], before[Line.DELIVERED]) == (1, 1, 1)
    annul(session, world, case_id)
    after = counts(session, world)
    gone = (Line.REGISTERED, Line.REGISTERED_ON_TIME, Line.REGISTERED_LATE, Line.DELIVERED)
    assert [after[line] for line in gone] == [0, 0, 0, 0]
    assert (after[Line.REQUESTED], after[Line.RECEIVED]) == (1, 1)
    november = (date(2026, 11, 1), date(2026, 11, 30))
    assert cases_behind(session, world.officer, world.tra_cu, *november, None, Line.REGISTERED) == []
    assert facts_equal_counts(session)
    page = case_page(session, world.officer, case_id)
    assert (page.state, page.closing_reason, page.registered_at) == ("annulled", WHY, None)
    assert page.codes["register"]  # the register keeps the number it gave


def test_only_the_head_annuls_and_says_why(session: Session, world: World) -> None:
    case_id = registered(session, world)
    current = version(session, world, case_id)
    with pytest.raises(NotAllowed):
        cases.annul_registration(session, world.officer, case_id, expected_version=current, reason=WHY)
    with pytest.raises(InvalidInput, match="Ông/bà ghi lý do hủy bỏ"):
        cases.annul_registration(session, world.head, case_id, expected_version=current, reason=" ")
    annul(session, world, case_id)
    with pytest.raises(Conflict, match="Đã hủy bỏ đăng ký"):
        annul(session, world, case_id)
    audited = session.execute(text("SELECT count(*) FROM audit WHERE action = 'case.annulled'")).scalar_one()
    assert audited == 1


def test_an_unprinted_letter_is_recalled_and_its_number_stays_void(session: Session, world: World) -> None:
    draft = registered(session, world)
    row = issued(session, world)
    annul(session, world, draft)
    annul(session, world, row.case_id)
    assert [state_of(session, one) for one in (draft, row.case_id)] == [LetterState.CANCELLED] * 2
    gone = letter_of(session, row.case_id)
    assert (gone.number, gone.void) == ("01/2026", True)
    assert queries.letters(session, world.clerk, narrow=RECALLED) == []


def test_a_printed_letter_is_listed_and_goes_nowhere_but_back(session: Session, world: World) -> None:
    row = with_officer(session, world)
    annul(session, world, row.case_id)
    [listed] = queries.letters(session, world.officer, narrow=RECALLED)
    assert (listed.id, listed.state) == (row.id, LetterState.WITH_OFFICER)
    assert LetterAction.HAND_OVER not in listed.actions
    with pytest.raises(Conflict, match="đăng ký đã bị hủy bỏ nên thư không in, không trao"):
        letters.hand_over(
            session,
            world.officer,
            row.id,
            expected_version=listed.version,
            to_whom="Thạch Thị Sa Rết",
            relation="mẹ",
            at=clock.now(),
        )
    current = letter_of(session, row.case_id).version
    letters.cancel(session, world.head, row.id, expected_version=current, reason="Đã giữ lại tờ thư")
    assert queries.letters(session, world.officer, narrow=RECALLED) == []


def test_a_letter_the_family_has_stays_counted_until_it_is_settled(session: Session, world: World) -> None:
    row = handed_over(session, world)
    annul(session, world, row.case_id)
    assert counts(session, world)[Line.LETTER_CONGRATULATION_BIRTH] == 1
    [listed] = queries.letters(session, world.officer, narrow=RECALLED)
    letters.settle_recall(
        session, world.officer, row.id, expected_version=listed.version, reason="Đã đến nhà nói lại"
    )
    assert queries.letters(session, world.officer, narrow=RECALLED) == []
    with pytest.raises(Conflict, match="Thư này không phải thu lại"):
        letters.settle_recall(
            session, world.officer, row.id, expected_version=listed.version + 1, reason="Lần nữa"
        )


def test_the_letter_of_twins_loses_the_child_whose_registration_is_annulled(
    session: Session, world: World
) -> None:
    first, second = twins(session, world)
    to_register(session, world, second, first)
    assert letter_of(session, second).names == "Kim Sô Khane và Kim Sô Phia"
    annul(session, world, first)
    row = letter_of(session, second)
    assert (row.state, row.names) == (LetterState.DRAFT, "Kim Sô Phia")


def test_a_hand_over_noted_by_mistake_leaves_the_figures_of_its_day(session: Session, world: World) -> None:
    row = handed_over(session, world)
    assert counts(session, world)[Line.LETTER_CONGRATULATION_BIRTH] == 1
    with pytest.raises(NotAllowed):
        letters.take_back(session, world.officer, row.id, expected_version=row.version, reason="Nhầm")
    letters.take_back(
        session, world.head, row.id, expected_version=row.version, reason="Ghi nhầm thư nhà khác"
    )
    work.run_waiting(session)
    assert state_of(session, row.case_id) == LetterState.RETURNED
    assert all(counts(session, world)[line] == 0 for line in LETTER_LINES)
    assert facts_equal_counts(session)
    november = (date(2026, 11, 1), date(2026, 11, 30))
    line = Line.LETTER_CONGRATULATION_BIRTH
    assert cases_behind(session, world.officer, world.tra_cu, *november, None, line) == []


def test_no_letter_moves_while_a_correction_is_open(session: Session, world: World) -> None:
    case_id = registered(session, world)
    open_correction(session, world, case_id)
    row = letter_of(session, case_id)
    assert (row.state, row.held_reason) == (
        LetterState.HELD,
        "Đăng ký đang được sửa sai sót: chờ ghi kết quả sửa ở hồ sơ, thư sẽ theo lời mới.",
    )
    with pytest.raises(
        Refusal, match=r"Đăng ký đang được sửa sai sót\. Ông/bà ghi kết quả sửa ở hồ sơ trước"
    ):
        letters.release(session, world.officer, row.id, expected_version=row.version)
    close_correction(session, world, case_id, mother="Thạch Thị Sa Rên")
    after = letter_of(session, case_id)
    assert after.state is LetterState.DRAFT
    words = queries.letter_page(session, SYSTEM, after.id, work.LETTER_TEMPLATES).words
    assert words is not None
    assert "Thạch Thị Sa Rên" in words.salutation


def test_an_approved_letter_waits_again_and_an_issued_one_is_not_printed(
    session: Session, world: World
) -> None:
    case_id = registered(session, world)
    approved(session, world, case_id)
    open_correction(session, world, case_id)
    assert state_of(session, case_id) == LetterState.HELD
    row, other = issued(session, world), issued(session, world)
    open_correction(session, world, row.case_id)
    with pytest.raises(Conflict, match="đăng ký đang được sửa sai sót nên thư phải chờ"):
        letters.print_run(session, world.clerk, [row.unit_id], [row.id])
    assert letters.print_run(session, world.clerk, [row.unit_id]).count == 1
    assert state_of(session, row.case_id) == LetterState.ISSUED
    assert state_of(session, other.case_id) == LetterState.PRINTED
    close_correction(session, world, row.case_id)
    assert letters.print_run(session, world.clerk, [row.unit_id]).count == 1


def test_a_correction_writes_what_the_register_says_now(session: Session, world: World) -> None:
    case_id = registered(session, world)
    with pytest.raises(Conflict, match="không có việc sửa sai sót nào đang mở"):
        close_correction(session, world, case_id)
    open_correction(session, world, case_id)
    with pytest.raises(Conflict, match="đang được sửa sai sót rồi"):
        open_correction(session, world, case_id)
    current = version(session, world, case_id)
    wrong = CorrectionForm(register_number="", personal_number="12", names={"child": "1234"})
    with pytest.raises(InvalidInput) as refused:
        cases.close_correction(session, world.officer, case_id, expected_version=current, form=wrong)
    assert set(refused.value.fields) == {"register_number", "personal_number", "child.full_name"}
    form = CorrectionForm("99/2026", "02/2026-KS", "084326012399", names={"child": "Kim Sô Kha"})
    cases.close_correction(session, world.officer, case_id, expected_version=current, form=form)
    page = case_page(session, world.officer, case_id)
    child = next(person for person in page.people if person.role == "child")
    assert (page.codes["register"], page.codes["register_book"]) == ("99/2026", "02/2026-KS")
    assert (child.full_name, child.personal_number) == ("Kim Sô Kha", "084326012399")
    assert [move.action for move in page.history[-2:]] == ["open_correction", "close_correction"]
    assert counts(session, world)[Line.REGISTERED] == 1
