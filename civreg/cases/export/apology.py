"""Phiếu xin lỗi và hẹn lại ngày trả kết quả (mẫu M04), once it is signed."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor
from civreg.cases.export.office import office_on
from civreg.cases.queries import apologies_of, case_page
from civreg.shared import clock
from civreg.shared.errors import Conflict, NotFound
from civreg.shared.paper.letter import LetterSheet, render_letter
from civreg.shared.text import format_date_vi


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
    signed_on = apology.signed_at.astimezone(clock.ZONE).date()
    office = office_on(session, case, signed_on)
    received = format_date_vi(case.received_at.astimezone(clock.ZONE).date())
    whole = (
        f"Ngày {received}, {office.name} đã nhận đủ giấy tờ của ông/bà để giải quyết: "
        f"{case.rules.title_vi}. Ngày hẹn trả kết quả là {format_date_vi(apology.missed_on)}.",
        f"Đến nay hồ sơ chưa giải quyết xong. Lý do: {apology.reason}",
        f"{office.name} xin lỗi ông/bà vì sự chậm trễ này và hẹn trả kết quả vào ngày "
        f"{format_date_vi(apology.new_due_on)}.",
        f"Cần hỏi thêm, xin ông/bà gọi {office.hotline}." if office.hotline else "",
    )
    return render_letter(
        LetterSheet(
            heading=office.heading,
            place=office.unit.bare,
            dated_on=signed_on,
            title="PHIẾU XIN LỖI VÀ HẸN LẠI NGÀY TRẢ KẾT QUẢ",
            subtitle=f"Mã hồ sơ: {case.code}",
            salutation=f"Kính gửi: Ông/bà {case.requester.full_name}",
            paragraphs=tuple(filter(None, whole)),
            signature=office.head_signature,
        )
    )
