"""What the benchmarks of pages and searches share: a migrated PostgreSQL of their own and many made-up cases.

The rows are written by SQL and not through the services: they are weight for indexes, not a story. Names come from
the usual syllables of Vietnamese and Khmer names, common ones often, so that a whole name belongs to several people.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor
from civreg.cli.system import migrate_database
from civreg.settings import Settings, load_settings
from civreg.shared import clock, crypto
from civreg.shared.database import transaction
from civreg.shared.text import fold, fold_joined, sort_key_vi
from civreg.stack.keys import ensure_keys
from civreg.stack.postgres import EmbeddedPostgres
from tests.world import MONDAY, build_world

PARTIES = 4
"""People of one case: requester, child, mother, father."""
CASES_OF_A_UNIT = 2000
_FAMILIES = (
    "Nguyễn Nguyễn Nguyễn Nguyễn Trần Trần Lê Phạm Huỳnh Thạch Kim Sơn Kiên Lâm Đặng Bùi Đỗ Hồ Ngô Dương Lý"
)
_MIDDLES = (
    "Văn Văn Văn Thị Thị Thị Hữu Minh Ngọc Thanh Sa Thái Hoàng Quốc Bảo Kim Hồng Mỹ Sô Chanh Tuấn Đức Gia Anh"
)
_GIVEN = (
    "Hường Rết Vươn Đào Khang An Bích Ý Phia Khane Na Út Lâm Hạnh Vân Phúc Trí Ngọc Sơn Mai Lan Huệ Cúc Trúc Thảo"
    " Linh Trang Yến Nhi Như Quỳnh Tâm Thư Tuyền Diễm Thắm Nở Bé Tư Sáu Tám Khôi Nguyên Phát Lộc Tài Đạt Thịnh Vinh"
    " Quang Duy Khoa Hải Long Hùng Dũng Cường Tuấn Kiệt Nam Bình Hòa Thuận Phong Toàn Sang Giàu"
)


@dataclass(frozen=True)
class Scratch:
    """A server with civreg's tables and two communes, the settings of a process on it, and an officer."""

    server: EmbeddedPostgres
    settings: Settings
    officer: Actor
    unit_id: int


