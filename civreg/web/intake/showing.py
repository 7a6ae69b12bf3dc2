"""Dựng trang: each page out of what is in hand, so that an error shows the same page with everything still in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue

from civreg.cases.rules import RequestForm
from civreg.procedures.checks import run_checks
from civreg.procedures.rules import Answers, PersonFacts
from civreg.shared import clock
from civreg.shared.errors import InvalidInput
from civreg.shared.partial_date import PartialDate
from civreg.web.communes import Choice, Found
from civreg.web.forms.request import Question, shown
from civreg.web.intake import answers as read
from civreg.web.intake.last_day import last_day_of, late_sentence
from civreg.web.intake.offered import Service, how_long
from civreg.web.intake.questions import CALLBACK

TO_REVIEW = "xem-lai"


@dataclass(frozen=True)
class Shown:
    """What a question page needs beside the question.

    Attributes:
        typed: input → text, as typed.
        refused: input → sentence.
        notice: a sentence above the question, or empty.
        found: result of a commune search.
        hamlets: suggestions for the hamlet.
        extra: hidden inputs.
        status: of the answer.
    """

    typed: Mapping[str, str]
    refused: Mapping[str, str] = field(default_factory=dict)
    notice: str = ""
    found: Found | None = None
    hamlets: tuple[str, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)
    status: int = 200


def hotline() -> str:
    """Return the telephone number for families whose commune is not known yet, or nothing."""
    return str(current_app.extensions["civreg_settings"].hotline)


def goes_to_review() -> bool:
    """Return whether this page was opened with "Sửa" and leads back to the review page."""
    return request.values.get("ve") == TO_REVIEW


def question_page(service: Service, question: Question, given: Shown) -> ResponseReturnValue:
    """Return one question page."""
    is_callback = question is CALLBACK
    place = None if is_callback else service.place(question)
    page = render_template(
        "intake/question.html",
        service=service,
        question=question,
        given=given,
        found=given.found or _chosen(given.typed),
        searched=request.form.get("commune_search", given.found.text if given.found else ""),
        place=place,
        is_callback=is_callback,
        hotline=hotline(),
        to_review=goes_to_review() and not is_callback,
    )
    return page, given.status


def _chosen(typed: Mapping[str, str]) -> Found | None:
    """Return the commune chosen before as the one choice of the list."""
    value, label = typed.get("commune", ""), typed.get("commune_label", "")
    return Found("", (Choice(value, label, "", True),)) if value and label else None


def review_page(
    service: Service,
    answers: Mapping[str, str],
    key: str,
    *,
    notice: str = "",
    refused: Mapping[str, str] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    """Return the review page: every answer in words with "Sửa", and all of them again in hidden inputs."""
    today, left_out = clock.today(), read.left_out(answers)
    wanted = [part.code for part in service.version.parts if part.code not in left_out]
    rows = [
        (
            question,
            [
                (box.label.partition(" (")[0], shown(box, answers, today))
                for box in question.boxes
                if box.counts(answers)
            ],
        )
        for question in service.pages
    ]
    page = render_template(
        "intake/review.html",
        service=service,
        rows=rows,
        answers=answers,
        request_key=key,
        notices=notices_of(service, answers),
        how_long=how_long(service.version.with_parts(wanted)),
        notice=notice,
        refused=refused or {},
    )
    return page, status


def notices_of(service: Service, answers: Mapping[str, str]) -> list[str]:
    """Return what a family should know before sending: from which day marriage is possible, that it is late."""
    today = clock.today()
    try:
        form = read.request_form(service.code, answers, today)
    except (InvalidInput, KeyError, ValueError):
        return []
    found = [finding.sentence for finding in run_checks(service.version.checks, _facts(form))]
    if problem := service.version.choice_problem(form.left_out_parts):
        found.append(problem)
    if last_day_of(service.version, form, today).is_late:
        found.append(late_sentence(service.version))
    return found


def _facts(form: RequestForm) -> Answers:
    people = tuple(PersonFacts(one.role, one.full_name, one.birth, one.sex) for one in form.people)
    return Answers(clock.today(), form.event or PartialDate(precision="unknown"), people)


def notice_page(heading: str, sentence: str, status: int) -> ResponseReturnValue:
    """Return a page of one sentence, for addresses that have nothing to show again."""
    return render_template("intake/notice.html", heading=heading, sentence=sentence), status
