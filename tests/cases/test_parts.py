from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from civreg.cases import service as cases
from civreg.cases.queries import case_page, find_cases, follow, stuck_parts
from civreg.cases.rules import PartAction, PartState, RequestForm, next_part_state
from civreg.deadlines import queries as deadlines
from civreg.procedures import service as procedures
from civreg.procedures.service import Correction
from civreg.shared import audit, clock
from civreg.shared.errors import Conflict, InvalidInput, NotFound
from tests.cases.paper_acts import DEATH
from tests.world import BIRTH, MONDAY, World, ask, receive, register, version

BUNDLE = replace(BIRTH, procedure="birth_bundle")


def _submit(session: Session, world: World, case_id: object, part: str, code: str = "G22.99-1") -> None:
    cases.submit_part(
        session,
        world.officer,
        case_id,  # type: ignore[arg-type]
        part,
        expected_version=version(session, world, case_id),  # type: ignore[arg-type]
        account="family",
        portal_code=code,
        submitted_at=clock.now(),
    )


def test_each_part_of_a_bundle_goes_its_own_way(session: Session, world: World) -> None:
    receipt = ask(session, world, BUNDLE)
    receive(session, world, receipt.case_id)
    page = case_page(session, world.officer, receipt.case_id)
    assert [part.code for part in page.parts] == ["birth", "residence", "health_insurance", "identity_card"]
    assert page.promised_on == date(2026, 11, 19)
    _submit(session, world, page.id, "residence", "000.00.00.G22-261116-0001")
    _submit(session, world, page.id, "health_insurance", "000.00.00.G22-261116-0002")
    register(session, world, page.id)
    page = case_page(session, world.officer, page.id)
    states = {part.code: part.state for part in page.parts}
    assert (page.state, page.on_time) == ("registered", True)
    assert states == {
        "birth": "done",
        "residence": "submitted",
        "health_insurance": "submitted",
        "identity_card": "open",
    }
    cases.return_part(
        session,
        world.officer,
        page.id,
        "residence",
        expected_version=page.version,
        reason="Thiếu chữ ký chủ hộ",
    )
    _submit(session, world, page.id, "residence", "000.00.00.G22-261117-0009")
    cases.finish_part(
        session,
        world.officer,
        page.id,
        "health_insurance",
        expected_version=version(session, world, page.id),
        result_number="TE1 84 3322",
        done_at=clock.now(),
    )
    cases.give_up_part(
        session,
        world.officer,
        page.id,
        "identity_card",
        expected_version=version(session, world, page.id),
        reason="Làm sau",
    )
    page = case_page(session, world.officer, page.id)
    assert [part.state for part in page.parts] == ["done", "submitted", "done", "abandoned"]
    kept = {
        row.subject_id: row.state for row in deadlines.deadlines_of(session, page.id) if row.kind == "part"
    }
    by_code = {part.code: kept[part.id] for part in page.parts}
    assert by_code == {
        "birth": "met",
        "residence": "open",
        "health_insurance": "met",
        "identity_card": "cancelled",
    }
    assert audit.verify(session).ok


def test_the_registering_part_moves_with_the_case_alone(session: Session, world: World) -> None:
    receipt = ask(session, world, BUNDLE)
    receive(session, world, receipt.case_id)
    for part in ("birth", "no_such_part"):
        with pytest.raises(NotFound, match="không có thủ tục thành phần ấy"):
            _submit(session, world, receipt.case_id, part)


def test_a_part_the_family_leaves_out_is_not_there(session: Session, world: World) -> None:
    receipt = ask(session, world, BUNDLE, left_out_parts=("identity_card", "no_such_part"))
    receive(session, world, receipt.case_id)
    page = case_page(session, world.officer, receipt.case_id)
    assert [part.code for part in page.parts] == ["birth", "residence", "health_insurance"]


