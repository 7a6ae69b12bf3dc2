"""Bản khai yêu cầu: what a family or an officer states, checked and cleaned before anything is written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

from civreg.shared.errors import InvalidInput
from civreg.shared.partial_date import PartialDate
from civreg.shared.text import nfc, phone_digits

NAME_LIMIT = 120
LINE_LIMIT = 200
NOTE_LIMIT = 1000

ROLES = ("child", "mother", "father", "groom", "bride", "deceased", "requester")

ROLE_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "requester": "Người yêu cầu",
        "child": "Trẻ được khai sinh",
        "mother": "Mẹ",
        "father": "Cha",
        "groom": "Bên nam",
        "bride": "Bên nữ",
        "deceased": "Người đã mất",
    }
)

PEOPLE_ASKED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "birth": ("child", "mother", "father"),
        "death": ("deceased",),
        "marriage": ("groom", "bride"),
        "tax": (),
        "assistance": (),
    }
)
"""Whom a case of an occasion names beside the requester."""

PEOPLE_REQUIRED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "birth": ("child", "mother"),
        "death": ("deceased",),
        "marriage": ("groom", "bride"),
        "tax": (),
        "assistance": (),
    }
)
"""Who must be named before a dossier is taken; a father may stay unstated."""

ConsentAnswer = Literal["yes", "no", "later"]
Channel = Literal["web", "phone", "counter", "hamlet_head", "health_station", "pagoda", "neighbour"]


@dataclass(frozen=True)
class PersonForm:
    """One person as stated; empty texts are "not stated yet".

    Attributes:
        role: one of `ROLES`.
        birth: year, month, day as far as known.
        sex: male, female or None.
        ethnic_group: dân tộc; sealed when stored.
        relation: of the requester to the child or the deceased.
        marriage_ordinal: which marriage this is, 1 for the first.
    """

    role: str
    full_name: str
    birth: PartialDate = field(default_factory=lambda: PartialDate(precision="unknown"))
    sex: Literal["male", "female"] | None = None
    ethnic_group: str = ""
    residence: str = ""
    relation: str = ""
    marriage_ordinal: int | None = None
    ordinal: int = 1


@dataclass(frozen=True)
class RequestForm:
    """A request for a home visit (yêu cầu); a call-back needs only a name, perhaps a phone, and the commune.

    Attributes:
        unit_id: the commune that is asked.
        event: day of birth or death; None for marriages and call-backs.
        death_paper_by_commune: the death was at home, so the commune writes the giấy báo tử itself.
        left_out_parts: codes of optional parts the family does not want.
        letter_consent: the answer to "may we bring a letter"; None when not asked yet.
    """

    procedure: str
    unit_id: int
    requester_name: str
    phone: str = ""
    callback_only: bool = False
    hamlet: str = ""
    address: str = ""
    note: str = ""
    interpreter_wanted: bool = False
    people: tuple[PersonForm, ...] = ()
    event: PartialDate | None = None
    event_hour: str = ""
    place_of_event: str = ""
    birth_paper_number: str = ""
    father_unknown: bool = False
    requester_relation: str = ""
    left_out_parts: tuple[str, ...] = ()
    death_paper_by_commune: bool = False
    letter_consent: ConsentAnswer | None = None
    channel: Channel = "web"


def clean_name(typed: str, field_name: str, who: str = "Họ và tên") -> str:
    """Return a person's name in NFC with single blanks.

    Raises:
        InvalidInput: with a sentence that says what to do (empty, too long, digits, emoji or signs).
    """
    name = nfc(typed)
    if not name:
        raise _refusal(field_name, f"{who}: ông/bà ghi họ, chữ đệm và tên, ví dụ Thạch Thị Sa Rết.")
    if len(name) > NAME_LIMIT:
        raise _refusal(field_name, f"{who}: ông/bà ghi không quá {NAME_LIMIT} chữ (đang có {len(name)} chữ).")
    for letter in name:
        if not (unicodedata.category(letter)[0] in "LM" or letter in " '’.-"):
            raise _refusal(field_name, f"{who}: ông/bà chỉ ghi bằng chữ cái, bỏ ký hiệu “{letter}”.")
    return name


def clean_line(typed: str, field_name: str, what: str, limit: int = LINE_LIMIT) -> str:
    """Return one line of free text in NFC, at most `limit` characters.

    Raises:
        InvalidInput: when it is longer, saying by how much to shorten it.
    """
    line = nfc(typed)
    if len(line) > limit:
        raise _refusal(field_name, f"{what}: ông/bà rút ngắn còn {limit} chữ (đang có {len(line)} chữ).")
    return line


def clean_phone(typed: str, field_name: str = "phone") -> str:
    """Return a phone number as digits; empty stays empty (a family without a phone is served too).

    Raises:
        InvalidInput: when it is not a Vietnamese number.
    """
    if not typed.strip():
        return ""
    digits = phone_digits(typed)
    if digits is None:
        raise _refusal(
            field_name,
            "Số điện thoại: ông/bà ghi đủ 10 chữ số, bắt đầu bằng số 0, ví dụ 0912 345 678; "
            "không có điện thoại thì để trống.",
        )
    return digits


def clean_personal_number(typed: str, *, as_given: bool = False) -> str:
    """Return the twelve digits of a số định danh cá nhân.

    Args:
        typed: as typed or pasted.
        as_given: a person confirmed that the software gave this number; its length is then no obstacle.

    Raises:
        InvalidInput: when there are not exactly twelve digits and nobody confirmed it.
    """
    digits = re.sub(r"[\s.]", "", unicodedata.normalize("NFKC", typed))
    if not re.fullmatch(r"[0-9]{1,20}" if as_given else r"[0-9]{12}", digits):
        raise _refusal(
            "personal_number", "Số định danh: ông/bà ghi đủ 12 chữ số như phần mềm hộ tịch trả về."
        )
    return digits


def clean_register_number(typed: str) -> str:
    """Return the number of the entry in the register as the Ministry's software gives it (số đăng ký).

    Raises:
        InvalidInput: when it is empty, too long, or holds other signs than digits, letters, / . and -.
    """
    number = nfc(typed)
    if not re.fullmatch(r"[0-9A-Za-zĐđ./ -]{1,40}", number):
        raise _refusal(
            "register_number", "Số đăng ký: ông/bà chép đúng số trên phần mềm hộ tịch, ví dụ 123/2026."
        )
    return number


def clean_request(form: RequestForm) -> RequestForm:
    """Return the request with every text cleaned.

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

    people = tuple(
        replace(
            person,
            full_name=attempt(
                clean_name, person.full_name, f"{person.role}.full_name", ROLE_WORDS[person.role]
            ),
            residence=attempt(clean_line, person.residence, f"{person.role}.residence", "Nơi cư trú"),
        )
        for person in form.people
        if person.full_name.strip()
    )
    cleaned = replace(
        form,
        requester_name=attempt(clean_name, form.requester_name, "requester.full_name", "Người yêu cầu"),
        phone=attempt(clean_phone, form.phone, "requester.phone"),
        hamlet=attempt(clean_line, form.hamlet, "hamlet", "Ấp, khóm"),
        address=attempt(clean_line, form.address, "address", "Địa chỉ"),
        note=attempt(clean_line, form.note, "note", "Ghi chú", NOTE_LIMIT),
        place_of_event=attempt(clean_line, form.place_of_event, "place_of_event", "Nơi sinh hoặc nơi mất"),
        birth_paper_number=attempt(
            clean_line, form.birth_paper_number, "birth_paper_number", "Số giấy chứng sinh hoặc báo tử", 60
        ),
        event_hour=attempt(clean_line, form.event_hour, "event_hour", "Giờ", 60),
        people=people,
    )
    if problems:
        raise InvalidInput("Ông/bà sửa lại những chỗ được nêu dưới đây.", problems)
    return cleaned


def _refusal(field_name: str, sentence: str) -> InvalidInput:
    return InvalidInput(sentence, {field_name: sentence})
