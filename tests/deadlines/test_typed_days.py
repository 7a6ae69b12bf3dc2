"""Every day of `typed/days.toml`, counted by the program: a person typed what is right, here is only the comparison."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest

from civreg.deadlines.rules import VIETNAM, AfterCutoff, CitizenDue, due_dates, load_calendar, reason_sentence
from civreg.procedures.catalogue import version_on

FILE = Path(__file__).parent / "typed" / "days.toml"
_OPTIONS = {"occurred", "citizen", "late", "flags", "version"}


@dataclass(frozen=True)
class TypedCase:
    """One row: what was received, and what a person expects."""

    row: str
    procedure: str
    received_at: datetime
    whole: str
    options: dict[str, str]
    parts: dict[str, str]
    reading: AfterCutoff


def read(row: str) -> TypedCase:
    """Return the case of a row; a word that is not understood is a fault of the file."""
    asked, _, expected = row.partition(" -> ")
    procedure, received = asked.split()
    whole, *words = expected.split()
    named = dict(word.split("=", 1) for word in words if word != "counts")
    moment = datetime.fromisoformat(received)
    return TypedCase(
        row,
        procedure,
        moment if moment.tzinfo else moment.replace(tzinfo=VIETNAM),
        whole,
        {name: value for name, value in named.items() if name in _OPTIONS},
        {name: value for name, value in named.items() if name not in _OPTIONS},
        "next_day_counts" if "counts" in words else "next_day_is_reception",
    )


@cache
def groups() -> list[dict[str, object]]:
    return list(tomllib.loads(FILE.read_text("utf-8"))["group"])


CASES = [read(row) for group in groups() for row in group["rows"]]  # type: ignore[attr-defined]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.row)
def test_a_typed_day(case: TypedCase) -> None:
    day = case.received_at.astimezone(VIETNAM).date()
    occurred = case.options.get("occurred")
    due = due_dates(
        version_on(case.procedure, day),
        case.received_at,
        datetime.fromisoformat(occurred).date() if occurred else None,
        frozenset(filter(None, case.options.get("flags", "").split(","))),
        load_calendar(),
        bundle_after_cutoff=case.reading,
    )
    parts = {part.part: part for part in due.parts}
    assert _said(due.due_on) == case.whole
    assert {code: _said(parts[code].due_on) for code in case.parts} == case.parts
    if "version" in case.options:
        assert due.version == f"{case.procedure}@{case.options['version']}"
    if "citizen" in case.options:
        assert due.citizen_deadline is not None
        assert _said(due.citizen_deadline.due_on) == case.options["citizen"]
        assert _late(due.citizen_deadline) == case.options["late"]
    for counted in (due, *due.parts):
        assert counted.reasons, "a date, or its absence, has a reason"
        assert all(reason_sentence(reason).endswith(".") for reason in counted.reasons)


def _said(day: object) -> str:
    return str(day) if day is not None else "-"


def _late(due: CitizenDue) -> str:
    if due.late:
        return str(due.days_late or "yes")
    return "?" if due.late is None else "no"


def test_the_file_holds_what_it_promises() -> None:
    rows = [case.row for case in CASES]
    assert len(rows) == len(set(rows)) >= 200
    assert all(len(str(group["source"])) > 20 for group in groups())
    tet = {case.received_at.year for case in CASES if case.received_at.month in (1, 2)}
    assert set(range(2016, 2028)) <= tet
