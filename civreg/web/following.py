"""Tra cứu: a family follows its request by code and a second fact; no names are shown.

"No such code" and "not yours" are one answer. Wrong guesses are counted in the database, for each code and for each
client address, so that losing Redis opens no door.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from civreg.cases import service as cases
from civreg.cases.queries import Following, awaited_body, follow, following_of
from civreg.cases.queries.images import family_images
from civreg.cases.rules import STATE_WORDS, STOPPED, State, plain_tracking_code
from civreg.cases.rules.photographs import spoken
from civreg.deadlines.queries import DeadlineRow, deadlines_of
from civreg.deadlines.rules import reason_sentence
from civreg.extensions import db
from civreg.feedback import rules
from civreg.feedback import service as feedback
from civreg.feedback.queries import ComplaintSent, complaints_sent
from civreg.feedback.service import VISIT_MISSING
from civreg.shared import clock, throttle
from civreg.shared.database import new_id, transaction
from civreg.shared.errors import Refusal, TooMany
from civreg.visits.queries import next_visit, past_visits_of, told_apology
from civreg.web.access import page
from civreg.web.filters import day, moment
from civreg.web.forms.answers import Answers
from civreg.web.tickets import case_of, ticket_for
from civreg.web.visitor import visitor_address

blueprint = Blueprint("following", __name__, url_prefix="/tra-cuu")

MOST_TRIES = 10
WITHIN = timedelta(minutes=15)
_LONGEST_KEY = 64

NOT_FOUND = (
    "Chưa tìm thấy yêu cầu nào khớp với mã và số đã ghi. Ông/bà xem lại mã trên giấy báo; "
    "mất mã thì gọi xã, cán bộ tìm giúp."
)
TOO_MANY = "Ông/bà đã thử 10 lần chưa đúng. Xin chờ 15 phút rồi thử lại, hoặc gọi xã để cán bộ tìm giúp."
TICKET_OLD = "Trang đã mở quá lâu. Ông/bà ghi lại mã yêu cầu và số điện thoại, rồi bấm lại."
OTHER = "other"
"""A complaint about no visit in particular."""
COMPLAINT_FIELDS = ("visit", "text", "wants_call")
CODE_MISSING = "Ông/bà ghi mã yêu cầu, gồm 10 chữ và số, ví dụ K7M3P-9QX2T."
FACT_MISSING = "Ông/bà ghi bốn số cuối điện thoại đã để lại, hoặc sáu số của mã PIN."


_NEXT: dict[State, str] = {
    State.REQUESTED: "Xã gọi lại để hẹn ngày đến nhà.",
    State.VISIT_SCHEDULED: "Cán bộ sẽ đến nhà. Ông/bà để sẵn giấy tờ nêu bên dưới.",
    State.DOSSIER_RECEIVED: "Xã đã nhận đủ giấy tờ và đang làm.",
    State.PAPERS_REQUESTED: "Ông/bà chuẩn bị giấy tờ nêu bên dưới; cán bộ sẽ hẹn để nhận.",
    State.PERSONAL_NUMBER_PENDING: "Xã đang chờ số định danh của bé. Có số, xã in giấy rồi mang đến.",
    State.AWAITING_SIGNATURE: "Giấy tờ đã làm xong, đang chờ lãnh đạo xã ký.",
    State.REGISTERED: "Đã đăng ký xong. Cán bộ sẽ mang kết quả đến nhà.",
    State.DELIVERED: "Gia đình đã nhận kết quả.",
    State.HOME_SERVICE_DECLINED: "Xã mời ông/bà đến trụ sở. Xin gọi xã để hỏi giờ và giấy tờ cần mang.",
    State.TRANSFERRED: "Xã đã chuyển yêu cầu sang xã có thẩm quyền; xã đó sẽ liên hệ với ông/bà.",
    State.REFUSED: "Xã đã trả lời bằng văn bản và nêu rõ lý do.",
    State.WITHDRAWN: "Gia đình đã rút yêu cầu. Ông/bà gửi yêu cầu mới lúc nào cũng được.",
    State.ANNULLED: "Xã đã hủy bỏ việc đăng ký này. Xin gọi xã để biết lý do và việc cần làm tiếp.",
}
"""State → what comes next, as one says it to a family."""
MISSED = "Đã quá ngày hẹn trả kết quả. Xin ông/bà gọi xã để biết ngày mới."


@dataclass(frozen=True)
class Step:
    """One line of the time line: what happened (or comes next), and when."""

    words: str
    at: datetime | date | None
    is_done: bool


@dataclass(frozen=True)
class Told:
    """What the page says of one request.

    Attributes:
        awaited: whom the case waits for, and since when; None when for nobody.
        promised: until when, in words; empty when nothing is promised (any more).
        reasons: why the promised day is what it is, or why there is none now; from the reception to the hand-over.
        awaits_papers: the visit that takes the papers is still to come.
        ticket: lets this family say what it has received, without the code again.
        missed: when somebody should have come and did not, and the signed reason; the new time is `visit_at`.
        visits: (id, words) of the visits a complaint may be about.
        complaints: what the family sent before.
        send_key: of the complaint this page may send.
        photo_ticket: lets this family send photographs; empty when none are taken.
        photo_papers: spoken names of what may be photographed.
    """

    case: Following
    awaited: tuple[str, datetime] | None
    state_words: str
    next_words: str
    promised: str
    steps: tuple[Step, ...]
    visit_at: datetime | None
    reasons: tuple[str, ...]
    awaits_papers: bool
    photo_ticket: str
    photo_papers: str
    ticket: str
    missed: tuple[datetime, str] | None
    visits: tuple[tuple[str, str], ...]
    complaints: tuple[ComplaintSent, ...]
    send_key: str


@blueprint.get("")
@page(public=True)
def show() -> ResponseReturnValue:
    """Ask for the code and the second fact."""
    return render_template("following/search.html", values={}, errors={})


@blueprint.post("")
@page(public=True)
def find() -> ResponseReturnValue:
    """Show the request, or the one answer for everything that does not fit."""
    form = Answers(request.form)
    code = plain_tracking_code(form.text("code", missing=CODE_MISSING, longest=40))
    fact = form.text("fact", missing=FACT_MISSING, longest=40)
    if form.errors:
        return render_template("following/search.html", values=form.values, errors=form.errors), 422
    with transaction(db.session()) as session:
        told = _guess(session, code, fact)
    if told is None:
        errors = {"code": NOT_FOUND}
        return render_template("following/search.html", values=form.values, errors=errors), 404
    return _found(told, {name: form.values[name] for name in COMPLAINT_FIELDS if name in form.values})


@blueprint.post("/phan-anh")
@page(public=True)
def complain() -> ResponseReturnValue:
    """Take a complaint for the head; what was written is never lost, also when the page had been open too long."""
    answers = Answers(request.form)
    case_id = case_of(answers.values.get("ticket", ""))
    if case_id is None:
        return render_template(
            "following/search.html", values=answers.values, errors={"code": TICKET_OLD}
        ), 422
    visit_id, send_key = answers.identity("visit"), answers.identity("send_key")
    if visit_id is None and answers.values.get("visit") != OTHER:
        answers.refuse("visit", VISIT_MISSING)
    status = 200
    try:
        if send_key is None:
            raise Refusal(TICKET_OLD)
        with transaction(db.session()) as session:
            rules.clean_text(answers.values.get("text", ""))
            if not answers.errors:
                feedback.tell_complaint(
                    session,
                    case_id,
                    send_key=send_key,
                    visit_id=visit_id,
                    text=answers.values.get("text", ""),
                    wants_call=answers.ticked("wants_call"),
                )
    except Refusal as refusal:
        answers.take(refusal)
        status = refusal.status
    told = _told(db.session(), following_of(db.session(), case_id))
    if answers.errors:
        return _found(told, answers.values, answers.errors), max(status, 422)
    return _found(told, {}, sent=True)


def _found(
    told: Told, values: dict[str, str], errors: dict[str, str] | None = None, *, sent: bool = False
) -> str:
    return render_template(
        "following/found.html",
        told=told,
        values=values,
        errors=errors or {},
        sent=sent,
        longest=rules.LONGEST_TEXT,
    )


@blueprint.post("/da-nhan")
@page(public=True)
def tell_received() -> ResponseReturnValue:
    """Note that the family says it has a result of another agency, and show the request again."""
    case_id = case_of(request.form.get("ticket", ""))
    if case_id is None:
        raise Refusal(TICKET_OLD)
    with transaction(db.session()) as session:
        cases.tell_received(session, case_id, request.form.get("part", ""))
        told = _told(session, following_of(session, case_id))
    return _found(told, {})


def _guess(session: Session, code: str, fact: str) -> Told | None:
    """Look once; a wrong guess is written down in the transaction that looked.

    Raises:
        TooMany: ten wrong guesses for this code or from this address within a quarter of an hour.
    """
    keys = (("follow.code", code[:_LONGEST_KEY]), ("follow.address", visitor_address()))
    if any(throttle.count_failures(session, kind, key, WITHIN) >= MOST_TRIES for kind, key in keys):
        raise TooMany(TOO_MANY)
    case = follow(session, code, fact)
    if case is None:
        for kind, key in keys:
            throttle.note_failure(session, kind, key)
        return None
    throttle.forget_failures(session, *keys[0])
    return _told(session, case)


@blueprint.errorhandler(TooMany)
def too_many(reason: TooMany) -> ResponseReturnValue:
    """Say how long to wait, with the form still filled in."""
    values = {name: request.form.get(name, "") for name in ("code", "fact")}
    page_text = render_template("following/search.html", values=values, errors={"": reason.sentence})
    response = make_response(page_text, reason.status)
    response.headers["Retry-After"] = str(int(WITHIN.total_seconds()))
    return response


def _told(session: Session, case: Following) -> Told:
    visit_at = next_visit(session, case.case_id)
    state = State(case.state)
    awaited = awaited_body(session, case.case_id) if state not in STOPPED else None
    is_open = case.received_at and not case.delivered_at and state not in STOPPED
    rows = deadlines_of(session, case.case_id) if is_open else []
    parts = [row for row in rows if row.kind == "part"]
    reasons = [reason_sentence(reason) for row in parts for reason in row.reasons]
    photographed = family_images(session, case.case_id)
    return Told(
        case,
        awaited,
        STATE_WORDS[state],
        MISSED if _is_missed(case, rows) else _NEXT[state],
        _promised(case, parts),
        _steps(case, visit_at) if state not in STOPPED else _stopped_steps(case, state),
        visit_at,
        tuple(dict.fromkeys(reasons)),
        awaits_papers=state in (State.REQUESTED, State.VISIT_SCHEDULED),
        photo_ticket=ticket_for(case.case_id) if photographed.left else "",
        photo_papers=spoken(photographed.papers),
        ticket=ticket_for(case.case_id),
        missed=told_apology(session, case.case_id),
        visits=tuple(
            (str(visit.id), f"Chuyến đến nhà {moment(visit.starts_at)}")
            for visit in past_visits_of(session, case.case_id)
        ),
        complaints=tuple(complaints_sent(session, case.case_id)),
        send_key=str(new_id()),
    )


def _promised(case: Following, parts: Sequence[DeadlineRow]) -> str:
    """Return until when the result is promised, in words, with its hour where the limit is in hours."""
    if not case.promised_on or case.delivered_at or State(case.state) in STOPPED:
        return ""
    hour = parts[0].due_hour if len(parts) == 1 else ""
    return f"{hour} ngày {day(case.promised_on)}".strip()


def _is_missed(case: Following, promises: Sequence[DeadlineRow]) -> bool:
    """Return whether a promise of the result passed, by its hour where it has one; a clock that stands still misses nothing."""
    if case.registered_at or case.delivered_at:
        return False
    running = [row for row in promises if row.kind != "call" and row.state == "open"]
    return any(row.due_at is not None and row.due_at <= clock.now() for row in running)


def _stopped_steps(case: Following, state: State) -> tuple[Step, ...]:
    """Return the time line of a request that ended otherwise: what was done, then how it ended; nothing to come."""
    done = [step for step in _steps(case, None) if step.is_done]
    return (*done, Step(STATE_WORDS[state], None, True))


def _steps(case: Following, visit_at: datetime | None) -> tuple[Step, ...]:
    """Return the time line: what is done, then what comes next, in the order in which it happens."""
    lines = [
        Step("Xã nhận yêu cầu", case.requested_at, True),
        Step("Xã gọi lại", case.called_at or case.call_by, case.called_at is not None),
        Step("Cán bộ đến nhà, nhận giấy tờ", case.received_at or visit_at, case.received_at is not None),
        Step("Đã đăng ký", case.registered_at, case.registered_at is not None),
        Step(
            "Trao kết quả",
            case.delivered_at or (case.received_at and (visit_at or case.promised_on)),
            case.delivered_at is not None,
        ),
    ]
    if case.flow != "registration":
        lines = [line for line in lines if line.words != "Đã đăng ký"]
    return tuple(lines)
