"""Danh sách hồ sơ: filters live in the address, search forgives missing accents."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from civreg.accounts.rules import Permission
from civreg.cases import queries as cases
from civreg.cases.rules import STATE_WORDS
from civreg.extensions import db
from civreg.procedures.catalogue import catalogue
from civreg.shared.text import nfc
from civreg.web.access import current_actor, page
from civreg.web.cases.blueprint import blueprint

_LONGEST_SEARCH = 120


@blueprint.get("/ho-so")
@page(permission=Permission.CASE_VIEW)
def index() -> ResponseReturnValue:
    """List the unit's cases, newest first."""
    values = {name: nfc(request.args.get(name, ""))[:_LONGEST_SEARCH] for name in ("q", "state", "procedure")}
    known = values["state"] in STATE_WORDS
    partly = request.args.get("rong") == "1"
    found = cases.find_cases(
        db.session(),
        current_actor(),
        text=values["q"],
        partly=partly,
        states=(values["state"],) if known else (),
        procedure=values["procedure"] if values["procedure"] in catalogue() else "",
        after=request.args.get("after", ""),
    )
    shown = {**values, "rong": "1"} if partly else values
    following = (
        f"{url_for('cases.index')}?{urlencode({**shown, 'after': found.next_after})}"
        if found.next_after
        else None
    )
    named = found.whole and not any(letter.isdigit() for letter in values["q"])
    wider = f"{url_for('cases.index')}?{urlencode({**values, 'rong': '1'})}" if named else None
    return render_template(
        "cases/index.html",
        found=found,
        values=values,
        following=following,
        wider=wider,
        is_first_page="after" not in request.args,
        states=[(state.value, words) for state, words in STATE_WORDS.items()],
        procedures=[(code, procedure.title_vi) for code, procedure in catalogue().items()],
    )
