"""Lệnh sao lưu: `backup` seals the whole database into a folder while everybody works, `restore` brings it back.

The key of backups is none of the sealing keys, and those are not in a backup: whoever finds a backup reads nothing, and
whoever has its key too still cannot read the sealed cells without the key file.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click
import psycopg
from alembic.script import ScriptDirectory
from flask.cli import with_appcontext

from civreg.cli.system import MIGRATIONS, migrate_database, require_database
from civreg.cli.vietnamese import VietnameseCommand, bad_input
from civreg.extensions import db
from civreg.settings import Settings
from civreg.shared import audit, clock, crypto, upkeep
from civreg.shared.database import transaction
from civreg.shared.errors import Refusal
from civreg.shared.sealed_stream import SHORTEST_WORDS
from civreg.stack import dumping, vault
from civreg.stack.dumping import Contents
from civreg.stack.keys import ensure_backup_key, place_secret

_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("backup", cls=VietnameseCommand)
@click.option(
    "--out", "folder", required=True, type=_FOLDER, metavar="THƯ MỤC", help="Thư mục mới cho bản này."
)
@click.option(
    "--with-keys",
    "keys_file",
    type=_FILE,
    metavar="TỆP",
    help="Niêm phong cả tệp khóa vào một tệp riêng, để ở nơi khác.",
)
@click.option("--json", "as_json", is_flag=True, help="In một đối tượng JSON.")
@with_appcontext
def backup(folder: Path, keys_file: Path | None, as_json: bool) -> None:
    """Sao lưu toàn bộ dữ liệu ở một thời điểm, có niêm phong; hệ thống vẫn chạy."""
    settings = require_database()
    began, made_at = time.monotonic(), clock.now()
    words = _words_or_new(settings)
    kept: list[Contents] = []
    with dumping.connect(settings.owner_database_url) as connection:
        if dumping.revision_of(connection) is None:
            raise Refusal("Cơ sở dữ liệu còn trống, chưa có gì để sao lưu.")
        pieces = _keeping(dumping.dump(connection, _prints_of(settings.keyring_path)), kept)
        size = vault.write_sealed(folder / vault.BACKUP, words, pieces)
    contents = kept[0]
    if keys_file is not None:
        vault.write_sealed(keys_file, words, [_keys_text(settings)])
    vault.write_summary(folder, _summary(contents, made_at.isoformat()))
    with transaction(db.session()) as session:
        upkeep.note(session, upkeep.Upkeep.BACKUP, rows=contents.rows, bytes=size, revision=contents.revision)
    _answer(
        as_json,
        {
            "folder": str(folder),
            "at": made_at.isoformat(),
            "revision": contents.revision,
            "tables": len(contents.tables),
            "rows": contents.rows,
            "bytes": size,
            "keys": str(keys_file) if keys_file else None,
            "seconds": round(time.monotonic() - began, 1),
        },
        f"Đã sao lưu {contents.rows} dòng của {len(contents.tables)} bảng vào {folder}.",
    )


@click.command("restore", cls=VietnameseCommand)
@click.option(
    "--from", "folder", required=True, type=_FOLDER, metavar="THƯ MỤC", help="Thư mục của bản sao lưu."
)
@click.option(
    "--keys",
    "keys_file",
    type=_FILE,
    metavar="TỆP",
    help="Tệp khóa đã niêm phong (của --with-keys), khi máy này chưa có tệp khóa.",
)
@click.option("--json", "as_json", is_flag=True, help="In một đối tượng JSON.")
@with_appcontext
def restore(folder: Path, keys_file: Path | None, as_json: bool) -> None:
    """Khôi phục vào một cơ sở dữ liệu trống, rồi so từng bảng, nhật ký và số thư kế tiếp."""
    settings = require_database()
    began = time.monotonic()
    words = _words(settings)
    with vault.opened(folder / vault.BACKUP, words) as pieces:
        contents = dumping.examine(pieces)
    _prepare_keys(settings, keys_file, words, contents)
    with dumping.connect(settings.owner_database_url) as connection:
        _make_tables(connection, settings, contents)
        try:
            with vault.opened(folder / vault.BACKUP, words) as pieces:
                dumping.load(connection, pieces)
        except psycopg.Error as reason:
            raise Refusal(
                "Dữ liệu không vào được cơ sở dữ liệu này; chưa ghi gì. Ông/bà dùng một cơ sở dữ liệu mới, trống."
            ) from reason
        differing = _differing(contents, dumping.contents_of(connection))
    with transaction(db.session()) as session:
        chain = audit.verify(session)
    if differing or not chain.ok:
        raise Refusal(
            f"Khôi phục xong nhưng KHÔNG khớp với bản sao lưu: {', '.join(differing) or 'nhật ký'}. "
            "Ông/bà đừng dùng cơ sở dữ liệu này; hãy báo người phụ trách kỹ thuật."
        )
    migrate_database(settings.owner_database_url)
    with transaction(db.session()) as session:
        upkeep.note(session, upkeep.Upkeep.RESTORE, rows=contents.rows, revision=contents.revision)
    _answer(
        as_json,
        {
            "folder": str(folder),
            "revision": contents.revision,
            "tables": len(contents.tables),
            "rows": contents.rows,
            "equal": True,
            "audit": {"rows": chain.rows, "ok": chain.ok},
            "next_numbers": len(contents.numbers),
            "seconds": round(time.monotonic() - began, 1),
        },
        f"Đã khôi phục {contents.rows} dòng của {len(contents.tables)} bảng: mọi bảng, {chain.rows} dòng nhật ký và "
        f"{len(contents.numbers)} dãy số khớp với bản sao lưu. Việc ghi sau lúc sao lưu thì không có: "
        "đối chiếu sổ thư giấy trước khi cấp số tiếp.",
    )


def _answer(as_json: bool, result: dict[str, object], sentence: str) -> None:
    click.echo(json.dumps(result, ensure_ascii=False) if as_json else sentence)


def _words_or_new(settings: Settings) -> str:
    """Return the key of backups; make one in the folder of this machine's system when there is none."""
    if settings.backup_key:
        return _words(settings)
    if not settings.var.is_dir():
        return _words(settings)
    file = ensure_backup_key(settings.var)
    print(
        f"Khóa sao lưu nằm ở {file}. Ông/bà chép tệp này sang nơi khác, cách xa bản sao lưu: mất khóa là mất bản sao lưu.",
        file=sys.stderr,
    )
    return file.read_text("utf-8").strip()


