from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from civreg.accounts import queries, service
from civreg.accounts.rules import STEP, Actor, address_of_key, matching_step, new_secret, spoken_key
from civreg.accounts.service import SecondFactorDue, SignInOver, WrongCode
from civreg.settings import Settings
from civreg.shared import audit, clock, crypto
from civreg.shared.database import new_id, transaction
from civreg.shared.errors import InvalidInput, NotFound, Refusal, TooMany
from tests.accounts.phone import Phone, enrol
from tests.world import MONDAY, PASSWORD, World, build_world

HALF_A_MINUTE = timedelta(seconds=STEP)
RFC = b"12345678901234567890"


@pytest.fixture
def world(session: Session) -> Iterator[World]:
    with clock.travelling(MONDAY):
        yield build_world(session)


def due(session: Session, actor: Actor, *devices: str) -> service.Pending:
    with pytest.raises(SecondFactorDue) as asked:
        service.sign_in(session, actor.username, PASSWORD, devices=devices)
    return asked.value.pending


# RFC 6238, appendix B: the last six of the eight figures of SHA-1
@pytest.mark.parametrize(
    ("at", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")],
)  # fmt: skip
def test_the_codes_are_those_of_the_standard(at: int, code: str) -> None:
    assert matching_step(RFC, code, at) == at // STEP
    assert matching_step(RFC, f"{code[:3]} {code[3:]}", at) == at // STEP


@given(st.integers(10**9, 4 * 10**9), st.integers(-4, 4))
def test_one_step_off_is_forgiven_and_no_more(at: int, off: int) -> None:
    code = Phone(RFC).code(timedelta(seconds=at + off * STEP - clock.now().timestamp()))
    near = matching_step(RFC, code, at)
    # a far code equals a near one once in a million
    assert (near == at // STEP + off) == (abs(off) <= 1) or near is not None


@given(st.integers(10**9, 4 * 10**9))
def test_a_used_step_and_all_before_are_refused(at: int) -> None:
    code = Phone(RFC).code(timedelta(seconds=at - clock.now().timestamp()))
    step = matching_step(RFC, code, at)
    assert step is not None
    assert matching_step(RFC, code, at, last_step=step) != step


@given(st.text(max_size=12))
def test_whatever_is_typed_is_no_fault(typed: str) -> None:
    found = matching_step(RFC, typed, 59)
    assert found is None or "".join(typed.split()).isdigit()


def test_the_key_is_long_and_can_be_typed() -> None:
    secret = new_secret()
    assert len(secret) == 20
    assert base64.b32decode(spoken_key(secret).replace(" ", "")) == secret
    assert secret != new_secret()
    assert "+" not in address_of_key(secret, "officer")


def test_without_a_second_factor_nothing_changes(session: Session, world: World) -> None:
    assert service.sign_in(session, "officer", PASSWORD)


def test_the_password_alone_opens_nothing(session: Session, world: World) -> None:
    phone = enrol(session, world.officer)
    before = session.execute(text("SELECT count(*) FROM sign_in")).scalar_one()
    pending = due(session, world.officer)
    assert session.execute(text("SELECT count(*) FROM sign_in")).scalar_one() == before
    token, user, device = service.finish_sign_in(session, pending, phone.code())
    actor = service.actor_of_token(session, token)
    assert actor is not None
    assert (actor.has_second_factor, user.username, device) == (True, "officer", "")


def test_the_key_is_sealed_and_shown_until_its_first_code_only(session: Session, world: World) -> None:
    service.start_second_factor(session, world.officer, PASSWORD)
    secret = service.unconfirmed_secret(session, world.officer)
    assert secret is not None
    session.flush()
    stored = session.execute(
        text("SELECT sealed_totp_secret FROM app_user WHERE username = 'officer'")
    ).scalar_one()
    assert base64.b64encode(secret).decode() not in stored
    assert spoken_key(secret).replace(" ", "") not in stored
    assert service.sign_in(session, "officer", PASSWORD), "not confirmed: counts for nothing"
    service.confirm_second_factor(session, world.officer, Phone(secret).code())
    assert service.unconfirmed_secret(session, world.officer) is None
    with pytest.raises(Refusal, match="tắt rồi bật lại"):
        service.start_second_factor(session, world.officer, PASSWORD)


def test_a_code_is_used_once(session: Session, world: World) -> None:
    phone = enrol(session, world.officer)
    code = phone.code()
    service.finish_sign_in(session, due(session, world.officer), code)
    with pytest.raises(WrongCode):
        service.finish_sign_in(session, due(session, world.officer), code)
    with clock.travelling(MONDAY + HALF_A_MINUTE):
        with pytest.raises(WrongCode):
            service.finish_sign_in(session, due(session, world.officer), code)
        assert service.finish_sign_in(session, due(session, world.officer), phone.code())


def test_a_code_of_an_earlier_step_is_not_taken_after_a_later_one(session: Session, world: World) -> None:
    phone = enrol(session, world.officer)
    service.finish_sign_in(session, due(session, world.officer), phone.code(HALF_A_MINUTE))
    with pytest.raises(WrongCode):
        service.finish_sign_in(session, due(session, world.officer), phone.code())


@pytest.mark.parametrize("code", ["", "000000", "12345", "1234567", "abcdef", "１２３４５６"])
def test_a_wrong_code_opens_nothing(session: Session, world: World, code: str) -> None:
    phone = enrol(session, world.officer)
    if code == phone.code():
        code = "000001"
    with pytest.raises(WrongCode):
        service.finish_sign_in(session, due(session, world.officer), code)


def test_a_right_password_waits_ten_minutes_and_dies_with_the_password(
    session: Session, world: World
) -> None:
    phone = enrol(session, world.officer)
    pending = due(session, world.officer)
    with clock.travelling(MONDAY + service.BETWEEN), pytest.raises(SignInOver):
        service.finish_sign_in(session, pending, phone.code())
    forged = replace(pending, user_id=world.head.user_id or new_id())
    with pytest.raises(SignInOver):
        service.finish_sign_in(session, forged, phone.code())
    service.change_password(session, world.officer, PASSWORD, "con sông chảy qua trước nhà")
    with pytest.raises(SignInOver):
        service.finish_sign_in(session, pending, phone.code())


def test_five_wrong_codes_lock_the_user_and_not_the_browser(session: Session, world: World) -> None:
    assert world.officer.user_id is not None
    assert world.head.user_id is not None
    for _ in range(service.TRIES):
        service.note_code_try(session, world.officer.user_id)
    with pytest.raises(TooMany, match="chờ 15 phút"):
        service.note_code_try(session, world.officer.user_id)
    service.note_code_try(session, world.head.user_id)
    with clock.travelling(MONDAY + service.TRIES_WITHIN):
        service.note_code_try(session, world.officer.user_id)


def test_a_right_code_forgets_the_tries_before(session: Session, world: World) -> None:
    assert world.officer.user_id is not None
    phone = enrol(session, world.officer)
    for round_ in range(3):
        with clock.travelling(MONDAY + round_ * HALF_A_MINUTE):
            for _ in range(service.TRIES - 1):
                service.note_code_try(session, world.officer.user_id)
            service.finish_sign_in(session, due(session, world.officer), phone.code())


def test_one_code_at_the_same_moment_opens_one_session(
    fresh_database: Settings, keyring: crypto.Keyring
) -> None:
    engine = create_engine(fresh_database.database_url, pool_size=10)
    with clock.travelling(MONDAY):
        with Session(engine) as first, transaction(first):
            officer = build_world(first).officer
            phone = enrol(first, officer)
        with Session(engine) as asking, transaction(asking):
            pending = due(asking, officer)
        code = phone.code()
        opened: list[str] = []

        def enter() -> None:
            with clock.travelling(MONDAY), Session(engine) as own:
                try:
                    with transaction(own):
                        token, *_ = service.finish_sign_in(own, pending, code)
                except WrongCode:
                    return
                opened.append(token)

        threads = [threading.Thread(target=enter) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    engine.dispose()
    assert len(opened) == 1


def test_a_trusted_browser_is_asked_once_in_thirty_days(session: Session, world: World) -> None:
    phone = enrol(session, world.officer)
    _, _, device = service.finish_sign_in(session, due(session, world.officer), phone.code(), trust=True)
    stored = session.execute(text("SELECT token_digest FROM trusted_device")).scalars().all()
    assert stored == [crypto.digest(device)]
    with clock.travelling(MONDAY + service.TRUSTED - timedelta(seconds=1)):
        assert service.sign_in(session, "officer", PASSWORD, devices=["khác", device])
    with clock.travelling(MONDAY + service.TRUSTED):
        due(session, world.officer, device)
    due(session, world.officer, "khác")


def test_a_browser_trusted_by_one_is_not_trusted_by_another(session: Session, world: World) -> None:
    phone = enrol(session, world.officer)
    enrol(session, world.head)
    _, _, device = service.finish_sign_in(session, due(session, world.officer), phone.code(), trust=True)
    due(session, world.head, device)


@pytest.mark.parametrize("end", ["password", "reset", "everywhere", "locked", "stopped"])
def test_trust_ends(session: Session, world: World, end: str) -> None:
    assert world.officer.user_id is not None
    phone = enrol(session, world.officer)
    service.finish_sign_in(session, due(session, world.officer), phone.code(), trust=True)
    if end == "password":
        service.change_password(session, world.officer, PASSWORD, "con sông chảy qua trước nhà")
    elif end == "reset":
        service.reset_password(session, world.administrator, world.officer.user_id)
    elif end == "everywhere":
        service.forget_devices(session, world.officer.user_id)
    elif end == "locked":
        service.set_active(session, world.administrator, world.officer.user_id, active=False)
    else:
        with clock.travelling(MONDAY + HALF_A_MINUTE):
            service.stop_second_factor(session, world.officer, phone.code())
    assert queries.trusted_devices(session, world.officer.user_id) == 0


def test_a_new_password_by_an_administrator_never_skips_the_code(session: Session, world: World) -> None:
    assert world.officer.user_id is not None
    enrol(session, world.officer)
    given_password = service.reset_password(session, world.administrator, world.officer.user_id)
    with pytest.raises(SecondFactorDue):
        service.sign_in(session, "officer", given_password)


def test_enrolling_asks_the_password_and_switching_off_a_code(session: Session, world: World) -> None:
    with pytest.raises(InvalidInput) as refused:
        service.start_second_factor(session, world.officer, "sai")
    assert list(refused.value.fields) == ["password"]
    with pytest.raises(Refusal, match="Chưa có khóa nào"):
        service.confirm_second_factor(session, world.officer, "123456")
    with pytest.raises(Refusal, match="chưa bật"):
        service.stop_second_factor(session, world.officer, "123456")
    phone = enrol(session, world.officer)
    with pytest.raises(WrongCode):
        service.stop_second_factor(session, world.officer, "x")
    service.stop_second_factor(session, world.officer, phone.code())
    assert service.sign_in(session, "officer", PASSWORD)


def test_nobody_enrols_for_nobody(session: Session, world: World) -> None:
    for who in (replace(world.officer, user_id=new_id()), replace(world.officer, user_id=None)):
        with pytest.raises(NotFound):
            service.start_second_factor(session, who, PASSWORD)


def test_the_log_tells_of_it_without_the_key(session: Session, world: World) -> None:
    phone = enrol(session, world.officer)
    service.stop_second_factor(session, world.officer, phone.code())
    rows = session.execute(
        text("SELECT action, details::text FROM audit WHERE action LIKE 'user.second%' ORDER BY id")
    ).all()
    assert [row.action for row in rows] == [
        "user.second_factor_started",
        "user.second_factor_confirmed",
        "user.second_factor_stopped",
    ]
    assert {row.details for row in rows} == {"{}"}
    assert audit.verify(session).ok
