"""What hangs on a case of a split unit goes where the case goes: its apology, its complaint, its place in a shared trip."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg import work
from civreg.cases.queries import apologies_waiting
from civreg.deadlines import service as deadlines
from civreg.feedback import service as feedback
from civreg.feedback.queries import complaints
from civreg.shared import audit, clock
from civreg.shared.database import new_id
from civreg.visits import service as visits
from civreg.visits.queries import visits_of_case
from tests.succession.merged import AFTER, FORM, Merged, actor
from tests.succession.test_divided import confirm, divided, everything_to
from tests.world import ask, version

LAST_WEEK = AFTER.replace(month=6, day=26)


def place(session: Session, table: str, row_id: UUID) -> int:
    return int(
        session.execute(text(f"SELECT unit_id FROM {table} WHERE id = :id"), {"id": row_id}).scalar_one()
    )


def split(session: Session, merged: Merged, second: int, *to_second: UUID) -> None:
    """Confirm: these cases go to the second heir, everything else to the first."""
    parts = divided(session, merged)
    of = everything_to(parts, merged.new)
    of |= {share.field: second for share in parts.cases if share.row.id in to_second}
    confirm(session, merged, merged.new, of)


@pytest.mark.parametrize("goes", [True, False])
def test_an_apology_goes_with_its_case(country: Session, merged: Merged, second: int, goes: bool) -> None:
    with clock.travelling(LAST_WEEK):
        deadlines.sweep(country)
        work.run_waiting(country)
        [draft] = [
            one for one in apologies_waiting(country, merged.people.head) if one.case_id == merged.received
        ]
    split(country, merged, second, *([merged.received] if goes else []))
    assert place(country, "apology", draft.id) == (second if goes else merged.new)
    assert audit.verify(country).ok


@pytest.mark.parametrize("goes", [True, False])
def test_a_complaint_goes_with_its_case_though_the_case_has_ended(
    country: Session,
    merged: Merged,
    second: int,
    goes: bool,
) -> None:
    with clock.travelling(LAST_WEEK):
        told = feedback.tell_complaint(
            country,
            merged.delivered,
            send_key=new_id(),
            visit_id=None,
            text="Phải chờ lâu",
            wants_call=False,
        )
    parts = divided(country, merged)
    assert merged.delivered in {share.row.id for share in parts.cases}, "it has to be answered by somebody"
    split(country, merged, second, *([merged.delivered] if goes else []))
    heir = second if goes else merged.new
    assert place(country, "complaint", told) == heir
    head = actor(country, merged.people.head)
    assert [row.id for row in complaints(country, head)] == ([] if goes else [told]), (
        "only the head of that unit reads it"
    )


def test_a_shared_trip_goes_with_its_first_case_and_stays_on_the_page_of_the_other(
    country: Session,
    merged: Merged,
    second: int,
) -> None:
    with clock.travelling(LAST_WEEK):
        joined = ask(country, merged.people, FORM, requester_name="Thạch Thị Ba").case_id
        officer = merged.people.officer
        visits.join_visit(country, officer, merged.visit, joined, version(country, merged.people, joined))
    assert merged.asked < joined
    split(country, merged, second, merged.asked)
    assert place(country, "visit", merged.visit) == second
    query = text("SELECT id, current_unit_id FROM case_file WHERE id = ANY(:ids)")
    at = {row.id: row.current_unit_id for row in country.execute(query, {"ids": [merged.asked, joined]})}
    assert at == {merged.asked: second, joined: merged.new}
    officer = actor(country, merged.people.officer)
    assert [row.id for row in visits_of_case(country, officer, joined)] == [merged.visit]
