"""Hồ sơ sau một con số: codes, units, days and states, as many as the figure says; no names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from civreg.accounts.rules import Permission
from civreg.cases.rules import STATE_WORDS
from civreg.extensions import db
from civreg.procedures.catalogue import catalogue
from civreg.shared import clock
from civreg.shared.errors import InvalidInput
from civreg.statistics import export
from civreg.statistics import queries as statistics
from civreg.statistics.queries import CaseLine
from civreg.statistics.rules import LETTER_LINES, LINE_WORDS, Line, Period
from civreg.units import queries as units
from civreg.units.queries import UnitRow
from civreg.web.access import current_actor, page
from civreg.web.forms.places import TODAYS
from civreg.web.statistics.blueprint import ALL_LETTERS, blueprint, find_unit, unit_key

PAGE_SIZE = 100

_OPENED: Mapping[str, tuple[str, tuple[Line, ...]]] = {
    **{line.value: (LINE_WORDS[line], (line,)) for line in Line},
    ALL_LETTERS: ("Thư đã trao", LETTER_LINES),
}
"""What `dong` of an address may say: its words and its lines."""

_NO_PERIOD = "Địa chỉ thiếu kỳ số liệu. Ông/bà mở lại trang Thống kê rồi bấm vào con số."
_NO_LINE = "Địa chỉ không nói rõ con số nào. Ông/bà mở lại trang Thống kê rồi bấm vào con số."


@dataclass(frozen=True)
class Opened:
    """A figure opened to its cases."""

    unit: UnitRow
    period: Period
    procedure: str | None
    line: str
    grouped: bool
    cases: list[CaseLine]

    @property
    def address(self) -> str:
        """Return what names this figure in an address."""
        values = {
            "don-vi": unit_key(self.unit, self.period.to_on),
            "tu": self.period.from_on.isoformat(),
            "den": self.period.to_on.isoformat(),
            "thu-tuc": self.procedure or "",
            "dong": self.line,
            "nhom": TODAYS if self.grouped else "",
        }
        return urlencode({name: value for name, value in values.items() if value}, safe="@")


@blueprint.get("/thong-ke/ho-so")
@page(permission=Permission.FIGURES_VIEW)
def behind() -> ResponseReturnValue:
    """List the cases behind one figure."""
    actor, opened = current_actor(), _opened()
    shown = _page_number()
    rows = opened.cases[(shown - 1) * PAGE_SIZE : shown * PAGE_SIZE]
    more = len(opened.cases) > shown * PAGE_SIZE
    titles = _titles()
    return render_template(
        "statistics/behind.html",
        opened=opened,
        place=units.tree_path(db.session(), opened.unit, opened.period.to_on),
        rows=rows,
        line_words=_OPENED[opened.line][0],
        counts_letters=set(_OPENED[opened.line][1]) <= set(LETTER_LINES),
        title=titles.get(opened.procedure, opened.procedure) if opened.procedure else "",
        titles=titles,
        opens_cases=actor.may(Permission.CASE_VIEW, opened.unit.id),
        following=f"{url_for('statistics.behind')}?{opened.address}&trang={shown + 1}" if more else None,
        month=f"{opened.period.to_on:%Y-%m}",
        key=unit_key(opened.unit, opened.period.to_on),
    )


@blueprint.get("/thong-ke/ho-so.csv")
@page(permission=Permission.FIGURES_VIEW)
def behind_csv() -> Response:
    """Give the cases behind one figure as CSV."""
    opened = _opened()
    words = {state.value: text for state, text in STATE_WORDS.items()}
    response = Response(
        export.cases_csv(opened.cases, words, _titles()), content_type="text/csv; charset=utf-8"
    )
    name = f"ho-so-{opened.unit.code}-{opened.period.from_on:%Y-%m-%d}-{opened.line}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _opened() -> Opened:
    """Return the figure the address names.

    Raises:
        InvalidInput: the period or the line is missing or malformed.
        NotFound: no such unit, or its figures are not open to the person.
    """
    actor, session = current_actor(), db.session()
    period = Period(_day("tu"), _day("den"))
    line = request.args.get("dong", "")
    if line not in _OPENED:
        raise InvalidInput(_NO_LINE, {"dong": _NO_LINE})
    procedure = request.args.get("thu-tuc") or None
    grouped = request.args.get("nhom") == TODAYS
    unit = find_unit(session, actor, request.args.get("don-vi", ""), period)
    cases = statistics.cases_behind(
        session,
        actor,
        unit.id,
        period.from_on,
        period.to_on,
        procedure,
        _OPENED[line][1],
        as_of=clock.today() if grouped else None,
    )
    return Opened(unit, period, procedure, line, grouped, cases)


def _day(name: str) -> date:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        raise InvalidInput(_NO_PERIOD, {name: _NO_PERIOD}) from None


def _page_number() -> int:
    typed = request.args.get("trang", "")
    return max(int(typed), 1) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 1


def _titles() -> dict[str, str]:
    return {code: procedure.title_vi for code, procedure in catalogue().items()}
