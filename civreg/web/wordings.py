"""Lời thư: which text each occasion has at a unit, writing a new one with every hard case beside it, approving it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from civreg.accounts.rules import Permission
from civreg.extensions import db
from civreg.letters import queries as letters
from civreg.letters import service
from civreg.letters.queries import WordingInForce, WordingRow
from civreg.letters.rules import (
    KIND_WORDS,
    LANGUAGE_WORDS,
    Language,
    LetterKind,
    fields_of,
    hard_cases,
    marked_as_draft,
    variants_of,
)
from civreg.shared import clock
from civreg.shared.database import transaction
from civreg.shared.errors import Conflict, NotAllowed, NotFound, Refusal
from civreg.web.access import current_actor, page
from civreg.web.forms.answers import Answers
from civreg.web.forms.units import choose_own_unit, own_units
from civreg.work import LETTER_TEMPLATES

blueprint = Blueprint("wordings", __name__, url_prefix="/thu/loi-van")

WRITERS = (Permission.LETTER_PRINT, Permission.LETTER_APPROVE)
STATE_WORDS = {"draft": "Bản nháp", "approved": "Đã duyệt", "withdrawn": "Thôi dùng"}
SOURCE_WORDS = "Kèm phần mềm"


@dataclass(frozen=True)
class OccasionRow:
    """One occasion and language as the first page shows it; `text` is None where nothing is approved."""

    kind: LetterKind
    language: Language
    text: WordingInForce | None


@blueprint.get("")
@page(permission=Permission.LETTER_VIEW)
def index() -> ResponseReturnValue:
    """Show what each occasion says at a unit today, and every version the unit has written."""
    actor = current_actor()
    with transaction(db.session()) as session:
        mine = own_units(session, actor)
        unit = choose_own_unit(mine, request.args.get("don-vi", ""))
        chain = letters.chain_of(session, unit.id, clock.today())
        rows = [
            OccasionRow(kind, language, _in_force(session, unit.id, kind, language))
            for kind in LetterKind
            for language in Language
        ]
        versions = letters.wordings_of(session, actor, unit.id)
    return render_template(
        "wordings/index.html",
        unit=unit,
        units=[(str(one.id), one.name) for one in mine],
        values={"don-vi": str(unit.id)},
        rows=rows,
        versions=versions,
        above=chain[1:],
        may_write=any(actor.may(one, unit.id) for one in WRITERS),
        **_words(),
    )


@blueprint.route("/soan/<int:unit_id>/<kind>/<language>", methods=["GET", "POST"])
@page(permission=WRITERS)
def write(unit_id: int, kind: str, language: str) -> ResponseReturnValue:
    """Write a new version, starting from the text in use; every hard case stands beside it."""
    occasion, tongue = _occasion(kind, language)
    if not any(current_actor().may(one, unit_id) for one in WRITERS):
        raise NotFound("Không có đơn vị này trong phạm vi của ông/bà.")
    answers = Answers(request.form)
    if request.method == "POST" and "preview" not in request.form:
        try:
            with transaction(db.session()) as session:
                body = request.form.get("body", "")
                made = service.write_wording(session, current_actor(), unit_id, occasion, tongue, body)
            flash("Đã lưu bản nháp. Lãnh đạo đơn vị đọc rồi duyệt ở trang này.", "success")
            return redirect(url_for(".show", wording_id=made))
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            answers.take(refusal)
    with transaction(db.session()) as session:
        values = answers.values or {"body": _start(session, unit_id, occasion, tongue)}
    return _editor(unit_id, occasion, tongue, values, answers.errors, back=None)


@blueprint.route("/<uuid:wording_id>/sua", methods=["GET", "POST"])
@page(permission=WRITERS)
def change(wording_id: UUID) -> ResponseReturnValue:
    """Change a draft."""
    row = _load(wording_id)
    if not row.may_write:
        raise NotFound("Không tìm thấy lời thư này ở đơn vị của ông/bà.")
    if row.state != "draft":
        raise Conflict("Lời thư đã duyệt thì không sửa được nữa. Ông/bà soạn bản mới.")
    answers, status = Answers(request.form), 422
    if request.method == "POST" and "preview" not in request.form:
        try:
            with transaction(db.session()) as session:
                service.change_wording(
                    session,
                    current_actor(),
                    wording_id,
                    expected_version=_typed_version(),
                    body=request.form.get("body", ""),
                )
            flash("Đã lưu bản nháp.", "success")
            return redirect(url_for(".show", wording_id=wording_id))
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            answers.take(refusal)
            status = refusal.status
    values = answers.values or {"body": row.body}
    page_text, usual = _editor(row.unit_id, row.kind, row.language, values, answers.errors, back=row)
    return page_text, status if answers.errors else usual


@blueprint.post("/xem-thu/<int:unit_id>/<kind>")
@page(permission=WRITERS)
def preview(unit_id: int, kind: str) -> ResponseReturnValue:
    """Give the cases with the text as it is being typed; the script of the page asks for this."""
    occasion, _tongue = _occasion(kind, Language.VIETNAMESE.value)
    if not any(current_actor().may(one, unit_id) for one in WRITERS):
        raise NotFound("Không có đơn vị này trong phạm vi của ông/bà.")
    with transaction(db.session()) as session:
        shown = letters.previews(session, current_actor(), unit_id, occasion, request.form.get("body", ""))
    return render_template("wordings/cases.html", shown=shown, wording_id=None, read=False)


@blueprint.get("/<uuid:wording_id>")
@page(permission=Permission.LETTER_VIEW)
def show(wording_id: UUID) -> ResponseReturnValue:
    """Show one version on every case; who may, approves it here."""
    return _shown(_load(wording_id), {}, {})


@blueprint.post("/<uuid:wording_id>/duyet")
@page(permission=Permission.LETTER_APPROVE)
def approve(wording_id: UUID) -> ResponseReturnValue:
    """Approve a draft."""
    answers = Answers(request.form)
    reader, role = answers.text("reader"), answers.text("reader_role")
    if not answers.errors:
        try:
            with transaction(db.session()) as session:
                service.approve_wording(
                    session,
                    current_actor(),
                    wording_id,
                    expected_version=_typed_version(),
                    reader=reader,
                    reader_role=role,
                )
            flash("Đã duyệt lời thư. Thư cấp số từ bây giờ dùng bản này.", "success")
            return redirect(url_for(".show", wording_id=wording_id))
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            answers.take(refusal)
            return _shown(_load(wording_id), answers.values, answers.errors), refusal.status
    return _shown(_load(wording_id), answers.values, answers.errors), 422


@blueprint.post("/<uuid:wording_id>/thoi-dung")
@page(permission=Permission.LETTER_APPROVE)
def withdraw(wording_id: UUID) -> ResponseReturnValue:
    """Take an approved text out of use."""
    with transaction(db.session()) as session:
        service.withdraw_wording(session, current_actor(), wording_id, expected_version=_typed_version())
    flash("Bản này không dùng nữa. Thư cấp số từ bây giờ dùng bản trước đó hoặc bản của cấp trên.", "success")
    return redirect(url_for(".show", wording_id=wording_id))


@blueprint.get("/<uuid:wording_id>/<case>.pdf")
@page(permission=Permission.LETTER_VIEW)
def sample(wording_id: UUID, case: str) -> Response:
    """Give the sheet of one hard case as the unit would print it today."""
    row = _load(wording_id)
    if case not in {one.key for one in hard_cases(row.kind)}:
        raise NotFound("Không có ca mẫu này. Ông/bà mở lại lời thư rồi chọn một ca.")
    with transaction(db.session()) as session:
        shown = letters.previews(session, current_actor(), row.unit_id, row.kind, row.body)
        one = next(preview for preview in shown if preview.key == case)
        if one.words is None:
            raise Refusal(one.problem)
        words = marked_as_draft(one.words) if row.state == "draft" else one.words
        content = letters.sample_pdf(session, row.unit_id, row.kind, words)
    response = Response(content, mimetype="application/pdf")
    response.headers["Content-Disposition"] = 'inline; filename="xem-truoc.pdf"'
    return response


def _load(wording_id: UUID) -> WordingRow:
    with transaction(db.session()) as session:
        return letters.wording(session, current_actor(), wording_id)


def _shown(row: WordingRow, values: dict[str, str], errors: dict[str, str]) -> str:
    with transaction(db.session()) as session:
        shown = letters.previews(session, current_actor(), row.unit_id, row.kind, row.body)
        in_force = _in_force(session, row.unit_id, row.kind, row.language)
    return render_template(
        "wordings/show.html",
        row=row,
        shown=shown,
        wording_id=row.id,
        read=row.state != "draft",
        in_use=in_force is not None and in_force.wording_id == row.id,
        values=values,
        errors=errors,
        **_words(),
    )


def _editor(
    unit_id: int,
    kind: LetterKind,
    language: Language,
    values: dict[str, str],
    errors: dict[str, str],
    *,
    back: WordingRow | None,
) -> tuple[str, int]:
    with transaction(db.session()) as session:
        unit = letters.chain_of(session, unit_id, clock.today())[0]
        shown = letters.previews(session, current_actor(), unit_id, kind, values.get("body", ""))
    page_text = render_template(
        "wordings/edit.html",
        unit=unit,
        kind=kind,
        language=language,
        values=values,
        errors=errors,
        shown=shown,
        wording_id=None,
        row=back,
        read=False,
        fields=fields_of(kind),
        variants=variants_of(kind),
        **_words(),
    )
    return page_text, 422 if errors else 200


def _in_force(session: Session, unit_id: int, kind: LetterKind, language: Language) -> WordingInForce | None:
    chain = letters.chain_of(session, unit_id, clock.today())
    try:
        return letters.wording_in_force(session, chain, kind, language, LETTER_TEMPLATES)
    except Refusal:
        return None


def _start(session: Session, unit_id: int, kind: LetterKind, language: Language) -> str:
    """Return the text a new version starts from: the one in use, else the draft that comes with the software."""
    found = _in_force(session, unit_id, kind, language)
    return (found or letters.shipped_wording(kind, language, LETTER_TEMPLATES)).body


def _occasion(kind: str, language: str) -> tuple[LetterKind, Language]:
    try:
        return LetterKind(kind), Language(language)
    except ValueError:
        raise NotFound("Không có lời thư cho dịp này. Ông/bà mở lại trang Lời thư.") from None


def _typed_version() -> int:
    typed = request.form.get("expected_version", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def _words() -> dict[str, object]:
    return {
        "kind_words": KIND_WORDS,
        "language_words": LANGUAGE_WORDS,
        "state_words": STATE_WORDS,
        "source_words": SOURCE_WORDS,
    }
