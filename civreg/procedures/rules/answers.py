"""Câu trả lời và nhận xét: what a family told so far, as checks see it, and what a check finds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from civreg.shared.partial_date import PartialDate

Severity = Literal["refuse", "warn", "keep_for_call"]
"""refuse: the answer must be changed; warn: say it and go on; keep_for_call: go on, the office calls first."""


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """Người liên quan as far as checks need them.

    Attributes:
        role: child, mother, father, groom, bride, deceased or requester.
        full_name: as typed; may be empty.
        birth: what is known of the day of birth.
        sex: male, female or None.
    """

    role: str
    full_name: str = ""
    birth: PartialDate = field(default_factory=lambda: PartialDate(precision="unknown"))
    sex: str | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """Everything a check may look at.

    Attributes:
        on: the day of asking; the checks' only "today".
        event: day of birth or death; unknown for other procedures.
        people: everybody named so far.
    """

    on: date
    event: PartialDate = field(default_factory=lambda: PartialDate(precision="unknown"))
    people: tuple[PersonFacts, ...] = ()

    def person(self, role: str) -> PersonFacts | None:
        """Return the first person with that role, or None."""
        return next((person for person in self.people if person.role == role), None)


@dataclass(frozen=True, slots=True)
class Finding:
    """Nhận xét: one thing a check found.

    Attributes:
        code: which finding, for tests and counts.
        severity: refuse, warn or keep_for_call.
        sentence: what the family should do or know, in Vietnamese.
        field: the answer it belongs to ("event", "groom_birth", …), or None.
        bars: the dossier cannot be taken while it holds (an age the law asks for); what a person may decide never bars.
    """

    code: str
    severity: Severity
    sentence: str
    field: str | None = None
    bars: bool = False
