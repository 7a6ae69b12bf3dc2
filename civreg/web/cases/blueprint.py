"""The blueprint of /ho-so and what the pages of its steps share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from civreg.accounts.queries import names_of
from civreg.cases.queries import CasePage
from civreg.cases.rules import Action, next_state
from civreg.extensions import db
from civreg.shared.database import transaction
from civreg.shared.errors import Conflict, InvalidInput
from civreg.web.forms.answers import Answers
from civreg.web.kept import kept_form
from civreg.web.opened import open_case

blueprint = Blueprint("cases", __name__)


def back_to(case_id: UUID) -> ResponseReturnValue:
    """Lead back to the case, whose page says what is next."""
    return redirect(url_for("cases.show", case_id=case_id))


def step_page(
    template: str,
    case_id: UUID,
    action: Action | None,
    values: Callable[[CasePage], Mapping[str, str]] = lambda _: {},
    **shown: object,
) -> ResponseReturnValue:
    """Show the form of a step; a step that does not fit the state leads back to the case, which says why.

    Args:
        template: of the form.
        case_id: the case.
        action: what the form does; None for what does not move the case itself.
        values: gives what the form starts with.
        shown: what else the template shows.
    """
    case = open_case(case_id)
    unfit = _unfit(case, action) if action else ""
    if unfit:
        flash(unfit, "warning")
        return back_to(case_id)
    return render_template(template, case=case, values=values(case), errors={}, clash=None, **shown)


def _unfit(case: CasePage, action: Action) -> str:
    """Return why the step does not fit the state; empty when it does."""
    try:
        next_state(case.rules.flow, case.state, action)
    except Conflict as unfit:
        return unfit.sentence
    return ""


def submit(
    template: str,
    case_id: UUID,
    action: Action | None,
    answers: Answers,
    act: Callable[[Session], object],
    *,
    done: str = "",
    **shown: object,
) -> ResponseReturnValue:
    """Run one service; show the form again with what was typed when it could not be done as sent.

    When somebody acted meanwhile the form comes back at the new version if the step still fits; else a page says
    where the case stands and keeps what was typed to read.

    Args:
        template: of the form.
        case_id: the case.
        action: what the form does; None for what does not move the case itself (a part, an apology).
        answers: of the form; with errors nothing is tried.
        act: runs the service.
        done: said on the next page.
        shown: what else the template shows.
    """
    clash: Conflict | None = None
    if not answers.errors:
        try:
            with transaction(db.session()) as session:
                act(session)
        except InvalidInput as refusal:
            answers.take(refusal)
        except Conflict as conflict:
            clash = conflict
        else:
            if done:
                flash(done, "success")
            return back_to(case_id)
    case = open_case(case_id)
    unfit = _unfit(case, action) if clash and action else ""
    text = render_template(
        "cases/moved_on.html" if unfit else template,
        case=case,
        unfit=unfit,
        kept=kept_form(),
        values=answers.values,
        errors=answers.errors,
        clash=clash,
        names=names_of(db.session(), [move.actor_id for move in case.history[-1:] if move.actor_id]),
        **shown,
    )
    return text, 409 if clash else 422
