"""Kế hoạch chuyển giao: what an ended unit still holds, who follows it, and whether it can be confirmed; counts, no content."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sized
from dataclasses import astuple, dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from civreg.accounts import queries as accounts
from civreg.accounts.rules import Actor, Permission, Role
from civreg.cases import queries as cases
from civreg.feedback import queries as feedback
from civreg.letters import queries as letters
from civreg.letters.rules import NUMBERED, UNNUMBERED
from civreg.procedures import queries as procedures
from civreg.shared import clock
from civreg.shared.errors import NotFound
from civreg.shared.text import format_date_vi
from civreg.succession.dividing import Division, division
from civreg.units import queries as units
from civreg.units.queries import UnitRow
from civreg.units.rules import name_sort_key
from civreg.visits import queries as visits

_HIGHEST_ID = 2**63 - 1
"""Above it the database refuses to compare; an address can carry any number."""
_NOT_YOURS = "Không tìm thấy đơn vị đã kết thúc này trong phạm vi của ông/bà. Ông/bà mở lại danh sách."


@dataclass(frozen=True, slots=True)
class Holdings:
    """Việc còn ở đơn vị cũ: how many of each a unit that ended still has; counts, no content."""

    cases: int = 0
    visits: int = 0
    letters: int = 0
    apologies: int = 0
    tidings: int = 0
    roles: int = 0
    books: int = 0
    participations: int = 0
    complaints: int = 0
    hamlets: int = 0
    rules: int = 0
    wordings: int = 0
    layouts: int = 0
    settings: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left to hand over."""
        return not any(astuple(self))


@dataclass(frozen=True, slots=True)
class Plan:
    """Kế hoạch chuyển giao of one ended unit.

    Attributes:
        old: the unit that ended.
        place: where it stood, "Xã Ngãi Xuyên, huyện Trà Cú, tỉnh Trà Vinh".
        after: the units that follow it.
        heirs: where several follow, those of them that the administrator may give something to.
        holdings: what is left there.
        roles: how many roles of each kind.
        numbered: letters on their way that keep number and unit.
        signers: how often it was set who signs its letters; the unit that follows names its own.
        blocked: why it cannot be confirmed, as the administrator reads it; empty when it can.
        division: where several follow, each thing that goes to one of them; only of a plan that was asked for alone.
    """

    old: UnitRow
    place: str
    after: tuple[UnitRow, ...]
    heirs: tuple[UnitRow, ...]
    holdings: Holdings
    roles: Mapping[Role, int]
    numbered: int
    signers: int
    blocked: str
    division: Division | None = None

    @property
    def expected(self) -> str:
        """What the page that is confirmed was showing: the receiving unit and every count."""
        return "-".join(
            str(number) for number in (*(unit.id for unit in self.after), *astuple(self.holdings))
        )


def plans(session: Session, actor: Actor, on: date) -> list[Plan]:
    """Return a plan for each unit that has ended by a day, still holds something, and is the actor's to settle."""
    held = _Held(session, on)
    ended = [unit for unit in units.units_by_ids(session, held.unit_ids).values() if _ended(unit, on)]
    found = [
        _plan(session, actor, unit, held, on)
        for unit in sorted(ended, key=lambda unit: (name_sort_key(unit.name), unit.code))
    ]
    return [plan for plan in found if not plan.holdings.is_empty and _settles(session, actor, plan, on)]


def plan_of(session: Session, actor: Actor, unit_id: int, on: date) -> Plan:
    """Return the plan of one unit that has ended by a day, also when nothing is left there.

    Raises:
        NotFound: no such unit, one that still holds, or one that goes to units the actor does not manage.
    """
    unit = ended_unit(session, unit_id, on)
    plan = _plan(session, actor, unit, _Held(session, on), on)
    if not _settles(session, actor, plan, on):
        raise NotFound(_NOT_YOURS)
    return replace(plan, division=division(session, unit_id, plan.heirs, on)) if plan.heirs else plan


