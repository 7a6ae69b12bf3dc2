"""Phiếu in được: which papers a case offers to print where it stands.

Forms M01 to M06 of TT 03/2025/TT-VPCP (certainty C: the list was read, the layout not), and the declaration that is
signed at the door. The case page shows the buttons, the services of `cases.export` ask the same question.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from enum import StrEnum

from civreg.cases.rules.states import STOPPED, State
from civreg.shared.errors import Conflict


class Slip(StrEnum):
    """A paper of a case that is printed from what is stored; which ones a procedure has, the catalogue says."""

    DECLARATION = "declaration"
    APPOINTMENT = "appointment_slip"
    SUPPLEMENT = "supplement_slip"
    REFUSAL = "refusal_slip"
    STOP = "stop_notice"
    CONTROL = "control_slip"


SLIP_WORDS: Mapping[Slip, str] = {
    Slip.DECLARATION: "Tờ khai",
    Slip.APPOINTMENT: "Giấy hẹn",
    Slip.SUPPLEMENT: "Phiếu yêu cầu bổ sung",
    Slip.REFUSAL: "Phiếu từ chối",
    Slip.STOP: "Thông báo dừng giải quyết",
    Slip.CONTROL: "Phiếu kiểm soát",
}
"""Short words of the buttons; the papers carry their full names."""

_STOPPED = frozenset({State.WITHDRAWN, State.HOME_SERVICE_DECLINED, State.TRANSFERRED})
_TO_BE_SIGNED = frozenset(
    {
        State.REQUESTED,
        State.VISIT_SCHEDULED,
        State.DOSSIER_RECEIVED,
        State.PAPERS_REQUESTED,
        State.PERSONAL_NUMBER_PENDING,
        State.AWAITING_SIGNATURE,
    }
)


def slips_of(
    state: str, slips: Collection[str], *, received_at: datetime | None, papers_asked: bool
) -> tuple[Slip, ...]:
    """Return what can be printed, in the order of the buttons.

    Args:
        state: of the case.
        slips: which ones its procedure has, by the catalogue.
        received_at: when the complete papers were taken.
        papers_asked: whether papers were asked for at least once.
    """
    now = State(state)
    stands = {
        Slip.DECLARATION: now in _TO_BE_SIGNED,
        Slip.APPOINTMENT: received_at is not None and now not in STOPPED,
        Slip.SUPPLEMENT: papers_asked,
        Slip.REFUSAL: now is State.REFUSED,
        Slip.STOP: now in _STOPPED,
        Slip.CONTROL: received_at is not None,
    }
    return tuple(slip for slip in Slip if slip in slips and stands[slip])


_NOT_YET: Mapping[Slip, str] = {
    Slip.DECLARATION: "Tờ khai chỉ in trước khi đăng ký xong. Ông/bà mở lại hồ sơ để xem giấy in được.",
    Slip.APPOINTMENT: "Giấy hẹn chỉ có từ khi nhận đủ giấy tờ đến khi hồ sơ dừng. Ông/bà mở lại hồ sơ để xem "
    "đang ở bước nào.",
    Slip.SUPPLEMENT: "Hồ sơ này chưa yêu cầu bổ sung giấy tờ nên chưa có phiếu. Ông/bà ghi yêu cầu bổ sung trước.",
    Slip.REFUSAL: "Hồ sơ này không bị từ chối nên không có phiếu từ chối. Ông/bà mở lại hồ sơ để xem giấy in được.",
    Slip.STOP: "Hồ sơ này chưa dừng giải quyết nên chưa có thông báo. Ông/bà mở lại hồ sơ để xem giấy in được.",
    Slip.CONTROL: "Hồ sơ này chưa nhận đủ giấy tờ nên chưa có phiếu kiểm soát. Ông/bà nhận hồ sơ trước.",
}


def require_slip(slip: Slip, offered: tuple[Slip, ...], title: str, slips: Collection[str]) -> None:
    """Refuse a paper that does not fit where the case stands, or that its procedure does not have at all.

    Args:
        slip: what somebody wants to print.
        offered: what can be printed now.
        title: name of the procedure.
        slips: which ones the procedure has, by the catalogue.

    Raises:
        Conflict: with what to do first, or what the procedure has instead.
    """
    if slip not in slips:
        instead = ", ".join(SLIP_WORDS[one].lower() for one in Slip if one in slips)
        raise Conflict(
            f"Thủ tục “{title}” không có {SLIP_WORDS[slip].lower()}. Thủ tục này có: {instead}. "
            "Ông/bà mở lại hồ sơ để in giấy phù hợp với bước đang làm."
        )
    if slip not in offered:
        raise Conflict(_NOT_YET[slip])


STOP_TITLES: Mapping[bool, str] = {
    True: "THÔNG BÁO DỪNG GIẢI QUYẾT HỒ SƠ",
    False: "THÔNG BÁO THÔI GIẢI QUYẾT YÊU CẦU",
}
"""Title of M05 when a dossier was received, and when there was only a request."""

_OFFICER_TITLES: tuple[tuple[date, str], ...] = (
    (date(2025, 7, 1), "công chức làm công tác hộ tịch"),
    (date.min, "công chức tư pháp – hộ tịch"),
)
"""From which day on the officer of civil status has which title; the newest first (NĐ 120/2025, two levels)."""


def officer_title(on: date) -> str:
    """Return the title of the officer of civil status on a day, in small letters."""
    return next(title for since, title in _OFFICER_TITLES if since <= on)


def kept_promise(due_on: date | None, done_on: date | None, today: date) -> str:
    """Return how a promise was kept, in the words of the control slip.

    Args:
        due_on: the first promised day; None when no limit is confirmed.
        done_on: when the result was there; None while it is not.
        today: decides about what is still open.
    """
    if due_on is None:
        return "Chưa có hạn" if done_on is None else "Không có hạn"
    if done_on is None:
        return "Còn trong hạn" if today <= due_on else "Quá hạn, chưa xong"
    if done_on < due_on:
        return "Trước hạn"
    return "Đúng hạn" if done_on == due_on else "Quá hạn"
