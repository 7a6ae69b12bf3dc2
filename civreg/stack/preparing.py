"""Chuẩn bị máy chủ ngoài: keys, roles and database on a PostgreSQL that somebody else runs (several hosts, containers)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from civreg.shared.secret_files import secret_of
from civreg.stack.cluster import Cluster, Role
from civreg.stack.folders import StackRefused, private_folder
from civreg.stack.keys import ensure_keys

SUPERUSER = "CIVREG_SUPERUSER_URL"
ADDRESSES: Mapping[Role, str] = {
    "owner": "CIVREG_OWNER_DATABASE_URL",
    "app": "DATABASE_URL",
    "report": "CIVREG_REPORT_DATABASE_URL",
}
"""Role → the variable with its address; the password in it is the one the role is given."""


def prepare(environment: Mapping[str, str]) -> Path:
    """Make the keys, the three roles and the database; again: changes nothing but a changed password.

    Every address may also be handed over as a file (`NAME_FILE`).

    Returns:
        The key file.

    Raises:
        StackRefused: naming every variable that is missing, or the one that is no address of its role.
    """
    given = {name: secret_of(environment, name) for name in (SUPERUSER, *ADDRESSES.values())}
    missing = [name for name, value in given.items() if not value]
    if missing:
        raise StackRefused(f"Còn thiếu: {', '.join(missing)}. Hãy đặt các biến này rồi chạy lại.")
    passwords = {role: _password(role, name, given[name]) for role, name in ADDRESSES.items()}
    cluster = Cluster.at(given[SUPERUSER], passwords)
    cluster.prepare()
    cluster.ensure_database(unquote(urlsplit(given[ADDRESSES["app"]]).path.lstrip("/")))
    return make_keys(environment)


def make_keys(environment: Mapping[str, str]) -> Path:
    """Make the sealing keys and the session secret where they are missing; return the key file."""
    var = private_folder(Path(environment.get("CIVREG_VAR") or "var").resolve())
    keyring = environment.get("CIVREG_KEYRING_PATH")
    return ensure_keys(var, Path(keyring) if keyring else None)


def _password(role: Role, variable: str, address: str) -> str:
    parts = urlsplit(address)
    if parts.username != f"civreg_{role}" or not parts.password or len(parts.path) < 2:
        raise StackRefused(
            f"{variable} phải là địa chỉ của vai civreg_{role}, có mật khẩu và tên cơ sở dữ liệu, "
            f"ví dụ postgresql://civreg_{role}:MẬT-KHẨU@máy-chủ/civreg."
        )
    return unquote(parts.password)
