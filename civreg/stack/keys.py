"""Khóa bí mật: the sealing keys, the blind-index key and the session secret, made once at the first start.

They never enter the database: a copy of the database without this folder shows nothing personal. Back them up apart.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from civreg.shared.crypto import Keyring


def ensure_keys(var: Path, keyring: Path | None = None) -> Path:
    """Make the key file and the session secret when they are missing (mode 0600); return the key file.

    Args:
        var: the folder of this machine's system; `secret_key` is made there.
        keyring: another place of the key file, else `var/keys.json`.
    """
    target = keyring or var / "keys.json"
    _write_once(target, Keyring.make().dumps())
    _write_once(var / "secret_key", secrets.token_urlsafe(48))
    return target


def ensure_backup_key(var: Path) -> Path:
    """Make the words that backups are sealed with when they are missing (mode 0600); return their file."""
    target = var / "backup_key"
    _write_once(target, secrets.token_urlsafe(32))
    return target


def place_secret(target: Path, text: str) -> None:
    """Put a secret that was kept elsewhere back in its place; never over another one."""
    _write_once(target, text)


def replace_keyring(target: Path, keyring: Keyring) -> None:
    """Put a keyring in the place of the old one: whole or not at all, on the disk before this returns."""
    fresh = _write_beside(target, keyring.dumps())
    fresh.rename(target)
    folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)  # a rename that a power cut forgets would lose the key that values carry already
    finally:
        os.close(folder)


@contextmanager
def alone_with(keyring: Path) -> Iterator[bool]:
    """Hold the key file for this process until the block ends, also by a kill; False when another one holds it."""
    with keyring.with_name(f"{keyring.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _write_once(target: Path, text: str) -> None:
    """Write the whole file or none of it, and never over an existing one: a lost key is lost data."""
    if target.exists():
        return
    fresh = _write_beside(target, text)
    try:
        os.link(fresh, target)  # fails when another process was faster, unlike a rename
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def _write_beside(target: Path, text: str) -> Path:
    """Write a new file next to the target, safe on the disk, readable by its owner only; return it."""
    fresh = target.with_name(f"{target.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return fresh
