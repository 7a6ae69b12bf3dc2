"""Số đăng ký, số định danh, chữ ký, trả kết quả."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask import flash, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from civreg.accounts.rules import Permission
from civreg.cases import service as cases
from civreg.cases.queries import CasePage
from civreg.cases.rules import Action, personal_number_warnings
from civreg.cases.rules.pasting import read_pasted
from civreg.shared import clock
from civreg.web.access import current_actor, page
from civreg.web.cases.blueprint import blueprint, step_page, submit
from civreg.web.cases.door import by_pen, typed_signings
from civreg.web.forms.answers import Answers, day_values
from civreg.web.forms.moments import day_of, moment_values, read_moment
from civreg.web.opened import typed_version

_COMPARE = "Ông/bà đối chiếu lại với phần mềm hộ tịch."
_PLACES = ("home", "mobile_site", "office", "post")


@blueprint.route("/ho-so/<uuid:case_id>/cho-so-dinh-danh", methods=["GET", "POST"])
@page(permission=Permission.CASE_WORK)
def await_number(case_id: UUID) -> ResponseReturnValue:
    """Note that the entry is typed and the personal number has not come."""
    if request.method == "GET":
        return step_page("cases/await_number.html", case_id, Action.AWAIT_PERSONAL_NUMBER)
    return submit(
        "cases/await_number.html",
        case_id,
        Action.AWAIT_PERSONAL_NUMBER,
        Answers(request.form),
        lambda session: cases.await_personal_number(
            session,
            current_actor(),
            case_id,
            expected_version=typed_version(),
            register_number=request.form.get("register_number", ""),
        ),
        done="Đã ghi: chờ số định danh.",
    )


def _numbers_now(case: CasePage) -> dict[str, str]:
    return {
        "register_number": case.codes.get("register", ""),
        "register_book": case.codes.get("register_book", ""),
        **day_values("registered_on", _register_day(case)),
    }


def _register_day(case: CasePage) -> date | None:
    return day_of(case.codes.get(cases.REGISTER_DAY, ""))


@blueprint.route("/ho-so/<uuid:case_id>/so-dang-ky", methods=["GET", "POST"])
@page(permission=Permission.CASE_WORK)
def enter_numbers(case_id: UUID) -> ResponseReturnValue:
    """Type or paste the numbers that the Ministry's software gave."""
    if request.method == "GET":
        return step_page(
            "cases/enter_numbers.html", case_id, Action.ENTER_NUMBERS, _numbers_now, pasted_doubts=()
        )
    if request.form.get("go") == "read":
        return _read_pasted(case_id)
    answers, warnings = Answers(request.form), list[str]()
    registered_on = answers.day("registered_on", not_after=clock.today(), optional=True)

    def act(session: Session) -> None:
        warnings.extend(
            cases.enter_numbers(
                session,
                current_actor(),
                case_id,
                expected_version=typed_version(),
                register_number=request.form.get("register_number", ""),
                register_book=request.form.get("register_book", ""),
                personal_number=request.form.get("personal_number", ""),
                personal_number_as_given=answers.ticked("personal_number_as_given"),
                registered_on=registered_on,
            )
        )

    answer = submit(
        "cases/enter_numbers.html",
        case_id,
        Action.ENTER_NUMBERS,
        answers,
        act,
        done="Đã lưu số. Bước tiếp theo: trình lãnh đạo ký.",
        pasted_doubts=(),
    )
    for warning in warnings:
        flash(f"{warning} {_COMPARE}", "warning")
    return answer


def _read_pasted(case_id: UUID) -> ResponseReturnValue:
    """Fill the fields from what was pasted, for the officer to check; nothing is saved."""
    values = dict(request.form.items())
    pasted = read_pasted(values.pop("pasted", ""), clock.today())
    found = {
        "register_number": pasted.register_number,
        "register_book": pasted.register_book,
        "personal_number": pasted.personal_number,
        **day_values("registered_on", pasted.registered_on),
    }
    values |= {name: value for name, value in found.items() if value}

    def fill(case: CasePage) -> dict[str, str]:
        doubts.extend(pasted.doubts)
        if pasted.personal_number and case.rules.needs_personal_number:
            child = next((person for person in case.people if person.role == "child"), None)
            odd = personal_number_warnings(
                pasted.personal_number, child.sex if child else None, child.birth_year if child else None
            )
            doubts.extend(f"{sentence} {_COMPARE}" for sentence in odd)
        return values

    doubts: list[str] = []
    return step_page(
        "cases/enter_numbers.html",
        case_id,
        Action.ENTER_NUMBERS,
        fill,
        pasted_doubts=doubts,
        was_read=not pasted.is_empty,
    )


def _signed_now(case: CasePage) -> dict[str, str]:
    """Return now, or the day that the Ministry's software shows; the hour of that day only a person knows."""
    day = _register_day(case)
    if day is None or day == clock.today():
        return moment_values("signed_at", clock.now())
    return day_values("signed_at", day)


@blueprint.route("/ho-so/<uuid:case_id>/da-ky", methods=["GET", "POST"])
@page(permission=Permission.CASE_WORK)
def sign(case_id: UUID) -> ResponseReturnValue:
    """Note when the head signed: the registration is final."""
    if request.method == "GET":
        return step_page("cases/sign.html", case_id, Action.SIGN, _signed_now)
    answers = Answers(request.form)
    signed_at = read_moment(answers, "signed_at", not_after=clock.today())

    def act(session: Session) -> None:
        if signed_at is not None:
            cases.sign(
                session,
                current_actor(),
                case_id,
                expected_version=typed_version(),
                signed_at=signed_at,
            )

    return submit(
        "cases/sign.html",
        case_id,
        Action.SIGN,
        answers,
        act,
        done="Đã đăng ký. Thư (nếu gia đình đồng ý) đang được soạn.",
    )


@blueprint.route("/ho-so/<uuid:case_id>/tra-ket-qua", methods=["GET", "POST"])
@page(permission=Permission.CASE_WORK)
def deliver(case_id: UUID) -> ResponseReturnValue:
    """Note when and where the result reached the family."""
    if request.method == "GET":
        today = day_values("delivered_on", clock.today())
        return step_page(
            "cases/deliver.html",
            case_id,
            Action.DELIVER,
            lambda case: {"place": case.return_place, **today, **by_pen(case)},
        )
    answers = Answers(request.form)
    place = answers.choice("place", _PLACES, missing="Ông/bà chọn nơi trả kết quả.")
    delivered_on = answers.day("delivered_on", not_after=clock.today())

    def act(session: Session) -> None:
        if delivered_on is not None:
            cases.deliver(
                session,
                current_actor(),
                case_id,
                expected_version=typed_version(),
                delivered_on=delivered_on,
                place=place,
                signings=typed_signings(),
                both_present=answers.ticked("both_present"),
            )

    return submit("cases/deliver.html", case_id, Action.DELIVER, answers, act, done="Đã ghi: đã trả kết quả.")
