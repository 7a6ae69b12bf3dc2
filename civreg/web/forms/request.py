"""Câu trả lời của gia đình: the kinds of boxes on a question page, and how what was typed in them is read.

Every box keeps what was typed, word for word, beside the sentence that says what to do. A question may hold a
few boxes of one thing (day, month, year); nothing here knows which service asks.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from civreg.shared.errors import InvalidInput
from civreg.shared.partial_date import PartialDate, parse_day_month_year
from civreg.shared.text import nfc, phone_digits, thousands

Kind = Literal["name", "text", "lines", "choice", "date", "year", "phone", "commune", "hamlet"]

NAME_LIMIT = 100
"""Letters of a full name; the longest real ones have about 50."""
TEXT_LIMIT = 200
LINES_LIMIT = 500

_NAME_PUNCTUATION = frozenset(" '’-.")
_PICTURES = frozenset({"So", "Sk", "Co"})


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of a choice (lựa chọn): the stored word, and the words a person reads."""

    value: str
    label: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """Một ô trả lời.

    Attributes:
        name: of the input; a date has three inputs, `name_day`, `name_month`, `name_year`.
        label: what stands at the box; the same word stands on the review page.
        kind: how it is read.
        hint: help under the label.
        required: whether an empty box is refused with `ask`.
        ask: the sentence for an empty box.
        limit: most letters.
        options: of a choice.
        only_when: (name of a choice, its answers) under which the box counts; otherwise it is left out.
        autocomplete: the browser's word for what belongs here.
        inputmode: `numeric` or `tel` for the phone's keyboard.
    """

    name: str
    label: str
    kind: Kind
    hint: str = ""
    required: bool = True
    ask: str = ""
    limit: int = TEXT_LIMIT
    options: tuple[Option, ...] = ()
    only_when: tuple[str, frozenset[str]] | None = None
    autocomplete: str = "off"

    def inputs(self) -> tuple[str, ...]:
        """Return the names of its inputs in the order they are typed."""
        if self.kind == "date":
            return tuple(f"{self.name}_{part}" for part in ("day", "month", "year"))
        if self.kind == "commune":
            return (self.name, f"{self.name}_label")
        return (self.name,)

    def counts(self, answers: Mapping[str, str]) -> bool:
        """Return whether this box is asked, given the other answers of its page."""
        return self.only_when is None or answers.get(self.only_when[0], "") in self.only_when[1]


@dataclass(frozen=True, slots=True)
class Question:
    """Một câu hỏi, một trang.

    Attributes:
        id: last part of its address.
        heading: the question itself.
        boxes: where the answer is typed.
        help: sentences under the heading.
        label: short name on the review page.
    """

    id: str
    heading: str
    boxes: tuple[Box, ...]
    label: str
    help: tuple[str, ...] = ()

    def inputs(self) -> tuple[str, ...]:
        """Return the names of all inputs of the page."""
        return tuple(name for box in self.boxes for name in box.inputs())


def take_typed(question: Question, sent: Mapping[str, str]) -> dict[str, str]:
    """Return what was typed into the boxes of a question, as it came (for showing again)."""
    return {name: sent.get(name, "") for name in question.inputs()}


def clean_answers(question: Question, typed: Mapping[str, str]) -> dict[str, str]:
    """Return the answers as they are kept: composed letters, single blanks, boxes that do not count left out."""
    tidy = {name: nfc(value) for name, value in typed.items()}
    return {
        name: tidy.get(name, "") if box.counts(tidy) else ""
        for box in question.boxes
        for name in box.inputs()
    }


def refusals(question: Question, answers: Mapping[str, str], today: date) -> dict[str, str]:
    """Return the sentence for each input that cannot be used; nothing when the question is answered.

    Args:
        question: the page.
        answers: as `clean_answers` gives them.
        today: the last possible day of an event.
    """
    found: dict[str, str] = {}
    for box in question.boxes:
        if box.counts(answers):
            found |= _CHECKS[box.kind](box, answers, today)
    return found


def read_date(answers: Mapping[str, str], name: str, today: date, hour: str = "") -> PartialDate:
    """Return a date box as a partial date.

    Raises:
        InvalidInput: with a sentence; `fields` by input.
    """
    day, month, year = (answers.get(f"{name}_{part}", "") for part in ("day", "month", "year"))
    return parse_day_month_year(day, month, year, allow_partial=True, not_after=today, hour=hour)


def read_year(answers: Mapping[str, str], name: str, today: date) -> PartialDate:
    """Return a year box as a partial date (năm sinh).

    Raises:
        InvalidInput: with a sentence.
    """
    return parse_day_month_year("", "", answers.get(name, ""), allow_partial=True, not_after=today)


