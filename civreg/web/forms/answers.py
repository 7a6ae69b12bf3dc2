"""Câu trả lời của một biểu mẫu: clean values, and for every field that cannot be used a sentence what to do.

answers = Answers(request.form)
name = answers.text("full_name", missing="Ông/bà ghi họ tên.")
born = answers.partial_date("birth", not_after=clock.today())
if answers.errors: return render(..., values=answers.values, errors=answers.errors), 422
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from civreg.shared.errors import InvalidInput, Refusal
from civreg.shared.partial_date import PartialDate, Precision, parse_day_month_year
from civreg.shared.text import nfc, phone_digits

_LONGEST = 200


class Answers:
    """The answers of one submitted form.

    Attributes:
        values: what was typed, for showing it again unchanged.
        errors: field → sentence, in the order the fields were read.
    """

    def __init__(self, typed: Mapping[str, str]) -> None:
        self.values: dict[str, str] = {name: typed[name] for name in typed}
        self.errors: dict[str, str] = {}

    def refuse(self, field: str, sentence: str) -> None:
        """Note that a field cannot be used; the first sentence of a field stays."""
        self.errors.setdefault(field, sentence)

    def take(self, refusal: Refusal) -> None:
        """Take over what a service said: by field where it named fields, else for the whole form ("")."""
        fields = refusal.fields if isinstance(refusal, InvalidInput) else {}
        if fields:
            for field, sentence in fields.items():
                self.refuse(field, sentence)
        else:
            self.refuse(refusal.field or "", refusal.sentence)

    def text(self, field: str, *, missing: str = "", longest: int = _LONGEST) -> str:
        """Return a line of text in its stored form; empty is refused when `missing` says what to do."""
        clean = nfc(self.values.get(field, ""))
        if len(clean) > longest:
            self.refuse(field, f"Ô này nhận nhiều nhất {longest} ký tự. Ông/bà ghi ngắn lại.")
        if not clean and missing:
            self.refuse(field, missing)
        return clean

    def lines(self, field: str, *, missing: str = "", longest: int = 2000) -> str:
        """Return text of several lines, each in its stored form."""
        clean = "\n".join(nfc(line) for line in self.values.get(field, "").splitlines()).strip()
        if len(clean) > longest:
            self.refuse(field, f"Ô này nhận nhiều nhất {longest} ký tự. Ông/bà ghi ngắn lại.")
        if not clean and missing:
            self.refuse(field, missing)
        return clean

    def choice(self, field: str, allowed: Collection[str], *, missing: str = "") -> str:
        """Return one of the offered values; anything else counts as no answer."""
        value = self.values.get(field, "")
        if value in allowed:
            return value
        if missing:
            self.refuse(field, missing)
        return ""

    def ticked(self, field: str) -> bool:
        """Tell whether a box was ticked."""
        return bool(self.values.get(field))

    def whole(self, field: str, lowest: int, highest: int, *, missing: str = "") -> int | None:
        """Return a whole number within bounds, or None."""
        typed = nfc(self.values.get(field, ""))
        if not typed:
            if missing:
                self.refuse(field, missing)
            return None
        if (
            not typed.isascii()
            or not typed.isdigit()
            or len(typed) > 9
            or not lowest <= int(typed) <= highest
        ):
            self.refuse(field, f"Ông/bà ghi một số từ {lowest} đến {highest}.")
            return None
        return int(typed)

    def phone(self, field: str, *, missing: str = "") -> str:
        """Return a Vietnamese phone number as its digits, or empty."""
        typed = nfc(self.values.get(field, ""))
        if not typed:
            if missing:
                self.refuse(field, missing)
            return ""
        digits = phone_digits(typed)
        if digits is None:
            self.refuse(field, "Số điện thoại có 10 chữ số, bắt đầu bằng số 0, ví dụ 0912 345 678.")
        return digits or ""

    def identity(self, field: str) -> UUID | None:
        """Return an id from a hidden or chosen field, or None."""
        try:
            return UUID(self.values.get(field, ""))
        except ValueError:
            return None

    def partial_date(
        self,
        field: str,
        *,
        allow_partial: bool = True,
        not_after: date | None = None,
        precision: Precision = "known",
        hour: str = "",
    ) -> PartialDate | None:
        """Return a date typed as `<field>_day`, `<field>_month`, `<field>_year`; None when it was refused."""
        parts = (self.values.get(f"{field}_{part}", "") for part in ("day", "month", "year"))
        try:
            return parse_day_month_year(
                *parts, allow_partial=allow_partial, not_after=not_after, precision=precision, hour=hour
            )
        except InvalidInput as refusal:
            for part, sentence in refusal.fields.items():
                self.refuse(f"{field}_{part}", sentence)
            return None

    def day(self, field: str, *, not_after: date | None = None, optional: bool = False) -> date | None:
        """Return a full day typed as three numbers; None when it was refused, or left out where that is allowed."""
        typed = [nfc(self.values.get(f"{field}_{part}", "")) for part in ("day", "month", "year")]
        if optional and not any(typed):
            return None
        answer = self.partial_date(field, allow_partial=False, not_after=not_after)
        return answer.as_date() if answer else None


def day_values(field: str, day: date | None) -> dict[str, str]:
    """Return the three values that show a day in date fields."""
    if day is None:
        return {}
    return {f"{field}_day": str(day.day), f"{field}_month": str(day.month), f"{field}_year": str(day.year)}
