"""Lệnh thay khóa: `rotate-keys` seals everything again with a new key while the system runs.

The key file is replaced first; every process of this machine reads it again by itself. On several machines the new file
is copied to each before the command is run a second time.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

import click
from flask.cli import with_appcontext

from civreg.cli.system import require_database
from civreg.cli.vietnamese import VietnameseCommand
from civreg.extensions import db
from civreg.shared import audit, clock, crypto, rotation
from civreg.shared.database import transaction
from civreg.shared.errors import Refusal
from civreg.stack.keys import alone_with, replace_keyring
from civreg.tables import METADATA

GRACE = timedelta(hours=2)
"""How long old keys stay after a new one: the receipt in a family's browser lives that long, a transaction far less."""
_PASSES = 60
"""How often rows that somebody holds are looked for again, half a second apart."""


@dataclass(frozen=True)
class Rotated:
    """What a run of the command did.

    Attributes:
        key: id of the key that seals now.
        old_keys: ids of keys that are still in the key file beside it.
        resealed: rows sealed again in this run.
        remaining: rows that still carry an old key because somebody held them.
        columns: every sealed column that was walked.
    """

    key: str
    old_keys: list[str]
    resealed: int
    remaining: int
    columns: list[str]


@click.command("rotate-keys", cls=VietnameseCommand)
@click.option("--finish", is_flag=True, help="Bỏ khóa cũ, khi không còn dữ liệu nào dùng khóa cũ.")
@click.option(
    "--batch",
    type=click.IntRange(1, 1000),
    default=rotation.BATCH,
    metavar="SỐ",
    help="Số dòng mỗi lần ghi (1–1000).",
)
@click.option("--json", "as_json", is_flag=True, help="In một đối tượng JSON.")
@with_appcontext
def rotate_keys(finish: bool, batch: int, as_json: bool) -> None:
    """Thay khóa niêm phong: thêm khóa mới, niêm phong lại từng phần; bị ngắt thì chạy lại để làm tiếp."""
    path = require_database().keyring_path
    if not path.is_file():
        raise Refusal(f"Chưa có tệp khóa {path}. Ông/bà chạy `make run` hoặc đặt CIVREG_KEYRING_PATH.")
    with alone_with(path) as alone:
        if not alone:
            raise Refusal("Một lệnh thay khóa khác đang chạy. Ông/bà chờ lệnh đó xong rồi chạy lại.")
        crypto.use_keyring(crypto.Keyring.load(path))
        report = _finish(path) if finish else _rotate(path, batch)
    click.echo(json.dumps(asdict(report)) if as_json else _sentence(report, finish))
    if report.remaining:
        raise Refusal(
            f"Còn {report.remaining} dòng đang có người dùng, chưa thay khóa được. Ông/bà chạy lại lệnh này."
        )


def _rotate(path: Path, batch: int) -> Rotated:
    """Add a key unless a rotation is under way, then seal again until no row carries an old key."""
    if len(crypto.keyring().seal) == 1:
        replace_keyring(path, crypto.keyring().with_new_key())
        _note("rotate_keys_started")
    sealed = rotation.sealed_tables(METADATA)
    resealed = 0
    for turn in range(_PASSES):
        if turn:
            time.sleep(0.5)
        resealed += sum(_walk(one, batch) for one in sealed)
        with transaction(db.session()) as session:
            remaining = rotation.count_stale(session, sealed)
        if not remaining:
            break
    if resealed and not remaining:
        _note("rotate_keys_done", rows=resealed)
    return _report(sealed, resealed, remaining)


def _walk(one: rotation.SealedTable, batch: int) -> int:
    done, after = 0, rotation.FIRST
    while True:
        with transaction(db.session()) as session:
            count, last = rotation.reseal_batch(session, one, after, batch)
        done += count
        if last is None:
            return done
        after = last


def _finish(path: Path) -> Rotated:
    """Take the old keys out of the key file while nobody can write, once no value needs them."""
    sealed, ring = rotation.sealed_tables(METADATA), crypto.keyring()
    if len(ring.seal) == 1:
        return _report(sealed, 0, 0)
    until = datetime.fromtimestamp(path.stat().st_mtime, clock.ZONE) + GRACE
    if clock.now() < until:
        raise Refusal(
            f"Khóa cũ còn cần cho việc đang làm dở. Ông/bà chạy lại lệnh này sau {until:%H:%M ngày %d/%m/%Y}."
        )
    with transaction(db.session()) as session:
        rotation.hold_still(session, sealed)
        if rotation.count_stale(session, sealed):
            raise Refusal("Còn dữ liệu dùng khóa cũ. Ông/bà chạy lệnh này không có --finish trước.")
        replace_keyring(path, ring.with_active_key_only())
    _note("rotate_keys_finished", removed=sorted(set(ring.seal) - {ring.active}))
    return _report(sealed, 0, 0)


def _note(action: str, **details: object) -> None:
    with transaction(db.session()) as session:
        audit.record(
            session,
            action,
            unit_id=None,
            actor_id=None,
            subject_type="keyring",
            subject_id=None,
            key=crypto.keyring().active,
            **details,
        )


def _report(sealed: list[rotation.SealedTable], resealed: int, remaining: int) -> Rotated:
    ring = crypto.keyring()
    return Rotated(
        key=ring.active,
        old_keys=sorted(set(ring.seal) - {ring.active}),
        resealed=resealed,
        remaining=remaining,
        columns=[name for one in sealed for name in one.names],
    )


def _sentence(report: Rotated, finish: bool) -> str:
    if finish:
        return (
            f"Khóa đang dùng: {report.key}. Khóa cũ đã bỏ khỏi tệp khóa; bản sao lưu cũ chỉ mở được bằng tệp khóa "
            "sao lưu cùng ngày."
        )
    return (
        f"Khóa đang dùng: {report.key}. Đã niêm phong lại {report.resealed} dòng. "
        f"Sau {GRACE.seconds // 3600} giờ, ông/bà chạy lại lệnh này với --finish để bỏ khóa cũ."
    )


commands: list[click.Command] = [rotate_keys]
