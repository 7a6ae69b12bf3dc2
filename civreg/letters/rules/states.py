"""Bảng trạng thái của thư: draft → approved → issued → printed → signed, sealed → with the officer → handed over.

A spoiled sheet goes back to issued and is printed again under its number; a hand-over noted by mistake is taken back.
What turns up between approval and the family's door stops a numbered letter where it is, until a head lets it go,
replaces it or cancels it.

A draft has no number. `issue` is the job that gives the number and renders the final bytes; from then on the
words never change, and a letter that is cancelled leaves its number void in the letter book, never reused.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from civreg.shared.errors import Conflict, InvalidInput


class LetterState(StrEnum):
    """Where a letter stands."""

    DRAFT = "draft"
    HELD = "held"
    APPROVED = "approved"
    ISSUED = "issued"
    PRINTED = "printed"
    SIGNED_SEALED = "signed_sealed"
    WITH_OFFICER = "with_officer"
    HANDED_OVER = "handed_over"
    RETURNED = "returned"
    KEPT = "kept"
    CANCELLED = "cancelled"


STATE_WORDS: Mapping[LetterState, str] = {
    LetterState.DRAFT: "Dự thảo",
    LetterState.HELD: "Tạm giữ",
    LetterState.APPROVED: "Đã duyệt, chờ cấp số",
    LetterState.ISSUED: "Đã cấp số, chờ in",
    LetterState.PRINTED: "Đã in, chờ ký",
    LetterState.SIGNED_SEALED: "Đã ký, đóng dấu",
    LetterState.WITH_OFFICER: "Đã giao cho cán bộ đi trao",
    LetterState.HANDED_OVER: "Đã trao tận tay",
    LetterState.RETURNED: "Chưa trao được, đã mang về",
    LetterState.KEPT: "Lưu tại đơn vị",
    LetterState.CANCELLED: "Đã hủy",
}


class LetterAction(StrEnum):
    """What a person, or the issuing job, does to a letter."""

    APPROVE = "approve"
    HOLD = "hold"
    RELEASE = "release"
    CANCEL = "cancel"
    ISSUE = "issue"
    PRINT = "print"
    REPRINT = "reprint"
    SIGN_SEAL = "sign_seal"
    GIVE_TO_OFFICER = "give_to_officer"
    HAND_OVER = "hand_over"
    RETURN = "return"
    SPOIL = "spoil"
    UNPRINT = "unprint"
    KEEP = "keep"
    TAKE_BACK = "take_back"
    SETTLE_RECALL = "settle_recall"
    STOP = "stop"
    LET_GO = "let_go"
    REPLACE = "replace"


ACTION_WORDS: Mapping[LetterAction, str] = {
    LetterAction.APPROVE: "Duyệt thư",
    LetterAction.HOLD: "Tạm giữ",
    LetterAction.RELEASE: "Bỏ tạm giữ",
    LetterAction.CANCEL: "Hủy thư",
    LetterAction.ISSUE: "Cấp số",
    LetterAction.PRINT: "In thư",
    LetterAction.REPRINT: "In lại",
    LetterAction.SIGN_SEAL: "Đã ký, đóng dấu",
    LetterAction.GIVE_TO_OFFICER: "Giao cho cán bộ đi trao",
    LetterAction.HAND_OVER: "Đã trao tận tay",
    LetterAction.RETURN: "Chưa trao được, mang về",
    LetterAction.SPOIL: "Tờ hỏng, in lại",
    LetterAction.UNPRINT: "Hủy đợt in",
    LetterAction.KEEP: "Lưu thư tại đơn vị",
    LetterAction.TAKE_BACK: "Ghi nhầm, thư chưa trao",
    LetterAction.SETTLE_RECALL: "Đã báo gia đình về thư đã trao",
    LetterAction.STOP: "Dừng lại trước khi in",
    LetterAction.LET_GO: "Cho thư đi tiếp",
    LetterAction.REPLACE: "Thay bằng thư mới",
}

HAND_OVER_WAYS: Mapping[str, str] = {
    "visit": "Tại nhà, trong chuyến đi",
    "office": "Tại trụ sở",
    "post": "Qua bưu điện",
}
"""Where a letter reaches the family."""

NUMBERED = (
    LetterState.ISSUED,
    LetterState.PRINTED,
    LetterState.SIGNED_SEALED,
    LetterState.WITH_OFFICER,
    LetterState.RETURNED,
)
"""On the way with a number."""
PAPER = NUMBERED[1:]
"""On the way as a sheet of paper."""
UNNUMBERED = (LetterState.DRAFT, LetterState.HELD, LetterState.APPROVED)
"""Before the number: words and unit can still change."""

TABLE: Mapping[tuple[LetterState, LetterAction], LetterState] = {
    (LetterState.DRAFT, LetterAction.APPROVE): LetterState.APPROVED,
    (LetterState.DRAFT, LetterAction.HOLD): LetterState.HELD,
    (LetterState.APPROVED, LetterAction.HOLD): LetterState.HELD,
    (LetterState.HELD, LetterAction.RELEASE): LetterState.DRAFT,
    (LetterState.APPROVED, LetterAction.ISSUE): LetterState.ISSUED,
    (LetterState.ISSUED, LetterAction.PRINT): LetterState.PRINTED,
    (LetterState.PRINTED, LetterAction.REPRINT): LetterState.PRINTED,
    (LetterState.PRINTED, LetterAction.SIGN_SEAL): LetterState.SIGNED_SEALED,
    (LetterState.SIGNED_SEALED, LetterAction.GIVE_TO_OFFICER): LetterState.WITH_OFFICER,
    (LetterState.SIGNED_SEALED, LetterAction.HAND_OVER): LetterState.HANDED_OVER,
    (LetterState.WITH_OFFICER, LetterAction.HAND_OVER): LetterState.HANDED_OVER,
    (LetterState.WITH_OFFICER, LetterAction.RETURN): LetterState.RETURNED,
    (LetterState.RETURNED, LetterAction.GIVE_TO_OFFICER): LetterState.WITH_OFFICER,
    (LetterState.RETURNED, LetterAction.HAND_OVER): LetterState.HANDED_OVER,
    (LetterState.RETURNED, LetterAction.KEEP): LetterState.KEPT,
    (LetterState.KEPT, LetterAction.HAND_OVER): LetterState.HANDED_OVER,
    (LetterState.KEPT, LetterAction.GIVE_TO_OFFICER): LetterState.WITH_OFFICER,
    (LetterState.PRINTED, LetterAction.UNPRINT): LetterState.ISSUED,
    **{(state, LetterAction.SPOIL): LetterState.ISSUED for state in PAPER},
    (LetterState.HANDED_OVER, LetterAction.TAKE_BACK): LetterState.RETURNED,
    (LetterState.HANDED_OVER, LetterAction.SETTLE_RECALL): LetterState.HANDED_OVER,
    (LetterState.ISSUED, LetterAction.STOP): LetterState.ISSUED,
    **{(state, LetterAction.LET_GO): state for state in (*NUMBERED, LetterState.KEPT)},
    **{(state, LetterAction.REPLACE): LetterState.CANCELLED for state in (*NUMBERED, LetterState.KEPT)},
    **{
        (state, LetterAction.CANCEL): LetterState.CANCELLED
        for state in (*UNNUMBERED, *NUMBERED, LetterState.KEPT)
    },
}

ENDED = frozenset({LetterState.HANDED_OVER, LetterState.CANCELLED})
"""States in which nothing is left to do."""

_REASONED = frozenset(
    {
        LetterAction.HOLD,
        LetterAction.CANCEL,
        LetterAction.RETURN,
        LetterAction.SPOIL,
        LetterAction.UNPRINT,
        LetterAction.KEEP,
        LetterAction.TAKE_BACK,
        LetterAction.SETTLE_RECALL,
        LetterAction.LET_GO,
        LetterAction.REPLACE,
    }
)
GOES_OUT = frozenset(
    {
        LetterAction.PRINT,
        LetterAction.REPRINT,
        LetterAction.SIGN_SEAL,
        LetterAction.GIVE_TO_OFFICER,
        LetterAction.HAND_OVER,
    }
)
"""What brings a letter nearer to the family: barred while its registration is being corrected, or was annulled, and
while the letter is stopped."""


def needs_reason(action: LetterAction) -> bool:
    """Return whether an action is recorded only with its reason."""
    return action in _REASONED


def next_state(state: str, action: LetterAction, *, reason: str | None = None) -> LetterState:
    """Return where an action leads.

    Raises:
        Conflict: when the action does not fit the state (a stale page).
        InvalidInput: when the action needs a reason and none is given.
    """
    found = TABLE.get((LetterState(state), action))
    if found is None:
        raise Conflict(
            f"Thư đang ở bước “{STATE_WORDS[LetterState(state)]}” nên chưa làm được việc “{ACTION_WORDS[action]}”. "
            "Ông/bà mở lại thư để xem bước tiếp theo."
        )
    if needs_reason(action) and not (reason or "").strip():
        sentence = f"Ông/bà ghi lý do trước khi chọn “{ACTION_WORDS[action]}”."
        raise InvalidInput(sentence, {"reason": sentence})
    return found


def actions(state: str) -> tuple[LetterAction, ...]:
    """Return what may be done to a letter in `state`, the next step of the flow first."""
    return tuple(action for (at, action) in TABLE if at == state)


def number_is_void(state: str, number: int | None) -> bool:
    """Return whether a number was given and the letter then cancelled: the book shows it as void."""
    return state == LetterState.CANCELLED and number is not None
