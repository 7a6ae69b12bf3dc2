"""Yêu cầu bổ sung: what counts as a round, at intake and at appraisal apart.

At intake the office lists in writing every paper that is missing, once (Luật Hộ tịch 2014 art 9.3, certainty A). At
appraisal it may ask once more (NĐ 118/2025, certainty C: the text was not read). Asking again for what is still
missing or for a better version of a paper already asked for is no further round, and another agency's request is not
ours. Only a new paper after the round of its stage needs the head's word.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Stage(StrEnum):
    """When papers are asked for: before or after the dossier was taken."""

    INTAKE = "intake"
    APPRAISAL = "appraisal"


class AskKind(StrEnum):
    """What kind of asking it is."""

    FIRST = "first"
    SECOND = "second"
    STILL_MISSING = "still_missing"
    WRONG_VERSION = "wrong_version"
    OTHER_AGENCY = "other_agency"


STAGE_WORDS: Mapping[Stage, str] = MappingProxyType(
    {Stage.INTAKE: "Lúc tiếp nhận", Stage.APPRAISAL: "Lúc giải quyết"}
)
KIND_WORDS: Mapping[AskKind, str] = MappingProxyType(
    {
        AskKind.FIRST: "Lần đầu",
        AskKind.SECOND: "Thêm giấy tờ mới",
        AskKind.STILL_MISSING: "Nhắc giấy tờ còn thiếu",
        AskKind.WRONG_VERSION: "Đổi bản chưa đúng",
        AskKind.OTHER_AGENCY: "Cơ quan khác yêu cầu",
    }
)
BASIS: Mapping[Stage, str] = MappingProxyType(
    {
        Stage.INTAKE: "Luật Hộ tịch 2014 điều 9 khoản 3",
        Stage.APPRAISAL: "Nghị định 118/2025/NĐ-CP (chưa xác nhận nguyên văn)",
    }
)
"""The legal basis that is kept with each asking."""

ROUNDS = frozenset({AskKind.FIRST, AskKind.SECOND})
"""Kinds that are a round of the office; the others are counted beside them."""


def kind_of(
    chosen: frozenset[str],
    *,
    asked: frozenset[str],
    missing: frozenset[str],
    asked_at_stage: bool,
    other_agency: bool = False,
) -> AskKind:
    """Return what kind of asking this is.

    Args:
        chosen: papers asked for now.
        asked: papers that were asked for before, at any stage.
        missing: those of them that have not come.
        asked_at_stage: whether this stage has had its round.
        other_agency: the police or the insurance asks, not this office.
    """
    if other_agency:
        return AskKind.OTHER_AGENCY
    if chosen <= missing:
        return AskKind.STILL_MISSING
    if chosen <= asked:
        return AskKind.WRONG_VERSION
    return AskKind.SECOND if asked_at_stage else AskKind.FIRST
