"""Thẻ chép: the page beside the Ministry's software, one tap per field."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from civreg.accounts.rules import Permission
from civreg.cases import queries
from civreg.cases.queries import CopyCard
from civreg.cases.queries.images import images_of
from civreg.cases.rules.copying import card_text
from civreg.extensions import db
from civreg.shared.database import transaction
from civreg.web.access import current_actor, page
from civreg.web.cases.blueprint import blueprint

_BOXES = {
    "event.date": "event",
    "event.hour": "event_hour",
    "event.place": "place_of_event",
    "event.paper_number": "birth_paper_number",
    "requester.residence": "hamlet",
}
"""Fact → box of the edit form, where it has another name."""
_GIVEN = ("register.number", "register.book", "register.date", "child.personal_number")
"""What the software itself gives; typed on the page of the numbers."""
_NOWHERE = frozenset({"register.timeliness", "register.remark", "deceased.personal_number"})


@blueprint.get("/ho-so/<uuid:case_id>/the-chep")
@page(permission=Permission.CASE_WORK)
def copy_card(case_id: UUID) -> ResponseReturnValue:
    """Show the fields of the Ministry's screen in its order, to copy one by one."""
    actor = current_actor()
    with transaction(db.session()) as session:
        card = queries.copy_card(session, actor, case_id)
        images = images_of(session, actor, case_id)
    return render_template(
        "cases/copy_card.html",
        card=card,
        links=_links(card),
        whole=card_text(card.sections),
        images=images.images,
    )


def _links(card: CopyCard) -> dict[str, str]:
    """Return for each empty fact the address where it is typed; none where it cannot be typed now."""
    empty = [field.fact for section in card.sections for field in section.fields if not field.value]
    found = {}
    for fact in empty:
        if fact in _GIVEN and card.awaits_numbers:
            found[fact] = url_for("cases.enter_numbers", case_id=card.case_id)
        elif fact == "event.cause" and card.may_edit:
            found[fact] = url_for("cases.circumstances", case_id=card.case_id, _anchor="cause")
        elif fact and fact not in _GIVEN and fact not in _NOWHERE and card.may_edit:
            box = _BOXES.get(fact, fact)
            found[fact] = url_for("cases.edit", case_id=card.case_id, _anchor=box)
    return found
