"""The program against the slow count of `slow_days`: 2,000 made-up receptions here, 100,000 in `make bench-due_days`."""

from __future__ import annotations

from datetime import date

from civreg.deadlines.rules import due_dates, load_calendar
from civreg.procedures.rules import SHORTER_LIMIT, Amendment, amended
from tests.deadlines.slow_days import Case, SlowCalendar, made_up_cases, slow_answer


def fast_answer(case: Case) -> tuple[list[date | None], date | None, date | None]:
    """Return what the program says, in the shape of the slow count."""
    decided = [Amendment(SHORTER_LIMIT, {"days": case.shorter}, "Quyết định", "A")] if case.shorter else []
    due = due_dates(
        amended(case.version, decided),
        case.received_at,
        case.occurred_on,
        case.flags,
        load_calendar(),
        bundle_after_cutoff="next_day_counts" if case.counts else "next_day_is_reception",
    )
    family = due.citizen_deadline.due_on if due.citizen_deadline else None
    return [part.due_on for part in due.parts], due.due_on, family


def test_two_thousand_receptions_are_counted_as_a_slow_person_counts_them() -> None:
    calendar = SlowCalendar.read()
    cases = list(made_up_cases(seed=20261124, count=2000))
    differing = [
        (case, slow_answer(case, calendar))
        for case in cases
        if fast_answer(case) != slow_answer(case, calendar)
    ]
    assert differing == []
    assert len({case.procedure for case in cases}) == 8
    assert sum(slow_answer(case, calendar)[1] is not None for case in cases) > 1000
