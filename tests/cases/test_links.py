"""Hồ sơ liên quan: twins, a marriage before the birth, ties between two cases of one unit."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.cases import service as cases
from civreg.cases.queries import babies_of_one_birth, case_page, links_of, receipt_of
from civreg.cases.rules import LINK_WORDS, Circumstances, PersonForm
from civreg.shared import audit
from civreg.shared.errors import Conflict, InvalidInput, NotFound
from civreg.shared.partial_date import PartialDate
from tests.world import BIRTH, MARRIAGE, World, ask, receive, register, version

DEATH = replace(
    BIRTH,
    procedure="death_at_home",
    people=(PersonForm("deceased", "Thạch Thị Sa Rết", birth=PartialDate(1998), sex="female"),),
    requester_name="Kim Văn Sơn",
    phone="0977 000 111",
    event=PartialDate(2026, 11, 10),
)


def twin_of(
    session: Session, world: World, case_id: UUID, name: str = "Kim Sô Phia", key: str = "k2"
) -> UUID:
    receipt = cases.add_twin(
        session,
        world.officer,
        case_id,
        expected_version=version(session, world, case_id),
        request_key=key,
        full_name=name,
        sex="female",
        birth_paper_number="02.GCS.26",
        event_hour="khoảng 03 giờ 20",
    )
    return receipt.case_id


def test_a_twin_goes_without_what_the_family_gave_up(session: Session, world: World) -> None:
    first = ask(session, world, replace(BIRTH, procedure="birth_bundle"))
    cases.give_up_part(
        session,
        world.officer,
        first.case_id,
        "residence",
        expected_version=version(session, world, first.case_id),
        reason="Gia đình làm sau",
    )
    twin = case_page(session, world.officer, twin_of(session, world, first.case_id))
    assert "residence" not in [part.code for part in twin.parts]


def test_a_twin_is_typed_once_and_has_a_case_and_code_of_its_own(session: Session, world: World) -> None:
    first = ask(session, world)
    twin = case_page(session, world.officer, twin_of(session, world, first.case_id))
    own, shared = case_page(session, world.officer, first.case_id), ("mother", "father", "requester")
    assert {one.role: one.full_name for one in twin.people if one.role in shared} == {
        one.role: one.full_name for one in own.people if one.role in shared
    }
    [baby] = [one for one in twin.people if one.role == "child"]
    assert (baby.full_name, baby.sex, baby.ethnic_group) == ("Kim Sô Phia", "female", "Khmer")
    assert (baby.birth_day, baby.birth_month, baby.birth_year) == (2, 11, 2026)
    same = ("address", "hamlet", "place_of_event", "letter_consent", "event_day", "requester.phone")
    assert {name: twin.fields[name] for name in same} == {name: own.fields[name] for name in same}
    assert twin.fields["birth_paper_number"] == "02.GCS.26"
    assert twin.fields["event_hour"] == "khoảng 03 giờ 20"
    assert twin.code != own.code
    assert receipt_of(session, twin.id).tracking_code != first.tracking_code
    [tie] = links_of(session, world.officer, first.case_id)
    assert (tie.case_id, tie.words, tie.names) == (twin.id, "Bé sinh cùng lần", "Kim Sô Phia")
    assert audit.verify(session).ok


def test_the_same_form_sent_twice_makes_one_twin(session: Session, world: World) -> None:
    first = ask(session, world).case_id
    assert twin_of(session, world, first) == twin_of(session, world, first)
    assert len(babies_of_one_birth(session, first)) == 2


def test_a_third_baby_added_from_the_second_belongs_to_the_same_birth(session: Session, world: World) -> None:
    first = ask(session, world).case_id
    second = twin_of(session, world, first)
    third = twin_of(session, world, second, "Kim Sô Ly", "k3")
    assert babies_of_one_birth(session, third) == [first, second, third]
    assert [one.case_id for one in links_of(session, world.officer, first)] == [second, third]


def test_a_family_tells_twins_at_once_and_gets_a_receipt_for_each(session: Session, world: World) -> None:
    forms = [replace(BIRTH, unit_id=world.tra_cu)]
    forms.append(replace(forms[0], people=(PersonForm("child", "Kim Sô Phia"), *forms[0].people[1:])))
    receipts = cases.submit_births(session, forms, request_key="twins", body_digest="d")
    again = cases.submit_births(session, forms, request_key="twins", body_digest="d")
    assert [one.code for one in receipts] == [one.code for one in again]
    assert len({one.tracking_code for one in receipts}) == 2
    assert babies_of_one_birth(session, receipts[1].case_id) == [one.case_id for one in receipts]
    assert session.execute(text("SELECT count(*) FROM case_link")).scalar_one() == 1


def _link(session: Session, world: World, case_id: UUID, code: str, kind: str) -> UUID:
    return cases.link_cases(
        session,
        world.officer,
        case_id,
        expected_version=version(session, world, case_id),
        other_code=code,
        kind=kind,  # type: ignore[arg-type]
    )


def test_a_tie_is_said_on_both_cases_in_its_own_words_and_can_be_undone(
    session: Session, world: World
) -> None:
    birth, marriage = ask(session, world), ask(session, world, MARRIAGE)
    before = version(session, world, marriage.case_id)
    _link(session, world, birth.case_id, marriage.code.lower(), "marriage_before_birth")
    [seen] = links_of(session, world.officer, birth.case_id)
    [back] = links_of(session, world.officer, marriage.case_id)
    assert seen.words == "Kết hôn của cha mẹ, làm trước"
    assert back.words == "Khai sinh của con, làm sau"
    assert seen.meaning == LINK_WORDS["marriage_before_birth"].meaning
    assert (seen.names, back.names) == ("Trần Văn Út và Sơn Thị Na", "Kim Sô Khane")
    assert version(session, world, marriage.case_id) == before + 1
    cases.unlink_cases(
        session,
        world.officer,
        marriage.case_id,
        birth.case_id,
        expected_version=version(session, world, marriage.case_id),
    )
    assert links_of(session, world.officer, birth.case_id) == []
    with pytest.raises(NotFound):
        cases.unlink_cases(
            session,
            world.officer,
            marriage.case_id,
            birth.case_id,
            expected_version=version(session, world, marriage.case_id),
        )


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (
            "twin",
            "“Sinh đôi, sinh ba” nối hai hồ sơ khai sinh. Ông/bà chọn lại cách nối hoặc mã hồ sơ kia.",
        ),
        (
            "birth_and_death",
            "“Khai sinh và khai tử của cùng một bé” nối một hồ sơ khai sinh với một hồ sơ khai tử. "
            "Ông/bà chọn lại cách nối hoặc mã hồ sơ kia.",
        ),
    ],
)
def test_a_tie_that_does_not_hold_says_between_which_cases_it_does(
    session: Session, world: World, kind: str, sentence: str
) -> None:
    birth, marriage = ask(session, world).case_id, ask(session, world, MARRIAGE)
    with pytest.raises(InvalidInput) as refused:
        _link(session, world, birth, marriage.code, kind)
    assert refused.value.fields == {"kind": sentence}


def test_only_cases_of_ones_own_unit_can_be_tied(session: Session, world: World) -> None:
    birth = ask(session, world)
    far = ask(session, world, unit_id=world.dai_an)
    for code in (far.code, "H99-KHONG-CO"):
        with pytest.raises(InvalidInput) as refused:
            _link(session, world, birth.case_id, code, "twin")
        assert refused.value.fields == {
            "code": "Không có hồ sơ mang mã này ở đơn vị của ông/bà. Ông/bà xem lại mã."
        }
    with pytest.raises(InvalidInput, match="Đây là mã của chính hồ sơ đang mở"):
        _link(session, world, birth.case_id, birth.code, "twin")
    with pytest.raises(NotFound):
        cases.link_cases(
            session, world.neighbour, birth.case_id, expected_version=1, other_code=far.code, kind="twin"
        )
    other = ask(session, world)
    _link(session, world, birth.case_id, other.code, "twin")
    with pytest.raises(InvalidInput, match="Hai hồ sơ này đã nối với nhau"):
        _link(session, world, other.case_id, birth.code, "twin")
    with pytest.raises(Conflict):
        cases.link_cases(
            session, world.officer, birth.case_id, expected_version=1, other_code=other.code, kind="twin"
        )


def test_parents_marry_first_on_the_same_papers_and_the_birth_waits(session: Session, world: World) -> None:
    birth = ask(session, world).case_id
    marriage = cases.start_marriage(
        session, world.officer, birth, expected_version=version(session, world, birth)
    )
    page = case_page(session, world.officer, marriage.case_id)
    assert {one.role: (one.full_name, one.birth_year) for one in page.people} == {
        "requester": ("Thạch Thị Sa Rết", None),
        "groom": ("Kim Văn Sơn", 1995),
        "bride": ("Thạch Thị Sa Rết", 1998),
    }
    assert (page.rules.procedure, page.fields["letter_consent"]) == ("marriage_mobile", "")
    assert page.fields["address"] == "Nhà sau chùa"
    receive(session, world, birth)
    with pytest.raises(Conflict) as waits:
        register(session, world, birth)
    assert waits.value.sentence == (
        f"Cha mẹ kết hôn trước: hồ sơ {page.code} chưa đăng ký xong. Ông/bà đăng ký kết hôn trước; nếu gia đình đổi "
        "ý thì bỏ nối hai hồ sơ, hoặc ghi khai sinh kết hợp nhận cha, mẹ, con khi chưa nhận hồ sơ."
    )
    receive(session, world, marriage.case_id)
    register(session, world, marriage.case_id)
    register(session, world, birth)
    assert case_page(session, world.officer, birth).state == "registered"


def test_the_birth_no_longer_waits_when_the_tie_is_undone_or_the_father_is_recognised(
    session: Session, world: World
) -> None:
    untied, recognised = ask(session, world).case_id, ask(session, world).case_id
    marriages = {
        one: cases.start_marriage(session, world.officer, one, expected_version=version(session, world, one))
        for one in (untied, recognised)
    }
    cases.note_circumstances(
        session,
        world.officer,
        recognised,
        expected_version=version(session, world, recognised),
        noted=Circumstances(evidence="paper"),
    )
    cases.unlink_cases(
        session,
        world.officer,
        untied,
        marriages[untied].case_id,
        expected_version=version(session, world, untied),
    )
    for one in (untied, recognised):
        receive(session, world, one)
        register(session, world, one)
        assert case_page(session, world.officer, one).state == "registered"


def test_a_marriage_needs_both_parents_and_is_started_once(session: Session, world: World) -> None:
    alone = ask(session, world, people=BIRTH.people[:2], father_unknown=True).case_id
    with pytest.raises(InvalidInput, match="Ông/bà ghi họ tên cha và mẹ vào hồ sơ khai sinh trước"):
        cases.start_marriage(session, world.officer, alone, expected_version=version(session, world, alone))
    birth = ask(session, world).case_id
    cases.start_marriage(session, world.officer, birth, expected_version=version(session, world, birth))
    with pytest.raises(InvalidInput, match="Hồ sơ này đã nối với một hồ sơ kết hôn"):
        cases.start_marriage(session, world.officer, birth, expected_version=version(session, world, birth))


def test_what_is_no_birth_has_no_twin_and_what_has_ended_gets_none(session: Session, world: World) -> None:
    marriage = ask(session, world, MARRIAGE).case_id
    with pytest.raises(InvalidInput, match="Thủ tục này không có cách nối ấy"):
        twin_of(session, world, marriage)
    birth = ask(session, world).case_id
    cases.withdraw(
        session, world.officer, birth, expected_version=version(session, world, birth), reason="Đổi ý"
    )
    with pytest.raises(Conflict, match="Hồ sơ này đã kết thúc nên không thêm hồ sơ theo nó được"):
        twin_of(session, world, birth)
