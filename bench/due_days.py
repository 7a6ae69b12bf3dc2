"""Due days: 100,000 made-up receptions against the slow count, and how many are counted a second.

`due_days_differences` must be 0: every part, whole and family day of `tests/deadlines/slow_days.py`, an independent count
one day after another. The floor of the speed is plain `datetime` arithmetic, the reception plus five days rolled over a
weekend, with no calendar, no law and no reasons: what it would cost to be wrong.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from tests.deadlines.slow_days import Case, SlowCalendar, made_up_cases, slow_answer
from tests.deadlines.test_slow_days import fast_answer

CASES = int(os.environ.get("BENCH_CASES", "100000"))
TIMED = 10_000
TURNS = 5


def main() -> None:
    cases = list(made_up_cases(seed=1, count=CASES))
    calendar = SlowCalendar.read()
    differing = sum(fast_answer(case) != slow_answer(case, calendar) for case in cases)
    print(f"due_days_differences {differing} of_{CASES} 0 {differing / CASES:.6f}")
    some = cases[:TIMED]
    ours, floor = [], []
    for _turn in range(TURNS):
        ours.append(_rate(some, fast_answer))
        floor.append(_rate(some, _plain))
    rate, bare = statistics.median(ours), statistics.median(floor)
    print(f"due_days {rate:.0f} cases/s {bare:.0f} {rate / bare:.4f}")
    assert differing == 0, "the program and the slow count differ"


def _rate(cases: Sequence[Case], way: Callable[[Case], object]) -> float:
    start = time.perf_counter()
    for case in cases:
        way(case)
    return len(cases) / (time.perf_counter() - start)


def _plain(case: Case) -> date:
    day = case.received_at.date() + timedelta(days=5)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day


if __name__ == "__main__":
    main()
