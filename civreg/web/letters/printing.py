"""In thư: the communes with letters waiting, one PDF for all of them, and the runs that were printed."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.utils import redirect

from civreg.accounts.rules import Permission
from civreg.extensions import db
from civreg.letters import queries as letters
from civreg.letters import service
from civreg.letters.queries import Narrow
from civreg.letters.rules import LetterState
from civreg.shared.database import transaction
from civreg.shared.errors import Conflict, NotAllowed, NotFound, Refusal
from civreg.web.access import current_actor, page
from civreg.web.forms.answers import Answers
from civreg.web.letters.blueprint import blueprint, chosen_ids, kinds_of, pdf, say

_NO_COMMUNE = "Ông/bà chọn ít nhất một xã, phường có thư chờ in."
_NO_LETTER = "Ông/bà chọn ít nhất một thư."
_STOPPED = "{count} thư dừng lại vì có việc mới sau khi duyệt, chờ lãnh đạo đơn vị quyết định."
_ALL_STOPPED = f"Chưa in thư nào: {_STOPPED} Ông/bà mở danh sách thư dừng lại để xem từng lý do."


@blueprint.get("/thu/in")
@page(permission=Permission.LETTER_PRINT)
def print_page() -> ResponseReturnValue:
    """Show where letters wait to be printed, and the latest runs."""
    return _print_page(None, {})


@blueprint.post("/thu/in")
@page(permission=Permission.LETTER_PRINT)
def print_letters() -> ResponseReturnValue:
    """Print the waiting letters of the ticked communes (or the named letters) as one run.

    Answers with a redirect, so that loading the page again prints nothing twice.
    """
    unit_ids = [
        int(value)
        for value in request.form.getlist("unit")
        if value.isascii() and value.isdigit() and len(value) < 10
    ]
    ids, double_sided = chosen_ids() or None, request.form.get("double_sided") == "1"
    if not unit_ids:
        return _print_page([], {"unit": _NO_COMMUNE}), 422
    try:
        with transaction(db.session()) as session:
            run = service.print_run(session, current_actor(), unit_ids, ids, double_sided=double_sided)
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        return _print_page(unit_ids, {"unit": refusal.sentence}), refusal.status
    if not run.count:
        return _print_page(unit_ids, {"unit": _ALL_STOPPED.format(count=run.stopped)}), 409
    if run.stopped:
        flash(_STOPPED.format(count=run.stopped), "quiet")
    return redirect(url_for("letters.show_run", run_id=run.id))


@blueprint.get("/thu/in/<uuid:run_id>")
@page(permission=Permission.LETTER_PRINT)
def show_run(run_id: UUID) -> ResponseReturnValue:
    """Show a run: its PDF, and the pile to note as signed and sealed."""
    return _run_page(run_id, {})


@blueprint.get("/thu/in/<uuid:run_id>.pdf")
@page(permission=Permission.LETTER_PRINT)
def run_pdf(run_id: UUID) -> Response:
    """Give all letters of a run as one PDF."""
    with transaction(db.session()) as session:
        content = letters.print_run_pdf(session, current_actor(), run_id)
    return pdf(content, "dot-in-thu.pdf")


@blueprint.post("/thu/in/<uuid:run_id>/in-lai")
@page(permission=Permission.LETTER_PRINT)
def reprint(run_id: UUID) -> ResponseReturnValue:
    """Note that a run is printed again, and why: same letters, same numbers."""
    answers = Answers(request.form)
    reason = answers.lines("reason", missing="Ông/bà ghi vì sao in lại.", longest=1000)
    try:
        if answers.errors:
            return _run_page(run_id, answers.errors, answers.values), 422
        with transaction(db.session()) as session:
            run = service.reprint(session, current_actor(), run_id, reason=reason)
            rows = letters.print_run_page(session, current_actor(), run_id).letters
    except Conflict as refusal:
        return _run_page(run_id, {"reason": refusal.sentence}, answers.values), refusal.status
    say(f"Đã ghi in lại {run.count} thư, số thư giữ nguyên. Ông/bà mở tệp PDF để in.", kinds_of(rows))
    return redirect(url_for("letters.show_run", run_id=run_id))


@blueprint.post("/thu/in/<uuid:run_id>/huy")
@page(permission=Permission.LETTER_PRINT)
def cancel_run(run_id: UUID) -> ResponseReturnValue:
    """Undo a run of which nothing is signed yet; its letters wait for another."""
    answers = Answers(request.form)
    reason = answers.lines("cancel_reason", missing="Ông/bà ghi vì sao hủy đợt in.", longest=1000)
    try:
        if answers.errors:
            return _run_page(run_id, answers.errors, answers.values), 422
        with transaction(db.session()) as session:
            count = service.cancel_run(session, current_actor(), run_id, reason=reason)
    except Conflict as refusal:
        return _run_page(run_id, {"cancel_reason": refusal.sentence}, answers.values), refusal.status
    flash(f"Đã hủy đợt in. {count} thư chờ in lại, số thư giữ nguyên.", "success")
    return redirect(url_for("letters.print_page"))


@blueprint.post("/thu/in/<uuid:run_id>/da-ky")
@page(permission=Permission.LETTER_PRINT)
def sign_many(run_id: UUID) -> ResponseReturnValue:
    """Note that the ticked letters of a run were signed and sealed."""
    ids = chosen_ids()
    if not ids:
        return _run_page(run_id, {"letters": _NO_LETTER}), 422
    try:
        with transaction(db.session()) as session:
            count = service.sign_many(session, current_actor(), ids)
            rows = letters.letters(session, current_actor(), ids=ids, limit=len(ids))
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        return _run_page(run_id, {"letters": refusal.sentence}), refusal.status
    say(f"Đã ghi {count} thư đã ký, đóng dấu. Bước tiếp theo: giao cho cán bộ đi trao.", kinds_of(rows))
    return redirect(url_for("letters.show_run", run_id=run_id))


def _print_page(ticked: list[int] | None, errors: dict[str, str]) -> str:
    actor, session = current_actor(), db.session()
    waiting = letters.count_by_unit(session, actor, [LetterState.ISSUED])
    mine = actor.units(Permission.LETTER_PRINT)
    waiting = [row for row in waiting if row[0] in mine]
    return render_template(
        "letters_pages/print.html",
        waiting=waiting,
        total=sum(row[2] for row in waiting),
        ticked={row[0] for row in waiting} if ticked is None else set(ticked),
        stopped=sum(letters.count_by_state(session, actor, narrow=Narrow(stopped=True)).values()),
        double_sided=request.form.get("double_sided") == "1",
        most=service.MOST_IN_RUN,
        runs=letters.print_runs(session, actor),
        errors=errors,
    )


def _run_page(run_id: UUID, errors: dict[str, str], values: dict[str, str] | None = None) -> str:
    with transaction(db.session()) as session:
        run = letters.print_run_page(session, current_actor(), run_id)
    printed = [row for row in run.letters if row.state is LetterState.PRINTED]
    return render_template(
        "letters_pages/run.html",
        run=run,
        printed=printed,
        to_give=sorted(
            {(r.unit_id, r.unit_name) for r in run.letters if r.state is LetterState.SIGNED_SEALED}
        ),
        ticked=set(chosen_ids()) if "letters" in errors else {row.id for row in printed},
        may_cancel=run.row.cancelled_at is None and len(printed) == run.row.count,
        values=values or {},
        errors=errors,
    )
