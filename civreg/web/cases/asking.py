"""Ghi yêu cầu khi gia đình gọi điện hoặc đến trụ sở: the same request, typed by the officer."""

from __future__ import annotations

from hashlib import sha256

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue

from civreg.accounts.rules import Permission
from civreg.cases import service as cases
from civreg.cases.queries import TidingPage
from civreg.cases.rules import RequestForm
from civreg.extensions import db
from civreg.procedures.catalogue import catalogue
from civreg.shared import clock, crypto
from civreg.shared.database import transaction
from civreg.shared.errors import InvalidInput, Refusal
from civreg.shared.text import nfc
from civreg.units import queries as units
from civreg.web.access import current_actor, page
from civreg.web.cases.blueprint import back_to, blueprint
from civreg.web.forms.answers import Answers
from civreg.web.labels import CHANNEL_WORDS

_CHANNELS = ("phone", "counter", "hamlet_head", "health_station", "pagoda", "neighbour")
_LONGEST_KEY = 100
_BOXES = {"requester.full_name": "requester_name", "requester.phone": "phone", "unit": "unit_id"}
"""What the service calls a field → the box of this form."""


@blueprint.get("/ho-so/moi")
@page(permission=Permission.CASE_ASK)
def new() -> ResponseReturnValue:
    """Show the short form: service, who asks, phone, hamlet; the rest is completed on the case."""
    return request_page({"channel": "phone", "request_key": crypto.token()}, {})


@blueprint.post("/ho-so/moi")
@page(permission=Permission.CASE_ASK)
def create() -> ResponseReturnValue:
    """Write the request and open its edit form."""
    answers = Answers(request.form)
    form = read_request(answers)
    key = nfc(answers.values.get("request_key", ""))[:_LONGEST_KEY] or crypto.token()
    if form is not None:
        try:
            with transaction(db.session()) as session:
                receipt = cases.submit_request(
                    session,
                    form,
                    request_key=key,
                    body_digest=sha256(repr(form).encode()).hexdigest(),
                    actor=current_actor(),
                )
        except InvalidInput as refusal:
            take_refusal(answers, refusal)
        except Refusal as refusal:
            answers.take(refusal)
        else:
            flash(
                f"Đã ghi yêu cầu {receipt.code}. Gia đình muốn tự tra cứu: bấm “Đọc mã tra cứu” rồi đọc cho gia đình.",
                "success",
            )
            return back_to(receipt.case_id)
    return request_page(answers.values, answers.errors), 422


def read_request(answers: Answers, told: TidingPage | None = None) -> RequestForm | None:
    """Return what an officer typed; None when something is missing, with a sentence at its box.

    Args:
        answers: of the form.
        told: the tiding that the request comes from; gives its unit, and the day it told.
    """
    procedure = answers.choice("procedure", _procedures(told), missing="Ông/bà chọn việc gia đình cần.")
    unit_id = (
        str(told.unit_id) if told else answers.choice("unit_id", _own_units(), missing="Ông/bà chọn đơn vị.")
    )
    name = answers.text("requester_name", missing="Ông/bà ghi họ tên người gọi.")
    channel = answers.choice("channel", _CHANNELS, missing="Ông/bà chọn cách gia đình báo.")
    if answers.errors:
        return None
    return RequestForm(
        procedure=procedure,
        unit_id=int(unit_id),
        requester_name=name,
        phone=answers.values.get("phone", ""),
        hamlet=answers.values.get("hamlet", ""),
        note=answers.values.get("note", ""),
        callback_only=True,
        event=told.event if told and told.event.year is not None else None,
        channel=channel,  # type: ignore[arg-type]
    )


def take_refusal(answers: Answers, refusal: InvalidInput) -> None:
    """Put what the service said at the boxes of this form."""
    for field, sentence in (refusal.fields or {"": refusal.sentence}).items():
        answers.refuse(_BOXES.get(field, field), sentence)


def _procedures(told: TidingPage | None) -> dict[str, str]:
    """Return the procedures to choose from; after a tiding only those of what was told."""
    today, found = clock.today(), {}
    for code, procedure in catalogue().items():
        if told is None or procedure.on(today).occasion == told.occasion:
            found[code] = procedure.title_vi
    return found


def _own_units() -> dict[str, str]:
    session = db.session()
    mine = current_actor().units(Permission.CASE_ASK)
    rows = units.participating(session, clock.today())
    return {str(row.unit.id): row.unit.name for row in rows if row.unit.id in mine}


def request_page(values: dict[str, str], errors: dict[str, str], told: TidingPage | None = None) -> str:
    """Return the short form with what was typed."""
    own = _own_units() if told is None else {}
    if len(own) == 1:
        values = {"unit_id": next(iter(own)), **values}
    return render_template(
        "cases/new.html",
        told=told,
        values=values,
        errors=errors,
        units=list(own.items()),
        procedures=list(_procedures(told).items()),
        channels=[(code, CHANNEL_WORDS[code].capitalize()) for code in _CHANNELS],
    )
