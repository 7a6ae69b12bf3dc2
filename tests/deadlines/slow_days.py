"""An independent, slow count of due days: one day after another, from the rows of the calendar file, nothing imported.

It reads the law as a person would: cross off the first day, walk on, skip what is off, and look at the last day. It shares
no function with `civreg.deadlines`; only the lengths of the terms come from the catalogue.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from civreg.procedures.catalogue import catalogue, version_on
from civreg.procedures.rules import Limit, ProcedureVersion

CALENDAR_FILE = Path(__file__).parents[2] / "civreg" / "deadlines" / "calendar.toml"
HANOI = timezone(timedelta(hours=7))
_FLAGS = ("verification", "incomplete", "remote")
_FIRST, _DAYS = datetime(2016, 1, 4, tzinfo=HANOI), 365 * 11 + 300


@dataclass(frozen=True)
class Case:
    """One made-up reception."""

    procedure: str
    received_at: datetime
    occurred_on: date | None
    flags: frozenset[str]
    counts: bool
    shorter: int | None
    version: ProcedureVersion = field(repr=False)


@dataclass
class SlowCalendar:
    """The rows of the file, looked at one by one."""

    rows: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls) -> SlowCalendar:
        """Read the file again, apart from the program's own reader."""
        table = tomllib.loads(CALENDAR_FILE.read_text("utf-8"))
        return cls({row["date"].isoformat(): row["kind"] for row in table["day"]})

    def is_open(self, day: date) -> bool:
        """Whether the office is open on a day."""
        kind = self.rows.get(day.isoformat())
        if kind == "swapped_working":
            return True
        return kind is None and day.strftime("%a") not in ("Sat", "Sun")

    def first_open_after(self, day: date) -> date:
        """Walk until an open day."""
        while True:
            day = day + timedelta(days=1)
            if self.is_open(day):
                return day

    def count_open(self, day: date, wanted: int) -> date:
        """Walk on, with a mark for each open day."""
        marks = 0
        while marks < wanted:
            day = day + timedelta(days=1)
            if self.is_open(day):
                marks = marks + 1
        return day

    def count_all(self, day: date, wanted: int) -> date:
        """Walk over every day; a last day on which the office is closed moves to the next open one."""
        for _ in range(wanted):
            day = day + timedelta(days=1)
        return day if self.is_open(day) else self.first_open_after(day)


def made_up_cases(seed: int, count: int) -> Iterator[Case]:
    """Return made-up receptions of every procedure between 2016 and 2027, many of them near the cut-off."""
    chance = random.Random(seed)
    codes = sorted(catalogue())
    while count:
        moment = _FIRST + timedelta(days=chance.randrange(_DAYS), seconds=chance.randrange(86400))
        if chance.random() < 0.3:
            moment = moment.replace(hour=15, minute=0, second=chance.choice((0, 0, 1, 59)))
        procedure, day = chance.choice(codes), moment.date()
        if procedure == "death_bundle" and day < date(2018, 10, 18):
            continue
        count -= 1
        yield Case(
            procedure,
            moment,
            day - timedelta(days=chance.randrange(1, 90)) if chance.random() < 0.8 else None,
            frozenset(flag for flag in _FLAGS if chance.random() < 0.2),
            chance.random() < 0.5,
            chance.choice((None, None, 1, 2, 3, 4, 9)),
            version_on(procedure, day),
        )


def slow_answer(case: Case, calendar: SlowCalendar) -> tuple[list[date | None], date | None, date | None]:
    """Return the due day of each part, of the whole, and of the family."""
    days: dict[str, date | None] = {}
    for number, part in enumerate(case.version.parts):
        limit = part.limit
        shorter = case.shorter if number == 0 and case.version.overall is None else None
        if limit.after_part is None or limit.kind in ("same_day", "none", "unconfirmed"):
            days[part.code] = _from_reception(limit, case, calendar, shorter)
        else:
            before = days[limit.after_part]
            days[part.code] = None if before is None else _after(limit, before, case, calendar)
    parts = list(days.values())
    if case.version.overall is not None:
        whole = _from_reception(case.version.overall, case, calendar, case.shorter)
    else:
        whole = None if None in parts else max(day for day in parts if day is not None)
    return parts, whole, _family(case, calendar)


def _length(limit: Limit, case: Case, shorter: int | None = None) -> int:
    length = limit.days or 0
    if "verification" in case.flags and limit.verification_days is not None:
        length = limit.verification_days
    elif shorter is not None and shorter < length:
        length = shorter
    for flag, more in limit.plus.items():
        if flag in case.flags:
            length = length + more
    return length


def _from_reception(limit: Limit, case: Case, calendar: SlowCalendar, shorter: int | None) -> date | None:
    if limit.kind in ("none", "unconfirmed"):
        return None
    day = case.received_at.astimezone(HANOI).date()
    seconds = case.received_at.hour * 3600 + case.received_at.minute * 60 + case.received_at.second
    too_late = seconds > 15 * 3600 or not calendar.is_open(day)
    if limit.kind == "same_day":
        return calendar.first_open_after(day) if too_late else day
    if limit.kind == "calendar_days":
        return calendar.count_all(day, limit.days or 0)
    length = _length(limit, case, shorter)
    if limit.moves_after_cutoff and too_late and not case.counts:
        day = calendar.first_open_after(day)
    return calendar.count_open(day, length)


def _after(limit: Limit, before: date, case: Case, calendar: SlowCalendar) -> date:
    if limit.kind == "calendar_days":
        return calendar.count_all(before, limit.days or 0)
    return calendar.count_open(before, _length(limit, case))


def _family(case: Case, calendar: SlowCalendar) -> date | None:
    rule = case.version.citizen_deadline
    if rule is None or rule.days is None or case.occurred_on is None:
        return None
    if case.occurred_on + timedelta(days=rule.days) < date(2016, 1, 1):
        return None  # the file says nothing about the last day
    return calendar.count_all(case.occurred_on, rule.days)


_OFFICE_MINUTES = frozenset(range(7 * 60 + 30, 11 * 60 + 30)) | frozenset(range(13 * 60 + 30, 17 * 60))


def slow_hours(
    start: datetime,
    hours: int,
    calendar: SlowCalendar,
    *,
    working: bool,
    pauses: list[tuple[datetime, datetime]],
) -> tuple[date, datetime | None]:
    """Make a mark for every minute that counts, until there are enough; return the day and the moment of the end."""
    moment, marks = start.astimezone(HANOI), 0
    while marks < hours * 60:
        in_office = moment.hour * 60 + moment.minute in _OFFICE_MINUTES and calendar.is_open(moment.date())
        stands_still = any(paused <= moment < resumed for paused, resumed in pauses)
        if (in_office or not working) and not stands_still:
            marks = marks + 1
        moment = moment + timedelta(minutes=1)
    last = (moment - timedelta(minutes=1)).date()
    if calendar.is_open(last):
        return last, moment
    return calendar.first_open_after(last), None
