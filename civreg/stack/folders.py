"""Thư mục của bộ chạy: where data, secrets, sockets and logs of one machine lie, and who may start on them."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

from civreg.shared.errors import Refusal
from civreg.stack.processes import Identity, is_running

_SOCKET_LIMIT = 107
"""Longest path of a unix socket in bytes (sockaddr_un without its closing zero, Linux; macOS has 103)."""
_LONGEST_SOCKET = "/.s.PGSQL.5432"
_PLAIN = re.compile(r"[A-Za-z0-9_./-]+")


class StackRefused(Refusal):
    """The servers of this machine cannot be started; the sentence says what to do."""


def private_folder(folder: Path) -> Path:
    """Make `folder` with mode 0700 unless it exists, and return it.

    Raises:
        StackRefused: when we may not write there.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as reason:
        raise StackRefused(
            f"Không tạo được thư mục {folder}. Hãy đặt CIVREG_VAR là một thư mục mà ông/bà được ghi."
        ) from reason
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StackRefused(
            f"Thư mục {folder} thuộc người dùng khác. Hãy chạy bằng đúng người dùng đó, "
            "hoặc đặt CIVREG_VAR là một thư mục mà ông/bà được ghi."
        )
    return folder


def socket_folder(var: Path) -> Path:
    """Return the folder of the unix sockets: `var/run`, or a short one under the temporary folder.

    The short one also serves folders with spaces, commas or accents, which addresses and server settings would have
    to quote each in its own way.

    Raises:
        StackRefused: when somebody else already holds the short name.
    """
    near = var / "run"
    limit = _SOCKET_LIMIT if sys.platform == "linux" else 103
    if len(os.fsencode(f"{near}{_LONGEST_SOCKET}")) <= limit and _PLAIN.fullmatch(str(near)):
        return private_folder(near)
    name = hashlib.sha256(os.fsencode(var)).hexdigest()[:12]
    short = private_folder(Path(tempfile.gettempdir()) / f"civreg-{os.geteuid()}-{name}")
    found = short.lstat()
    owned = found.st_uid == os.geteuid() or os.geteuid() == 0
    if short.is_symlink() or not owned or found.st_mode & 0o077:
        raise StackRefused(f"Thư mục {short} không an toàn. Hãy xóa nó rồi chạy lại.")
    return short


def remove_short_sockets(var: Path) -> None:
    """Leave nothing under the temporary folder after an orderly stop."""
    sockets = socket_folder(var)
    if sockets.parent != var:
        shutil.rmtree(sockets, ignore_errors=True)


def hand_over(folder: Path, identity: Identity) -> None:
    """Give `folder` and what is in it to the user a server runs as; nothing to do for ourselves.

    An earlier start may have used the other way of not being root, so root's own folders are taken back too.
    """
    if identity.kind == "self" or folder.stat().st_uid == identity.uid:
        return
    for path in (folder, *folder.rglob("*")):
        os.chown(path, identity.uid, identity.gid, follow_symlinks=False)


class FolderLock:
    """Khóa thư mục: one supervisor per data folder; the watcher holds it on until everything has ended."""

    def __init__(self, var: Path) -> None:
        self._path = var / "stack.lock"
        self._file: IO[str] | None = None

    @property
    def descriptor(self) -> int:
        """The open file that carries the lock, for handing down to the watcher."""
        if self._file is None:
            raise ValueError("not taken")
        return self._file.fileno()

    def take(self, seconds: float = 30.0) -> None:
        """Take the lock, waiting for the remains of a killed supervisor to end.

        Raises:
            StackRefused: when another supervisor is at work on this folder.
        """
        self._file = self._path.open("a+")
        limit = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                holder = self._holder()
                if is_running(holder, "") or time.monotonic() > limit:
                    self._file.close()
                    raise StackRefused(
                        f"Hệ thống đang chạy trên thư mục {self._path.parent} (tiến trình {holder}). "
                        "Hãy dừng nó bằng Ctrl-C, hoặc đặt CIVREG_VAR và PORT khác để chạy thêm một hệ thống."
                    ) from None
                time.sleep(0.1)
        self._file.seek(0)
        self._file.truncate()
        self._file.write(str(os.getpid()))
        self._file.flush()

    def release(self) -> None:
        """Give the folder free."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _holder(self) -> int:
        text = self._path.read_text()
        return int(text) if text.isdigit() else 0


def write_addresses(var: Path, addresses: dict[str, str]) -> None:
    """Store the addresses of the servers for the commands (`civreg.settings` reads them), mode 0600."""
    target = var / "stack.json"
    fresh = var / f"stack.json.{os.getpid()}"
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(addresses, file, indent=1)
    fresh.replace(target)
