"""Tuổi kết hôn: a man from 20 full years, a woman from 18 (Luật Hôn nhân và gia đình 2014 art 8)."""

from __future__ import annotations

from typing import Literal

from civreg.procedures.rules import MARRIAGE_AGE, Answers, Finding, PersonFacts, marriage_possible_from
from civreg.shared.text import format_date_vi, nfc

_ROLES: tuple[tuple[str, Literal["male", "female"], str], ...] = (
    ("groom", "male", "Bên nam"),
    ("bride", "female", "Bên nữ"),
)


def check(answers: Answers) -> list[Finding]:
    """Say from which day marriage is possible; the request is kept for a call, never lost."""
    findings = []
    for role, sex, who in _ROLES:
        person = answers.person(role)
        if person is not None:
            findings += _of_age(answers, person, sex, who)
    return findings


def _of_age(answers: Answers, person: PersonFacts, sex: Literal["male", "female"], who: str) -> list[Finding]:
    earliest, latest = person.birth.earliest(), person.birth.latest()
    if earliest is None or latest is None:
        return []
    first_possible, surely_possible = (
        marriage_possible_from(sex, earliest),
        marriage_possible_from(sex, latest),
    )
    if surely_possible <= answers.on:
        return []
    name = nfc(person.full_name)
    called = f"{who} ({name})" if name else who
    years = MARRIAGE_AGE[sex]
    field = f"{person.role}_birth"
    if first_possible <= answers.on:
        return [
            Finding(
                "age_unclear",
                "keep_for_call",
                f"{called} sinh {person.birth.sentence()}, chưa rõ đã đủ {years} tuổi hay chưa. "
                "Xã giữ yêu cầu này và gọi lại để hỏi ngày sinh.",
                field,
                bars=True,
            )
        ]
    return [
        Finding(
            "under_age",
            "keep_for_call",
            f"{called} đủ {years} tuổi từ ngày {format_date_vi(surely_possible)}; từ ngày đó mới đăng ký kết hôn "
            "được. Xã giữ yêu cầu này và gọi lại cho ông/bà.",
            field,
            bars=True,
        )
    ]
