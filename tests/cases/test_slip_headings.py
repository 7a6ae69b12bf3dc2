"""Headings and titles of the paper's own day, before and after 1/7/2025."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.accounts import queries as accounts
from civreg.accounts import service as accounts_service
from civreg.accounts.rules import SYSTEM, Actor, Role
from civreg.cases import export
from civreg.cases import service as cases
from civreg.cases.queries import case_page
from civreg.cases.rules import (
    officer_title,
)
from civreg.shared import clock
from civreg.shared.partial_date import PartialDate
from civreg.shared.text import fold, fold_joined, sort_key_vi
from civreg.units import service as units_service
from civreg.units.service import ParticipationTerms
from tests.cases.paper_acts import WRONG_NAME
from tests.shared.paper_reading import words
from tests.world import BIRTH, World

# headings by day


def _old_unit(session: Session, code: str, name: str, kind: str, parent: str | None) -> int:
    bare = name.split(" ", 2)[2] if kind == "town" else name.split(" ", 1)[1]
    row = session.execute(
        text(
            "INSERT INTO unit (code, valid_from, valid_to, name, kind, parent_code, known_from, since_before,"
            " name_folded, name_joined, sort_key) VALUES (:code, '2019-01-01', '2025-07-01', :name, :kind, :parent,"
            " '2019-01-01', true, :folded, :joined, :key) RETURNING id"
        ),
        {
            "code": code,
            "name": name,
            "kind": kind,
            "parent": parent,
            "folded": fold(bare),
            "joined": fold_joined(bare),
            "key": sort_key_vi(bare),
        },
    )
    return int(row.scalar_one())


def _town(session: Session, world: World) -> tuple[int, Actor]:
    """Thị trấn Định An of huyện Trà Cú, which became part of xã Đại An, with an officer of both."""
    _old_unit(session, "84", "Tỉnh Trà Vinh", "province", None)
    _old_unit(session, "849", "Huyện Trà Cú", "district", "84")
    town = _old_unit(session, "29462", "Thị trấn Định An", "town", "849")
    session.execute(
        text(
            "INSERT INTO unit_successor (old_unit_id, new_unit_id, effective_on, is_split, source)"
            " VALUES (:old, :new, '2025-07-01', false, 'list')"
        ),
        {"old": town, "new": world.dai_an},
    )
    terms = ParticipationTerms(hotline="0294 3874 009", office_address="Khóm 1", signer_name="Trần Văn Bảy")
    units_service.start_participation(session, town, date(2021, 1, 1), terms)
    assert world.neighbour.user_id is not None
    accounts_service.grant_role(
        session, SYSTEM, world.neighbour.user_id, town, Role.OFFICER, date(2021, 1, 1), date(2025, 7, 1)
    )
    session.flush()
    return town, accounts.actor_for(session, world.neighbour.user_id, date(2021, 6, 1))


def _taken_and_asked(session: Session, unit_id: int, officer: Actor, at: datetime) -> UUID:
    """A birth whose papers were taken at `at`, and for which one more was asked an hour later."""
    born = PartialDate.of(at.date() - timedelta(days=3))
    people = (replace(BIRTH.people[0], birth=born), *BIRTH.people[1:])
    with clock.travelling(at):
        receipt = cases.submit_request(
            session,
            replace(BIRTH, unit_id=unit_id, people=people, event=born),
            request_key=f"key-{at}",
            body_digest="x",
        )
        case = case_page(session, officer, receipt.case_id)
        cases.receive_dossier(
            session,
            officer,
            case.id,
            expected_version=case.version,
            received_at=at,
            place="home",
            papers=tuple(paper.code for paper in case.papers),
        )
    with clock.travelling(at + timedelta(hours=1)):
        cases.request_papers(
            session,
            officer,
            case.id,
            expected_version=case_page(session, officer, case.id).version,
            papers=("birth_paper",),
            reason=WRONG_NAME,
        )
    return receipt.case_id


@pytest.mark.parametrize("day", [date(2021, 6, 1), date(2025, 6, 30)])
def test_a_town_of_before_keeps_its_heading_and_the_officer_her_title(
    session: Session, world: World, day: date
) -> None:
    town, officer = _town(session, world)
    at = datetime(day.year, day.month, day.day, 9, tzinfo=clock.ZONE)
    case_id = _taken_and_asked(session, town, officer, at)
    with clock.travelling(at):
        first = export.supplement_slip(session, officer, case_id)
        declared = words(export.declaration(session, officer, case_id))
    printed = words(first)
    assert "ỦY BAN NHÂN DÂN THỊ TRẤN ĐỊNH AN" in printed
    assert "HUYỆN" not in printed
    assert "CÔNG CHỨC TƯ PHÁP – HỘ TỊCH" in printed
    assert "0294 3874 009" in printed
    assert "Kính gửi: Ủy ban nhân dân thị trấn Định An, huyện Trà Cú, tỉnh Trà Vinh" in declared
    session.execute(
        text("UPDATE case_file SET current_unit_id = :new WHERE id = :id"),
        {"new": world.dai_an, "id": case_id},
    )
    session.expire_all()
    assert export.supplement_slip(session, world.neighbour, case_id) == first
    later = words(export.control_slip(session, world.neighbour, case_id))
    assert "ỦY BAN NHÂN DÂN XÃ ĐẠI AN" in later
    assert "CÔNG CHỨC LÀM CÔNG TÁC HỘ TỊCH" in later
    assert "xã Đại An, tỉnh Vĩnh Long" in words(export.declaration(session, world.neighbour, case_id))


def test_from_the_first_of_july_2025_the_commune_stands_alone(session: Session, world: World) -> None:
    at = datetime(2025, 7, 1, 9, tzinfo=clock.ZONE)
    case_id = _taken_and_asked(session, world.dai_an, world.neighbour, at)
    printed = words(export.supplement_slip(session, world.neighbour, case_id))
    assert "ỦY BAN NHÂN DÂN XÃ ĐẠI AN CỘNG HÒA" in printed
    assert "CÔNG CHỨC LÀM CÔNG TÁC HỘ TỊCH" in printed


def test_the_title_changes_on_one_day() -> None:
    assert officer_title(date(2025, 6, 30)) == "công chức tư pháp – hộ tịch"
    assert officer_title(date(2025, 7, 1)) == "công chức làm công tác hộ tịch"
