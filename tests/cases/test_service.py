from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.cases import service as cases
from civreg.cases.queries import case_page, desk, find_cases, follow
from civreg.cases.rules import Action, PersonForm, RequestForm
from civreg.deadlines import queries as deadlines
from civreg.shared import audit, clock, crypto
from civreg.shared.errors import Conflict, InvalidInput, NotAllowed, NotFound, Refusal
from civreg.shared.partial_date import PartialDate
from tests.world import BIRTH, MARRIAGE, MONDAY, World, ask, papers_of, receive, register, version


def test_a_birth_goes_from_request_to_the_family_s_hands(session: Session, world: World) -> None:
    receipt = ask(session, world)
    assert receipt.code == "29461-26-00001"
    assert receipt.call_by == date(2026, 11, 17)
    assert receipt.citizen_due_on == date(2027, 1, 4)  # 60 days end on 1/1/2027, a holiday before a weekend
    receive(session, world, receipt.case_id)
    page = case_page(session, world.officer, receipt.case_id)
    assert (page.state, page.promised_on, page.late_registration) == (
        "dossier_received",
        date(2026, 11, 16),
        False,
    )
    cases.await_personal_number(
        session, world.officer, page.id, expected_version=page.version, register_number="123/2026"
    )
    assert case_page(session, world.officer, page.id).state == "personal_number_pending"
    register(session, world, page.id)
    page = case_page(session, world.officer, page.id)
    assert (page.state, page.on_time, page.codes["register"]) == ("registered", True, "123/2026")
    assert [person.personal_number for person in page.people if person.role == "child"] == ["084326012345"]
    cases.deliver(
        session,
        world.officer,
        page.id,
        expected_version=page.version,
        delivered_on=clock.today(),
        place="home",
    )
    page = case_page(session, world.officer, page.id)
    assert (page.state, page.actions) == ("delivered", ())
    assert [move.to_state for move in page.history] == [
        "requested",
        "dossier_received",
        "personal_number_pending",
        "awaiting_signature",
        "registered",
        "delivered",
    ]
    topics = session.execute(text("SELECT topic FROM outbox ORDER BY id")).scalars().all()
    assert topics == ["case.requested", "case.received", "case.registered", "case.delivered"]
    assert audit.verify(session).ok


@pytest.mark.parametrize(("hours", "on_time"), [(1, True), (-1, False)])
def test_a_term_in_hours_is_missed_within_its_day(
    session: Session, world: World, hours: int, on_time: bool
) -> None:
    case_id = ask(session, world).case_id
    receive(session, world, case_id)
    hour = clock.now() + timedelta(hours=hours)
    session.execute(
        text("UPDATE deadline SET due_at = :hour WHERE case_id = :id AND kind = 'part'"),
        {"hour": hour, "id": case_id},
    )
    session.expire_all()
    register(session, world, case_id)
    assert case_page(session, world.officer, case_id).on_time is on_time


def test_a_marriage_is_promised_in_five_working_days_over_the_holiday(session: Session, world: World) -> None:
    with clock.travelling(datetime(2026, 11, 17, 9, tzinfo=clock.ZONE)):
        receipt = ask(session, world, MARRIAGE)
        receive(session, world, receipt.case_id)
    page = case_page(session, world.officer, receipt.case_id)
    assert page.promised_on == date(2026, 11, 25)
    assert (page.form, page.register_remark) == ("mobile", "Đăng ký lưu động")
    rows = {row.kind: row for row in deadlines.deadlines_of(session, receipt.case_id)}
    assert rows["part"].due_on == date(2026, 11, 25)
    assert rows["call"].state == "met"


def test_the_same_key_gives_one_request(session: Session, world: World) -> None:
    first = ask(session, world, key="k-1")
    again = cases.submit_request(
        session, _filled(world), request_key="k-1", body_digest=crypto.digest(repr(_filled(world)))
    )
    assert (again.case_id, again.tracking_code) == (first.case_id, first.tracking_code)
    with pytest.raises(Refusal, match="đã được gửi trước đó với nội dung khác"):
        cases.submit_request(session, _filled(world), request_key="k-1", body_digest="other")
    assert session.scalar(text("SELECT count(*) FROM case_file")) == 1


def _filled(world: World) -> RequestForm:
    return replace(BIRTH, unit_id=world.tra_cu)


def test_under_age_is_kept_for_a_call_and_says_from_which_day(session: Session, world: World) -> None:
    young = PersonForm(
        "bride", "Sơn Thị Na", birth=PartialDate(2008, 12, 20), sex="female", marriage_ordinal=1
    )
    receipt = ask(session, world, MARRIAGE, people=(MARRIAGE.people[0], young))
    assert "20/12/2026" in (receipt.keep_for_call or "")
    with pytest.raises(InvalidInput) as refused:
        receive(session, world, receipt.case_id)
    assert any("20/12/2026" in sentence for sentence in refused.value.fields.values())


