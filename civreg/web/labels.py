"""Chữ và dấu hiệu: Vietnamese words for codes, and the shape of a state, the same on every page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask import Flask

from civreg.accounts.rules import ROLE_WORDS as STAFF_ROLE_WORDS
from civreg.cases.export import PLACE_WORDS
from civreg.cases.queries import FIELD_WORDS
from civreg.cases.rules import (
    ACTION_WORDS,
    CORRECTION_CLOSED,
    CORRECTION_OPENED,
    EVIDENCE_WORDS,
    KIND_WORDS,
    PART_ACTION_WORDS,
    PART_STATE_WORDS,
    RELATIVE_DECLARED,
    RELATIVE_TAKEN_BACK,
    ROLE_WORDS,
    STAGE_WORDS,
    STATE_WORDS,
    UNIT_CHANGED,
    Action,
    PartAction,
    PartState,
    State,
    people_required,
)
from civreg.cases.rules.tidings import OCCASION_WORDS, REPORTER_WORDS, TIDING_STATE_WORDS
from civreg.cases.service import ACCOUNTS, SENT_HOW, TOLD_HOW
from civreg.deadlines.rules import Reason, reason_sentence
from civreg.visits.rules import PURPOSE_WORDS
from civreg.visits.rules import STATE_WORDS as VISIT_STATE_WORDS

_KINDS: Mapping[State, str] = {
    State.REQUESTED: "wait",
    State.VISIT_SCHEDULED: "work",
    State.DOSSIER_RECEIVED: "work",
    State.PAPERS_REQUESTED: "wait",
    State.PERSONAL_NUMBER_PENDING: "wait",
    State.AWAITING_SIGNATURE: "wait",
    State.REGISTERED: "work",
    State.DELIVERED: "done",
    State.HOME_SERVICE_DECLINED: "stop",
    State.TRANSFERRED: "stop",
    State.REFUSED: "stop",
    State.WITHDRAWN: "stop",
    State.ANNULLED: "stop",
}

SEX_WORDS = {"male": "Nam", "female": "Nữ"}
CONSENT_WORDS = {"yes": "Có", "no": "Không", "later": "Trả lời sau", "": "Chưa hỏi"}
STEP_WORDS: Mapping[Action, str] = {
    Action.TAKE_PAPERS: "Nhận giấy tờ bổ sung",
    Action.AWAIT_PERSONAL_NUMBER: "Chưa có số định danh",
    Action.SIGN: "Ghi là lãnh đạo đã ký",
    Action.DELIVER: "Trả kết quả",
}
"""What a button says where the words of the history tell of something done already."""
ENDING_WORDS: Mapping[Action, str] = {
    Action.DECLINE_HOME_SERVICE: "Công chức quyết định. Gia đình làm việc này ở trụ sở; lịch hẹn gọi, hẹn đến khép lại.",
    Action.TRANSFER: "Công chức quyết định. Việc thuộc đơn vị khác; đơn vị ấy gọi gia đình và nhận yêu cầu mới.",
    Action.REFUSE: "Chỉ lãnh đạo đơn vị quyết định, bằng văn bản có lý do (Luật Hộ tịch điều 5).",
    Action.WITHDRAW: "Gia đình tự thôi, không phải bị từ chối. Gia đình gửi lại yêu cầu lúc nào cũng được.",
}
"""Who may say each of the noes, and what follows."""
CHANNEL_WORDS = {
    "web": "trang web",
    "phone": "điện thoại",
    "counter": "tại trụ sở",
    "hamlet_head": "trưởng ấp báo",
    "health_station": "trạm y tế báo",
    "pagoda": "chùa báo",
    "neighbour": "hàng xóm, người quen báo",
}


_OTHER_STEPS: Mapping[str, str] = {
    "request": "Gia đình gửi yêu cầu",
    UNIT_CHANGED: "Chuyển sang đơn vị mới do sắp xếp đơn vị hành chính",
    CORRECTION_OPENED: "Mở việc sửa sai sót",
    RELATIVE_DECLARED: "Công chức khai là người thân thích",
    RELATIVE_TAKEN_BACK: "Lãnh đạo bỏ lời khai là người thân thích",
    CORRECTION_CLOSED: "Đã sửa xong sai sót",
}
"""Steps of the history that no row of the state table makes."""


def case_state(state: str) -> str:
    """Return the word of a case's state."""
    return STATE_WORDS[State(state)]


