"""Danh sách hồ sơ: filters live in the address, search forgives missing accents.

What is searched for is a name, a phone or a personal number as often as a code, and addresses are kept by browsers and
proxies: it stands in the address sealed for the person who searches. So a list can still be gone back to and paged.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from civreg.accounts.rules import Permission
from civreg.cases import queries as cases
from civreg.cases.rules import STATE_WORDS
from civreg.extensions import db
from civreg.procedures.catalogue import catalogue
from civreg.shared import crypto
from civreg.shared.errors import NotFound
from civreg.shared.text import nfc
from civreg.web.access import current_actor, page
from civreg.web.cases.blueprint import blueprint
from civreg.web.forms.places import PlaceChoice, places_then_and_now

_LONGEST_SEARCH = 120


@blueprint.post("/ho-so/tim")
@page(permission=Permission.CASE_VIEW)
def search() -> ResponseReturnValue:
    """Lead to the list of what was searched for, with the text sealed."""
    return redirect(list_address(**_filters(request.form)), 303)


def list_address(*, q: str = "", **filters: str) -> str:
    """Return the address of the list under these filters; `q` is readable to the signed-in user alone."""
    sealed = crypto.seal(q, *_cell()) if q else None
    return url_for("cases.index", tim=sealed, **{name: value or None for name, value in filters.items()})  # type: ignore[arg-type]


def _cell() -> tuple[str, UUID, str]:
    """Return what the text is sealed to: no colleague can open it out of an address that was passed on."""
    user_id = current_actor().user_id
    if user_id is None:
        raise NotFound
    return "search", user_id, "text"


def _searched() -> str:
    """Return the text of the address; one that cannot be opened (another person's, spoilt) counts as none."""
    try:
        return crypto.unseal(request.args.get("tim", ""), *_cell())
    except (crypto.SealBroken, ValueError):
        return ""


def _filters(typed: Mapping[str, str]) -> dict[str, str]:
    return {name: nfc(typed.get(name, ""))[:_LONGEST_SEARCH] for name in ("q", "state", "procedure", "unit")}


@blueprint.get("/ho-so")
@page(permission=Permission.CASE_VIEW)
def index() -> ResponseReturnValue:
    """List the unit's cases, newest first."""
    if "q" in request.args:  # typed into the address by hand
        return redirect(list_address(**_filters(request.args)))
    values = _filters({**request.args, "q": _searched()})
    offered = _units_offered()
    known = values["state"] in STATE_WORDS
    partly = request.args.get("rong") == "1"
    found = cases.find_cases(
        db.session(),
        current_actor(),
        text=values["q"],
        partly=partly,
        states=(values["state"],) if known else (),
        procedure=values["procedure"] if values["procedure"] in catalogue() else "",
        received_at_units=offered[values["unit"]].units if values["unit"] in offered else (),
        after=request.args.get("after", ""),
    )
    shown = {**values, "rong": "1"} if partly else values
    named = found.whole and not any(letter.isdigit() for letter in values["q"])
    return render_template(
        "cases/index.html",
        found=found,
        values=values,
        following=list_address(**shown, after=found.next_after) if found.next_after else None,
        wider=list_address(**values, rong="1") if named else None,
        is_first_page="after" not in request.args,
        states=[(state.value, words) for state, words in STATE_WORDS.items()],
        units=[(key, one.words) for key, one in offered.items()],
        unit_names={one: name for choice in offered.values() for one, name in choice.names},
        procedures=[(code, procedure.title_vi) for code, procedure in catalogue().items()],
    )


def _units_offered() -> dict[str, PlaceChoice]:
    """Return the filter by unit; none where all is one."""
    session, actor = db.session(), current_actor()
    if len(actor.units(Permission.CASE_VIEW)) < 2:
        return {}
    return places_then_and_now(session, cases.receiving_units(session, actor))
