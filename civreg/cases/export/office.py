"""Cơ quan trên giấy: whose heading and whose signature stand on a paper of a case, by the day of the paper.

A commune's paper is headed “ỦY BAN NHÂN DÂN / XÃ …” with no agency above it, before and after 1/7/2025; what changes
with the day is the unit itself (its dated row), who signs for it, and the officer's title.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from civreg.accounts.queries import names_of
from civreg.cases.queries import CasePage
from civreg.cases.rules import officer_title
from civreg.shared.paper.heading import Heading, Signature
from civreg.units import queries as units
from civreg.units.queries import ParticipationRow, UnitRow


@dataclass(frozen=True)
class Office:
    """The commune as its paper of one day shows it.

    Attributes:
        unit: the row that held on that day.
        path: with what stands above it, inside a sentence: “xã Trà Cú, tỉnh Vĩnh Long”.
        terms: who signs and who answers the phone; None when it took no part on that day.
        officer: họ tên of who has the case; empty while nobody has.
        officer_title: of the officer of civil status on that day.
    """

    unit: UnitRow
    path: str
    terms: ParticipationRow | None
    officer: str
    officer_title: str

    @property
    def name(self) -> str:
        """“Ủy ban nhân dân xã Trà Cú”."""
        return f"Ủy ban nhân dân {self.unit.spoken}"

    @property
    def heading(self) -> Heading:
        """Return the heading of its papers."""
        return Heading.of_commune(self.unit.spoken)

    @property
    def hotline(self) -> str:
        """Return who answers, empty when nobody is named."""
        return self.terms.hotline if self.terms else ""

    @property
    def address(self) -> str:
        """Return where its office is, empty when it is not stated."""
        return self.terms.office_address if self.terms else ""

    @property
    def head_signature(self) -> Signature:
        """Return the block of who signs papers of the unit on that day."""
        if self.terms is None:
            return Signature(("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"))
        return Signature(
            (self.terms.signer_prefix, self.terms.signer_title), name=self.terms.signer_name or ""
        )

    @property
    def officer_signature(self) -> Signature:
        """Return the block of the officer, with the title of that day."""
        return Signature((self.officer_title.upper(),), name=self.officer, note="(Ký, ghi rõ họ tên)")


def office_on(session: Session, case: CasePage, day: date) -> Office:
    """Return the unit that had the case on a day: the one that received it while it held, then the one that followed."""
    standing = units.standing_on(session, case.received_unit_id, day)
    unit = standing[0] if len(standing) == 1 else units.unit_by_id(session, case.unit_id)
    path = units.tree_path(session, unit, day)
    names = names_of(session, [case.officer_id]) if case.officer_id else {}
    return Office(
        unit=unit,
        path=path[:1].lower() + path[1:],
        terms=units.participation_of(session, unit.id, day),
        officer=next(iter(names.values()), ""),
        officer_title=officer_title(day),
    )
