"""Báo tin: trưởng ấp, trạm y tế, chùa, hàng xóm tell of another family, without an account; one page, no script needed.

A tiding is no request: an officer calls the family first. The page that comes after sending is the answer to the POST
itself: the same sending again gives the same page, so nothing has to be kept in the browser.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog
from flask import Blueprint, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from civreg.cases.queries import TidingReceipt
from civreg.cases.rules.tidings import REPORTER_WORDS, TidingForm
from civreg.cases.service import tell_tiding
from civreg.extensions import db
from civreg.shared import clock, crypto
from civreg.shared.database import transaction
from civreg.shared.errors import InvalidInput, Refusal
from civreg.web import communes
from civreg.web.access import page
from civreg.web.communes import Choice, Found
from civreg.web.errors import error_page
from civreg.web.forms.request import (
    LINES_LIMIT,
    NAME_LIMIT,
    Box,
    Option,
    Question,
    clean_answers,
    read_date,
    refusals,
    take_typed,
)
from civreg.web.kept import AWAY, FOREIGN, STALE, is_foreign
from civreg.web.visitor import visitor_address

blueprint = Blueprint("tidings", __name__, url_prefix="/bao-tin")
_log = structlog.get_logger()

OCCASIONS = {"sinh": "birth", "mat": "death", "cuoi": "marriage"}
"""Last part of the address → what happened."""
CHOSEN_BEFORE = "Xã, phường ông/bà đã chọn"
_KEY = "request_key"
_RETRY_SECONDS = "60"
_HOUR_SECONDS = "3600"


def _question(slug: str, heading: str, family: Box, day: Box | None, *helps: str) -> Question:
    """Return the one page of an occasion; the wording differs, the boxes are the same."""
    reporters = tuple(Option(code, words) for code, words in REPORTER_WORDS.items())
    boxes = (
        family,
        Box("family_phone", "Điện thoại của gia đình", "phone", "Không biết thì để trống.", required=False),
        Box(
            "commune",
            "Gia đình ở xã, phường nào?",
            "commune",
            "Ghi tên cũ hay tên mới, có dấu hay không dấu đều được.",
        ),
        Box("hamlet", "Ấp hoặc khóm", "hamlet", ask="Ông/bà ghi tên ấp hoặc khóm.", limit=100),
        *((day,) if day else ()),
        Box(
            "note",
            "Chỉ đường, dặn thêm",
            "lines",
            "Không có thì để trống.",
            required=False,
            limit=LINES_LIMIT,
        ),
        Box("reporter", "Ông/bà là ai?", "choice", ask="Ông/bà chọn mình là ai.", options=reporters),
        Box(
            "reporter_name",
            "Họ tên của ông/bà",
            "name",
            ask="Ông/bà ghi họ tên để xã biết ai báo tin.",
            limit=NAME_LIMIT,
        ),
        Box(
            "reporter_phone",
            "Điện thoại của ông/bà",
            "phone",
            "Để xã hỏi lại khi không gặp được gia đình; không có thì để trống.",
            required=False,
        ),
    )
    return Question(slug, heading, boxes, heading, helps)


def _family(label: str, hint: str) -> Box:
    ask = "Ông/bà ghi họ tên một người trong gia đình để xã hỏi gặp."
    return Box("family_name", label, "name", hint, ask=ask, limit=NAME_LIMIT)


def _day(label: str) -> Box:
    return Box("event", label, "date", "Ví dụ: 25 9 2026. Không nhớ thì để trống.", required=False)


QUESTIONS = {
    "sinh": _question(
        "sinh",
        "Báo tin có em bé mới sinh",
        _family("Họ tên mẹ hoặc cha của bé", "Ghi tên một người là đủ."),
        _day("Ngày sinh của bé"),
        "Xã gọi gia đình, hẹn ngày đến nhà làm giấy khai sinh. Gia đình không phải đi đâu.",
    ),
    "mat": _question(
        "mat",
        "Báo tin có người qua đời",
        _family(
            "Họ tên một người trong gia đình", "Người mà cán bộ nên hỏi gặp: vợ, chồng, con hoặc người thân."
        ),
        _day("Ngày mất"),
        "Xã xin chia buồn cùng gia đình.",
        "Cán bộ liên hệ với gia đình vào lúc thuận tiện để giúp làm giấy tờ. Gia đình không phải đi đâu.",
    ),
    "cuoi": _question(
        "cuoi",
        "Báo tin có đám cưới",
        _family("Họ tên cô dâu hoặc chú rể", "Ghi tên một người là đủ."),
        None,
        "Xã gọi hai người, chỉ giúp cách đăng ký kết hôn.",
    ),
}


@dataclass(frozen=True)
class Typed:
    """What the page shows again.

    Attributes:
        typed: input → text, as typed.
        refused: input → sentence.
        notice: a sentence above the form, or empty.
        found: result of a commune search.
        hamlets: suggestions; the commune is chosen on the same page, so there are none.
    """

    typed: Mapping[str, str]
    refused: Mapping[str, str] = field(default_factory=dict)
    notice: str = ""
    found: Found | None = None
    hamlets: tuple[str, ...] = ()


@blueprint.get("")
@page(public=True)
def index() -> str:
    """Ask what there is to tell."""
    return render_template("tidings/index.html", occasions=OCCASIONS)


@blueprint.get("/<any(sinh, mat, cuoi):slug>")
@page(public=True)
def show(slug: str) -> ResponseReturnValue:
    """Show the one page of an occasion."""
    return _page(slug, Typed({}), crypto.token())


@blueprint.post("/<any(sinh, mat, cuoi):slug>")
@page(public=True)
def send(slug: str) -> ResponseReturnValue:
    """Look for a commune, or take the tiding; the page carries everything it needs."""
    question, key = QUESTIONS[slug], _sent_key() or crypto.token()
    typed = take_typed(question, request.form)
    if communes.is_searched(request.form):
        return _page(slug, Typed(typed, found=_search()), key)
    answers = clean_answers(question, typed)
    refused = refusals(question, answers, clock.today())
    if refused:
        return _page(slug, Typed(typed, refused, found=_search_again() or _chosen(answers)), key, 422)
    try:
        return _told(slug, answers, key)
    except InvalidInput as reason:
        fields = {_BOXES.get(name, name): sentence for name, sentence in reason.fields.items()}
        notice = "" if fields else reason.sentence
        given = Typed(typed, fields, notice, _search_again() or _successors(answers))
        return _page(slug, given, key, 422)
    except Refusal as reason:
        again = make_response(_page(slug, Typed(typed, notice=reason.sentence, found=_chosen(answers)), key))
        again.status_code = reason.status
        if reason.status == 429:
            again.headers["Retry-After"] = _HOUR_SECONDS
        return again


_BOXES = {"unit": "commune"}


def _told(slug: str, answers: Mapping[str, str], key: str) -> ResponseReturnValue:
    with transaction(db.session()) as session:
        communes.check(
            session, answers["commune"], clock.today()
        )  # names the successor of one that is no more
        receipt = tell_tiding(
            session,
            _form(slug, answers),
            request_key=key,
            body_digest=crypto.digest(repr(sorted({**answers, "slug": slug}.items()))),
            address=visitor_address(),
        )
    return render_template("tidings/told.html", receipt=receipt, who=_who_is_called(receipt))


def _form(slug: str, answers: Mapping[str, str]) -> TidingForm:
    reporter = next(code for code in REPORTER_WORDS if code == answers["reporter"])
    return TidingForm(
        unit_id=int(answers["commune"]),
        reporter=reporter,
        reporter_name=answers["reporter_name"],
        reporter_phone=answers["reporter_phone"],
        occasion=OCCASIONS[slug],
        family_name=answers["family_name"],
        family_phone=answers["family_phone"],
        hamlet=answers["hamlet"],
        note=answers["note"],
        event=read_date(answers, "event", clock.today()),
    )


def _who_is_called(receipt: TidingReceipt) -> str:
    """Return whom the commune calls: the family, else whoever told, else it goes there."""
    if receipt.has_family_phone:
        return "gọi cho gia đình"
    return (
        "gọi lại cho ông/bà để hỏi đường" if receipt.has_reporter_phone else "cho người đến hỏi thăm gia đình"
    )


def _sent_key() -> str:
    key = request.form.get(_KEY, "")
    return key if re.fullmatch(r"[A-Za-z0-9_-]{32,64}", key) else ""


def _search() -> Found:
    with transaction(db.session()) as session:
        return communes.search(session, request.form.get("commune_search", ""), clock.today())


def _search_again() -> Found | None:
    """Return the list that stood on the page before, so that an error in another box does not take it away."""
    return _search() if request.form.get("commune_search", "").strip() else None


def _chosen(answers: Mapping[str, str]) -> Found | None:
    """Return the commune that was chosen as a list of one, when it can be taken."""
    if not communes.is_id(answers.get("commune", "")):
        return None
    with transaction(db.session()) as session:
        try:
            label = communes.check(session, answers["commune"], clock.today())
        except InvalidInput:
            return None
    return Found("", (Choice(answers["commune"], label, "", True),))


def _successors(answers: Mapping[str, str]) -> Found | None:
    """Return what a vanished commune has become, to choose at once."""
    with transaction(db.session()) as session:
        found = communes.successors_of(session, answers["commune"], clock.today())
    return found if found.choices else None


def _page(slug: str, given: Typed, key: str, status: int = 200) -> ResponseReturnValue:
    text = render_template(
        "tidings/tell.html",
        question=QUESTIONS[slug],
        occasion=OCCASIONS[slug],
        given=given,
        found=given.found,
        searched=request.form.get("commune_search", ""),
        request_key=key,
        hotline=str(current_app.extensions["civreg_settings"].hotline),
    )
    return text, status


def _same_page(status: int, notice: str) -> ResponseReturnValue | None:
    """Return the page of this POST again out of its body alone; None when it was no POST."""
    if request.method != "POST" or not request.view_args:
        return None
    slug = request.view_args["slug"]
    typed = take_typed(QUESTIONS[slug], request.form)
    label = request.form.get("commune_search", "") or CHOSEN_BEFORE  # the name itself stands in the database
    found = Found("", (Choice(typed["commune"], label, "", True),)) if typed["commune"] else None
    return _page(slug, Typed(typed, notice=notice, found=found), _sent_key() or crypto.token(), status)


def _database_away(error: Exception) -> ResponseReturnValue:
    _log.error("database_away", error=type(error).__name__)
    again = _same_page(503, AWAY)
    if again is None:
        return error_page(503)
    response = make_response(again)
    response.headers["Retry-After"] = _RETRY_SECONDS
    return response


def _forged(_: CSRFError) -> ResponseReturnValue:
    if is_foreign():
        return error_page(400, FOREIGN)
    return _same_page(400, STALE) or error_page(400, STALE)


blueprint.register_error_handler(CSRFError, _forged)
for _away in (OperationalError, InterfaceError, PoolExhausted):
    blueprint.register_error_handler(_away, _database_away)
