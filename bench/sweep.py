"""The sweep of deadlines: 1,000 due among 1,000,000 open, and the same 1,000 among 10,000,000; outbox rows included.

`sweep_growth` divides the time among ten times as many open deadlines by the time among the smaller number: it follows
what is due, so at most 1.3. `sweep` divides by a bare select, claim, insert and update of the same 1,000 rows in the same
run, in plain SQL without a rule, a calendar or a reading of what stands already: at most 3; `sweep_floor_growth` tells how
that grows. The two numbers of open deadlines lie in two databases of one server and take turns, so that both meet the
same machine. Each turn runs in a transaction that is rolled back, so that every turn meets the same rows; the median of
the turns counts.

Smaller for a look: `BENCH_ROWS=100000 make bench-sweep`.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import psycopg
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from bench._scratch import Scratch, drop_indexes, scratch_database
from civreg.deadlines import service as deadlines
from civreg.shared import clock
from civreg.shared.database import new_id

ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
DUE = 1000
TURNS = 9
SMALL, LARGE = "civreg", "civreg_large"
BREACHED = datetime(2026, 11, 24, 0, 0, 1, tzinfo=clock.ZONE)
"""One second after the due day of the due ones: each gets its breach, which also goes into the outbox."""


@dataclass(frozen=True)
class _Turns:
    """The seconds of each turn, of our sweep and of the floor."""

    ours: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)

    def medians(self) -> tuple[float, float]:
        """Return the median of both."""
        return statistics.median(self.ours), statistics.median(self.floor)


def main() -> None:
    with scratch_database() as scratch:
        _fill(scratch, SMALL, ROWS)
        with psycopg.connect(scratch.server.conninfo("superuser", "postgres"), autocommit=True) as owner:
            owner.execute(f"CREATE DATABASE {LARGE} TEMPLATE {SMALL}")  # type: ignore[call-overload]
        _fill(scratch, LARGE, 9 * ROWS)
        small, large = _measured(scratch)
    (fewer, fewer_bare), (ours, floor) = small, large
    print(f"sweep {ours * 1000:.1f} ms {floor * 1000:.1f} {ours / floor:.2f}")
    print(f"sweep_growth {ours * 1000:.1f} ms {fewer * 1000:.1f} {ours / fewer:.2f}")
    print(f"sweep_floor_growth {floor * 1000:.1f} ms {fewer_bare * 1000:.1f} {floor / fewer_bare:.2f}")


def _fill(scratch: Scratch, database: str, rows: int) -> None:
    """Write open deadlines of the coming months; into an empty table also the due ones, each with its start."""
    began = time.perf_counter()
    with psycopg.connect(scratch.server.conninfo("superuser", database), autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")  # no look-up of keys for each row
        owner.execute("SET synchronous_commit = off")
        owner.execute("SET maintenance_work_mem = '1GB'")
        first = owner.execute("SELECT EXISTS (SELECT FROM deadline)").fetchone() == (False,)
        indexes = drop_indexes(owner, "deadline")
        owner.execute(_OPEN, {"unit": scratch.unit_id, "rows": rows})
        if first:
            owner.execute(_DUE, {"unit": scratch.unit_id, "rows": DUE})
            owner.execute(_STARTS)
        for definition in indexes:
            owner.execute(definition)  # type: ignore[call-overload]
        owner.execute("VACUUM ANALYZE")
        owner.execute(
            "CHECKPOINT"
        )  # what the filling left to write must not be written while the turns are timed
    print(f"sweep: {rows} more open after {time.perf_counter() - began:.0f} s", file=sys.stderr)


def _measured(scratch: Scratch) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the seconds of our sweep and of the floor among few and among many, the medians of turns that alternate."""
    server, taken = scratch.server, {SMALL: _Turns(), LARGE: _Turns()}
    with ExitStack() as open_ones:
        reached = {
            database: (
                open_ones.enter_context(Session(create_engine(server.url("app", database)))),
                open_ones.enter_context(psycopg.connect(server.conninfo("app", database))),
            )
            for database in taken
        }
        for turn in range(TURNS + 1):
            for database, (session, connection) in reached.items():
                with clock.travelling(BREACHED):
                    sweeping = _timed(partial(_swept, session), session.rollback)
                bare = _timed(partial(_bare, connection), connection.rollback)
                if turn:  # the first one warms caches and plans
                    taken[database].ours.append(sweeping)
                    taken[database].floor.append(bare)
    return taken[SMALL].medians(), taken[LARGE].medians()


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


_STARTS = """
INSERT INTO deadline_segment (id, deadline_id, kind, at, reason)
SELECT uuidv7(), id, 'start', starts_at, '' FROM deadline WHERE next_notice_at < '2026-11-25 00:00+07'
"""
_COLUMNS = """
INSERT INTO deadline (id, case_id, subject_id, kind, ordinal, unit_id, procedure, starts_at, due_on, due_at, reasons,
    state, next_notice_at, counted_by)
SELECT uuidv7(), uuidv7(), uuidv7(), 'part', 1, %(unit)s, 'birth_mobile', """
_OPEN = (
    _COLUMNS
    + """timestamptz '2026-11-20 08:00+07', date '2026-12-01' + n %% 200,
    date '2026-12-02' + n %% 200, '[]', 'open', timestamptz '2026-11-30 07:00+07' + make_interval(days => n %% 200), 0
FROM generate_series(1, %(rows)s) n"""
)
_DUE = (
    _COLUMNS
    + """timestamptz '2026-11-16 08:00+07', '2026-11-23', '2026-11-24 00:00+07', '[]', 'open',
    timestamptz '2026-11-24 00:00+07', 0
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
