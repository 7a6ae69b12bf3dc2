"""Thực hiện kế hoạch: the lock, the order, one transaction; each feature moves its own rows.

Lock order: ended unit, its main heir → visits → letters → cases → apologies → tidings → complaints → books → own rules → participation →
roles → papers of letters → audit. Services of one
case or letter take the same locks in the same order, so that a plan and a working officer never wait crosswise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from civreg.accounts import service as accounts_service
from civreg.accounts.rules import Actor
from civreg.cases import service as cases_service
from civreg.feedback import service as feedback_service
from civreg.letters import service as letters_service
from civreg.procedures import service as procedures_service
from civreg.shared import audit, clock
from civreg.shared.errors import Conflict, Refusal
from civreg.succession.dividing import Wanted, chosen_heirs, whole_heirs
from civreg.succession.plans import Holdings, Plan, ended_unit, plan_of
from civreg.units import queries as units
from civreg.units import service as units_service
from civreg.units.rules import Heirs
from civreg.visits import service as visits_service

CHANGED = (
    "Số việc đã thay đổi từ lúc ông/bà mở trang. Ông/bà xem lại các số mới dưới đây rồi xác nhận lại; chưa có gì bị "
    "chuyển."
)
_NOTHING_CHOSEN = Wanted()


SETTLED = (
    "Kế hoạch này vừa được người quản trị khác xác nhận. Lựa chọn của ông/bà không được dùng nữa; ông/bà xem mỗi việc đã "
    "sang đơn vị nào ở danh sách đơn vị đã kết thúc."
)


class SituationChanged(Conflict):
    """Counts or successor are not those of the page; `plan` is the situation now."""

    def __init__(self, plan: Plan, sentence: str = CHANGED) -> None:
        super().__init__(sentence)
        self.plan = plan


def carry_out(
    session: Session, actor: Actor, unit_id: int, *, expected: str, wanted: Wanted = _NOTHING_CHOSEN
) -> Holdings:
    """Hand everything an ended unit still holds to what follows it (thực hiện kế hoạch); return what moved.

    All or nothing, in the caller's transaction. The plan is counted once, behind the unit's lock. A second click of the same
    person finds nothing left, and nothing happens; so does a second administrator where one unit follows. Where several do,
    her choices may be others than those that were carried out: she is told.

    Args:
        session: the transaction.
        actor: the administrator who confirmed; needs the receiving units.
        unit_id: the unit that ended.
        expected: `Plan.expected` of the page that was confirmed.
        wanted: who takes what, where several units follow; else it has no meaning.

    Raises:
        NotFound: not an ended unit of the actor's.
        InvalidInput: several units follow and something has no heir, or the reason is missing; by field.
        Refusal: the plan cannot be confirmed; says why.
        SituationChanged: the page is out of date, or another administrator confirmed the division of the unit.
    """
    on = clock.today()
    ended_unit(session, unit_id, on)
    units_service.hold_unit(session, unit_id)
    plan = plan_of(session, actor, unit_id, on)
    if plan.blocked:
        raise Refusal(plan.blocked)
    if plan.holdings.is_empty:
        if plan.division is not None and expected != plan.expected and _by_another(session, actor, unit_id):
            raise SituationChanged(plan, SETTLED)
        return plan.holdings
    if plan.expected != expected:
        raise SituationChanged(plan)
    if plan.division is None:
        (heirs, hamlets), why = whole_heirs(session, unit_id, plan.after[0].id), ""
    else:
        heirs, hamlets, why = chosen_heirs(plan.heirs, plan.division, wanted)
    units_service.hold_unit(
        session, heirs.main
    )  # its texts are written behind this lock and its audit comes after
    done = _move(session, actor, plan, heirs, hamlets, on)
    units_service.note_handover(session, unit_id, heirs, on, actor.user_id, why)
    _note_audit(session, actor, plan.old, heirs, done)
    return done


def _by_another(session: Session, actor: Actor, unit_id: int) -> bool:
    """Say whether somebody else confirmed what was handed over on the way."""
    return any(row.handed_by != actor.user_id for row in units.handovers_of(session, unit_id))


def _move(
    session: Session, actor: Actor, plan: Plan, heirs: Heirs, hamlets: Mapping[UUID, int], on: date
) -> Holdings:
    """Let each feature move its own rows, in the order of the locks; return how many of each."""
    unit_id = plan.old.id
    planned = visits_service.hand_over_visits(session, unit_id, heirs)
    unnumbered = letters_service.hand_over_letters(session, unit_id, heirs)
    moved = cases_service.hand_over_cases(session, actor, unit_id, heirs)
    apologies = cases_service.hand_over_apologies(session, unit_id, heirs)
    tidings = cases_service.hand_over_tidings(session, unit_id, heirs)
    complaints = feedback_service.hand_over_complaints(session, unit_id, heirs)
    books = visits_service.close_books_of(session, unit_id)
    rules = procedures_service.hand_over_overrides(
        session, actor, unit_id, heirs.main, on, copied=plan.division is None
    )
    accounts_service.hold_roles(session, unit_id)
    participations = units_service.hand_over_participation(session, unit_id, heirs, actor.user_id)
    roles = accounts_service.hand_over_roles(session, actor, unit_id, heirs, on)
    papers = letters_service.hand_over_papers(session, actor, unit_id, heirs.main, on)
    units_service.hand_over_hamlets(session, unit_id, hamlets, actor.user_id)
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
        wordings=papers.wordings,
        layouts=papers.layouts,
        settings=papers.settings,
    )
    cases_service.note_handed_over(session, actor, moved, unit_id)
    return done


def _note_audit(session: Session, actor: Actor, old: units.UnitRow, heirs: Heirs, done: Holdings) -> None:
    """Append one row with the counts to the chain of each unit; those of the old one are the whole."""
    new = units.units_by_ids(session, heirs.units)
    codes = {"from_unit": old.code, "to_unit": ", ".join(new[unit_id].code for unit_id in heirs.units)}
    for action, unit in (("unit.handed_over", old), *(("unit.taken_over", new[one]) for one in heirs.units)):
        audit.record(
            session,
            action,
            unit_id=unit.id,
            actor_id=actor.user_id,
            subject_type="unit",
            subject_id=None,
            **asdict(done),
            **codes,
        )
