"""Ngày mất không trước ngày sinh."""

from __future__ import annotations

from civreg.procedures.rules import Answers, Finding


def check(answers: Answers) -> list[Finding]:
    """Refuse a death that lies wholly before the birth of the person who passed away."""
    deceased = answers.person("deceased")
    born = deceased.birth.earliest() if deceased else None
    died = answers.event.latest()
    if born is None or died is None or born <= died:
        return []
    sentence = "Ngày mất đang ghi trước ngày sinh. Ông/bà xem lại hai ngày này."
    return [Finding("death_before_birth", "refuse", sentence, "event")]
