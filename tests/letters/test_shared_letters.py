"""One letter that names both: twins, mother and child; and the letters that wait or are never drafted."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg import work
from civreg.accounts.rules import SYSTEM
from civreg.cases import service as cases
from civreg.cases.rules import Circumstances, PersonForm, RequestForm
from civreg.letters import queries
from civreg.letters import service as letters
from civreg.letters.queries import LetterRow, letter_page
from civreg.letters.rules import LetterState
from civreg.shared import clock
from civreg.shared.errors import NotAllowed, Refusal
from civreg.shared.partial_date import PartialDate
from civreg.statistics.queries import month
from civreg.statistics.rules import Line
from tests.cases.test_circumstances import DEATH, note
from tests.cases.test_links import twin_of
from tests.letters.flow import letter_of
from tests.world import BIRTH, World, ask, receive, register, version

WAITS = "Bé sinh cùng lần chưa đăng ký xong: chờ để một thư ghi tên các bé, hoặc bỏ tạm giữ để gửi thư trước."
HAS_ONE = (
    "Bé sinh cùng lần đã có thư khác: mỗi lần sinh một thư; xem thư ấy, hủy một trong hai thư nếu trùng."
)


def twins(session: Session, world: World) -> tuple[UUID, UUID]:
    first = ask(session, world).case_id
    return first, twin_of(session, world, first, key=str(first))


def to_register(session: Session, world: World, *case_ids: UUID) -> None:
    for case_id in case_ids:
        receive(session, world, case_id)
        register(session, world, case_id)
        work.run_waiting(session)


def letters_on(session: Session, case_id: UUID) -> list[LetterRow]:
    session.expire_all()
    return queries.letters_of_case(session, SYSTEM, case_id)


def words_of(session: Session, letter_id: UUID) -> str:
    words = letter_page(session, SYSTEM, letter_id, work.LETTER_TEMPLATES).words
    assert words is not None
    return " ".join((words.subtitle, words.salutation, *words.paragraphs, words.closing))


def hand_over(session: Session, world: World, case_id: UUID) -> None:
    row = letter_of(session, case_id)
    letters.approve(session, world.head, row.id, expected_version=row.version)
    work.run_waiting(session)
    letters.print_run(session, world.clerk, [row.unit_id])
    letters.sign_many(session, world.clerk, [row.id])
    letters.give_many(session, world.clerk, [row.id], officer_name=world.officer.full_name)
    row = letter_of(session, case_id)
    letters.hand_over(
        session,
        world.officer,
        row.id,
        expected_version=row.version,
        to_whom="Thạch Thị Sa Rết",
        relation="mẹ",
        at=clock.now(),
    )
    work.run_waiting(session)


def test_twins_have_one_letter_that_names_both_and_counts_once(session: Session, world: World) -> None:
    first, second = twins(session, world)
    to_register(session, world, first)
    waiting = letter_of(session, first)
    assert (waiting.state, waiting.held_reason) == (LetterState.HELD, WAITS)
    to_register(session, world, second)
    ready = letter_of(session, first)
    assert (ready.state, ready.names, ready.held_reason) == (
        LetterState.DRAFT,
        "Kim Sô Khane và Kim Sô Phia",
        "",
    )
    assert letters_on(session, second) == []
    [shared] = queries.letters_shared_with(session, world.officer, second)
    assert shared.id == ready.id
    words = words_of(session, ready.id)
    assert "vừa đón hai cháu Kim Sô Khane và Kim Sô Phia chào đời ngày 02 tháng 11 năm 2026." in words
    assert "Hai cháu nay đã có giấy khai sinh" in words
    hand_over(session, world, first)
    figures = month(session, world.staff, world.tra_cu, 2026, 11)
    assert (figures.total.count(Line.REGISTERED), figures.letters_handed_over) == (2, 1)
    [counted] = [figure for figure in figures.letters if figure.line is Line.LETTER_CONGRATULATION_BIRTH]
    assert counted.count == 1
    assert letters_on(session, second) == []


def test_it_does_not_matter_which_twin_is_registered_first(session: Session, world: World) -> None:
    first, second = twins(session, world)
    to_register(session, world, second, first)
    [row] = letters_on(session, second)
    assert (row.state, row.names) == (LetterState.DRAFT, "Kim Sô Khane và Kim Sô Phia")
    assert letters_on(session, first) == []


def test_the_letter_goes_alone_when_the_other_twin_is_not_registered_here(
    session: Session, world: World
) -> None:
    for end, name in ((cases.withdraw, "Kim Sô Khane"), (cases.refuse, "Kim Sô Khane Một")):
        first, second = twins(session, world)
        to_register(session, world, first)
        assert letter_of(session, first).state is LetterState.HELD
        receive(session, world, second)
        actor = world.head if end is cases.refuse else world.officer
        end(
            session, actor, second, expected_version=version(session, world, second), reason="Sinh ở nơi khác"
        )
        work.run_waiting(session)
        row = letter_of(session, first)
        assert (row.state, row.names) == (LetterState.DRAFT, name)
        assert f"vừa đón cháu {name}" in words_of(session, row.id)


def test_a_letter_released_early_still_takes_the_second_name_until_it_is_approved(
    session: Session, world: World
) -> None:
    first, second = twins(session, world)
    to_register(session, world, first)
    row = letter_of(session, first)
    letters.release(session, world.officer, row.id, expected_version=row.version)
    to_register(session, world, second)
    assert letter_of(session, first).names == "Kim Sô Khane và Kim Sô Phia"
    assert letters_on(session, second) == []


def test_a_second_letter_after_an_early_one_is_for_a_person_to_decide(session: Session, world: World) -> None:
    first, second = twins(session, world)
    to_register(session, world, first)
    row = letter_of(session, first)
    letters.release(session, world.officer, row.id, expected_version=row.version)
    hand_over(session, world, first)
    to_register(session, world, second)
    [own] = letters_on(session, second)
    assert (own.state, own.held_reason) == (LetterState.HELD, HAS_ONE)


def test_twins_tied_after_both_letters_were_drafted_do_not_get_two(session: Session, world: World) -> None:
    first = ask(session, world)
    second = ask(session, world, people=(PersonForm("child", "Kim Sô Phia"), *BIRTH.people[1:]))
    to_register(session, world, first.case_id, second.case_id)
    before = letter_of(session, first.case_id)
    assert before.state is LetterState.DRAFT
    cases.link_cases(
        session,
        world.officer,
        first.case_id,
        expected_version=version(session, world, first.case_id),
        other_code=second.code,
        kind="twin",
    )
    with pytest.raises(Refusal, match="Bé sinh cùng lần đã có thư khác"), session.begin_nested():
        letters.approve(session, world.head, before.id, expected_version=before.version)
    session.expire_all()
    work.run_waiting(session)
    rows = [letter_of(session, one.case_id) for one in (first, second)]
    assert [(row.state, row.held_reason) for row in rows] == [(LetterState.HELD, HAS_ONE)] * 2
    letters.cancel(session, world.head, rows[1].id, expected_version=rows[1].version, reason="Một thư là đủ")
    letters.release(session, world.head, rows[0].id, expected_version=rows[0].version)
    hand_over(session, world, first.case_id)
    assert letter_of(session, first.case_id).names == "Kim Sô Khane và Kim Sô Phia"


def test_untied_babies_have_a_letter_each(session: Session, world: World) -> None:
    first, second = twins(session, world)
    to_register(session, world, first, second)
    cases.unlink_cases(session, world.officer, first, second, expected_version=version(session, world, first))
    work.run_waiting(session)
    assert (letter_of(session, first).names, letter_of(session, second).names) == (
        "Kim Sô Khane",
        "Kim Sô Phia",
    )


def test_an_infant_of_less_than_a_day_never_has_a_congratulation(session: Session, world: World) -> None:
    birth, death = ask(session, world).case_id, ask(session, world, _infant()).case_id
    asked = Circumstances(lived_under_a_day=True, registration_asked=True, death_paper_by_commune=True)
    note(session, world, birth, replace(asked, death_paper_by_commune=False))
    note(session, world, death, asked)
    to_register(session, world, birth, death)
    assert letters_on(session, birth) == []
    condolence = letter_of(session, death)
    assert condolence.state is LetterState.HELD
    assert (
        "Bé mất trong ngày đầu đời: chỉ gửi thư chia buồn khi người biết gia đình thấy nên gửi."
        in condolence.held_reason
    )


def _infant(name: str = "Kim Sô Khane") -> RequestForm:
    return replace(
        DEATH,
        people=(PersonForm("deceased", name, birth=PartialDate(2026, 11, 2), sex="female"),),
        event=PartialDate(2026, 11, 5),
    )


def test_the_death_of_a_registered_child_holds_the_congratulation(session: Session, world: World) -> None:
    birth, death = ask(session, world), ask(session, world, _infant("Bé chưa đặt tên"))
    cases.link_cases(
        session,
        world.officer,
        birth.case_id,
        expected_version=version(session, world, birth.case_id),
        other_code=death.code,
        kind="birth_and_death",
    )
    to_register(session, world, birth.case_id)
    row = letter_of(session, birth.case_id)
    assert row.state is LetterState.HELD
    assert "Bé đã mất: không gửi thư chúc mừng; cân nhắc thư chia buồn." in row.held_reason


def _mother_and_child(session: Session, world: World) -> tuple[UUID, UUID]:
    mother = replace(
        DEATH, people=(PersonForm("deceased", "Thạch Thị Sa Rết", birth=PartialDate(1998), sex="female"),)
    )
    first, second = ask(session, world, mother), ask(session, world, _infant())
    cases.link_cases(
        session,
        world.officer,
        first.case_id,
        expected_version=version(session, world, first.case_id),
        other_code=second.code,
        kind="mother_and_child",
    )
    to_register(session, world, first.case_id, second.case_id)
    return first.case_id, second.case_id


def test_mother_and_child_have_one_condolence_when_the_head_chooses_so(
    session: Session, world: World
) -> None:
    mother, child = _mother_and_child(session, world)
    row = letter_of(session, mother)
    both = "Gia đình mất cả mẹ và bé: lãnh đạo chọn một thư chia buồn chung hoặc hai thư."
    assert both in row.held_reason
    assert both in letter_of(session, child).held_reason
    assert letter_page(session, world.officer, row.id, work.LETTER_TEMPLATES).together_with == ""
    assert letter_page(session, world.head, row.id, work.LETTER_TEMPLATES).together_with == "Kim Sô Khane"
    with pytest.raises(NotAllowed), session.begin_nested():
        letters.release(session, world.officer, row.id, expected_version=row.version, together=True)
    session.expire_all()
    row = letter_of(session, mother)
    letters.release(session, world.head, row.id, expected_version=row.version, together=True)
    assert letter_of(session, child).state is LetterState.CANCELLED
    words = words_of(session, row.id)
    assert "Kính gửi: Gia đình chị Thạch Thị Sa Rết và cháu Kim Sô Khane" in words
    assert "khi được tin chị Thạch Thị Sa Rết và cháu Kim Sô Khane đã qua đời." in words
    assert "khi cùng lúc phải xa hai người thân yêu" in words
    hand_over(session, world, mother)
    figures = month(session, world.staff, world.tra_cu, 2026, 11)
    assert [(one.line, one.count) for one in figures.letters if one.count] == [(Line.LETTER_CONDOLENCE, 1)]


def test_mother_and_child_may_have_a_letter_each(session: Session, world: World) -> None:
    mother, child = _mother_and_child(session, world)
    for case_id in (mother, child):
        row = letter_of(session, case_id)
        letters.release(session, world.head, row.id, expected_version=row.version)
    assert "chị Thạch Thị Sa Rết đã qua đời" in words_of(session, letter_of(session, mother).id)
    assert "cháu Kim Sô Khane đã qua đời" in words_of(session, letter_of(session, child).id)


@pytest.mark.parametrize("same", ["person", "phone"])
def test_a_birth_and_a_death_near_in_one_household_are_for_a_person(
    session: Session, world: World, same: str
) -> None:
    changed = (
        {"people": (PersonForm("deceased", "Kim Văn Sơn", birth=PartialDate(1995), sex="male"),)}
        if same == "person"
        else {"phone": BIRTH.phone}
    )
    birth, death = ask(session, world).case_id, ask(session, world, DEATH, **changed).case_id
    to_register(session, world, birth, death)
    words = "Gia đình vừa có người mất, vừa có trẻ mới sinh: người biết gia đình quyết định."
    for case_id in (birth, death):
        assert words in letter_of(session, case_id).held_reason


def test_a_birth_and_a_death_of_strangers_hold_nothing(session: Session, world: World) -> None:
    birth, death = ask(session, world).case_id, ask(session, world, DEATH).case_id
    to_register(session, world, birth, death)
    assert letter_of(session, birth).state is LetterState.DRAFT
    assert letter_of(session, death).state is LetterState.DRAFT


def test_a_young_mother_holds_the_letter_for_a_person(session: Session, world: World) -> None:
    people = (BIRTH.people[0], replace(BIRTH.people[1], birth=PartialDate(2010)), BIRTH.people[2])
    case_id = ask(session, world, people=people).case_id
    to_register(session, world, case_id)
    row = letter_of(session, case_id)
    assert (row.state, row.held_reason) == (
        LetterState.HELD,
        "Mẹ chưa đủ hoặc chưa chắc đủ 18 tuổi khi sinh: người biết gia đình quyết định.",
    )


def test_an_abandoned_child_has_no_letter_without_a_person(session: Session, world: World) -> None:
    case_id = ask(session, world, people=(PersonForm("child", "Kim Sô Ly"),)).case_id
    note(session, world, case_id, Circumstances(abandoned=True))
    to_register(session, world, case_id)
    row = letter_of(session, case_id)
    assert row.state is LetterState.HELD
    assert "Trẻ bị bỏ rơi: cân nhắc có gửi thư không, gửi cho ai." in row.held_reason


def test_a_letter_calls_khmer_families_by_their_whole_and_differing_names(
    session: Session, world: World
) -> None:
    people = (
        PersonForm("child", "Thạch Sa Rương", birth=PartialDate(2026, 11)),
        PersonForm("mother", "Kiên Thị Đa", birth=PartialDate(1995)),
        PersonForm("father", "Kim Văn Sơn", birth=PartialDate(1990)),
    )
    case_id = ask(session, world, people=people, event=PartialDate(2026, 11)).case_id
    to_register(session, world, case_id)
    row = letter_of(session, case_id)
    assert row.state is LetterState.DRAFT
    words = words_of(session, row.id)
    assert "Kính gửi: Chị Kiên Thị Đa và anh Kim Văn Sơn" in words
    assert "vừa đón cháu Thạch Sa Rương chào đời." in words  # no day: nobody knows which


def test_no_name_of_a_linked_case_leaves_the_tables_it_belongs_to(session: Session, world: World) -> None:
    first, second = twins(session, world)
    to_register(session, world, first, second)
    told = session.execute(text("SELECT details::text FROM audit UNION ALL SELECT payload::text FROM outbox"))
    assert not [row for row in told.scalars() if "Kim" in row or "S\\u00f4" in row]
