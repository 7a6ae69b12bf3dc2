"""Sửa hồ sơ: complete it while talking; what somebody else changed meanwhile is kept and said."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue

from civreg.accounts.rules import Permission
from civreg.cases import service as cases
from civreg.cases.queries import CasePage
from civreg.cases.rules import ENDED, PEOPLE_ASKED, State
from civreg.extensions import db
from civreg.shared.database import transaction
from civreg.shared.errors import Conflict, InvalidInput
from civreg.web.access import current_actor, page
from civreg.web.cases.blueprint import back_to, blueprint
from civreg.web.opened import open_case, typed_version

_BEFORE = "before."
_TICKS = ("interpreter_wanted", "father_unknown")
_PERSON_FIELDS = ("full_name", "birth_day", "birth_month", "birth_year", "sex", "ethnic_group", "residence")
_SEX_OF_ROLE: Mapping[str, str] = {"mother": "female", "father": "male", "bride": "female", "groom": "male"}
ENDED_ALREADY = "Hồ sơ đã kết thúc nên không sửa được nữa."


def form_fields(case: CasePage) -> dict[str, str]:
    """Return every field of the form: what is stored, and empty ones for people not named yet."""
    asked = PEOPLE_ASKED[case.rules.occasion]
    empty = {f"{role}.{name}": "" for role in asked for name in _PERSON_FIELDS}
    if case.rules.occasion == "marriage":
        empty |= {f"{role}.marriage_ordinal": "" for role in asked}
    return {**empty, **case.fields}


@blueprint.get("/ho-so/<uuid:case_id>/sua")
@page(permission=Permission.CASE_ASK)
def edit(case_id: UUID) -> ResponseReturnValue:
    """Show the form with what is stored."""
    case = open_case(case_id)
    if State(case.state) in ENDED:
        flash(ENDED_ALREADY, "warning")
        return back_to(case_id)
    fields = form_fields(case)
    return _form(case, case.version, fields, fields, {})


@blueprint.post("/ho-so/<uuid:case_id>/sua")
@page(permission=Permission.CASE_ASK)
def change(case_id: UUID) -> ResponseReturnValue:
    """Write what was changed; on a clash show both values and keep what was typed."""
    before, sent = _typed_fields()
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
        errors = refusal.fields or {"": refusal.sentence}
        case = open_case(case_id)
        # the version stays the one the form was opened at: what others changed since must still be seen to differ
        return _form(case, typed_version(), before, {**form_fields(case), **sent}, errors), 422
    except Conflict as clash:
        case = open_case(case_id)
        stored = form_fields(case)
        if not clash.theirs:  # ended meanwhile
            errors = {"": clash.sentence}
            return _form(case, case.version, stored, {**stored, **sent}, errors), 409
        mine = {name: value for name, value in sent.items() if value != before.get(name, "")}
        return _form(case, case.version, stored, {**stored, **mine}, {}, clash), 409
    if changed.others_changed:
        flash(
            f"Đã lưu. Trong lúc đó người khác đã sửa: {', '.join(changed.others_changed)}; các ô ấy được giữ nguyên.",
            "warning",
        )
    else:
        flash("Đã lưu.", "success")
    return back_to(case_id)


def _typed_fields() -> tuple[dict[str, str], dict[str, str]]:
    """Return the values the form was opened with, and the ones it sends: only fields that it had."""
    typed = request.form
    before = {name.removeprefix(_BEFORE): typed[name] for name in typed if name.startswith(_BEFORE)}
    sent = {name: typed[name] for name in typed if name in before}
    sent |= {name: "1" if typed.get(name) else "" for name in _TICKS if name in before}
    for role, sex in _SEX_OF_ROLE.items():  # nobody is asked what the role says
        if sent.get(f"{role}.full_name", "").strip() and f"{role}.sex" in before:
            sent[f"{role}.sex"] = sex
    return before, sent


def _form(
    case: CasePage,
    version: int,
    before: Mapping[str, str],
    values: Mapping[str, str],
    errors: Mapping[str, str],
    clash: Conflict | None = None,
) -> str:
    return render_template(
        "cases/edit.html",
        case=case,
        version=version,
        roles=(*PEOPLE_ASKED[case.rules.occasion], "requester"),
        before=before,
        values=values,
        errors=errors,
        clash=clash,
    )
