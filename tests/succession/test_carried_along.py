"""What goes along with the open work of an ended unit: hamlets and its own rules."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg import succession
from civreg.procedures.queries import OverrideRow, overrides_of_units
from civreg.shared import clock
from civreg.units import queries as units
from civreg.units import service as units_service
from tests.succession.merged import Merged, actor, hand_over, unit_of


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
