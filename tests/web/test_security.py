from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from civreg.factory import create_app
from civreg.settings import load_settings
from civreg.shared.crypto import Keyring

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application of an empty environment."""
    return create_app(load_settings(database_url="", redis_url="", var=tmp_path_factory.mktemp("var")))


@pytest.fixture
def visitor(site: Flask) -> FlaskClient:
    return site.test_client()


@pytest.mark.parametrize("path", ["/", "/dang-nhap", "/khong-co", "/healthz"])
def test_every_answer_is_hardened(visitor: FlaskClient, path: str) -> None:
    headers = visitor.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Request-Id"]
    assert "Strict-Transport-Security" not in headers


def test_the_nonce_is_new_in_every_answer(visitor: FlaskClient) -> None:
    nonces = {
        re.search(r"'nonce-([^']+)'", visitor.get("/").headers["Content-Security-Policy"]) for _ in range(5)
    }
    assert len({found.group(1) for found in nonces if found}) == 5


def test_over_https_the_cookie_is_bound_to_the_host(tmp_path: Path) -> None:
    settings = load_settings(
        database_url="", redis_url="", var=tmp_path, secure_cookies=True, secret_key="x" * 40
    )
    answer = create_app(settings).test_client().get("/dang-nhap", base_url="https://hotich.example")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-civreg=")
    assert "Secure" in cookie
    assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_static_files_carry_their_hash_and_stay_for_a_year(visitor: FlaskClient) -> None:
    links = re.findall(r'href="([^"]+\.css[^"]*)"', visitor.get("/").text)
    assert len(links) == 2
    for link in links:
        assert re.search(r"\?v=[0-9a-f]{12}$", link)
        answer = visitor.get(link)
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "immutable" not in visitor.get("/static/css/civreg.css").headers["Cache-Control"]


def test_the_first_page_weighs_little(visitor: FlaskClient) -> None:
    gzip = {"Accept-Encoding": "gzip"}
    first = visitor.get("/", headers=gzip)
    parts = re.findall(r'(?:href|src)="(/(?:static|bootstrap)[^"]+)"', visitor.get("/").text)
    assert len(parts) == 3
    answers = [first, *(visitor.get(part, headers=gzip) for part in parts)]
    assert sum(len(answer.data) for answer in answers) < 150_000


def test_metrics_are_closed_to_strangers(tmp_path: Path) -> None:
    settings = load_settings(database_url="", redis_url="", var=tmp_path, metrics_token="m" * 40)
    visitor = create_app(settings).test_client()
    away = {"REMOTE_ADDR": "203.0.113.9"}
    assert visitor.get("/metrics", environ_base=away).status_code == 404
    wrong = {"Authorization": "Bearer nope"}
    assert visitor.get("/metrics", environ_base=away, headers=wrong).status_code == 404
    right = {"Authorization": f"Bearer {'m' * 40}"}
    assert visitor.get("/metrics", environ_base=away, headers=right).status_code == 503  # let in; no database


def test_ready_names_what_is_down(visitor: FlaskClient) -> None:
    answer = visitor.get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {"status": "down", "down": ["database", "broker", "worker"]}
    assert visitor.get("/healthz").json == {"status": "ok"}


def test_metrics_tell_the_state_of_the_work(client: FlaskClient, keyring: Keyring) -> None:
    body = client.get("/metrics").text
    for name in (
        "civreg_outbox_oldest_seconds",
        'civreg_jobs{state="parked"}',
        "civreg_deadline_overdue_seconds",
        "civreg_worker_heartbeat_seconds",
    ):
        assert name in body


def test_a_log_line_holds_no_query_and_no_form(
    visitor: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    visitor.get("/tra-cuu?code=BIMAT-1234")
    visitor.post("/dang-nhap", data={"username": "bi.mat", "password": "BIMAT"})
    captured = capsys.readouterr()
    lines = captured.out + captured.err
    assert '"endpoint": "following.show"' in lines
    assert "bi.mat" not in lines.casefold()
    assert "bimat" not in lines.casefold()


def test_no_template_holds_inline_script_or_style() -> None:
    for file in (ROOT / "templates").rglob("*.html"):
        text = file.read_text("utf-8")
        where = str(file.relative_to(ROOT))
        assert not re.search(r"\son[a-z]+=", text), where
        assert not re.search(r"\sstyle=", text), where
        for script in re.findall(r"<script[^>]*>", text):
            assert "nonce=" in script, where
