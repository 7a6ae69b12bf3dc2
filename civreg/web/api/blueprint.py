"""Thủ tục và ngày hẹn cho máy: the promised day by the same function as on slip and page, and the procedures of a day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from civreg.deadlines import service as deadlines
from civreg.deadlines.rules.asked import due_as_json, parse_moments, quoted, without_parts
from civreg.extensions import db
from civreg.procedures.catalogue import catalogue, version_on
from civreg.procedures.queries import in_force
from civreg.procedures.rules import Procedure, ProcedureVersion, limit_sentence
from civreg.shared import clock, throttle
from civreg.shared.database import transaction
from civreg.shared.errors import InvalidInput, Refusal, TooMany
from civreg.units.queries import UnitGone, UnitRow, resolve_commune
from civreg.web.access import page
from civreg.web.api.description import DESCRIPTION
from civreg.web.visitor import visitor_address

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")

MOST_QUESTIONS, WITHIN = 120, timedelta(minutes=1)
"""Questions of one network; a program that fills in a month of cases waits now and then."""
OFTEN = "Từ mạng này vừa có quá nhiều câu hỏi. Xin chờ một phút rồi hỏi tiếp."
_LONGEST_UNIT = 100


@blueprint.get("/openapi.json")
@page(public=True)
def openapi() -> ResponseReturnValue:
    """Return the description of this interface (OpenAPI 3.1)."""
    return jsonify(DESCRIPTION)


@blueprint.get("/due-date")
@page(public=True)
def due_date() -> ResponseReturnValue:
    """Return every due day of papers complete at a moment, each with its reasons; at a commune by its own rules."""
    _hold_limit()
    _refuse_unknown("procedure", "received", "occurred", "flag", "without", "unit")
    code, received = _asked("procedure"), _asked("received")
    received_at, occurred_on = parse_moments(received, request.args.get("occurred"))
    day = received_at.date()
    with transaction(db.session()) as session:
        unit = _unit(session, day)
        version = _version(session, code, unit, day)
        version = without_parts(version, request.args.getlist("without"))
        due = deadlines.promised_dates(
            session, version, received_at, occurred_on, request.args.getlist("flag")
        )
    answer = {
        "procedure": version.procedure,
        "unit": {"code": unit.code, "name": unit.name} if unit else None,
        **due_as_json(due),
    }
    return jsonify(answer)


@blueprint.get("/procedures")
@page(public=True)
def procedures() -> ResponseReturnValue:
    """Return the procedures that exist on a day (today without `on`), as the shipped catalogue knows them."""
    _hold_limit()
    _refuse_unknown("on")
    day = _day(request.args.get("on"))
    found = []
    for procedure in catalogue().values():
        try:
            found.append(_procedure_as_json(procedure, procedure.on(day)))
        except Refusal:
            continue  # it does not exist on that day
    return jsonify(on=day.isoformat(), procedures=found)


def _hold_limit() -> None:
    """Count this question for its network.

    Raises:
        TooMany: with how long to wait.
    """
    address = visitor_address()
    with transaction(db.session()) as session:
        if throttle.count_failures(session, "api.address", address, WITHIN) >= MOST_QUESTIONS:
            raise TooMany(OFTEN)
        throttle.note_failure(session, "api.address", address)


def _refuse_unknown(*known: str) -> None:
    """Refuse a misspelt parameter: an answer that silently leaves it out would promise another day."""
    unknown = sorted(set(request.args) - set(known))
    if unknown:
        name = quoted(unknown[0])
        sentence = f"Không có tham số “{name}”. Các tham số dùng được: {', '.join(known)}."
        raise InvalidInput(sentence, {name: sentence})


def _asked(name: str) -> str:
    value = request.args.get(name, "").strip()
    if not value:
        example = {"procedure": "birth_mobile", "received": "2026-11-17T09:00"}[name]
        sentence = f"Còn thiếu tham số {name}, ví dụ {name}={example}."
        raise InvalidInput(sentence, {name: sentence})
    return value


def _day(typed: str | None) -> date:
    if typed is None:
        return clock.today()
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        sentence = f"Không đọc được ngày “{quoted(typed)}”. Ghi năm-tháng-ngày, ví dụ 2026-11-24."
        raise InvalidInput(sentence, {"on": sentence}) from None


def _unit(session: Session, day: date) -> UnitRow | None:
    typed = request.args.get("unit", "").strip()
    if not typed:
        return None
    try:
        return resolve_commune(session, typed[:_LONGEST_UNIT], day)
    except UnitGone as gone:
        raise InvalidInput(gone.sentence, {"unit": gone.sentence}) from gone


def _version(session: Session, code: str, unit: UnitRow | None, day: date) -> ProcedureVersion:
    try:
        return in_force(session, code, unit.id, day).version if unit else version_on(quoted(code), day)
    except Refusal as refusal:
        raise InvalidInput(refusal.sentence, {refusal.field or "procedure": refusal.sentence}) from refusal


def _procedure_as_json(procedure: Procedure, version: ProcedureVersion) -> dict[str, Any]:
    return {
        "code": procedure.code,
        "title": version.title_vi,
        "official_name": version.official_name,
        "version": version.id,
        "effective_from": version.effective_from.isoformat(),
        "effective_to": version.effective_to.isoformat() if version.effective_to else None,
        "portal_codes": list(version.portal_codes),
        "flags": sorted(version.flags),
        "source": version.source,
        "certainty": version.certainty,
        "parts": [
            {
                "part": part.code,
                "title": part.title_vi,
                "agency": part.agency,
                "optional": part.optional,
                "limit": limit_sentence(part.limit),
                "source": part.source,
                "certainty": part.certainty,
            }
            for part in version.parts
        ],
    }
