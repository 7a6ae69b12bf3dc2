"""Ba cách nói không, và rút yêu cầu: each asks for its reason and says the consequence first."""

from __future__ import annotations

from uuid import UUID

from flask import abort, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from civreg.accounts.rules import Permission
from civreg.cases import service as cases
from civreg.cases.rules import Action
from civreg.extensions import db
from civreg.shared import clock
from civreg.units import queries as units
from civreg.units.queries import UnitGone
from civreg.web.access import current_actor, page
from civreg.web.cases.blueprint import blueprint, step_page, submit
from civreg.web.forms.answers import Answers
from civreg.web.opened import open_case, typed_version

_SERVICES = {
    Action.DECLINE_HOME_SERVICE: cases.decline_home_service,
    Action.REFUSE: cases.refuse,
    Action.WITHDRAW: cases.withdraw,
}
_DONE = {
    Action.DECLINE_HOME_SERVICE: "Đã ghi: mời gia đình đến trụ sở.",
    Action.TRANSFER: "Đã chuyển. Ông/bà gọi cho xã kia để họ liên hệ gia đình.",
    Action.REFUSE: "Đã ghi từ chối đăng ký. In phiếu từ chối, ký và đưa cho gia đình.",
    Action.WITHDRAW: "Đã ghi: gia đình rút yêu cầu.",
}


@blueprint.route("/ho-so/<uuid:case_id>/dong/<action>", methods=["GET", "POST"])
@page(permission=Permission.CASE_WORK)
def close(case_id: UUID, action: str) -> ResponseReturnValue:
    """Close a case in one of four ways."""
    way = next((one for one in _DONE if one.value == action), None)
    if way is None:
        abort(404)
    template = f"cases/close_{way.value}.html"
    if way is Action.REFUSE:
        current_actor().require(Permission.CASE_REFUSE, open_case(case_id).unit_id)
    if request.method == "GET":
        return step_page(template, case_id, way)
    answers = Answers(request.form)
    unit_id, offered = _chosen_unit(answers) if way is Action.TRANSFER else (0, [])
    reason = answers.lines("reason", missing="Ông/bà ghi lý do để gia đình hiểu.", longest=1000)

    def act(session: Session) -> None:
        actor, version = current_actor(), typed_version()
        if way is Action.TRANSFER:
            cases.transfer(session, actor, case_id, expected_version=version, unit_id=unit_id, reason=reason)
        else:
            _SERVICES[way](session, actor, case_id, expected_version=version, reason=reason)

    return submit(template, case_id, way, answers, act, done=_DONE[way], offered=offered)


def _chosen_unit(answers: Answers) -> tuple[int, list[tuple[str, str]]]:
    """Return the commune that was meant, or 0 with the ones to choose from as (code, place)."""
    chosen = answers.text("unit_code")
    typed = chosen or answers.text("unit", missing="Ông/bà ghi tên xã, phường có thẩm quyền.")
    if not typed or answers.errors:
        return 0, []
    try:
        return units.resolve_commune(db.session(), typed, clock.today()).id, []
    except UnitGone as refusal:
        answers.refuse("unit_code" if refusal.candidates else "unit", refusal.sentence)
        return 0, [(unit.code, refusal.paths.get(unit.id, unit.name)) for unit in refusal.candidates]
