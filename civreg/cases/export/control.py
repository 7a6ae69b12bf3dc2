"""Phiếu kiểm soát quá trình giải quyết hồ sơ (M06), from the steps of the case and the promises of its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from civreg.accounts.queries import names_of
from civreg.accounts.rules import Actor
from civreg.cases.export.appointment import PLACE_WORDS
from civreg.cases.export.office import office_on
from civreg.cases.queries import ApologyRow, CasePage, PartRow, apologies_of, case_page
from civreg.cases.rules import ACTION_WORDS, Action, Slip, State, kept_promise
from civreg.deadlines.queries import deadlines_of
from civreg.shared import clock
from civreg.shared.paper.control import ControlSlip, HandOver, KeptResult, render_control
from civreg.shared.text import format_date_vi

_FAMILY = "Gia đình"
_HEAD = "Lãnh đạo đơn vị"
_FROM_FAMILY = frozenset({Action.RECEIVE_DOSSIER, Action.TAKE_PAPERS, Action.WITHDRAW})
_TO_FAMILY = frozenset({Action.REQUEST_PAPERS, Action.DELIVER, Action.REFUSE})
_STANDING: Mapping[State, str] = {
    State.PAPERS_REQUESTED: "Tạm dừng",
    State.REFUSED: "Đã từ chối",
    State.WITHDRAWN: "Đã dừng",
    State.ANNULLED: "Đã hủy bỏ",
}
"""What is said of a result that is not there when the clock does not run."""
_ENDED_PARTS = {"abandoned": "Gia đình không làm", "refused": "Cơ quan từ chối"}
_NOTE_LONGEST = 160
"""Characters of a note; the whole reason stands on the paper of that step."""


def control_slip(session: Session, actor: Actor, case_id: UUID) -> bytes:
    """Return the PDF of the control slip as it stands today.

    Args:
        session: the open transaction; the reading is logged.
        actor: an officer of the unit.
        case_id: the case.

    Raises:
        NotFound: another unit's case.
        Conflict: no papers were taken yet.
    """
    case = case_page(session, actor, case_id)
    case.require_slip(Slip.CONTROL)
    today = clock.today()
    office = office_on(session, case, today)
    return render_control(
        ControlSlip(
            heading=office.heading,
            place=office.unit.bare,
            dated_on=today,
            case_code=case.code,
            requester=case.requester.full_name,
            request=case.rules.title_vi,
            received=_moment(case.taken_at),
            received_where=PLACE_WORDS.get(case.reception_place or "", ""),
            hand_overs=_hand_overs(session, case),
            results=_results(session, actor, case, today),
            signature=office.officer_signature,
        )
    )


def _hand_overs(session: Session, case: CasePage) -> tuple[HandOver, ...]:
    """Return the steps since the papers were taken; who did the last step hands over to who does the next."""
    names = names_of(session, [move.actor_id for move in case.history if move.actor_id])
    found: list[HandOver] = []
    holder = _FAMILY
    started = False
    for move in case.history:
        started = started or move.action == Action.RECEIVE_DOSSIER
        if not started:
            continue
        action = Action(move.action)
        doer = names.get(move.actor_id, "") if move.actor_id else ""
        giver, taker = _hands(action, holder, doer)
        when, note = _when(case, action, move.at), _short(move.note or "")
        found.append(HandOver(ACTION_WORDS[action], giver, taker, when, note))
        holder = doer or holder
    return tuple(found)


def _hands(action: Action, holder: str, doer: str) -> tuple[str, str]:
    """Return from whom to whom a step passes the dossier."""
    if action in _FROM_FAMILY:
        return _FAMILY, doer
    if action in _TO_FAMILY:
        return doer, _FAMILY
    if action is Action.SIGN:
        return doer, _HEAD
    return ("–" if holder == doer else holder), doer


def _when(case: CasePage, action: Action, noted_at: datetime) -> str:
    """Return when the step happened; of a step noted afterwards only the day is sure."""
    happened = {
        Action.RECEIVE_DOSSIER: case.received_at,
        Action.SIGN: case.registered_at,
        Action.DELIVER: case.delivered_at,
    }.get(action)
    moment = (happened or noted_at).astimezone(clock.ZONE)
    if action is Action.DELIVER and moment.date() != noted_at.astimezone(clock.ZONE).date():
        return f"ngày {format_date_vi(moment.date())}"
    return _moment(moment)


def _moment(moment: datetime) -> str:
    return f"{moment.hour:02d} giờ {moment.minute:02d}, {format_date_vi(moment.date())}"


def _short(note: str) -> str:
    return note if len(note) <= _NOTE_LONGEST else f"{note[:_NOTE_LONGEST].rsplit(' ', 1)[0]} …"


_PAUSED = "Chưa có ngày"
"""While the clock stands still."""


def _results(session: Session, actor: Actor, case: CasePage, today: date) -> tuple[KeptResult, ...]:
    promises = deadlines_of(session, case.id)
    subjects = {row.id: row.subject_id for row in promises}
    paused = {row.subject_id for row in promises if row.paused}
    signed = [row for row in apologies_of(session, actor, case.id) if row.signed_at]
    again = {subjects.get(row.deadline_id): row for row in signed}
    papers = {part.code: part.result_paper for part in case.rules.parts}
    standing = _STANDING.get(State(case.state), "")
    return tuple(
        replace(one, without_day=_PAUSED) if part.id in paused else one
        for part in case.parts
        for one in (_result(part, papers.get(part.code, part.title), again.get(part.id), standing, today),)
    )


def _result(part: PartRow, result: str, apology: ApologyRow | None, standing: str, today: date) -> KeptResult:
    due_on = apology.missed_on if apology else part.due_on
    done_on = part.done_at.astimezone(clock.ZONE).date() if part.done_at else None
    ended = _ENDED_PARTS.get(part.state) or (standing if done_on is None else "")
    return KeptResult(
        result=result,
        agency=part.agency,
        due_on=due_on,
        new_due_on=apology.new_due_on if apology else None,
        done_on=done_on,
        kept=ended or kept_promise(due_on, done_on, today),
    )
