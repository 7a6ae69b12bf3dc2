"""Các trang gửi yêu cầu: choose a service, one question per page, review, send, receipt; all without JavaScript.

Every answer is kept at once in the sealed draft. The review page carries all answers itself, so the last POST works
from its body alone, after the draft has expired and after the database was away.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from uuid import UUID

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from civreg.cases.rules import RequestForm
from civreg.cases.rules.photographs import papers_for_family, spoken
from civreg.cases.service import forget_draft, load_draft, save_draft, submit_births
from civreg.extensions import db
from civreg.shared import clock, crypto
from civreg.shared.database import transaction
from civreg.shared.errors import InvalidInput, Refusal
from civreg.shared.qr import qr_svg
from civreg.web import communes
from civreg.web.access import page
from civreg.web.forms.request import Question, clean_answers, refusals, take_typed
from civreg.web.intake import answers as read
from civreg.web.intake import drafts, showing
from civreg.web.intake import receipt as receipts
from civreg.web.intake.keeping import DATABASE_AWAY
from civreg.web.intake.last_day import late_sentence
from civreg.web.intake.offered import Service, cost_line, how_long, service_of, services
from civreg.web.intake.questions import CALLBACK
from civreg.web.intake.showing import Shown
from civreg.web.tickets import ticket_for
from civreg.web.visitor import visitor_address

blueprint = Blueprint("intake", __name__, url_prefix="/yeu-cau")

EXPIRED = (
    "Phần khai trước đã để quá 7 ngày nên không còn giữ. Câu trả lời ông/bà vừa gửi vẫn được giữ; "
    "xin trả lời tiếp các câu còn lại."
)
MOST_KEPT = 20_000
"""Letters of one page that a draft keeps unread; no real answer comes near."""
STILL_MISSING = "Còn câu này chưa trả lời. Ông/bà trả lời rồi hệ thống đưa về trang xem lại."
NO_KEY = "Ông/bà bấm “Gửi yêu cầu” một lần nữa."


def _secure() -> bool:
    return bool(current_app.config.get("SESSION_COOKIE_SECURE"))


@blueprint.get("")
@page(public=True)
def index() -> ResponseReturnValue:
    """Show the services a family can ask for."""
    return render_template("intake/index.html", services=services())


@blueprint.get("/xa")
@page(public=True)
def suggest_communes() -> ResponseReturnValue:
    """Return the communes that a typed name may mean, as the piece of page that the script puts under the box."""
    with transaction(db.session()) as session:
        found = communes.search(session, request.args.get("tim", ""), clock.today())
    return render_template("intake/communes.html", found=found, typed={}, hotline=showing.hotline())


@blueprint.get("/da-gui")
@page(public=True)
def sent() -> ResponseReturnValue:
    """Show the receipt that this browser holds."""
    return _receipt_page("intake/sent.html")


@blueprint.get("/da-gui/in")
@page(public=True)
def sent_print() -> ResponseReturnValue:
    """Show the receipt as a page to print."""
    return _receipt_page("intake/sent_print.html")


def _receipt_page(template: str) -> ResponseReturnValue:
    held = receipts.read_back(request)
    if held is None:
        return render_template("intake/sent_gone.html")
    service, settings = service_of(held.procedure), current_app.extensions["civreg_settings"]
    address = f"{settings.base_url}{url_for('following.show')}#ma={held.tracking_code}"
    # where a person died is not on the receipt: whoever has a giấy báo tử may send it from /tra-cuu
    at_home = service.version.occasion == "death"
    photographed = papers_for_family(service.version.papers, commune_issues_death_paper=at_home)
    return render_template(
        template,
        receipt=held,
        service=service,
        qr=qr_svg(address, "Mã QR mở trang tra cứu", scale=3),
        cost_line=held.cost_line or cost_line(service.version, is_late=held.is_late),
        late_sentence=held.late_sentence or late_sentence(service.version),
        photo_ticket=ticket_for(UUID(held.case_id)) if photographed and held.case_id else "",
        photo_papers=spoken(photographed),
    )


@blueprint.get("/<procedure>")
@page(public=True)
def about(procedure: str) -> ResponseReturnValue:
    """Say in plain words who may ask, what to have ready, how long it takes and what it costs."""
    service, token = service_of(procedure), drafts.draft_token(request, procedure)
    if token is not None:
        try:
            with transaction(db.session()) as session:
                service = service.at(session, load_draft(session, token, procedure) or {})
        except DATABASE_AWAY:
            pass  # the general rules are on this machine
    return render_template(
        "intake/about.html",
        service=service,
        how_long=how_long(service.version),
        today=clock.today(),
        has_draft=token is not None,
    )


@blueprint.post("/<procedure>/xoa-ban-nhap")
@page(public=True)
def forget(procedure: str) -> ResponseReturnValue:
    """Drop the unfinished answers of this browser: a phone is often shared."""
    service = service_of(procedure)
    with transaction(db.session()) as session:
        forget_draft(session, drafts.draft_token(request, procedure))
    response = make_response(redirect(url_for("intake.about", procedure=service.code), 303))
    return drafts.drop_cookie(response, procedure)


@blueprint.get("/<procedure>/goi-lai")
@page(public=True)
def callback(procedure: str) -> ResponseReturnValue:
    """Ask only for a name, a phone and the commune."""
    return showing.question_page(
        service_of(procedure), CALLBACK, Shown({}, extra={drafts.REQUEST_KEY: crypto.token()})
    )


@blueprint.post("/<procedure>/goi-lai")
@page(public=True)
def send_callback(procedure: str) -> ResponseReturnValue:
    """Take a call-back request; the page carries everything it needs."""
    service, typed = service_of(procedure), take_typed(CALLBACK, request.form)
    extra = {drafts.REQUEST_KEY: _sent_key() or crypto.token()}
    if communes.is_searched(request.form):
        return showing.question_page(service, CALLBACK, Shown(typed, found=_search(), extra=extra))
    answers = clean_answers(CALLBACK, typed)
    refused = refusals(CALLBACK, answers, clock.today())
    if refused:
        found = _search_again() or _chosen(answers)
        return showing.question_page(
            service, CALLBACK, Shown(typed, refused, found=found, extra=extra, status=422)
        )
    try:
        return _send(service, [read.callback_form(procedure, answers)], answers, extra[drafts.REQUEST_KEY])
    except Refusal as reason:
        given = Shown(
            typed,
            _fields_of(reason),
            _sentence_of(reason),
            _chosen(answers) or _offer_instead(answers),
            extra=extra,
            status=reason.status,
        )
        return showing.question_page(service, CALLBACK, given)


@blueprint.get("/<procedure>/xem-lai")
@page(public=True)
def review(procedure: str) -> ResponseReturnValue:
    """Show every answer before sending; leads to the first page without an answer."""
    service = service_of(procedure)
    with transaction(db.session()) as session:
        kept = load_draft(session, drafts.draft_token(request, procedure), procedure)
    if kept is None:
        return redirect(url_for("intake.about", procedure=procedure))
    answers = read.take_all(service.pages, kept)
    missing = read.first_unanswered(service.pages, answers, clock.today())
    if missing is not None:
        return _to_step(service, missing, ve=showing.TO_REVIEW, thieu=1)
    return showing.review_page(_at_commune(service, answers), answers, kept[drafts.REQUEST_KEY])


@blueprint.post("/<procedure>/xem-lai")
@page(public=True)
def send(procedure: str) -> ResponseReturnValue:
    """Send the request out of the body alone, or go to the page whose "Sửa" was pressed."""
    service = service_of(procedure)
    answers, key = read.take_all(service.pages, request.form), _sent_key()
    wanted = request.form.get("sua", "")
    if wanted:
        return _edit(service, service.page(wanted), answers, key)
    missing = read.first_unanswered(service.pages, answers, clock.today())
    if missing is not None:
        return _edit(service, missing, answers, key, thieu=1)
    if not key:
        here = _at_commune(service, answers)
        return showing.review_page(here, answers, crypto.token(), notice=NO_KEY, status=422)
    try:
        return _send(service, read.request_forms(procedure, answers, clock.today()), answers, key)
    except Refusal as reason:
        fields, here = _fields_of(reason), _at_commune(service, answers)
        return showing.review_page(
            here, answers, key, notice=_sentence_of(reason), refused=fields, status=reason.status
        )


@blueprint.get("/<procedure>/<step>")
@page(public=True)
def ask(procedure: str, step: str) -> ResponseReturnValue:
    """Show one question with the answer kept so far."""
    service = service_of(procedure)
    question, token = service.page(step), drafts.draft_token(request, procedure)
    with transaction(db.session()) as session:
        kept = load_draft(session, token, procedure)
        hamlets = communes.hamlets(session, kept or {}) if "hamlet" in question.inputs() else []
    lost = "het_han" in request.args or (token is not None and kept is None)
    notice = EXPIRED if lost else STILL_MISSING if "thieu" in request.args else ""
    kept = kept or {}
    typed = take_typed(question, {**kept, **read.suggested(question, kept)})
    return showing.question_page(service, question, Shown(typed, notice=notice, hamlets=tuple(hamlets)))


@blueprint.post("/<procedure>/<step>")
@page(public=True)
def answer(procedure: str, step: str) -> ResponseReturnValue:
    """Keep one answer and go on; "Quay lại" keeps it too, whatever it is."""
    service = service_of(procedure)
    question, today = service.page(step), clock.today()
    typed = take_typed(question, request.form)
    if request.form.get("go") == "back" and sum(map(len, typed.values())) <= MOST_KEPT:
        return _keep_and_go(service, question, clean_answers(question, typed), back=True)
    if "commune" in question.inputs() and communes.is_searched(request.form):
        return showing.question_page(service, question, Shown(typed, found=_search()))
    answers = clean_answers(question, typed)
    refused = refusals(question, answers, today)
    if not refused and "commune" in question.inputs():
        refused, answers = _checked_commune(answers)
    if refused:
        found = _search_again() or _offer_instead(answers)
        return showing.question_page(service, question, Shown(typed, refused, found=found, status=422))
    return _keep_and_go(service, question, answers)


def _keep_and_go(
    service: Service, question: Question, answers: Mapping[str, str], *, back: bool = False
) -> ResponseReturnValue:
    with transaction(db.session()) as session:
        token, expired = drafts.keep_answers(
            session, drafts.draft_token(request, service.code), service.code, answers
        )
    place = service.place(question) + (-1 if back else 1)
    if showing.goes_to_review() or place == len(service.pages):
        response = redirect(url_for("intake.review", procedure=service.code), 303)
    elif place < 0:
        response = redirect(url_for("intake.about", procedure=service.code), 303)
    else:
        response = _to_step(service, service.pages[place], het_han=1 if expired else None)
    return drafts.hold_draft(make_response(response), service.code, token, secure=_secure())


def _edit(
    service: Service, question: Question, answers: Mapping[str, str], key: str, thieu: int | None = None
) -> ResponseReturnValue:
    """Put the whole body back into the draft, then open one page: nothing is lost when the draft had expired."""
    whole = {**answers, drafts.REQUEST_KEY: key or crypto.token()}
    with transaction(db.session()) as session:
        token = save_draft(session, drafts.draft_token(request, service.code), service.code, whole)
    response = make_response(_to_step(service, question, ve=showing.TO_REVIEW, thieu=thieu))
    return drafts.hold_draft(response, service.code, token, secure=_secure())


def _send(
    service: Service, forms: Sequence[RequestForm], answers: Mapping[str, str], key: str
) -> ResponseReturnValue:
    """Make the request (once for each key; twins are two), drop the draft, hand the receipt over."""
    today, form = clock.today(), forms[0]
    with transaction(db.session()) as session:
        try:
            made = submit_births(
                session,
                forms,
                request_key=key,
                body_digest=read.body_digest(service.code, answers),
                address=visitor_address(),
            )
        except InvalidInput as reason:
            if "unit" in reason.fields:
                communes.check(session, answers["commune"], today)  # says it better: names the successor
            raise
        here = service.at(session, answers)
        if not form.callback_only:
            forget_draft(session, drafts.draft_token(request, service.code))
    response = make_response(redirect(url_for("intake.sent"), 303))
    if not form.callback_only:
        drafts.drop_cookie(response, service.code)
    return receipts.hand_over(response, receipts.as_sent(made, form, here.version, today), secure=_secure())


def _at_commune(service: Service, answers: Mapping[str, str]) -> Service:
    with transaction(db.session()) as session:
        return service.at(session, answers)


def _to_step(service: Service, question: Question, **flags: str | int | None) -> Response:
    return redirect(
        url_for("intake.ask", procedure=service.code, step=question.id, **flags),  # type: ignore[arg-type]
        303,
    )


def _sent_key() -> str:
    """Return the request key of the body, or nothing when it is none of ours."""
    key = request.form.get(drafts.REQUEST_KEY, "")
    return key if re.fullmatch(r"[A-Za-z0-9_-]{32,64}", key) else ""


def _search() -> communes.Found:
    with transaction(db.session()) as session:
        return communes.search(session, request.form.get("commune_search", ""), clock.today())


def _search_again() -> communes.Found | None:
    """Return the list that stood on the page before, so that an error in another box does not take it away."""
    return _search() if request.form.get("commune_search", "").strip() else None


def _checked_commune(answers: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the sentence for a commune that cannot be taken, or the answers with its place in words."""
    with transaction(db.session()) as session:
        try:
            label = communes.check(session, answers["commune"], clock.today())
        except InvalidInput as reason:
            return dict(reason.fields), answers
    return {}, {**answers, "commune_label": label}


def _chosen(answers: Mapping[str, str]) -> communes.Found | None:
    """Return the commune that was chosen as a list of one, when it can be taken."""
    if not communes.is_id(answers.get("commune", "")):
        return None
    refused, known = _checked_commune(dict(answers))
    return (
        None
        if refused
        else communes.Found("", (communes.Choice(known["commune"], known["commune_label"], "", True),))
    )


def _offer_instead(answers: Mapping[str, str]) -> communes.Found | None:
    """Return what a vanished commune has become, to choose at once."""
    if not communes.is_id(answers.get("commune", "")):
        return None
    with transaction(db.session()) as session:
        found = communes.successors_of(session, answers["commune"], clock.today())
    return found if found.choices else None


def _fields_of(reason: Refusal) -> dict[str, str]:
    return dict(reason.fields) if isinstance(reason, InvalidInput) else {}


def _sentence_of(reason: Refusal) -> str:
    return reason.sentence
