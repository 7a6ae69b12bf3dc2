"""Nobody registers for their own family (Luật Hộ tịch 2014 art 12.1.h): it is said once, recorded, and held at every step."""

from __future__ import annotations

from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Role
from civreg.cases import service as cases
from civreg.cases.queries import case_page
from civreg.procedures.catalogue import catalogue
from civreg.shared import clock
from civreg.shared.errors import Conflict, InvalidInput, NotAllowed, NotFound
from tests import world as small
from tests.web.officer_site import sit
from tests.world import BIRTH, World, ask, receive, register, version

SENTENCE = (
    "Ông/bà đã khai hồ sơ này là của mình hoặc người thân thích nên không đăng ký hồ sơ này. Công chức khác của đơn vị "
    "làm tiếp; đơn vị không còn ai thì báo lãnh đạo phân công. Khai nhầm thì báo lãnh đạo bỏ lời khai."
)
OWN = (
    "Ông/bà không tự bỏ lời khai của chính mình. Ông/bà báo lãnh đạo khác của đơn vị bỏ; đơn vị không có lãnh đạo khác "
    "thì đề nghị người quản trị giao vai trò Lãnh đạo đơn vị cho người được phân công."
)
GONE = "Lời khai này không còn để bỏ: đã có người bỏ, hoặc hồ sơ đã kết thúc. Ông/bà mở lại hồ sơ."
NO_REASON = "Ông/bà ghi lý do bỏ lời khai."
GO_ON = (
    "Đơn vị không còn ai thì ông/bà đề nghị người quản trị giao vai trò Công chức làm công tác hộ tịch cho người "
    "được phân công."
)


def declare(session: Session, world: World, case_id: UUID, actor: Actor | None = None) -> UUID:
    """Say it, the officer unless told who, and return the step of the history."""
    actor = actor or world.officer
    cases.declare_relative(session, actor, case_id, expected_version=version(session, world, case_id))
    (said,) = [m for m in case_page(session, actor, case_id).declarations if m.actor_id == actor.user_id]
    return said.id


def take_back(
    session: Session, world: World, case_id: UUID, said: UUID, actor: Actor, reason: str = "Bấm nhầm"
) -> None:
    cases.take_back_relative(
        session,
        actor,
        case_id,
        said,
        expected_version=version(session, world, case_id),
        reason=reason,
    )


def test_every_registration_names_the_rule_and_assistance_has_none() -> None:
    for procedure in catalogue().values():
        for one in procedure.versions:
            assert (one.conflict is None) == (one.flow == "assistance")
            if one.conflict is not None:
                assert one.conflict.certainty == ("D" if one.effective_from.year >= 2027 else "A")


def test_who_said_so_receives_and_registers_no_more_and_a_colleague_goes_on(
    session: Session, world: World
) -> None:
    case_id = ask(session, world).case_id
    declare(session, world, case_id)
    declare(session, world, case_id)
    with pytest.raises(NotAllowed) as refused:
        receive(session, world, case_id)
    assert refused.value.sentence == SENTENCE
    page = case_page(session, world.officer, case_id)
    said = [move for move in page.history if move.action == "declare_relative"]
    assert [(move.actor_id, move.from_state, move.to_state) for move in said] == [
        (world.officer.user_id, "requested", "requested")
    ]
    audited = session.scalars(
        text("SELECT actor_id FROM audit WHERE action = 'case.relative_declared' AND subject_id = :id"),
        {"id": case_id},
    ).all()
    assert audited == [world.officer.user_id]
    cases.receive_dossier(
        session,
        world.head,
        case_id,
        expected_version=page.version,
        received_at=clock.now(),
        place="home",
        papers=tuple(paper.code for paper in page.papers),
    )
    for act, given in (
        (cases.await_personal_number, {}),
        (cases.enter_numbers, {"register_number": "12/2026", "personal_number": "084326012345"}),
        (cases.sign, {"signed_at": clock.now()}),
    ):
        with pytest.raises(NotAllowed, match="người thân thích"):
            act(  # type: ignore[operator]
                session,
                world.officer,
                case_id,
                expected_version=version(session, world, case_id),
                **given,
            )


def test_it_is_said_of_an_open_registration_of_the_own_unit_only(session: Session, world: World) -> None:
    done = ask(session, world).case_id
    with pytest.raises(NotFound):
        cases.declare_relative(session, world.neighbour, done, expected_version=1)
    receive(session, world, done)
    register(session, world, done)
    form = {"procedure": "construction_tax_support", "people": (), "event": None, "letter_consent": None}
    help_given = ask(session, world, BIRTH, **form).case_id
    with pytest.raises(Conflict, match="không còn việc đăng ký"):
        declare(session, world, help_given)


def test_the_page_warns_a_namesake_and_offers_no_step_of_the_registration_afterwards(
    client: FlaskClient, session: Session, world: World
) -> None:
    case_id = ask(session, world, requester_name="Thạch Thị Mỹ Hạnh").case_id
    session.commit()
    desk, path = sit(client, session, "officer"), f"/ho-so/{case_id}"
    shown = desk.open(path).text
    assert "Trong hồ sơ có người cùng tên với ông/bà (Thạch Thị Mỹ Hạnh)." in shown
    assert f'href="{path}/nhan-ho-so"' in shown
    lead = desk.open(f"{path}/nguoi-than-thich").text
    assert "Người có thẩm quyền không đăng ký hộ tịch cho bản thân hoặc người thân thích." in lead
    assert "Luật Hộ tịch số 60/2014/QH13 điều 12 khoản 1 điểm h" in lead
    assert desk.fill(f"{path}/nguoi-than-thich").status_code == 302
    shown = desk.open(path).text
    assert "Đã ghi. Công chức khác của đơn vị đăng ký hồ sơ này; ông/bà vẫn xem được." in shown
    assert f'href="{path}/nhan-ho-so"' not in shown
    assert "Công chức khai là người thân thích" in shown
    assert f'href="{path}/nhan-ho-so"' in sit(client, session, "head").open(path).text


