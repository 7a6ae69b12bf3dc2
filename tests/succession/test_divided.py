"""A unit that went to several: each case by its hamlet or by a person's choice, each role, each hamlet, confirmed once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg import succession
from civreg.cases.queries import case_page
from civreg.shared import audit, clock
from civreg.shared.errors import InvalidInput
from civreg.succession import Division, Holdings, Wanted
from civreg.units import queries as units
from civreg.units import service as units_service
from tests.succession.merged import AFTER, FORM, Merged, actor
from tests.succession.test_carried_along import override_on, set_rule
from tests.world import ask

WHY = "Trụ sở nay ở Tập Sơn"


def divided(session: Session, merged: Merged) -> Division:
    """Return what is to be divided now."""
    plan = succession.plan_of(session, actor(session, merged.administrator), merged.old, clock.today())
    assert plan.division is not None
    return plan.division


def confirm(session: Session, merged: Merged, main: int, of: dict[str, int]) -> Holdings:
    """Confirm the plan as it stands with these choices."""
    who = actor(session, merged.administrator)
    plan = succession.plan_of(session, who, merged.old, clock.today())
    return succession.carry_out(
        session, who, merged.old, expected=plan.expected, wanted=Wanted(main, WHY, of)
    )


def everything_to(parts: Division, unit_id: int) -> dict[str, int]:
    """Return the choice of one heir for each case and tiding."""
    return {share.field: unit_id for share in (*parts.cases, *parts.tidings)}


def unit_of_case(session: Session, case_id: UUID) -> int:
    query = "SELECT current_unit_id FROM case_file WHERE id = :id"
    return int(session.execute(text(query), {"id": case_id}).scalar_one())


def test_nothing_goes_before_each_case_the_rest_and_the_reason_have_an_answer(
    country: Session, merged: Merged, second: int
) -> None:
    who = actor(country, merged.administrator)
    plan = succession.plan_of(country, who, merged.old, clock.today())
    assert ([unit.id for unit in plan.heirs], plan.blocked) == ([second, merged.new], "")
    assert plan.division is not None
    placed = everything_to(plan.division, second)
    for main, reason, of, wrong in (
        (None, "", placed, {"heir", "reason"}),
        (merged.new, "  ", placed, {"reason"}),
        (merged.other, "trụ sở ở đó", placed, {"heir"}),
        (merged.new, "x" * 301, placed, {"reason"}),
        (merged.new, WHY, {}, set(placed)),
        (merged.new, WHY, dict.fromkeys(placed, merged.other), set(placed)),
    ):
        with pytest.raises(InvalidInput) as refused:
            succession.carry_out(
                country, who, merged.old, expected=plan.expected, wanted=Wanted(main, reason, of)
            )
        assert set(refused.value.fields) == wrong
    assert succession.plan_of(country, who, merged.old, clock.today()).holdings == plan.holdings


def test_a_case_that_follows_from_nothing_is_named_by_code_and_hamlet(
    country: Session, merged: Merged, second: int
) -> None:
    share = next(one for one in divided(country, merged).cases if one.row.id == merged.asked)
    with pytest.raises(InvalidInput) as refused:
        confirm(country, merged, merged.new, {})
    assert refused.value.fields[share.field] == (
        f"Ông/bà chọn đơn vị nhận hồ sơ {share.row.code}, ở {share.row.hamlet}."
    )


def test_cases_go_by_hamlet_and_a_choice_of_their_own_goes_before_it(
    country: Session, merged: Merged, second: int
) -> None:
    with clock.travelling(AFTER.replace(month=6, day=25)):
        far = ask(country, merged.people, replace(FORM, hamlet="Giồng Tranh"), unit_id=merged.old).case_id
        nowhere = ask(country, merged.people, replace(FORM, hamlet=""), unit_id=merged.old).case_id
    parts = divided(country, merged)
    by_id = {share.row.id: share for share in parts.cases}
    assert by_id[nowhere].hamlet == ""
    assert by_id[nowhere].row.address != ""
    of = {
        by_id[far].hamlet: second,
        by_id[merged.asked].hamlet: merged.new,
        by_id[merged.received].field: second,
        by_id[nowhere].field: second,
        parts.tidings[0].field: second,
    }
    done = confirm(country, merged, merged.new, of)
    assert done.cases == len(merged.open_cases) + 2
    assert {case_id: unit_of_case(country, case_id) for case_id in (far, nowhere, merged.received)} == (
        dict.fromkeys((far, nowhere, merged.received), second)
    )
    assert unit_of_case(country, merged.asked) == merged.new
    assert unit_of_case(country, merged.delivered) == merged.old
    told = "SELECT unit_id FROM tiding WHERE id = :id"
    assert country.execute(text(told), {"id": merged.tiding}).scalar_one() == second
    clocks = "SELECT DISTINCT unit_id FROM deadline WHERE case_id = :id AND state = 'open'"
    assert country.execute(text(clocks), {"id": merged.received}).scalars().all() == [second]
    assert audit.verify(country).ok


def test_visit_and_letter_go_with_their_case(country: Session, merged: Merged, second: int) -> None:
    parts = divided(country, merged)
    of = everything_to(parts, merged.new)
    of |= {share.field: second for share in parts.cases if share.row.id in (merged.asked, merged.drafted)}
    confirm(country, merged, merged.new, of)
    visit = country.execute(text("SELECT unit_id FROM visit WHERE id = :id"), {"id": merged.visit})
    letter = country.execute(
        text("SELECT unit_id, version FROM letter WHERE case_id = :id"), {"id": merged.drafted}
    ).one()
    numbered = country.execute(
        text("SELECT unit_id FROM letter WHERE case_id = :id"), {"id": merged.numbered}
    )
    assert (visit.scalar_one(), letter.unit_id, numbered.scalar_one()) == (second, second, merged.old)


def test_hamlets_are_proposed_from_the_lists_of_the_heirs_and_copied_where_they_lie(
    country: Session, merged: Merged, second: int
) -> None:
    for name in ("Ấp Chợ", "Ấp Giồng Tranh", "Ấp Xoài Xiêm", "Ấp Bãi Xào"):
        units_service.add_hamlet(country, merged.old, name)
    units_service.add_hamlet(country, second, "ấp giồng tranh", old_commune="Xã Ngãi Xuyên")
    for heir in (second, merged.new):
        units_service.add_hamlet(country, heir, "Ấp Chợ")
    parts = divided(country, merged)
    shares = {share.name: share for share in parts.hamlets if share.ids}
    assert {name: share.proposed for name, share in shares.items()} == {
        "Ấp Bãi Xào": None,
        "Ấp Chợ": None,
        "Ấp Giồng Tranh": second,
        "Ấp Xoài Xiêm": None,
    }
    of = everything_to(parts, merged.new)
    of |= {shares["Ấp Chợ"].field: second, shares["Ấp Xoài Xiêm"].field: merged.new}
    confirm(country, merged, merged.new, of)
    new = {
        unit_id: {row.name for row in units.hamlets_of(country, unit_id) if row.old_commune}
        for unit_id in (second, merged.new)
    }
    assert new == {second: {"ấp giồng tranh", "Ấp Chợ"}, merged.new: {"Ấp Xoài Xiêm"}}
    assert {row.name for row in units.hamlets_of(country, merged.old)} == set(shares)


def test_each_role_goes_to_its_own_heir_and_else_with_the_rest(
    country: Session, merged: Merged, second: int
) -> None:
    parts = divided(country, merged)
    officer = next(share for share in parts.roles if share.row.full_name == "Thạch Thị Mỹ Hạnh")
    assert officer.proposed is None
    of = everything_to(parts, second) | {officer.field: second}
    confirm(country, merged, merged.new, of)
    held = {
        name: {grant.unit_id for grant in actor(country, who).grants}
        for name, who in (("officer", merged.people.officer), ("head", merged.people.head))
    }
    assert held == {"officer": {second}, "head": {merged.new}}


def test_the_staff_of_each_heir_still_reads_what_ended_there(
    country: Session, merged: Merged, second: int
) -> None:
    parts = divided(country, merged)
    officer = next(share for share in parts.roles if share.row.full_name == "Thạch Thị Mỹ Hạnh")
    confirm(country, merged, merged.new, everything_to(parts, second) | {officer.field: second})
    for who in (merged.people.officer, merged.people.head):
        assert case_page(country, actor(country, who), merged.delivered).id == merged.delivered
    rows = [(row.new.id, row.reason) for row in units.handovers_of(country, merged.old)]
    assert rows == [(merged.new, WHY), (second, "")]


def test_the_own_rule_of_a_split_unit_ends_for_it_was_for_the_whole(
    country: Session, merged: Merged, second: int
) -> None:
    set_rule(country, merged.old, "birth_at_home", 2)
    confirm(country, merged, second, everything_to(divided(country, merged), second))
    everywhere = [second, merged.new, merged.old]
    assert override_on(country, everywhere, "birth_at_home", clock.today()) is None


def test_a_numbered_letter_of_a_split_unit_counts_for_the_one_that_keeps_the_rest(
    country: Session, merged: Merged, second: int
) -> None:
    assert units.counted_at(country, merged.old, clock.today()) == merged.old
    confirm(country, merged, second, everything_to(divided(country, merged), merged.new))
    assert units.counted_at(country, merged.old, clock.today()) == second
    assert units.counted_at(country, merged.old, date(2025, 6, 30)) == merged.old


def test_again_changes_nothing_and_what_comes_later_asks_no_more_who_keeps_the_rest(
    country: Session, merged: Merged, second: int
) -> None:
    of = everything_to(divided(country, merged), second)
    confirm(country, merged, second, of)
    rows = audit.verify(country).rows
    assert confirm(country, merged, merged.new, of) == Holdings()
    assert audit.verify(country).rows == rows
    with clock.travelling(AFTER.replace(month=6, day=25)):
        late = ask(country, merged.people, FORM, unit_id=merged.old).case_id
    parts = divided(country, merged)
    assert parts.main is not None
    assert parts.main.new.id == second
    who = actor(country, merged.administrator)
    plan = succession.plan_of(country, who, merged.old, clock.today())
    of = everything_to(parts, merged.new)
    done = succession.carry_out(
        country, who, merged.old, expected=plan.expected, wanted=Wanted(merged.new, "", of)
    )
    assert done == Holdings(cases=1)
    assert unit_of_case(country, late) == merged.new
    assert units.counted_at(country, merged.old, clock.today()) == second


def test_every_unit_that_took_something_has_it_in_its_own_chain(
    country: Session, merged: Merged, second: int
) -> None:
    parts = divided(country, merged)
    of = everything_to(parts, merged.new) | {parts.cases[0].field: second}
    confirm(country, merged, merged.new, of)
    query = "SELECT action, chain FROM audit WHERE action IN ('unit.handed_over', 'unit.taken_over')"
    assert {tuple(row) for row in country.execute(text(query))} == {
        ("unit.handed_over", merged.old),
        ("unit.taken_over", merged.new),
        ("unit.taken_over", second),
    }
