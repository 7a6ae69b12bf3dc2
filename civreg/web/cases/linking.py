"""Hồ sơ liên quan: add a twin, marry before the birth, tie two cases together and untie them."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from civreg.accounts.rules import Permission
from civreg.cases import queries
from civreg.cases import service as cases
from civreg.cases.queries import CasePage, LinkRow
from civreg.cases.rules import LINK_WORDS
from civreg.extensions import db
from civreg.procedures.rules import LinkKind
from civreg.shared import crypto
from civreg.visits import service as visits
from civreg.web.access import current_actor, page
from civreg.web.cases.blueprint import blueprint, submit
from civreg.web.forms.answers import Answers
from civreg.web.opened import open_case, typed_version


def _form(template: str, case: CasePage, values: dict[str, str], **shown: object) -> str:
    return render_template(template, case=case, values=values, errors={}, clash=None, **shown)


def _offered(case: CasePage, kind: LinkKind) -> None:
    """Answer 404 where the procedure knows no such tie: no button leads there."""
    if kind not in case.rules.links:
        abort(404)


@blueprint.route("/ho-so/<uuid:case_id>/be-sinh-doi", methods=["GET", "POST"])
@page(permission=Permission.CASE_WORK)
def add_twin(case_id: UUID) -> ResponseReturnValue:
    """Write down one more baby of the birth; only what is its own is asked."""
    template, case = "cases/add_twin.html", open_case(case_id)
    _offered(case, "twin")
    if request.method == "GET":
        return _form(template, case, {"request_key": crypto.token()})
    answers = Answers(request.form)
    key = answers.text("request_key") or crypto.token()

    def act(session: Session) -> None:
        visits.add_twin(
            session,
            current_actor(),
            case_id,
            expected_version=typed_version(),
            request_key=f"twin-{case_id}-{key}",
            full_name=answers.text("child.full_name"),
            sex=answers.choice("sex", ("female", "male")),
            birth_paper_number=answers.text("birth_paper_number"),
            event_hour=answers.text("event_hour"),
        )

    done = "Đã ghi thêm bé; cha mẹ, chỗ ở và chuyến hẹn lấy theo hồ sơ này. Mở hồ sơ của bé ở mục Hồ sơ liên quan."
    return submit(template, case_id, None, answers, act, done=done)


@blueprint.route("/ho-so/<uuid:case_id>/ket-hon-truoc", methods=["GET", "POST"])
@page(permission=Permission.CASE_WORK)
def start_marriage(case_id: UUID) -> ResponseReturnValue:
    """Start the marriage of the parents, after reading what follows from it."""
    template, case = "cases/start_marriage.html", open_case(case_id)
    _offered(case, "marriage_before_birth")
    if not case.rules.marriage_first:
        abort(404)
    if request.method == "GET":
        return _form(template, case, {})

    def act(session: Session) -> None:
        visits.start_marriage(session, current_actor(), case_id, expected_version=typed_version())

    done = "Đã ghi hồ sơ kết hôn. Ông/bà mở hồ sơ ấy ở mục Hồ sơ liên quan để ghi tiếp."
    return submit(template, case_id, None, Answers(request.form), act, done=done)


@blueprint.route("/ho-so/<uuid:case_id>/lien-quan", methods=["GET", "POST"])
@page(permission=Permission.CASE_WORK)
def link(case_id: UUID) -> ResponseReturnValue:
    """Tie the case to another one of the unit by its number."""
    template, case = "cases/link.html", open_case(case_id)
    kinds = [(kind, LINK_WORDS[kind].title, LINK_WORDS[kind].meaning) for kind in case.rules.links]
    if not kinds:
        abort(404)
    if request.method == "GET":
        return _form(template, case, {}, kinds=kinds)
    answers = Answers(request.form)
    kind = answers.choice("kind", case.rules.links, missing="Ông/bà chọn hai hồ sơ nối với nhau thế nào.")
    code = answers.text("code", missing="Ông/bà ghi mã của hồ sơ kia.")

    def act(session: Session) -> None:
        visits.link_cases(
            session,
            current_actor(),
            case_id,
            expected_version=typed_version(),
            other_code=code,
            kind=cast(LinkKind, kind),
        )

    return submit(template, case_id, None, answers, act, done="Đã nối hai hồ sơ.", kinds=kinds)


@blueprint.route("/ho-so/<uuid:case_id>/lien-quan/<uuid:other_id>/bo", methods=["GET", "POST"])
@page(permission=Permission.CASE_WORK)
def unlink(case_id: UUID, other_id: UUID) -> ResponseReturnValue:
    """Untie two cases, after reading what follows from it."""
    template, case = "cases/unlink.html", open_case(case_id)
    tie = _tie(case_id, other_id)
    if request.method == "GET":
        return _form(template, case, {}, tie=tie)

    def act(session: Session) -> None:
        cases.unlink_cases(session, current_actor(), case_id, other_id, expected_version=typed_version())

    return submit(template, case_id, None, Answers(request.form), act, done="Đã bỏ nối.", tie=tie)


def _tie(case_id: UUID, other_id: UUID) -> LinkRow:
    ties = queries.links_of(db.session(), current_actor(), case_id)
    found = next((tie for tie in ties if tie.case_id == other_id), None)
    if found is None:
        abort(404)
    return found
