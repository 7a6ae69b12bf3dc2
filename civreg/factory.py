"""Ứng dụng: settings → keys → extensions → pages → errors → commands.

Making the application needs no database, no broker and no file: commands that count days or compare names run with
an empty environment. What is missing is named when it is first needed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg
from flask import Flask, Response, current_app
from jinja2 import StrictUndefined
from sqlalchemy.engine import make_url
from werkzeug.middleware.proxy_fix import ProxyFix

from civreg import cli, observability, tables
from civreg.deadlines import service as deadlines
from civreg.extensions import babel, bootstrap, compress, csrf, db, migrate
from civreg.settings import Settings, load_settings
from civreg.shared import crypto
from civreg.web import (
    access,
    administration,
    api,
    books,
    cases,
    complaints,
    confirming,
    desk,
    errors,
    family_papers,
    filters,
    following,
    health,
    home,
    intake,
    labels,
    letter_papers,
    letters,
    papers,
    security,
    sign_in,
    statistics,
    tidings,
    visits,
    wordings,
)

ROOT = Path(__file__).resolve().parent.parent
PAGES: tuple[ModuleType, ...] = (
    home,
    sign_in,
    administration,
    api,
    desk,
    cases,
    visits,
    letters,
    letter_papers,
    wordings,
    confirming,
    statistics,
    health,
    intake,
    following,
    papers,
    family_papers,
    tidings,
    books,
    complaints,
)
"""Modules that offer a `blueprint`, in no particular order."""

_MEGABYTE = 1024 * 1024


def create_app(settings: Settings | None = None, config: Mapping[str, Any] | None = None) -> Flask:
    """Make the application of one process.

    Args:
        settings: read from the environment when None.
        config: Flask configuration that wins over everything, for tests.

    Raises:
        RuntimeError: when a route declares nothing about access.
    """
    settings = settings or load_settings()
    app = Flask(
        "civreg",
        root_path=str(ROOT),
        static_folder="static",
        template_folder="templates",
        static_url_path="/static",
    )
    app.config.from_mapping(_configuration(settings))
    app.config.from_mapping(config or {})
    app.extensions["civreg_settings"] = settings
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # people read these sentences too
    if settings.keyring_path.is_file():
        crypto.use_keyring(crypto.Keyring.load(settings.keyring_path))
    deadlines.use_after_cutoff(settings.bundle_after_cutoff)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    _set_up_templates(app)
    observability.init_app(app, settings)
    security.init_app(app)
    _set_up_extensions(app)
    for module in PAGES:
        app.register_blueprint(module.blueprint)
    errors.init_app(app)
    access.init_app(app)
    cli.init_app(app)
    return app


def _configuration(settings: Settings) -> dict[str, Any]:
    secure = settings.secure_cookies
    return {
        "STUCK_PART_DAYS": settings.stuck_part_days,
        "SECRET_KEY": settings.signing_secret,
        "SQLALCHEMY_DATABASE_URI": settings.database_url or "postgresql+psycopg://",
        "SQLALCHEMY_ENGINE_OPTIONS": _engine_options(settings),
        "SESSION_COOKIE_NAME": "__Host-civreg" if secure else "civreg",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_PATH": "/",
        "PREFERRED_URL_SCHEME": "https" if secure else "http",
        "WTF_CSRF_TIME_LIMIT": None,  # a token lives as long as its session: nobody loses a form to a clock
        "MAX_CONTENT_LENGTH": 8 * _MEGABYTE,
        "MAX_FORM_MEMORY_SIZE": _MEGABYTE,
        "MAX_FORM_PARTS": 1000,
        "BABEL_DEFAULT_LOCALE": "vi",
        "BABEL_DEFAULT_TIMEZONE": "Asia/Ho_Chi_Minh",
        "COMPRESS_MIMETYPES": [
            "text/html",
            "text/css",
            "text/plain",
            "text/javascript",
            "application/json",
            "image/svg+xml",
        ],
        "COMPRESS_ALGORITHM": ["gzip"],
        "COMPRESS_MIN_SIZE": 500,
        "BOOTSTRAP_SERVE_LOCAL": True,
    }


def _engine_options(settings: Settings) -> dict[str, Any]:
    """Return a small pool that notices a stopped server at once; the time zone is the application's (18:00Z is tomorrow)."""
    options: dict[str, Any] = {
        "pool_pre_ping": True,
        "pool_size": 5,
        "max_overflow": 5,
        "pool_timeout": 5,
        "pool_recycle": 1800,
        "connect_args": {
            "connect_timeout": 3,
            "options": "-c timezone=Asia/Ho_Chi_Minh -c statement_timeout=20s -c lock_timeout=10s"
            " -c idle_in_transaction_session_timeout=60s",
        },
    }
    if not settings.database_url:
        options["creator"] = _refuse_without_address(settings)
    return options


def _refuse_without_address(settings: Settings) -> Any:
    def creator() -> psycopg.Connection[Any]:
        settings.refuse_if_silent()
        raise RuntimeError(f"no database address: {make_url('postgresql+psycopg://')}")

    return creator


def _set_up_templates(app: Flask) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    filters.init_app(app)
    labels.init_app(app)
    app.url_defaults(_add_content_hash)


def _add_content_hash(endpoint: str, values: dict[str, Any]) -> None:
    """Put the hash of a static file into its address, so that browsers may keep it for a year."""
    if endpoint.rpartition(".")[2] != "static" or "filename" not in values:
        return
    blueprint = endpoint.rpartition(".")[0]
    owner = current_app.blueprints[blueprint] if blueprint else current_app
    folder = owner.static_folder
    if folder:
        values["v"] = _content_hash(Path(folder) / values["filename"])


@lru_cache(maxsize=200)
def _content_hash(file: Path) -> str | None:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12] if file.is_file() else None


def _unstream(response: Response) -> Response:
    """Read a small text file into memory and close it, so that it can be compressed (streams never take gzip)."""
    readable = (response.mimetype or "").startswith("text/") or response.mimetype == "image/svg+xml"
    if response.direct_passthrough and response.status_code == 200 and readable:
        response.direct_passthrough = False
        content = response.get_data()
        response.close()
        response.set_data(content)
    return response


def _set_up_extensions(app: Flask) -> None:
    db.init_app(app)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"))
    babel.init_app(app)
    bootstrap.init_app(app)
    compress.init_app(app)
    app.after_request(_unstream)  # these run last to first: before the compression
    csrf.init_app(app)
    if not tables.METADATA.tables:
        raise RuntimeError("no tables were imported")
