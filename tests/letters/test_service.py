from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg import work
from civreg.accounts.rules import SYSTEM
from civreg.letters import queries
from civreg.letters import service as letters
from civreg.letters.rules import Honorific, LetterAction, LetterKind, LetterState, usual_layout
from civreg.shared import audit, clock, crypto
from civreg.shared.errors import Conflict, InvalidInput, NotAllowed, NotFound, Refusal
from civreg.shared.partial_date import PartialDate
from tests.letters.flow import (
    approved,
    handed_over,
    issued,
    letter_of,
    numbers,
    registered,
    state_of,
    topics,
    with_officer,
)
from tests.shared.paper_reading import words as pdf_words
from tests.world import BIRTH, MARRIAGE, World, ask

DEATH = replace(
    BIRTH,
    procedure="death_at_home",
    requester_name="Kim Văn Sơn",
    requester_relation="con",
    people=(
        replace(
            BIRTH.people[1],
            role="deceased",
            full_name="Thạch Thị Sa Rinh",
            birth=PartialDate(1941),
            sex="female",
        ),
    ),
    event=PartialDate(2026, 11, 12),
)


def test_a_registration_drafts_its_letter_once(session: Session, world: World) -> None:
    case_id = registered(session, world)
    row = letter_of(session, case_id)
    assert (row.state, row.names, row.number) == (LetterState.DRAFT, "Kim Sô Khane", None)
    assert letters.draft_earned_letter(session, case_id) is None
    assert session.scalar(text("SELECT count(*) FROM letter")) == 1


@pytest.mark.parametrize(
    ("consent", "state"), [("later", LetterState.HELD), (None, LetterState.HELD), ("yes", LetterState.DRAFT)]
)
def test_a_letter_waits_for_the_family_s_answer(
    session: Session, world: World, consent: str | None, state: LetterState
) -> None:
    case_id = registered(session, world, letter_consent=consent)
    assert state_of(session, case_id) == state


def test_a_family_that_said_no_gets_no_letter(session: Session, world: World) -> None:
    registered(session, world, letter_consent="no")
    assert session.scalar(text("SELECT count(*) FROM letter")) == 0


def test_a_held_letter_is_released_only_with_consent(session: Session, world: World) -> None:
    case_id = registered(session, world, letter_consent="later")
    row = letter_of(session, case_id)
    with pytest.raises(Refusal, match="hỏi gia đình"):
        letters.release(session, world.officer, row.id, expected_version=row.version)


def test_a_letter_to_mother_and_child_says_so(session: Session, world: World) -> None:
    case_id = registered(session, world, people=BIRTH.people[:2], father_unknown=True)
    row = letter_of(session, case_id)
    assert row.state == LetterState.HELD
    assert "mẹ và bé" in row.held_reason
    letters.release(session, world.officer, row.id, expected_version=row.version, mother_and_child=True)
    page = queries.letter_page(session, world.head, row.id, work.LETTER_TEMPLATES)
    assert page.row.state == LetterState.DRAFT
    assert page.words is not None
    assert "Kim Văn Sơn" not in str(page.words)
    assert "Thạch Thị Sa Rết" in str(page.words)


def test_what_happened_since_the_draft_is_looked_at_before_approval(session: Session, world: World) -> None:
    row = letter_of(session, registered(session, world))
    ask(session, world, DEATH, people=(replace(DEATH.people[0], full_name="Thạch Thị Sa Rết"),), key="death")
    with pytest.raises(Refusal, match="vừa có người mất"), session.begin_nested():
        letters.approve(session, world.head, row.id, expected_version=row.version)
    letters.hold(session, world.officer, row.id, expected_version=row.version, reason="Mẹ bé vừa mất")
    row = letter_of(session, row.case_id)
    assert row.held_reason == "Mẹ bé vừa mất"
    letters.release(session, world.officer, row.id, expected_version=row.version)
    row = approved(session, world, row.case_id)
    page = queries.letter_page(session, world.head, row.id, work.LETTER_TEMPLATES)
    assert "vừa có người mất" in page.moves[-2].note


