"""What goes along with the open work of an ended unit: hamlets, its own rules; and a split, where a person chooses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg import succession
from civreg.cases.queries import case_page
from civreg.procedures.queries import OverrideRow, overrides_of_units
from civreg.shared import clock
from civreg.shared.errors import InvalidInput
from civreg.units import queries as units
from civreg.units import service as units_service
from tests.succession.merged import AFTER, REFORM, Merged, actor, build, hand_over, unit_of


@pytest.fixture
def merged(country: Session) -> Iterator[Merged]:
    """What stood at xã Ngãi Xuyên before, on the day after the reform."""
    found = build(country)
    with clock.travelling(AFTER):
        yield found


def set_rule(
    session: Session, unit_id: int, procedure: str, days: int, *, ends_on: date | None = None
) -> UUID:
    return session.execute(
        text(
            "INSERT INTO procedure_override (id, unit_id, procedure, rule, values, source, starts_on, ends_on,"
            " written_at)"
            " VALUES (gen_random_uuid(), :unit, :procedure, 'shorter_limit', jsonb_build_object('days', CAST(:days AS int)),"
            " 'QĐ 12/QĐ-UBND ngày 3/2/2025', '2025-02-03', :ends_on, now()) RETURNING id"
        ),
        {"unit": unit_id, "procedure": procedure, "days": days, "ends_on": ends_on},
    ).scalar_one()


def override_on(session: Session, unit_ids: list[int], procedure: str, day: date) -> OverrideRow | None:
    rows = overrides_of_units(session, unit_ids, day)
    return next((row for row in rows if row.procedure == procedure and row.holds_on(day)), None)


def split_to(session: Session, merged: Merged) -> int:
    """Let a part of the old unit have gone to xã Tập Sơn as well."""
    second = unit_of(session, "29467", REFORM)
    session.execute(
        text(
            "INSERT INTO unit_successor (old_unit_id, new_unit_id, effective_on, is_split, source)"
            " VALUES (:old, :new, '2025-07-01', true, 'list')"
        ),
        {"old": merged.old, "new": second},
    )
    return second


def test_hamlets_are_copied_with_the_old_commune_beside_each(country: Session, merged: Merged) -> None:
    units_service.add_hamlet(country, merged.old, "Ấp Chợ")
    units_service.add_hamlet(country, merged.old, "Ấp Xoài Xiêm", old_commune="Xã Kim Sơn")
    units_service.add_hamlet(country, merged.new, "Ấp Chợ", old_commune="Xã Thanh Sơn")
    assert hand_over(country, merged).hamlets == 2
    assert [(row.name, row.old_commune) for row in units.hamlets_of(country, merged.new)] == [
        ("Ấp Xoài Xiêm", "Xã Kim Sơn"),
        ("Ấp Chợ", "Xã Ngãi Xuyên"),
        ("Ấp Chợ", "Xã Thanh Sơn"),
    ]
    assert len(units.hamlets_of(country, merged.old)) == 2
    who = actor(country, merged.administrator)
    assert succession.plan_of(country, who, merged.old, clock.today()).holdings.is_empty


def test_a_unit_that_has_only_hamlets_left_is_in_the_list(country: Session, merged: Merged) -> None:
    quiet = unit_of(country, "29473", date(2025, 6, 24))
    units_service.add_hamlet(country, quiet, "Ấp Giồng Tranh")
    who = actor(country, merged.administrator)
    plan = next(one for one in succession.plans(country, who, clock.today()) if one.old.id == quiet)
    assert plan.holdings == succession.Holdings(hamlets=1)


def test_the_old_unit_s_own_rule_goes_on_unless_the_new_one_has_its_own(
    country: Session, merged: Merged
) -> None:
    last_day = date(2026, 1, 31)
    set_rule(country, merged.old, "birth_at_home", 2, ends_on=last_day)
    set_rule(country, merged.old, "death_at_home", 1)
    set_rule(country, merged.new, "death_at_home", 3)
    set_rule(country, merged.old, "birth_mobile", 4, ends_on=date(2025, 6, 1))
    assert hand_over(country, merged).rules == 2
    today = clock.today()
    gone_on = override_on(country, [merged.new], "birth_at_home", today)
    assert gone_on is not None
    assert (gone_on.values, gone_on.source, gone_on.starts_on, gone_on.ends_on) == (
        {"days": 2},
        "QĐ 12/QĐ-UBND ngày 3/2/2025",
        today,
        last_day,
    )
    assert override_on(country, [merged.new], "birth_at_home", today - timedelta(days=1)) is None
    kept = override_on(country, [merged.new], "death_at_home", today)
    assert kept is not None
    assert kept.values == {"days": 3}
    assert override_on(country, [merged.new], "birth_mobile", today) is None
    for procedure in ("birth_at_home", "death_at_home"):
        assert override_on(country, [merged.old], procedure, today) is None
        assert override_on(country, [merged.old], procedure, today - timedelta(days=1)) is not None


def test_a_split_waits_for_the_unit_and_the_reason_that_a_person_gives(
    country: Session, merged: Merged
) -> None:
    second = split_to(country, merged)
    who = actor(country, merged.administrator)
    plan = succession.plan_of(country, who, merged.old, clock.today())
    assert ([unit.id for unit in plan.heirs], plan.blocked) == ([second, merged.new], "")
    for heir, reason, wrong in (
        (None, "", {"heir", "reason"}),
        (merged.new, "  ", {"reason"}),
        (merged.other, "trụ sở ở đó", {"heir"}),
        (merged.new, "x" * 301, {"reason"}),
    ):
        with pytest.raises(InvalidInput) as refused:
            succession.carry_out(
                country, who, merged.old, expected=plan.expected, heir_id=heir, reason=reason
            )
        assert set(refused.value.fields) == wrong
    assert succession.plan_of(country, who, merged.old, clock.today()).holdings == plan.holdings


def test_what_a_split_unit_has_left_goes_to_the_chosen_one(country: Session, merged: Merged) -> None:
    second = split_to(country, merged)
    units_service.add_hamlet(country, merged.old, "Ấp Chợ")
    set_rule(country, merged.old, "birth_at_home", 2)
    who = actor(country, merged.administrator)
    plan = succession.plan_of(country, who, merged.old, clock.today())
    done = succession.carry_out(
        country, who, merged.old, expected=plan.expected, heir_id=second, reason="Trụ sở nay ở Tập Sơn"
    )
    assert done == plan.holdings
    officer = actor(country, merged.people.officer)
    assert {grant.unit_id for grant in officer.grants} == {second}
    for case_id in (*merged.open_cases, merged.delivered):
        assert case_page(country, officer, case_id).id == case_id
    (row, *_) = units.handovers(country)
    assert (row.new.id, row.reason) == (second, "Trụ sở nay ở Tập Sơn")
    # which hamlet and whose rule: the lists do not say, so nothing is copied
    assert units.hamlets_of(country, second) == []
    assert override_on(country, [second, merged.old], "birth_at_home", clock.today()) is None
    assert succession.plan_of(country, who, merged.old, clock.today()).holdings.is_empty


def test_a_numbered_letter_of_a_split_unit_counts_for_the_chosen_one(
    country: Session, merged: Merged
) -> None:
    second = split_to(country, merged)
    assert units.counted_at(country, merged.old, clock.today()) == merged.old
    who = actor(country, merged.administrator)
    plan = succession.plan_of(country, who, merged.old, clock.today())
    succession.carry_out(
        country, who, merged.old, expected=plan.expected, heir_id=second, reason="Trụ sở nay ở Tập Sơn"
    )
    assert units.counted_at(country, merged.old, clock.today()) == second
    assert units.counted_at(country, merged.old, date(2025, 6, 30)) == merged.old
