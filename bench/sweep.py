"""The sweep of deadlines: 1,000 due among 1,000,000 open, and the same 1,000 among 10,000,000; outbox rows included.

`sweep_growth` divides the time among ten times as many open deadlines by the time among the smaller number: it follows
what is due, so at most 1.3. `sweep` divides by a bare select, claim, insert and update of the same 1,000 rows in the same
run, in plain SQL without a rule, a calendar or a reading of what stands already: at most 3. Each turn runs in a
transaction that is rolled back, so that every turn meets the same rows; the median of the turns counts.

Smaller for a look: `BENCH_ROWS=100000 make bench-sweep`.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import psycopg
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from bench._scratch import Scratch, scratch_database
from civreg.deadlines import service as deadlines
from civreg.shared import clock
from civreg.shared.database import new_id

ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
DUE = 1000
TURNS = 9
BREACHED = datetime(2026, 11, 24, 0, 0, 1, tzinfo=clock.ZONE)
"""One second after the due day of the due ones: each gets its breach, which also goes into the outbox."""


def main() -> None:
    with scratch_database() as scratch:
        engine = create_engine(scratch.settings.database_url)
        with psycopg.connect(scratch.server.conninfo("superuser", "civreg"), autocommit=True) as owner:
            owner.execute("SET session_replication_role = replica")
            _fill(owner, scratch, ROWS)
            small = _times(engine, scratch)
            _fill(owner, scratch, 9 * ROWS)
            large = _times(engine, scratch)
        engine.dispose()
    ours, floor = large
    print(f"sweep {ours * 1000:.1f} ms {floor * 1000:.1f} {ours / floor:.2f}")
    print(f"sweep_growth {ours * 1000:.1f} ms {small[0] * 1000:.1f} {ours / small[0]:.2f}")


def _fill(owner: psycopg.Connection[tuple[object, ...]], scratch: Scratch, rows: int) -> None:
    """Write open deadlines of the coming months; at the first time also the due ones, each with its start."""
    began = time.perf_counter()
    first = owner.execute("SELECT count(*) FROM deadline").fetchone() == (0,)
    owner.execute(_OPEN, {"unit": scratch.unit_id, "rows": rows})
    if first:
        owner.execute(_DUE, {"unit": scratch.unit_id, "rows": DUE})
        owner.execute(
            "INSERT INTO deadline_segment (id, deadline_id, kind, at, reason)"
            " SELECT uuidv7(), id, 'start', starts_at, '' FROM deadline"
            " WHERE next_notice_at < '2026-11-25 00:00+07'"
        )
    owner.execute("VACUUM ANALYZE deadline")
    print(f"sweep: {rows} more open after {time.perf_counter() - began:.0f} s", file=sys.stderr)


def _times(engine: Engine, scratch: Scratch) -> tuple[float, float]:
    """Return the seconds of our sweep and of the floor, the medians of turns that alternate."""
    ours, floor = [], []
    with Session(engine) as session, psycopg.connect(scratch.server.conninfo()) as connection:
        for turn in range(TURNS + 1):
            with clock.travelling(BREACHED):
                sweeping = _timed(lambda: _swept(session), session.rollback)
            bare = _timed(lambda: _bare(connection), connection.rollback)
            if turn:  # the first one warms caches and plans
                ours.append(sweeping)
                floor.append(bare)
    return statistics.median(ours), statistics.median(floor)


def _timed(act: Callable[[], None], undo: Callable[[], None]) -> float:
    start = time.perf_counter()
    act()
    taken = time.perf_counter() - start
    undo()
    return taken


def _swept(session: Session) -> None:
    report = deadlines.sweep(session, DUE)
    assert (report.overdue, report.postponed) == (DUE, 0), report


def _bare(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    rows: list[tuple[UUID, UUID]] = connection.execute(_CLAIM, (BREACHED, DUE)).fetchall()  # type: ignore[assignment]
    assert len(rows) == DUE
    ids = [row[0] for row in rows]
    connection.execute(_INSERT, (BREACHED, [new_id() for _ in ids], ids))
    connection.execute(_TELL, (BREACHED, ids))
    connection.execute(_UPDATE, (BREACHED + timedelta(hours=8), ids))


_COLUMNS = """
INSERT INTO deadline (id, case_id, subject_id, kind, ordinal, unit_id, procedure, starts_at, due_on, due_at, reasons,
    state, next_notice_at)
SELECT uuidv7(), uuidv7(), uuidv7(), 'part', 1, %(unit)s, 'birth_mobile', """
_OPEN = (
    _COLUMNS
    + """timestamptz '2026-11-20 08:00+07', date '2026-12-01' + n %% 200,
    date '2026-12-02' + n %% 200, '[]', 'open', timestamptz '2026-11-30 07:00+07' + make_interval(days => n %% 200)
FROM generate_series(1, %(rows)s) n"""
)
_DUE = (
    _COLUMNS
    + """timestamptz '2026-11-16 08:00+07', '2026-11-23', '2026-11-24 00:00+07', '[]', 'open',
    timestamptz '2026-11-24 00:00+07'
FROM generate_series(1, %(rows)s) n"""
)
_CLAIM = """
SELECT id, case_id FROM deadline WHERE state = 'open' AND next_notice_at <= %s
ORDER BY next_notice_at, id LIMIT %s FOR UPDATE SKIP LOCKED
"""
_INSERT = """
INSERT INTO deadline_notice (id, deadline_id, case_id, unit_id, kind, due_on, for_role, given_at)
SELECT wanted.id, deadline.id, case_id, unit_id, 'overdue', due_on, 'officer', %s
FROM unnest(%s::uuid[], %s::uuid[]) AS wanted (id, deadline_id) JOIN deadline ON deadline.id = deadline_id
"""
_TELL = """
INSERT INTO outbox (topic, subject_id, payload, happened_at)
SELECT 'deadline.breached', case_id, jsonb_build_object('deadline_id', id), %s FROM deadline WHERE id = ANY(%s)
"""
_UPDATE = "UPDATE deadline SET next_notice_at = %s WHERE id = ANY(%s)"

if __name__ == "__main__":
    main()
