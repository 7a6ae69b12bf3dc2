"""Each of the eight procedures from a family's form to the figure in the month; deaths quietly, with condolence."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.cases.queries import case_page
from civreg.procedures.catalogue import catalogue, version_on
from civreg.shared import clock
from civreg.work import run_waiting
from tests.answers import typed
from tests.web.family import Family
from tests.web.officer_site import Desk, all_papers, landed
from tests.world import World


def _ask(family: Family, world: World, procedure: str) -> list[str]:
    """Answer page after page as the service leads, send, and return every page that was seen."""
    occasion = version_on(procedure, clock.today()).occasion
    answers, path = typed(occasion), f"/yeu-cau/{procedure}"
    seen, step = [family.open(path)], f"{path}/commune"
    while not step.endswith("/xem-lai"):
        page = family.open(step)
        seen.append(page)
        given = {name: value for name, value in answers.items() if f'name="{name}"' in page}
        step = family.answer(step, **(given | ({"commune": str(world.tra_cu)} if "commune" in step else {})))
    review = family.open(step)
    sent = family.client.post(step, data=family.body(review))
    assert sent.status_code == 303, sent.text
    return [*seen, review, family.open("/yeu-cau/da-gui"), family.open("/yeu-cau/da-gui/in")]


def _work(session: Session, world: World, desk: Desk, procedure: str) -> Any:
    """Take the papers, register and deliver on the officer's pages; return the case."""
    case_id = session.execute(text("SELECT id FROM case_file")).scalar_one()
    path, rules = f"/ho-so/{case_id}", version_on(procedure, clock.today())
    reason = {"eligibility": rules.eligibility[0].code} if rules.eligibility else {}
    assert landed(desk.fill(f"{path}/nhan-ho-so", {**all_papers(session, world, case_id), **reason})) == path
    if rules.flow == "registration":
        numbers = {"register_number": "12/2026"}
        if rules.needs_personal_number:
            numbers["personal_number"] = "084326012345"
        assert landed(desk.fill(f"{path}/so-dang-ky", numbers)) == path
        assert landed(desk.fill(f"{path}/da-ky")) == path
    both = {"both_present": "1"} if rules.both_present else {}
    assert landed(desk.fill(f"{path}/tra-ket-qua", {"place": "home", **both})) == path
    session.expire_all()
    return case_page(session, world.officer, case_id)


@pytest.mark.parametrize("procedure", sorted(catalogue()))
def test_a_service_leads_from_the_form_to_the_month(
    client: FlaskClient, session: Session, world: World, desk: Desk, procedure: str
) -> None:
    rules = version_on(procedure, clock.today())
    seen = _ask(Family(client), world, procedure)
    assert all(('class="family quiet"' in page) == (rules.occasion == "death") for page in seen)
    case = _work(session, world, desk, procedure)
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
    for page in _ask(Family(client), world, procedure):
        main = page[page.index("<main") : page.index("</main>")].replace("<!", "")
        for word in ("!", "chúc mừng", "khảo sát", "<img"):
            assert word not in main
