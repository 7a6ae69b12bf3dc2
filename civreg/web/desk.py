"""Bàn làm việc: calls to make, today's visits, near and missed dates, and what waits for others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.cases import queries as cases
from civreg.cases.queries import ApologyRow, SupplementCount
from civreg.deadlines import queries as deadlines
from civreg.deadlines import service as deadlines_service
from civreg.deadlines.queries import NoticeRow
from civreg.extensions import db
from civreg.feedback import queries as feedback
from civreg.letters import queries as letters
from civreg.letters.rules import LetterState
from civreg.procedures import queries as procedures
from civreg.shared import clock
from civreg.shared.database import transaction
from civreg.units import queries as units
from civreg.visits import queries as visits
from civreg.visits.queries import VisitApologyRow
from civreg.web.access import current_actor, page
from civreg.web.days import day_off_words

blueprint = Blueprint("desk", __name__)


@blueprint.get("/ban-lam-viec")
@page(permission=(Permission.CASE_VIEW,))
def show() -> ResponseReturnValue:
    """Show what is wrong or due first, then the rest."""
    actor, session = current_actor(), db.session()
    today = clock.today()
    mine = actor.units(Permission.CASE_VIEW)
    day = visits.opening_day(session, today)
    notices = _pressing(deadlines.notices_for(session, actor))
    said = {notice.deadline_id for notice in notices}
    due = deadlines.near_and_missed(session, mine, clock.now())
    near = [row for row in due if row.deadline_id not in said]
    sorry = _apologies(session, actor)
    named = cases.rows_of(session, actor, [*(n.case_id for n in notices), *(row.case_id for row in near)])
    return render_template(
        "desk/show.html",
        desk=cases.desk(session, actor),
        tidings=cases.tidings_waiting(session, actor),
        today=today,
        day_off=day_off_words(session, today),
        visit_day=day,
        plan=visits.day_plan(session, actor, day),
        to_record=visits.visits_to_record(session, actor, clock.now()),
        notices=[(notice, named[notice.case_id]) for notice in notices if notice.case_id in named],
        near=[(row, named[row.case_id]) for row in near if row.case_id in named],
        to_approve=_to_approve(session, actor),
        owed=[one for one in sorry if one.state == "draft" and one.missed_on < today],
        apologies=[one for one in sorry if one.state != "draft" or one.missed_on >= today],
        missed_visits=_missed_visits(session, actor),
        complaints=feedback.complaints_waiting(session, actor),
        reads_complaints=actor.may(Permission.COMPLAINT_ANSWER),
        outside=cases.outside_waiting(session, actor),
        to_decide=cases.supplements_waiting(session, actor),
        rounds=_rounds(session, actor, today),
        books_late=visits.books_late(session, actor, today),
        **_papers_to_see_to(session, actor, today),
        may_confirm=actor.may(Permission.UNITS_MANAGE),
        overtaken=_overtaken(session, actor, today),
        open_years=deadlines.years_without_confirmation(session, today),
    )


@blueprint.post("/ban-lam-viec/nhac/<uuid:notice_id>")
@page(permission=Permission.CASE_VIEW)
def notice_seen(notice_id: UUID) -> ResponseReturnValue:
    """Note that the reminder was read."""
    with transaction(db.session()) as session:
        deadlines_service.mark_notice_seen(session, current_actor(), notice_id)
    flash("Đã ghi là đã xem.", "success")
    return redirect(url_for("desk.show"))


_SEVERITY = ("reminder", "due_today", "overdue", "escalation")


def _pressing(notices: Sequence[NoticeRow]) -> list[NoticeRow]:
    """Return one notice per open deadline, the gravest; a kept promise needs no reminder."""
    gravest: dict[UUID, NoticeRow] = {}
    for notice in sorted(notices, key=lambda one: _SEVERITY.index(one.kind)):
        if notice.still_open:
            gravest[notice.deadline_id] = notice
    return sorted(gravest.values(), key=lambda one: one.due_on)


def _apologies(session: Session, actor: Actor) -> list[ApologyRow]:
    """Return the apologies that wait for this person: to sign for the head, to tell the family for the officer."""
    mine = {"signed", "draft"} if actor.may(Permission.CASE_SIGN) else {"signed"}
    return [row for row in cases.apologies_waiting(session, actor) if row.state in mine]


def _missed_visits(session: Session, actor: Actor) -> list[VisitApologyRow]:
    """Return the missed visits that wait for this person: to sign for the head, to tell the family for the officer."""
    mine = {"signed", "draft"} if actor.may(Permission.CASE_SIGN) else {"signed"}
    return [row for row in visits.visit_apologies_waiting(session, actor) if row.state in mine]


def _overtaken(session: Session, actor: Actor, today: date) -> int:
    """Return how many corrections a newer catalogue contradicts; nothing for whoever may not decide about them."""
    covered = actor.units(Permission.UNITS_MANAGE)
    return len(procedures.overtaken(session, today, covered)) if covered else 0


def _papers_to_see_to(session: Session, actor: Actor, today: date) -> dict[str, Any]:
    """Return the drafts of texts to read, and the units whose signer is to be named; nothing for whoever is no head."""
    if not actor.may(Permission.LETTER_APPROVE):
        return {"texts_to_read": (), "signers_to_name": ()}
    return {
        "texts_to_read": letters.wordings_waiting(session, actor),
        "signers_to_name": letters.units_without_signer(session, actor, today),
    }


def _rounds(session: Session, actor: Actor, today: date) -> list[tuple[SupplementCount, str]]:
    """Return how often papers were asked for in this month and the two before, with the unit where there are several."""
    since = (today.replace(day=1) - timedelta(days=32)).replace(day=1)
    counts = cases.supplement_counts(session, actor, since)
    ids = {count.unit_id for count in counts}
    names = units.units_by_ids(session, ids) if len(ids) > 1 else {}
    return [(count, names[count.unit_id].name if names else "") for count in counts]


def _to_approve(session: Session, actor: Actor) -> int:
    """Return how many letters wait for the head's word; nothing for whoever may not give it."""
    if not actor.may(Permission.LETTER_APPROVE):
        return 0
    return letters.count_by_state(session, actor).get(LetterState.DRAFT, 0)
