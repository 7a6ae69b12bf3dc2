"""Giấy hẹn và mã tra cứu: what leaves a case for the family, on paper or read out over the phone.

The slip is mẫu M01 of TT 03/2025/TT-VPCP (Giấy tiếp nhận hồ sơ và hẹn trả kết quả), filled from what is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from civreg.accounts.queries import names_of
from civreg.accounts.rules import Actor
from civreg.cases.queries import CasePage, Receipt, apologies_of, case_page, receipt_of
from civreg.deadlines.queries import DeadlineRow, deadlines_of
from civreg.deadlines.rules import reason_sentence
from civreg.shared import audit, clock
from civreg.shared.errors import Conflict, NotFound
from civreg.shared.paper.heading import Heading, Signature
from civreg.shared.paper.letter import LetterSheet, render_letter
from civreg.shared.paper.slip import AppointmentSlip, PromisedResult, Tracking, render_slip
from civreg.shared.text import format_date_vi
from civreg.units import queries as units
from civreg.units.queries import ParticipationRow

PLACE_WORDS = {
    "office": "trụ sở Ủy ban nhân dân",
    "home": "nhà của gia đình",
    "mobile_site": "điểm đăng ký lưu động",
    "online": "nộp trực tuyến",
    "post": "qua bưu chính",
}


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
    if case.received_at is None:
        raise Conflict("Hồ sơ này chưa nhận đủ giấy tờ nên chưa có giấy hẹn. Ông/bà nhận hồ sơ trước.")
    receipt = receipt_of(session, case_id)
    unit = units.unit_by_id(session, case.unit_id)
    received_at = case.received_at.astimezone(clock.ZONE)
    people = {person.role: person for person in case.people}
    requester = people.get("requester")
    officer = names_of(session, [case.officer_id]) if case.officer_id else {}
    slip = AppointmentSlip(
        heading=Heading.of_commune(unit.spoken),
        place=unit.bare,
        case_code=case.code,
        requester=requester.full_name if requester else "",
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
        officer=next(iter(officer.values()), ""),
        address=", ".join(filter(None, (case.fields["address"], case.fields["hamlet"], unit.name))),
        phone=requester.phone if requester else "",
        received_where=PLACE_WORDS.get(case.reception_place or "", ""),
        returned_where=PLACE_WORDS[case.return_place],
        cost=case.rules.cost,
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


def _results(case: CasePage, deadlines: Sequence[DeadlineRow]) -> tuple[PromisedResult, ...]:
    by_part = {deadline.subject_id: deadline for deadline in deadlines if deadline.kind == "part"}
    papers = {part.code: part.result_paper for part in case.rules.parts}
    return tuple(
        PromisedResult(
            result=papers.get(part.code, part.title),
            agency=part.agency,
            due_on=_due_on(by_part.get(part.id)),
            reason=" ".join(
                reason_sentence(reason) for reason in (by_part[part.id].reasons if part.id in by_part else ())
            ),
        )
        for part in case.parts
    )


def _due_on(deadline: DeadlineRow | None) -> date | None:
    return deadline.due_on if deadline else None


def apology_slip(session: Session, actor: Actor, case_id: UUID, apology_id: UUID) -> bytes:
    """Return the PDF of a signed apology with its one new date (mẫu M04; layout of certainty C).

    Args:
        session: the open transaction; the reading is logged.
        actor: an officer of the unit.
        case_id: the case.
        apology_id: the apology.

    Raises:
        NotFound: another unit's case, or no such apology.
        Conflict: it is not signed yet.
    """
    case = case_page(session, actor, case_id)
    apology = next((row for row in apologies_of(session, actor, case_id) if row.id == apology_id), None)
    if apology is None:
        raise NotFound("Không tìm thấy phiếu xin lỗi này ở đơn vị của ông/bà.")
    if apology.signed_at is None or apology.new_due_on is None or case.received_at is None:
        raise Conflict("Phiếu xin lỗi này chưa được ký nên chưa in được. Ông/bà nhờ lãnh đạo ký trước.")
    unit = units.unit_by_id(session, case.unit_id)
    signed_on = apology.signed_at.astimezone(clock.ZONE).date()
    office = units.participation_of(session, case.unit_id, signed_on)
    requester = next(person for person in case.people if person.role == "requester")
    received = format_date_vi(case.received_at.astimezone(clock.ZONE).date())
    whole = (
        f"Ngày {received}, Ủy ban nhân dân {unit.spoken} đã nhận đủ giấy tờ của ông/bà để giải quyết: "
        f"{case.rules.title_vi}. Ngày hẹn trả kết quả là {format_date_vi(apology.missed_on)}.",
        f"Đến nay hồ sơ chưa giải quyết xong. Lý do: {apology.reason}",
        f"Ủy ban nhân dân {unit.spoken} xin lỗi ông/bà vì sự chậm trễ này và hẹn trả kết quả vào ngày "
        f"{format_date_vi(apology.new_due_on)}.",
        f"Cần hỏi thêm, xin ông/bà gọi {office.hotline}." if office and office.hotline else "",
    )
    return render_letter(
        LetterSheet(
            heading=Heading.of_commune(unit.spoken),
            place=unit.bare,
            dated_on=signed_on,
            title="PHIẾU XIN LỖI VÀ HẸN LẠI NGÀY TRẢ KẾT QUẢ",
            subtitle=f"Mã hồ sơ: {case.code}",
            salutation=f"Kính gửi: Ông/bà {requester.full_name}",
            paragraphs=tuple(filter(None, whole)),
            signature=_signature(office),
        )
    )


def _signature(office: ParticipationRow | None) -> Signature:
    """Return the block of who signs papers of the unit on that day."""
    if office is None:
        return Signature(("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"))
    return Signature((office.signer_prefix, office.signer_title), name=office.signer_name or "")