def test_only_the_head_of_the_unit_approves(session: Session, world: World) -> None:
    row = letter_of(session, registered(session, world))
    for actor, refusal in (
        (world.officer, NotAllowed),
        (world.clerk, NotAllowed),
        (world.neighbour, NotFound),
    ):
        with pytest.raises(refusal):
            letters.approve(session, actor, row.id, expected_version=row.version)
    letters.approve(session, world.head, row.id, expected_version=row.version)
    assert state_of(session, row.case_id) == LetterState.APPROVED


def test_a_stale_page_is_refused(session: Session, world: World) -> None:
    row = letter_of(session, registered(session, world))
    letters.hold(session, world.officer, row.id, expected_version=row.version, reason="Chờ hỏi lại bà ngoại")
    with pytest.raises(Conflict):
        letters.approve(session, world.head, row.id, expected_version=row.version)


def test_approval_gives_number_bytes_hash_and_words_together(session: Session, world: World) -> None:
    row = issued(session, world)
    assert (row.state, row.number) == (LetterState.ISSUED, "01/2026")
    page = queries.letter_page(session, world.head, row.id, work.LETTER_TEMPLATES)
    pdf = queries.letter_pdf(session, world.head, row.id, work.LETTER_TEMPLATES)
    assert hashlib.sha256(pdf).hexdigest() == page.sha256
    assert page.words is not None
    read = pdf_words(pdf)
    for expected in ("Kim Sô Khane", "Thạch Thị Sa Rết", "Kim Văn Sơn", "Kim Thị Sô Phia", "XÃ TRÀ CÚ"):
        assert expected in read
    assert "Số:" not in read
    assert topics(session) == ["letter.approved", "letter.issued"]
    assert audit.verify(session).ok


def test_a_marriage_and_a_death_have_letters_of_their_own(session: Session, world: World) -> None:
    couple = issued(session, world, MARRIAGE)
    dead = issued(session, world, DEATH)
    assert [couple.number, dead.number] == ["01/2026", "02/2026"]
    pdf = pdf_words(queries.letter_pdf(session, world.head, couple.id, work.LETTER_TEMPLATES))
    assert "Trần Văn Út" in pdf
    assert "Sơn Thị Na" in pdf
    assert "cụ Thạch Thị Sa Rinh" in pdf_words(
        queries.letter_pdf(session, world.head, dead.id, work.LETTER_TEMPLATES)
    )


def test_the_form_of_address_is_chosen_by_a_person(session: Session, world: World) -> None:
    unknown = replace(DEATH.people[0], sex=None, birth=PartialDate(precision="unknown"))
    case_id = registered(session, world, DEATH, people=(unknown,))
    row = letter_of(session, case_id)
    assert "xưng hô" in row.held_reason
    with pytest.raises(Refusal, match="xưng hô"), session.begin_nested():
        letters.release(session, world.officer, row.id, expected_version=row.version)
    letters.release(
        session, world.officer, row.id, expected_version=row.version, honorific=Honorific.GRANDMOTHER
    )
    approved(session, world, case_id)
    work.run_waiting(session)
    pdf = queries.letter_pdf(session, world.head, row.id, work.LETTER_TEMPLATES)
    assert "bà Thạch Thị Sa Rinh" in pdf_words(pdf)


def test_issuing_twice_gives_one_number(session: Session, world: World) -> None:
    row = issued(session, world)
    assert letters.issue(session, row.id, work.LETTER_TEMPLATES) is False
    assert numbers(session) == [1]


def test_a_rolled_back_issue_gives_its_number_back(session: Session, world: World) -> None:
    first = approved(session, world, registered(session, world))
    savepoint = session.begin_nested()
    assert letters.issue(session, first.id, work.LETTER_TEMPLATES)
    assert numbers(session) == [1]
    savepoint.rollback()
    session.expire_all()
    assert numbers(session) == []
    work.run_waiting(session)
    issued(session, world, MARRIAGE)
    assert numbers(session) == [1, 2]