@contextmanager
def scratch_database() -> Iterator[Scratch]:
    """Make a durable server in a temporary folder, migrate it, build the small world; remove everything afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="civreg-bench-"))
    try:
        crypto.use_keyring(crypto.Keyring.load(ensure_keys(folder)))
        with EmbeddedPostgres(folder) as server:
            settings = load_settings(
                database_url=server.url("app"),
                owner_database_url=server.url("owner"),
                redis_url=f"unix://{folder}/no-broker.sock",
                var=folder,
                keyring_path=folder / "keys.json",
                secret_key="a secret for benchmarks only, long enough",
            )
            migrate_database(settings.owner_database_url)
            engine = create_engine(settings.database_url)
            with Session(engine) as session, clock.travelling(MONDAY), transaction(session):
                world = build_world(session)
            engine.dispose()
            yield Scratch(server, settings, world.officer, world.tra_cu)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def fill(scratch: Scratch, people: int) -> None:
    """Write `people` parties in cases of four, `CASES_OF_A_UNIT` cases a commune; the officer's commune is one of them."""
    cases = people // PARTIES
    with psycopg.connect(scratch.server.conninfo("superuser", "civreg")) as connection:
        connection.execute("SET session_replication_role = replica")  # no look-up of keys for each row
        connection.execute("SET maintenance_work_mem = '512MB'")
        connection.execute("SET synchronous_commit = off")
        connection.execute("SELECT setseed(0.4)")
        units = _communes(connection, scratch.unit_id, max(1, cases // CASES_OF_A_UNIT))
        names = _name_pool(connection, max(200, people // 10))
        _fill_what_is_not_said(connection)
        indexes = drop_indexes(connection, "party")
        connection.execute(_CASES, {"cases": cases, "units": units})
        connection.execute(_PEOPLE, {"names": names})
        for definition in indexes:
            connection.execute(definition)  # type: ignore[arg-type]
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE")


def _communes(connection: psycopg.Connection[tuple[int]], own: int, count: int) -> list[int]:
    made = connection.execute(
        "INSERT INTO unit (code, valid_from, name, kind, parent_code, known_from, since_before, name_folded,"
        " name_joined, sort_key) SELECT (50000 + n)::text, '2025-07-01', 'Xã Số ' || n, 'commune', '86', '2025-07-01',"
        " false, 'so ' || n, 'so' || n, 'so ' || n FROM generate_series(1, %s) n RETURNING id",
        (count - 1,),
    ).fetchall()
    return [own, *(unit_id for (unit_id,) in made)]


def _name_pool(connection: psycopg.Connection[tuple[int]], count: int) -> int:
    """Make distinct names with the keys that the services would store; early ones are used more often."""
    chance = random.Random(7)
    families, middles, given = _FAMILIES.split(), _MIDDLES.split(), _GIVEN.split()
    pool: dict[str, None] = {}
    while len(pool) < count:
        extra = chance.choice(middles) if chance.random() < 0.4 else ""
        words = [chance.choice(families), chance.choice(middles), extra, chance.choice(given)]
        if len(pool) > count // 2:  # four words nearly always, or there would not be enough of them
            words.insert(3, chance.choice(given))
        pool[" ".join(filter(None, words))] = None
    connection.execute(
        "CREATE TEMP TABLE pool (n bigint, full_name text, folded text, joined text, sort_key text)"
    )
    with connection.cursor().copy("COPY pool FROM STDIN") as rows:
        for number, name in enumerate(pool):
            rows.write_row((number, name, fold(name), fold_joined(name), sort_key_vi(name)))
    connection.execute("CREATE INDEX ON pool (n)")
    connection.execute("ANALYZE pool")
    return count


def _fill_what_is_not_said(connection: psycopg.Connection[tuple[int]]) -> None:
    """Give columns that must hold something and are of no interest here a plain default of their type."""
    plain = {"text": "''", "boolean": "false", "bigint": "0", "jsonb": "'{}'"}
    found = connection.execute(
        "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE is_nullable = 'NO'"
        " AND column_default IS NULL AND table_name IN ('case_file', 'party') AND data_type = ANY(%s)",
        (list(plain),),
    ).fetchall()
    for table, column, kind in found:
        connection.execute(f"ALTER TABLE {table} ALTER {column} SET DEFAULT {plain[str(kind)]}")  # type: ignore[arg-type]


def drop_indexes(connection: psycopg.Connection[Any], table: str) -> list[str]:
    """Drop the plain indexes of a table and return how to make them again: building once is several times faster."""
    found = connection.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname LIKE 'ix_%%'", (table,)
    ).fetchall()
    for name, _ in found:
        connection.execute(f"DROP INDEX {name}")  # type: ignore[arg-type]
    return [str(definition) for _, definition in found]


_CASES = """
INSERT INTO case_file (id, received_unit_id, current_unit_id, year, number, code, tracking_digest, procedure,
    procedure_version, state, form, channel, return_place, address, hamlet, requested_at, call_by, promised_on,
    event_precision)
SELECT uuidv7(make_interval(secs => -60 * n)), unit, unit, 2026, n, 'B-' || n, 'digest-' || n, 'birth_at_home',
    'birth_at_home@2025-07-01',
    (ARRAY['requested', 'visit_scheduled', 'dossier_received', 'registered', 'delivered', 'delivered'])[1 + n %% 6],
    'ordinary', 'web', 'home', 'Nhà số ' || n %% 300, 'Ấp ' || n %% 12,
    timestamptz '2026-11-20 08:00+07' - make_interval(mins => (n * 3)::int), '2026-11-24', '2026-11-30', 'known'
FROM generate_series(1, %(cases)s) n,
    LATERAL (SELECT (%(units)s::bigint[])[1 + n %% cardinality(%(units)s::bigint[])] AS unit)
"""

_PEOPLE = """
INSERT INTO party (id, case_id, role, ordinal, full_name, folded, joined, sort_key, birth_year, birth_precision, is_kinh,
    nationality, phone_index)
SELECT uuidv7(), case_id, role, 1, full_name, folded, joined, sort_key, 1990, 'known', true, 'Việt Nam',
    md5(case_id::text || role)
FROM (
    SELECT case_file.id AS case_id, role, floor(%(names)s * power(random(), 2))::bigint AS wanted
    FROM case_file, unnest(ARRAY['requester', 'child', 'mother', 'father']) AS role
) AS asked JOIN pool ON pool.n = asked.wanted
"""
