"""Luật của người dùng: `roles` (who may do what), `passwords`, `second_factor` (mã xác thực)."""

from civreg.accounts.rules.passwords import (
    LONGEST_PASSWORD,
    SHORTEST_PASSWORD,
    clean_username,
    password_problem,
    username_problem,
)
from civreg.accounts.rules.roles import FAMILY, MAY, ROLE_WORDS, SYSTEM, Actor, Grant, Permission, Role
from civreg.accounts.rules.second_factor import STEP, address_of_key, matching_step, new_secret, spoken_key

__all__ = [
    "FAMILY",
    "LONGEST_PASSWORD",
    "MAY",
    "ROLE_WORDS",
    "SHORTEST_PASSWORD",
    "STEP",
    "SYSTEM",
    "Actor",
    "Grant",
    "Permission",
    "Role",
    "address_of_key",
    "clean_username",
    "matching_step",
    "new_secret",
    "password_problem",
    "spoken_key",
    "username_problem",
]
