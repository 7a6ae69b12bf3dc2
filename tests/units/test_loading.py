"""Loading a later list: small countries, so that every rule stands alone."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from civreg.settings import Settings
from civreg.shared import audit
from civreg.shared.database import transaction
from civreg.shared.errors import Conflict
from civreg.units import queries, service
from civreg.units.models import Unit, UnitSuccessor
from civreg.units.rules import ListedSuccessor, ListedUnit

FIRST, SECOND, THIRD = date(2026, 1, 1), date(2026, 4, 30), date(2026, 7, 1)

PROVINCE = ListedUnit("86", "Tỉnh Vĩnh Long", "province", None)
TRA_CU = ListedUnit("29461", "Xã Trà Cú", "commune", "86")
DAI_AN = ListedUnit("29491", "Xã Đại An", "commune", "86")
TAP_SON = ListedUnit("29467", "Xã Tập Sơn", "commune", "86")
COUNTRY = (PROVINCE, TRA_CU, DAI_AN, TAP_SON)


def load(
    session: Session,
    rows: Sequence[ListedUnit],
    on: date,
    successors: Sequence[ListedSuccessor] | None = None,
    **options: bool,
) -> service.LoadReport:
    return service.load_snapshot(session, rows, on, successors=successors, source="test.csv", **options)


def the_unit(session: Session, code: str, day: date) -> queries.UnitRow:
    unit = queries.unit_on(session, code, day)
    assert unit is not None
    return unit


@pytest.fixture
def small(session: Session) -> Session:
    load(session, COUNTRY, FIRST)
    return session


def test_the_same_list_again_changes_nothing(small: Session) -> None:
    report = load(small, COUNTRY, FIRST)
    assert report.already_loaded
    assert small.scalar(select(func.count()).select_from(Unit)) == len(COUNTRY)


def test_a_later_list_without_changes_keeps_every_row(small: Session) -> None:
    report = load(small, COUNTRY, SECOND)
    assert (report.unchanged, report.added, report.ended) == (4, (), ())
    assert small.scalar(select(func.count()).select_from(Unit)) == len(COUNTRY)


def test_an_older_or_other_list_of_a_loaded_day_is_refused(small: Session) -> None:
    with pytest.raises(Conflict, match="Đã có danh mục ngày 1/1/2026; chỉ nạp được"):
        load(small, COUNTRY[:2], FIRST)
    with pytest.raises(Conflict):
        load(small, COUNTRY, date(2025, 12, 31))


def test_check_reports_the_same_and_writes_nothing(small: Session) -> None:
    rows = (PROVINCE, TRA_CU)
    links = [ListedSuccessor("29491", "29461", False)]
    rows_before = small.scalar(select(func.count()).select_from(Unit))
    audit_before = small.scalar(select(func.count()).select_from(audit.AuditRow))
    checked = load(small, rows, SECOND, links, check=True)
    assert small.scalar(select(func.count()).select_from(Unit)) == rows_before
    assert small.scalar(select(func.count()).select_from(UnitSuccessor)) == 0
    assert small.scalar(select(func.count()).select_from(audit.AuditRow)) == audit_before
    assert the_unit(small, "29491", THIRD).valid_to is None
    assert load(small, rows, SECOND, links) == checked
    assert small.scalar(select(func.count()).select_from(audit.AuditRow)) == (audit_before or 0) + 1


def test_a_merger_is_reported_and_followed(small: Session) -> None:
    report = load(small, (PROVINCE, TRA_CU, TAP_SON), SECOND, [ListedSuccessor("29491", "29461", False)])
    assert report.ended == ("29491",)
    assert [(one.code, one.before, one.after) for one in report.merged] == [
        ("29491", "Xã Đại An", ("Xã Trà Cú",))
    ]
    assert report.without_successor == ()
    gone = the_unit(small, "29491", FIRST)
    assert gone.valid_to == SECOND
    assert gone.ended_after is None
    assert [unit.code for unit in queries.successors(small, gone.id, SECOND)] == ["29461"]
    assert queries.successors(small, gone.id, FIRST) == []


def test_a_unit_that_ends_without_a_word_is_reported(small: Session) -> None:
    report = load(small, (PROVINCE, TRA_CU, TAP_SON), SECOND)
    assert report.without_successor == ("29491",)
    assert [unit.code for unit in queries.units_without_successor(small)] == ["29491"]


def test_a_renamed_unit_without_a_successors_file_is_carried_by_its_code(small: Session) -> None:
    ward = ListedUnit("29461", "Phường Trà Cú", "ward", "86")
    report = load(small, (PROVINCE, ward, DAI_AN, TAP_SON), SECOND)
    assert [(one.before, one.after) for one in report.renamed] == [("Xã Trà Cú", ("Phường Trà Cú",))]
    assert report.merged == ()
    assert report.new_kinds == ("ward",)
    before, after = the_unit(small, "29461", FIRST), the_unit(small, "29461", SECOND)
    assert queries.successors(small, before.id, SECOND) == [after]


def test_with_a_successors_file_a_code_under_another_name_proves_nothing(small: Session) -> None:
    other = ListedUnit("29461", "Xã Khác", "commune", "86")
    report = load(small, (PROVINCE, other, DAI_AN), SECOND, [ListedSuccessor("29467", "29491", False)])
    assert report.without_successor == ("29461",)
    assert report.without_predecessor == ("29461",)


def test_a_split_gives_several_successors(small: Session) -> None:
    links = [ListedSuccessor("29467", "29461", True), ListedSuccessor("29467", "29491", True)]
    report = load(small, (PROVINCE, TRA_CU, DAI_AN), SECOND, links)
    assert report.split == ("29467",)
    gone = the_unit(small, "29467", FIRST)
    assert {unit.code for unit in queries.successors(small, gone.id, SECOND)} == {"29461", "29491"}


def test_a_rename_a_merger_a_code_used_again_and_a_split_one_after_another(small: Session) -> None:
    """Made-up lists in order; each day reads its own list, and each way leads on through all of them."""
    new_name = ListedUnit("29461", "Xã Ngãi Xuyên", "commune", "86")
    other = ListedUnit("29491", "Xã Định An", "commune", "86")
    third = ListedUnit("29500", "Xã Long Vĩnh", "commune", "86")
    going = [ListedSuccessor("29491", "29467", False), ListedSuccessor("29461", "29461", False)]
    load(small, (PROVINCE, new_name, TAP_SON), SECOND, going)
    load(small, (PROVINCE, new_name, TAP_SON, other), THIRD, [])
    fourth = date(2026, 10, 1)
    links = [ListedSuccessor("29467", "29491", True), ListedSuccessor("29467", "29500", True)]
    load(small, (PROVINCE, new_name, other, third), fourth, links)
    dai_an = the_unit(small, "29491", FIRST)
    dinh_an = the_unit(small, "29491", THIRD)
    assert (dai_an.name, dinh_an.name) == ("Xã Đại An", "Xã Định An")
    assert queries.unit_on(small, "29491", SECOND) is None
    assert [unit.name for unit in queries.successors(small, dai_an.id, THIRD)] == ["Xã Tập Sơn"]
    assert {unit.name for unit in queries.successors(small, dai_an.id, fourth)} == {
        "Xã Định An",
        "Xã Long Vĩnh",
    }
    assert queries.predecessors(small, dinh_an.id, SECOND) == [the_unit(small, "29467", SECOND)]
    (renamed,) = queries.successors(small, the_unit(small, "29461", FIRST).id, fourth)
    assert renamed.name == "Xã Ngãi Xuyên"
    for day, names in (
        (FIRST, {"Xã Trà Cú", "Xã Đại An", "Xã Tập Sơn"}),
        (SECOND, {"Xã Ngãi Xuyên", "Xã Tập Sơn"}),
        (THIRD, {"Xã Ngãi Xuyên", "Xã Tập Sơn", "Xã Định An"}),
        (fourth, {"Xã Ngãi Xuyên", "Xã Định An", "Xã Long Vĩnh"}),
    ):
        province = the_unit(small, "86", day)
        assert {unit.name for unit in queries.children(small, province, day)} == names
    before = small.scalar(select(func.count()).select_from(Unit))
    assert load(small, (PROVINCE, new_name, other, third), fourth, links).already_loaded
    assert small.scalar(select(func.count()).select_from(Unit)) == before


def test_successors_that_fit_nothing_are_named_by_line(small: Session) -> None:
    links = [ListedSuccessor("11111", "29461", False, 2), ListedSuccessor("29467", "22222", False, 3)]
    with pytest.raises(service.InvalidList) as refused:
        load(small, COUNTRY[:3], SECOND, links)
    assert "Dòng 2: tệp kế tiếp: mã cũ 11111 không có" in refused.value.sentence
    assert "Dòng 3: tệp kế tiếp: mã mới 22222 không có" in refused.value.sentence


def test_a_parent_that_changes_its_name_forces_no_new_child_rows(small: Session) -> None:
    city = ListedUnit("86", "Thành phố Vĩnh Long", "municipality", None)
    before = the_unit(small, "29461", FIRST)
    load(small, (city, TRA_CU, DAI_AN, TAP_SON), SECOND)
    assert the_unit(small, "29461", SECOND) == before
    assert queries.tree_path(small, before, FIRST) == "Xã Trà Cú, tỉnh Vĩnh Long"
    assert queries.tree_path(small, before, SECOND) == "Xã Trà Cú, thành phố Vĩnh Long"
    new_parent = the_unit(small, "86", SECOND)
    assert before.id in queries.descendant_ids(small, new_parent.id, SECOND, THIRD)
    assert before.id not in queries.descendant_ids(small, new_parent.id, FIRST, date(2026, 4, 29))


def test_a_province_follows_its_communes_when_a_file_says_where_they_went(session: Session) -> None:
    old = ListedUnit("84", "Tỉnh Trà Vinh", "province", None)
    old_commune = ListedUnit("29479", "Xã Ngãi Xuyên", "commune", "84")
    load(session, (*COUNTRY, old, old_commune), FIRST)
    report = load(session, COUNTRY, SECOND, [ListedSuccessor("29479", "29461", False)])
    assert report.without_successor == ()
    gone = the_unit(session, "84", FIRST)
    assert [unit.code for unit in queries.successors(session, gone.id, SECOND)] == ["86"]


def test_any_number_of_levels_works(session: Session) -> None:
    chain = [ListedUnit("1", "Vùng Một", "region", None)]
    chain += [ListedUnit(str(level), f"Cấp {level}", "level", str(level - 1)) for level in range(2, 7)]
    load(session, chain, FIRST)
    top, deepest = the_unit(session, "1", FIRST), the_unit(session, "6", FIRST)
    assert len(queries.descendant_ids(session, top.id, FIRST, FIRST)) == 6
    assert [unit.code for unit in queries.parents(session, deepest, FIRST)] == ["5", "4", "3", "2", "1"]
    assert [unit.code for unit in queries.lowest_below(session, top.id, FIRST)] == ["6"]
    assert [hit.unit.code for hit in queries.search_communes(session, "Cấp 6", FIRST)] == ["6"]


CODES = ("1", "2", "3", "4")


@st.composite
def countries(draw: st.DrawFn) -> list[ListedUnit]:
    """A small country: some of four codes, each below an earlier one or at the top, under changing names."""
    rows: list[ListedUnit] = []
    for code in draw(st.lists(st.sampled_from(CODES), unique=True, min_size=1)):
        parent = draw(st.sampled_from([None, *(row.code for row in rows)]))
        name = draw(st.sampled_from(["Xã An", "Xã Ân", "Phường An", "Xã Bình"]))
        rows.append(ListedUnit(code, name, draw(st.sampled_from(["commune", "ward"])), parent))
    return rows


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lists=st.lists(countries(), min_size=1, max_size=4), act=st.booleans())
def test_after_any_lists_the_units_of_each_day_are_those_of_its_list(
    session: Session, lists: list[list[ListedUnit]], act: bool
) -> None:
    days = [FIRST, SECOND, THIRD, date(2027, 1, 1)]
    savepoint = session.begin_nested()
    try:
        for day, rows in zip(days, lists, strict=False):
            load(session, rows, day, is_act_date=act)
        for day, rows in zip(days, lists, strict=False):
            listed = {(row.code, row.name, row.kind, row.parent_code) for row in rows}
            units = [unit for code in CODES if (unit := queries.unit_on(session, code, day))]
            assert {(unit.code, unit.name, unit.kind, unit.parent_code) for unit in units} == listed
            for unit in units:
                assert len(queries.parents(session, unit, day)) == depth(unit.code, rows)
                assert queries.successors(session, unit.id, day) == []
    finally:
        savepoint.rollback()


def depth(code: str, rows: list[ListedUnit]) -> int:
    parent = next(row.parent_code for row in rows if row.code == code)
    return 0 if parent is None else 1 + depth(parent, rows)


def test_two_loads_at_once_make_one_list(fresh_database: Settings) -> None:
    engine = create_engine(fresh_database.database_url)

    def load_it(_: int) -> bool:
        with Session(engine) as session, transaction(session):
            return load(session, COUNTRY, FIRST).already_loaded

    with ThreadPoolExecutor(4) as pool:
        already = sorted(pool.map(load_it, range(4)))
    with Session(engine) as session:
        assert session.scalar(select(func.count()).select_from(Unit)) == len(COUNTRY)
    engine.dispose()
    assert already == [False, True, True, True]


def test_participating_units_that_end_are_named(small: Session) -> None:
    unit = the_unit(small, "29491", FIRST)
    terms = service.ParticipationTerms("0294 3874 001", "Ấp Chợ")
    service.start_participation(small, unit.id, FIRST, terms)
    report = load(small, (PROVINCE, TRA_CU, TAP_SON), SECOND, [ListedSuccessor("29491", "29461", False)])
    assert report.participating_ended == ("29491",)
    assert queries.participating(small, date(2026, 4, 29)) != []
    assert queries.participating(small, SECOND) == []


def test_two_units_never_hold_one_code_on_one_day(small: Session) -> None:
    twin = Unit(
        code="29461",
        valid_from=SECOND,
        name="Xã Trùng",
        kind="commune",
        parent_code="86",
        known_from=SECOND,
        name_folded="trung",
        name_joined="trung",
        sort_key="",
    )
    small.add(twin)
    with pytest.raises(IntegrityError, match="ex_unit_code_period"):
        small.flush()
    small.rollback()


def test_files_with_mistakes_name_their_lines() -> None:
    units = "code,name,kind,parent_code\n86,Tỉnh Vĩnh Long,province,\n29461,Xã Trà Cú,commune,87\n".encode()
    links = b"old_code,new_code,old_is_split\n1,2,perhaps\n"
    with pytest.raises(service.InvalidList) as refused:
        service.check_files(units, links)
    assert [str(problem) for problem in refused.value.problems] == [
        "Dòng 3: đơn vị cha 87 của Xã Trà Cú không có trong tệp.",
        "Dòng 2: tệp kế tiếp: cột old_is_split chỉ nhận true hoặc false.",
    ]


def test_many_mistakes_are_counted() -> None:
    lines = "".join(f"{number},,x_y,\n" for number in range(100, 150))
    with pytest.raises(service.InvalidList, match="Còn 30 dòng khác cần sửa") as refused:
        service.check_files(("code,name,kind,parent_code\n" + lines).encode())
    assert len(refused.value.problems) == 50
