"""Ký tên, điểm chỉ: how a person put her hand under the declaration or the register, kept in words only.

Who cannot read has it read back and presses a thumb (DVCQG 1.003583, 1.000419, 1.000593); a picture of a
fingerprint is never taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from civreg.cases.rules.forms import NAME_LIMIT, ROLE_WORDS, clean_name
from civreg.shared.errors import InvalidInput

ONE_PARTY = (
    "Việc kết hôn không được đăng ký khi chỉ có một bên, cũng không ủy quyền được. "
    "Ông/bà chờ hai bên cùng có mặt rồi đánh dấu vào đây."
)
"""Said when only one party is there (Luật Hộ tịch 2014 arts 6.2, 18)."""
NOT_BY_POST = (
    "Đăng ký lưu động không trả qua bưu chính: người yêu cầu xem và ký sổ khi nhận kết quả. "
    "Ông/bà chọn nơi trả khác."
)
"""DVCQG 1.003583, 1.000419, 1.000593: the register is signed where the result is handed over."""


class Moment(StrEnum):
    """What is signed: the declaration at reception, or the register when the result is brought."""

    DECLARATION = "declaration"
    REGISTER = "register"


class Way(StrEnum):
    """How it is signed."""

    SIGNATURE = "signature"
    THUMB_PRINT = "thumb_print"


MOMENT_WORDS: Mapping[Moment, str] = {Moment.DECLARATION: "Tờ khai", Moment.REGISTER: "Sổ hộ tịch"}
WAY_WORDS: Mapping[Way, str] = {Way.SIGNATURE: "Ký tên", Way.THUMB_PRINT: "Điểm chỉ"}


@dataclass(frozen=True)
class SigningForm:
    """What the officer states about one signer.

    Attributes:
        role: of the signer (requester, groom, bride).
        way: one of `Way`; empty when this person did not sign.
        read_back: it was read to the person before the thumb-print.
        witness: full name of who saw it; empty when there was none.
    """

    role: str
    way: str
    read_back: bool = False
    witness: str = ""


def clean_signings(
    stated: Iterable[SigningForm], signers: Sequence[str], *, moment: Moment, required: bool
) -> tuple[SigningForm, ...]:
    """Return how each person signed, in the order of the signers; who did not sign is left out.

    Args:
        stated: what the officer stated.
        signers: roles of those who sign, from the procedure.
        moment: what is signed.
        required: whether everybody must have signed.

    Raises:
        InvalidInput: one sentence per field `signing.<role>.<part>`, all of them at once.
    """
    by_role = {one.role: one for one in stated}
    problems: dict[str, str] = {}
    clean: list[SigningForm] = []
    for role in signers:
        one = by_role.get(role, SigningForm(role, ""))
        if one.way in tuple(Way):
            clean.append(_clean_one(one, problems))
        elif required:
            problems[f"signing.{role}.way"] = (
                f"{ROLE_WORDS[role]}: ông/bà chọn ký tên hay điểm chỉ vào {MOMENT_WORDS[moment].lower()}."
            )
    if problems:
        raise InvalidInput("Ông/bà ghi đủ chữ ký ở những chỗ được nêu dưới đây.", problems)
    return tuple(clean)


def _clean_one(one: SigningForm, problems: dict[str, str]) -> SigningForm:
    if one.way == Way.SIGNATURE:
        return SigningForm(one.role, one.way)
    if not one.read_back:
        problems[f"signing.{one.role}.read_back"] = (
            f"{ROLE_WORDS[one.role]}: ông/bà đọc lại cho nghe trước khi điểm chỉ, rồi đánh dấu “Đã đọc lại”."
        )
    witness = " ".join(one.witness.split())
    if witness:
        try:
            witness = clean_name(witness, f"signing.{one.role}.witness", "Người chứng")
        except InvalidInput as problem:
            problems.update(problem.fields)
    return SigningForm(one.role, one.way, one.read_back, witness[:NAME_LIMIT])


def signing_sentence(moment: str, name: str, way: str, read_back: bool, witness: str) -> str:
    """Return what a slip and the case page say: "Tờ khai: đã đọc lại cho ông/bà … nghe, điểm chỉ, …"."""
    what = MOMENT_WORDS[Moment(moment)]
    if way == Way.SIGNATURE:
        return f"{what}: ông/bà {name} đã ký tên."
    read = f"đã đọc lại cho ông/bà {name} nghe, điểm chỉ" if read_back else f"ông/bà {name} đã điểm chỉ"
    return f"{what}: {read}{f', người chứng {witness}' if witness else ''}."
