"""Sau khi đăng ký: a final registration is corrected (letters wait meanwhile), or taken back out by the head."""

from __future__ import annotations

from uuid import UUID

from flask import flash, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from civreg.accounts.rules import Permission
from civreg.cases import service as cases
from civreg.cases.queries import CasePage
from civreg.cases.rules import FINAL, PEOPLE_ASKED, ROLE_WORDS, Action, State
from civreg.cases.service.correcting import NONE_OPEN, NOT_FINAL, OPEN_ALREADY
from civreg.web.access import current_actor, page
from civreg.web.cases.blueprint import back_to, blueprint, step_page, submit
from civreg.web.forms.answers import Answers
from civreg.web.opened import open_case, typed_version

_COMPARE = "Ông/bà đối chiếu lại với phần mềm hộ tịch."


@blueprint.route("/ho-so/<uuid:case_id>/huy-dang-ky", methods=["GET", "POST"])
@page(permission=Permission.CASE_REFUSE)
def annul(case_id: UUID) -> ResponseReturnValue:
    """Take a registration back out, after reading what follows from it."""
    if request.method == "GET":
        return step_page("cases/annul.html", case_id, Action.ANNUL)
    answers = Answers(request.form)
    reason = answers.lines("reason", missing="Ông/bà ghi lý do hủy bỏ.", longest=1000)

    def act(session: Session) -> None:
        cases.annul_registration(
            session, current_actor(), case_id, expected_version=typed_version(), reason=reason
        )

    done = "Đã hủy bỏ đăng ký. Số liệu đã đếm được trừ lại; thư chưa in được hủy, thư đã in nằm ở “Thư phải thu lại”."
    return submit("cases/annul.html", case_id, Action.ANNUL, answers, act, done=done)


@blueprint.route("/ho-so/<uuid:case_id>/sua-sai", methods=["GET", "POST"])
@page(permission=Permission.CASE_WORK)
def open_correction(case_id: UUID) -> ResponseReturnValue:
    """Note that a registration is being corrected; no letter goes out until it is done."""
    if request.method == "GET":
        case = open_case(case_id)
        unfit = _not_final(case) or (OPEN_ALREADY if case.correction_opened_at else "")
        return _back(case_id, unfit) if unfit else step_page("cases/open_correction.html", case_id, None)
    answers = Answers(request.form)
    reason = answers.lines("reason", missing="Ông/bà ghi điều cần sửa.", longest=1000)

    def act(session: Session) -> None:
        cases.open_correction(
            session, current_actor(), case_id, expected_version=typed_version(), reason=reason
        )

    return submit(
        "cases/open_correction.html",
        case_id,
        None,
        answers,
        act,
        done="Đã mở việc sửa sai sót. Thư của hồ sơ này chờ đến khi ông/bà ghi kết quả sửa.",
    )


@blueprint.route("/ho-so/<uuid:case_id>/sua-sai/xong", methods=["GET", "POST"])
@page(permission=Permission.CASE_WORK)
def close_correction(case_id: UUID) -> ResponseReturnValue:
    """Write what the register says after the correction."""
    template, case = "cases/close_correction.html", open_case(case_id)
    people = [(f"{role}.full_name", f"Họ tên {ROLE_WORDS[role].lower()}", role) for role in _named(case)]
    if request.method == "GET":
        unfit = _not_final(case) or ("" if case.correction_opened_at else NONE_OPEN)
        return (
            _back(case_id, unfit) if unfit else step_page(template, case_id, None, _as_it_is, people=people)
        )
    answers, warnings = Answers(request.form), list[str]()
    form = cases.CorrectionForm(
        register_number=answers.text("register_number"),
        register_book=answers.text("register_book"),
        personal_number=answers.text("personal_number"),
        personal_number_as_given=answers.ticked("personal_number_as_given"),
        names={role: answers.text(box) for box, _, role in people},
    )

    def act(session: Session) -> None:
        warnings.extend(
            cases.close_correction(
                session, current_actor(), case_id, expected_version=typed_version(), form=form
            )
        )

    answer = submit(
        template,
        case_id,
        None,
        answers,
        act,
        done="Đã ghi kết quả sửa. Thư chưa cấp số theo tên mới; thư đã cấp số vẫn mang lời cũ, ông/bà xem lại.",
        people=people,
    )
    for warning in warnings:
        flash(f"{warning} {_COMPARE}", "warning")
    return answer


def _back(case_id: UUID, sentence: str) -> ResponseReturnValue:
    flash(sentence, "warning")
    return back_to(case_id)


def _not_final(case: CasePage) -> str:
    return "" if State(case.state) in FINAL and case.registered_at is not None else NOT_FINAL


def _named(case: CasePage) -> list[str]:
    """Return the roles whose name the register holds, as far as somebody stands in them."""
    there = {person.role for person in case.people if person.full_name}
    return [role for role in PEOPLE_ASKED[case.rules.occasion] if role in there]


def _as_it_is(case: CasePage) -> dict[str, str]:
    names = {f"{person.role}.full_name": person.full_name for person in case.people if person.ordinal == 1}
    return {
        "register_number": case.codes.get("register", ""),
        "register_book": case.codes.get("register_book", ""),
        **names,
    }