@pytest.mark.parametrize(
    ("form", "left_out", "sentence"),
    [
        (BUNDLE, ("birth",), "Đăng ký khai sinh luôn có trong thủ tục này. Ông/bà bỏ chọn phần khác."),
        (
            BUNDLE,
            ("residence", "health_insurance", "identity_card"),
            "Gia đình làm khai sinh cùng ít nhất một việc nữa: nhập hộ khẩu, thẻ bảo hiểm y tế, thẻ căn cước. "
            "Chỉ cần khai sinh thì chọn dịch vụ khai sinh tại nhà.",
        ),
        (
            replace(DEATH, procedure="death_bundle"),
            ("residence_removal",),
            "Xóa đăng ký thường trú luôn có trong thủ tục này. Ông/bà bỏ chọn phần khác.",
        ),
    ],
)
def test_a_bundle_keeps_what_makes_it_one(
    session: Session, world: World, form: RequestForm, left_out: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        ask(session, world, form, left_out_parts=left_out)
    assert refused.value.fields == {"parts": sentence}


def test_a_part_left_out_holds_up_no_promise(session: Session, world: World) -> None:
    """Of four parts of a death the family asks for two; the limit of the second is known to the office alone."""
    two_days = Correction(
        {"kind": "working_days", "days": 2, "verification_days": None}, "QĐ 7", "B", MONDAY.date()
    )
    procedures.correct_rule(
        session,
        world.administrator,
        unit_id=world.tra_cu,
        procedure="death_bundle",
        path="parts.residence_removal.limit",
        correction=two_days,
    )
    form = replace(DEATH, procedure="death_bundle")
    left_out = {True: ("burial_support", "survivor_benefit"), False: ()}
    promised = {}
    for leaves, parts in left_out.items():
        case_id = ask(session, world, form, left_out_parts=parts).case_id
        receive(session, world, case_id)
        promised[leaves] = case_page(session, world.officer, case_id).promised_on
    assert promised == {True: date(2026, 11, 18), False: None}, (
        "death on Monday the 16th, two working days more"
    )


def test_submitting_says_whose_account_and_which_code(session: Session, world: World) -> None:
    receipt = ask(session, world, BUNDLE)
    receive(session, world, receipt.case_id)
    with pytest.raises(InvalidInput) as refused:
        cases.submit_part(
            session,
            world.officer,
            receipt.case_id,
            "residence",
            expected_version=version(session, world, receipt.case_id),
            account="",
            portal_code=" ",
            submitted_at=clock.now() + timedelta(hours=1),
        )
    assert set(refused.value.fields) == {"account", "portal_code", "submitted_at"}


def test_a_colleague_of_another_unit_finds_no_part(session: Session, world: World) -> None:
    receipt = ask(session, world, BUNDLE)
    receive(session, world, receipt.case_id)
    with pytest.raises(NotFound):
        cases.give_up_part(
            session, world.neighbour, receipt.case_id, "residence", expected_version=2, reason="không"
        )


def test_abandoned_parts_stand_on_a_call_list_until_called(session: Session, world: World) -> None:
    receipt = ask(session, world, BUNDLE)
    receive(session, world, receipt.case_id)
    register(session, world, receipt.case_id)
    assert stuck_parts(session, world.officer, 7) == []
    with clock.travelling(MONDAY + timedelta(days=9)):
        assert stuck_parts(session, world.officer, 10) == []
        found = stuck_parts(session, world.officer, 7)
        assert [row.part_code for row in found] == ["residence", "health_insurance", "identity_card"]
        assert found[0].phone == "0912345678"
        assert stuck_parts(session, world.neighbour, 7) == []
        cases.note_part_checked(
            session, world.officer, receipt.case_id, "residence", expected_version=found[0].case_version
        )
        assert [row.part_code for row in stuck_parts(session, world.officer, 7)] == [
            "health_insurance",
            "identity_card",
        ]
    with clock.travelling(MONDAY + timedelta(days=20)):
        assert len(stuck_parts(session, world.officer, 7)) == 3


def test_the_family_s_word_is_shown_as_the_family_s(session: Session, world: World) -> None:
    receipt = ask(session, world, BUNDLE)
    receive(session, world, receipt.case_id)
    assert follow(session, receipt.tracking_code, receipt.pin) is not None
    cases.tell_received(session, receipt.case_id, "health_insurance")
    page = case_page(session, world.officer, receipt.case_id)
    part = next(part for part in page.parts if part.code == "health_insurance")
    assert (part.state, part.told_received_at) == ("open", clock.now())
    with pytest.raises(NotFound):
        cases.tell_received(session, receipt.case_id, "no_such_part")


def test_assistance_ends_with_the_help_given(session: Session, world: World) -> None:
    form = replace(BIRTH, procedure="construction_tax_support", people=(), event=None, letter_consent=None)
    receipt = ask(session, world, form)
    receive(session, world, receipt.case_id)
    page = case_page(session, world.officer, receipt.case_id)
    cases.deliver(
        session,
        world.officer,
        page.id,
        expected_version=page.version,
        delivered_on=clock.today(),
        place="home",
    )
    page = case_page(session, world.officer, page.id)
    assert (page.state, [part.state for part in page.parts]) == ("delivered", ["done"])
    with clock.travelling(datetime(2026, 12, 30, 9, tzinfo=clock.ZONE)):
        assert stuck_parts(session, world.officer, 7) == []


@given(actions=st.lists(st.sampled_from(list(PartAction)), max_size=12))
def test_done_and_refused_are_ends_whatever_happens(actions: list[PartAction]) -> None:
    state = PartState.OPEN
    for action in actions:
        before = state
        try:
            state = next_part_state(state, action)
        except Conflict:
            continue
        assert before not in (PartState.DONE, PartState.REFUSED)


def test_a_case_is_found_by_each_code_that_others_gave_its_parts(session: Session, world: World) -> None:
    case_id = ask(session, world, BUNDLE).case_id
    receive(session, world, case_id)
    codes = {"residence": "000.00.00.G22-261116-0001", "health_insurance": "G22.99-77"}
    for part, code in codes.items():
        _submit(session, world, case_id, part, code)
    session.flush()
    for code in codes.values():
        assert [row.id for row in find_cases(session, world.officer, text=f" {code} ").rows] == [case_id]
        assert find_cases(session, world.neighbour, text=code).total == 0
    assert find_cases(session, world.officer, text="G22.99-78").total == 0


@pytest.mark.parametrize("ending", ["given up", "refused", "done"])
def test_the_bundle_goes_on_when_the_part_it_waited_for_ends(
    session: Session, world: World, ending: str
) -> None:
    """The residence came back and ends without being sent again; the others are still promised, and are late one day."""
    case_id, _ = _sent_back(session, world)
    act = {"session": session, "actor": world.officer, "case_id": case_id, "part_code": "residence"}
    assert case_page(session, world.officer, case_id).promised_on is None
    act["expected_version"] = version(session, world, case_id)
    if ending == "done":
        cases.finish_part(**act, done_at=clock.now())  # type: ignore[arg-type]
    else:
        end = cases.refuse_part if ending == "refused" else cases.give_up_part
        end(**act, reason="Gia đình thôi")  # type: ignore[arg-type]
    assert case_page(session, world.officer, case_id).promised_on == date(2026, 11, 19)
    whole = next(row for row in deadlines.deadlines_of(session, case_id) if row.kind == "whole")
    assert (whole.state, whole.paused, whole.due_on) == ("open", False, date(2026, 11, 19))


def test_before_the_papers_are_taken_only_what_may_be_left_out_is_given_up(
    session: Session, world: World
) -> None:
    case_id = ask(session, world, replace(DEATH, procedure="death_bundle")).case_id

    def give_up() -> None:
        cases.give_up_part(
            session,
            world.officer,
            case_id,
            "residence_removal",
            expected_version=version(session, world, case_id),
            reason="Gia đình làm sau",
        )

    with pytest.raises(InvalidInput) as refused:
        give_up()
    assert refused.value.sentence == (
        "Xóa đăng ký thường trú luôn có trong thủ tục này. Ông/bà bỏ chọn phần khác."
    )
    receive(session, world, case_id)
    give_up()
    states = {part.code: part.state for part in case_page(session, world.officer, case_id).parts}
    assert states["residence_removal"] == "abandoned", "a family may stop any time"


@pytest.mark.parametrize("end", ["submit", "give up"])
@pytest.mark.parametrize("why", ["outside", "papers"])
def test_a_part_that_goes_on_does_not_start_a_case_that_waits(
    session: Session, world: World, end: str, why: str
) -> None:
    case_id, paper = _sent_back(session, world)
    _let_wait(session, world, case_id, paper, why)
    if end == "submit":
        _submit(session, world, case_id, "residence", "G2")
    else:
        cases.give_up_part(
            session,
            world.officer,
            case_id,
            "residence",
            expected_version=version(session, world, case_id),
            reason="Gia đình thôi",
        )
    assert case_page(session, world.officer, case_id).promised_on is None
    if why == "papers":
        _bring(session, world, case_id, paper)
        assert case_page(session, world.officer, case_id).promised_on == date(2026, 11, 19)


def test_a_case_that_goes_on_does_not_start_a_part_that_was_sent_back(session: Session, world: World) -> None:
    case_id, paper = _sent_back(session, world)
    _let_wait(session, world, case_id, paper, "papers")
    _bring(session, world, case_id, paper)
    page = case_page(session, world.officer, case_id)
    assert (page.state, page.promised_on) == ("dossier_received", None)
    paused = {row.subject_id for row in deadlines.deadlines_of(session, case_id) if row.paused}
    assert paused == {case_id, next(part.id for part in page.parts if part.code == "residence")}
    _submit(session, world, case_id, "residence", "G2")
    assert case_page(session, world.officer, case_id).promised_on == date(2026, 11, 19)


def _sent_back(session: Session, world: World) -> tuple[UUID, str]:
    """Return a bundle whose residence came back, and one of its papers."""
    case_id = ask(session, world, BUNDLE).case_id
    receive(session, world, case_id)
    _submit(session, world, case_id, "residence", "G1")
    cases.return_part(
        session,
        world.officer,
        case_id,
        "residence",
        expected_version=version(session, world, case_id),
        reason="Thiếu giấy",
    )
    return case_id, case_page(session, world.officer, case_id).papers[0].code


def _let_wait(session: Session, world: World, case_id: UUID, paper: str, why: str) -> None:
    now = version(session, world, case_id)
    if why == "papers":
        cases.request_papers(
            session, world.officer, case_id, expected_version=now, papers=(paper,), reason="Bị mờ"
        )
    else:
        cases.ask_outside(
            session,
            world.officer,
            case_id,
            expected_version=now,
            body="Ủy ban nhân dân xã Long Hiệp",
            letter="12/UBND",
            asked_at=clock.now(),
        )


def _bring(session: Session, world: World, case_id: UUID, paper: str) -> None:
    now = version(session, world, case_id)
    cases.take_papers(session, world.officer, case_id, expected_version=now, papers=(paper,))
