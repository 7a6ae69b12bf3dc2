"""The three lists that come with civreg, as the traps of their README say they are."""

from __future__ import annotations

import csv
from datetime import date

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, aliased

from civreg.shared import audit
from civreg.shared.errors import NotFound
from civreg.units import queries, service
from civreg.units.models import Unit, UnitSnapshot, UnitSuccessor
from civreg.units.queries.tree import holds
from civreg.units.rules import read_list
from civreg.units.service.loading import SHIPPED

LIST_2021, LIST_MARCH, LIST_JULY = date(2021, 11, 1), date(2025, 3, 1), date(2025, 7, 1)
TODAY = date(2026, 11, 24)
Loaded = tuple[Engine, tuple[service.LoadReport, ...]]


def the_unit(session: Session, code: str, day: date) -> queries.UnitRow:
    unit = queries.unit_on(session, code, day)
    assert unit is not None
    return unit


def test_each_list_reports_what_it_changed(country_loaded: Loaded) -> None:
    first, march, july = country_loaded[1]
    assert (first.effective_on, first.rows, len(first.added)) == (LIST_2021, 11_367, 11_367)
    assert (march.rows, len(march.added), len(march.ended)) == (10_794, 6, 579)
    assert (july.rows, july.unchanged, len(july.ended), july.new_kinds) == (
        3_355,
        27,
        7_445,
        ("special_zone",),
    )
    assert len(july.renamed) == 2_181
    for report in (march, july):
        assert report.unchanged + len(report.renamed) + report.moved + len(report.added) == report.rows


def test_loading_again_changes_nothing(country: Session) -> None:
    def counts() -> list[int | None]:
        return [
            country.scalar(select(func.count()).select_from(table))
            for table in (Unit, UnitSuccessor, UnitSnapshot, audit.AuditRow)
        ]

    before = counts()
    reports = service.load_shipped(country)
    assert all(report.already_loaded for report in reports)
    assert counts() == before


@pytest.mark.parametrize("day", [LIST_2021, LIST_MARCH, LIST_JULY])
def test_the_country_of_each_day_is_its_list(country: Session, day: date) -> None:
    rows, problems = read_list((SHIPPED / f"units_{day.isoformat()}.csv").read_bytes())
    assert problems == []
    held = country.execute(select(Unit.code, Unit.name, Unit.kind, Unit.parent_code).where(holds(Unit, day)))
    assert {tuple(row) for row in held} == {(row.code, row.name, row.kind, row.parent_code) for row in rows}


@pytest.mark.parametrize(
    ("day", "tops", "lowest"), [(LIST_2021, 63, 10_599), (LIST_MARCH, 63, 10_035), (LIST_JULY, 34, 3_321)]
)
def test_the_tree_of_each_day_has_the_counts_of_its_list(
    country: Session, day: date, tops: int, lowest: int
) -> None:
    assert len(queries.top_units(country, day)) == tops
    communes = country.scalar(select(func.count()).where(holds(Unit, day), func.length(Unit.code) == 5))
    assert communes == lowest


def test_a_code_that_was_used_again_names_another_unit(country: Session) -> None:
    before, after = the_unit(country, "29461", LIST_MARCH), the_unit(country, "29461", TODAY)
    assert (before.name, before.kind, before.valid_to) == ("Thị trấn Trà Cú", "township", LIST_JULY)
    assert (after.name, after.kind, after.valid_from) == ("Xã Trà Cú", "commune", LIST_JULY)
    assert before.id != after.id
    assert [unit.id for unit in queries.successors(country, before.id, TODAY)] == [after.id]


def test_a_unit_that_does_not_change_keeps_one_row(country: Session) -> None:
    days = (LIST_2021, LIST_MARCH, LIST_JULY, TODAY)
    assert len({the_unit(country, "86", day).id for day in days}) == 1
    assert len({the_unit(country, "29462", day).id for day in days[:2]}) == 1


def test_the_first_list_holds_since_before_and_says_since_when_it_is_known(country: Session) -> None:
    unit = the_unit(country, "29461", date(2017, 1, 1))
    assert unit.name == "Thị trấn Trà Cú"
    assert unit.since_before
    assert unit.known_from == LIST_2021


def test_a_unit_of_an_act_does_not_hold_before_it(country: Session) -> None:
    assert queries.unit_on(country, "06978", date(2025, 6, 30)) is None
    assert the_unit(country, "06978", LIST_JULY).since_before is False


def test_a_unit_gone_between_two_lists_says_so(country: Session) -> None:
    ward = the_unit(country, "29245", LIST_2021)
    assert (ward.name, ward.valid_to, ward.ended_after) == ("Phường 2", LIST_MARCH, LIST_2021)
    assert the_unit(country, "29462", LIST_2021).ended_after is None


