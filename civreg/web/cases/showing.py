"""Trang hồ sơ: who and what, the promise with its reason, the next step, then everything else; and the slip."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from civreg.accounts.queries import names_of
from civreg.accounts.rules import ROLE_WORDS, Actor, Permission, Role
from civreg.cases import export, queries
from civreg.cases import service as cases
from civreg.cases.queries import ApologyRow, CasePage, MoveRow, PersonRow
from civreg.cases.queries.images import images_of
from civreg.cases.queries.outside import OutsideWaitRow
from civreg.cases.rules import (
    ACTION_WORDS,
    DOOR_OPEN,
    ENDED,
    FINAL,
    PEOPLE_ASKED,
    REGISTERING,
    SLIP_WORDS,
    STOPPED,
    Action,
    Circumstances,
    Slip,
    State,
)
from civreg.deadlines import queries as deadlines
from civreg.deadlines.queries import DeadlineRow
from civreg.extensions import db
from civreg.letters import queries as letters
from civreg.shared import clock
from civreg.shared.database import transaction
from civreg.shared.errors import Conflict
from civreg.shared.text import fold
from civreg.units import queries as units
from civreg.visits import queries as visits
from civreg.web.access import current_actor, page
from civreg.web.cases.blueprint import back_to, blueprint
from civreg.web.cases.listing import list_address
from civreg.web.cases.printing import PAPER_ADDRESSES
from civreg.web.labels import STEP_WORDS
from civreg.web.opened import open_case, typed_version

NEXT_PAGES = {
    Action.BOOK_VISIT: "visits.book",
    Action.RECEIVE_DOSSIER: "cases.receive",
    Action.TAKE_PAPERS: "cases.take_papers",
    Action.AWAIT_PERSONAL_NUMBER: "cases.await_number",
    Action.ENTER_NUMBERS: "cases.enter_numbers",
    Action.SIGN: "cases.sign",
    Action.DELIVER: "cases.deliver",
    Action.REQUEST_PAPERS: "cases.request_papers",
    Action.DECLINE_HOME_SERVICE: "cases.close",
    Action.TRANSFER: "cases.close",
    Action.REFUSE: "cases.close",
    Action.WITHDRAW: "cases.close",
}
"""The page of each step; a lost visit is a step of the visit's own page."""

_PRIMARY = (
    Action.TAKE_PAPERS,
    Action.DELIVER,
    Action.SIGN,
    Action.ENTER_NUMBERS,
    Action.BOOK_VISIT,
    Action.RECEIVE_DOSSIER,
)
_CONSENT_OPEN = ("", "later")
_ENDING = (Action.DECLINE_HOME_SERVICE, Action.TRANSFER, Action.REFUSE, Action.WITHDRAW)


def _address(action: Action, case_id: UUID) -> str:
    if action in _ENDING:
        return url_for("cases.close", case_id=case_id, action=action.value)
    return url_for(NEXT_PAGES[action], case_id=case_id)


def _prints(case: CasePage) -> list[tuple[str, str]]:
    """Return what can be printed now: the words of each link and its address."""
    return [
        (
            SLIP_WORDS[slip],
            url_for("cases.slip", case_id=case.id)
            if slip is Slip.APPOINTMENT
            else url_for("cases.print_paper", case_id=case.id, paper=PAPER_ADDRESSES[slip]),
        )
        for slip in case.slips
    ]


