"""Sửa hồ sơ: complete it while talking; what somebody else changed meanwhile is kept and said."""

from __future__ import annotations

from uuid import UUID

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue

from civreg.accounts.rules import Permission
from civreg.cases import service as cases
from civreg.cases.queries import CasePage
from civreg.cases.rules import PEOPLE_ASKED
from civreg.extensions import db
from civreg.shared.database import transaction
from civreg.shared.errors import Conflict, InvalidInput
from civreg.web.access import current_actor, page
from civreg.web.cases.blueprint import back_to, blueprint, load, typed_version

_BEFORE = "before."
_TICKS = ("interpreter_wanted", "father_unknown")
_PERSON_FIELDS = ("full_name", "birth_day", "birth_month", "birth_year", "sex", "ethnic_group", "residence")


def form_fields(case: CasePage) -> dict[str, str]:
    """Return every field of the form: what is stored, and empty ones for people not named yet."""
    asked = PEOPLE_ASKED[case.rules.occasion]
    empty = {f"{role}.{name}": "" for role in asked for name in _PERSON_FIELDS}
    if case.rules.occasion == "marriage":
        empty |= {f"{role}.marriage_ordinal": "" for role in asked}
    return {**empty, **case.fields}


@blueprint.get("/ho-so/<uuid:case_id>/sua")
@page(permission=Permission.CASE_WORK)
def edit(case_id: UUID) -> ResponseReturnValue:
    """Show the form with what is stored."""
    case = load(case_id)
    fields = form_fields(case)
    return _form(case, fields, fields, {})


@blueprint.post("/ho-so/<uuid:case_id>/sua")
@page(permission=Permission.CASE_WORK)
def change(case_id: UUID) -> ResponseReturnValue:
    """Write what was changed; on a clash show both values and keep what was typed."""
    typed = request.form
    before = {name.removeprefix(_BEFORE): typed[name] for name in typed if name.startswith(_BEFORE)}
    sent = {name: typed[name] for name in typed if name in before}
    sent |= {name: "1" if typed.get(name) else "" for name in _TICKS}
    try:
        with transaction(db.session()) as session:
            changed = cases.change_case(
                session,
                current_actor(),
                case_id,
                expected_version=typed_version(),
                before=before,
                sent=sent,
            )
    except InvalidInput as refusal:
        return _form(load(case_id), before, sent, refusal.fields or {"": refusal.sentence}), 422
    except Conflict as clash:
        case = load(case_id)
        return _form(case, form_fields(case), {**form_fields(case), **sent}, {}, clash), 409
    if changed.others_changed:
        flash(
            f"Đã lưu. Trong lúc đó người khác đã sửa: {', '.join(changed.others_changed)}; các ô ấy được giữ nguyên.",
            "warning",
        )
    else:
        flash("Đã lưu.", "success")
    return back_to(case_id)


def _form(
    case: CasePage,
    before: dict[str, str],
    values: dict[str, str],
    errors: dict[str, str],
    clash: Conflict | None = None,
) -> str:
    return render_template(
        "cases/edit.html",
        case=case,
        roles=(*PEOPLE_ASKED[case.rules.occasion], "requester"),
        before=before,
        values=values,
        errors=errors,
        clash=clash,
    )
