"""Giao thư cho cán bộ: the signed letters of one commune, the list to sign for them, and who carries them."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.utils import redirect

from civreg.accounts import queries as accounts
from civreg.accounts.rules import Permission
from civreg.extensions import db
from civreg.letters import queries as letters
from civreg.letters import service
from civreg.letters.rules import LetterAction, LetterState
from civreg.shared import clock
from civreg.shared.database import transaction
from civreg.shared.errors import NotAllowed, NotFound, Refusal
from civreg.units import queries as units
from civreg.web.access import current_actor, page
from civreg.web.forms.answers import Answers
from civreg.web.letters.blueprint import blueprint, chosen_ids, kinds_of, pdf, say

MOST_AT_ONCE = 60
"""Letters of one pile: their ids fit into one address."""

_READY = (LetterState.SIGNED_SEALED, LetterState.RETURNED)
_NO_LETTER = "Ông/bà chọn ít nhất một thư để giao."
_NO_OFFICER = "Ông/bà chọn cán bộ nhận thư, hoặc ghi họ tên người khác."


@blueprint.get("/thu/giao")
@page(permission=Permission.LETTER_PRINT)
def give() -> ResponseReturnValue:
    """Show the communes whose letters are ready to be given to an officer."""
    actor, session = current_actor(), db.session()
    mine = actor.units(Permission.LETTER_PRINT)
    ready = [row for row in letters.count_by_unit(session, actor, _READY) if row[0] in mine]
    return render_template("letters_pages/give.html", ready=ready)


@blueprint.get("/thu/giao/<int:unit_id>")
@page(permission=Permission.LETTER_PRINT)
def give_many(unit_id: int) -> ResponseReturnValue:
    """Show the pile of one commune."""
    return _pile(unit_id, {}, {})


@blueprint.post("/thu/giao/<int:unit_id>")
@page(permission=Permission.LETTER_PRINT)
def given(unit_id: int) -> ResponseReturnValue:
    """Note that the ticked letters were given to one officer."""
    answers, ids = Answers(request.form), chosen_ids()
    officers = _officers(unit_id)
    officer_id = answers.choice("officer_id", [key for key, _ in officers])
    name = answers.text("other_name", longest=120) or dict(officers).get(officer_id, "")
    if not name:
        answers.refuse("officer_id", _NO_OFFICER)
    if not ids:
        answers.refuse("letters", _NO_LETTER)
    if answers.errors:
        return _pile(unit_id, answers.values, answers.errors), 422
    try:
        with transaction(db.session()) as session:
            count = service.give_many(session, current_actor(), ids, officer_name=name)
            rows = letters.letters(session, current_actor(), ids=ids, limit=len(ids))
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        answers.take(refusal)
        return _pile(unit_id, answers.values, answers.errors), refusal.status
    say(f"Đã ghi giao {count} thư cho {name}.", kinds_of(rows))
    pile = [letter_id.hex for letter_id in ids]
    return redirect(url_for("letters.show_given", unit_id=unit_id, letter=pile, officer=officer_id or None))


@blueprint.get("/thu/giao/<int:unit_id>/da-giao")
@page(permission=Permission.LETTER_PRINT)
def show_given(unit_id: int) -> ResponseReturnValue:
    """Show what was just given, with the list to sign."""
    ids = chosen_ids()
    with transaction(db.session()) as session:
        unit = _unit(unit_id)
        rows = letters.letters(session, current_actor(), ids=ids, unit_id=unit_id, limit=MOST_AT_ONCE)
    return render_template(
        "letters_pages/given.html",
        unit=unit,
        rows=rows,
        list_address=url_for(
            "letters.hand_over_list",
            unit_id=unit_id,
            letter=[row.id.hex for row in rows],
            officer=request.args.get("officer"),
        ),
    )


@blueprint.route("/thu/giao/<int:unit_id>/danh-sach.pdf", methods=["GET", "POST"])
@page(permission=Permission.LETTER_PRINT)
def hand_over_list(unit_id: int) -> ResponseReturnValue:
    """Give the list of these letters with a column for signatures; changes nothing."""
    ids = chosen_ids()
    if not ids:
        return _pile(unit_id, Answers(request.form).values, {"letters": _NO_LETTER}), 422
    officer = dict(_officers(unit_id)).get(
        request.values.get("officer_id") or request.values.get("officer", "")
    )
    with transaction(db.session()) as session:
        content = letters.hand_over_list(session, current_actor(), ids, officer_name=officer or "")
    return pdf(content, "danh-sach-giao-thu.pdf")


def _unit(unit_id: int) -> units.UnitRow:
    if not current_actor().may(Permission.LETTER_PRINT, unit_id):
        raise NotFound("Không có đơn vị này trong phạm vi của ông/bà.")
    return units.unit_by_id(db.session(), unit_id)


def _officers(unit_id: int) -> list[tuple[str, str]]:
    _unit(unit_id)
    session, today = db.session(), clock.today()
    # a numbered letter of an ended unit is carried by the staff of the unit that follows
    officers = accounts.officers_at(session, units.counted_at(session, unit_id, today), today)
    return [(str(officer.id), officer.full_name) for officer in officers]


def _pile(unit_id: int, values: dict[str, str], errors: dict[str, str]) -> str:
    officers = _officers(unit_id)
    with transaction(db.session()) as session:
        unit = _unit(unit_id)
        found = letters.letters(session, current_actor(), state=_READY, unit_id=unit_id, limit=MOST_AT_ONCE)
    rows = [row for row in found if LetterAction.GIVE_TO_OFFICER in row.actions]
    chosen = set(chosen_ids())
    if len(officers) == 1:
        values = {"officer_id": officers[0][0], **values}
    return render_template(
        "letters_pages/pile.html",
        unit=unit,
        rows=rows,
        officers=officers,
        ticked=chosen if chosen or errors else _all(rows),
        values=values,
        errors=errors,
        most=MOST_AT_ONCE,
    )


def _all(rows: list[letters.LetterRow]) -> set[UUID]:
    return {row.id for row in rows}
