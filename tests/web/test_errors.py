from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from civreg.extensions import csrf, db
from civreg.factory import create_app
from civreg.settings import load_settings
from civreg.shared.errors import Conflict, InvalidInput, NotAllowed, NotFound, Refusal, TooMany
from civreg.web.access import page
from civreg.web.kept import local_path

TYPED = {"full_name": "Thạch Thị <b>Sa Rết</b>", "note": "gọi sau 5 giờ", "new_password": "bí mật của tôi"}
REFUSALS: dict[str, tuple[Exception, int, str]] = {
    "/sai/403": (NotAllowed("Hãy hỏi người quản trị của đơn vị."), 403, "Hãy hỏi người quản trị của đơn vị."),
    "/sai/404": (NotFound("Hãy tìm lại."), 404, "Hãy tìm lại."),
    "/sai/409": (
        Conflict("Bà Hạnh vừa sửa mục này.", theirs={"Địa chỉ": "Ấp 1"}, yours={"Địa chỉ": "Ấp 2"}),
        409,
        "Bà Hạnh vừa sửa mục này.",
    ),
    "/sai/422": (InvalidInput("Hãy sửa các ô.", {"phone": "Ghi số điện thoại."}), 422, "Ghi số điện thoại."),
    "/sai/viec": (Refusal("Hãy chọn việc khác."), 422, "Hãy chọn việc khác."),
    "/sai/429": (TooMany("Chờ 15 phút."), 429, "Chờ 15 phút."),
    "/sai/500": (RuntimeError("Nguyễn Thị Bí Mật"), 500, "Mã sự cố"),
}


def _failing(error: Exception) -> Callable[[], str]:
    @page(public=True)
    def view() -> str:
        raise error

    return csrf.exempt(view)


@page(public=True)
def _database() -> str:
    return str(db.session().connection())


@page(public=True)
def _taken() -> str:
    return f"taken {request.form.get('full_name', '')}"


def _site(folder: Path, database_url: str) -> Flask:
    app = create_app(load_settings(database_url=database_url, redis_url="", var=folder))
    for path, (error, _, _) in REFUSALS.items():
        app.add_url_rule(path, path[1:].replace("/", "-"), _failing(error), methods=["GET", "POST"])
    app.add_url_rule("/kho", "kho", csrf.exempt(_database), methods=["GET", "POST"])
    app.add_url_rule("/gui", "gui", _taken, methods=["GET", "POST"])
    return app


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application with pages that fail, and no server where the database should be."""
    folder = tmp_path_factory.mktemp("var")
    return _site(folder, f"postgresql+psycopg://nobody@/x?host={folder}")


@pytest.fixture
def visitor(site: Flask) -> FlaskClient:
    return site.test_client()


def keeps(answer: TestResponse) -> bool:
    """Tell whether the page shows what was typed, escaped and without the password."""
    shown = "Thạch Thị &lt;b&gt;Sa Rết&lt;/b&gt;" in answer.text and "gọi sau 5 giờ" in answer.text
    return shown and "bí mật của tôi" not in answer.text


@pytest.mark.parametrize("path", REFUSALS)
def test_every_refusal_is_a_page_with_its_sentence(visitor: FlaskClient, path: str) -> None:
    _, status, sentence = REFUSALS[path]
    for answer in (visitor.get(path), visitor.post(path, data=TYPED)):
        assert answer.status_code == status
        assert sentence in answer.text
        assert '<html lang="vi">' in answer.text
        assert "Nguyễn Thị Bí Mật" not in answer.text
    assert keeps(answer)


def test_a_conflict_shows_both(visitor: FlaskClient) -> None:
    page_text = visitor.post("/sai/409").text
    assert re.search(r"Địa chỉ</th>\s*<td>Ấp 1</td>\s*<td>Ấp 2</td>", page_text)


@pytest.mark.parametrize("path", ["/khong-co-trang-nay", "/ho-so/khong-phai-ma", "/static/khong-co.css"])
def test_an_unknown_address_says_what_to_do(visitor: FlaskClient, path: str) -> None:
    answer = visitor.get(path)
    assert answer.status_code == 404
    assert "Ông/bà kiểm tra lại đường dẫn" in answer.text


def test_a_wrong_method_says_what_to_do(visitor: FlaskClient) -> None:
    answer = visitor.delete("/tra-cuu")
    assert answer.status_code == 405
    assert "quay về trang đầu" in answer.text


def test_a_machine_gets_json(visitor: FlaskClient) -> None:
    answer = visitor.get("/api/v1/khong-co")
    assert answer.status_code == 404
    assert answer.json is not None
    assert answer.json["error"].startswith("Ông/bà kiểm tra lại")


def test_too_much_is_refused_before_it_is_read(visitor: FlaskClient) -> None:
    part = '--x\r\nContent-Disposition: form-data; name="n"\r\n\r\n1\r\n'
    for body, kind in (
        ("note=" + "x" * 2_000_000, "application/x-www-form-urlencoded"),
        (part * 2000 + "--x--\r\n", "multipart/form-data; boundary=x"),
        ("x" * 9_000_000, "multipart/form-data; boundary=x"),
    ):
        answer = visitor.post("/gui", data=body.encode(), content_type=kind)
        assert answer.status_code == 413
        assert "quá lớn" in answer.text


def test_no_database_is_503_and_the_answers_can_be_sent_again(visitor: FlaskClient) -> None:
    answer = visitor.post("/kho?buoc=3", data=TYPED)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    assert keeps(answer)
    assert 'action="/kho?buoc=3"' in answer.text
    assert 'name="note" value="gọi sau 5 giờ"' in answer.text
    looked = visitor.get("/kho")
    assert looked.status_code == 503
    assert "tải lại trang này" in looked.text


def test_no_address_of_a_database_is_503_too(tmp_path: Path) -> None:
    visitor = _site(tmp_path, "").test_client()
    assert visitor.get("/").status_code == 200
    assert visitor.get("/kho").status_code == 503
    assert list(tmp_path.iterdir()) == []


def test_a_stale_token_keeps_the_answers_and_the_second_click_sends_them(visitor: FlaskClient) -> None:
    answer = visitor.post("/gui", data={**TYPED, "csrf_token": "của trang cũ"})
    assert answer.status_code == 400
    assert "Trang đã mở quá lâu" in answer.text
    assert keeps(answer)
    token = re.search(r'name="csrf_token" value="([^"]+)"', answer.text)
    assert token is not None
    sent = visitor.post("/gui", data={**TYPED, "csrf_token": token.group(1)})
    assert sent.text.startswith("taken Thạch Thị")


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://xau.example"}, {"Origin": "null"}]
)
def test_another_sites_form_is_not_offered_again(visitor: FlaskClient, headers: dict[str, str]) -> None:
    answer = visitor.post("/gui", data=TYPED, headers=headers)
    assert answer.status_code == 400
    assert "được gửi từ một trang khác" in answer.text
    assert "Gửi lại" not in answer.text


@given(st.text(max_size=40))
def test_a_local_path_stays_on_this_site(target: str) -> None:
    kept = local_path(target)
    assert kept in ("", target)
    if kept:
        assert kept.startswith("/")
        assert not kept.startswith(("//", "/\\"))


@pytest.mark.parametrize("target", ["/ho-so?q=hạnh", "/", "/quan-tri/tai-khoan#x"])
def test_an_own_path_is_kept(target: str) -> None:
    assert local_path(target) == target
