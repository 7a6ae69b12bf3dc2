"""Đơn vị và người của dữ liệu mẫu: today's communes of two old districts, and one account per role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from uuid import UUID

from sqlalchemy.orm import Session

from civreg.accounts import queries as accounts
from civreg.accounts import service as accounts_service
from civreg.accounts.rules import ROLE_WORDS, SYSTEM, Actor, Role
from civreg.cli.demo.names import invent_staff
from civreg.units import queries as units
from civreg.units import service as units_service
from civreg.units.queries import UnitRow
from civreg.units.service import ParticipationTerms

OLD_DISTRICTS = ("849", "842")
"""Codes of old Trà Cú district and old Trà Vinh city."""

LAST_DAY_OF_DISTRICTS = date(2025, 6, 30)


@dataclass(frozen=True)
class Account:
    """A demo account as it is printed once."""

    username: str
    password: str
    role: str
    place: str


@dataclass(frozen=True)
class Office:
    """One commune with the people who work there."""

    unit: UnitRow
    officer: Actor
    head: Actor


@dataclass(frozen=True)
class Places:
    """Everything the demo acts with."""

    offices: tuple[Office, ...]
    clerk: Actor
    accounts: tuple[Account, ...]


def communes_of_old_districts(session: Session, day: date) -> list[UnitRow]:
    """Return today's communes that hold ground of the old districts, Trà Cú first."""
    found: dict[int, UnitRow] = {}
    for code in OLD_DISTRICTS:
        district = units.unit_on(session, code, LAST_DAY_OF_DISTRICTS)
        if district is None:
            continue
        for old in units.lowest_below(session, district.id, LAST_DAY_OF_DISTRICTS):
            for unit in units.standing_on(session, old.id, day):
                found.setdefault(unit.id, unit)
    return sorted(found.values(), key=lambda unit: (unit.code != "29461", unit.code))


def settle(session: Session, random: Random, starts_on: date, today: date) -> Places:
    """Let the communes take part and make the people; one account per role gets a password to print."""
    communes = communes_of_old_districts(session, today)
    province = units.parents(session, communes[0], today)[-1]
    made: list[Account] = []

    def person(role: Role, unit: UnitRow, username: str, full_name: str, *, printed: bool) -> Actor:
        password = accounts_service.random_password()
        user_id = accounts_service.create_user(
            session,
            SYSTEM,
            username=username,
            full_name=full_name,
            title=ROLE_WORDS[role],
            password=password,
            must_change=False,
        )
        accounts_service.grant_role(session, SYSTEM, user_id, unit.id, role, starts_on)
        session.flush()
        if printed:
            made.append(Account(username, password, ROLE_WORDS[role], unit.name))
        return _actor(session, user_id, today)

    offices = []
    for position, unit in enumerate(communes, start=1):
        head_name = invent_staff(random, women=position % 3 == 0)
        _take_part(session, unit, position, head_name, starts_on)
        suffix = "" if position == 1 else f".{unit.code}"
        offices.append(
            Office(
                unit,
                person(Role.OFFICER, unit, f"canbo{suffix}", invent_staff(random), printed=position == 1),
                person(Role.HEAD, unit, f"lanhdao{suffix}", head_name, printed=position == 1),
            )
        )
    clerk = person(Role.LETTER_CLERK, province, "inthu", invent_staff(random), printed=True)
    person(Role.INTAKE_CLERK, communes[0], "tiepnhan", invent_staff(random), printed=True)
    person(Role.PROGRAMME_STAFF, province, "chuongtrinh", invent_staff(random), printed=True)
    person(Role.AUDITOR, province, "kiemtra", invent_staff(random), printed=True)
    person(Role.ADMINISTRATOR, province, "quantri", invent_staff(random, women=False), printed=True)
    return Places(tuple(offices), clerk, tuple(made))


def _take_part(session: Session, unit: UnitRow, position: int, head_name: str, starts_on: date) -> None:
    terms = ParticipationTerms(
        hotline=f"0294 3874 {position:03d}",
        office_address=f"Trụ sở Ủy ban nhân dân {unit.name}",
        call_within_working_days=1,
        saturday_morning=position % 4 == 0,
        signer_name=head_name,
    )
    units_service.start_participation(session, unit.id, starts_on - timedelta(days=30), terms)


def _actor(session: Session, user_id: UUID, today: date) -> Actor:
    return accounts.actor_for(session, user_id, today)
