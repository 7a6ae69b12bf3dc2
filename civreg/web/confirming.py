"""Kiểm tra thư: the public page behind the QR code of a letter. It says number, day and unit, and nobody's name."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from civreg.extensions import db
from civreg.letters import queries as letters
from civreg.shared.database import transaction
from civreg.web.access import page

blueprint = Blueprint("confirming", __name__, url_prefix="/kiem-tra-thu")


@blueprint.get("/<code>")
@page(public=True)
def show(code: str) -> ResponseReturnValue:
    """Confirm a letter by its code, or say that no letter has it; the code has 96 random bits, so nobody guesses one."""
    with transaction(db.session()) as session:
        found = letters.confirmed(session, code)
    return render_template("confirming/show.html", letter=found), 200 if found else 404