def shown(box: Box, answers: Mapping[str, str], today: date) -> str:
    """Return an answer as the review page shows it; an empty one reads "(để trống)"."""
    if box.kind == "date":
        try:
            return read_date(answers, box.name, today).sentence()
        except InvalidInput:
            return "/".join(answers.get(name, "") for name in box.inputs())
    value = answers.get(f"{box.name}_label" if box.kind == "commune" else box.name, "")
    if box.kind == "choice":
        return next((option.label for option in box.options if option.value == value), "(chưa chọn)")
    return value or "(để trống)"


def _empty(box: Box, answers: Mapping[str, str]) -> dict[str, str] | None:
    """Return the answer to an empty box, or None when something was typed."""
    if answers.get(box.name, ""):
        return None
    return {box.name: box.ask or f"Ông/bà ghi {box.label.lower()}."} if box.required else {}


def _too_long(box: Box, value: str) -> dict[str, str]:
    if len(value) <= box.limit:
        return {}
    sentence = f"Ô này ghi được {box.limit} ký tự, ông/bà đã ghi {thousands(len(value))}. Xin ghi ngắn lại."
    return {box.name: sentence}


def _check_name(box: Box, answers: Mapping[str, str], _today: date) -> dict[str, str]:
    empty = _empty(box, answers)
    if empty is not None:
        return empty
    value = answers[box.name]
    long = _too_long(box, value)
    if long:
        return long
    if any(character.isdigit() for character in value):
        return {box.name: "Họ tên không có chữ số. Ông/bà ghi lại bằng chữ."}
    strange = [letter for letter in value if not _belongs_to_name(letter)]
    if strange:
        return {box.name: f"Họ tên chỉ gồm chữ cái. Ông/bà bỏ “{strange[0]}” rồi gửi lại."}
    if not any(unicodedata.category(letter).startswith("L") for letter in value):
        return {box.name: box.ask or "Ông/bà ghi họ tên bằng chữ."}
    return {}


def _belongs_to_name(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "LM" or letter in _NAME_PUNCTUATION


def _check_text(box: Box, answers: Mapping[str, str], _today: date) -> dict[str, str]:
    empty = _empty(box, answers)
    if empty is not None:
        return empty
    value = answers[box.name]
    pictures = [letter for letter in value if unicodedata.category(letter) in _PICTURES]
    if pictures:
        return {box.name: f"Ô này in ra giấy nên chỉ nhận chữ và số. Ông/bà bỏ “{pictures[0]}” rồi gửi lại."}
    return _too_long(box, value)


def _check_lines(box: Box, answers: Mapping[str, str], _today: date) -> dict[str, str]:
    """Free words to the officer: little pictures do no harm here, they are never printed on a paper."""
    empty = _empty(box, answers)
    return _too_long(box, answers[box.name]) if empty is None else empty


def _check_choice(box: Box, answers: Mapping[str, str], _today: date) -> dict[str, str]:
    value = answers.get(box.name, "")
    if not value and not box.required:
        return {}
    if value in {option.value for option in box.options}:
        return {}
    return {box.name: box.ask or "Ông/bà chọn một câu trả lời."}


def _check_date(box: Box, answers: Mapping[str, str], today: date) -> dict[str, str]:
    if box.required and not any(answers.get(name, "") for name in box.inputs()):
        return {f"{box.name}_year": box.ask or "Ông/bà ghi ngày, tháng, năm; không nhớ ngày thì ghi năm."}
    try:
        read_date(answers, box.name, today)
    except InvalidInput as reason:
        return {f"{box.name}_{part}": sentence for part, sentence in reason.fields.items()}
    return {}


def _check_year(box: Box, answers: Mapping[str, str], today: date) -> dict[str, str]:
    empty = _empty(box, answers)
    if empty is not None:
        return empty
    try:
        read_year(answers, box.name, today)
    except InvalidInput as reason:
        return {box.name: reason.sentence}
    return {}


def _check_phone(box: Box, answers: Mapping[str, str], _today: date) -> dict[str, str]:
    empty = _empty(box, answers)
    if empty is not None:
        return empty
    if phone_digits(answers[box.name]) is None:
        return {box.name: "Ông/bà ghi số điện thoại đủ 10 chữ số, ví dụ 0912 345 678."}
    return {}


def _check_commune(box: Box, answers: Mapping[str, str], _today: date) -> dict[str, str]:
    """Only whether one was chosen; whether it exists and still holds, the units know."""
    if re.fullmatch(r"[0-9]{1,12}", answers.get(box.name, "")):
        return {}
    return {box.name: box.ask or "Ông/bà ghi tên xã, bấm “Tìm xã”, rồi chọn xã trong danh sách."}


_CHECKS: dict[Kind, Callable[[Box, Mapping[str, str], date], dict[str, str]]] = {
    "name": _check_name,
    "text": _check_text,
    "lines": _check_lines,
    "choice": _check_choice,
    "date": _check_date,
    "year": _check_year,
    "phone": _check_phone,
    "commune": _check_commune,
    "hamlet": _check_text,
}
