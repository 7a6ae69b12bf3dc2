"""Nhận hồ sơ: the papers, why it is mobile, who signed the declaration; and what of it is put right later."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from civreg.accounts.rules import Permission
from civreg.cases import service as cases
from civreg.cases.rules import DOOR_OPEN, Action, State
from civreg.shared import clock
from civreg.web.access import current_actor, page
from civreg.web.cases.blueprint import back_to, blueprint, step_page, submit
from civreg.web.cases.door import by_pen, door_values, ticked_papers, typed_door
from civreg.web.forms.answers import Answers
from civreg.web.forms.moments import moment_of, moment_values, read_moment
from civreg.web.opened import open_case, typed_version

_PLACES = ("home", "mobile_site", "office", "online", "post")


@blueprint.get("/ho-so/<uuid:case_id>/nhan-ho-so")
@page(permission=Permission.CASE_WORK)
def receive(case_id: UUID) -> ResponseReturnValue:
    """Show the checklist of papers, the place and the moment; after a visit (`luc`) the moment is the visit's end."""
    moment = moment_values("received_at", _moment_of_visit() or clock.now())
    return step_page(
        "cases/receive.html",
        case_id,
        Action.RECEIVE_DOSSIER,
        lambda case: {"place": "home", **moment, **by_pen(case)},
    )


def _moment_of_visit() -> datetime | None:
    moment = moment_of(request.args.get("luc", ""))
    return moment if moment and moment <= clock.now() else None


@blueprint.post("/ho-so/<uuid:case_id>/nhan-ho-so")
@page(permission=Permission.CASE_WORK)
def take_dossier(case_id: UUID) -> ResponseReturnValue:
    """Take the papers: the promised date and the slip follow at once."""
    answers = Answers(request.form)
    place = answers.choice("place", _PLACES, missing="Ông/bà chọn nơi nhận.")
    received_at = read_moment(answers, "received_at", not_after=clock.today())

    def act(session: Session) -> None:
        if received_at is not None:
            cases.receive_dossier(
                session,
                current_actor(),
                case_id,
                expected_version=typed_version(),
                received_at=received_at,
                place=place,
                papers=ticked_papers(),
                flags=("verification",) if answers.ticked("verification") else (),
                door=typed_door(),
            )

    return submit(
        "cases/receive.html",
        case_id,
        Action.RECEIVE_DOSSIER,
        answers,
        act,
        done="Đã nhận hồ sơ. In giấy hẹn đưa cho gia đình.",
    )


@blueprint.route("/ho-so/<uuid:case_id>/tai-nha", methods=["GET", "POST"])
@page(permission=Permission.CASE_WORK)
def change_door(case_id: UUID) -> ResponseReturnValue:
    """Put right why the registration is mobile and how the declaration was signed."""
    if request.method == "GET":
        case = open_case(case_id)
        if State(case.state) not in DOOR_OPEN:
            flash(cases.SETTLED, "warning")
            return back_to(case_id)
        return render_template(
            "cases/change_door.html", case=case, values=door_values(case), errors={}, clash=None
        )

    def act(session: Session) -> None:
        cases.change_door(
            session, current_actor(), case_id, expected_version=typed_version(), door=typed_door()
        )

    answers = Answers(request.form)
    return submit("cases/change_door.html", case_id, None, answers, act, done="Đã lưu lý do và chữ ký.")
