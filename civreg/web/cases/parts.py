"""Thủ tục thành phần của hồ sơ liên thông: what other agencies do, and the list of parts nobody moves."""

from __future__ import annotations

from uuid import UUID

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from civreg.accounts.rules import Permission
from civreg.cases import queries
from civreg.cases import service as cases
from civreg.cases.queries import CasePage, PartRow
from civreg.cases.rules import PART_ACTION_WORDS, PART_STATE_WORDS, PartAction, PartState
from civreg.extensions import db
from civreg.shared import clock
from civreg.shared.database import transaction
from civreg.shared.text import in_sentence
from civreg.web.access import current_actor, page
from civreg.web.cases.blueprint import back_to, blueprint, submit
from civreg.web.forms.answers import Answers
from civreg.web.forms.moments import moment_values, read_moment
from civreg.web.opened import open_case, typed_version

_ENDS = {
    PartAction.RETURN: cases.return_part,
    PartAction.REFUSE: cases.refuse_part,
    PartAction.GIVE_UP: cases.give_up_part,
}
_TEMPLATE = "cases/part_step.html"


def _part_of(case: CasePage, code: str) -> PartRow:
    found = next((part for part in case.parts if part.code == code), None)
    if found is None:
        abort(404)
    return found


@blueprint.get("/ho-so/<uuid:case_id>/thanh-phan/<part>/<action>")
@page(permission=Permission.CASE_WORK)
def part_step(case_id: UUID, part: str, action: str) -> ResponseReturnValue:
    """Show the form of a part's step; a step that does not fit leads back to the case, which says why."""
    case = open_case(case_id)
    row, way = _part_of(case, part), _way(action)
    if way not in row.actions:
        words = PART_STATE_WORDS[PartState(row.state)]
        flash(f"“{row.title}” đang ở bước “{words}” nên chưa ghi được “{PART_ACTION_WORDS[way]}”.", "warning")
        return back_to(case_id)
    values = moment_values("happened_at", clock.now())
    return render_template(_TEMPLATE, case=case, values=values, errors={}, clash=None, **_shown(row, way))


@blueprint.post("/ho-so/<uuid:case_id>/thanh-phan/<part>/<action>")
@page(permission=Permission.CASE_WORK)
def move_part(case_id: UUID, part: str, action: str) -> ResponseReturnValue:
    """Write down what happened to a part."""
    row, way = _part_of(open_case(case_id), part), _way(action)
    answers, typed = Answers(request.form), request.form
    dated = way in (PartAction.SUBMIT, PartAction.FINISH)
    happened_at = read_moment(answers, "happened_at", not_after=clock.today()) if dated else None

    def act(session: Session) -> None:
        actor, version = current_actor(), typed_version()
        if way is PartAction.SUBMIT and happened_at:
            cases.submit_part(
                session,
                actor,
                case_id,
                part,
                expected_version=version,
                account=typed.get("account", ""),
                portal_code=typed.get("portal_code", ""),
                submitted_at=happened_at,
            )
        elif way is PartAction.FINISH and happened_at:
            cases.finish_part(
                session,
                actor,
                case_id,
                part,
                expected_version=version,
                result_number=typed.get("result_number", ""),
                done_at=happened_at,
            )
        elif way in _ENDS:
            _ENDS[way](
                session, actor, case_id, part, expected_version=version, reason=typed.get("reason", "")
            )

    done = f"Đã ghi: {row.title} – {in_sentence(PART_ACTION_WORDS[way])}."
    return submit(_TEMPLATE, case_id, None, answers, act, done=done, **_shown(row, way))


@blueprint.get("/ho-so/bo-do")
@page(permission=Permission.CASE_WORK)
def stuck() -> ResponseReturnValue:
    """List the parts nobody moves, with whom to call."""
    with transaction(db.session()) as session:
        rows = queries.stuck_parts(session, current_actor(), _quiet_days())
    return render_template("cases/stuck.html", rows=rows, today=clock.today(), quiet_days=_quiet_days())


@blueprint.post("/ho-so/<uuid:case_id>/thanh-phan/<part>/da-goi")
@page(permission=Permission.CASE_WORK)
def part_checked(case_id: UUID, part: str) -> ResponseReturnValue:
    """Note that somebody called about a part; it rests for the days of the setting."""
    with transaction(db.session()) as session:
        cases.note_part_checked(session, current_actor(), case_id, part, expected_version=typed_version())
    flash(
        f"Đã ghi là đã gọi. Mục này trở lại danh sách sau {_quiet_days()} ngày nếu vẫn chưa xong.", "success"
    )
    return redirect(url_for("cases.stuck"))


def _way(action: str) -> PartAction:
    found = next((way for way in PartAction if way.value == action), None)
    if found is None:
        abort(404)
    return found


def _shown(part: PartRow, way: PartAction) -> dict[str, object]:
    return {"part": part, "way": way.value, "way_words": PART_ACTION_WORDS[way], "accounts": cases.ACCOUNTS}


def _quiet_days() -> int:
    """Return after how many days without a result a part is called about (setting `CIVREG_STUCK_PART_DAYS`)."""
    return int(current_app.config["STUCK_PART_DAYS"])
