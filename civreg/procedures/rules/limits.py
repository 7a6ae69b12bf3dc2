"""Thời hạn: the limits of an office and its parts, and the days a family has, as a catalogue file says them. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Final, Literal, Self

from pydantic import Field, model_validator

from civreg.procedures.rules.legal import Frozen, Grounded
from civreg.shared.text import two_digits

LimitKind = Literal[
    "same_day", "working_days", "calendar_days", "working_hours", "hours", "none", "unconfirmed"
]
HOUR_KINDS: Final = ("working_hours", "hours")
"""Limits that are counted in hours from the moment of reception, in office hours or day and night."""


class Limit(Frozen):
    """Thời hạn giải quyết of one part.

    Attributes:
        kind: same_day (Luật Hộ tịch art 5.3), working_days, calendar_days, working_hours (office hours of working
            days), hours (day and night from the moment, BLDS 2015 art 147.1), none (no legal limit), or unconfirmed (there is one, but its text was not read: no date is given).
        days: length for working_days and calendar_days.
        hours: length for working_hours and hours.
        verification_days: length in (working) days instead, when something has to be verified (flag "verification").
        plus: flag → working days added (a far commune, an incomplete dossier).
        moves_after_cutoff: whether a reception after 15:00 belongs to the next working day (NĐ 63/2024).
        after_part: count from the day another part is due, not from reception.
        provisional: why this rule is only carried over from an earlier text; empty when it is not.
        why: for none and unconfirmed, the sentence that follows "chưa xác nhận".
        office_days: fewer working days by a decision of the office; never in a catalogue file.
        office_decision: that decision, as a reason names it.
    """

    kind: LimitKind
    days: int | None = Field(default=None, ge=1, le=90)
    hours: int | None = Field(default=None, ge=1, le=720)
    verification_days: int | None = Field(default=None, ge=1, le=90)
    plus: dict[str, int] = Field(default_factory=dict)
    moves_after_cutoff: bool = False
    after_part: str | None = None
    provisional: str = ""
    why: str = ""
    office_days: int | None = None
    office_decision: str = ""

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> Self:
        if (self.kind in ("working_days", "calendar_days")) != (self.days is not None):
            raise ValueError("days belongs to working_days and calendar_days, and to nothing else")
        if (self.kind in HOUR_KINDS) != (self.hours is not None):
            raise ValueError("hours belongs to working_hours and hours, and to nothing else")
        if self.hours is not None and (self.plus or self.moves_after_cutoff):
            raise ValueError("a limit in hours has no days added and no cut-off: it runs from the moment")
        if self.kind == "unconfirmed" and not self.why:
            raise ValueError("an unconfirmed limit says why")
        return self


_HOUR_WORDS: Mapping[str, str] = {
    "working_hours": "giờ làm việc kể từ lúc nhận đủ giấy tờ",
    "hours": "giờ liên tục kể từ lúc nhận đủ giấy tờ",
}


def limit_sentence(limit: Limit) -> str:
    """Return the limit in plain words for families (bao lâu có kết quả)."""
    days = two_digits(limit.office_days or limit.days or 0)
    if limit.kind == "same_day":
        return "Trong ngày nhận đủ giấy tờ; nhận sau 15 giờ thì vào ngày làm việc tiếp theo."
    if limit.kind == "none":
        return "Không có thời hạn do luật định; xã hẹn ngày với gia đình."
    if limit.kind == "unconfirmed":
        return f"Thời hạn chưa xác nhận: {limit.why} Xã hẹn ngày khi nhận giấy tờ."
    verified = f", {two_digits(limit.verification_days)} khi phải xác minh" if limit.verification_days else ""
    if limit.hours is not None:
        length = f"{two_digits(limit.hours)} {_HOUR_WORDS[limit.kind]}"
        verified = verified.replace(" khi", " ngày làm việc khi")
    else:
        length = f"{days} {'ngày làm việc' if limit.kind == 'working_days' else 'ngày'}"
    note = f" Tạm tính: {limit.provisional}" if limit.provisional else ""
    decided = f" Rút ngắn theo {limit.office_decision}." if limit.office_days else ""
    return f"Trong {length}{verified}.{decided}{note}"


class FewerParts(Grounded):
    """Thời hạn cả hồ sơ khi gia đình không làm đủ các phần: in how many days the whole is done with exactly these parts."""

    parts: tuple[str, ...] = Field(min_length=2)
    days: int = Field(ge=1, le=90)


class OverallLimit(Limit, Grounded):
    """Thời hạn cả hồ sơ of a bundle, where a text sets one beside the limits of its parts.

    `fewer` says where a bundle with some of the parts has a shorter one.
    """

    fewer: tuple[FewerParts, ...] = ()

    def for_parts(self, codes: Collection[str]) -> Self:
        """Return the limit of a bundle with these parts; a shorter one that an office set stays shorter."""
        found = next((one for one in self.fewer if set(one.parts) == set(codes)), None)
        if found is None or self.days is None or found.days >= self.days:
            return self
        own = self.office_days is not None and self.office_days < found.days
        written = {name: getattr(found, name) for name in Grounded.model_fields}
        decided = {} if own else {"office_days": None, "office_decision": ""}
        return self.model_copy(update={"days": found.days, **written, **decided})


class PartDeadline(Grounded):
    """Hạn của gia đình cho một thủ tục thành phần: within how many days of the registration they should ask for it.

    `since` is the first day of registration it holds for, where that lies within the version.
    """

    days: int = Field(ge=1, le=90)
    since: date | None = None

    def holds_for(self, registered_on: date) -> bool:
        """Tell whether it holds for what was registered on a day."""
        return self.since is None or self.since <= registered_on


class CitizenDeadline(Grounded):
    """Hạn của công dân: within how many days the family should register, from the day of the event.

    `days` None means that the rule of that time is not confirmed; `why` then says what is unknown.
    """

    days: int | None = Field(ge=1, le=90, default=None)
    counts_from: Literal["birth", "death"]
    why: str = ""

    @model_validator(mode="after")
    def _unknown_says_why(self) -> Self:
        if self.days is None and not self.why:
            raise ValueError("an unconfirmed deadline says why")
        return self
