"""Ngôn ngữ của thư: whoever knows the family says whether its letter goes out in Vietnamese or with Khmer beside it."""

from __future__ import annotations

from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from civreg.accounts.rules import Permission
from civreg.letters import service
from civreg.letters.rules import Language
from civreg.web.access import current_actor, page
from civreg.web.forms.answers import Answers
from civreg.web.letters.blueprint import blueprint, form, load, submit, typed_version
from civreg.work import LETTER_TEMPLATES


@blueprint.get("/thu/<uuid:letter_id>/ngon-ngu")
@page(permission=Permission.CASE_WORK)
def language(letter_id: UUID) -> ResponseReturnValue:
    """Ask for the language of a letter."""
    letter = load(letter_id)
    current_actor().require(Permission.CASE_WORK, letter.row.unit_id)
    return form("language", letter, {"language": letter.row.language.value}, {})


@blueprint.post("/thu/<uuid:letter_id>/ngon-ngu")
@page(permission=Permission.CASE_WORK)
def choose_language(letter_id: UUID) -> ResponseReturnValue:
    """Keep the language of a letter that is not approved yet."""
    answers = Answers(request.form)
    chosen = answers.choice("language", list(Language), missing="Chọn ngôn ngữ của thư.")
    return submit(
        "language",
        letter_id,
        answers,
        lambda session: service.choose_language(
            session,
            current_actor(),
            letter_id,
            LETTER_TEMPLATES,
            expected_version=typed_version(),
            language=Language(chosen),
        ),
        "Đã lưu ngôn ngữ của thư.",
    )
