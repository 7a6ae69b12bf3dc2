"""Lịch nghỉ giao kèm: the calendar that comes with civreg (`calendar.toml`), for commands without a database.

The database starts from the same rows; there an administrator corrects them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, time
from functools import cache
from pathlib import Path
from typing import Any, Literal

from civreg.deadlines.rules.calendar import Calendar

DayKind = Literal["holiday", "compensated_off", "swapped_working", "ordinary"]
OFF: frozenset[str] = frozenset({"holiday", "compensated_off"})
"""Kinds of a listed day on which offices are closed."""
Certainty = Literal["A", "B", "C", "D"]

_FILE = Path(__file__).parent.parent / "calendar.toml"


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """Một ngày trong lịch nghỉ, with where it is written and how sure that is (A best, D unconfirmed)."""

    day: date
    kind: DayKind
    name: str
    source: str
    certainty: Certainty


def calendar_from_rows(
    rows: Iterable[CalendarRow], covers: tuple[date, date], confirmed_years: Collection[int]
) -> Calendar:
    """Return the calendar that these rows describe for the days from `covers[0]` to `covers[1]`."""
    listed = tuple(rows)
    return Calendar(
        off=frozenset(row.day for row in listed if row.kind in OFF),
        worked=frozenset(row.day for row in listed if row.kind == "swapped_working"),
        covers=covers,
        names={row.day: row.name for row in listed},
        unconfirmed=frozenset(row.day for row in listed if row.certainty == "D"),
        open_years=frozenset(range(covers[0].year, covers[1].year + 1)) - frozenset(confirmed_years),
        office_hours=shipped_office_hours(),
    )


@cache
def shipped_rows() -> tuple[CalendarRow, ...]:
    """Return every row of the shipped calendar in the order of days."""
    rows = (
        CalendarRow(row["date"], row["kind"], row["name"], row["source"], row["certainty"])
        for row in _table()["day"]
    )
    return tuple(sorted(rows, key=lambda row: row.day))


@cache
def shipped_covers() -> tuple[date, date]:
    """Return the first and the last day for which the shipped calendar speaks."""
    return _table()["covers_from"], _table()["covers_to"]


@cache
def shipped_years() -> dict[int, str]:
    """Return the confirmed years (năm đã có lịch nghỉ chính thức) of the shipped calendar, each with its source."""
    return {row["year"]: row["source"] for row in _table()["year"]}


@cache
def shipped_office_hours() -> tuple[tuple[time, time], ...]:
    """Return when a commune's office opens and closes on a working day (giờ làm việc), morning first."""
    return tuple((row["opens"], row["closes"]) for row in _table()["office_hours"])


@cache
def load_calendar() -> Calendar:
    """Return the shipped calendar (lịch nghỉ giao kèm)."""
    return calendar_from_rows(shipped_rows(), shipped_covers(), shipped_years())


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))
