"""Hoàn cảnh cần lưu ý: one form; which questions it has, the catalogue says."""

from __future__ import annotations

from uuid import UUID

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from civreg.accounts.rules import Permission
from civreg.cases import queries
from civreg.cases import service as cases
from civreg.cases.rules import EVIDENCE_WORDS, Circumstances
from civreg.extensions import db
from civreg.shared.database import transaction
from civreg.web.access import current_actor, page
from civreg.web.cases.blueprint import blueprint, submit
from civreg.web.forms.answers import Answers
from civreg.web.opened import open_case, typed_version

_ASKED = {"yes": True, "no": False}


@blueprint.route("/ho-so/<uuid:case_id>/hoan-canh", methods=["GET", "POST"])
@page(permission=Permission.CASE_WORK)
def circumstances(case_id: UUID) -> ResponseReturnValue:
    """Show and take what an officer notes about a case beside its form."""
    template, case = "cases/circumstances.html", open_case(case_id)
    if not case.rules.circumstances:
        abort(404)
    if request.method == "GET":
        with transaction(db.session()) as session:
            values = _typed(queries.circumstances_of(session, current_actor(), case_id))
        return render_template(
            template, case=case, values=values, errors={}, clash=None, evidence=EVIDENCE_WORDS
        )
    answers = Answers(request.form)

    def act(session: Session) -> None:
        cases.note_circumstances(
            session, current_actor(), case_id, expected_version=typed_version(), noted=_told(answers)
        )

    return submit(template, case_id, None, answers, act, done="Đã ghi hoàn cảnh.", evidence=EVIDENCE_WORDS)


def _typed(noted: Circumstances) -> dict[str, str]:
    return {
        "evidence": noted.evidence,
        "witness_1": noted.witnesses[0],
        "witness_2": noted.witnesses[1],
        "abandoned": "1" if noted.abandoned else "",
        "lived_under_a_day": "1" if noted.lived_under_a_day else "",
        "stillborn_sibling": "1" if noted.stillborn_sibling else "",
        "parent_detained": "1" if noted.parent_detained else "",
        "registration_asked": {True: "yes", False: "no", None: ""}[noted.registration_asked],
        "death_paper_by_commune": "1" if noted.death_paper_by_commune else "",
        "cause": noted.cause,
    }


def _told(answers: Answers) -> Circumstances:
    return Circumstances(
        evidence=answers.choice("evidence", tuple(EVIDENCE_WORDS)),
        witnesses=(answers.text("witness_1"), answers.text("witness_2")),
        abandoned=answers.ticked("abandoned"),
        lived_under_a_day=answers.ticked("lived_under_a_day"),
        stillborn_sibling=answers.ticked("stillborn_sibling"),
        parent_detained=answers.ticked("parent_detained"),
        registration_asked=_ASKED.get(answers.choice("registration_asked", tuple(_ASKED))),
        death_paper_by_commune=answers.ticked("death_paper_by_commune"),
        cause=answers.text("cause"),
    )
