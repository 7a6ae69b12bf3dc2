"""Nhận hồ sơ, yêu cầu bổ sung, nhận giấy tờ bổ sung."""

from __future__ import annotations

from uuid import UUID

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue

from civreg.accounts.rules import Permission
from civreg.cases import service as cases
from civreg.shared import clock
from civreg.web.access import current_actor, page
from civreg.web.cases.blueprint import blueprint, load, submit, typed_version
from civreg.web.forms.answers import Answers
from civreg.web.forms.moments import moment_values, read_moment

_PAPER = "paper."


def _ticked_papers() -> tuple[str, ...]:
    return tuple(name.removeprefix(_PAPER) for name in request.form if name.startswith(_PAPER))


@blueprint.get("/ho-so/<uuid:case_id>/nhan-ho-so")
@page(permission=Permission.CASE_WORK)
def receive(case_id: UUID) -> ResponseReturnValue:
    """Show the checklist of papers, the place and the moment."""
    values = {"place": "home", **moment_values("received_at", clock.now())}
    return render_template("cases/receive.html", case=load(case_id), values=values, errors={})


@blueprint.post("/ho-so/<uuid:case_id>/nhan-ho-so")
@page(permission=Permission.CASE_WORK)
def take_dossier(case_id: UUID) -> ResponseReturnValue:
    """Take the papers: the promised date and the slip follow at once."""
    answers = Answers(request.form)
    place = answers.choice(
        "place", ("home", "mobile_site", "office", "online", "post"), missing="Ông/bà chọn nơi nhận."
    )
    received_at = read_moment(answers, "received_at", not_after=clock.today())

    def act(session: object) -> None:
        if received_at is None:
            return
        cases.receive_dossier(
            session,  # type: ignore[arg-type]
            current_actor(),
            case_id,
            expected_version=typed_version(),
            received_at=received_at,
            place=place,
            papers=_ticked_papers(),
            flags=("verification",) if answers.ticked("verification") else (),
        )
        flash("Đã nhận hồ sơ. In giấy hẹn đưa cho gia đình.", "success")

    return submit("cases/receive.html", case_id, answers, act)


@blueprint.route("/ho-so/<uuid:case_id>/bo-sung", methods=["GET", "POST"])
@page(permission=Permission.CASE_WORK)
def request_papers(case_id: UUID) -> ResponseReturnValue:
    """Ask for papers, saying which and why."""
    if request.method == "GET":
        return render_template("cases/request_papers.html", case=load(case_id), values={}, errors={})
    answers = Answers(request.form)
    reason = answers.lines("reason", missing="Ông/bà ghi rõ cần bổ sung gì, vì sao.", longest=1000)
    return submit(
        "cases/request_papers.html",
        case_id,
        answers,
        lambda session: cases.request_papers(
            session,
            current_actor(),
            case_id,
            expected_version=typed_version(),
            papers=_ticked_papers(),
            reason=reason,
        ),
    )


@blueprint.route("/ho-so/<uuid:case_id>/nhan-bo-sung", methods=["GET", "POST"])
@page(permission=Permission.CASE_WORK)
def take_papers(case_id: UUID) -> ResponseReturnValue:
    """Take the papers that were asked for; the clock goes on."""
    if request.method == "GET":
        return render_template("cases/take_papers.html", case=load(case_id), values={}, errors={})
    answers = Answers(request.form)
    return submit(
        "cases/take_papers.html",
        case_id,
        answers,
        lambda session: cases.take_papers(
            session,
            current_actor(),
            case_id,
            expected_version=typed_version(),
            papers=_ticked_papers(),
        ),
    )
