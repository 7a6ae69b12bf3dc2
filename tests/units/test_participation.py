"""Which units take part, on which terms, and their hamlets."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from civreg.settings import Settings
from civreg.shared import audit
from civreg.shared.database import transaction
from civreg.shared.errors import Conflict, InvalidInput, NotFound
from civreg.units import queries, service
from civreg.units.models import Hamlet, Participation
from civreg.units.rules import ListedUnit

START, LATER, END = date(2026, 1, 5), date(2026, 6, 1), date(2026, 9, 1)
TERMS = service.ParticipationTerms(
    "0294 3874 001", "Khóm 3, xã Trà Cú", signer_name="Thạch Sa Rết", saturday_morning=True
)


COMMUNES = (
    ListedUnit("86", "Tỉnh Vĩnh Long", "province", None),
    ListedUnit("29461", "Xã Trà Cú", "commune", "86"),
    ListedUnit("29491", "Xã Đại An", "commune", "86"),
)


@pytest.fixture
def unit(session: Session) -> queries.UnitRow:
    service.load_snapshot(session, COMMUNES, date(2026, 1, 1), source="test.csv")
    found = queries.unit_on(session, "29461", START)
    assert found is not None
    return found


def actions(session: Session, subject: UUID) -> list[str]:
    return list(
        session.scalars(
            select(audit.AuditRow.action)
            .where(audit.AuditRow.subject_id == subject)
            .order_by(audit.AuditRow.seq)
        )
    )


def test_a_unit_takes_part_from_its_first_day_on(session: Session, unit: queries.UnitRow) -> None:
    officer = uuid4()
    participation_id = service.start_participation(session, unit.id, START, TERMS, by=officer)
    assert queries.participation_of(session, unit.id, date(2026, 1, 4)) is None
    row = queries.participation_of(session, unit.id, START)
    assert row is not None
    assert (row.id, row.unit, row.ends_on) == (participation_id, unit, None)
    assert (row.hotline, row.signer_name, row.signer_title) == ("0294 3874 001", "Thạch Sa Rết", "CHỦ TỊCH")
    assert (row.call_within_working_days, row.saturday_morning) == (1, True)
    assert queries.participating_ids(session, START) == {unit.id}
    assert actions(session, participation_id) == ["participation.started"]


def test_the_last_day_is_the_day_before_the_end(session: Session, unit: queries.UnitRow) -> None:
    participation_id = service.start_participation(session, unit.id, START, TERMS)
    service.end_participation(session, participation_id, END)
    assert queries.participation_of(session, unit.id, date(2026, 8, 31)) is not None
    assert queries.participation_of(session, unit.id, END) is None
    again = service.start_participation(session, unit.id, END, TERMS)
    assert [row.id for row in queries.participations_of(session, unit.id)] == [again, participation_id]
    assert actions(session, participation_id) == ["participation.started", "participation.ended"]


def test_terms_change_and_only_a_change_is_written_down(session: Session, unit: queries.UnitRow) -> None:
    participation_id = service.start_participation(session, unit.id, START, TERMS)
    service.update_participation(session, participation_id, TERMS)
    assert actions(session, participation_id) == ["participation.started"]
    service.update_participation(session, participation_id, replace(TERMS, hotline="0294 3874 002"))
    row = queries.participation_of(session, unit.id, START)
    assert row is not None
    assert row.hotline == "0294 3874 002"
    assert actions(session, participation_id) == ["participation.started", "participation.changed"]


@pytest.mark.parametrize(
    ("starts_on", "ends_on"),
    [(START, None), (LATER, END), (date(2026, 1, 2), LATER), (date(2026, 1, 2), None)],
)
def test_one_stretch_at_a_time(
    session: Session, unit: queries.UnitRow, starts_on: date, ends_on: date | None
) -> None:
    service.start_participation(session, unit.id, START, TERMS)
    with pytest.raises(Conflict, match="đã tham gia từ ngày 5/1/2026"):
        service.start_participation(session, unit.id, starts_on, TERMS, ends_on=ends_on)


def test_the_database_refuses_what_two_at_once_would_slip_through(
    session: Session, unit: queries.UnitRow
) -> None:
    service.start_participation(session, unit.id, START, TERMS)
    session.add(Participation(unit_id=unit.id, starts_on=LATER, hotline="1", office_address="x"))
    with pytest.raises(IntegrityError, match="ex_participation_unit_period"):
        session.flush()
    session.rollback()


def test_an_end_never_reaches_into_the_next_stretch(session: Session, unit: queries.UnitRow) -> None:
    first = service.start_participation(session, unit.id, START, TERMS, ends_on=LATER)
    service.start_participation(session, unit.id, LATER, TERMS)
    with pytest.raises(Conflict, match="đã tham gia từ ngày 1/6/2026"):
        service.end_participation(session, first, END)


def test_of_many_who_open_one_unit_at_once_one_wins(fresh_database: Settings) -> None:
    engine = create_engine(fresh_database.database_url)
    with Session(engine) as session, transaction(session):
        service.load_snapshot(session, COMMUNES, date(2026, 1, 1), source="test.csv")
        found = queries.unit_on(session, "29461", START)
        assert found is not None
        unit_id = found.id

    def open_it(_: int) -> str:
        try:
            with Session(engine) as session, transaction(session):
                service.start_participation(session, unit_id, START, TERMS)
        except Conflict:
            return "refused"
        return "opened"

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(open_it, range(8)))
    with Session(engine) as session:
        assert len(queries.participations_of(session, unit_id)) == 1
    engine.dispose()
    assert sorted(results) == ["opened"] + ["refused"] * 7


def test_days_outside_the_units_life_are_refused(session: Session, unit: queries.UnitRow) -> None:
    with pytest.raises(InvalidInput, match="Xã Trà Cú không có trong danh mục ngày 31/12/2025"):
        service.start_participation(session, unit.id, date(2025, 12, 31), TERMS)
    with pytest.raises(InvalidInput, match="Ngày kết thúc phải sau ngày bắt đầu"):
        service.start_participation(session, unit.id, START, TERMS, ends_on=START)
    rows = [
        ListedUnit("86", "Tỉnh Vĩnh Long", "province", None),
        ListedUnit("29491", "Xã Đại An", "commune", "86"),
    ]
    service.load_snapshot(session, rows, LATER, source="test.csv")
    with pytest.raises(InvalidInput, match="Xã Trà Cú kết thúc ngày 1/6/2026"):
        service.start_participation(session, unit.id, START, TERMS, ends_on=END)


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        (replace(TERMS, hotline="gọi cho xã"), "hotline"),
        (replace(TERMS, hotline=""), "hotline"),
        (replace(TERMS, office_address="  "), "office_address"),
        (replace(TERMS, office_address="x" * 10_000), "office_address"),
        (replace(TERMS, call_within_working_days=0), "call_within_working_days"),
        (replace(TERMS, call_within_working_days=11), "call_within_working_days"),
        (replace(TERMS, signer_title="\u200b"), "signer_title"),
        (replace(TERMS, signer_name="x" * 201), "signer_name"),
    ],
)
def test_terms_that_cannot_be_used_name_their_field(
    session: Session, unit: queries.UnitRow, terms: service.ParticipationTerms, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        service.start_participation(session, unit.id, START, terms)
    assert list(refused.value.fields) == [field]


def test_decomposed_terms_are_stored_composed(session: Session, unit: queries.UnitRow) -> None:
    service.start_participation(
        session, unit.id, START, replace(TERMS, office_address="Kho\u0301m 3", signer_name=" ")
    )
    row = queries.participation_of(session, unit.id, START)
    assert row is not None
    assert (row.office_address, row.signer_name) == ("Khóm 3", None)


def test_unknown_ids_are_not_found(session: Session, unit: queries.UnitRow) -> None:
    with pytest.raises(NotFound):
        service.start_participation(session, unit.id + 10_000, START, TERMS)
    with pytest.raises(NotFound):
        service.update_participation(session, uuid4(), TERMS)
    with pytest.raises(NotFound):
        service.end_participation(session, uuid4(), END)
    with pytest.raises(NotFound):
        service.add_hamlet(session, unit.id + 10_000, "Ấp Chợ")
    with pytest.raises(NotFound):
        service.rename_hamlet(session, uuid4(), "Ấp Chợ")
    with pytest.raises(NotFound):
        service.remove_hamlet(session, uuid4())


def test_hamlets_are_kept_by_old_commune_and_name(session: Session, unit: queries.UnitRow) -> None:
    service.add_hamlet(session, unit.id, "Ấp Xoài Xiêm", old_commune="Xã Ngãi Xuyên")
    service.add_hamlet(session, unit.id, "Ấp Chợ", old_commune="Xã Ngãi Xuyên")
    khom = service.add_hamlet(session, unit.id, " Kho\u0301m  3 ")
    assert [(row.name, row.old_commune) for row in queries.hamlets_of(session, unit.id)] == [
        ("Khóm 3", None),
        ("Ấp Chợ", "Xã Ngãi Xuyên"),
        ("Ấp Xoài Xiêm", "Xã Ngãi Xuyên"),
    ]
    service.rename_hamlet(session, khom, "Khóm 4")
    service.rename_hamlet(session, khom, "Khóm 4")
    assert queries.hamlets_of(session, unit.id)[0].name == "Khóm 4"
    service.remove_hamlet(session, khom)
    assert len(queries.hamlets_of(session, unit.id)) == 2
    assert session.get(Hamlet, khom) is None
    assert actions(session, khom)[0] == "hamlet.added"
    assert actions(session, khom)[-1] == "hamlet.removed"


def test_a_hamlet_name_is_once_in_a_commune(session: Session, unit: queries.UnitRow) -> None:
    service.add_hamlet(session, unit.id, "Ấp Chợ")
    other = service.add_hamlet(session, unit.id, "Ấp Nhì")
    with pytest.raises(Conflict, match="Đã có Ấp Chợ"):
        service.add_hamlet(session, unit.id, "A\u0302\u0301p Chợ")
    with pytest.raises(Conflict):
        service.rename_hamlet(session, other, "Ấp Chợ")


@pytest.mark.parametrize("name", ["", "  ", "\u200b", "x" * 81])
def test_a_hamlet_needs_a_name(session: Session, unit: queries.UnitRow, name: str) -> None:
    with pytest.raises(InvalidInput, match="Ghi tên ấp, khóm"):
        service.add_hamlet(session, unit.id, name)