def test_a_letter_that_cannot_be_printed_is_held_and_uses_no_number(session: Session, world: World) -> None:
    child = replace(BIRTH.people[0], full_name="Kim Sô 中")
    case_id = registered(session, world, people=(child, *BIRTH.people[1:]))
    approved(session, world, case_id)
    work.run_waiting(session)
    row = letter_of(session, case_id)
    assert row.state == LetterState.HELD
    assert row.held_reason
    assert numbers(session) == []
    assert issued(session, world, MARRIAGE).number == "01/2026"


def test_a_shown_number_stands_on_the_sheet_and_in_the_book(session: Session, world: World) -> None:
    for kind in (LetterKind.CONGRATULATION_BIRTH, LetterKind.CONGRATULATION_MARRIAGE):
        with_number = replace(usual_layout(kind), show_number=True)
        letters.set_layout(session, world.clerk, world.province, kind, clock.today(), with_number)
    unprintable = replace(BIRTH.people[0], full_name="Kim Sô 中")
    bad = approved(session, world, registered(session, world, people=(unprintable, *BIRTH.people[1:])))
    good = approved(session, world, registered(session, world, MARRIAGE))
    assert letters.issue(session, bad.id, work.LETTER_TEMPLATES) is False
    assert letters.issue(session, good.id, work.LETTER_TEMPLATES) is True
    assert numbers(session) == [1]
    assert "Số: 01/2026" in pdf_words(queries.letter_pdf(session, world.head, good.id, work.LETTER_TEMPLATES))


def test_a_cancelled_number_stays_in_the_book_as_void(session: Session, world: World) -> None:
    row = issued(session, world)
    with pytest.raises(NotAllowed):
        letters.cancel(session, world.officer, row.id, expected_version=row.version, reason="Gia đình đổi ý")
    letters.cancel(session, world.head, row.id, expected_version=row.version, reason="Gia đình đổi ý")
    row = letter_of(session, row.case_id)
    assert (row.state, row.number, row.void) == (LetterState.CANCELLED, "01/2026", True)
    assert issued(session, world, MARRIAGE).number == "02/2026"


def test_a_new_year_starts_a_new_series(session: Session, world: World) -> None:
    issued(session, world)
    with clock.travelling(datetime(2027, 1, 4, 8, tzinfo=clock.ZONE)):
        assert issued(session, world, MARRIAGE).number == "01/2027"


def test_a_print_run_is_ordered_and_a_reprint_is_the_same(session: Session, world: World) -> None:
    later = issued(session, world)
    sooner = issued(session, world, MARRIAGE)
    session.execute(
        text("UPDATE letter SET needed_by = :at WHERE id = :id"),
        {"at": clock.now() + timedelta(days=1), "id": sooner.id},
    )
    session.expire_all()
    run = letters.print_run(session, world.clerk, [world.tra_cu, world.dai_an])
    assert run.count == 2
    assert {state_of(session, row.case_id) for row in (later, sooner)} == {LetterState.PRINTED}
    again = letters.reprint(session, world.clerk, run.id, reason="Kẹt giấy")
    assert again.pdf == run.pdf
    assert numbers(session) == [1, 2]
    with pytest.raises(NotFound):
        letters.reprint(session, world.neighbour, run.id, reason="Kẹt giấy")
    with pytest.raises(Refusal, match="Chưa có thư nào chờ in"):
        letters.print_run(session, world.clerk, [world.tra_cu])


def test_every_hand_is_a_row(session: Session, world: World) -> None:
    row = handed_over(session, world)
    page = queries.letter_page(session, world.officer, row.id, work.LETTER_TEMPLATES)
    assert [move.words for move in page.moves] == [
        "Lập dự thảo",
        "Duyệt thư",
        "Cấp số",
        "In thư",
        "Đã ký, đóng dấu",
        "Giao cho cán bộ đi trao",
        "Đã trao tận tay",
    ]
    assert (page.moves[-1].recipient, page.moves[-1].relation) == ("Thạch Thị Sa Rết", "mẹ")
    assert page.moves[-1].by == world.officer.full_name
    assert topics(session)[-1] == "letter.handed_over"
    assert audit.verify(session).ok


