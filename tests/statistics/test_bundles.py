"""How far bundles have come: by the period of their papers and by unit, as they stand now."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg import work
from civreg.shared.errors import NotFound
from civreg.statistics import queries
from civreg.statistics.rules import month_of
from tests.world import BIRTH, World, ask, receive

NOVEMBER, OCTOBER = month_of(2026, 11), month_of(2026, 10)


def bundle(session: Session, world: World, key: str, **states: str) -> UUID:
    """Take the papers of a bundle and let its parts stand in these states (the rest is open)."""
    case_id = ask(session, world, replace(BIRTH, procedure="birth_bundle"), key=key).case_id
    receive(session, world, case_id)
    for code, state in states.items():
        where = "" if code == "every" else "AND code = :code"
        session.execute(
            text(f"UPDATE case_part SET state = :state WHERE case_id = :id {where}"),
            {"state": state, "id": case_id, "code": code},
        )
    return case_id


def test_each_bundle_is_complete_stopped_or_waiting(session: Session, world: World) -> None:
    bundle(session, world, "a", every="done")
    bundle(session, world, "b", every="done", residence="abandoned")
    bundle(session, world, "c", every="done", residence="submitted")
    bundle(session, world, "d")
    single = ask(session, world, key="single").case_id
    receive(session, world, single)
    session.execute(text("UPDATE case_part SET state = 'done' WHERE case_id = :id"), {"id": single})
    work.run_waiting(session)
    for unit_id in (world.tra_cu, world.province):
        (row,) = queries.bundles(session, world.staff, unit_id, NOVEMBER)
        assert (row.unit_name, row.received, row.complete, row.stopped, row.waiting) == (
            "Xã Trà Cú",
            4,
            1,
            1,
            2,
        )
        assert row.rate == "25%"
        assert queries.bundles(session, world.staff, unit_id, NOVEMBER, as_of=NOVEMBER.to_on) == [row]
    assert queries.bundles(session, world.staff, world.tra_cu, OCTOBER) == []
    assert queries.bundles(session, world.staff, world.dai_an, NOVEMBER) == []


def test_whoever_has_no_figures_there_sees_none(session: Session, world: World) -> None:
    bundle(session, world, "a")
    for who in (world.neighbour, world.stranger, world.administrator):
        with pytest.raises(NotFound):
            queries.bundles(session, who, world.tra_cu, NOVEMBER)


@pytest.mark.parametrize(
    ("complete", "received", "words"), [(39, 40, "97,5%"), (1, 3, "33,3%"), (0, 2, "0%"), (2, 2, "100%")]
)
def test_a_share_is_written_as_people_write_it(complete: int, received: int, words: str) -> None:
    assert queries.BundleFigures("Xã Trà Cú", received, complete, 0, received - complete).rate == words
