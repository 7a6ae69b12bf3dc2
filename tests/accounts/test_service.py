from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

import pytest
from argon2 import PasswordHasher
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from civreg.accounts import queries, service
from civreg.accounts.rules import SYSTEM, Permission, Role, password_problem
from civreg.settings import Settings
from civreg.shared import audit, clock, crypto
from civreg.shared.database import transaction
from civreg.shared.errors import InvalidInput, NotAllowed, NotFound, Refusal, TooMany
from tests.world import MONDAY, PASSWORD, World, build_world

NEW = "con sông chảy qua trước nhà"


@pytest.fixture
def world(session: Session) -> Iterator[World]:
    with clock.travelling(MONDAY):
        yield build_world(session)


def user_id(world: World, name: str = "officer") -> UUID:
    found: UUID | None = getattr(world, name).user_id
    assert found is not None
    return found


def sign_in(session: Session, name: str = "officer", password: str = PASSWORD) -> str:
    token, _ = service.sign_in(session, name, password)
    session.flush()
    return token


def test_a_session_carries_the_roles_of_today(session: Session, world: World) -> None:
    actor = service.actor_of_token(session, sign_in(session, " OFFICER "))
    assert actor == world.officer
    assert actor is not None
    assert actor.may(Permission.CASE_WORK, world.tra_cu)
    assert not actor.may(Permission.CASE_WORK, world.dai_an)


def test_only_the_digest_of_a_token_is_stored(session: Session, world: World) -> None:
    token = sign_in(session)
    stored = session.execute(text("SELECT token_digest FROM sign_in")).scalars().all()
    assert stored == [crypto.digest(token)]
    assert sign_in(session) != token


@pytest.mark.parametrize(("name", "password"), [("officer", "sai"), ("khong.co", PASSWORD), ("", "")])
def test_one_answer_for_unknown_name_and_wrong_password(
    session: Session, world: World, name: str, password: str
) -> None:
    with pytest.raises(service.WrongSignIn) as refused:
        service.sign_in(session, name, password)
    assert refused.value.sentence == "Tên đăng nhập hoặc mật khẩu chưa đúng. Ông/bà nhập lại cả hai."


def test_an_unknown_name_costs_one_hash_like_a_known_one(
    session: Session, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str] = []
    real = PasswordHasher.verify

    def counting(hasher: PasswordHasher, stored: str, password: str) -> bool:
        verified.append(stored)
        return bool(real(hasher, stored, password))

    monkeypatch.setattr(PasswordHasher, "verify", counting)
    for name in ("officer", "khong.co"):
        with pytest.raises(service.WrongSignIn):
            service.sign_in(session, name, "sai")
    assert [stored.split("$")[1:4] for stored in verified] == [verified[0].split("$")[1:4]] * 2


def test_five_tries_lock_the_name_and_a_quarter_of_an_hour_opens_it(session: Session, world: World) -> None:
    for name in ("officer", "khong.co"):
        for _ in range(service.TRIES):
            service.note_try(session, name)
        with pytest.raises(TooMany, match="chờ 15 phút"):
            service.note_try(session, name.upper())
        session.flush()
    service.note_try(session, "head")
    with clock.travelling(MONDAY + service.TRIES_WITHIN):
        service.note_try(session, "officer")


def test_signing_in_forgets_the_tries_before(session: Session, world: World) -> None:
    for _ in range(3):
        for _ in range(service.TRIES - 1):
            service.note_try(session, "officer")
        service.note_try(session, "officer")
        sign_in(session)


