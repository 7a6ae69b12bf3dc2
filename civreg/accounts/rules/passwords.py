"""Mật khẩu và tên đăng nhập: what can be used, and what to do about what cannot (ASVS 6.2)."""

from __future__ import annotations

import re

from civreg.shared.text import fold_joined, nfc

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
_FEWEST_LETTERS = 4
"""Fewer different characters than this is a key held down."""
_USERNAME = re.compile(r"[a-z][a-z0-9._-]{2,39}")


def username_problem(username: str) -> str | None:
    """Return what to do about an unusable user name, or None when it can be used."""
    if _USERNAME.fullmatch(username):
        return None
    return (
        "Tên đăng nhập gồm 3 đến 40 ký tự: chữ thường không dấu, số, dấu chấm, gạch ngang; "
        "bắt đầu bằng chữ, ví dụ nguyen.van.an."
    )


def password_problem(password: str, *, common: frozenset[str], username: str = "") -> str | None:
    """Return what to do about an unusable password, or None when it can be used (ASVS 6.2: any composition).

    Args:
        password: as typed.
        common: folded passwords that everybody tries first.
        username: a password may not merely repeat it.
    """
    if len(password) < SHORTEST_PASSWORD:
        return f"Mật khẩu cần ít nhất {SHORTEST_PASSWORD} ký tự. Một câu dễ nhớ, có dấu cách, là tốt nhất."
    if len(password) > LONGEST_PASSWORD:
        return f"Mật khẩu dài nhất {LONGEST_PASSWORD} ký tự. Ông/bà chọn một câu ngắn hơn."
    folded = fold_joined(password)
    tried_first = common | {fold_joined(username)} if username else common
    if len(set(folded)) < _FEWEST_LETTERS or _repeats(folded, tried_first):
        return "Mật khẩu này nhiều người dùng nên rất dễ đoán. Ông/bà chọn một câu khác của riêng mình."
    return None


def _repeats(folded: str, common: frozenset[str]) -> bool:
    """Tell whether the password is a common one, or a common one written several times."""
    sizes = (size for size in range(1, len(folded) + 1) if len(folded) % size == 0)
    return any(folded[:size] in common and folded[:size] * (len(folded) // size) == folded for size in sizes)


def clean_username(typed: str) -> str:
    """Return the user name as it is stored: no blanks at the edges, small letters."""
    return nfc(typed).casefold()
