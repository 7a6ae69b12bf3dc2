"""Xem số liệu: the figures of a unit and all below it over a period, and the cases behind each figure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.cases.queries.briefs import briefs
from civreg.cases.queries.bundles import BundleCount, bundle_counts
from civreg.procedures.catalogue import catalogue
from civreg.shared.errors import NotFound
from civreg.statistics.models import DailyCount, Fact
from civreg.statistics.rules import (
    CASE_LINES,
    LETTER_LINES,
    LINE_WORDS,
    Line,
    Period,
    month_of,
    months_around,
)
from civreg.units import queries as units
from civreg.units.rules import name_sort_key


@dataclass(frozen=True)
class Figure:
    """One number, with what its drill-down asks for (`cases_behind` takes the same words).

    Attributes:
        procedure: code, or None for all services together.
        reported: whether the service has this line at all, by the catalogue (help registers nothing).
    """

    unit_id: int
    from_on: date
    to_on: date
    procedure: str | None
    line: Line
    count: int
    reported: bool = True

    @property
    def words(self) -> str:
        """Return the name of the line."""
        return LINE_WORDS[self.line]


@dataclass(frozen=True)
class ServiceRow:
    """The figures of one service (thủ tục), or of all together where `procedure` is None."""

    procedure: str | None
    title: str
    figures: tuple[Figure, ...]

    def count(self, line: Line) -> int:
        """Return the number on one line."""
        return next(figure.count for figure in self.figures if figure.line == line)


@dataclass(frozen=True)
class MonthFigures:
    """Số liệu kỳ of a unit and everything below it.

    Attributes:
        place: the unit's place in the tree as one line.
        services: one row per service that has a number in the period, in the order of the catalogue.
        total: all services together; letters are not in it.
        letters: letters handed over, by occasion; a count of its own, never derived from registrations.
    """

    unit_id: int
    unit_code: str
    unit_name: str
    place: str
    period: Period
    services: tuple[ServiceRow, ...]
    total: ServiceRow
    letters: tuple[Figure, ...]

    @property
    def letters_handed_over(self) -> int:
        """Return the letters of all occasions together."""
        return sum(figure.count for figure in self.letters)

    @property
    def is_empty(self) -> bool:
        """Say whether nothing at all was done in the period (a normal month for a small commune)."""
        return not self.services and not self.letters_handed_over


@dataclass(frozen=True)
class UnitFigures:
    """The numbers of one unit directly below, for the table of communes."""

    unit_id: int
    unit_name: str
    counts: dict[Line, int]


@dataclass(frozen=True)
class CaseLine:
    """A case behind a figure: code, unit, day and state; no names for programme staff."""

    case_id: UUID
    code: str
    unit: str
    day: date
    procedure: str
    state: str


def month(
    session: Session,
    actor: Actor,
    unit_id: int,
    year: int,
    month_number: int,
    *,
    as_of: date | None = None,
) -> MonthFigures:
    """Return the figures of a calendar month; `as_of` as for `over`.

    Raises:
        NotFound: no such unit, or its figures are not open to the actor.
        InvalidInput: no such month.
    """
    return over(session, actor, unit_id, month_of(year, month_number), as_of=as_of)


def over(
    session: Session, actor: Actor, unit_id: int, period: Period, *, as_of: date | None = None
) -> MonthFigures:
    """Return the figures of any period, as sums of days.

    Args:
        session: the open transaction.
        actor: who looks.
        unit_id: the unit with everything below it.
        period: the days counted.
        as_of: None shows the units of that time. A day groups them to the units of that day (theo đơn vị hôm nay):
            the numbers of a unit that has ended stand at the one that took its place.

    Raises:
        NotFound: no such unit, or its figures are not open to the actor.
    """
    unit = _open_unit(session, actor, unit_id, period.to_on)
    ids = _scope(session, unit, period, as_of)
    sums = _sums(session, ids, period)
    known, days = catalogue(), (period.from_on, period.to_on)
    codes = [code for code in known if any(code == found for found, _ in sums)]
    codes += sorted({found for found, _ in sums} - set(codes))

    def figure(procedure: str | None, line: Line) -> Figure:
        count = sum(number for (code, on), number in sums.items() if on == line and procedure in (None, code))
        rules = known.get(procedure) if procedure else None
        reported = bool(count) or rules is None or line in rules.report_lines_in(*days)
        return Figure(unit_id, *days, procedure, line, count, reported)

    def row(procedure: str | None, title: str) -> ServiceRow:
        return ServiceRow(procedure, title, tuple(figure(procedure, line) for line in CASE_LINES))

    titles = {code: known[code].title_vi if code in known else code for code in codes}
    rows = tuple(row(code, titles[code]) for code in codes)
    return MonthFigures(
        unit_id=unit_id,
        unit_code=unit.code,
        unit_name=unit.name,
        place=units.tree_path(session, unit, period.to_on),
        period=period,
        services=tuple(found for found in rows if any(cell.count for cell in found.figures)),
        total=row(None, "Tất cả thủ tục"),
        letters=tuple(figure(None, line) for line in LETTER_LINES),
    )


def by_unit(
    session: Session, actor: Actor, unit_id: int, period: Period, *, as_of: date | None = None
) -> list[UnitFigures]:
    """Return the same numbers for each unit directly below that has any, in Vietnamese order; `as_of` as for `over`.

    Raises:
        NotFound: no such unit, or its figures are not open to the actor.
    """
    unit = _open_unit(session, actor, unit_id, period.to_on)
    if as_of is not None:
        return _by_unit_of(session, unit, period, as_of)
    below = {
        child.id: child
        for day in (period.from_on, period.to_on)
        for child in units.children(session, unit, unit.nearest_day(day))
    }
    held = units.descendant_ids(session, unit_id, period.from_on, period.to_on)
    sums = _sums_of_each(session, held, period)
    deeper = set(sums) - set(below) - {unit_id}
    found: list[UnitFigures] = []
    for child in below.values():
        # most units below are the lowest ones: only when something deeper has numbers is each branch walked
        ids = units.descendant_ids(session, child.id, period.from_on, period.to_on) if deeper else {child.id}
        counts = dict.fromkeys(Line, 0)
        for one in ids & set(sums):
            for line, number in sums[one].items():
                counts[line] += number
        if any(counts.values()):
            found.append(UnitFigures(child.id, child.name, counts))
    return found


def _scope(session: Session, unit: units.UnitRow, period: Period, as_of: date | None) -> set[int]:
    """Return the units whose numbers are the unit's: what lay below it then, or what its land of another day was.

    Where a unit was split, its numbers belong to a wider unit that holds all its parts and to none of the parts.
    """
    if as_of is None or not unit.holds_on(as_of):
        return units.descendant_ids(session, unit.id, period.from_on, period.to_on)
    below = units.descendant_ids(session, unit.id, as_of, as_of)
    counted = (
        select(DailyCount.unit_id).where(DailyCount.day.between(period.from_on, period.to_on)).distinct()
    )
    stands = units.stand_as(session, set(session.scalars(counted)), as_of)
    return {unit_id for unit_id, now in stands.items() if now and now <= below}


def _by_unit_of(session: Session, unit: units.UnitRow, period: Period, as_of: date) -> list[UnitFigures]:
    """Return the numbers grouped to the units that stand on a day; one that was split keeps a row of its own."""
    sums = _sums_of_each(session, _scope(session, unit, period, as_of), period)
    stands = units.stand_as(session, set(sums), as_of)
    known = units.units_by_ids(session, {*sums, *(one for now in stands.values() for one in now)})
    level = (
        {child.id: child for child in units.children(session, unit, as_of)} if unit.holds_on(as_of) else {}
    )
    found: dict[int, UnitFigures] = {}
    for unit_id, counts in sums.items():
        now = stands[unit_id]
        target = known[next(iter(now))] if len(now) == 1 else known[unit_id]
        if level and target.id not in level and target.id != unit.id:
            above = units.parents(
                session, target, as_of if target.holds_on(as_of) else target.nearest_day(as_of)
            )
            target = next((one for one in above if one.id in level), target)
        if target.id == unit.id:
            continue
        name = target.name if target.holds_on(as_of) else f"{target.name} (nay thuộc nhiều đơn vị)"
        row = found.setdefault(target.id, UnitFigures(target.id, name, dict.fromkeys(Line, 0)))
        for line, number in counts.items():
            row.counts[line] += number
    rows = [row for row in found.values() if any(row.counts.values())]
    return sorted(rows, key=lambda row: name_sort_key(row.unit_name))


@dataclass(frozen=True)
class MonthCounts:
    """The numbers of one calendar month, all services together, for the row of months."""

    period: Period
    counts: dict[Line, int]


def last_months(
    session: Session, actor: Actor, unit_id: int, until: Period, count: int, *, as_of: date | None = None
) -> list[MonthCounts]:
    """Return `count` calendar months up to the one in which `until` ends, the earliest first; empty ones too.

    Each month counts the units that lay below in that month, as its own page does; `as_of` as for `over`.

    Raises:
        NotFound: no such unit, or its figures are not open to the actor.
    """
    unit = _open_unit(session, actor, unit_id, until.to_on)
    months = [month_of(until.to_on.year, until.to_on.month)]
    while len(months) < count:
        months.append(months_around(months[-1])[0])
    months.reverse()
    if as_of is not None:
        scope = _scope(session, unit, Period(months[0].from_on, months[-1].to_on), as_of)
        return _months_of_one_tree(session, scope, months)
    ids = units.descendant_ids(session, unit_id, months[0].from_on, months[-1].to_on)
    ends = (months[0], months[-1])
    if all(units.descendant_ids(session, unit_id, end.from_on, end.to_on) == ids for end in ends):
        return _months_of_one_tree(session, ids, months)
    found = []
    for period in months:
        counts = dict.fromkeys(Line, 0)
        below = units.descendant_ids(session, unit_id, period.from_on, period.to_on)
        for (_, line), number in _sums(session, below, period).items():
            counts[line] += number
        found.append(MonthCounts(period, counts))
    return found


def _months_of_one_tree(
    session: Session, unit_ids: Collection[int], months: Sequence[Period]
) -> list[MonthCounts]:
    """Return the months in one query: the units stood under each other the whole time."""
    year, month_number = func.extract("year", DailyCount.day), func.extract("month", DailyCount.day)
    query = (
        select(year, month_number, DailyCount.line, func.sum(DailyCount.count))
        .where(DailyCount.unit_id.in_(unit_ids), DailyCount.day.between(months[0].from_on, months[-1].to_on))
        .group_by(year, month_number, DailyCount.line)
    )
    found = {(one.from_on.year, one.from_on.month): dict.fromkeys(Line, 0) for one in months}
    for in_year, in_month, line, number in session.execute(query):
        found[int(in_year), int(in_month)][Line(line)] = int(number)
    return [MonthCounts(one, found[one.from_on.year, one.from_on.month]) for one in months]


def cases_behind(
    session: Session,
    actor: Actor,
    unit_id: int,
    from_on: date,
    to_on: date,
    procedure: str | None,
    line: Line | Collection[Line],
    *,
    as_of: date | None = None,
) -> list[CaseLine]:
    """Return the cases that make up a figure (of one line, or of several together), the latest first.

    As many as the figure says: a case that counts on two lines stands here twice. `as_of` as for `over`.

    Raises:
        NotFound: no such unit, or its figures are not open to the actor.
    """
    unit = _open_unit(session, actor, unit_id, to_on)
    ids = _scope(session, unit, Period(from_on, to_on), as_of)
    lines = [line.value] if isinstance(line, Line) else [one.value for one in line]
    query = (
        select(Fact.case_id, Fact.unit_id, Fact.procedure, func.max(Fact.day).label("day"))
        .where(Fact.unit_id.in_(ids), Fact.day.between(from_on, to_on), Fact.line.in_(lines))
        .group_by(Fact.line, Fact.subject_id, Fact.case_id, Fact.unit_id, Fact.procedure)
        .having(func.sum(Fact.delta) > 0)
        .order_by(func.max(Fact.day).desc(), Fact.case_id.desc())
    )
    if procedure is not None:
        query = query.where(Fact.procedure == procedure)
    rows = session.execute(query).all()
    names = units.units_by_ids(session, {row.unit_id for row in rows})
    known = briefs(session, {row.case_id for row in rows})
    return [
        CaseLine(
            case_id=row.case_id,
            code=known[row.case_id].code,
            unit=names[row.unit_id].name,
            day=row.day,
            procedure=row.procedure,
            state=known[row.case_id].state,
        )
        for row in rows
    ]


@dataclass(frozen=True)
class BundleFigures:
    """Liên thông of one unit in a period: received, complete, stopped short, still waiting."""

    unit_name: str
    received: int
    complete: int
    stopped: int
    waiting: int

    @property
    def rate(self) -> str:
        """Return the share that is complete as it is written, "97,5%"."""
        return f"{100 * self.complete / self.received:.1f}%".replace(".", ",").replace(",0%", "%")


def bundles(
    session: Session, actor: Actor, unit_id: int, period: Period, *, as_of: date | None = None
) -> list[BundleFigures]:
    """Return how far the bundles of a period have come, by unit in Vietnamese order; `as_of` as for `over`.

    Raises:
        NotFound: no such unit, or its figures are not open to the actor.
    """
    unit = _open_unit(session, actor, unit_id, period.to_on)
    counts = bundle_counts(session, _scope(session, unit, period, as_of), period.from_on, period.to_on)
    stands = units.stand_as(session, {one.unit_id for one in counts}, as_of) if as_of else {}
    places: dict[int, list[BundleCount]] = {}
    for one in counts:
        now = stands.get(one.unit_id, frozenset({one.unit_id}))
        places.setdefault(next(iter(now)) if len(now) == 1 else one.unit_id, []).append(one)
    known = units.units_by_ids(session, places)
    rows = [
        BundleFigures(
            known[place].name,
            sum(one.received for one in found),
            sum(one.complete for one in found),
            sum(one.stopped for one in found),
            sum(one.waiting for one in found),
        )
        for place, found in places.items()
    ]
    return sorted(rows, key=lambda row: name_sort_key(row.unit_name))


def facts_equal_counts(session: Session) -> bool:
    """Say whether every daily count is the sum of its facts; reads only (`service.rebuild` puts it right)."""
    key = (Fact.unit_id, Fact.day, Fact.procedure, Fact.line)
    sums = session.execute(select(*key, func.sum(Fact.delta)).group_by(*key))
    folded = {tuple(row[:4]): int(row[4]) for row in sums if row[4]}
    stored = {
        (row.unit_id, row.day, row.procedure, row.line): row.count
        for row in session.scalars(select(DailyCount).where(DailyCount.count != 0))
    }
    return folded == stored


def _sums(session: Session, unit_ids: Collection[int], period: Period) -> dict[tuple[str, Line], int]:
    query = (
        select(DailyCount.procedure, DailyCount.line, func.sum(DailyCount.count))
        .where(DailyCount.unit_id.in_(unit_ids), DailyCount.day.between(period.from_on, period.to_on))
        .group_by(DailyCount.procedure, DailyCount.line)
    )
    return {(row[0], Line(row[1])): int(row[2]) for row in session.execute(query)}


def _sums_of_each(session: Session, unit_ids: Collection[int], period: Period) -> dict[int, dict[Line, int]]:
    query = (
        select(DailyCount.unit_id, DailyCount.line, func.sum(DailyCount.count))
        .where(DailyCount.unit_id.in_(unit_ids), DailyCount.day.between(period.from_on, period.to_on))
        .group_by(DailyCount.unit_id, DailyCount.line)
    )
    found: dict[int, dict[Line, int]] = {}
    for unit_id, line, number in session.execute(query):
        found.setdefault(unit_id, {})[Line(line)] = int(number)
    return found


def _open_unit(session: Session, actor: Actor, unit_id: int, day: date) -> units.UnitRow:
    """Return the unit when its figures are open to the actor; of a unit that has ended, to whoever follows it."""
    unit = units.unit_by_id(session, unit_id)
    if not actor.may(Permission.FIGURES_VIEW, unit_id):
        ended = unit.valid_to is not None
        followers = units.standing_on(session, unit_id, max(day, unit.valid_to or day)) if ended else []
        if not any(actor.may(Permission.FIGURES_VIEW, follower.id) for follower in followers):
            raise NotFound("Không có số liệu của đơn vị này trong phạm vi của ông/bà.")
    return unit
