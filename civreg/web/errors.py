"""Trang lỗi: every refusal and fault becomes a page (or JSON for machines) that says what to do now.

Nothing a person typed is lost: the page of a POST shows it again, and where sending again makes sense offers that
with a fresh token. The database being away is 503 and not a fault of ours.
"""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from flask import Flask, current_app, jsonify, render_template, request
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from werkzeug.exceptions import HTTPException

from civreg.settings import SettingsRefused
from civreg.shared.errors import Conflict, InvalidInput, Refusal
from civreg.web.access import access_of, actor_or_none
from civreg.web.kept import is_foreign, kept_form

_log = structlog.get_logger()


@dataclass(frozen=True)
class Words:
    """What the page of one status says: what happened, and what to do."""

    title: str
    advice: str


_WORDS: dict[int, Words] = {
    400: Words(
        "Chưa nhận được nội dung vừa gửi",
        "Ông/bà tải lại trang trước rồi gửi lại. Nếu vẫn không được, hãy gọi đường dây nóng của xã.",
    ),
    401: Words("Cần đăng nhập", "Ông/bà đăng nhập rồi làm tiếp."),
    403: Words(
        "Tài khoản này không vào được phần này",
        "Nếu công việc của ông/bà cần đến phần này, hãy nhờ người quản trị của đơn vị giao vai trò.",
    ),
    404: Words(
        "Không tìm thấy trang này",
        "Ông/bà kiểm tra lại đường dẫn, hoặc quay về trang đầu để tìm.",
    ),
    405: Words("Trang này không mở được theo cách này", "Ông/bà quay về trang đầu rồi đi lại từng bước."),
    409: Words(
        "Có người vừa thay đổi mục này",
        "Ông/bà mở lại để xem nội dung mới nhất rồi làm tiếp.",
    ),
    413: Words(
        "Nội dung gửi lên quá lớn",
        "Ông/bà chụp lại ảnh nhỏ hơn hoặc gửi ít tệp hơn (tất cả không quá 8 MB), rồi gửi lại.",
    ),
    415: Words("Không đọc được kiểu nội dung này", "Ông/bà gửi lại từ trang của hệ thống."),
    422: Words("Chưa làm được việc này", "Ông/bà xem lại nội dung rồi gửi lại."),
    429: Words(
        "Ông/bà thử quá nhiều lần",
        "Xin chờ ít phút rồi thử lại. Cần gấp thì gọi đường dây nóng của xã.",
    ),
    500: Words(
        "Hệ thống gặp trục trặc",
        "Việc vừa rồi chưa được ghi. Ông/bà thử lại sau ít phút; nếu vẫn lỗi, hãy báo mã bên dưới cho người quản trị.",
    ),
    503: Words(
        "Hệ thống tạm thời chưa ghi nhận được",
        "Chưa có gì được ghi. Ông/bà giữ trang này, chờ ít phút rồi bấm “Gửi lại”.",
    ),
}
UNUSABLE = "Có một ô ghi nội dung không dùng được. Ông/bà xem lại các ô rồi gửi lại."
"""The last net: the database refused a value that a form should have refused."""
_RESEND = frozenset({400, 429, 500, 503})
"""Where sending the same again can succeed."""


def error_page(
    status: int, sentence: str = "", *, conflict: Conflict | None = None, fields: dict[str, str] | None = None
) -> ResponseReturnValue:
    """Return the page of a status; `sentence` is what the service said.

    Args:
        status: HTTP status.
        sentence: shown instead of the general advice.
        conflict: shows what is stored beside what was sent.
        fields: field → sentence of an input that could not be used.
    """
    words = _WORDS.get(status, _WORDS[500 if status >= 500 else 400])
    request_id = str(structlog.contextvars.get_contextvars().get("request_id", ""))
    headers = {"Retry-After": "60"} if status in (429, 503) else {}
    if request.path.startswith("/api/"):
        said = jsonify(error=sentence or words.advice, fields=fields or {}, request_id=request_id)
        return said, status, headers
    kept = kept_form()
    page = render_template(
        "errors/error.html",
        status=status,
        title=words.title,
        sentence=sentence or ("" if status == 503 and kept is None else words.advice),
        get_advice="Ông/bà chờ ít phút rồi tải lại trang này." if status == 503 and kept is None else "",
        kept=kept,
        may_resend=kept is not None and status in _RESEND and not is_foreign(),
        conflict=conflict,
        fields=fields or {},
        request_id=request_id if status >= 500 else "",
        frame=_frame_of(status),
        is_staff="_user_id" in cookie,
    )
    return page, status, headers


def _frame_of(status: int) -> str:
    """Return the frame around the page: the desk's for staff at work, the family's for others and whenever the database may be away."""
    access = access_of(current_app, request.endpoint) if request.endpoint else None
    if status >= 500 or access is None or access.public or actor_or_none() is None:
        return "base.html"
    return "desk.html"


def _refused(refusal: Refusal) -> ResponseReturnValue:
    if isinstance(refusal, SettingsRefused):
        _log.error("settings_refused", reason=refusal.sentence)
        return error_page(503)
    return error_page(
        refusal.status,
        refusal.sentence,
        conflict=refusal if isinstance(refusal, Conflict) else None,
        fields=refusal.fields if isinstance(refusal, InvalidInput) else None,
    )


def _forged(_: CSRFError) -> ResponseReturnValue:
    if is_foreign():
        return error_page(
            400,
            "Nội dung này được gửi từ một trang khác nên không được nhận. Ông/bà hãy nhập ở trang của xã.",
        )
    return error_page(
        400, "Trang đã mở quá lâu nên chưa gửi được. Những gì ông/bà đã nhập vẫn còn; bấm “Gửi lại” để gửi."
    )


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:  # a redirect that wears an exception
        return error.response
    return error_page(error.code or 500)


def _database_away(error: Exception) -> ResponseReturnValue:
    _log.error("database_away", error=type(error).__name__)
    return error_page(503)


def _unusable(error: DataError) -> ResponseReturnValue:
    _log.warning("unusable_value", error=type(error.orig).__name__)
    return error_page(422, UNUSABLE)


def _fault(error: Exception) -> ResponseReturnValue:
    if current_app.testing:
        raise error  # a test wants to see the fault itself
    # the text of an exception may hold what a person typed: the log gets its kind and the lines of code only
    _log.error("fault", error=type(error).__name__, at=_place_of(error))
    return error_page(500)


def _place_of(error: Exception) -> list[str]:
    lines = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        lines.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return lines[-12:]


def init_app(app: Flask) -> None:
    """Answer every refusal and fault with a page."""
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(HTTPException, _http)
    for away in (OperationalError, InterfaceError, PoolExhausted):
        app.register_error_handler(away, _database_away)
    app.register_error_handler(DataError, _unusable)
    app.register_error_handler(Exception, _fault)
