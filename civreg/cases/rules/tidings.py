"""Báo tin: what somebody without an account tells of another family, checked before it is written."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from civreg.cases.rules.codes import TRACKING_ALPHABET
from civreg.cases.rules.forms import NOTE_LIMIT, Channel, clean_line, clean_name, clean_phone
from civreg.shared.errors import InvalidInput
from civreg.shared.partial_date import PartialDate

REPORTER_WORDS: Mapping[Channel, str] = MappingProxyType(
    {
        "hamlet_head": "Trưởng ấp, trưởng khóm",
        "health_station": "Trạm y tế",
        "pagoda": "Chùa",
        "neighbour": "Hàng xóm, người quen",
    }
)
"""Who tells; the request that comes of it keeps this as its channel."""

TIDING_STATE_WORDS: Mapping[str, str] = MappingProxyType(
    {"new": "Tin mới", "taken": "Đã lập yêu cầu", "dropped": "Đã bỏ"}
)

OCCASION_WORDS: Mapping[str, str] = MappingProxyType(
    {"birth": "Có em bé mới sinh", "death": "Có người qua đời", "marriage": "Có đám cưới"}
)
"""What may be told; nothing else has a tiding."""


@dataclass(frozen=True)
class TidingForm:
    """What was told (tin báo).

    Attributes:
        unit_id: the commune where the family lives.
        reporter: who tells, a key of `REPORTER_WORDS`.
        occasion: a key of `OCCASION_WORDS`.
        family_name: whom the officer should ask for.
        event: the day it happened, as far as it is known.
    """

    unit_id: int
    reporter: Channel
    reporter_name: str
    occasion: str
    family_name: str
    reporter_phone: str = ""
    family_phone: str = ""
    hamlet: str = ""
    note: str = ""
    event: PartialDate = field(default_factory=lambda: PartialDate(precision="unknown"))


def clean_tiding(form: TidingForm) -> TidingForm:
    """Return what was told with every text cleaned.

    Raises:
        InvalidInput: one sentence per field in `fields`, all of them at once.
    """
    problems: dict[str, str] = {}

    def attempt(clean: Callable[..., str], *args: str | int) -> str:
        try:
            return clean(*args)
        except InvalidInput as problem:
            problems.update(problem.fields)
            return ""

    cleaned = replace(
        form,
        reporter_name=attempt(clean_name, form.reporter_name, "reporter_name", "Họ tên của ông/bà"),
        reporter_phone=attempt(clean_phone, form.reporter_phone, "reporter_phone"),
        family_name=attempt(clean_name, form.family_name, "family_name", "Người trong gia đình"),
        family_phone=attempt(clean_phone, form.family_phone, "family_phone"),
        hamlet=attempt(clean_line, form.hamlet, "hamlet", "Ấp, khóm"),
        note=attempt(clean_line, form.note, "note", "Lời nhắn", NOTE_LIMIT),
    )
    if form.reporter not in REPORTER_WORDS:
        problems["reporter"] = "Ông/bà chọn mình là ai."
    if form.occasion not in OCCASION_WORDS:
        problems["occasion"] = "Ông/bà chọn việc cần báo."
    if problems:
        raise InvalidInput("Ông/bà sửa lại những chỗ được nêu dưới đây.", problems)
    return cleaned


def new_tiding_code() -> str:
    """Return a short code to name a tiding by on the phone (`BT-7K3M9P`); it opens nothing."""
    return "BT-" + "".join(secrets.choice(TRACKING_ALPHABET) for _ in range(6))