def test_tra_vinh_has_no_gap(country: Session) -> None:
    ward_of_today = the_unit(country, "29242", TODAY)
    for code in ("29245", "29251"):
        gone = the_unit(country, code, LIST_2021)
        assert queries.successors(country, gone.id, TODAY) == [ward_of_today]
    province = the_unit(country, "84", LIST_2021)
    lowest = queries.lowest_below(country, province.id, LIST_2021)
    assert len(lowest) == 106
    assert all(queries.standing_on(country, unit.id, TODAY) for unit in lowest)


def test_every_old_commune_of_tra_vinh_is_found_both_ways(country: Session) -> None:
    """As the list of the province says it: 106 old communes with the one each of them is now, typed by others."""
    with (SHIPPED / "tra_vinh_units.csv").open(encoding="utf-8", newline="") as file:
        pairs = list(csv.DictReader(file))
    assert len(pairs) == 106
    back: dict[int, set[int]] = {}
    for pair in pairs:
        old = the_unit(country, pair["old_commune_code"], LIST_2021)
        new = the_unit(country, pair["new_commune_code"], TODAY)
        assert (old.name, new.name) == (pair["old_commune"], pair["new_commune"])
        assert queries.standing_on(country, old.id, TODAY) == [new]
        assert queries.stand_as(country, [old.id], TODAY) == {old.id: {new.id}}
        back.setdefault(new.id, set()).add(old.id)
    for new_id, old_ids in back.items():
        unit = queries.unit_by_id(country, new_id)
        there = {one.id for one in queries.predecessors(country, new_id, LIST_2021)}
        assert there | ({new_id} if unit.holds_on(LIST_2021) else set()) == old_ids


NINE_OF_TRA_CU = {
    "29464": ("Xã Phước Hưng", "Xã Tập Sơn"),
    "29467": ("Xã Tập Sơn", "Xã Tập Sơn"),
    "29473": ("Xã An Quảng Hữu", "Xã Lưu Nghiệp Anh"),
    "29461": ("Thị trấn Trà Cú", "Xã Trà Cú"),
    "29462": ("Thị trấn Định An", "Xã Đại An"),
    "29506": ("Xã Long Hiệp", "Xã Long Hiệp"),
    "29485": ("Xã Thanh Sơn", "Xã Trà Cú"),
    "29479": ("Xã Ngãi Xuyên", "Xã Trà Cú"),
    "29503": ("Xã Ngọc Biên", "Xã Long Hiệp"),
}
"""The nine units of the report of 2021, in its order, and what each is in 2026."""


@pytest.mark.parametrize("code", NINE_OF_TRA_CU)
def test_the_nine_units_of_the_programme_in_2021_and_in_2026(country: Session, code: str) -> None:
    before, after = NINE_OF_TRA_CU[code]
    old = the_unit(country, code, LIST_2021)
    assert queries.tree_path(country, old, LIST_2021) == f"{before}, huyện Trà Cú, tỉnh Trà Vinh"
    (new,) = queries.standing_on(country, old.id, TODAY)
    assert queries.tree_path(country, new, TODAY) == f"{after}, tỉnh Vĩnh Long"


def test_a_province_follows_from_its_communes(country: Session) -> None:
    today = the_unit(country, "86", TODAY)
    assert queries.successors(country, the_unit(country, "84", LIST_MARCH).id, TODAY) == [today]
    assert {unit.code for unit in queries.predecessors(country, today.id)} == {"83", "84"}
    assert queries.successors(country, today.id, TODAY) == []


def test_every_province_that_ended_has_one_successor(country: Session) -> None:
    ended = [unit for unit in queries.top_units(country, LIST_MARCH) if not unit.holds_on(LIST_JULY)]
    assert len(ended) == 36
    assert [len(queries.successors(country, unit.id, LIST_JULY)) for unit in ended] == [1] * 36


def test_a_district_says_where_its_communes_went(country: Session) -> None:
    district = the_unit(country, "849", LIST_MARCH)
    assert queries.successors(country, district.id, TODAY) == []
    assert [unit.name for unit in queries.parts_went_to(country, district, TODAY)] == [
        "Xã Đại An",
        "Xã Hàm Giang",
        "Xã Long Hiệp",
        "Xã Lưu Nghiệp Anh",
        "Xã Tập Sơn",
        "Xã Trà Cú",
    ]


