"""Nobody registers for their own family (Luật Hộ tịch 2014 art 12.1.h): it is said once, recorded, and held at every step."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.cases import service as cases
from civreg.cases.queries import case_page
from civreg.procedures.catalogue import catalogue
from civreg.shared import clock
from civreg.shared.errors import Conflict, NotAllowed, NotFound
from tests.web.officer_site import sit
from tests.world import BIRTH, World, ask, receive, register, version

SENTENCE = (
    "Ông/bà đã khai hồ sơ này là của mình hoặc người thân thích nên không đăng ký hồ sơ này. Công chức khác của đơn vị "
    "làm tiếp; đơn vị không còn ai thì báo lãnh đạo phân công."
)


def declare(session: Session, world: World, case_id: object) -> None:
    cases.declare_relative(
        session,
        world.officer,
        case_id,  # type: ignore[arg-type]
        expected_version=version(session, world, case_id),  # type: ignore[arg-type]
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
    done, help_given = ask(session, world).case_id, None
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
