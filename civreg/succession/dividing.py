"""Chia việc của đơn vị tách ra: each open case by its hamlet or by a person's choice, each role and hamlet likewise.

The machine proposes only what somebody has already written down: the hamlet stands in the list of one heir, the person
already has a role there. The rest a person chooses; a case that follows from nothing is never given away by default.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from civreg.accounts import queries as accounts
from civreg.accounts.queries import RoleToPlace
from civreg.cases import queries as cases
from civreg.cases.queries import PlaceRow
from civreg.feedback import queries as feedback
from civreg.letters import queries as letters
from civreg.letters.rules import UNNUMBERED
from civreg.shared.errors import InvalidInput
from civreg.shared.text import nfc, sort_key_vi
from civreg.units import queries as units
from civreg.units.queries import HandoverRow, UnitRow
from civreg.units.rules import Heirs, hamlet_key

LONGEST_REASON = 300
_INCOMPLETE = "Chưa chuyển được. Ông/bà sửa lại những chỗ được nêu dưới đây."


@dataclass(frozen=True, slots=True)
class HamletShare:
    """A hamlet of the unit, listed or only named by families: whoever lives there goes with it.

    Attributes:
        field: the name of the answer.
        name: the hamlet as it is written.
        ids: its rows in the unit's list; empty where only families name it.
        cases: how many cases and tidings name it.
        proposed: the only heir whose list has it.
    """

    field: str
    name: str
    ids: tuple[UUID, ...]
    cases: int
    proposed: int | None


@dataclass(frozen=True, slots=True)
class WorkShare:
    """A case or a tiding; without an answer of its own it goes with `hamlet`, the answer of its hamlet."""

    field: str
    row: PlaceRow
    hamlet: str


@dataclass(frozen=True, slots=True)
class RoleShare:
    """A role of a person; without an answer it goes to the main heir. `proposed`: where the person has one already."""

    field: str
    row: RoleToPlace
    proposed: int | None


@dataclass(frozen=True, slots=True)
class Division:
    """Everything of a split unit that is given to one of several heirs.

    Attributes:
        hamlets: by name.
        cases: open cases, and ended ones whose letter or complaint goes on.
        tidings: those nobody has settled.
        roles: by person.
        main: who keeps the rest, where that was confirmed before; then it is asked no more.
    """

    hamlets: tuple[HamletShare, ...]
    cases: tuple[WorkShare, ...]
    tidings: tuple[WorkShare, ...]
    roles: tuple[RoleShare, ...]
    main: HandoverRow | None

    @property
    def proposed(self) -> dict[str, int]:
        """The answers a person finds filled in."""
        shares: tuple[HamletShare | RoleShare, ...] = (*self.hamlets, *self.roles)
        return {share.field: share.proposed for share in shares if share.proposed}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person chose: the heir that keeps the rest with the reason, and the heir of each answer by its field."""

    main: int | None = None
    reason: str = ""
    of: Mapping[str, int] = field(default_factory=dict)


def division(session: Session, unit_id: int, heirs: Sequence[UnitRow], on: date) -> Division:
    """Return what of a split unit is to be divided among its heirs, with what can be proposed."""
    going_on = letters.cases_of_letters(session, unit_id, UNNUMBERED)
    going_on |= feedback.cases_of_complaints(session, unit_id)
    found = [_work("ho-so", row) for row in cases.cases_to_place(session, unit_id, going_on)]
    tidings = [_work("tin", row) for row in cases.tidings_to_place(session, unit_id)]
    heir_ids = {unit.id for unit in heirs}
    return Division(
        hamlets=tuple(_hamlets(session, unit_id, heirs, (*found, *tidings))),
        cases=tuple(found),
        tidings=tuple(tidings),
        roles=tuple(
            RoleShare(f"vai-tro-{row.id}", row, _only(row.also_at & heir_ids))
            for row in accounts.roles_to_place(session, unit_id, on)
        ),
        main=units.main_heir(session, unit_id),
    )


