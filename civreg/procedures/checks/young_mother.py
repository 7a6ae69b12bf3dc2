"""Mẹ dưới 18 tuổi: a person decides what to say and to whom; the registration goes on."""

from __future__ import annotations

from civreg.procedures.rules import Answers, Finding, full_age_on

_ADULT = 18


def check(answers: Answers) -> list[Finding]:
    """Keep the request for a call when the mother was surely under 18 at birth, in words that blame nobody."""
    mother = answers.person("mother")
    earliest = mother.birth.earliest() if mother else None
    happened = answers.event.latest() or answers.on
    if earliest is None or full_age_on(earliest, _ADULT) <= happened:
        return []
    sentence = "Xã sẽ gọi lại để hướng dẫn thêm trước khi đến nhà. Ông/bà vẫn gửi yêu cầu này bình thường."
    return [Finding("young_mother", "keep_for_call", sentence, "mother_birth")]
