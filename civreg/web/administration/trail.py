"""Nhật ký: what was changed, who looked at personal data, and whether the chains hold. For auditors only."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import render_template, request, url_for

from civreg.accounts.queries import names_of
from civreg.accounts.rules import Permission
from civreg.cases.queries.trail import TrailFilter, changes, known_as, looks
from civreg.extensions import db
from civreg.shared import audit
from civreg.shared.database import transaction
from civreg.web.access import current_actor, page
from civreg.web.administration.area import blueprint
from civreg.web.administration.trail_words import act_words, detail_words
from civreg.web.forms.answers import Answers

_PAGE = 50
_HIGHEST = 999_999_999
_SUBJECT_WORDS = {
    "user": "Tài khoản",
    "case": "Hồ sơ",
    "visit": "Chuyến đến nhà",
    "letter": "Thư",
    "print_run": "Lượt in thư",
    "paper_image": "Ảnh giấy tờ",
    "tiding": "Tin báo",
    "unit": "Đơn vị",
    "unit_snapshot": "Danh sách đơn vị",
    "participation": "Đơn vị tham gia",
    "hamlet": "Ấp, khóm",
    "calendar_day": "Ngày trong lịch",
    "calendar_year": "Năm trong lịch",
    "notice_rule": "Quy định nhắc",
    "job": "Việc của máy",
    "keyring": "Khóa niêm phong",
    "upkeep": "Sao lưu, kiểm tra",
    "procedure_override": "Quy định riêng về thủ tục",
}
"""What an act was done on, in words; what is missing here is shown by its code."""


@blueprint.get("/nhat-ky")
@page(permission=Permission.AUDIT_VIEW)
def trail() -> str:
    """List the changes, or with `loai=xem` the looks at personal data; filtered by the address."""
    answers = Answers(request.args)
    kind = answers.choice("loai", ("sua", "xem")) or "sua"
    typed_day = any(answers.values.get(f"ngay_{part}") for part in ("day", "month", "year"))
    day = answers.day("ngay") if typed_day else None
    wanted = TrailFilter(
        username=answers.text("nguoi"),
        subject=answers.text("ho_so"),
        day=day,
        before=answers.whole("truoc", 1, _HIGHEST),
    )
    read = changes if kind == "sua" else looks
    with transaction(db.session()) as session:
        rows = [] if answers.errors else read(session, current_actor(), wanted, _PAGE + 1)
        names = names_of(session, [row.actor_id for row in rows if row.actor_id])
        known = known_as(session, rows)
    kept = {name: value for name, value in answers.values.items() if name != "truoc"}
    return render_template(
        "administration/trail.html",
        kind=kind,
        rows=rows[:_PAGE],
        names=names,
        known=known,
        subject_words=_SUBJECT_WORDS,
        act_words=act_words,
        detail_words=detail_words,
        values=answers.values,
        errors=answers.errors,
        report=None,
        next_url=_next_url(kept, rows[_PAGE - 1].id) if len(rows) > _PAGE else "",
    )


def _next_url(kept: Mapping[str, str], last_id: int) -> str:
    """Return the address of the page after the row, with the same filters."""
    return f"{url_for('.trail')}?{urlencode({**kept, 'truoc': last_id})}"


@blueprint.post("/nhat-ky/kiem-tra")
@page(permission=Permission.AUDIT_VIEW)
def verify_trail() -> str:
    """Walk every chain and say whether a row was changed, is missing or was cut off."""
    with transaction(db.session()) as session:
        report = audit.verify(session)
    return render_template("administration/trail_verified.html", report=report)