def _words(settings: Settings) -> str:
    if len(settings.backup_key) < SHORTEST_WORDS:
        raise bad_input(
            "Chưa có khóa sao lưu. Ông/bà đặt CIVREG_BACKUP_KEY_FILE là tệp khóa "
            f"(một dòng bí mật, từ {SHORTEST_WORDS} ký tự)."
        )
    return settings.backup_key


def _keeping(pieces: Iterator[bytes], kept: list[Contents]) -> Iterator[bytes]:
    """Pass a dump on and keep its contents, which are its last frame."""
    for piece in pieces:
        if piece[:1] == b"E":
            kept.append(Contents.loads(piece[5:]))
        yield piece


def _keys_text(settings: Settings) -> bytes:
    if not settings.keyring_path.is_file():
        raise Refusal(f"Không có tệp khóa {settings.keyring_path}. Ông/bà đặt CIVREG_KEYRING_PATH.")
    kept = {"keyring": settings.keyring_path.read_text("utf-8"), "secret_key": settings.secret_key}
    return json.dumps(kept).encode()


def _prints_of(keyring: Path) -> dict[str, str]:
    """Return id → print of each sealing key, and of the index key: tells keys apart, says nothing of them."""
    if not keyring.is_file():
        return {}
    ring = crypto.Keyring.load(keyring)
    keys = {**ring.seal, "index": ring.index}
    return {name: hashlib.sha256(b"civreg key print\0" + key).hexdigest()[:16] for name, key in keys.items()}


def _summary(contents: Contents, at: str) -> dict[str, object]:
    return {
        "at": at,
        "revision": contents.revision,
        "rows": contents.rows,
        "tables": {name: table.rows for name, table in contents.tables.items()},
    }


def _prepare_keys(settings: Settings, keys_file: Path | None, words: str, contents: Contents) -> None:
    """Put sealed keys back where none are, and refuse keys that are not those of the backup."""
    if keys_file is not None:
        with vault.opened(keys_file, words) as pieces:
            kept = json.loads(b"".join(pieces))
        place_secret(settings.keyring_path, kept["keyring"])
        if kept["secret_key"]:
            place_secret(settings.keyring_path.with_name("secret_key"), kept["secret_key"])
    here = _prints_of(settings.keyring_path)
    if any(here.get(name) != found for name, found in contents.keys.items()):
        raise Refusal(
            f"Tệp khóa {settings.keyring_path} không phải khóa lúc sao lưu: dữ liệu niêm phong sẽ không mở được. "
            "Ông/bà chép tệp khóa cùng ngày vào đó, hoặc dùng --keys. Chưa có gì bị thay đổi."
        )


def _make_tables(connection: dumping.Connection, settings: Settings, contents: Contents) -> None:
    """Make the tables of the backup's revision in an empty database.

    Raises:
        Refusal: when the database holds rows, or its tables are of another revision.
    """
    filled = dumping.filled_tables(connection)
    if filled:
        raise Refusal(
            f"Cơ sở dữ liệu này đang có dữ liệu ({len(filled)} bảng). Chỉ khôi phục vào một cơ sở dữ liệu trống; "
            "chưa có gì bị thay đổi."
        )
    known = {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    if contents.revision not in known:
        raise Refusal("Bản sao lưu do một bản civreg mới hơn làm ra. Ông/bà cài bản ấy rồi khôi phục.")
    if dumping.revision_of(connection) not in (None, contents.revision):
        raise Refusal("Bảng ở đây là của phiên bản khác. Ông/bà dùng một cơ sở dữ liệu mới, trống.")
    migrate_database(settings.owner_database_url, contents.revision)


def _differing(wanted: Contents, found: Contents) -> list[str]:
    """Return what is not equal: tables by name, `audit_head` and `counter` said apart."""
    names = [name for name in wanted.tables if wanted.tables[name] != found.tables.get(name)]
    if wanted.audit_heads != found.audit_heads:
        names.append("audit_head")
    if wanted.numbers != found.numbers:
        names.append("counter")
    return sorted(set(names))


commands: list[click.Command] = [backup, restore]
