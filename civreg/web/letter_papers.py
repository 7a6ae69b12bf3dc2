"""Mẫu giấy, người ký: how letters of a unit are laid out and who signs them, each from a day on."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, BinaryIO, cast

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from civreg.accounts.rules import Permission
from civreg.extensions import db
from civreg.letters import queries as letters
from civreg.letters import service
from civreg.letters.queries import LayoutInForce
from civreg.letters.rules import (
    BORDER_WORDS,
    KIND_WORDS,
    SIZE_WORDS,
    WAY_WORDS,
    Border,
    Language,
    LetterKind,
    PaperLayout,
    PaperSize,
    SigningWay,
    hard_cases,
    words_for,
)
from civreg.shared import clock
from civreg.shared.database import transaction
from civreg.shared.errors import NotAllowed, NotFound, Refusal
from civreg.shared.imaging import Picture, reencode
from civreg.shared.text import nfc
from civreg.web.access import current_actor, page
from civreg.web.forms.answers import Answers, day_values
from civreg.web.forms.moments import day_of
from civreg.web.forms.units import choose_own_unit, own_units
from civreg.work import LETTER_TEMPLATES

blueprint = Blueprint("letter_papers", __name__, url_prefix="/thu/mau-giay")

WRITERS = (Permission.LETTER_PRINT, Permission.LETTER_APPROVE)
_MILLIMETRES = re.compile(r"([+-]?)(\d{1,2})(?:[.,](\d))?")


@blueprint.get("")
@page(permission=Permission.LETTER_VIEW)
def index() -> ResponseReturnValue:
    """Show what letters of a unit look like today and who signs them, with what was set before and is to come."""
    actor, today = current_actor(), clock.today()
    with transaction(db.session()) as session:
        mine = own_units(session, actor)
        unit = choose_own_unit(mine, request.args.get("don-vi", ""))
        chain = letters.chain_of(session, unit.id, today)
        rows = [(kind, letters.layout_in_force(session, chain, kind, today)) for kind in LetterKind]
        head, problem = None, ""
        try:
            head = letters.letterhead_of(session, unit, today)
        except Refusal as refusal:
            problem = refusal.sentence
        return render_template(
            "letter_papers/index.html",
            unit=unit,
            units=[(str(one.id), one.name) for one in mine],
            values={"don-vi": str(unit.id)},
            rows=rows,
            layouts=letters.layouts_of(session, actor, unit.id),
            signers=letters.signers_of(session, actor, unit.id),
            head=head,
            problem=problem,
            today=today,
            may_write=any(actor.may(one, unit.id) for one in WRITERS),
            may_sign=actor.may(Permission.LETTER_APPROVE, unit.id),
            **_words(),
        )


@blueprint.route("/<int:unit_id>/<kind>", methods=["GET", "POST"])
@page(permission=WRITERS)
def layout(unit_id: int, kind: str) -> ResponseReturnValue:
    """Set the layout of an occasion from a day on."""
    occasion = _occasion(kind)
    _require(unit_id, *WRITERS)
    answers = Answers(request.form)
    with transaction(db.session()) as session:
        chain = letters.chain_of(session, unit_id, clock.today())
        now = letters.layout_in_force(session, chain, occasion, clock.today())
    if request.method == "POST":
        starts_on, wanted, picture = answers.day("starts_on"), _layout(answers, occasion), _picture(answers)
        if not answers.errors and starts_on is not None:
            keep = None if answers.ticked("drop_letterhead") else now.letterhead_file_id
            try:
                with transaction(db.session()) as session:
                    service.set_layout(
                        session,
                        current_actor(),
                        unit_id,
                        occasion,
                        starts_on,
                        wanted,
                        letterhead=picture,
                        keep_letterhead=keep,
                    )
                flash("Đã đặt mẫu giấy. Ông/bà xem tờ in thử trước khi in thư thật.", "success")
                return _back(unit_id)
            except (NotFound, NotAllowed):
                raise
            except Refusal as refusal:
                answers.take(refusal)
    page_text = render_template(
        "letter_papers/layout.html",
        unit=chain[0],
        kind=occasion,
        values=answers.values or _layout_values(now.layout),
        errors=answers.errors,
        has_letterhead=now.letterhead_file_id is not None,
        **_words(),
    )
    return page_text, 422 if answers.errors else 200


@blueprint.route("/<int:unit_id>/nguoi-ky", methods=["GET", "POST"])
@page(permission=Permission.LETTER_APPROVE)
def signer(unit_id: int) -> ResponseReturnValue:
    """Set who signs from a day on."""
    _require(unit_id, Permission.LETTER_APPROVE)
    answers = Answers(request.form)
    with transaction(db.session()) as session:
        chain = letters.chain_of(session, unit_id, clock.today())
    if request.method == "POST":
        starts_on = answers.day("starts_on")
        way = answers.choice("way", list(SigningWay), missing="Chọn ai ký, ký theo thẩm quyền nào.")
        signing = answers.choice("signing_unit", [str(one.id) for one in chain])
        position, name = answers.text("position"), answers.text("name")
        if not answers.errors and starts_on is not None:
            try:
                with transaction(db.session()) as session:
                    service.set_signer(
                        session,
                        current_actor(),
                        unit_id,
                        starts_on,
                        SigningWay(way),
                        position=position,
                        name=name,
                        signing_unit_id=int(signing) if signing else None,
                    )
                flash("Đã đặt người ký thư.", "success")
                return _back(unit_id)
            except (NotFound, NotAllowed):
                raise
            except Refusal as refusal:
                answers.take(refusal)
    values = answers.values or {
        "way": "chair",
        "signing_unit": str(unit_id),
        **day_values("starts_on", clock.today()),
    }
    page_text = render_template(
        "letter_papers/signer.html",
        unit=chain[0],
        agencies=[(str(one.id), one.name) for one in chain],
        values=values,
        errors=answers.errors,
        **_words(),
    )
    return page_text, 422 if answers.errors else 200


@blueprint.get("/<int:unit_id>/<kind>.pdf")
@page(permission=Permission.LETTER_VIEW)
def sample(unit_id: int, kind: str) -> Response:
    """Give a trial sheet of an invented family, as letters of a day would print."""
    occasion, on = _occasion(kind), day_of(request.args.get("ngay", "")) or clock.today()
    _require(unit_id, Permission.LETTER_VIEW)
    with transaction(db.session()) as session:
        content = _trial(session, unit_id, occasion, on)
    response = Response(content, mimetype="application/pdf")
    response.headers["Content-Disposition"] = 'inline; filename="in-thu.pdf"'
    return response


def _trial(session: Session, unit_id: int, kind: LetterKind, on: date) -> bytes:
    chain = letters.chain_of(session, unit_id, on)
    text = letters.wording_in_force(session, chain, kind, Language.VIETNAMESE, LETTER_TEMPLATES)
    words = words_for(kind, hard_cases(kind)[0].facts, text.body)
    return letters.sample_pdf(session, unit_id, kind, words, on)


def _require(unit_id: int, *permissions: Permission) -> None:
    if not any(current_actor().may(one, unit_id) for one in permissions):
        raise NotFound("Không có đơn vị này trong phạm vi của ông/bà.")


def _back(unit_id: int) -> ResponseReturnValue:
    values: dict[str, Any] = {"don-vi": str(unit_id)}
    return redirect(url_for(".index", **values))


def _occasion(kind: str) -> LetterKind:
    try:
        return LetterKind(kind)
    except ValueError:
        raise NotFound("Không có thư cho dịp này. Ông/bà mở lại trang Mẫu giấy.") from None


def _layout(answers: Answers, kind: LetterKind) -> PaperLayout:
    size = answers.choice("size", list(PaperSize), missing="Chọn khổ giấy.")
    border = answers.choice("border", list(Border)) if kind.congratulates else Border.NONE.value
    return PaperLayout(
        size=PaperSize(size or PaperSize.A4),
        border=Border(border or Border.NONE),
        show_number=answers.ticked("show_number"),
        show_code=answers.ticked("show_code"),
        receivers=tuple(filter(None, answers.lines("receivers").splitlines())),
        preprinted=answers.ticked("preprinted"),
        right_tenths_mm=_tenths(answers, "right_mm"),
        down_tenths_mm=_tenths(answers, "down_mm"),
    )


def _tenths(answers: Answers, field: str) -> int:
    """Return millimetres typed as 2, 2,5 or -1,5 in tenths; empty is none."""
    typed = nfc(answers.values.get(field, "")).replace("\u2212", "-")
    if not typed:
        return 0
    found = _MILLIMETRES.fullmatch(typed)
    if found is None:
        answers.refuse(field, "Ghi số mi-li-mét như 2 hoặc 2,5; dời ngược lại thì thêm dấu trừ, như -1,5.")
        return 0
    tenths = int(found[2]) * 10 + int(found[3] or 0)
    return -tenths if found[1] == "-" else tenths


def _picture(answers: Answers) -> Picture | None:
    sent = request.files.get("letterhead")
    if sent is None or not sent.filename:
        return None
    try:
        return reencode(cast(BinaryIO, sent.stream))
    except Refusal as refusal:
        answers.refuse("letterhead", refusal.sentence)
        return None


def _layout_values(now: PaperLayout) -> dict[str, str]:
    ticks = {name: "1" for name in ("show_number", "show_code", "preprinted") if getattr(now, name)}
    return {
        "size": now.size.value,
        "border": now.border.value,
        "receivers": "\n".join(now.receivers),
        "right_mm": _typed(now.right_tenths_mm),
        "down_mm": _typed(now.down_tenths_mm),
        **ticks,
        **day_values("starts_on", clock.today()),
    }


def _typed(tenths: int) -> str:
    return f"{tenths / 10:g}".replace(".", ",") if tenths else ""


def describe(paper: LayoutInForce) -> str:
    """Return a layout in a few words."""
    layout = paper.layout
    parts = [SIZE_WORDS[layout.size], BORDER_WORDS[layout.border].lower()]
    parts += ["có Số"] if layout.show_number else []
    parts += ["có Nơi nhận"] if layout.receivers else []
    parts += ["có mã QR"] if layout.show_code else []
    parts += ["giấy in sẵn"] if layout.preprinted else []
    parts += ["có ảnh tiêu đề"] if paper.letterhead_file_id else []
    if layout.right_tenths_mm or layout.down_tenths_mm:
        parts.append(
            f"dời phải {_typed(layout.right_tenths_mm) or '0'} mm, xuống {_typed(layout.down_tenths_mm) or '0'} mm"
        )
    return ", ".join(parts)


def _words() -> dict[str, object]:
    return {
        "kind_words": KIND_WORDS,
        "size_words": SIZE_WORDS,
        "border_words": BORDER_WORDS,
        "way_words": WAY_WORDS,
        "describe": describe,
    }