def case_state_kind(state: str) -> str:
    """Return the shape in which the state is shown."""
    return _KINDS[State(state)]


def move_words(action: str) -> str:
    """Return what a step of the history says."""
    if action in _OTHER_STEPS:
        return _OTHER_STEPS[action]
    return ACTION_WORDS[Action(action)]


def birth_words(person: object) -> str:
    """Return a day of birth as far as it is known ("25/9/1998", "9/1998", "1998")."""
    parts = [getattr(person, f"birth_{part}") for part in ("day", "month", "year")]
    return "/".join(str(part) for part in parts if part is not None)


def days_left(due_on: date, today: date) -> str:
    """Return how near a day is: "hôm nay", "còn 3 ngày", "quá 2 ngày"."""
    left = (due_on - today).days
    if left == 0:
        return "hôm nay"
    return f"còn {left} ngày" if left > 0 else f"quá {-left} ngày"


def reason_words(reasons: tuple[Reason, ...]) -> list[str]:
    """Return why a day was promised, a sentence each."""
    return [reason_sentence(reason) for reason in reasons]


def field_words(name: str) -> str:
    """Return the Vietnamese name of a form field ("mother.full_name" → "Mẹ: họ và tên")."""
    role, _, field = name.rpartition(".")
    words = FIELD_WORDS.get(field, field)
    return f"{ROLE_WORDS[role]}: {words}" if role in ROLE_WORDS else words


def field_value(value: str, name: str) -> str:
    """Return a field's value in words ("female" → "Nữ"); an empty one is named, so that it can be seen."""
    field = name.rpartition(".")[2]
    words = {"sex": SEX_WORDS, "letter_consent": CONSENT_WORDS}.get(field, {})
    if field in ("interpreter_wanted", "father_unknown"):
        return "Có" if value else "Không"
    return words.get(value, value) or "(trống)"


def visit_state_kind(state: str) -> str:
    """Return the shape in which the state of a visit is shown."""
    return {"planned": "work", "done": "done"}.get(state, "stop")


def part_state(state: str) -> str:
    """Return the word of a part's state."""
    return PART_STATE_WORDS[PartState(state)]


def part_action(action: str) -> str:
    """Return what is noted about a part."""
    return PART_ACTION_WORDS[PartAction(action)]


def account_words(account: str) -> str:
    """Return whose account a part was submitted under."""
    return ACCOUNTS.get(account, account)


def init_app(app: Flask) -> None:
    """Offer the words to every template."""
    app.jinja_env.globals.update(
        ROLE_WORDS=ROLE_WORDS,
        STAFF_ROLE_WORDS=STAFF_ROLE_WORDS,
        PLACE_WORDS=PLACE_WORDS,
        SEX_WORDS=SEX_WORDS,
        CONSENT_WORDS=CONSENT_WORDS,
        CHANNEL_WORDS=CHANNEL_WORDS,
        PURPOSE_WORDS=PURPOSE_WORDS,
        VISIT_STATE_WORDS=VISIT_STATE_WORDS,
        ACTION_WORDS=ACTION_WORDS,
        STEP_WORDS=STEP_WORDS,
        people_required=people_required,
        EVIDENCE_WORDS=EVIDENCE_WORDS,
        ENDING_WORDS=ENDING_WORDS,
        APOLOGY_SENT_HOW=SENT_HOW,
        APOLOGY_TOLD_HOW=TOLD_HOW,
        REPORTER_WORDS=REPORTER_WORDS,
        TIDING_OCCASION_WORDS=OCCASION_WORDS,
        TIDING_STATE_WORDS=TIDING_STATE_WORDS,
        ASK_KIND_WORDS=KIND_WORDS,
        STAGE_WORDS=STAGE_WORDS,
    )
    for offered in (
        case_state,
        case_state_kind,
        move_words,
        birth_words,
        days_left,
        reason_words,
        field_words,
        field_value,
        visit_state_kind,
        part_state,
        part_action,
        account_words,
    ):
        app.add_template_filter(offered, offered.__name__)
