"""Số liệu một kỳ: services by line, letters by occasion, the units below, the months before; and the files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.deadlines import queries as deadlines
from civreg.deadlines.queries import MissedCount
from civreg.extensions import db
from civreg.shared import clock
from civreg.shared.errors import InvalidInput
from civreg.statistics import export
from civreg.statistics import queries as statistics
from civreg.statistics.queries import BundleFigures, MonthFigures, UnitFigures
from civreg.statistics.rules import (
    CASE_LINES,
    LETTER_LINES,
    Line,
    Period,
    fifteenth_to_fourteenth,
    months_around,
    same_period_last_year,
)
from civreg.units import queries as units
from civreg.units.queries import UnitRow
from civreg.web.access import current_actor, page
from civreg.web.forms.months import asked_month, month_key, months_offered
from civreg.web.forms.places import GROUPINGS, TODAYS
from civreg.web.statistics.blueprint import (
    ALL_LETTERS,
    behind_address,
    blueprint,
    find_unit,
    own_units,
    unit_key,
)

MONTHS_SHOWN = 13
"""A year and the month one year ago, so that the first bar is the same month."""

SPANS: Mapping[str, str] = {
    "thang": "Cả tháng",
    "15-14": "Từ ngày 15 tháng trước đến ngày 14",
    "nam": "Từ đầu năm đến hết tháng",
}
SHORT_WORDS: Mapping[Line, str] = {
    Line.REQUESTED: "Yêu cầu",
    Line.RECEIVED: "Tiếp nhận",
    Line.REGISTERED: "Đăng ký",
    Line.REGISTERED_ON_TIME: "Đúng hạn",
    Line.REGISTERED_LATE: "Trễ hẹn",
    Line.LATE_REGISTRATION: "Đăng ký quá hạn",
    Line.DELIVERED: "Đã trả",
}
_OCCASIONS: Mapping[Line, str] = {
    Line.LETTER_CONGRATULATION_BIRTH: "Chúc mừng khai sinh",
    Line.LETTER_CONGRATULATION_MARRIAGE: "Chúc mừng kết hôn",
    Line.LETTER_CONDOLENCE: "Chia buồn",
}


@dataclass(frozen=True)
class Asked:
    """The period an address asks for.

    Attributes:
        named: the calendar month it names.
        span: which days around that month (a key of `SPANS`).
        grouped: numbers of ended units stand at the units of today.
        error: why the month of the address could not be used; this month is shown then.
    """

    named: Period
    span: str
    error: str = ""
    grouped: bool = False

    @property
    def as_of(self) -> date | None:
        """Return the day whose units the numbers are grouped to; None shows the units of that time."""
        return clock.today() if self.grouped else None

    @property
    def month(self) -> str:
        """Return the month as addresses write it: 2026-10."""
        return month_key(self.named)

    @property
    def period(self) -> Period:
        """Return the days counted."""
        if self.span == "15-14":
            return fifteenth_to_fourteenth(self.named.from_on.year, self.named.from_on.month)
        if self.span == "nam":
            return Period(self.named.from_on.replace(month=1), self.named.to_on)
        return self.named

    def address(self, key: str, month: str = "", endpoint: str = "statistics.index") -> str:
        """Return the address of the same kind of period for a unit."""
        span = self.span if self.span != "thang" else None
        group = TODAYS if self.grouped else None
        return url_for(endpoint, **{"thang": month or self.month, "don-vi": key, "ky": span, "nhom": group})  # type: ignore[arg-type]


@blueprint.get("/thong-ke")
@page(permission=Permission.FIGURES_VIEW)
def index() -> ResponseReturnValue:
    """Show the figures of a unit and everything below it."""
    actor, session, asked = current_actor(), db.session(), _asked()
    unit = find_unit(session, actor, request.args.get("don-vi", ""), asked.period)
    figures = statistics.over(session, actor, unit.id, asked.period, as_of=asked.as_of)
    before = same_period_last_year(_counted_so_far(asked.period))
    stood = asked.grouped or unit.holds_on(before.from_on) or unit.holds_on(before.to_on)
    key = unit_key(unit, asked.period.to_on)
    below = statistics.by_unit(session, actor, unit.id, asked.period, as_of=asked.as_of)
    months = statistics.last_months(session, actor, unit.id, asked.period, MONTHS_SHOWN, as_of=asked.as_of)
    text = render_template(
        "statistics/month.html",
        asked=asked,
        unit=unit,
        key=key,
        figures=figures,
        last_year=statistics.over(session, actor, unit.id, before, as_of=asked.as_of) if stood else None,
        before=before,
        crumbs=_crumbs(session, actor, unit, asked.period.to_on),
        below=_named(session, below, asked.period),
        bundles=statistics.bundles(session, actor, unit.id, asked.period, as_of=asked.as_of),
        quiet_units=[] if asked.grouped else _without_numbers(session, unit, below, asked.period),
        months=months,
        missed=_missed_now(session, unit) if asked.period.to_on >= clock.today() else [],
        most=max(month.counts[Line.REGISTERED] for month in months),
        around=[month_key(one) for one in months_around(asked.named)],
        values={
            "thang": asked.month,
            "don-vi": key,
            "ky": asked.span,
            "nhom": TODAYS if asked.grouped else "",
        },
        errors={"thang": asked.error} if asked.error else {},
        months_offered=months_offered(asked.named),
        units_offered=_units_offered(session, actor, unit, asked.period),
        spans=list(SPANS.items()),
        groupings=list(GROUPINGS.items()),
        case_lines=[(line, SHORT_WORDS[line]) for line in CASE_LINES],
        letter_lines=[(line, _OCCASIONS[line]) for line in LETTER_LINES],
        letters_of=_letters_of,
        open_figure=lambda f: behind_address(
            key, Period(f.from_on, f.to_on), f.line.value, f.procedure, grouped=asked.grouped
        ),
        open_line=partial(behind_address, grouped=asked.grouped),
        all_letters=ALL_LETTERS,
        lines=Line,
        today=clock.today(),
    )
    return text, 422 if asked.error else 200


@blueprint.get("/thong-ke/thang.csv")
@page(permission=Permission.FIGURES_VIEW)
def month_csv() -> Response:
    """Give the figures as CSV."""
    figures, below, bundles, name = _for_file()
    return _file(export.month_csv(figures, below, bundles), "text/csv; charset=utf-8", f"{name}.csv")


@blueprint.get("/thong-ke/thang.xlsx")
@page(permission=Permission.FIGURES_VIEW)
def month_xlsx() -> Response:
    """Give the figures as a workbook."""
    figures, below, bundles, name = _for_file()
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _file(export.month_xlsx(figures, below=below, bundles=bundles), kind, f"{name}.xlsx")


def _missed_now(session: Session, unit: UnitRow) -> list[tuple[MissedCount, str]]:
    """Return how many promises are missed at this moment, by unit with its name; counts only."""
    lowest = {row.id: row.name for row in (*units.lowest_below(session, unit.id, clock.today()), unit)}
    counts = deadlines.missed_counts(session, lowest, clock.now())
    return [(count, lowest[count.unit_id]) for count in counts]


def _counted_so_far(period: Period) -> Period:
    """Return the days that have come: half a month is compared with half a month."""
    return Period(period.from_on, max(period.from_on, min(period.to_on, clock.today())))


def _letters_of(counts: Mapping[Line, int]) -> int:
    """Return the letters of all occasions together."""
    return sum(counts[line] for line in LETTER_LINES)


def _asked() -> Asked:
    span = request.args.get("ky", "")
    named, error = asked_month(request.args.get("thang", ""))
    return Asked(named, span if span in SPANS else "thang", error, request.args.get("nhom") == TODAYS)


def _for_file() -> tuple[MonthFigures, list[UnitFigures], list[BundleFigures], str]:
    actor, session, asked = current_actor(), db.session(), _asked()
    if asked.error:
        raise InvalidInput(asked.error, {"thang": asked.error})
    unit = find_unit(session, actor, request.args.get("don-vi", ""), asked.period)
    figures = statistics.over(session, actor, unit.id, asked.period, as_of=asked.as_of)
    below = statistics.by_unit(session, actor, unit.id, asked.period, as_of=asked.as_of)
    bundles = statistics.bundles(session, actor, unit.id, asked.period, as_of=asked.as_of)
    span = ("" if asked.span == "thang" else f"-{asked.span}") + ("-don-vi-nay" if asked.grouped else "")
    return figures, below, bundles, f"thong-ke-{unit.code}-{asked.month}{span}"


def _file(content: bytes, kind: str, name: str) -> Response:
    response = Response(content, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _crumbs(session: Session, actor: Actor, unit: UnitRow, on: date) -> list[tuple[str, str]]:
    """Return (key, name) of the units above whose figures are open to the person, the widest first."""
    above = [one for one in units.parents(session, unit, on) if actor.may(Permission.FIGURES_VIEW, one.id)]
    return [(unit_key(one, unit.nearest_day(on)), one.name) for one in reversed(above)]


def _named(session: Session, below: list[UnitFigures], period: Period) -> list[tuple[UnitFigures, str]]:
    known = units.units_by_ids(session, [row.unit_id for row in below])
    return [(row, unit_key(known[row.unit_id], period.to_on)) for row in below]


def _without_numbers(
    session: Session, unit: UnitRow, below: list[UnitFigures], period: Period
) -> list[tuple[str, str]]:
    """Return (key, name) of units directly below that take part and had nothing: that is a figure too."""
    shown = {row.unit_id for row in below}
    on = min(period.to_on, clock.today())
    taking_part = units.participating_ids(session, on)
    children = units.children(session, unit, unit.nearest_day(on))
    return [
        (unit_key(child, on), child.name)
        for child in children
        if child.id in taking_part and child.id not in shown
    ]


def _units_offered(session: Session, actor: Actor, unit: UnitRow, period: Period) -> list[tuple[str, str]]:
    """Return the person's units and the units below that take part, for the drop-down."""
    on = min(period.to_on, clock.today())
    found = own_units(session, actor)
    mine = actor.units(Permission.FIGURES_VIEW)
    found += [row.unit for row in units.participating(session, on, mine)]
    by_id = {one.id: one for one in [*found, unit]}
    return [(unit_key(one, period.to_on), one.name) for one in by_id.values()]