@blueprint.get("/ho-so/<uuid:case_id>")
@page(permission=Permission.CASE_VIEW)
def show(case_id: UUID) -> ResponseReturnValue:
    """Show one case, whole."""
    actor, case = current_actor(), open_case(case_id)
    session = db.session()
    works = actor.may(Permission.CASE_WORK, case.unit_id)
    offered = _offered(actor, case) if works else []
    primary = next((action for action in _PRIMARY if action in offered), None)
    actor_ids = [move.actor_id for move in case.history if move.actor_id]
    actor_ids += [one.decided_by for one in case.supplements if one.decided_by]
    promises = deadlines.deadlines_of(session, case_id)
    apologies = queries.apologies_of(session, actor, case_id)
    outside = queries.outside_waits_of(session, actor, case_id)
    awaited = next((wait for wait in outside if not wait.answered_at and not wait.given_up), None)
    stopped = State(case.state) in STOPPED
    return render_template(
        "cases/show.html",
        case=case,
        people=_in_order(case),
        unit=units.unit_by_id(session, case.unit_id),
        promises=promises,
        promised=not stopped,
        may_foresee=works and _may_foresee(case, promises, apologies),
        prints=_prints(case),
        apologies=[one for one in apologies if not (stopped and one.state == "draft")],
        may_decide=actor.may(Permission.CASE_REFUSE, case.unit_id),
        refused_by_head=works and Action.REFUSE in case.actions and Action.REFUSE not in offered,
        door_open=works and State(case.state) in DOOR_OPEN,
        may_sign=actor.may(Permission.CASE_SIGN, case.unit_id),
        images=images_of(session, actor, case_id) if works else None,
        visits=visits.visits_of_case(session, actor, case_id),
        letters=letters.letters_of_case(session, actor, case_id),
        shared_letters=letters.letters_shared_with(session, actor, case_id),
        links=queries.links_of(session, actor, case_id),
        noted=_noted(case) if works else None,
        outside=outside,
        names=names_of(session, [*actor_ids, *([case.officer_id] if case.officer_id else [])]),
        primary=_primary(case_id, primary, awaited if works else None),
        others=[
            (a, _address(a, case_id)) for a in offered if (awaited or a is not primary) and a not in _ENDING
        ],
        endings=[(a, _address(a, case_id)) for a in offered if a in _ENDING],
        may_declare=works and case.rules.conflict is not None and State(case.state) not in ENDED,
        **_conflicts(actor, case),
        may_edit=bool(case.actions) and (works or _is_request(case)),
        works=works,
        stopped=stopped,
        copies=works
        and not stopped
        and case.received_at is not None
        and queries.has_copy_card(case.rules.occasion),
        ask_consent=(works or _is_request(case))
        and State(case.state) not in ENDED
        and case.fields["letter_consent"] in _CONSENT_OPEN,
        is_final=State(case.state) in FINAL and case.registered_at is not None,
        may_register_late=case.received_at is None and _is_past(case.citizen_due_on),
        today=clock.today(),
        now=clock.now(),
    )


def _offered(actor: Actor, case: CasePage) -> list[Action]:
    """Return the steps that have a page and that this person may do."""
    left_out = set()
    if not case.rules.needs_personal_number:
        left_out.add(Action.AWAIT_PERSONAL_NUMBER)
    if not actor.may(Permission.CASE_REFUSE, case.unit_id):
        left_out.add(Action.REFUSE)
    if _said_own(actor, case):
        left_out |= REGISTERING
    return [action for action in case.actions if action in NEXT_PAGES and action not in left_out]


def _conflicts(actor: Actor, case: CasePage) -> dict[str, object]:
    """Return what the page says about officers who are relatives of the family."""
    return {
        "own_family": _said_own(actor, case),
        "relatives": _relatives(actor, case),
        "officer_role": ROLE_WORDS[Role.OFFICER],
        "namesakes": _namesakes(actor, case),
    }


def _said_own(actor: Actor, case: CasePage) -> bool:
    """Tell whether the actor has said that the family is their own."""
    return any(said.actor_id == actor.user_id for said in case.declarations)


def _relatives(actor: Actor, case: CasePage) -> list[MoveRow]:
    """Return the declarations of others that the actor, a head, may take back while the case is open."""
    if State(case.state) in ENDED or not actor.may(Permission.CASE_SIGN, case.unit_id):
        return []
    return [said for said in case.declarations if said.actor_id != actor.user_id]


def _namesakes(actor: Actor, case: CasePage) -> list[str]:
    """Return who in the case is called like the actor: perhaps the same person, which only they know."""
    own = fold(actor.full_name)
    return sorted({person.full_name for person in case.people if own and fold(person.full_name) == own})