@pytest.mark.parametrize(("shift", "field"), [(timedelta(hours=1), "at"), (timedelta(days=-3), "at")])
def test_a_hand_over_lies_between_the_number_and_now(
    session: Session, world: World, shift: timedelta, field: str
) -> None:
    row = with_officer(session, world)
    with pytest.raises(InvalidInput) as refusal:
        letters.hand_over(
            session,
            world.officer,
            row.id,
            expected_version=row.version,
            to_whom="Kim Văn Sơn",
            relation="cha",
            at=clock.now() + shift,
        )
    assert list(refusal.value.fields) == [field]


def test_a_hand_over_may_be_written_in_the_minute_of_the_number(session: Session, world: World) -> None:
    with clock.travelling(clock.now() + timedelta(seconds=40)):
        row = with_officer(session, world)
        letters.hand_over(
            session,
            world.officer,
            row.id,
            expected_version=row.version,
            to_whom="Kim Văn Sơn",
            relation="cha",
            at=clock.now().replace(second=0, microsecond=0),
        )
    assert letter_of(session, row.case_id).state == "handed_over"


def test_a_hand_over_names_who_took_it(session: Session, world: World) -> None:
    row = with_officer(session, world)
    with pytest.raises(InvalidInput) as refusal:
        letters.hand_over(
            session,
            world.officer,
            row.id,
            expected_version=row.version,
            to_whom="  ",
            relation="",
            at=clock.now(),
        )
    assert list(refusal.value.fields) == ["to_whom"]


def test_a_returned_letter_can_be_carried_again(session: Session, world: World) -> None:
    row = with_officer(session, world)
    with pytest.raises(InvalidInput):
        letters.return_letter(session, world.officer, row.id, expected_version=row.version, reason=" ")
    session.expire_all()
    letters.return_letter(session, world.officer, row.id, expected_version=row.version, reason="Nhà đi vắng")
    row = letter_of(session, row.case_id)
    assert (row.state, row.actions[0]) == (LetterState.RETURNED, LetterAction.GIVE_TO_OFFICER)
    letters.give_to_officer(
        session, world.clerk, row.id, expected_version=row.version, officer_name="Kiên Thị Ngọc"
    )
    assert state_of(session, row.case_id) == LetterState.WITH_OFFICER


def test_a_pile_is_refused_whole_when_one_letter_is_not_the_clerk_s(session: Session, world: World) -> None:
    mine = issued(session, world)
    letters.print_run(session, world.clerk, [world.tra_cu])
    with pytest.raises(NotFound):
        letters.sign_many(session, world.neighbour, [mine.id])
    assert state_of(session, mine.case_id) == LetterState.PRINTED


def test_nothing_personal_stands_in_the_letter_s_rows(session: Session, world: World) -> None:
    row = handed_over(session, world)
    dump = str(session.execute(text("SELECT l::text FROM letter l")).scalars().all())
    dump += str(session.execute(text("SELECT m::text FROM letter_move m")).scalars().all())
    dump += str(
        session.execute(text("SELECT payload::text FROM outbox UNION ALL SELECT payload::text FROM job"))
        .scalars()
        .all()
    )
    for secret in ("Khane", "Sa Rết", "Sơn"):
        assert secret not in dump
    sealed = session.scalar(text("SELECT sealed_facts FROM letter"))
    with pytest.raises(crypto.SealBroken):
        crypto.unseal(sealed, "letter", row.case_id, "sealed_facts")


def test_the_machine_does_what_nobody_may(session: Session, world: World) -> None:
    row = issued(session, world)
    history = session.execute(text("SELECT actor_id FROM letter_move WHERE action = 'issue'")).scalar_one()
    assert history is None
    assert queries.letters_of_case(session, SYSTEM, row.case_id)
