"""Xã Ngãi Xuyên in its last days and at the reform of 1/7/2025: its staff, cases, letters, and who follows it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg import succession, work
from civreg.accounts import queries as accounts
from civreg.accounts import service as accounts_service
from civreg.accounts.rules import SYSTEM, Actor, Role
from civreg.cases.queries import tidings_waiting
from civreg.cases.rules import RequestForm
from civreg.cases.service import deliver, tell_tiding
from civreg.deadlines import service as deadlines
from civreg.shared import clock
from civreg.shared.partial_date import PartialDate
from civreg.succession import Holdings
from civreg.units import queries as units
from civreg.units import service as units_service
from civreg.units.service import ParticipationTerms
from civreg.visits import service as visits
from civreg.visits.queries import free_slots
from tests.cases.test_tidings import BIRTH as TIDING
from tests.letters.flow import handed_over, issued, registered
from tests.world import BIRTH, World, _user, ask, ended_unit, receive, version

BEFORE = datetime(2025, 6, 24, 9, 0, tzinfo=clock.ZONE)
"""A Tuesday in the last week of the old units."""
AFTER = datetime(2025, 7, 2, 9, 0, tzinfo=clock.ZONE)
REFORM = date(2025, 7, 1)
BORN = PartialDate(2025, 6, 2)
FORM: RequestForm = replace(
    BIRTH, event=BORN, people=(replace(BIRTH.people[0], birth=BORN), *BIRTH.people[1:])
)


@dataclass(frozen=True)
class Merged:
    """The old unit, the one it went into, and what was open there on the last day.

    `people.tra_cu` is the old unit, so that the helpers of `tests.world` work there.
    """

    people: World
    old: int
    new: int
    other: int
    administrator: Actor
    asked: UUID
    visit: UUID
    received: UUID
    drafted: UUID
    numbered: UUID
    delivered: UUID
    tiding: UUID

    @property
    def open_cases(self) -> set[UUID]:
        """The cases that had not ended."""
        return {self.asked, self.received, self.drafted, self.numbered}


def unit_of(session: Session, code: str, day: date) -> int:
    """Return the unit of a code on a day."""
    unit = units.unit_on(session, code, day)
    assert unit is not None
    return unit.id


def actor(session: Session, who: Actor) -> Actor:
    """Return who somebody is at this moment of the clock."""
    assert who.user_id is not None
    return accounts.actor_for(session, who.user_id, clock.today())


def build(session: Session) -> Merged:
    """Make the last week of xã Ngãi Xuyên through the services."""
    with clock.travelling(BEFORE):
        return _build(session)


def _build(session: Session) -> Merged:
    old, other = unit_of(session, "29479", BEFORE.date()), unit_of(session, "29464", BEFORE.date())
    new, province = unit_of(session, "29461", REFORM), unit_of(session, "86", REFORM)
    since = date(2025, 1, 1)
    for unit_id, hotline in ((old, "0294 3874 079"), (other, "0294 3874 064")):
        terms = ParticipationTerms(hotline=hotline, office_address="Ấp Xoài Xiêm", signer_name="Sơn Minh Trí")
        units_service.start_participation(session, unit_id, since, terms)
    deadlines.load_calendar(session)
    staff = {
        "officer": (Role.OFFICER, old, "Thạch Thị Mỹ Hạnh"),
        "head": (Role.HEAD, old, "Nguyễn Văn Lâm"),
        "clerk": (Role.LETTER_CLERK, old, "Trần Thị Bích Vân"),
        "staff": (Role.PROGRAMME_STAFF, old, "Lê Hoàng Phúc"),
        "neighbour": (Role.OFFICER, other, "Kiên Thị Ngọc"),
        "stranger": (None, 0, "Người lạ"),
    }
    found = {name: _person(session, name, *rest, since) for name, rest in staff.items()}
    administrator = _person(session, "administrator", Role.ADMINISTRATOR, province, "Kim Văn Bình", REFORM)
    people = World(province, old, other, **found, administrator=administrator)
    return _open_work(session, people, new)


def _person(
    session: Session, username: str, role: Role | None, unit_id: int, full_name: str, since: date
) -> Actor:
    made = _user(session, username, None, 0, full_name)
    assert made.user_id is not None
    if role is not None:
        accounts_service.grant_role(session, SYSTEM, made.user_id, unit_id, role, since)
    return actor(session, made)


def _open_work(session: Session, people: World, new: int) -> Merged:
    officer = people.officer
    assert officer.user_id is not None
    asked = ask(session, people, FORM, requester_name="Thạch Thị Một").case_id
    slot = free_slots(session, people.tra_cu, officer.user_id, REFORM + timedelta(days=2), 1)[0]
    visit = visits.book_visit(
        session,
        officer,
        case_id=asked,
        expected_version=None,
        officer_id=officer.user_id,
        starts_at=slot.starts_at,
    )
    received = ask(session, people, FORM, requester_name="Thạch Thị Hai").case_id
    receive(session, people, received)
    drafted = registered(session, people, FORM)
    given = handed_over(session, people, FORM)
    deliver(
        session,
        officer,
        given.case_id,
        expected_version=version(session, people, given.case_id),
        delivered_on=clock.today(),
        place="home",
    )
    work.run_waiting(session)
    numbered = issued(session, people, FORM)
    form = replace(TIDING, unit_id=people.tra_cu, event=PartialDate(2025, 6, 20))
    tell_tiding(session, form, request_key="tin", body_digest="tin", address="10.0.0.1")
    (tiding,) = tidings_waiting(session, officer)
    session.execute(
        text(
            "INSERT INTO register_book (id, unit_id, kind, year, label, opened_at, version)"
            " VALUES (gen_random_uuid(), :unit, 'birth', 2025, 'Quyển 1', now(), 1)"
        ),
        {"unit": people.tra_cu},
    )
    session.flush()
    return Merged(
        people=people,
        old=people.tra_cu,
        new=new,
        other=people.dai_an,
        administrator=people.administrator,
        asked=asked,
        visit=visit,
        received=received,
        drafted=drafted,
        numbered=numbered.case_id,
        delivered=given.case_id,
        tiding=tiding.id,
    )


@dataclass(frozen=True)
class SmallMerger:
    """A commune of the small world that went into Trà Cú, with an officer and open requests left there."""

    old: int
    officer: Actor
    cases: tuple[UUID, ...]


def small_merger(session: Session, people: World, count: int = 1) -> SmallMerger:
    """Make it: quick, where the country is not needed."""
    old = ended_unit(session, "29479", "Xã Ngãi Xuyên", people.tra_cu)
    with clock.travelling(BEFORE):
        terms = ParticipationTerms(hotline="0294 3874 079", office_address="Ấp Xoài Xiêm")
        units_service.start_participation(session, old, date(2025, 1, 1), terms)
        officer = _person(session, "old.officer", Role.OFFICER, old, "Thạch Thị Bé", date(2025, 1, 1))
        asked = tuple(ask(session, people, FORM, unit_id=old).case_id for _ in range(count))
    session.flush()
    return SmallMerger(old, officer, asked)


def hand_over(session: Session, merged: Merged) -> Holdings:
    """Let the administrator confirm the plan as it stands."""
    who = actor(session, merged.administrator)
    plan = succession.plan_of(session, who, merged.old, clock.today())
    return succession.carry_out(session, who, merged.old, expected=plan.expected)
