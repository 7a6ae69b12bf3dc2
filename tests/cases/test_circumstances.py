"""Hoàn cảnh cần lưu ý: recognition, abandoned child, under a day, death at home, cause of death, young mother."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.cases import service as cases
from civreg.cases.queries import case_page, circumstances_of, find_cases, follow
from civreg.cases.rules import Circumstances, PersonForm, RequestForm
from civreg.deadlines.queries import deadlines_of
from civreg.deadlines.rules import reason_sentence
from civreg.shared.errors import Conflict, InvalidInput, NotFound
from civreg.shared.partial_date import PartialDate
from tests.world import BIRTH, MARRIAGE, World, ask, door_of, papers_of, receive, register, version

DEATH = RequestForm(
    procedure="death_at_home",
    unit_id=0,
    requester_name="Kim Văn Sơn",
    phone="0977 000 111",
    people=(PersonForm("deceased", "Kim Văn Ơn", birth=PartialDate(1940), sex="male"),),
    event=PartialDate(2026, 11, 10),
    event_hour="khoảng 03 giờ",
    place_of_event="Tại nhà",
    death_paper_by_commune=True,
    letter_consent="yes",
)


def note(session: Session, world: World, case_id: UUID, noted: Circumstances) -> None:
    cases.note_circumstances(
        session,
        world.officer,
        case_id,
        expected_version=version(session, world, case_id),
        noted=noted,
    )


def test_recognition_changes_the_promise_and_says_why(session: Session, world: World) -> None:
    plain, combined = ask(session, world).case_id, ask(session, world).case_id
    noted = Circumstances(evidence="two_witnesses", witnesses=("Sơn Văn Hai", "Trần  Thị Ba"))
    note(session, world, combined, noted)
    assert "recognition_evidence" in papers_of(session, world, combined)
    for one in (plain, combined):
        receive(session, world, one)
    assert case_page(session, world.officer, plain).promised_on == date(2026, 11, 16)
    page = case_page(session, world.officer, combined)
    assert page.promised_on == date(2026, 11, 19)
    [promise] = [row for row in deadlines_of(session, combined) if row.kind == "part"]
    assert [reason_sentence(reason) for reason in promise.reasons] == [
        "03 ngày làm việc, tính từ ngày sau ngày tiếp nhận đủ giấy tờ (16/11/2026).",
        "Khai sinh kết hợp nhận cha, mẹ, con nên có thời hạn riêng.",
    ]
    kept = circumstances_of(session, world.officer, combined)
    assert (kept.evidence, kept.witnesses) == ("two_witnesses", ("Sơn Văn Hai", "Trần Thị Ba"))


def test_recognition_that_must_be_verified_takes_five_days_more(session: Session, world: World) -> None:
    case_id = ask(session, world).case_id
    note(session, world, case_id, Circumstances(evidence="paper"))
    cases.receive_dossier(
        session,
        world.officer,
        case_id,
        expected_version=version(session, world, case_id),
        received_at=case_page(session, world.officer, case_id).requested_at,
        place="home",
        papers=papers_of(session, world, case_id),
        flags=("verification",),
    )
    # 17, 18, 19, 20, 23, then 25 (24/11 is a holiday), 26, 27
    assert case_page(session, world.officer, case_id).promised_on == date(2026, 11, 27)


@pytest.mark.parametrize(
    ("flags", "promised"), [((), date(2026, 11, 23)), (("verification",), date(2026, 11, 27))]
)
def test_a_mobile_birth_with_recognition_keeps_the_longer_time(
    session: Session, world: World, flags: tuple[str, ...], promised: date
) -> None:
    case_id = ask(session, world, procedure="birth_mobile").case_id
    note(session, world, case_id, Circumstances(evidence="paper"))
    assert "recognition_evidence" in papers_of(session, world, case_id)
    cases.receive_dossier(
        session,
        world.officer,
        case_id,
        expected_version=version(session, world, case_id),
        received_at=case_page(session, world.officer, case_id).requested_at,
        place="home",
        papers=papers_of(session, world, case_id),
        flags=flags,
        door=door_of(session, world, case_id),
    )
    # 17, 18, 19, 20, 23 are five days; then 25 (24/11 is a holiday), 26, 27
    assert case_page(session, world.officer, case_id).promised_on == promised


def test_two_witnesses_have_two_names(session: Session, world: World) -> None:
    case_id = ask(session, world).case_id
    with pytest.raises(InvalidInput) as refused:
        note(session, world, case_id, Circumstances(evidence="two_witnesses", witnesses=("Sơn Văn Hai", "")))
    assert refused.value.fields == {
        "witness_2": "Người làm chứng thứ 2: ông/bà ghi họ, chữ đệm và tên, ví dụ Thạch Thị Sa Rết."
    }


def test_what_the_reception_has_settled_stays(session: Session, world: World) -> None:
    case_id = ask(session, world).case_id
    receive(session, world, case_id)
    with pytest.raises(InvalidInput) as refused:
        note(session, world, case_id, Circumstances(evidence="paper", abandoned=True))
    sentence = "Hồ sơ đã nhận: giấy tờ và ngày hẹn đã ghi theo điều này nên không đổi được nữa."
    assert refused.value.fields == {"evidence": sentence, "abandoned": sentence}
    session.expire_all()


def test_a_procedure_keeps_only_the_circumstances_it_knows(session: Session, world: World) -> None:
    marriage = ask(session, world, MARRIAGE).case_id
    before = version(session, world, marriage)
    note(session, world, marriage, Circumstances(evidence="paper", abandoned=True, cause="x"))
    page = case_page(session, world.officer, marriage)
    assert (page.version, page.circumstances) == (before, frozenset())


def test_an_abandoned_child_needs_no_mother_and_another_paper(session: Session, world: World) -> None:
    asks = {"requester_name": "Chùa Ông Mẹt", "requester_relation": "người nuôi dưỡng"}
    case_id = ask(session, world, people=(PersonForm("child", "Kim Sô Ly"),), **asks).case_id
    with pytest.raises(InvalidInput) as refused:
        receive(session, world, case_id)
    assert refused.value.fields == {"mother.full_name": "Mẹ: ông/bà ghi họ và tên trước khi nhận hồ sơ."}
    note(session, world, case_id, Circumstances(abandoned=True))
    assert papers_of(session, world, case_id) == ("abandonment_record", "identity_paper")
    receive(session, world, case_id)
    register(session, world, case_id)
    assert case_page(session, world.officer, case_id).state == "registered"


def test_an_infant_of_less_than_a_day_is_registered_only_when_the_parents_ask(
    session: Session, world: World
) -> None:
    for form in (BIRTH, DEATH):
        case_id = ask(session, world, form).case_id
        note(session, world, case_id, Circumstances(lived_under_a_day=True))
        for asked in (None, False):
            note(
                session,
                world,
                case_id,
                Circumstances(lived_under_a_day=True, registration_asked=asked),
            )
            with pytest.raises(InvalidInput) as refused:
                receive(session, world, case_id)
            assert refused.value.fields[""] == (
                "Bé sống chưa đủ 24 giờ thì chỉ đăng ký khi cha mẹ có yêu cầu (Bộ luật Dân sự 2015, điều 30 "
                "khoản 3). Ông/bà hỏi cha mẹ, ghi câu trả lời ở “Hoàn cảnh cần lưu ý” rồi nhận hồ sơ."
            )
        note(session, world, case_id, Circumstances(lived_under_a_day=True, registration_asked=True))
        receive(session, world, case_id)
        assert case_page(session, world.officer, case_id).state == "dossier_received"


@pytest.mark.parametrize(("born", "kept"), [(date(2026, 11, 10), True), (date(2026, 11, 8), False)])
def test_a_family_that_lost_a_newborn_is_called_first(
    session: Session, world: World, born: date, kept: bool
) -> None:
    baby = (PersonForm("deceased", "Kim Sô Ly", birth=PartialDate.of(born)),)
    receipt = ask(session, world, DEATH, people=baby)
    words = (
        "Khi bé mất trong ngày đầu đời, gia đình chỉ làm khai sinh, khai tử nếu cha mẹ muốn. "
        "Cán bộ gọi lại trước, gia đình không phải chuẩn bị giấy tờ gì."
    )
    assert receipt.keep_for_call == (words if kept else None)


def test_a_death_at_home_never_asks_the_family_for_the_death_paper(session: Session, world: World) -> None:
    at_home = ask(session, world, DEATH)
    elsewhere = ask(session, world, DEATH, death_paper_by_commune=False)
    assert papers_of(session, world, at_home.case_id) == ("own_death_paper", "identity_paper")
    assert papers_of(session, world, elsewhere.case_id) == ("death_paper", "identity_paper")
    told = {one.case_id: follow(session, one.tracking_code, "0111") for one in (at_home, elsewhere)}
    [quiet, asked] = [found.papers_to_have if found else () for found in told.values()]
    assert not [words for words in quiet if "iấy báo tử" in words]
    assert [words for words in asked if words.startswith("Giấy báo tử")]


def test_the_cause_of_death_is_sealed_and_each_reading_is_written_down(
    session: Session, world: World
) -> None:
    case_id = ask(session, world, DEATH).case_id
    note(session, world, case_id, Circumstances(death_paper_by_commune=True, cause="tuổi già, bệnh tim"))
    stored = session.execute(text("SELECT sealed_cause FROM case_file")).scalar_one()
    assert "tim" not in stored
    assert stored
    assert circumstances_of(session, world.officer, case_id).cause == "tuổi già, bệnh tim"
    logged = session.execute(text("SELECT actor_id, subject_id FROM read_log WHERE what = 'cause_of_death'"))
    assert [tuple(row) for row in logged] == [(world.officer.user_id, case_id)]
    everywhere = session.execute(
        text("SELECT details::text FROM audit UNION ALL SELECT payload::text FROM outbox")
    )
    assert not [row for row in everywhere.scalars() if "bệnh" in json.dumps(row, ensure_ascii=False)]
    assert "bệnh" not in repr(find_cases(session, world.officer, text="Kim Văn Ơn"))
    with pytest.raises(NotFound):
        circumstances_of(session, world.neighbour, case_id)


def test_a_young_mother_is_called_and_her_child_is_registered_all_the_same(
    session: Session, world: World
) -> None:
    people = (BIRTH.people[0], replace(BIRTH.people[1], birth=PartialDate(2010)), BIRTH.people[2])
    receipt = ask(session, world, people=people)
    assert receipt.keep_for_call == (
        "Xã sẽ gọi lại để hướng dẫn thêm trước khi đến nhà. Ông/bà vẫn gửi yêu cầu này bình thường."
    )
    receive(session, world, receipt.case_id)
    register(session, world, receipt.case_id)
    assert case_page(session, world.officer, receipt.case_id).state == "registered"


def test_who_is_too_young_to_marry_is_still_kept_from_the_dossier(session: Session, world: World) -> None:
    people = (MARRIAGE.people[0], replace(MARRIAGE.people[1], birth=PartialDate(2009, 3, 1)))
    case_id = ask(session, world, MARRIAGE, people=people).case_id
    with pytest.raises(InvalidInput) as refused:
        receive(session, world, case_id)
    assert set(refused.value.fields) == {"bride_birth"}


def test_an_ended_case_takes_no_notes(session: Session, world: World) -> None:
    case_id = ask(session, world).case_id
    cases.withdraw(
        session, world.officer, case_id, expected_version=version(session, world, case_id), reason="Đổi ý"
    )
    with pytest.raises(Conflict):
        note(session, world, case_id, Circumstances(abandoned=True))
    with pytest.raises(Conflict):
        cases.note_circumstances(
            session, world.officer, case_id, expected_version=1, noted=Circumstances(abandoned=True)
        )


def test_different_family_names_and_inexact_dates_raise_nothing(session: Session, world: World) -> None:
    people = (
        PersonForm("child", "Thạch Sa Rương", birth=PartialDate(2026, 11)),
        PersonForm("mother", "Kiên Thị Đa"),
        PersonForm("father", "Kim Văn Sơn", birth=PartialDate(1990)),
    )
    receipt = ask(session, world, people=people, event=PartialDate(2026, 11), event_hour="khoảng 03 giờ")
    assert (receipt.keep_for_call, receipt.citizen_due_on) == (None, None)
    receive(session, world, receipt.case_id)
    page = case_page(session, world.officer, receipt.case_id)
    assert (page.late_registration, page.fields["event_hour"]) == (None, "khoảng 03 giờ")