def _primary(case_id: UUID, action: Action | None, awaited: OutsideWaitRow | None) -> tuple[str, str] | None:
    """Return words and address of the act the case waits for: an answer of another body goes before the next step."""
    if awaited is not None:
        return "Ghi trả lời", url_for("cases.note_answer", case_id=case_id, wait_id=awaited.id)
    if action is None:
        return None
    return STEP_WORDS.get(action, ACTION_WORDS[action]), _address(action, case_id)


def _may_foresee(case: CasePage, promises: Sequence[DeadlineRow], apologies: Sequence[ApologyRow]) -> bool:
    """Tell whether a promised day still runs that nobody has begun to apologise for."""
    sorry = {one.deadline_id for one in apologies}
    running = [row for row in promises if row.kind != "call" and row.state == "open" and row.due_on]
    return bool(running) and State(case.state) not in ENDED and not sorry & {row.id for row in running}


def _noted(case: CasePage) -> Circumstances | None:
    """Return the circumstances of a case whose procedure has any; an opened cause of death is written down."""
    if not case.rules.circumstances:
        return None
    with transaction(db.session()) as session:
        return queries.circumstances_of(session, current_actor(), case.id)


def _in_order(case: CasePage) -> list[PersonRow]:
    """Return the people a registration is about as its form asks for them: the child, then mother and father."""
    asked = PEOPLE_ASKED[case.rules.occasion]
    return sorted(
        (person for person in case.people if person.role in asked), key=lambda one: asked.index(one.role)
    )


def _is_request(case: CasePage) -> bool:
    """Tell whether the papers are not received yet: an intake clerk completes it until then."""
    return State(case.state) in (State.REQUESTED, State.VISIT_SCHEDULED)


def _is_past(day: date | None) -> bool:
    return day is not None and day < clock.today()


@blueprint.post("/ho-so/<uuid:case_id>/da-goi")
@page(permission=Permission.CASE_ASK)
def called(case_id: UUID) -> ResponseReturnValue:
    """Note that the family was called."""
    try:
        with transaction(db.session()) as session:
            cases.note_call(session, current_actor(), case_id, expected_version=typed_version())
    except Conflict as clash:
        flash(
            clash.sentence, "warning"
        )  # nothing was typed: the page shows what is new, and the button again
    else:
        flash("Đã ghi cuộc gọi. Bước tiếp theo: hẹn ngày đến nhà.", "success")
    return back_to(case_id)


@blueprint.post("/ho-so/<uuid:case_id>/ma-tra-cuu")
@page(permission=Permission.CASE_ASK)
def tracking(case_id: UUID) -> ResponseReturnValue:
    """Show code and PIN to read out to a family that lost them; a POST, because each reading is written down."""
    with transaction(db.session()) as session:
        receipt = export.tracking_to_read_out(session, current_actor(), case_id)
    return render_template("cases/tracking.html", receipt=receipt)


@blueprint.get("/ho-so/<uuid:case_id>/phieu-hen.pdf")
@page(permission=Permission.CASE_VIEW)
def slip(case_id: UUID) -> ResponseReturnValue:
    """Give the appointment slip to print on the spot."""
    public_url = current_app.extensions["civreg_settings"].base_url or request.url_root
    with transaction(db.session()) as session:
        content = export.appointment_slip(session, current_actor(), case_id, public_url)
    response = Response(content, mimetype="application/pdf")
    response.headers["Content-Disposition"] = 'inline; filename="phieu-hen.pdf"'
    return response


@blueprint.get("/ho-so/ma/<code>")
@page(permission=Permission.CASE_VIEW)
def by_code(code: str) -> ResponseReturnValue:
    """Lead from a case number, as read on paper, to its page; to the search when there is none."""
    found = queries.find_cases(db.session(), current_actor(), text=code, limit=2).rows
    if len(found) == 1:
        return back_to(found[0].id)
    return redirect(list_address(q=code))
