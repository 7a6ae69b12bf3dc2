"""Trang một thư: its words as they will print, its number, the next step, and every hand it passed through."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import Response, render_template, url_for
from flask.typing import ResponseReturnValue

from civreg.accounts.rules import Permission
from civreg.extensions import db
from civreg.letters import queries as letters
from civreg.letters.queries import LetterRow
from civreg.letters.rules import LANGUAGE_WORDS, NUMBERED, LetterAction, LetterKind, LetterState
from civreg.shared.database import transaction
from civreg.web.access import current_actor, page
from civreg.web.letters.blueprint import blueprint, load, pdf
from civreg.work import LETTER_TEMPLATES

PAGES: Mapping[LetterAction, str] = {
    LetterAction.HOLD: "letters.hold",
    LetterAction.RELEASE: "letters.release",
    LetterAction.CANCEL: "letters.cancel",
    LetterAction.HAND_OVER: "letters.hand_over",
    LetterAction.RETURN: "letters.return_letter",
    LetterAction.KEEP: "letters.keep",
    LetterAction.SPOIL: "letters.spoil",
    LetterAction.TAKE_BACK: "letters.take_back",
    LetterAction.SETTLE_RECALL: "letters.settle_recall",
    LetterAction.LET_GO: "letters.let_go",
    LetterAction.REPLACE: "letters.replace_letter",
}
"""Actions that ask something have a page; the others are one button."""

BUTTONS: Mapping[LetterAction, str] = {
    LetterAction.APPROVE: "letters.approve",
    LetterAction.SIGN_SEAL: "letters.sign_seal",
}

_PRIMARY = (
    LetterAction.APPROVE,
    LetterAction.RELEASE,
    LetterAction.PRINT,
    LetterAction.SIGN_SEAL,
    LetterAction.HAND_OVER,
    LetterAction.GIVE_TO_OFFICER,
    LetterAction.SETTLE_RECALL,
    LetterAction.REPLACE,
    LetterAction.LET_GO,
)

_ENDING = (LetterAction.SPOIL, LetterAction.CANCEL, LetterAction.TAKE_BACK)

WAITING: Mapping[LetterState, str] = {
    LetterState.DRAFT: "Chờ lãnh đạo đơn vị duyệt thư.",
    LetterState.HELD: "Chờ người biết gia đình quyết định rồi bỏ tạm giữ.",
    LetterState.APPROVED: "Máy đang cấp số và lập tờ thư. Ông/bà tải lại trang sau ít giây.",
    LetterState.ISSUED: "Chờ người phụ trách in thư.",
    LetterState.PRINTED: "Chờ ký, đóng dấu.",
    LetterState.SIGNED_SEALED: "Chờ giao cho cán bộ đi trao.",
    LetterState.WITH_OFFICER: "Cán bộ đang giữ thư để trao cho gia đình.",
    LetterState.RETURNED: "Thư đã mang về, chờ giao lại cho cán bộ đi trao.",
    LetterState.KEPT: "Thư lưu tại đơn vị, chờ gia đình đến nhận.",
}
"""What a letter waits for, said to whoever cannot do it."""


def _waiting(row: LetterRow) -> str:
    if row.state in NUMBERED and (row.held_reason or row.outdated_at):
        return "Chờ lãnh đạo đơn vị quyết định."
    return WAITING.get(row.state, "")


def _primary(row: LetterRow) -> LetterAction | None:
    """Return the next step for whoever looks; a stopped letter that may not go on is cancelled."""
    found = next((action for action in _PRIMARY if action in row.actions), None)
    ends = row.state in NUMBERED and bool(row.held_reason) and LetterAction.CANCEL in row.actions
    return LetterAction.CANCEL if found is None and ends else found


def _page_of(action: LetterAction, row: LetterRow) -> str | None:
    if action is LetterAction.GIVE_TO_OFFICER:
        return url_for("letters.give_many", unit_id=row.unit_id, letter=row.id.hex)
    return url_for(PAGES[action], letter_id=row.id) if action in PAGES else None


@blueprint.get("/thu/<uuid:letter_id>")
@page(permission=Permission.LETTER_VIEW)
def show(letter_id: UUID) -> ResponseReturnValue:
    """Show one letter, whole."""
    letter, actor = load(letter_id), current_actor()
    primary = _primary(letter.row)
    pages = [(action, _page_of(action, letter.row)) for action in letter.row.actions if action is not primary]
    return render_template(
        "letters_pages/show.html",
        letter=letter,
        row=letter.row,
        primary=primary,
        primary_page=_page_of(primary, letter.row) if primary else None,
        primary_button=url_for(BUTTONS[primary], letter_id=letter_id)
        if primary and primary in BUTTONS
        else None,
        others=[(action, address) for action, address in pages if address and action not in _ENDING],
        endings=[(action, address) for action, address in pages if address and action in _ENDING],
        waiting="" if primary else _waiting(letter.row),
        is_numbered=letter.row.state in NUMBERED,
        is_condolence=letter.row.kind is LetterKind.CONDOLENCE,
        opens_case=actor.may(Permission.CASE_VIEW, letter.row.unit_id),
        opens_run=actor.may(Permission.LETTER_PRINT, letter.row.unit_id),
        language_words=LANGUAGE_WORDS,
        may_choose_language=letter.row.state in (LetterState.DRAFT, LetterState.HELD)
        and actor.may(Permission.CASE_WORK, letter.row.unit_id),
    )


@blueprint.get("/thu/<uuid:letter_id>.pdf")
@page(permission=Permission.LETTER_VIEW)
def show_pdf(letter_id: UUID) -> Response:
    """Give the letter as it prints: the final bytes, or a preview of a draft."""
    with transaction(db.session()) as session:
        content = letters.letter_pdf(session, current_actor(), letter_id, LETTER_TEMPLATES)
    return pdf(content, "thu.pdf")
