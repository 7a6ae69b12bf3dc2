"""Hoàn cảnh cần lưu ý: what an officer notes about a case beside its form, and what follows. Pure.

Which of them a procedure knows stands in the catalogue (`circumstances`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from civreg.cases.rules.forms import PEOPLE_REQUIRED, clean_line, clean_name
from civreg.shared.errors import InvalidInput

EVIDENCE_WORDS: Mapping[str, str] = {
    "paper": "Có giấy tờ, chứng cứ về quan hệ cha con hoặc mẹ con",
    "two_witnesses": "Không có chứng cứ: văn bản cam đoan, có hai người làm chứng",
}
"""How a parent is recognised together with the birth (TT 04/2020 art 14, as practice tells it)."""

CAUSE_LIMIT = 200

_ASK_PARENTS = (
    "Bé sống chưa đủ 24 giờ thì chỉ đăng ký khi cha mẹ có yêu cầu (Bộ luật Dân sự 2015, điều 30 khoản 3). "
    "Ông/bà hỏi cha mẹ, ghi câu trả lời ở “Hoàn cảnh cần lưu ý” rồi nhận hồ sơ."
)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What was noted.

    Attributes:
        evidence: of a recognition together with the birth: paper, two_witnesses, or empty for no recognition.
        witnesses: names of the two witnesses.
        abandoned: the child was found abandoned; whoever raises it asks.
        lived_under_a_day: the child lived less than 24 hours.
        stillborn_sibling: another child of the same birth was born dead (thai chết lưu); nothing is registered for it.
        parent_detained: a parent is in custody or in prison.
        registration_asked: whether the parents ask for registration all the same; None when nobody asked them.
        death_paper_by_commune: the death was at home, the commune writes the giấy báo tử itself.
        cause: of death; sealed when stored.
    """

    evidence: str = ""
    witnesses: tuple[str, str] = ("", "")
    abandoned: bool = False
    lived_under_a_day: bool = False
    stillborn_sibling: bool = False
    parent_detained: bool = False
    registration_asked: bool | None = None
    death_paper_by_commune: bool = False
    cause: str = ""


def clean_circumstances(noted: Circumstances) -> Circumstances:
    """Return what was noted with every text cleaned; names of witnesses only where there are witnesses.

    Raises:
        InvalidInput: one sentence per field in `fields`, all of them at once.
    """
    problems: dict[str, str] = {}
    names = ["", ""]
    if noted.evidence == "two_witnesses":
        for place, typed in enumerate(noted.witnesses):
            try:
                names[place] = clean_name(typed, f"witness_{place + 1}", f"Người làm chứng thứ {place + 1}")
            except InvalidInput as problem:
                problems.update(problem.fields)
    if noted.evidence not in ("", *EVIDENCE_WORDS):
        problems["evidence"] = "Ông/bà chọn căn cứ nhận cha, mẹ, con."
    cause = ""
    try:
        cause = clean_line(noted.cause, "cause", "Nguyên nhân", CAUSE_LIMIT)
    except InvalidInput as problem:
        problems.update(problem.fields)
    if problems:
        raise InvalidInput("Ông/bà sửa lại những chỗ được nêu dưới đây.", problems)
    return Circumstances(
        noted.evidence,
        (names[0], names[1]),
        noted.abandoned,
        noted.lived_under_a_day,
        noted.stillborn_sibling,
        noted.parent_detained,
        noted.registration_asked if noted.lived_under_a_day else None,
        noted.death_paper_by_commune,
        cause,
    )


def people_required(occasion: str, circumstances: Collection[str]) -> tuple[str, ...]:
    """Return who must be named before a dossier is taken; nobody knows the mother of an abandoned child."""
    return tuple(
        role for role in PEOPLE_REQUIRED[occasion] if not (role == "mother" and "abandoned" in circumstances)
    )


def bars_reception(*, lived_under_a_day: bool, registration_asked: bool | None) -> str:
    """Return why a dossier cannot be taken yet in these circumstances; empty when it can."""
    return _ASK_PARENTS if lived_under_a_day and not registration_asked else ""
