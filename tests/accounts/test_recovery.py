from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from civreg.accounts import queries, service
from civreg.accounts.rules import SYSTEM, Actor, Role
from civreg.accounts.service import SecondFactorDue
from civreg.shared import audit, clock
from civreg.shared.database import new_id
from civreg.shared.errors import InvalidInput, NotFound, Refusal
from tests.accounts.phone import enrol
from tests.world import MONDAY, PASSWORD, World, _user, build_world


@pytest.fixture
def world(session: Session) -> Iterator[World]:
    with clock.travelling(MONDAY):
        yield build_world(session)


@pytest.fixture
def second(session: Session, world: World) -> Actor:
    """Another administrator of the province."""
    return _user(session, "second.admin", Role.ADMINISTRATOR, world.province, "Người quản trị thứ hai")


def officer_of(world: World) -> UUID:
    assert world.officer.user_id is not None
    return world.officer.user_id


def test_two_administrators_together_open_a_lost_account(
    session: Session, world: World, second: Actor
) -> None:
    user_id = officer_of(world)
    token, _ = service.sign_in(session, "officer", PASSWORD)
    phone = enrol(session, world.officer)
    asked = service.ask_recovery(session, world.administrator, user_id, "Mất điện thoại")
    waiting = queries.open_recovery(session, user_id)
    assert waiting is not None
    assert (waiting.id, waiting.asked_by_name, waiting.reason) == (asked, "Sơn Minh Trí", "Mất điện thoại")
    with pytest.raises(SecondFactorDue):
        service.sign_in(session, "officer", PASSWORD)
    password = service.confirm_recovery(session, second, user_id, asked)
    assert service.actor_of_token(session, token) is None
    opened, row = service.sign_in(session, "officer", password)
    assert (row.must_change_password, row.has_second_factor) == (True, False)
    assert queries.open_recovery(session, user_id) is None
    assert queries.trusted_devices(session, user_id) == 0
    with pytest.raises(Refusal):
        service.stop_second_factor(session, world.officer, phone.code())
    actions = (
        session.execute(text("SELECT action FROM audit WHERE action LIKE 'user.recover%' ORDER BY id"))
        .scalars()
        .all()
    )
    assert actions == ["user.recovery_asked", "user.recovered"]
    assert audit.verify(session).ok
    assert opened


def test_nobody_does_it_alone(session: Session, world: World) -> None:
    user_id = officer_of(world)
    enrol(session, world.officer)
    asked = service.ask_recovery(session, world.administrator, user_id, "Mất điện thoại")
    with pytest.raises(Refusal, match="người quản trị khác"):
        service.confirm_recovery(session, world.administrator, user_id, asked)
    session.flush()
    with pytest.raises(IntegrityError, match="two_people"), session.begin_nested():
        session.execute(text("UPDATE recovery SET confirmed_by = asked_by"))


def test_nobody_recovers_oneself(session: Session, world: World, second: Actor) -> None:
    assert world.administrator.user_id is not None
    enrol(session, world.administrator)
    with pytest.raises(Refusal, match="không tự khôi phục"):
        service.ask_recovery(session, world.administrator, world.administrator.user_id, "Mất điện thoại")
    asked = service.ask_recovery(session, second, world.administrator.user_id, "Mất điện thoại")
    with pytest.raises(Refusal, match="người quản trị khác"):
        service.confirm_recovery(session, world.administrator, world.administrator.user_id, asked)


def test_it_is_open_for_a_day_and_confirmed_once(session: Session, world: World, second: Actor) -> None:
    user_id = officer_of(world)
    enrol(session, world.officer)
    asked = service.ask_recovery(session, world.administrator, user_id, "Mất điện thoại")
    with pytest.raises(Refusal, match="Đã có người đề nghị"):
        service.ask_recovery(session, second, user_id, "Mất điện thoại")
    with clock.travelling(MONDAY + service.OPEN_FOR):
        assert queries.open_recovery(session, user_id) is None
        with pytest.raises(NotFound):
            service.confirm_recovery(session, second, user_id, asked)
        again = service.ask_recovery(session, world.administrator, user_id, "Mất điện thoại")
        service.confirm_recovery(session, second, user_id, again)
        with pytest.raises(NotFound):
            service.confirm_recovery(session, second, user_id, again)


def test_a_request_belongs_to_its_user(session: Session, world: World, second: Actor) -> None:
    enrol(session, world.officer)
    enrol(session, world.head)
    asked = service.ask_recovery(session, world.administrator, officer_of(world), "Mất điện thoại")
    assert world.head.user_id is not None
    for user_id, recovery_id in ((world.head.user_id, asked), (officer_of(world), new_id())):
        with pytest.raises(NotFound):
            service.confirm_recovery(session, second, user_id, recovery_id)


def test_an_administrator_of_another_unit_finds_nobody(session: Session, world: World) -> None:
    stranger = _user(session, "dai.an.admin", Role.ADMINISTRATOR, world.dai_an, "Quản trị Đại An")
    enrol(session, world.officer)
    asked = service.ask_recovery(session, world.administrator, officer_of(world), "Mất điện thoại")
    with pytest.raises(NotFound):
        service.ask_recovery(session, stranger, officer_of(world), "Mất điện thoại")
    with pytest.raises(NotFound):
        service.confirm_recovery(session, stranger, officer_of(world), asked)
    for actor in (world.officer, world.head, world.stranger):
        with pytest.raises(Refusal):
            service.confirm_recovery(session, actor, officer_of(world), asked)


def test_it_says_why_and_is_for_those_with_a_second_factor(session: Session, world: World) -> None:
    with pytest.raises(Refusal, match="Cấp mật khẩu mới là đủ"):
        service.ask_recovery(session, world.administrator, officer_of(world), "Mất điện thoại")
    enrol(session, world.officer)
    for reason in ("  ", "x" * 301):
        with pytest.raises(InvalidInput):
            service.ask_recovery(session, world.administrator, officer_of(world), reason)
    with pytest.raises(Refusal, match="hai người"):
        service.ask_recovery(session, SYSTEM, officer_of(world), "Mất điện thoại")
