"""A small world for tests: two neighbouring communes of Vĩnh Long that take part, with one person per role.

Built through the services; only the units are rows of their own, because loading the country takes seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from argon2 import PasswordHasher
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.accounts import queries as accounts
from civreg.accounts import service as accounts_service
from civreg.accounts.rules import SYSTEM, Actor, Role
from civreg.cases import service as cases
from civreg.cases.queries import Receipt, case_page
from civreg.cases.rules import DoorForm, EligibilityForm, PersonForm, RequestForm, SigningForm
from civreg.deadlines import service as deadlines
from civreg.shared import clock, crypto
from civreg.shared.database import new_id
from civreg.shared.partial_date import PartialDate
from civreg.shared.text import fold, fold_joined, number_in_words, sort_key_vi
from civreg.units import service as units_service
from civreg.units.service import ParticipationTerms

PASSWORD = "một câu dài dễ nhớ"
REFORM = date(2025, 7, 1)
MONDAY = datetime(2026, 11, 16, 8, 0, tzinfo=clock.ZONE)
"""A working Monday; a week later comes the new holiday of 24/11."""


@dataclass(frozen=True)
class World:
    """Ids of the units and the people who act."""

    province: int
    tra_cu: int
    dai_an: int
    officer: Actor
    head: Actor
    clerk: Actor
    staff: Actor
    administrator: Actor
    neighbour: Actor
    stranger: Actor


def build_world(session: Session) -> World:
    """Make the units, the participation, the calendar and the users."""
    province = _unit(session, "86", "Tỉnh Vĩnh Long", "province", None)
    tra_cu = _unit(session, "29461", "Xã Trà Cú", "commune", "86")
    dai_an = _unit(session, "29491", "Xã Đại An", "commune", "86")
    for unit_id, hotline in ((tra_cu, "0294 3874 001"), (dai_an, "0294 3874 002")):
        terms = ParticipationTerms(hotline=hotline, office_address="Ấp 1", signer_name="Kim Thị Sô Phia")
        units_service.start_participation(session, unit_id, REFORM, terms)
    deadlines.load_calendar(session)
    session.flush()
    people = {
        "officer": (Role.OFFICER, tra_cu, "Thạch Thị Mỹ Hạnh"),
        "head": (Role.HEAD, tra_cu, "Nguyễn Văn Lâm"),
        "clerk": (Role.LETTER_CLERK, province, "Trần Thị Bích Vân"),
        "staff": (Role.PROGRAMME_STAFF, province, "Lê Hoàng Phúc"),
        "administrator": (Role.ADMINISTRATOR, province, "Sơn Minh Trí"),
        "neighbour": (Role.OFFICER, dai_an, "Kiên Thị Ngọc"),
        "stranger": (None, 0, "Người lạ"),
    }
    actors = {name: _user(session, name, *rest) for name, rest in people.items()}
    return World(province=province, tra_cu=tra_cu, dai_an=dai_an, **actors)


@cache
def _password_hash() -> str:
    """Hash once for all users: argon2 is slow on purpose."""
    return PasswordHasher().hash(PASSWORD)


def _unit(session: Session, code: str, name: str, kind: str, parent: str | None) -> int:
    statement = text(
        "INSERT INTO unit (code, valid_from, name, kind, parent_code, known_from, since_before, name_folded,"
        " name_joined, sort_key) VALUES (:code, :day, :name, :kind, :parent, :day, false, :folded, :joined, :key)"
        " RETURNING id"
    )
    bare = name.split(" ", 1)[1]
    values = {"folded": fold(bare), "joined": fold_joined(bare), "key": sort_key_vi(bare)}
    row = {"code": code, "day": REFORM, "name": name, "kind": kind, "parent": parent, **values}
    return int(session.execute(statement, row).scalar_one())


def ended_unit(session: Session, code: str, name: str, new_unit_id: int) -> int:
    """Make a commune that went into another on the day of the reform."""
    bare = name.split(" ", 1)[1]
    unit = {"code": code, "name": name, "from": date(2021, 11, 1), "to": REFORM, "folded": fold(bare)}
    old_id = session.execute(
        text(
            "INSERT INTO unit (code, valid_from, valid_to, name, kind, known_from, since_before, name_folded,"
            " name_joined, sort_key)"
            " VALUES (:code, :from, :to, :name, 'commune', :from, true, :folded, :joined, :key) RETURNING id"
        ),
        {**unit, "joined": fold_joined(bare), "key": sort_key_vi(bare)},
    ).scalar_one()
    session.execute(
        text(
            "INSERT INTO unit_successor (old_unit_id, new_unit_id, effective_on, is_split, source)"
            " VALUES (:old, :new, :day, false, 'list')"
        ),
        {"old": old_id, "new": new_unit_id, "day": REFORM},
    )
    return int(old_id)


def _user(session: Session, username: str, role: Role | None, unit_id: int, full_name: str) -> Actor:
    user_id = new_id()
    session.execute(
        text(
            "INSERT INTO app_user (id, username, full_name, password_hash, password_changed_at,"
            " must_change_password, is_active, sealed_totp_secret, created_at, version)"
            " VALUES (:id, :username, :full_name, :hash, now(), false, true, '', now(), 1)"
        ),
        {"id": user_id, "username": username, "full_name": full_name, "hash": _password_hash()},
    )
    if role is not None:
        accounts_service.grant_role(session, SYSTEM, user_id, unit_id, role, REFORM)
    session.flush()
    return accounts.actor_for(session, user_id, date(2026, 11, 16))


BIRTH = RequestForm(
    procedure="birth_at_home",
    unit_id=0,
    requester_name="Thạch Thị Sa Rết",
    phone="0912 345 678",
    requester_relation="mẹ",
    hamlet="Ấp Chợ",
    address="Nhà sau chùa",
    people=(
        PersonForm(
            "child", "Kim Sô Khane", birth=PartialDate(2026, 11, 2), sex="female", ethnic_group="Khmer"
        ),
        PersonForm("mother", "Thạch Thị Sa Rết", birth=PartialDate(1998), ethnic_group="Khmer"),
        PersonForm("father", "Kim Văn Sơn", birth=PartialDate(1995), ethnic_group="Khmer"),
    ),
    event=PartialDate(2026, 11, 2),
    place_of_event="Trung tâm Y tế Trà Cú",
    letter_consent="yes",
)

MARRIAGE = RequestForm(
    procedure="marriage_mobile",
    unit_id=0,
    requester_name="Trần Văn Út",
    phone="0987654321",
    people=(
        PersonForm("groom", "Trần Văn Út", birth=PartialDate(1999, 3, 5), sex="male", marriage_ordinal=1),
        PersonForm("bride", "Sơn Thị Na", birth=PartialDate(2001, 7, 9), sex="female", marriage_ordinal=1),
    ),
    letter_consent="yes",
)


def ask(session: Session, world: World, form: RequestForm = BIRTH, key: str = "", **changes: Any) -> Receipt:
    """Send a request to Trà Cú (or to `unit_id`) and return its receipt.

    A further birth of the same child has a name of its own: the same newborn twice would hold its letter.
    """
    filled = replace(form, **{"unit_id": world.tra_cu, **changes})
    first, *others = filled.people or (None,)
    if first and first.full_name == BIRTH.people[0].full_name and not _sent_before(session, key):
        filled = replace(filled, people=(_another(session, first), *others))
    return cases.submit_request(
        session, filled, request_key=key or str(new_id()), body_digest=crypto.digest(repr(filled))
    )


def _sent_before(session: Session, key: str) -> bool:
    found = session.execute(text("SELECT 1 FROM request_key WHERE key = :key"), {"key": key})
    return bool(key) and found.first() is not None


def _another(session: Session, child: PersonForm) -> PersonForm:
    """Return the child, with one more syllable to its name for every one that has it already."""
    taken = session.execute(
        text("SELECT count(*) FROM party WHERE role = 'child' AND folded LIKE :name || '%'"),
        {"name": fold(child.full_name)},
    ).scalar_one()
    return replace(child, full_name=f"{child.full_name} {number_in_words(taken).title()}") if taken else child


def papers_of(session: Session, world: World, case_id: UUID) -> tuple[str, ...]:
    """Return the codes of every paper of the case."""
    return tuple(paper.code for paper in case_page(session, world.officer, case_id).papers)


def version(session: Session, world: World, case_id: UUID) -> int:
    """Return the version an officer's page would carry now."""
    return case_page(session, world.officer, case_id).version


