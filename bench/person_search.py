"""A person found by whole name among 2,000,000: `find_cases` (officer's cases only, 50 rows) against a bare look-up.

The floor is `SELECT … FROM party WHERE joined = %s` through one prepared psycopg statement, by an index, with no access
condition, no order, no count. Both ask for the same 200 names of people of the officer's commune, as one types them
without accents, in turns, in one process. BENCH_ROWS (2,000,000) is the number of people. Also printed: the same
search by a part of the name (what an officer gets when nobody has exactly that name), against the same floor.

What limits the ratio: one page of rows with their names is asked in a single statement, and the machine needs a few
milliseconds to write it, plan it and turn its rows into Python; the look-up itself is a small part of it. A name that
many people have costs more, because the access condition needs the case of each of them. Seen on two quiet
cores: 1.0 ms a name against 0.15 (0.148), a part of a name 26 ms: its trigrams are common ones, and their lists are
long. Loading takes about a minute there.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable

import psycopg
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from bench._scratch import fill, scratch_database
from civreg.cases.queries import find_cases
from civreg.shared.text import fold_joined, strip_accents

ROWS = int(os.environ.get("BENCH_ROWS", "2000000"))
NAMES = 200
TURNS = 5


def main() -> None:
    with scratch_database() as scratch:
        start = time.perf_counter()
        fill(scratch, ROWS)
        print(f"person_search: {ROWS} people after {time.perf_counter() - start:.0f} s", file=sys.stderr)
        engine = create_engine(scratch.settings.database_url)
        with (
            psycopg.connect(scratch.server.conninfo(), autocommit=True) as connection,
            Session(engine) as session,
        ):
            names = _names(connection, scratch.unit_id)

            def bare(name: str) -> int:
                return len(connection.execute(_FLOOR, (fold_joined(name),), prepare=True).fetchall())

            def whole(name: str) -> int:
                return find_cases(session, scratch.officer, text=name).total

            def partly(name: str) -> int:
                return find_cases(session, scratch.officer, text=name[1:], partly=True).total

            assert all(0 < whole(name) <= bare(name) for name in names), "a person was not found"
            assert all(whole(name) <= partly(name) for name in names[:5])
            found = _in_turns(names, bare, whole, partly)
        engine.dispose()
    floor, ours, part = found
    print(f"person_search {ours:.1f} searches/s {floor:.1f} {ours / floor:.3f}")
    print(f"person_search_partly {part:.1f} searches/s {floor:.1f} {part / floor:.4f}")


def _names(connection: psycopg.Connection[tuple[str]], unit_id: int) -> list[str]:
    found = connection.execute(
        "SELECT full_name FROM (SELECT DISTINCT full_name FROM party JOIN case_file ON case_file.id = case_id"
        " WHERE current_unit_id = %s) AS named ORDER BY md5(full_name) LIMIT %s",
        (unit_id, NAMES),
    )
    return [strip_accents(name).lower() for (name,) in found]


def _in_turns(names: list[str], *ways: Callable[[str], int]) -> list[float]:
    """Return the searches a second of each way, the median of the turns."""
    rates: list[list[float]] = [[] for _ in ways]
    for _turn in range(TURNS):
        for way, rate in zip(ways, rates, strict=True):
            some = names if way is not ways[-1] else names[:20]
            start = time.perf_counter()
            for name in some:
                way(name)
            rate.append(len(some) / (time.perf_counter() - start))
    return [statistics.median(rate) for rate in rates]


_FLOOR = "SELECT id, case_id, full_name FROM party WHERE joined = %s"

if __name__ == "__main__":
    main()