def test_what_the_lists_do_not_say_is_reported_and_not_guessed(
    country: Session, country_loaded: Loaded
) -> None:
    _, march, july = country_loaded[1]
    assert {"06970", "06973", "06982", "06988"} <= set(july.without_successor)
    assert {"29245", "29251"} <= set(march.without_successor)
    assert july.without_predecessor == ("06978", "11948", "19742", "20333", "21548", "26732")
    unknown = queries.units_without_successor(country)
    communes = [unit for unit in unknown if len(unit.code) == 5]
    # README: 4 of March 2025 and 572 (with those 4) of 2021 have none; two of Trà Vinh are closed.
    assert len(communes) == 572 - 2
    assert {unit.code for unit in queries.units_without_predecessor(country)} == set(july.without_predecessor)


def test_the_way_through_several_lists_is_followed(country: Session) -> None:
    ward = the_unit(country, "27232", LIST_2021)
    assert ward.name == "Phường 09"
    march = queries.successors(country, ward.id, LIST_MARCH)
    assert [unit.name for unit in march] == ["Phường 10"]
    july = queries.successors(country, ward.id, TODAY)
    assert july == queries.successors(country, march[0].id, TODAY)
    assert [unit.name for unit in july] == ["Phường Bình Thới"]


def test_a_commune_that_was_split_went_to_several(country: Session) -> None:
    ward = the_unit(country, "00007", LIST_MARCH)
    assert {unit.code for unit in queries.successors(country, ward.id, TODAY)} == {"00025", "00008"}


def test_parents_are_found_by_date(country: Session) -> None:
    unit = the_unit(country, "29462", LIST_2021)
    assert [one.name for one in queries.parents(country, unit, LIST_MARCH)] == [
        "Huyện Trà Cú",
        "Tỉnh Trà Vinh",
    ]
    assert queries.tree_path(country, unit, TODAY) == "Thị trấn Định An, huyện Trà Cú, tỉnh Trà Vinh"
    today = the_unit(country, "29461", TODAY)
    assert queries.tree_path(country, today, TODAY) == "Xã Trà Cú, tỉnh Vĩnh Long"
    assert queries.tree_path(country, unit, date(2017, 5, 1)).endswith("tỉnh Trà Vinh")


def test_descendants_through_a_range_hold_the_rows_of_all_its_days(country: Session) -> None:
    old = the_unit(country, "84", LIST_2021)
    paper_years = queries.descendant_ids(country, old.id, date(2017, 1, 1), date(2021, 12, 31))
    assert len(paper_years) == 1 + 9 + 106
    today = the_unit(country, "86", TODAY)
    now = queries.descendant_ids(country, today.id, TODAY, TODAY)
    assert len(now) == 1 + 124
    both = queries.descendant_ids(country, today.id, LIST_MARCH, TODAY)
    assert now < both
    assert the_unit(country, "29461", TODAY).id in both
    assert the_unit(country, "29461", LIST_MARCH).id not in both
    assert queries.descendant_ids(country, old.id, LIST_JULY, TODAY) == set()


def test_every_unit_below_has_a_parent_on_its_first_day(country: Session) -> None:
    parent = aliased(Unit)
    has_parent = (
        select(parent.id)
        .where(
            parent.code == Unit.parent_code,
            parent.valid_from <= Unit.valid_from,
            parent.valid_to.is_(None) | (parent.valid_to > Unit.valid_from),
        )
        .exists()
    )
    orphans = country.scalars(select(Unit.code).where(Unit.parent_code.is_not(None), ~has_parent)).all()
    assert orphans == []


def test_units_below_come_in_vietnamese_order(country: Session) -> None:
    district = the_unit(country, "849", LIST_MARCH)
    names = [unit.bare for unit in queries.children(country, district, LIST_MARCH)]
    assert len(names) == 17
    assert names[:4] == ["An Quảng Hữu", "Đại An", "Định An", "Định An"]
    assert names[-1] == "Trà Cú"
    assert queries.children(country, district, TODAY) == []
    assert [unit.bare for unit in queries.top_units(country, TODAY)][:3] == ["An Giang", "Bắc Ninh", "Cà Mau"]


def test_units_are_read_by_their_ids(country: Session) -> None:
    assert queries.has_units(country)
    ids = [the_unit(country, code, TODAY).id for code in ("29461", "86")]
    assert {unit.code for unit in queries.units_by_ids(country, [*ids, -1]).values()} == {"29461", "86"}
    assert queries.unit_by_id(country, ids[0]).spoken == "xã Trà Cú"
    with pytest.raises(NotFound):
        queries.unit_by_id(country, -1)


def test_an_empty_database_has_no_units(session: Session) -> None:
    assert not queries.has_units(session)
    assert queries.search_communes(session, "Trà Cú", TODAY) == []
