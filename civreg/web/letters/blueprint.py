"""The blueprint of /thu and what its pages share: loading a letter, and a form that keeps what was typed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from civreg.accounts.rules import Permission
from civreg.extensions import db
from civreg.letters import queries as letters
from civreg.letters.queries import LetterPage, LetterRow
from civreg.letters.rules import LANGUAGE_WORDS, Honorific, LetterAction, LetterKind, actions, next_state
from civreg.shared.database import transaction
from civreg.shared.errors import Conflict, NotAllowed, NotFound, Refusal
from civreg.web.access import current_actor
from civreg.web.forms.answers import Answers
from civreg.work import LETTER_TEMPLATES

blueprint = Blueprint("letters", __name__)

HONORIFICS = [(word.value, word.value.capitalize()) for word in Honorific]


def load(letter_id: UUID) -> LetterPage:
    """Return the letter for a page, with the read written down."""
    with transaction(db.session()) as session:
        return letters.letter_page(session, current_actor(), letter_id, LETTER_TEMPLATES)


def load_for(letter_id: UUID, action: LetterAction) -> LetterPage:
    """Return the letter for the page of one action.

    Raises:
        NotAllowed: the actor sees the letter but may not do this.
        Conflict: the letter is at another step.
    """
    letter = load(letter_id)
    current_actor().require(letters.PERMISSION_OF[action], letter.row.unit_id)
    if action not in actions(letter.row.state):
        next_state(letter.row.state, action)
    return letter


def back_to(letter_id: UUID) -> ResponseReturnValue:
    """Lead back to the letter, whose page says what is next."""
    return redirect(url_for("letters.show", letter_id=letter_id))


def typed_version() -> int:
    """Return the version the page was opened at; a form without it is as stale as can be."""
    typed = request.form.get("expected_version", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def say(sentence: str, kinds: Iterable[LetterKind]) -> None:
    """Tell on the next page what was done; in a quiet shape when a condolence is among the letters."""
    flash(sentence, "quiet" if LetterKind.CONDOLENCE in set(kinds) else "success")


def submit(
    template: str,
    letter_id: UUID,
    answers: Answers,
    act: Callable[[Session], object],
    done: str,
    **shown: object,
) -> ResponseReturnValue:
    """Run one service; show the form again with what was typed when it was refused or somebody acted meanwhile."""
    status = 422
    if not answers.errors:
        try:
            with transaction(db.session()) as session:
                act(session)
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            answers.take(refusal)
            status = refusal.status
            if isinstance(refusal, Conflict):
                answers.values.pop("expected_version", None)  # the page now shows the newest
        else:
            say(done, [load(letter_id).row.kind])
            return back_to(letter_id)
    return form(template, load(letter_id), answers.values, answers.errors, **shown), status


def form(
    template: str, letter: LetterPage, values: dict[str, str], errors: dict[str, str], **shown: object
) -> str:
    """Return the page of one action of a letter."""
    return render_template(
        f"letters_pages/{template}.html",
        letter=letter,
        row=letter.row,
        values=values,
        errors=errors,
        honorifics=HONORIFICS,
        language_words=LANGUAGE_WORDS,
        opens_case=current_actor().may(Permission.CASE_VIEW, letter.row.unit_id),
        **shown,
    )


def chosen_ids(field: str = "letter") -> list[UUID]:
    """Return the letters ticked in a list, or named in the address; what is no id is left out."""
    found = []
    for value in request.values.getlist(field):
        try:
            found.append(UUID(value.partition(":")[0]))
        except ValueError:
            continue
    return found


def kinds_of(rows: Iterable[LetterRow]) -> set[LetterKind]:
    """Return the kinds among these letters."""
    return {row.kind for row in rows}


def pdf(content: bytes, name: str) -> Response:
    """Return a PDF that the browser shows; the file name is plain ASCII."""
    response = Response(content, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response
