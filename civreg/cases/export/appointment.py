"""Giấy hẹn và mã tra cứu: what leaves a case for the family, on paper or read out over the phone.

The slip is mẫu M01 of TT 03/2025/TT-VPCP (Giấy tiếp nhận hồ sơ và hẹn trả kết quả), filled from what is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor
from civreg.cases.export.office import office_on
from civreg.cases.queries import CasePage, PartRow, Receipt, case_page, receipt_of
from civreg.cases.rules import Moment, PartState, Slip
from civreg.deadlines.queries import DeadlineRow, deadlines_of
from civreg.deadlines.rules import reason_sentence
from civreg.shared import audit
from civreg.shared.paper.slip import NO_DATE, AppointmentSlip, PromisedResult, Tracking, render_slip

PLACE_WORDS = {
    "office": "trụ sở Ủy ban nhân dân",
    "home": "nhà của gia đình",
    "mobile_site": "điểm đăng ký lưu động",
    "online": "nộp trực tuyến",
    "post": "qua bưu chính",
}

PAUSED = "Tạm dừng; hẹn lại ngày khi nhận đủ giấy tờ bổ sung"
"""In place of a day while the clock stands still."""


def appointment_slip(session: Session, actor: Actor, case_id: UUID, public_url: str) -> bytes:
    """Return the PDF of the slip, the same for every reprint of the same promise.

    Args:
        session: the open transaction; the reading is logged.
        actor: the officer of the unit.
        case_id: a case whose papers were taken.
        public_url: address of the family pages, for the QR code.

    Raises:
        NotFound: another unit's case.
        Conflict: no papers were taken yet.
    """
    case = case_page(session, actor, case_id)
    case.require_slip(Slip.APPOINTMENT)
    receipt = receipt_of(session, case_id)
    received_at = case.taken_at
    office = office_on(session, case, received_at.date())
    slip = AppointmentSlip(
        heading=office.heading,
        place=office.unit.bare,
        case_code=case.code,
        requester=case.requester.full_name,
        received_at=received_at,
        request=case.rules.title_vi,
        results=_results(case, deadlines_of(session, case_id)),
        papers=tuple(paper.title.rstrip(".") for paper in case.papers if paper.seen_at),
        tracking=Tracking(
            code=receipt.tracking_code,
            pin=receipt.pin,
            address=public_url.partition("://")[2].rstrip("/") + "/tra-cuu",
            link=public_url.rstrip("/") + "/tra-cuu",
            hotline=receipt.hotline,
        ),
        officer=office.officer,
        address=home_of(case, office.unit.spoken),
        phone=case.requester.phone,
        received_where=PLACE_WORDS.get(case.reception_place or "", ""),
        returned_where=PLACE_WORDS[case.return_place],
        cost=" ".join(case.rules.costs_on(received_at.date())),
        signed=tuple(one.sentence for one in case.signings if one.moment == Moment.DECLARATION),
    )
    return render_slip(slip)


def tracking_to_read_out(session: Session, actor: Actor, case_id: UUID) -> Receipt:
    """Return the receipt with code and PIN for an officer to read to a family that lost it; the reading is logged.

    Raises:
        NotFound: another unit's case.
    """
    case = case_page(session, actor, case_id)
    audit.record_read(
        session, "tracking_code", actor_id=actor.user_id, subject_type="case", subject_id=case.id
    )
    return receipt_of(session, case.id)


def home_of(case: CasePage, unit_name: str) -> str:
    """Return where the family lives, as the officer finds it, with the unit."""
    return ", ".join(filter(None, (case.fields["address"], case.fields["hamlet"], unit_name)))


def _results(case: CasePage, deadlines: Sequence[DeadlineRow]) -> tuple[PromisedResult, ...]:
    """Return what the slip promises: nothing of a part that the family does without."""
    by_part = {deadline.subject_id: deadline for deadline in deadlines if deadline.kind == "part"}
    papers = {part.code: part.result_paper for part in case.rules.parts}
    return tuple(
        _result(part, papers.get(part.code, part.title), by_part.get(part.id))
        for part in case.parts
        if part.state != PartState.ABANDONED
    )


def _result(part: PartRow, paper: str, deadline: DeadlineRow | None) -> PromisedResult:
    """Return one result with its own day, or with why there is none."""
    return PromisedResult(
        result=paper,
        agency=part.agency,
        due_on=deadline.due_on if deadline else None,
        reason=" ".join(reason_sentence(reason) for reason in deadline.reasons) if deadline else "",
        due_hour=deadline.due_hour if deadline else "",
        without_day=PAUSED if deadline and deadline.paused else NO_DATE,
    )
