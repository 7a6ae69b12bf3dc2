"""Sức khỏe: whether the process lives, whether everything it needs answers, and figures for Prometheus."""

from __future__ import annotations

import hmac
import ipaddress

from flask import Blueprint, Response, abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from civreg import observability
from civreg.extensions import db
from civreg.settings import Settings
from civreg.shared.database import transaction
from civreg.shared.errors import Refusal
from civreg.web.access import page

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@page(public=True)
def alive() -> ResponseReturnValue:
    """Tell that the process answers; asks nothing else."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
@page(public=True)
def ready() -> ResponseReturnValue:
    """Tell whether database, broker and worker answer; 503 names what is down."""
    settings: Settings = current_app.extensions["civreg_settings"]
    down = []
    if not _database_answers():
        down.append("database")
    pulse = observability.read_pulse(settings.redis_url)
    if not pulse.broker:
        down += ["broker", "worker"]
    elif not pulse.worker:
        down.append("worker")
    return jsonify(status="down" if down else "ok", down=down), 503 if down else 200


@blueprint.get("/metrics")
@page(public=True)
def metrics() -> ResponseReturnValue:
    """Return figures for Prometheus; to loopback, or to whoever brings the token."""
    settings: Settings = current_app.extensions["civreg_settings"]
    brought = request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
    right_token = bool(settings.metrics_token) and hmac.compare_digest(
        brought, settings.metrics_token.encode()
    )
    if not right_token and not _is_loopback(request.remote_addr or ""):
        abort(404)
    pulse = observability.read_pulse(settings.redis_url)
    with transaction(db.session()) as session:
        readings = observability.take_readings(session, pulse, settings.var)
    body = observability.metrics_text(readings)
    return Response(body, mimetype="text/plain; version=0.0.4")


def _database_answers() -> bool:
    try:
        with transaction(db.session()) as session:
            session.execute(text("SET LOCAL statement_timeout = '1s'"))
            session.execute(text("SELECT 1"))
    except (SQLAlchemyError, Refusal):
        return False
    return True


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == ""  # a unix socket has no address