def whole_heirs(session: Session, unit_id: int, new_id: int) -> tuple[Heirs, dict[UUID, int]]:
    """Return that one unit takes everything, every hamlet included."""
    return Heirs(new_id), {row.id: new_id for row in units.hamlets_of(session, unit_id)}


def chosen_heirs(
    heirs: Sequence[UnitRow], parts: Division, wanted: Wanted
) -> tuple[Heirs, dict[UUID, int], str]:
    """Return who takes what, where each listed hamlet lies, and the reason of the main heir.

    Raises:
        InvalidInput: by field, what still has to be chosen.
    """
    allowed = {unit.id for unit in heirs}
    of = {name: unit_id for name, unit_id in wanted.of.items() if unit_id in allowed}
    problems: dict[str, str] = {}
    main, why = _main(parts, allowed, wanted, problems)
    named: dict[UUID, int] = {}
    for share in (*parts.cases, *parts.tidings):
        heir = of.get(share.field) or of.get(share.hamlet)
        if heir is None:
            what = "tin báo" if share in parts.tidings else "hồ sơ"
            where = f"ở {share.row.hamlet}" if share.row.hamlet else "không ghi ấp, khóm"
            problems[share.field] = f"Ông/bà chọn đơn vị nhận {what} {share.row.code}, {where}."
        else:
            named[share.row.id] = heir
    if problems or main is None:
        raise InvalidInput(_INCOMPLETE, problems)
    named |= {role.row.id: of[role.field] for role in parts.roles if role.field in of}
    lies_in = {one: of[share.field] for share in parts.hamlets if share.field in of for one in share.ids}
    return Heirs(main, named), lies_in, why


def _main(
    parts: Division, allowed: set[int], wanted: Wanted, problems: dict[str, str]
) -> tuple[int | None, str]:
    """Return the heir that keeps the rest and why; write into `problems` what is missing."""
    if parts.main is not None and parts.main.new.id in allowed:
        return parts.main.new.id, parts.main.reason
    why = nfc(wanted.reason)
    if wanted.main not in allowed:
        problems["heir"] = "Ông/bà chọn đơn vị nhận những việc còn lại."
    if not why:
        problems["reason"] = (
            "Ông/bà ghi lý do chọn đơn vị này, ví dụ “trụ sở cũ và phần lớn các ấp nay thuộc xã này”."
        )
    elif len(why) > LONGEST_REASON:
        problems["reason"] = f"Ông/bà rút ngắn lý do còn {LONGEST_REASON} chữ (đang có {len(why)} chữ)."
    return wanted.main, why


def _work(kind: str, row: PlaceRow) -> WorkShare:
    return WorkShare(f"{kind}-{row.id}", row, _hamlet_field(row.hamlet) if row.hamlet else "")


def _hamlet_field(name: str) -> str:
    return f"ap-{hamlet_key(name).replace(' ', '-')}"


def _hamlets(
    session: Session, unit_id: int, heirs: Sequence[UnitRow], work: Iterable[WorkShare]
) -> list[HamletShare]:
    """Return the hamlets that the unit lists or that its work names, each once."""
    names: dict[str, str] = {}
    ids: dict[str, list[UUID]] = {}
    counts: dict[str, int] = {}
    for row in units.hamlets_of(session, unit_id):
        names.setdefault(_hamlet_field(row.name), row.name)
        ids.setdefault(_hamlet_field(row.name), []).append(row.id)
    for share in work:
        if share.hamlet:
            names.setdefault(share.hamlet, share.row.hamlet)
            counts[share.hamlet] = counts.get(share.hamlet, 0) + 1
    listed = {
        unit.id: {_hamlet_field(row.name) for row in units.hamlets_of(session, unit.id)} for unit in heirs
    }
    return [
        HamletShare(
            name,
            names[name],
            tuple(ids.get(name, ())),
            counts.get(name, 0),
            _only({unit_id for unit_id, own in listed.items() if name in own}),
        )
        for name in sorted(names, key=lambda name: sort_key_vi(names[name]))
    ]


def _only(found: Iterable[int]) -> int | None:
    """Return the one thing found; of several none is better than another."""
    several = list(found)
    return several[0] if len(several) == 1 else None
