"""Yêu cầu bổ sung, lời của lãnh đạo về giấy tờ mới, nhận giấy tờ bổ sung."""

from __future__ import annotations

from uuid import UUID

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from civreg.accounts.rules import Permission
from civreg.cases import service as cases
from civreg.cases.queries import CasePage, SupplementRow
from civreg.cases.rules import Action
from civreg.shared.errors import NotFound
from civreg.web.access import current_actor, page
from civreg.web.cases.blueprint import back_to, blueprint, step_page, submit
from civreg.web.cases.door import ticked_papers
from civreg.web.forms.answers import Answers
from civreg.web.opened import open_case, typed_version

_ASK = "cases/request_papers.html"
_DECIDE = "cases/decide_supplement.html"
SENT = "Đã ghi yêu cầu bổ sung; thời hạn tạm dừng đến khi nhận đủ. In phiếu yêu cầu bổ sung đưa cho gia đình."
SENT_AT_INTAKE = "Đã ghi yêu cầu bổ sung; thời hạn theo luật chỉ tính khi nhận đủ giấy tờ."
WAITS = "Có giấy tờ mới nên yêu cầu đang chờ lãnh đạo đồng ý; gia đình chưa được báo."


@blueprint.route("/ho-so/<uuid:case_id>/bo-sung", methods=["GET", "POST"])
@page(permission=Permission.CASE_WORK)
def request_papers(case_id: UUID) -> ResponseReturnValue:
    """Ask for papers, saying which and why."""
    if request.method == "GET":
        return step_page(_ASK, case_id, Action.REQUEST_PAPERS, _asked_now)
    answers = Answers(request.form)
    reason = answers.lines("reason", missing="Ông/bà ghi rõ cần bổ sung gì, vì sao.", longest=1000)
    sent: list[bool] = []

    def act(session: Session) -> None:
        sent.append(
            cases.request_papers(
                session,
                current_actor(),
                case_id,
                expected_version=typed_version(),
                papers=ticked_papers(),
                reason=reason,
                other_agency=answers.ticked("other_agency"),
            )
        )

    answer = submit(_ASK, case_id, Action.REQUEST_PAPERS, answers, act)
    if sent:
        taken = open_case(case_id).received_at is not None
        flash((SENT if taken else SENT_AT_INTAKE) if sent[0] else WAITS, "success" if sent[0] else "warning")
    return answer


def _asked_now(case: CasePage) -> dict[str, str]:
    """Return what the form starts with: what is still missing; today's own words while they may be edited."""
    values = {f"paper.{paper.code}": "1" for paper in case.papers if paper.asked_at and not paper.seen_at}
    if case.edits_supplement:
        values["reason"] = next(one.reason for one in case.supplements if one.state == "sent")
    return values


@blueprint.route("/ho-so/<uuid:case_id>/bo-sung/<uuid:supplement_id>", methods=["GET", "POST"])
@page(permission=Permission.CASE_REFUSE)
def decide_supplement(case_id: UUID, supplement_id: UUID) -> ResponseReturnValue:
    """Say yes to a new paper with one tap, or no with the reason."""
    case = open_case(case_id)
    asking = _asking(case, supplement_id)
    if request.method == "GET":
        if asking.state != "proposed":
            flash("Yêu cầu bổ sung này đã có người trả lời.", "warning")
            return back_to(case_id)
        return render_template(_DECIDE, case=case, asking=asking, values={}, errors={}, clash=None)
    agreed = request.form.get("answer") == "agree"

    def act(session: Session) -> None:
        cases.decide_supplement(
            session,
            current_actor(),
            case_id,
            supplement_id,
            expected_version=typed_version(),
            agreed=agreed,
            reason=request.form.get("reason", ""),
        )

    done = (
        "Đã đồng ý; gia đình tra cứu sẽ thấy giấy tờ cần bổ sung." if agreed else "Đã trả lời không đồng ý."
    )
    return submit(_DECIDE, case_id, None, Answers(request.form), act, done=done, asking=asking)


def _asking(case: CasePage, supplement_id: UUID) -> SupplementRow:
    found = next((one for one in case.supplements if one.id == supplement_id), None)
    if found is None:
        raise NotFound("Không tìm thấy yêu cầu bổ sung này ở hồ sơ của ông/bà.")
    return found


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
            papers=ticked_papers(),
        ),
        done="Đã nhận đủ giấy tờ; thời hạn tính tiếp.",
    )
