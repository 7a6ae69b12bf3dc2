"""Ba cách nói không, và rút yêu cầu: each asks for its reason and says the consequence first."""

from __future__ import annotations

from uuid import UUID

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from civreg.accounts.rules import Permission
from civreg.cases import service as cases
from civreg.cases.rules import Action
from civreg.extensions import db
from civreg.shared import clock
from civreg.units import queries as units
from civreg.web.access import current_actor, page
from civreg.web.cases.blueprint import blueprint, load, submit, typed_version
from civreg.web.forms.answers import Answers

_SERVICES = {
    Action.DECLINE_HOME_SERVICE: cases.decline_home_service,
    Action.REFUSE: cases.refuse,
    Action.WITHDRAW: cases.withdraw,
}


@blueprint.route("/ho-so/<uuid:case_id>/dong/<action>", methods=["GET", "POST"])
@page(permission=Permission.CASE_WORK)
def close(case_id: UUID, action: str) -> ResponseReturnValue:
    """Close a case in one of four ways."""
    way = next((one for one in (Action.TRANSFER, *_SERVICES) if one.value == action), None)
    if way is None:
        abort(404)
    if request.method == "GET":
        case = load(case_id)
        if way is Action.REFUSE:
            current_actor().require(Permission.CASE_REFUSE, case.unit_id)
        return render_template(f"cases/close_{action}.html", case=case, values={}, errors={})
    answers = Answers(request.form)
    reason = answers.lines("reason", missing="Ông/bà ghi lý do để gia đình hiểu.", longest=1000)
    unit_id = _chosen_unit(answers) if way is Action.TRANSFER else 0

    def act(session: Session) -> None:
        actor, version = current_actor(), typed_version()
        if way is Action.TRANSFER:
            cases.transfer(session, actor, case_id, expected_version=version, unit_id=unit_id, reason=reason)
        else:
            _SERVICES[way](session, actor, case_id, expected_version=version, reason=reason)

    return submit(f"cases/close_{action}.html", case_id, answers, act)


def _chosen_unit(answers: Answers) -> int:
    typed = answers.text("unit", missing="Ông/bà ghi tên xã, phường có thẩm quyền.")
    if not typed:
        return 0
    unit = units.resolve_commune(db.session(), typed, clock.today())
    return unit.id