def test_another_unit_s_case_does_not_exist(session: Session, world: World) -> None:
    receipt = ask(session, world)
    for actor in (world.neighbour, world.stranger, world.clerk, world.staff, world.administrator):
        with pytest.raises(NotFound):
            case_page(session, actor, receipt.case_id)
        with pytest.raises(NotFound):
            cases.note_call(session, actor, receipt.case_id, expected_version=1)
        assert find_cases(session, actor).total == 0
    assert find_cases(session, world.officer).total == 1


def test_only_the_head_refuses(session: Session, world: World) -> None:
    receipt = ask(session, world)
    receive(session, world, receipt.case_id)
    current = version(session, world, receipt.case_id)
    with pytest.raises(NotAllowed):
        cases.refuse(
            session, world.officer, receipt.case_id, expected_version=current, reason="Sai thẩm quyền"
        )
    cases.refuse(session, world.head, receipt.case_id, expected_version=current, reason="Sai thẩm quyền")
    assert case_page(session, world.head, receipt.case_id).closing_reason == "Sai thẩm quyền"


def test_a_stale_page_is_refused_and_a_wrong_step_too(session: Session, world: World) -> None:
    receipt = ask(session, world)
    cases.note_call(session, world.officer, receipt.case_id, expected_version=1)
    with pytest.raises(Conflict, match="vừa có người khác cập nhật"):
        cases.withdraw(session, world.officer, receipt.case_id, expected_version=1, reason="đổi ý")
    with pytest.raises(Conflict, match="Yêu cầu mới"):
        cases.sign(session, world.officer, receipt.case_id, expected_version=2, signed_at=clock.now())


def test_two_people_s_changes_merge_and_the_same_field_shows_both(session: Session, world: World) -> None:
    receipt = ask(session, world)
    opened = case_page(session, world.officer, receipt.case_id)
    cases.change_case(
        session,
        world.head,
        opened.id,
        expected_version=opened.version,
        before=opened.fields,
        sent={**opened.fields, "hamlet": "Ấp Vàm"},
    )
    merged = cases.change_case(
        session,
        world.officer,
        opened.id,
        expected_version=opened.version,
        before=opened.fields,
        sent={**opened.fields, "mother.full_name": "Thạch Thị Sarết", "note": "gọi buổi chiều"},
    )
    assert merged.others_changed == ("ấp, khóm",)
    page = case_page(session, world.officer, opened.id)
    assert (page.fields["hamlet"], page.fields["note"]) == ("Ấp Vàm", "gọi buổi chiều")
    with pytest.raises(Conflict) as clash:
        cases.change_case(
            session,
            world.officer,
            opened.id,
            expected_version=opened.version,
            before=opened.fields,
            sent={**opened.fields, "hamlet": "Ấp Sóc"},
        )
    assert (clash.value.theirs, clash.value.yours) == ({"hamlet": "Ấp Vàm"}, {"hamlet": "Ấp Sóc"})


def test_asking_for_papers_pauses_the_clock(session: Session, world: World) -> None:
    receipt = ask(session, world, MARRIAGE)
    receive(session, world, receipt.case_id)
    papers = papers_of(session, world, receipt.case_id)
    cases.request_papers(
        session,
        world.officer,
        receipt.case_id,
        expected_version=version(session, world, receipt.case_id),
        papers=papers[:1],
        reason="Ảnh mờ",
    )
    with clock.travelling(MONDAY + timedelta(days=2)):
        with pytest.raises(InvalidInput, match="Còn thiếu"):
            cases.take_papers(
                session,
                world.officer,
                receipt.case_id,
                expected_version=version(session, world, receipt.case_id),
                papers=(),
            )
        cases.take_papers(
            session,
            world.officer,
            receipt.case_id,
            expected_version=version(session, world, receipt.case_id),
            papers=papers[:1],
        )
        page = case_page(session, world.officer, receipt.case_id)
        assert page.promised_on == date(2026, 11, 26)


def test_a_request_without_names_cannot_become_a_dossier(session: Session, world: World) -> None:
    receipt = ask(session, world, callback_only=True, people=(), event=None)
    with pytest.raises(InvalidInput) as refused:
        receive(session, world, receipt.case_id)
    assert set(refused.value.fields) == {"child.full_name", "mother.full_name"}


def test_the_family_follows_with_code_and_a_second_fact(session: Session, world: World) -> None:
    receipt = ask(session, world)
    code = receipt.tracking_code.lower().replace("-", " ")
    for fact in ("5678", receipt.pin):
        found = follow(session, code, fact)
        assert found is not None
        assert found.state == "requested"
    for wrong in ((code, "0000"), (code, ""), ("AAAAA-AAAAA", "5678"), ("", "")):
        assert follow(session, *wrong) is None


def test_the_desk_puts_the_nearest_legal_day_first(session: Session, world: World) -> None:
    later = ask(session, world)
    near = ask(session, world, event=PartialDate(2026, 9, 20), people=(
        PersonForm("child", "Trần Thị Bé", birth=PartialDate(2026, 9, 20), sex="female"), *BIRTH.people[1:]
    ))  # fmt: skip
    calls = desk(session, world.officer).calls
    assert [row.id for row in calls] == [near.case_id, later.case_id]
    cases.note_call(session, world.officer, near.case_id, expected_version=1)
    found = desk(session, world.officer)
    assert [row.id for row in found.to_book] == [near.case_id]


