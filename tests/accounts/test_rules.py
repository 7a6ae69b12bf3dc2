from __future__ import annotations

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civreg.accounts.rules import (
    FAMILY,
    MAY,
    SYSTEM,
    Actor,
    Grant,
    Permission,
    Role,
    clean_username,
    password_problem,
    username_problem,
)
from civreg.shared.errors import NotAllowed

COMMON = frozenset({"matkhau", "123456", "iloveyou"})


def person(*grants: Grant) -> Actor:
    return Actor(uuid4(), "an", "Nguyễn Văn An", "", grants)


@given(role=st.sampled_from(Role), permission=st.sampled_from(Permission), unit=st.integers(1, 5))
def test_a_role_reaches_as_far_as_its_units(role: Role, permission: Permission, unit: int) -> None:
    actor = person(Grant(role, 1, frozenset({1, 2, 3})))
    allowed = permission in MAY[role]
    assert actor.may(permission, unit) is (allowed and unit <= 3)
    assert actor.may(permission) is allowed
    assert actor.units(permission) == (frozenset({1, 2, 3}) if allowed else frozenset())


def test_two_roles_add_up_but_do_not_mix() -> None:
    actor = person(Grant(Role.OFFICER, 1, frozenset({1})), Grant(Role.HEAD, 2, frozenset({2})))
    assert actor.may(Permission.LETTER_APPROVE, 2)
    assert not actor.may(Permission.LETTER_APPROVE, 1)
    assert actor.units(Permission.CASE_WORK) == {1, 2}


def test_only_a_head_refuses_and_approves() -> None:
    for permission in (Permission.CASE_REFUSE, Permission.LETTER_APPROVE):
        assert [role for role in Role if permission in MAY[role]] == [Role.HEAD]


def test_programme_staff_and_administrators_see_no_case() -> None:
    for role in (Role.PROGRAMME_STAFF, Role.ADMINISTRATOR):
        assert not MAY[role] & {Permission.CASE_VIEW, Permission.VISIT_VIEW, Permission.LETTER_VIEW}


@given(permission=st.sampled_from(Permission))
def test_the_machine_may_all_and_a_family_nothing(permission: Permission) -> None:
    assert SYSTEM.may(permission, 7)
    assert not FAMILY.may(permission)
    with pytest.raises(NotAllowed, match="không có quyền"):
        FAMILY.require(permission, 7)


@pytest.mark.parametrize(
    "password",
    [
        "ngắn quá",
        "matkhaumatkhau",
        "Mật Khẩu mật khẩu",
        "123456123456",
        "I love you I love you",
        "aaaaaaaaaaaaaa",
        "x" * 201,
    ],
)
def test_a_short_or_common_password_is_refused(password: str) -> None:
    assert password_problem(password, common=COMMON) is not None


def test_a_user_name_is_no_password() -> None:
    assert password_problem("nguyen.van.an", common=COMMON, username="nguyen.van.an") is not None


@given(st.text(st.characters(categories=("Lu", "Ll", "Nd", "Zs", "Po")), min_size=12, max_size=200))
def test_any_composition_of_enough_different_letters_is_taken(password: str) -> None:
    problem = password_problem("Kênh rạch " + password[:190], common=COMMON)
    assert problem is None


@pytest.mark.parametrize("username", ["an", "Nguyễn", "1abc", "a" * 41, "a b c", ""])
def test_a_user_name_that_cannot_be_used(username: str) -> None:
    assert username_problem(username) is not None


@given(st.from_regex(r"[a-z][a-z0-9._-]{2,39}", fullmatch=True))
def test_a_user_name_that_can_be_used(username: str) -> None:
    assert username_problem(username) is None
    assert clean_username(f" {username.upper()} ") == username
