"""Giấy báo đã gửi: what a family reads after sending, kept sealed in its own browser for two hours.

The address carries no code and nothing personal; the page works without the database, because everything on it
travels in one sealed cookie.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from flask import Request, Response

from civreg.cases.queries import Receipt
from civreg.cases.rules import RequestForm
from civreg.procedures.rules import ProcedureVersion
from civreg.shared import clock, crypto
from civreg.shared.database import new_id
from civreg.shared.text import format_date_vi
from civreg.web.intake.last_day import last_day_of, late_sentence
from civreg.web.intake.offered import cost_line

COOKIE = "civreg_receipt"
LIFE = timedelta(hours=2)


@dataclass(frozen=True)
class SentReceipt:
    """What stands on the receipt.

    Attributes:
        tracking_code: for `/tra-cuu`.
        pin: the second fact of a family without a phone; empty when it left a number.
        call_by: until when the commune calls, as a person reads it; empty when it cannot be said.
        last_day: last day to be on time, or why it cannot be said; empty when the service has none.
        is_late: the last day has passed.
        keep_for_call: why a person has to call first (under age), or empty.
        case_id: for the ticket with which photographs are sent; nobody reads it.
        more: code and PIN of each further baby of the birth.
        cost_line: what it costs at the commune, in one line.
        late_sentence: what a family that is late reads.
    """

    procedure: str
    tracking_code: str
    pin: str
    unit_name: str
    hotline: str
    call_by: str
    last_day: str
    is_late: bool
    keep_for_call: str
    callback_only: bool
    case_id: str = ""
    more: tuple[tuple[str, str], ...] = ()
    cost_line: str = ""
    late_sentence: str = ""


def as_sent(
    receipts: Sequence[Receipt], form: RequestForm, version: ProcedureVersion, today: date
) -> SentReceipt:
    """Return the receipt in the words of the page, by the rules of the commune: one screen for all babies of a birth."""
    receipt = receipts[0]
    last_day = last_day_of(version, form, today, receipt.citizen_due_on)
    return SentReceipt(
        procedure=form.procedure,
        tracking_code=receipt.tracking_code,
        pin="" if form.phone else receipt.pin,
        unit_name=receipt.unit_name,
        hotline=receipt.hotline,
        call_by=format_date_vi(receipt.call_by) if receipt.call_by else "",
        last_day=last_day.words,
        is_late=last_day.is_late,
        keep_for_call=receipt.keep_for_call or "",
        callback_only=form.callback_only,
        case_id=receipt.case_id.hex,
        cost_line=cost_line(version, is_late=last_day.is_late),
        late_sentence=late_sentence(version),
        more=tuple((one.tracking_code, "" if form.phone else one.pin) for one in receipts[1:]),
    )


def hand_over(response: Response, receipt: SentReceipt, *, secure: bool) -> Response:
    """Put the sealed receipt into the family's browser."""
    row = new_id()
    until = (clock.now() + LIFE).timestamp()
    body = json.dumps([until, receipt.__dict__], ensure_ascii=False)
    response.set_cookie(
        COOKIE,
        f"{row}.{crypto.seal(body, 'receipt', row, 'cookie')}",
        max_age=int(LIFE.total_seconds()),
        path="/yeu-cau",
        httponly=True,
        secure=secure,
        samesite="Lax",
    )
    return response


def read_back(request: Request) -> SentReceipt | None:
    """Return the receipt this browser holds; None when there is none, it is too old or it is not ours."""
    row, _, sealed = request.cookies.get(COOKIE, "").partition(".")
    try:
        until, fields = json.loads(crypto.unseal(sealed, "receipt", UUID(row), "cookie") or "null")
        receipt = SentReceipt(
            **fields
        )  # refused where an older or newer web server wrote it with other fields
    except (ValueError, TypeError, crypto.SealBroken):
        return None
    if until < clock.now().timestamp():
        return None
    return receipt
