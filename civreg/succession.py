"""Sáp nhập đơn vị: what an ended unit still holds, and the confirmed plan that gives it to the unit after it.

It stands above the features because a merger touches all of them: staff, cases with their promises, visits,
letters, register books, participation. Each feature moves its own rows; here is the order and the lock.

Lock order: unit → visits → letters → cases → apologies → tidings → complaints → books → own rules → participation → roles → audit. Services of one
case or letter take the same locks in the same order, so that a plan and a working officer never wait crosswise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, astuple, dataclass
from datetime import date

from sqlalchemy.orm import Session

from civreg.accounts import queries as accounts
from civreg.accounts import service as accounts_service
from civreg.accounts.rules import Actor, Permission, Role
from civreg.cases import queries as cases
from civreg.cases import service as cases_service
from civreg.feedback import queries as feedback
from civreg.feedback import service as feedback_service
from civreg.letters import queries as letters
from civreg.letters import service as letters_service
from civreg.letters.rules import NUMBERED, UNNUMBERED
from civreg.procedures import queries as procedures
from civreg.procedures import service as procedures_service
from civreg.shared import audit, clock
from civreg.shared.errors import Conflict, InvalidInput, NotFound, Refusal
from civreg.shared.text import format_date_vi, nfc
from civreg.units import queries as units
from civreg.units import service as units_service
from civreg.units.queries import UnitRow
from civreg.units.rules import name_sort_key
from civreg.visits import queries as visits
from civreg.visits import service as visits_service

CHANGED = (
    "Số việc đã thay đổi từ lúc ông/bà mở trang. Ông/bà xem lại các số mới dưới đây rồi xác nhận lại; chưa có gì bị "
    "chuyển."
)
LONGEST_REASON = 300
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
        heirs: where several follow, those of them that the administrator may choose for what is left.
        holdings: what is left there.
        roles: how many roles of each kind.
        numbered: letters on their way that keep number and unit.
        blocked: why it cannot be confirmed, as the administrator reads it; empty when it can.
    """

    old: UnitRow
    place: str
    after: tuple[UnitRow, ...]
    heirs: tuple[UnitRow, ...]
    holdings: Holdings
    roles: Mapping[Role, int]
    numbered: int
    blocked: str

    @property
    def expected(self) -> str:
        """What the page that is confirmed was showing: the receiving unit and every count."""
        return "-".join(
            str(number) for number in (*(unit.id for unit in self.after), *astuple(self.holdings))
        )


