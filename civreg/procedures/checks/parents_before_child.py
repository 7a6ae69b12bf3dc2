"""Cha mẹ sinh trước con: a slip of the finger in one of the years."""

from __future__ import annotations

from civreg.procedures.rules import Answers, Finding

_WORDS = {"mother": "mẹ", "father": "cha"}


def check(answers: Answers) -> list[Finding]:
    """Refuse a parent born on or after the day the child was born."""
    born = answers.event.latest()
    findings = []
    for role, word in _WORDS.items():
        parent = answers.person(role)
        earliest = parent.birth.earliest() if parent else None
        if born is not None and earliest is not None and earliest >= born:
            sentence = f"Năm sinh của {word} phải trước ngày sinh của con. Ông/bà xem lại hai ngày này."
            findings.append(Finding("parent_after_child", "refuse", sentence, f"{role}_birth"))
    return findings