def test_guesses_at_the_same_moment_are_counted_one_by_one(
    fresh_database: Settings, keyring: crypto.Keyring
) -> None:
    engine = create_engine(fresh_database.database_url, pool_size=20)
    let_through: list[int] = []

    def guess(number: int) -> None:
        with Session(engine) as own:
            try:
                with transaction(own):
                    service.note_try(own, "head")
            except TooMany:
                return
            let_through.append(number)

    threads = [threading.Thread(target=guess, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()
    assert len(let_through) == service.TRIES


def test_idle_and_absolute_ends(session: Session, world: World) -> None:
    token = sign_in(session)
    moment = MONDAY
    while moment < MONDAY + service.ABSOLUTE - timedelta(minutes=29):
        moment += timedelta(minutes=29)
        with clock.travelling(moment):
            assert service.actor_of_token(session, token) is not None
    with clock.travelling(MONDAY + service.ABSOLUTE):
        assert service.actor_of_token(session, token) is None
    token = sign_in(session)
    with clock.travelling(MONDAY + service.IDLE):
        assert service.actor_of_token(session, token) is None


def test_seen_moves_at_most_once_a_minute(session: Session, world: World) -> None:
    token = sign_in(session)

    def seen() -> object:
        session.flush()
        return session.execute(text("SELECT seen_at FROM sign_in")).scalar_one()

    for seconds, expected in ((30, 0), (61, 61), (90, 61)):
        with clock.travelling(MONDAY + timedelta(seconds=seconds)):
            service.actor_of_token(session, token)
        assert seen() == MONDAY + timedelta(seconds=expected)


def test_signing_out_ends_every_copy_of_the_token(session: Session, world: World) -> None:
    token = sign_in(session)
    service.sign_out(session, token)
    assert service.actor_of_token(session, token) is None


def test_a_disabled_user_is_refused_at_once(session: Session, world: World) -> None:
    token = sign_in(session)
    service.set_active(session, world.administrator, user_id(world), active=False)
    assert service.actor_of_token(session, token) is None
    with pytest.raises(service.WrongSignIn):
        service.sign_in(session, "officer", PASSWORD)
    service.set_active(session, world.administrator, user_id(world), active=True)
    assert service.actor_of_token(session, token) is None
    assert service.actor_of_token(session, sign_in(session)) is not None


def test_a_role_that_ends_today_is_gone_at_the_next_request(session: Session, world: World) -> None:
    token = sign_in(session)
    grant = queries.grants_of(session, user_id(world))[0]
    service.end_role(session, world.administrator, grant.id, clock.today())
    actor = service.actor_of_token(session, token)
    assert actor is not None
    assert actor.grants == ()


def test_a_role_begins_on_its_day_and_ends_before_its_last(session: Session, world: World) -> None:
    start, end = date(2026, 12, 1), date(2026, 12, 31)
    service.grant_role(
        session, world.administrator, user_id(world, "stranger"), world.dai_an, Role.HEAD, start, end
    )
    held = {
        day: bool(queries.actor_for(session, user_id(world, "stranger"), day).grants)
        for day in (start - timedelta(days=1), start, end - timedelta(days=1), end)
    }
    assert list(held.values()) == [False, True, True, False]


def test_the_same_role_is_not_given_twice_but_again_after_its_end(session: Session, world: World) -> None:
    again = (user_id(world), world.tra_cu, Role.OFFICER, clock.today())
    with pytest.raises(InvalidInput):
        service.grant_role(session, world.administrator, *again)
    grant = queries.grants_of(session, user_id(world))[0]
    service.end_role(session, world.administrator, grant.id, clock.today())
    service.grant_role(session, world.administrator, *again)
    newest = queries.grants_of(session, user_id(world))[0]
    service.end_role(session, world.administrator, newest.id, clock.today())
    service.grant_role(session, world.administrator, *again)
    assert queries.actor_for(session, user_id(world), clock.today()).roles == {Role.OFFICER}


def test_changing_the_password_ends_the_other_sessions(session: Session, world: World) -> None:
    here, elsewhere = sign_in(session), sign_in(session)
    service.change_password(session, world.officer, PASSWORD, NEW, token=here)
    assert service.actor_of_token(session, here) is not None
    assert service.actor_of_token(session, elsewhere) is None
    assert sign_in(session, password=NEW)


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [("sai", NEW, "old_password"), (PASSWORD, PASSWORD, "new_password"), (PASSWORD, "ngắn", "new_password"),
     (PASSWORD, "matkhau123456", "new_password")],
)  # fmt: skip
def test_a_password_that_cannot_be_taken(
    session: Session, world: World, old: str, new: str, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        service.change_password(session, world.officer, old, new)
    assert list(refused.value.fields) == [field]


def test_a_reset_password_must_be_changed_and_opens_a_locked_name(session: Session, world: World) -> None:
    for _ in range(service.TRIES):
        service.note_try(session, "officer")
    before = sign_in(session)
    password = service.reset_password(session, world.administrator, user_id(world))
    assert service.actor_of_token(session, before) is None
    service.note_try(session, "officer")
    actor = service.actor_of_token(session, sign_in(session, password=password))
    assert actor is not None
    assert actor.must_change_password


def test_an_administrator_of_a_commune_cannot_reach_the_province(session: Session, world: World) -> None:
    made = service.create_user(
        session, SYSTEM, username="xa.quan.tri", full_name="Quản trị xã", title="", password=NEW
    )
    service.grant_role(session, SYSTEM, made, world.tra_cu, Role.ADMINISTRATOR, clock.today())
    local = queries.actor_for(session, made, clock.today())
    assert service.reset_password(session, local, user_id(world))
    for out_of_reach in ("administrator", "clerk", "neighbour", "stranger"):
        for act in (
            lambda found: service.reset_password(session, local, found),
            lambda found: service.set_active(session, local, found, active=False),
            lambda found: service.change_user(session, local, found, full_name="X", title=""),
        ):
            with pytest.raises(NotFound):
                act(user_id(world, out_of_reach))
    with pytest.raises(NotAllowed):
        service.grant_role(session, local, made, world.province, Role.ADMINISTRATOR, clock.today())
    names = [row.username for row in queries.users_at(session, local)]
    assert names == ["head", "officer", "xa.quan.tri"]


def test_who_also_works_elsewhere_is_not_a_communes_to_lock(session: Session, world: World) -> None:
    service.grant_role(session, SYSTEM, user_id(world), world.dai_an, Role.OFFICER, clock.today())
    made = service.create_user(
        session, SYSTEM, username="xa.quan.tri", full_name="Quản trị xã", title="", password=NEW
    )
    service.grant_role(session, SYSTEM, made, world.tra_cu, Role.ADMINISTRATOR, clock.today())
    with pytest.raises(NotFound):
        service.reset_password(session, queries.actor_for(session, made, clock.today()), user_id(world))


def test_nobody_locks_oneself_out(session: Session, world: World) -> None:
    with pytest.raises(Refusal, match="không tự khóa"):
        service.set_active(session, world.administrator, user_id(world, "administrator"), active=False)


def test_only_who_manages_users_makes_them(session: Session, world: World) -> None:
    for actor in (world.officer, world.head, world.clerk, world.staff, world.stranger):
        with pytest.raises(NotAllowed):
            service.create_user(session, actor, username="ai.do", full_name="Ai đó", title="", password=NEW)


def test_every_wrong_field_of_a_new_user_is_named(session: Session, world: World) -> None:
    with pytest.raises(InvalidInput) as refused:
        service.create_user(
            session, world.administrator, username="Hạnh!", full_name="  ", title="", password="1"
        )
    assert set(refused.value.fields) == {"username", "full_name", "password"}
    with pytest.raises(InvalidInput) as refused:
        service.create_user(
            session, world.administrator, username="OFFICER", full_name="A", title="", password=NEW
        )
    assert set(refused.value.fields) == {"username"}


def test_a_search_forgives_accents_and_turns_pages(session: Session, world: World) -> None:
    found = queries.users_at(session, world.administrator, text="thach thi")
    assert [row.username for row in found] == ["officer"]
    first = queries.users_at(session, world.administrator, limit=2)
    second = queries.users_at(session, world.administrator, after=first[-1].username, limit=2)
    assert [row.username for row in (*first, *second)] == ["administrator", "clerk", "head", "neighbour"]


def test_officers_of_a_unit_are_who_may_be_sent(session: Session, world: World) -> None:
    assert {row.username for row in queries.officers_at(session, world.tra_cu, clock.today())} == {
        "officer",
        "head",
    }


def test_what_is_done_to_users_is_audited(session: Session, world: World) -> None:
    service.set_active(session, world.administrator, user_id(world), active=False)
    row = session.execute(
        text("SELECT action, actor_id, subject_id, details FROM audit ORDER BY id DESC LIMIT 1")
    ).one()
    assert row.action == "user.disabled"
    assert (row.actor_id, row.subject_id) == (user_id(world, "administrator"), user_id(world))
    assert audit.verify(session).ok


def test_random_passwords_pass_the_rules_and_differ(session: Session) -> None:
    made = {service.random_password() for _ in range(50)}
    assert len(made) == 50
    assert all(password_problem(one, common=service.common_passwords()) is None for one in made)