def door_of(session: Session, world: World, case_id: UUID) -> DoorForm:
    """Return what the procedure wants stated at the door: its first reason, and a pen for everybody."""
    rules = case_page(session, world.officer, case_id).rules
    reason = EligibilityForm(rules.eligibility[0].code) if rules.eligibility else EligibilityForm()
    return DoorForm(reason, tuple(SigningForm(role, "signature") for role in rules.signers))


def receive(
    session: Session,
    world: World,
    case_id: UUID,
    at: datetime | None = None,
    door: DoorForm | None = None,
) -> None:
    """Take the complete papers at home."""
    cases.receive_dossier(
        session,
        world.officer,
        case_id,
        expected_version=version(session, world, case_id),
        received_at=at or clock.now(),
        place="home",
        papers=papers_of(session, world, case_id),
        door=door or door_of(session, world, case_id),
    )


def deliver(session: Session, world: World, case_id: UUID, **stated: Any) -> None:
    """Bring the result home; everybody who has to signs the register with a pen."""
    cases.deliver(
        session,
        world.officer,
        case_id,
        expected_version=version(session, world, case_id),
        **{
            "delivered_on": clock.today(),
            "place": "home",
            "signings": door_of(session, world, case_id).signings,
            "both_present": True,
            **stated,
        },
    )


def register(session: Session, world: World, case_id: UUID, personal_number: str = "084326012345") -> None:
    """Type the numbers and note the signature."""
    cases.enter_numbers(
        session,
        world.officer,
        case_id,
        expected_version=version(session, world, case_id),
        register_number="123/2026",
        personal_number=personal_number,
    )
    cases.sign(
        session,
        world.officer,
        case_id,
        expected_version=version(session, world, case_id),
        signed_at=clock.now(),
    )