def test_a_lost_visit_puts_the_family_back_on_the_list_of_calls(session: Session, world: World) -> None:
    receipt = ask(session, world)
    cases.move_for_visit(session, world.officer, receipt.case_id, Action.BOOK_VISIT, expected_version=1)
    assert desk(session, world.officer).calls == ()
    with clock.travelling(MONDAY + timedelta(days=3)):
        cases.move_for_visit(session, world.officer, receipt.case_id, Action.LOSE_VISIT)
    assert case_page(session, world.officer, receipt.case_id).call_by == date(2026, 11, 20)
    assert [row.id for row in desk(session, world.officer).calls] == [receipt.case_id]


@pytest.mark.parametrize("typed", ["thach thi sa ret", "Sarết", "SA RET", "0912345678", "29461-26-00001"])
def test_a_case_is_found_by_name_phone_and_code(session: Session, world: World, typed: str) -> None:
    receipt = ask(session, world)
    assert [row.id for row in find_cases(session, world.officer, text=typed).rows] == [receipt.case_id]


def test_paging_keeps_every_case_once(session: Session, world: World) -> None:
    made = {ask(session, world, key=f"k{i}").case_id for i in range(7)}
    seen, after = [], ""
    while True:
        page = find_cases(session, world.officer, limit=3, after=after)
        seen += [row.id for row in page.rows]
        if page.next_after is None:
            break
        after = page.next_after
    assert set(seen) == made
    assert len(seen) == 7


def test_what_is_personal_lies_sealed(session: Session, world: World) -> None:
    receipt = ask(session, world)
    receive(session, world, receipt.case_id)
    register(session, world, receipt.case_id)
    stored = session.execute(text("SELECT row_to_json(party)::text FROM party")).scalars().all()
    for canary in ("0912345678", "084326012345", "Khmer"):
        assert not any(canary in row for row in stored)


def test_a_draft_comes_back_and_expires(session: Session, world: World) -> None:
    token = cases.save_draft(session, None, "birth_at_home", {"hamlet": "Ấp Chợ"})
    assert cases.save_draft(session, token, "birth_at_home", {"hamlet": "Ấp Vàm"}) == token
    assert cases.load_draft(session, token, "birth_at_home") == {"hamlet": "Ấp Vàm"}
    assert cases.load_draft(session, token, "marriage_mobile") is None
    with clock.travelling(MONDAY + timedelta(days=8)):
        assert cases.load_draft(session, token, "birth_at_home") is None
        assert cases.forget_expired_drafts(session) == 1


def test_a_vanished_commune_and_one_outside_the_programme_are_refused_with_what_to_do(
    session: Session, world: World
) -> None:
    with pytest.raises(InvalidInput, match="chưa nhận đăng ký tại nhà"):
        ask(session, world, unit_id=world.province)
    with pytest.raises(InvalidInput, match="đơn vị này không còn"):
        ask(session, world, unit_id=999999)


def test_the_child_s_birthday_is_the_day_of_the_event_typed_once(session: Session, world: World) -> None:
    receipt = ask(session, world)
    opened = case_page(session, world.officer, receipt.case_id)
    cases.change_case(
        session,
        world.officer,
        opened.id,
        expected_version=opened.version,
        before=opened.fields,
        sent={**opened.fields, "child.birth_day": "20", "child.birth_month": "9"},
    )
    page = case_page(session, world.officer, opened.id)
    assert (page.fields["event_day"], page.fields["event_month"]) == ("20", "9")
    assert page.citizen_due_on == date(2026, 11, 19)


def test_a_whole_name_comes_before_names_that_contain_it(session: Session, world: World) -> None:
    own = ask(session, world, key="own", requester_name="Sơn Thị Na", people=())
    longer = ask(session, world, key="longer", requester_name="Sơn Thị Nam", people=())
    whole = find_cases(session, world.officer, text="son thi na")
    assert [row.id for row in whole.rows] == [own.case_id]
    assert whole.whole
    partly = find_cases(session, world.officer, text="son thi na", partly=True)
    assert {row.id for row in partly.rows} == {own.case_id, longer.case_id}
    assert not partly.whole
    part = find_cases(session, world.officer, text="thị nam")
    assert [row.id for row in part.rows] == [longer.case_id]
    assert not part.whole


def test_another_unit_s_person_of_that_name_does_not_hide_one_s_own(session: Session, world: World) -> None:
    ask(session, world, key="there", unit_id=world.dai_an, requester_name="Lâm Út", people=())
    here = ask(session, world, key="here", requester_name="Lâm Út Em", people=())
    assert [row.id for row in find_cases(session, world.officer, text="lam ut").rows] == [here.case_id]


def test_a_search_of_marks_finds_nobody(session: Session, world: World) -> None:
    ask(session, world)
    assert find_cases(session, world.officer, text="!!!").total == 0
    assert find_cases(session, world.officer, text="100%").total == 0
