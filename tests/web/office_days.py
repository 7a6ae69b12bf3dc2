"""What a family and its officer do page by page, for tests that follow whole cases: ask, receive, register, deliver."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.cases.export import tracking_to_read_out
from civreg.cases.queries import CasePage
from civreg.procedures.catalogue import version_on
from civreg.shared import clock
from tests.answers import typed
from tests.web.family import Family
from tests.web.officer_site import Desk, all_papers, landed, now
from tests.world import World


def ask_on_the_web(family: Family, world: World, procedure: str, **answers: str) -> list[str]:
    """Answer page after page as the service leads, send, and return every page that was seen."""
    told = typed(version_on(procedure, clock.today()).occasion) | answers
    path = f"/yeu-cau/{procedure}"
    seen, step = [family.open(path)], f"{path}/commune"
    while not step.endswith("/xem-lai"):
        page = family.open(step)
        seen.append(page)
        given = {name: value for name, value in told.items() if f'name="{name}"' in page}
        step = family.answer(step, **(given | ({"commune": str(world.tra_cu)} if "commune" in step else {})))
    review = family.open(step)
    sent = family.client.post(step, data=family.body(review))
    assert sent.status_code == 303, sent.text
    return [*seen, review, family.open("/yeu-cau/da-gui"), family.open("/yeu-cau/da-gui/in")]


def newest_case(session: Session) -> UUID:
    """Return the case that was asked for last."""
    query = text("SELECT id FROM case_file ORDER BY year DESC, number DESC LIMIT 1")
    return UUID(str(session.execute(query).scalar_one()))


def follow_page(session: Session, world: World, family: Family, case_id: UUID) -> str:
    """Return what the family reads of its case, with code and PIN as the officer reads them out."""
    receipt = tracking_to_read_out(session, world.officer, case_id)
    session.commit()
    given = {"code": receipt.tracking_code, "fact": receipt.pin}
    sent = {**family.body(family.open("/tra-cuu")), **given}
    return family.client.post("/tra-cuu", data=sent, follow_redirects=True).text


def take_dossier(session: Session, world: World, desk: Desk, case_id: UUID) -> None:
    """Take every paper at home, with what the procedure wants stated at the door."""
    path, rules = f"/ho-so/{case_id}", now(session, world, case_id).rules
    reason = {"eligibility": rules.eligibility[0].code} if rules.eligibility else {}
    assert landed(desk.fill(f"{path}/nhan-ho-so", {**all_papers(session, world, case_id), **reason})) == path


def register_case(session: Session, world: World, desk: Desk, case_id: UUID, number: str = "12/2026") -> None:
    """Type the numbers of the Ministry's software and note the signature."""
    path, rules = f"/ho-so/{case_id}", now(session, world, case_id).rules
    numbers = {"register_number": number}
    if rules.needs_personal_number:
        numbers["personal_number"] = "084326012345"
    assert landed(desk.fill(f"{path}/so-dang-ky", numbers)) == path
    assert landed(desk.fill(f"{path}/da-ky")) == path


def deliver_case(session: Session, world: World, desk: Desk, case_id: UUID) -> CasePage:
    """Bring the result home; both who marry are there."""
    path = f"/ho-so/{case_id}"
    both = {"both_present": "1"} if now(session, world, case_id).rules.both_present else {}
    assert landed(desk.fill(f"{path}/tra-ket-qua", {"place": "home", **both})) == path
    return now(session, world, case_id)
