"""Nhận hồ sơ, yêu cầu bổ sung, nhận giấy tờ bổ sung."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from civreg.accounts.rules import Permission
from civreg.cases import service as cases
from civreg.cases.rules import Action
from civreg.shared import clock
from civreg.shared.errors import InvalidInput, NotAllowed
from civreg.web.access import current_actor, page
from civreg.web.cases.blueprint import blueprint, step_page, submit
from civreg.web.forms.answers import Answers
from civreg.web.forms.moments import moment_of, moment_values, read_moment
from civreg.web.opened import typed_version

_PAPER = "paper."
_PLACES = ("home", "mobile_site", "office", "online", "post")
NEW_PAPER = (
    "Giấy tờ này chưa được yêu cầu ở lần trước; yêu cầu thêm giấy tờ mới cần lãnh đạo đồng ý. "
    "Ông/bà nhờ lãnh đạo gửi yêu cầu này, hoặc chỉ chọn giấy tờ đã yêu cầu."
)


def _ticked_papers() -> tuple[str, ...]:
    return tuple(name.removeprefix(_PAPER) for name in request.form if name.startswith(_PAPER))


@blueprint.get("/ho-so/<uuid:case_id>/nhan-ho-so")
@page(permission=Permission.CASE_WORK)
def receive(case_id: UUID) -> ResponseReturnValue:
    """Show the checklist of papers, the place and the moment; after a visit (`luc`) the moment is the visit's end."""
    values = {"place": "home", **moment_values("received_at", _moment_of_visit() or clock.now())}
    return step_page("cases/receive.html", case_id, Action.RECEIVE_DOSSIER, lambda _: values)


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
                papers=_ticked_papers(),
                flags=("verification",) if answers.ticked("verification") else (),
            )

    return submit(
        "cases/receive.html",
        case_id,
        Action.RECEIVE_DOSSIER,
        answers,
        act,
        done="Đã nhận hồ sơ. In giấy hẹn đưa cho gia đình.",
    )


@blueprint.route("/ho-so/<uuid:case_id>/bo-sung", methods=["GET", "POST"])
@page(permission=Permission.CASE_WORK)
def request_papers(case_id: UUID) -> ResponseReturnValue:
    """Ask for papers, saying which and why."""
    if request.method == "GET":
        return step_page("cases/request_papers.html", case_id, Action.REQUEST_PAPERS)
    answers = Answers(request.form)
    reason = answers.lines("reason", missing="Ông/bà ghi rõ cần bổ sung gì, vì sao.", longest=1000)

    def act(session: Session) -> None:
        try:
            cases.request_papers(
                session,
                current_actor(),
                case_id,
                expected_version=typed_version(),
                papers=_ticked_papers(),
                reason=reason,
            )
        except NotAllowed as refusal:
            raise InvalidInput(NEW_PAPER, {"papers": NEW_PAPER}) from refusal

    return submit(
        "cases/request_papers.html",
        case_id,
        Action.REQUEST_PAPERS,
        answers,
        act,
        done="Đã ghi yêu cầu bổ sung; thời hạn tạm dừng đến khi nhận đủ. In phiếu yêu cầu bổ sung đưa cho gia đình.",
    )


@blueprint.route("/ho-so/<uuid:case_id>/nhan-bo-sung", methods=["GET", "POST"])
@page(permission=Permission.CASE_WORK)
def take_papers(case_id: UUID) -> ResponseReturnValue:
    """Take the papers that were asked for; the clock goes on."""
    if request.method == "GET":
        return step_page("cases/take_papers.html", case_id, Action.TAKE_PAPERS)
    return submit(
        "cases/take_papers.html",
        case_id,
        Action.TAKE_PAPERS,
        Answers(request.form),
        lambda session: cases.take_papers(
            session,
            current_actor(),
            case_id,
            expected_version=typed_version(),
            papers=_ticked_papers(),
        ),
        done="Đã nhận đủ giấy tờ; thời hạn tính tiếp.",
    )
