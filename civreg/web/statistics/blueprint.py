"""The blueprint of /thong-ke, and how its addresses name a unit and a period.

`don-vi` is the unit's code, which the day decides: codes are used again. A unit that has ended is named with a day
of its life, as in `29461@2025-06-30`.
"""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from flask import Blueprint, url_for
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.shared.errors import NotFound
from civreg.statistics.rules import Period
from civreg.units import queries as units
from civreg.units.queries import UnitRow
from civreg.web.forms.places import TODAYS

blueprint = Blueprint("statistics", __name__)

ALL_LETTERS = "letters"
"""The line of letters of all occasions together, in addresses."""

_LONGEST_CODE = 20
_NO_UNIT = "Không có đơn vị mã này trong kỳ đã chọn. Ông/bà chọn lại đơn vị hoặc kỳ số liệu."
_NO_FIGURES = "Tài khoản của ông/bà chưa được giao xem số liệu của đơn vị nào. Hãy hỏi người quản trị."


def unit_key(unit: UnitRow, on: date) -> str:
    """Return how an address names a unit: its code, with a day of its life once it has ended."""
    return unit.code if unit.holds_on(on) else f"{unit.code}@{unit.nearest_day(on).isoformat()}"


def find_unit(session: Session, actor: Actor, key: str, period: Period) -> UnitRow:
    """Return the unit that an address names, or the person's own one when it names none.

    Raises:
        NotFound: nobody held the code then; whether its figures are open is asked where they are read.
    """
    if not key:
        return own_units(session, actor)[0]
    code, _, day = key.partition("@")
    if not (code.isascii() and code.isalnum() and len(code) <= _LONGEST_CODE):
        raise NotFound(_NO_UNIT)
    found = units.unit_on(session, code, _day(day)) if day else _holder(session, code, period)
    if found is None:
        raise NotFound(_NO_UNIT)
    return found


def own_units(session: Session, actor: Actor) -> list[UnitRow]:
    """Return the units at which the person's roles open figures, the widest first.

    Raises:
        NotFound: there is none.
    """
    grants = [grant for grant in actor.grants if grant.allows(Permission.FIGURES_VIEW)]
    ids = dict.fromkeys(g.unit_id for g in sorted(grants, key=lambda grant: -len(grant.covers)))
    known = units.units_by_ids(session, ids)
    if not known:
        raise NotFound(_NO_FIGURES)
    return [known[unit_id] for unit_id in ids if unit_id in known]


def behind_address(
    key: str, period: Period, line: str, procedure: str | None = None, *, grouped: bool = False
) -> str:
    """Return the address of the cases behind a figure; `line` may be `ALL_LETTERS`."""
    values = {
        "don-vi": key,
        "tu": period.from_on.isoformat(),
        "den": period.to_on.isoformat(),
        "thu-tuc": procedure or "",
        "dong": line,
        "nhom": TODAYS if grouped else "",
    }
    return f"{url_for('statistics.behind')}?{urlencode({name: value for name, value in values.items() if value}, safe='@')}"


def _holder(session: Session, code: str, period: Period) -> UnitRow | None:
    at_end = units.unit_on(session, code, period.to_on)
    return at_end or units.unit_on(session, code, period.from_on)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotFound("Địa chỉ ghi ngày chưa đúng. Ông/bà chọn lại đơn vị.") from None
