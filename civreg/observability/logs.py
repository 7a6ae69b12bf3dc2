"""Nhật ký: structured logs without personal data, with the id of the request or task they belong to.

A log line holds the endpoint and ids, never a query string, a form value or the text of an exception.
"""

from __future__ import annotations

import logging
import secrets
import sys
import time
from typing import Any, TextIO

import click
import structlog
from flask import Flask, Response, g, request

from civreg.settings import Settings

_EVERY_LINE: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=False, key="at"),
]
"""What is put into every line: the ids at hand, the severity, the moment."""


def configure_logging(settings: Settings) -> None:
    """Set up structlog once per process: JSON for machines, plain lines for people.

    A command's standard output belongs to its answer, so commands log to standard error.
    """
    structlog.configure(
        processors=[*_EVERY_LINE, _renderer(settings)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(_stream()),
        cache_logger_on_first_use=False,
    )


def log_other_lines(settings: Settings, level: int | str) -> None:
    """Write what libraries log through Python's logging (Celery, kombu) in the same form to standard output.

    Args:
        settings: say the form.
        level: least severity that is written.
    """
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*_EVERY_LINE, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _renderer(settings),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)


def _renderer(settings: Settings) -> Any:
    if settings.log_format == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(colors=False)


def _stream() -> TextIO:
    context = click.get_current_context(silent=True)
    return sys.stdout if context is None or context.info_name == "run" else sys.stderr


def _begin() -> None:
    g.started = time.monotonic()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=secrets.token_hex(8), endpoint=request.endpoint or "")


def _end(response: Response) -> Response:
    context = structlog.contextvars.get_contextvars()
    response.headers["X-Request-Id"] = str(context.get("request_id", ""))
    endpoint = request.endpoint or ""
    if not endpoint.endswith("static") and not endpoint.startswith("health."):
        milliseconds = round((time.monotonic() - g.get("started", time.monotonic())) * 1000, 1)
        ids = {name: str(value) for name, value in (request.view_args or {}).items() if name.endswith("_id")}
        structlog.get_logger().info(
            "request", method=request.method, status=response.status_code, ms=milliseconds, **ids
        )
    return response


def _forget(_error: BaseException | None) -> None:
    """Leave nothing of a request to what its thread does next."""
    structlog.contextvars.clear_contextvars()


def init_app(app: Flask, settings: Settings) -> None:
    """Log every request with its id, which the answer carries too."""
    configure_logging(settings)
    app.before_request(_begin)
    app.after_request(_end)
    app.teardown_request(_forget)
