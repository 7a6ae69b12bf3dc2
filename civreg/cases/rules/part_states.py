"""Bảng trạng thái của thủ tục thành phần: the way of a part that another agency does."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from civreg.shared.errors import Conflict


class PartState(StrEnum):
    """Where a part stands."""

    OPEN = "open"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    DONE = "done"
    REFUSED = "refused"
    ABANDONED = "abandoned"


class PartAction(StrEnum):
    """What happens to a part."""

    SUBMIT = "submit"
    RETURN = "return"
    FINISH = "finish"
    REFUSE = "refuse"
    GIVE_UP = "give_up"


PART_STATE_WORDS: Mapping[PartState, str] = {
    PartState.OPEN: "Chưa nộp",
    PartState.SUBMITTED: "Đã nộp trên Cổng DVCQG/VNeID",
    PartState.RETURNED: "Cơ quan trả lại, cần bổ sung",
    PartState.DONE: "Đã có kết quả",
    PartState.REFUSED: "Cơ quan từ chối",
    PartState.ABANDONED: "Gia đình không làm nữa",
}

PART_ACTION_WORDS: Mapping[PartAction, str] = {
    PartAction.SUBMIT: "Đã nộp trên Cổng DVCQG/VNeID",
    PartAction.RETURN: "Cơ quan trả lại",
    PartAction.FINISH: "Đã có kết quả",
    PartAction.REFUSE: "Cơ quan từ chối",
    PartAction.GIVE_UP: "Gia đình không làm nữa",
}

_UNDER_WAY = (PartState.OPEN, PartState.SUBMITTED, PartState.RETURNED)

PART_MOVES: Mapping[tuple[PartState, PartAction], PartState] = {
    (PartState.OPEN, PartAction.SUBMIT): PartState.SUBMITTED,
    (PartState.RETURNED, PartAction.SUBMIT): PartState.SUBMITTED,
    (PartState.SUBMITTED, PartAction.RETURN): PartState.RETURNED,
    **{(state, PartAction.FINISH): PartState.DONE for state in _UNDER_WAY},
    **{(state, PartAction.REFUSE): PartState.REFUSED for state in (PartState.SUBMITTED, PartState.RETURNED)},
    **{(state, PartAction.GIVE_UP): PartState.ABANDONED for state in _UNDER_WAY},
    (PartState.ABANDONED, PartAction.SUBMIT): PartState.SUBMITTED,
}
"""A part given up may be taken up again; done and refused are ends."""


def next_part_state(state: PartState, action: PartAction) -> PartState:
    """Return where an action leads.

    Raises:
        Conflict: when the action does not fit the state.
    """
    found = PART_MOVES.get((state, action))
    if found is None:
        raise Conflict(
            f"Thủ tục này đang ở bước “{PART_STATE_WORDS[state]}” nên chưa ghi được "
            f"“{PART_ACTION_WORDS[action]}”. Ông/bà mở lại hồ sơ để xem."
        )
    return found


def open_part_actions(state: str) -> tuple[PartAction, ...]:
    """Return what can be done with a part, in the order of the buttons."""
    return tuple(action for action in PartAction if (PartState(state), action) in PART_MOVES)
