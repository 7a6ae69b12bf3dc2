"""Các ô sửa được của hồ sơ, as flat text: what a form shows, sends back and merges by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.cases.models import Case, Consent, Party
from civreg.shared import crypto

FIELD_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "full_name": "họ và tên",
        "birth_day": "ngày sinh",
        "birth_month": "tháng sinh",
        "birth_year": "năm sinh",
        "sex": "giới tính",
        "ethnic_group": "dân tộc",
        "residence": "nơi cư trú",
        "relation": "quan hệ",
        "marriage_ordinal": "kết hôn lần thứ mấy",
        "phone": "số điện thoại",
        "hamlet": "ấp, khóm",
        "address": "địa chỉ",
        "note": "ghi chú",
        "place_of_event": "nơi sinh hoặc nơi mất",
        "birth_paper_number": "số giấy chứng sinh hoặc báo tử",
        "event_day": "ngày sự kiện",
        "event_month": "tháng sự kiện",
        "event_year": "năm sự kiện",
        "event_hour": "giờ",
        "interpreter_wanted": "cần người phiên dịch",
        "father_unknown": "không khai cha",
        "letter_consent": "đồng ý nhận thư",
    }
)


def _text(value: int | str | None) -> str:
    return "" if value is None else str(value)


def latest_consent(session: Session, case: Case, purpose: str = "letter") -> str:
    """Return the newest answer (yes, no, later), empty when never asked."""
    answer = session.scalar(
        select(Consent.answer)
        .where(Consent.case_id == case.id, Consent.purpose == purpose)
        .order_by(Consent.given_at.desc(), Consent.id.desc())
        .limit(1)
    )
    return answer or ""


def phone_of(party: Party) -> str:
    """Open a person's phone number; the caller writes the read log."""
    return crypto.unseal(party.sealed_phone, "party", party.id, "sealed_phone")


def editable_fields(session: Session, case: Case, parties: Sequence[Party]) -> dict[str, str]:
    """Return every field a form may change, by the name the form uses (`mother.full_name`)."""
    fields = {
        "hamlet": case.hamlet,
        "address": case.address,
        "note": case.note,
        "place_of_event": case.place_of_event,
        "birth_paper_number": case.birth_paper_number,
        "event_day": _text(case.event_day),
        "event_month": _text(case.event_month),
        "event_year": _text(case.event_year),
        "event_hour": _text(case.event_hour),
        "interpreter_wanted": "1" if case.interpreter_wanted else "",
        "father_unknown": "1" if case.father_unknown else "",
        "letter_consent": latest_consent(session, case),
    }
    for party in parties:
        fields |= {
            f"{party.role}.full_name": party.full_name,
            f"{party.role}.birth_day": _text(party.birth_day),
            f"{party.role}.birth_month": _text(party.birth_month),
            f"{party.role}.birth_year": _text(party.birth_year),
            f"{party.role}.sex": _text(party.sex),
            f"{party.role}.ethnic_group": crypto.unseal(
                party.sealed_ethnic_group, "party", party.id, "sealed_ethnic_group"
            ),
            f"{party.role}.residence": party.residence,
            f"{party.role}.relation": party.relation,
            f"{party.role}.marriage_ordinal": _text(party.marriage_ordinal),
            f"{party.role}.phone": phone_of(party),
        }
    return fields
