"""Kho sao lưu: a folder with one sealed backup, made whole or not at all, and what is read out of it again.

`civreg.backup` holds the database, `civreg.backup.json` says in plain text when it was made and how many rows each table
has (no personal data). The sealing keys are never in it; on request they are sealed into a file of their own.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from civreg.shared.errors import Refusal
from civreg.shared.sealed_stream import StreamBroken, WrongWords, open_stream, seal_stream
from civreg.stack.dumping import DumpBroken
from civreg.stack.folders import private_folder

BACKUP = "civreg.backup"
SUMMARY = "civreg.backup.json"


class BackupRefused(Refusal):
    """A backup cannot be made or read; the sentence says what to do."""


def write_sealed(target: Path, words: str, pieces: Iterable[bytes]) -> int:
    """Write a sealed file, whole and safe on the disk before it has its name; return its size in bytes.

    Raises:
        BackupRefused: when it exists already, or the disk takes no more.
    """
    if target.exists():
        raise BackupRefused(f"Đã có {target}. Ông/bà chọn một thư mục mới cho mỗi bản sao lưu.")
    partial = target.with_name(f"{target.name}.{os.getpid()}")
    try:
        private_folder(target.parent)
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            seal_stream(file, words, pieces)
            file.flush()
            os.fsync(file.fileno())
        os.link(partial, target)
        size = target.stat().st_size
        _keep_name(target.parent)
    except OSError as reason:
        raise BackupRefused(
            f"Không ghi được {target} ({reason.strerror}). Ông/bà kiểm tra dung lượng còn trống và quyền ghi."
        ) from reason
    finally:
        partial.unlink(missing_ok=True)
    return size


def write_summary(folder: Path, summary: dict[str, object]) -> None:
    """Write beside the backup, for people, what it is; nothing in it is personal."""
    text = json.dumps(summary, ensure_ascii=False, indent=1)
    (folder / SUMMARY).write_text(f"{text}\n", "utf-8")


@contextmanager
def opened(file: Path, words: str) -> Iterator[Iterator[bytes]]:
    """Give the bytes of a sealed file.

    Raises:
        BackupRefused: it is not there, other words sealed it, or it was changed.
    """
    try:
        with file.open("rb") as source:
            yield open_stream(source, words)
    except FileNotFoundError as reason:
        raise BackupRefused(f"Không có {file}. Ông/bà kiểm tra lại thư mục.") from reason
    except WrongWords as reason:
        raise BackupRefused(
            f"Khóa sao lưu không mở được {file}. Ông/bà đặt CIVREG_BACKUP_KEY_FILE là tệp khóa của bản sao lưu này."
        ) from reason
    except (StreamBroken, DumpBroken) as reason:
        raise BackupRefused(
            f"{file} đã hỏng hoặc bị sửa, không dùng được. Ông/bà lấy bản sao lưu khác. Chưa có gì bị thay đổi."
        ) from reason


def _keep_name(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
