"""Ngày sinh, ngày mất không ở tương lai."""

from __future__ import annotations

from civreg.procedures.rules import Answers, Finding
from civreg.shared.text import format_date_vi


def check(answers: Answers) -> list[Finding]:
    """Refuse an event that cannot have happened yet, even read generously."""
    earliest = answers.event.earliest()
    if earliest is None or earliest <= answers.on:
        return []
    sentence = f"Ngày này chưa đến. Ông/bà ghi ngày không muộn hơn hôm nay, {format_date_vi(answers.on)}."
    return [Finding("event_in_future", "refuse", sentence, "event")]
