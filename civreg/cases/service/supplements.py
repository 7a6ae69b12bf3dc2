"""Yêu cầu bổ sung: ask once and say exactly what and why; a new paper after that waits for the head's word."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.cases.models import Case, CasePaper, Supplement
from civreg.cases.queries.circumstances import codes_of
from civreg.cases.queries.frozen_rules import rules_of
from civreg.cases.queries.supplements import newest_sent, open_to_edit
from civreg.cases.rules import (
    BASIS,
    NOTE_LIMIT,
    ROUNDS,
    Action,
    AskKind,
    Stage,
    State,
    clean_line,
    kind_of,
    next_state,
)
from civreg.cases.service.moves import (
    is_before_dossier,
    load_case,
    note_audit,
    step,
    tell,
    version_of,
)
from civreg.cases.service.outside import go_on
from civreg.cases.service.promised_days import show_promised_days
from civreg.deadlines import service as deadlines
from civreg.shared import clock
from civreg.shared.database import new_id
from civreg.shared.errors import Conflict, InvalidInput, NotFound

MOVED_ON = "Hồ sơ đã sang bước khác nên yêu cầu bổ sung này không còn cần nữa. Ông/bà mở lại hồ sơ."
DECIDED = "Yêu cầu bổ sung này đã có người trả lời. Ông/bà mở lại hồ sơ."


def request_papers(
    session: Session,
    actor: Actor,
    case_id: UUID,
    *,
    expected_version: int,
    papers: tuple[str, ...],
    reason: str,
    other_agency: bool = False,
) -> bool:
    """Ask for papers, saying exactly which and why; from the reception on the clock pauses until they come.

    What is changed on the same day, before the slip went out, replaces what was asked. A new paper after the round of
    this stage waits for the head; asked by the head it goes out at once.

    Args:
        session: the open transaction.
        actor: the officer, or the head.
        case_id: the case.
        expected_version: of the page the officer acts from.
        papers: codes of the papers wanted.
        reason: what is missing and why, as the family reads it.
        other_agency: the police or the insurance asks for them, for a part of a bundle.

    Returns:
        Whether it was asked for; False when it waits for the head.

    Raises:
        InvalidInput: no paper chosen, or no reason.
        Conflict: a stale page, or a step at which nothing can be asked for.
    """
    case = load_case(session, actor, case_id, Permission.CASE_WORK, expected_version)
    chosen, words = _wanted(case, papers, reason)
    next_state(version_of(case).flow, case.state, Action.REQUEST_PAPERS)
    edited = open_to_edit(session, case)
    if edited is not None:
        _take_back(session, case, set(edited.papers) - set(chosen))
        edited.papers, edited.reason = list(chosen), words
        _send(session, actor, case, edited)
        return True
    asking = _asking(session, actor, case, chosen, other_agency)
    asking.papers, asking.reason = list(chosen), words
    if asking.kind == AskKind.SECOND:
        if not actor.may(Permission.CASE_REFUSE, case.current_unit_id):
            case.version += 1
            note_audit(session, actor, case, "case.supplement_proposed", papers=list(chosen))
            return False
        asking.decided_by, asking.decided_at = actor.user_id, clock.now()
    _send(session, actor, case, asking)
    return True


def _wanted(case: Case, papers: tuple[str, ...], reason: str) -> tuple[tuple[str, ...], str]:
    """Return the papers of the procedure that are wanted, and the reason cleaned."""
    known = {paper.code for paper in version_of(case).papers_when(codes_of(case))}
    chosen = tuple(code for code in papers if code in known)
    words = clean_line(reason, "reason", "Cần bổ sung gì, vì sao", NOTE_LIMIT)
    problems = {}
    if not chosen:
        problems["papers"] = "Chọn ít nhất một giấy tờ."
    if not words:
        problems["reason"] = "Ghi rõ cần bổ sung gì, vì sao."
    if problems:
        raise InvalidInput("Ông/bà chọn giấy tờ cần bổ sung và ghi rõ lý do.", problems)
    return chosen, words


def decide_supplement(
    session: Session,
    actor: Actor,
    case_id: UUID,
    supplement_id: UUID,
    *,
    expected_version: int,
    agreed: bool,
    reason: str = "",
) -> None:
    """The head says yes or no to a second round; on yes it goes out at once.

    Raises:
        InvalidInput: a no without its reason.
        NotFound: no such asking of this case.
        Conflict: a stale page, an asking already answered, or a case that has moved on.
    """
    case = load_case(session, actor, case_id, Permission.CASE_REFUSE, expected_version)
    asking = session.get(Supplement, supplement_id)
    if asking is None or asking.case_id != case.id:
        raise NotFound("Không tìm thấy yêu cầu bổ sung này ở hồ sơ của ông/bà.")
    if asking.state != "proposed":
        raise Conflict(DECIDED)
    words = clean_line(reason, "reason", "Lý do", NOTE_LIMIT)
    if not agreed and not words:
        sentence = "Ông/bà ghi lý do không đồng ý để công chức biết cách giải quyết tiếp."
        raise InvalidInput(sentence, {"reason": sentence})
    asking.decided_by, asking.decided_at, asking.decided_reason = actor.user_id, clock.now(), words or None
    if agreed:
        if asking.stage != _stage(case):
            raise Conflict(MOVED_ON)
        _send(session, actor, case, asking)
        return
    asking.state = "declined"
    case.version += 1
    note_audit(session, actor, case, "case.supplement_declined", papers=list(asking.papers))


def note_slip_out(session: Session, actor: Actor, case_id: UUID) -> None:
    """The slip of the newest asking was printed: from now on a change is a new asking."""
    case = load_case(session, actor, case_id, Permission.CASE_VIEW)
    newest = newest_sent(session, case_id)
    if newest is not None and newest.slip_out_at is None:
        newest.slip_out_at = clock.now()
        note_audit(session, actor, case, "case.supplement_slip_out")


def take_papers(
    session: Session, actor: Actor, case_id: UUID, *, expected_version: int, papers: tuple[str, ...]
) -> None:
    """Take the papers asked for; the clock goes on and the promised date moves by the pause.

    Raises:
        InvalidInput: a paper that was asked for is still missing.
    """
    case = load_case(session, actor, case_id, Permission.CASE_WORK, expected_version)
    now = clock.now()
    titles = {paper.code: paper.title for paper in rules_of(session, case).papers_when(codes_of(case))}
    waiting = [
        row
        for row in _rows(session, case).values()
        if row.asked_at and not row.seen_at and row.code in titles  # else it fell away with the circumstances
    ]
    missing = {
        f"paper.{row.code}": f"Còn thiếu: {titles[row.code].rstrip('.')}."
        for row in waiting
        if row.code not in papers
    }
    if missing:
        raise InvalidInput("Còn thiếu giấy tờ đã yêu cầu. Ông/bà đánh dấu khi đã nhận đủ.", missing)
    for row in waiting:
        row.seen_at = now
    step(session, actor, case, Action.TAKE_PAPERS)
    go_on(session, case, now)
    note_audit(session, actor, case, "case.papers_taken", papers=list(papers))


def _stage(case: Case) -> Stage:
    return Stage.INTAKE if is_before_dossier(case) else Stage.APPRAISAL


def _rows(session: Session, case: Case) -> dict[str, CasePaper]:
    return {row.code: row for row in session.scalars(select(CasePaper).where(CasePaper.case_id == case.id))}


def _round(session: Session, case: Case, stage: str) -> int:
    """Return which round of its stage this is; what is asked beside a round belongs to the one before it."""
    session.flush()
    sent = select(func.count()).where(
        Supplement.case_id == case.id,
        Supplement.stage == stage,
        Supplement.state == "sent",
        Supplement.kind.in_(ROUNDS),
    )
    return max(1, session.scalar(sent) or 0)


def _asked_at(session: Session, case: Case, stage: Stage) -> bool:
    """Say whether this stage has had its round."""
    return (
        session.scalars(
            select(Supplement.id)
            .where(
                Supplement.case_id == case.id,
                Supplement.stage == stage.value,
                Supplement.kind == AskKind.FIRST.value,
                Supplement.state == "sent",
            )
            .limit(1)
        ).first()
        is not None
    )


def _asking(
    session: Session, actor: Actor, case: Case, chosen: tuple[str, ...], other_agency: bool
) -> Supplement:
    """Return the row of this asking; what still waits for the head is replaced by it."""
    rows, stage = _rows(session, case), _stage(case)
    kind = kind_of(
        frozenset(chosen),
        asked=frozenset(code for code, row in rows.items() if row.asked_at),
        missing=frozenset(code for code, row in rows.items() if row.asked_at and not row.seen_at),
        asked_at_stage=_asked_at(session, case, stage),
        other_agency=other_agency and len(version_of(case).parts) > 1,
    )
    asking = session.scalars(
        select(Supplement).where(Supplement.case_id == case.id, Supplement.state == "proposed")
    ).first()
    if asking is None:
        asking = Supplement(id=new_id(), case_id=case.id, unit_id=case.current_unit_id, state="proposed")
        session.add(asking)
    asking.stage, asking.kind, asking.basis = stage.value, kind.value, BASIS[stage]
    asking.asked_by, asking.asked_at = actor.user_id, clock.now()
    return asking


def _send(session: Session, actor: Actor, case: Case, asking: Supplement) -> None:
    """Mark the papers, pause the clock of a dossier, and tell it."""
    now = clock.now()
    asking.state, asking.sent_at, asking.unit_id = "sent", now, case.current_unit_id
    rows, round_now = _rows(session, case), _round(session, case, asking.stage)
    for code in asking.papers:
        row = rows.get(code)
        if row is None:
            row = CasePaper(id=new_id(), case_id=case.id, code=code)
            session.add(row)
        row.seen_at, row.asked_at = None, now
        row.asked_round, row.asked_reason = round_now, asking.reason
    paused = case.state == State.PAPERS_REQUESTED
    step(session, actor, case, Action.REQUEST_PAPERS, asking.reason)
    if case.state == State.PAPERS_REQUESTED and not paused:
        deadlines.pause(session, case.id, now, deadlines.PAPERS)
        show_promised_days(session, case)
    tell(session, case, "case.papers_requested", now.date())
    note_audit(
        session,
        actor,
        case,
        "case.papers_requested",
        papers=list(asking.papers),
        stage=asking.stage,
        kind=asking.kind,
    )


def _take_back(session: Session, case: Case, codes: Iterable[str]) -> None:
    """Let papers that the same day's edit left out stand as they stood before they were asked for."""
    rows = _rows(session, case)
    for code in codes:
        row = rows[code]
        row.asked_at, row.asked_round, row.asked_reason = None, None, None
        row.seen_at = case.received_at
