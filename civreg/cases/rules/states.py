"""Bảng trạng thái của hồ sơ: which action leads from which state to which.

Buttons, API and services ask the same table.

Pure: no database, no clock. States and their Vietnamese words come from the practice document.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from civreg.shared.errors import Conflict


class State(StrEnum):
    """Where a case stands."""

    REQUESTED = "requested"
    VISIT_SCHEDULED = "visit_scheduled"
    DOSSIER_RECEIVED = "dossier_received"
    PAPERS_REQUESTED = "papers_requested"
    PERSONAL_NUMBER_PENDING = "personal_number_pending"
    AWAITING_SIGNATURE = "awaiting_signature"
    REGISTERED = "registered"
    DELIVERED = "delivered"
    HOME_SERVICE_DECLINED = "home_service_declined"
    TRANSFERRED = "transferred"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    ANNULLED = "annulled"


STATES = tuple(state.value for state in State)

STATE_WORDS: Mapping[State, str] = {
    State.REQUESTED: "Yêu cầu mới",
    State.VISIT_SCHEDULED: "Đã hẹn đến nhà",
    State.DOSSIER_RECEIVED: "Đã tiếp nhận hồ sơ",
    State.PAPERS_REQUESTED: "Chờ bổ sung giấy tờ",
    State.PERSONAL_NUMBER_PENDING: "Chờ số định danh",
    State.AWAITING_SIGNATURE: "Chờ lãnh đạo ký",
    State.REGISTERED: "Đã đăng ký, chờ trả kết quả",
    State.DELIVERED: "Đã trả kết quả",
    State.HOME_SERVICE_DECLINED: "Mời đến trụ sở",
    State.TRANSFERRED: "Đã chuyển xã có thẩm quyền",
    State.REFUSED: "Từ chối đăng ký",
    State.WITHDRAWN: "Gia đình rút yêu cầu",
    State.ANNULLED: "Đã hủy bỏ đăng ký",
}

ENDED = frozenset(
    {
        State.DELIVERED,
        State.HOME_SERVICE_DECLINED,
        State.TRANSFERRED,
        State.REFUSED,
        State.WITHDRAWN,
        State.ANNULLED,
    }
)
"""States from which nothing more happens, but that a result may be annulled."""
FINAL = frozenset({State.REGISTERED, State.DELIVERED})
"""States in which an event stands registered: it can be corrected or annulled."""
STOPPED = ENDED - FINAL
"""Ended without a registration: nothing more is promised, asked or copied."""


class Action(StrEnum):
    """What a person does to a case."""

    BOOK_VISIT = "book_visit"
    LOSE_VISIT = "lose_visit"
    RECEIVE_DOSSIER = "receive_dossier"
    REQUEST_PAPERS = "request_papers"
    TAKE_PAPERS = "take_papers"
    AWAIT_PERSONAL_NUMBER = "await_personal_number"
    ENTER_NUMBERS = "enter_numbers"
    SIGN = "sign"
    DELIVER = "deliver"
    DECLINE_HOME_SERVICE = "decline_home_service"
    TRANSFER = "transfer"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    ANNUL = "annul"


ACTION_WORDS: Mapping[Action, str] = {
    Action.BOOK_VISIT: "Hẹn đến nhà",
    Action.LOSE_VISIT: "Huỷ lịch hẹn",
    Action.RECEIVE_DOSSIER: "Nhận hồ sơ",
    Action.REQUEST_PAPERS: "Yêu cầu bổ sung giấy tờ",
    Action.TAKE_PAPERS: "Đã nhận giấy tờ bổ sung",
    Action.AWAIT_PERSONAL_NUMBER: "Đã nhập phần mềm hộ tịch, chờ số định danh",
    Action.ENTER_NUMBERS: "Ghi số đăng ký",
    Action.SIGN: "Lãnh đạo đã ký",
    Action.DELIVER: "Đã trả kết quả",
    Action.DECLINE_HOME_SERVICE: "Mời đến trụ sở",
    Action.TRANSFER: "Chuyển xã có thẩm quyền",
    Action.REFUSE: "Từ chối đăng ký",
    Action.WITHDRAW: "Gia đình rút yêu cầu",
    Action.ANNUL: "Hủy bỏ đăng ký",
}

UNIT_CHANGED = "change_unit"
"""A step of the history that no button makes: the case went to the unit that follows an ended one."""
CORRECTION_OPENED, CORRECTION_CLOSED = "open_correction", "close_correction"
"""Steps of the history that leave the state as it is: a final registration is being corrected, and was."""
RELATIVE_DECLARED = "declare_relative"
"""A step of the history: whoever took it has said that the family is their own, and registers no more in this case."""
RELATIVE_TAKEN_BACK = "take_back_relative"
"""A step of the history: the head took such a declaration back, with a reason."""
REGISTERING = frozenset(
    {Action.RECEIVE_DOSSIER, Action.AWAIT_PERSONAL_NUMBER, Action.ENTER_NUMBERS, Action.SIGN}
)
"""What nobody does for their own family (Luật Hộ tịch 2014 art 12.1.h)."""

_BEFORE_PAPERS = (State.REQUESTED, State.VISIT_SCHEDULED)
_BEFORE_REGISTRATION = (
    State.DOSSIER_RECEIVED,
    State.PAPERS_REQUESTED,
    State.PERSONAL_NUMBER_PENDING,
    State.AWAITING_SIGNATURE,
)

REGISTRATION: Mapping[tuple[State, Action], State] = {
    (State.REQUESTED, Action.BOOK_VISIT): State.VISIT_SCHEDULED,
    (State.VISIT_SCHEDULED, Action.LOSE_VISIT): State.REQUESTED,
    **{(state, Action.RECEIVE_DOSSIER): State.DOSSIER_RECEIVED for state in _BEFORE_PAPERS},
    **{(state, Action.REQUEST_PAPERS): state for state in _BEFORE_PAPERS},
    (State.DOSSIER_RECEIVED, Action.REQUEST_PAPERS): State.PAPERS_REQUESTED,
    (State.PAPERS_REQUESTED, Action.REQUEST_PAPERS): State.PAPERS_REQUESTED,
    (State.PAPERS_REQUESTED, Action.TAKE_PAPERS): State.DOSSIER_RECEIVED,
    (State.DOSSIER_RECEIVED, Action.AWAIT_PERSONAL_NUMBER): State.PERSONAL_NUMBER_PENDING,
    (State.DOSSIER_RECEIVED, Action.ENTER_NUMBERS): State.AWAITING_SIGNATURE,
    (State.PERSONAL_NUMBER_PENDING, Action.ENTER_NUMBERS): State.AWAITING_SIGNATURE,
    (State.AWAITING_SIGNATURE, Action.SIGN): State.REGISTERED,
    (State.REGISTERED, Action.DELIVER): State.DELIVERED,
    **{(state, Action.DECLINE_HOME_SERVICE): State.HOME_SERVICE_DECLINED for state in _BEFORE_PAPERS},
    **{(state, Action.TRANSFER): State.TRANSFERRED for state in _BEFORE_PAPERS},
    **{(state, Action.WITHDRAW): State.WITHDRAWN for state in (*_BEFORE_PAPERS, *_BEFORE_REGISTRATION)},
    **{(state, Action.REFUSE): State.REFUSED for state in _BEFORE_REGISTRATION},
    **{(state, Action.ANNUL): State.ANNULLED for state in FINAL},
}

ASSISTANCE: Mapping[tuple[State, Action], State] = {
    move: to
    for move, to in REGISTRATION.items()
    if not {move[0], to}
    & {State.PERSONAL_NUMBER_PENDING, State.AWAITING_SIGNATURE, State.REGISTERED, State.ANNULLED}
} | {(State.DOSSIER_RECEIVED, Action.DELIVER): State.DELIVERED}

FLOWS: Mapping[str, Mapping[tuple[State, Action], State]] = {
    "registration": REGISTRATION,
    "assistance": ASSISTANCE,
}


def next_state(flow: str, state: str, action: Action) -> State:
    """Return where an action leads.

    Raises:
        Conflict: when the action does not fit the state (a stale page).
    """
    found = FLOWS[flow].get((State(state), action))
    if found is None:
        raise Conflict(
            f"Hồ sơ đang ở bước “{STATE_WORDS[State(state)]}” nên chưa làm được việc “{ACTION_WORDS[action]}”. "
            "Ông/bà mở lại hồ sơ để xem bước tiếp theo."
        )
    return found


def open_actions(flow: str, state: str) -> tuple[Action, ...]:
    """Return what can be done on the way to the result, in the order of the buttons; annulling is offered apart."""
    return tuple(
        action for action in Action if (State(state), action) in FLOWS[flow] and action is not Action.ANNUL
    )
