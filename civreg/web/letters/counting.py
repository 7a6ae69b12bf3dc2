"""Số thư theo bước: what was done with letters in a period, by unit, day and kind; no names."""

from __future__ import annotations

from datetime import date

from flask import render_template, request
from flask.typing import ResponseReturnValue

from civreg.accounts.rules import Permission
from civreg.extensions import db
from civreg.letters import queries as letters
from civreg.shared import clock
from civreg.shared.errors import NotFound
from civreg.units import queries as units
from civreg.web.access import current_actor, page
from civreg.web.forms.months import asked_month, month_key, months_offered
from civreg.web.forms.places import GROUPINGS, TODAYS
from civreg.web.letters.blueprint import blueprint


@blueprint.get("/thu/so-lieu")
@page(permission=Permission.FIGURES_VIEW)
def counts() -> ResponseReturnValue:
    """Show a month of the desk: what was drafted, approved, printed, signed, handed over, returned, held, declined."""
    session, actor, today = db.session(), current_actor(), clock.today()
    period, error = asked_month(request.args.get("thang", ""))
    unit = _unit(request.args.get("don-vi", ""), period.to_on, today)
    grouped = request.args.get("nhom") == TODAYS
    rows = letters.step_counts(
        session, actor, unit.id, period.from_on, period.to_on, as_of=today if grouped else None
    )
    total = {step: sum(row.counts.get(step, 0) for row in rows) for step in letters.STEP_WORDS}
    text = render_template(
        "letters_pages/counts.html",
        unit=unit,
        period=period,
        months=months_offered(period),
        errors={"thang": error} if error else {},
        rows=rows,
        steps=letters.STEP_WORDS,
        total=total,
        groupings=list(GROUPINGS.items()),
        values={
            "don-vi": unit.code,
            "thang": month_key(period),
            "nhom": TODAYS if grouped else "",
        },
    )
    return text, 422 if error else 200


def _unit(code: str, day: date, today: date) -> units.UnitRow:
    """Return the unit that was asked for, of that time or of today, else the one the actor's role is held at."""
    session, actor = db.session(), current_actor()
    if code:
        found = units.unit_on(session, code[:20], day) or units.unit_on(session, code[:20], today)
        if found is None:
            raise NotFound("Không có đơn vị mã này trong tháng đã chọn. Ông/bà chọn lại đơn vị hoặc tháng.")
        return found
    home = next(grant.unit_id for grant in actor.grants if grant.allows(Permission.FIGURES_VIEW))
    return units.unit_by_id(session, home)
