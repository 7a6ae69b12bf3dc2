"""Bé mất trong ngày đầu đời: parents are asked first whether they want any registration (BLDS 2015 art 30.3)."""

from __future__ import annotations

from datetime import timedelta

from civreg.procedures.rules import Answers, Finding


def check(answers: Answers) -> list[Finding]:
    """Keep the request for a call when the child may have lived less than a day, in words that ask nothing.

    Only days that are fully known say so: dates tell the day, not the hour.
    """
    deceased = answers.person("deceased")
    born, died = deceased.birth.as_date() if deceased else None, answers.event.as_date()
    if born is None or died is None or not timedelta(0) <= died - born <= timedelta(days=1):
        return []
    sentence = (
        "Khi bé mất trong ngày đầu đời, gia đình chỉ làm khai sinh, khai tử nếu cha mẹ muốn. "
        "Cán bộ gọi lại trước, gia đình không phải chuẩn bị giấy tờ gì."
    )
    return [Finding("infant_under_a_day", "keep_for_call", sentence, "event")]