def test_the_head_takes_a_mistake_back_and_the_officer_registers_again(
    session: Session, world: World
) -> None:
    case_id = ask(session, world).case_id
    said = declare(session, world, case_id)
    with pytest.raises(InvalidInput) as empty:
        take_back(session, world, case_id, said, world.head, reason="  ")
    assert empty.value.fields == {"reason": NO_REASON}
    take_back(session, world, case_id, said, world.head, reason="Chỉ trùng họ tên")
    page = case_page(session, world.head, case_id)
    step = page.history[-1]
    assert (step.action, step.actor_id, step.note, step.takes_back_id) == (
        "take_back_relative",
        world.head.user_id,
        "Chỉ trùng họ tên",
        said,
    )
    assert page.declarations == ()
    audited = session.execute(
        text(
            "SELECT actor_id, details FROM audit WHERE action = 'case.relative_taken_back' AND subject_id = :id"
        ),
        {"id": case_id},
    ).all()
    assert [(row.actor_id, row.details["declared_by"]) for row in audited] == [
        (world.head.user_id, str(world.officer.user_id))
    ]
    with pytest.raises(Conflict) as gone:
        take_back(session, world, case_id, said, world.head)
    assert gone.value.sentence == GONE
    again = declare(session, world, case_id)
    assert again != said
    with pytest.raises(NotAllowed, match="người thân thích"):
        receive(session, world, case_id)
    take_back(session, world, case_id, again, world.head)
    receive(session, world, case_id)


def test_only_a_head_takes_it_back_and_never_his_own(session: Session, world: World) -> None:
    case_id = ask(session, world).case_id
    by_officer, by_head = (
        declare(session, world, case_id),
        declare(session, world, case_id, world.head),
    )
    for actor, refusal in ((world.officer, NotAllowed), (world.neighbour, NotFound)):
        with pytest.raises(refusal):
            cases.take_back_relative(
                session,
                actor,
                case_id,
                by_officer,
                expected_version=version(session, world, case_id),
                reason="Bấm nhầm",
            )
    with pytest.raises(NotAllowed) as own:
        take_back(session, world, case_id, by_head, world.head)
    assert own.value.sentence == OWN
    take_back(session, world, case_id, by_officer, world.head)
    (left,) = case_page(session, world.head, case_id).declarations
    assert left.id == by_head
    deputy = small._user(session, "deputy", Role.HEAD, world.tra_cu, "Lý Văn Phó")
    take_back(session, world, case_id, by_head, deputy)
    assert case_page(session, world.head, case_id).declarations == ()


def test_a_declaration_stays_with_an_ended_case_and_with_its_own_case(session: Session, world: World) -> None:
    case_id, other_id = ask(session, world).case_id, ask(session, world, key="other").case_id
    said = declare(session, world, case_id)
    with pytest.raises(Conflict):
        take_back(session, world, other_id, said, world.head)
    cases.withdraw(
        session,
        world.officer,
        case_id,
        expected_version=version(session, world, case_id),
        reason="Gia đình tự đi",
    )
    with pytest.raises(Conflict) as ended:
        take_back(session, world, case_id, said, world.head)
    assert ended.value.sentence == GONE


def test_the_head_reads_who_goes_on_and_takes_it_back_on_the_page(
    client: FlaskClient, session: Session, world: World
) -> None:
    case_id = ask(session, world).case_id
    said = declare(session, world, case_id)
    session.commit()
    path = f"/ho-so/{case_id}"
    form = f"{path}/nguoi-than-thich/{said}/bo"
    officer = sit(client, session, "officer").open(path).text
    assert form not in officer
    assert (
        "Đơn vị không còn ai thì báo lãnh đạo phân công; khai nhầm thì báo lãnh đạo bỏ lời khai." in officer
    )
    head = sit(client, session, "head")
    shown = head.open(path).text
    assert f'href="{form}"' in shown
    assert f"Công chức khác của đơn vị hoặc chính ông/bà làm tiếp. {GO_ON}" in shown
    assert "Thạch Thị Mỹ Hạnh khai lúc" in head.open(form).text
    refused = head.fill(form, {"reason": ""})
    assert refused.status_code == 422
    assert NO_REASON in refused.text
    assert head.fill(form, {"reason": "Bấm nhầm khi xem hồ sơ"}).status_code == 302
    shown = head.open(path).text
    assert "Đã bỏ lời khai. Thạch Thị Mỹ Hạnh nhận và đăng ký được hồ sơ này như trước." in shown
    assert "Lãnh đạo bỏ lời khai là người thân thích" in shown
    assert "Bấm nhầm khi xem hồ sơ" in shown
    assert f'href="{form}"' not in shown
    assert head.open(form).status_code == 302
    assert GONE in head.open(path).text
    assert f'href="{path}/nhan-ho-so"' in sit(client, session, "officer").open(path).text


def test_a_head_who_said_it_reads_whom_to_ask(client: FlaskClient, session: Session, world: World) -> None:
    case_id = ask(session, world).case_id
    said = declare(session, world, case_id, world.head)
    session.commit()
    head, path = sit(client, session, "head"), f"/ho-so/{case_id}"
    form = f"{path}/nguoi-than-thich/{said}/bo"
    shown = head.open(path).text
    assert f'href="{form}"' not in shown
    assert f"{GO_ON} Khai nhầm thì báo lãnh đạo khác bỏ lời khai." in shown
    assert head.open(form).status_code == 302
    assert OWN in head.open(path).text
