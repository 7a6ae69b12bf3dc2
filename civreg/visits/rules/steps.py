"""Chuyến đi làm gì với hồ sơ: which cases a visit may serve, and whether booking it moves the case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

from civreg.cases.rules import STATE_WORDS as CASE_STATE_WORDS
from civreg.cases.rules import Action, State
from civreg.deadlines.rules import VIETNAM
from civreg.shared.errors import Conflict
from civreg.shared.text import format_moment_vi

Purpose = Literal["receive", "return"]
PURPOSES: tuple[Purpose, ...] = ("receive", "return")
PURPOSE_WORDS: Mapping[str, str] = {"receive": "Nhận hồ sơ", "return": "Trả kết quả"}
STATE_WORDS: Mapping[str, str] = {
    "planned": "Đã hẹn",
    "done": "Đã đến",
    "nobody_home": "Không gặp gia đình",
    "cancelled": "Đã huỷ",
}

_UNDER_WAY = frozenset(
    {
        State.DOSSIER_RECEIVED,
        State.PAPERS_REQUESTED,
        State.PERSONAL_NUMBER_PENDING,
        State.AWAITING_SIGNATURE,
    }
)
"""Papers were taken: the officer may still go for a missing one, or plan the second visit ahead."""


class SlotTaken(Conflict):
    """The officer is booked at that time; the page offers to join that trip (ghép chuyến).

    Attributes:
        visit_id: the trip that is in the way.
        starts_at: when it starts.
    """

    def __init__(self, visit_id: UUID, starts_at: datetime, officer: str, place: str) -> None:
        start = starts_at.astimezone(VIETNAM)
        where = f" ({place})" if place else ""
        super().__init__(
            f"Lúc {format_moment_vi(start)} {officer} đã có lịch đến nhà{where}. "
            "Ông/bà ghép chuyến hồ sơ này vào lịch đó, hoặc chọn giờ khác."
        )
        self.visit_id = visit_id
        self.starts_at = start


_PAPERS_MISSING = frozenset({State.REQUESTED, State.VISIT_SCHEDULED, State.PAPERS_REQUESTED})
_HAS_RESULT = frozenset({State.REGISTERED, State.DELIVERED})


def purpose_for(state: str) -> Purpose:
    """Return what the next visit to a case in this state is for; with all papers taken it is to bring the result."""
    return "receive" if State(state) in _PAPERS_MISSING else "return"


def past_purpose(state: str) -> Purpose:
    """Return what a visit already made was for: without a result it cannot have brought one."""
    return "return" if State(state) in _HAS_RESULT else "receive"


def visit_step(purpose: Purpose, state: str, *, has_booking: bool = False) -> Action | None:
    """Return how the case moves when such a visit is booked; None when it stays where it is.

    Args:
        purpose: take papers, or bring the result.
        state: where the case stands.
        has_booking: whether another planned visit serves the case; without one a family whose papers were
            not complete at the first visit may be visited again.

    Raises:
        Conflict: when the case has nothing to receive or to bring.
    """
    now = State(state)
    if now is State.REQUESTED and purpose == "receive":
        return Action.BOOK_VISIT
    if now is State.VISIT_SCHEDULED and purpose == "receive" and not has_booking:
        return None
    if now in _UNDER_WAY or (now is State.REGISTERED and purpose == "return"):
        return None
    raise Conflict(_advice(now))


def _advice(now: State) -> str:
    if now is State.VISIT_SCHEDULED:
        return "Hồ sơ này đã có lịch đến nhà. Ông/bà chuyển giờ hoặc huỷ lịch cũ trước khi hẹn lại."
    if now is State.REQUESTED:
        return "Hồ sơ này chưa nhận giấy tờ nên chưa có kết quả để trả. Ông/bà hẹn chuyến “Nhận hồ sơ”."
    if now is State.REGISTERED:
        return "Hồ sơ này đã đăng ký xong. Ông/bà hẹn chuyến “Trả kết quả”."
    return (
        f"Hồ sơ đang ở bước “{CASE_STATE_WORDS[now]}” nên không cần đến nhà nữa. Ông/bà mở lại hồ sơ để xem."
    )