class SituationChanged(Conflict):
    """Counts or successor are not those of the page; `plan` is the situation now."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(CHANGED)
        self.plan = plan


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
    unit = units.units_by_ids(session, [unit_id]).get(unit_id) if unit_id <= _HIGHEST_ID else None
    if unit is None or not _ended(unit, on):
        raise NotFound(_NOT_YOURS)
    plan = _plan(session, actor, unit, _Held(session, on), on)
    if not _settles(session, actor, plan, on):
        raise NotFound(_NOT_YOURS)
    return plan


def carry_out(
    session: Session,
    actor: Actor,
    unit_id: int,
    *,
    expected: str,
    heir_id: int | None = None,
    reason: str = "",
) -> Holdings:
    """Hand everything an ended unit still holds to the one that follows it (thực hiện kế hoạch); return what moved.

    All or nothing, in the caller's transaction. Again, or by a second administrator at the same moment: nothing is
    left, nothing happens.

    Args:
        session: the transaction.
        actor: the administrator who confirmed; needs the receiving unit.
        unit_id: the unit that ended.
        expected: `Plan.expected` of the page that was confirmed.
        heir_id: where several units follow, which of them takes what is left; else it has no meaning.
        reason: why that one; asked for together with it.

    Raises:
        NotFound: not an ended unit of the actor's.
        InvalidInput: several units follow and none of the actor's was chosen, or the reason is missing.
        Refusal: the plan cannot be confirmed; says why.
        SituationChanged: the page is out of date.
    """
    on = clock.today()
    plan_of(session, actor, unit_id, on)
    units_service.hold_unit(session, unit_id)
    plan = plan_of(session, actor, unit_id, on)
    if plan.blocked:
        raise Refusal(plan.blocked)
    if plan.holdings.is_empty:
        return plan.holdings
    if plan.expected != expected:
        raise SituationChanged(plan)
    new, why = _heir(plan, heir_id, reason)
    done = _move(session, actor, plan, new, on)
    units_service.note_handover(session, unit_id, new.id, on, actor.user_id, why)
    _note_audit(session, actor, plan.old, new, done)
    return done


def _move(session: Session, actor: Actor, plan: Plan, new: UnitRow, on: date) -> Holdings:
    """Let each feature move its own rows, in the order of the locks; return how many of each."""
    unit_id, whole = plan.old.id, len(plan.after) == 1
    planned = visits_service.hand_over_visits(session, unit_id, new.id)
    unnumbered = letters_service.hand_over_letters(session, unit_id, new.id)
    moved = cases_service.hand_over_cases(session, actor, unit_id, new.id)
    apologies = cases_service.hand_over_apologies(session, unit_id, new.id)
    tidings = cases_service.hand_over_tidings(session, unit_id, new.id)
    complaints = feedback_service.hand_over_complaints(session, unit_id, new.id)
    books = visits_service.close_books_of(session, unit_id)
    rules = procedures_service.hand_over_overrides(session, actor, unit_id, new.id, on, copied=whole)
    accounts_service.hold_roles(session, unit_id)
    participations = units_service.hand_over_participation(session, unit_id, new.id, actor.user_id)
    roles = accounts_service.hand_over_roles(session, actor, unit_id, new.id, on)
    if whole:
        units_service.hand_over_hamlets(session, unit_id, new.id, actor.user_id)
    done = Holdings(
        cases=len(moved),
        visits=planned,
        letters=unnumbered,
        apologies=apologies,
        tidings=tidings,
        roles=roles,
        books=books,
        participations=participations,
        complaints=complaints,
        hamlets=plan.holdings.hamlets,
        rules=rules,
    )
    cases_service.note_handed_over(session, actor, moved, unit_id)
    return done


class _Held:
    """Everything that stands at some unit, read once."""

    def __init__(self, session: Session, on: date) -> None:
        self.roles = accounts.roles_held(session, on)
        self.numbered = letters.letters_by_unit(session, NUMBERED)
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
        }

    @property
    def unit_ids(self) -> set[int]:
        """The units that hold anything."""
        return set().union(*self._counts.values())

    def at(self, unit_id: int) -> Holdings:
        """Return what one unit holds."""
        return Holdings(**{name: counts.get(unit_id, 0) for name, counts in self._counts.items()})


def _ended(unit: UnitRow, on: date) -> bool:
    return unit.valid_to is not None and unit.valid_to <= on


def _heir(plan: Plan, heir_id: int | None, reason: str) -> tuple[UnitRow, str]:
    """Return the unit that takes what is left and, where a person chose it among several, why."""
    if len(plan.after) == 1:
        return plan.after[0], ""
    problems: dict[str, str] = {}
    chosen = next((unit for unit in plan.heirs if unit.id == heir_id), None)
    why = nfc(reason)
    if chosen is None:
        problems["heir"] = "Ông/bà chọn đơn vị nhận những việc còn lại."
    if not why:
        problems["reason"] = (
            "Ông/bà ghi lý do chọn đơn vị này, ví dụ “trụ sở cũ và phần lớn các ấp nay thuộc xã này”."
        )
    elif len(why) > LONGEST_REASON:
        problems["reason"] = f"Ông/bà rút ngắn lý do còn {LONGEST_REASON} chữ (đang có {len(why)} chữ)."
    if problems or chosen is None:
        raise InvalidInput("Chưa chuyển được. Ông/bà sửa lại những chỗ được nêu dưới đây.", problems)
    return chosen, why


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


def _note_audit(session: Session, actor: Actor, old: UnitRow, new: UnitRow, done: Holdings) -> None:
    """Append one row with the counts to the chain of each unit."""
    whole = {**asdict(done), "from_unit": old.code, "to_unit": new.code}
    for action, unit in (("unit.handed_over", old), ("unit.taken_over", new)):
        audit.record(
            session,
            action,
            unit_id=unit.id,
            actor_id=actor.user_id,
            subject_type="unit",
            subject_id=None,
            **whole,
        )
