"""Each of the eight procedures from a family's form to the figure in the month; deaths quietly, with condolence."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.cases.queries import CasePage
from civreg.procedures.catalogue import catalogue, version_on
from civreg.shared import clock
from civreg.work import run_waiting
from tests.web.family import Family
from tests.web.office_days import ask_on_the_web, deliver_case, newest_case, register_case, take_dossier
from tests.web.officer_site import Desk, now
from tests.world import World


def _work(session: Session, world: World, desk: Desk) -> CasePage:
    """Take the papers, register and deliver on the officer's pages; return the case."""
    case_id = newest_case(session)
    take_dossier(session, world, desk, case_id)
    if now(session, world, case_id).rules.flow == "registration":
        register_case(session, world, desk, case_id)
    return deliver_case(session, world, desk, case_id)


@pytest.mark.parametrize("procedure", sorted(catalogue()))
def test_a_service_leads_from_the_form_to_the_month(
    client: FlaskClient, session: Session, world: World, desk: Desk, procedure: str
) -> None:
    rules = version_on(procedure, clock.today())
    seen = ask_on_the_web(Family(client), world, procedure)
    assert all(('class="family quiet"' in page) == (rules.occasion == "death") for page in seen)
    case = _work(session, world, desk)
    session.commit()
    run_waiting(session)

    assert case.state == "delivered"
    left_out = {"identity_card", "survivor_benefit"}
    assert [part.code for part in case.parts] == [p.code for p in rules.parts if p.code not in left_out]
    letters = session.execute(text("SELECT kind FROM letter")).scalars().all()
    assert letters == ([rules.letter] if rules.letter else [])
    counted = session.execute(text("SELECT sum(delta) FROM fact WHERE line = 'delivered'"))
    assert counted.scalar_one() == 1


@pytest.mark.parametrize("procedure", ["death_at_home", "death_bundle", "death_mobile"])
def test_a_death_is_asked_about_quietly(client: FlaskClient, world: World, procedure: str) -> None:
    for page in ask_on_the_web(Family(client), world, procedure):
        main = page[page.index("<main") : page.index("</main>")].replace("<!", "")
        for word in ("!", "chúc mừng", "khảo sát", "<img"):
            assert word not in main