def ended_unit(session: Session, unit_id: int, on: date) -> UnitRow:
    """Return a unit that has ended by a day; whose it is to settle, `plan_of` asks.

    Raises:
        NotFound: no such unit, or one that still holds.
    """
    unit = units.units_by_ids(session, [unit_id]).get(unit_id) if unit_id <= _HIGHEST_ID else None
    if unit is None or not _ended(unit, on):
        raise NotFound(_NOT_YOURS)
    return unit


class _Held:
    """Everything that stands at some unit, read once."""

    def __init__(self, session: Session, on: date) -> None:
        self.roles = accounts.roles_held(session, on)
        self.numbered = letters.letters_by_unit(session, NUMBERED)
        self.signers = letters.signers_left(session)
        self._counts: Mapping[str, Mapping[int, int]] = {
            "cases": cases.open_cases_by_unit(session),
            "visits": visits.bookings_by_unit(session),
            "letters": letters.letters_by_unit(session, UNNUMBERED),
            "apologies": cases.unsent_apologies_by_unit(session),
            "tidings": cases.new_tidings_by_unit(session),
            "roles": {unit_id: sum(kinds.values()) for unit_id, kinds in self.roles.items()},
            "books": visits.open_books_by_unit(session),
            "participations": units.participations_left_open(session),
            "complaints": feedback.complaints_by_unit(session),
            "hamlets": units.hamlets_left(session),
            "rules": procedures.overrides_held(session, on),
            "wordings": _sizes(letters.wordings_left(session)),
            "layouts": _sizes(letters.layouts_left(session, on)),
            "settings": letters.settings_left(session),
        }

    @property
    def unit_ids(self) -> set[int]:
        """The units that hold anything."""
        return set().union(*self._counts.values())

    def at(self, unit_id: int) -> Holdings:
        """Return what one unit holds."""
        return Holdings(**{name: counts.get(unit_id, 0) for name, counts in self._counts.items()})


def _sizes(left: Mapping[int, Sized]) -> dict[int, int]:
    return {unit_id: len(things) for unit_id, things in left.items()}


def _ended(unit: UnitRow, on: date) -> bool:
    return unit.valid_to is not None and unit.valid_to <= on


def _plan(session: Session, actor: Actor, unit: UnitRow, held: _Held, on: date) -> Plan:
    after = units.successors(session, unit.id, on) or units.parts_went_to(session, unit, on)
    return Plan(
        old=unit,
        place=units.tree_path(session, unit, on),
        after=tuple(after),
        heirs=tuple(one for one in after if _manages(actor, [one])) if len(after) > 1 else (),
        holdings=held.at(unit.id),
        roles=held.roles.get(unit.id, {}),
        numbered=held.numbered.get(unit.id, 0),
        signers=held.signers.get(unit.id, 0),
        blocked=_blocked(unit, after),
    )


def _blocked(unit: UnitRow, after: list[UnitRow]) -> str:
    ended_on = format_date_vi(unit.valid_to) if unit.valid_to else ""
    if unit.valid_to is not None and unit.valid_to > clock.today():
        return f"{unit.name} kết thúc ngày {ended_on}. Ông/bà xác nhận kế hoạch từ ngày đó."
    if not after:
        return (
            f"{unit.name} kết thúc ngày {ended_on} và danh mục chưa ghi đơn vị kế tiếp. Ông/bà nạp danh mục có tệp "
            "kế tiếp rồi mở lại trang này."
        )
    return ""


def _settles(session: Session, actor: Actor, plan: Plan, on: date) -> bool:
    """Say whether the plan is the actor's to see: the unit that receives is managed, or one of several is.

    Where nobody follows, whoever manages what follows the units above it may see that it hangs.
    """
    if plan.after:
        return _manages(actor, plan.after)
    above = units.parents(session, plan.old, on)
    return any(_manages(actor, units.standing_on(session, unit.id, on)) for unit in above)


def _manages(actor: Actor, found: Iterable[UnitRow]) -> bool:
    return any(
        actor.may(Permission.UNITS_MANAGE, unit.id) and actor.may(Permission.USERS_MANAGE, unit.id)
        for unit in found
    )
