"""Quy định: every rule in force at a unit on a day, what changes next, and what an office sets beside the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast, get_args
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.extensions import db
from civreg.procedures import queries, service
from civreg.procedures.catalogue import catalogue, procedure_of
from civreg.procedures.queries import InForce, OverrideRow
from civreg.procedures.rules import (
    HOUR_KINDS,
    SHORTER_LIMIT,
    Certainty,
    Difference,
    Procedure,
    ProcedureVersion,
    RuleItem,
    differences,
    headline,
    item_of,
    items_of,
    limit_sentence,
    shorter_limit_problem,
)
from civreg.procedures.service import Correction, Decision
from civreg.shared import clock
from civreg.shared.database import transaction
from civreg.shared.errors import NotFound, Refusal
from civreg.shared.text import format_date_vi, two_digits
from civreg.units.queries import UnitRow, units_by_ids
from civreg.web.access import current_actor, page
from civreg.web.administration.area import blueprint
from civreg.web.forms.answers import Answers, day_values
from civreg.web.forms.units import UnitChoice, choose_unit, find_units

READERS = (Permission.CASE_VIEW, Permission.FIGURES_VIEW, Permission.UNITS_MANAGE)
CERTAINTY_WORDS = {
    "A": "A: văn bản gốc hoặc cổng chính thức",
    "B": "B: trang luật hoặc báo",
    "C": "C: nơi khác trích dẫn",
    "D": "D: chưa xác nhận",
}
_KINDS = {
    "working_days": "Ngày làm việc",
    "calendar_days": "Ngày theo lịch",
    "working_hours": "Giờ làm việc",
    "hours": "Giờ liên tục, cả ngày lẫn đêm",
    "same_day": "Trong ngày",
}
LONGEST_WORDS = 600
_FIRST_DAY = date(2015, 7, 1)
_LAST_DAY = date(2100, 12, 31)


@dataclass(frozen=True)
class ProcedureRules:
    """Một thủ tục trên trang: its rules at the unit on the day, and what its next version says otherwise.

    Attributes:
        version: as it holds at the unit; None before the first.
        own: path of a rule → the own rule that replaces it.
        correctable: paths that an administrator may correct, by what the catalogue itself says.
    """

    procedure: Procedure
    version: ProcedureVersion | None
    items: tuple[RuleItem, ...] = ()
    own: dict[str, OverrideRow] | None = None
    correctable: frozenset[str] = frozenset()
    next_from: date | None = None
    changes: tuple[Difference, ...] = ()

    @property
    def shortened(self) -> bool:
        """Say whether a decision of an office makes the limit shorter here."""
        return self.version is not None and headline(self.version).office_days is not None

    @property
    def can_shorten(self) -> bool:
        """Say whether the law's limit leaves anything to shorten."""
        return self.version is not None and not shorter_limit_problem(self.version, 1)


@blueprint.get("/quy-dinh")
@page(permission=READERS)
def regulations() -> ResponseReturnValue:
    """Show every rule in force on the asked day (?ngay=), its source and certainty, and what changes next."""
    actor, answers = current_actor(), Answers(request.args)
    day = _asked_day(answers)
    with transaction(db.session()) as session:
        unit = _asked_unit(session, actor, answers)
        in_force = queries.all_in_force(session, unit.id, day)
        shown = [_rules(one, in_force.get(one.code), day) for one in catalogue().values()]
        own = [
            (row, queries.shipped_beside(row, clock.today()) or queries.has_gone(row, clock.today()))
            for row in queries.overrides_above(session, unit.id, day)
        ]
        names = units_by_ids(session, {row.unit_id for row, _ in own})
    page_text = render_template(
        "administration/regulations.html",
        day=day,
        unit=unit,
        shown=shown,
        own=own,
        names=names,
        rule_name=rule_name,
        opened=request.args.get("thu-tuc", ""),
        values={**day_values("ngay", day), **answers.values},
        errors=answers.errors,
        may_set=actor.may(Permission.UNITS_MANAGE),
        certainty_words=CERTAINTY_WORDS,
    )
    return page_text, 422 if answers.errors else 200


def _asked_day(answers: Answers) -> date:
    """Return the day of the address (?ngay=2026-11-24), of the three boxes, or today."""
    typed = answers.values.get("ngay", "")
    if not typed and not any(answers.values.get(f"ngay_{part}") for part in ("day", "month", "year")):
        return clock.today()
    try:
        day = date.fromisoformat(typed) if typed else answers.day("ngay")
    except ValueError:
        day = date.min
    if day is not None and _FIRST_DAY <= day <= _LAST_DAY:
        return day
    answers.refuse(
        "ngay_day",
        f"Ông/bà chọn một ngày từ {format_date_vi(_FIRST_DAY)} đến {format_date_vi(_LAST_DAY)}.",
    )
    return clock.today()


def _asked_unit(session: Session, actor: Actor, answers: Answers) -> UnitRow:
    typed = answers.text("don-vi")
    covered = frozenset[int]().union(*(actor.units(permission) for permission in READERS))
    if typed:
        found = find_units(session, typed, covered)
        if found:
            return found[0]
        answers.refuse("don-vi", "Không có đơn vị tên này trong phạm vi của ông/bà. Ông/bà ghi lại tên.")
    own = next(grant.unit_id for grant in actor.grants if grant.unit_id in covered)
    return units_by_ids(session, [own])[own]


def _rules(procedure: Procedure, found: InForce | None, day: date) -> ProcedureRules:
    later = [version for version in procedure.versions if version.effective_from > day]
    if found is None:
        return ProcedureRules(procedure, None, next_from=later[0].effective_from if later else None)
    shipped = procedure.on(day)
    return ProcedureRules(
        procedure=procedure,
        version=found.version,
        items=items_of(found.version),
        own={row.rule: row for row in found.overrides},
        correctable=frozenset(item.path for item in items_of(shipped) if item.correctable),
        next_from=later[0].effective_from if later else None,
        changes=differences(shipped, later[0]) if later else (),
    )


def rule_name(row: OverrideRow) -> str:
    """Return what an own rule is about, as its lists name it."""
    if row.rule == SHORTER_LIMIT:
        return f"Rút ngắn còn {two_digits(int(row.values['days']))} ngày làm việc"
    for version in procedure_of(row.procedure).versions:
        item = item_of(version, row.rule)
        if item is not None:
            return item.title
    return " ".join(row.shipped["words"]) if row.shipped else row.rule  # what the catalogue had once


def _asked(procedure: str) -> Procedure:
    found = catalogue().get(procedure)
    if found is None:
        raise NotFound("Không có thủ tục này. Ông/bà mở lại trang quy định.")
    return found


def _chosen_unit(session: Session, actor: Actor, answers: Answers) -> UnitChoice:
    return choose_unit(session, answers, actor.units(Permission.UNITS_MANAGE))


@blueprint.route("/quy-dinh/<procedure>/rut-ngan", methods=["GET", "POST"])
@page(permission=Permission.UNITS_MANAGE)
def shorten_limit(procedure: str) -> ResponseReturnValue:
    """Write down a unit's decision to take fewer working days than the law gives."""
    actor, answers, choice = current_actor(), Answers(request.form), UnitChoice(None)
    asked = _asked(procedure)
    if request.method == "POST":
        decision = _decision(answers)
        try:
            with transaction(db.session()) as session:
                choice = _chosen_unit(session, actor, answers)
                if decision is not None and choice.unit is not None and not answers.errors:
                    service.set_shorter_limit(
                        session, actor, unit_id=choice.unit.id, procedure=procedure, decision=decision
                    )
                    flash(_said(choice.unit, decision.starts_on), "success")
                    return _back(procedure, decision.starts_on, choice.unit)
        except Refusal as refusal:
            answers.take(refusal)
    page_text = render_template(
        "administration/shorten_limit.html",
        procedure=asked,
        limit=limit_sentence(headline(asked.on(clock.today()))),
        values=answers.values or day_values("starts_on", clock.today()),
        errors=answers.errors,
        offered=choice.offered,
    )
    return page_text, 422 if request.method == "POST" else 200


def _decision(answers: Answers) -> Decision | None:
    days = answers.whole("days", 1, service.MOST_DAYS, missing="Ông/bà ghi số ngày làm việc.")
    number = answers.text("number", missing="Ghi số của quyết định, ví dụ 2661/QĐ-UBND.", longest=60)
    decided_on, starts_on = answers.day("decided_on"), answers.day("starts_on")
    ends_on = answers.day("ends_on", optional=True)
    if days is None or decided_on is None or starts_on is None:
        return None
    return Decision(days, number, decided_on, starts_on, ends_on)


@blueprint.route("/quy-dinh/<procedure>/sua/<path>", methods=["GET", "POST"])
@page(permission=Permission.UNITS_MANAGE)
def correct_rule(procedure: str, path: str) -> ResponseReturnValue:
    """Let an administrator write another value of a rule of the asked day (?ngay=) that is not confirmed, with its source."""
    actor, answers, choice = current_actor(), Answers(request.form), UnitChoice(None)
    day = _asked_day(Answers(request.args))
    item = item_of(_asked(procedure).on(day), path)
    if item is None or not item.form:
        raise NotFound("Quy định này không sửa ở đây được. Ông/bà mở lại trang quy định.")
    if request.method == "POST":
        correction = _correction(answers, item)
        try:
            with transaction(db.session()) as session:
                choice = _chosen_unit(session, actor, answers)
                if correction is not None and choice.unit is not None and not answers.errors:
                    service.correct_rule(
                        session,
                        actor,
                        unit_id=choice.unit.id,
                        procedure=procedure,
                        path=path,
                        correction=correction,
                    )
                    flash(_said(choice.unit, correction.starts_on), "success")
                    return _back(procedure, correction.starts_on, choice.unit)
        except Refusal as refusal:
            answers.take(refusal)
    page_text = render_template(
        "administration/correct_rule.html",
        procedure=_asked(procedure),
        item=item,
        kinds=list(_KINDS.items()),
        certainties=list(CERTAINTY_WORDS.items()),
        day=day,
        longest=LONGEST_WORDS,
        values=answers.values or {**day_values("starts_on", day), **_in_words(item)},
        errors=answers.errors,
        offered=choice.offered,
    )
    return page_text, 422 if request.method == "POST" else 200


def _in_words(item: RuleItem) -> dict[str, str]:
    """Return the words of a rule to start a correction from; a term is chosen anew."""
    return {"words": str(item.value["words"])} if item.value and "words" in item.value else {}


def _correction(answers: Answers, item: RuleItem) -> Correction | None:
    values: dict[str, Any] = {}
    if item.form in ("words", "codes"):
        values["words"] = answers.text("words", missing="Ghi mức hoặc câu thay thế.", longest=LONGEST_WORDS)
    if item.form == "lines":
        values["words"] = answers.lines("words", missing="Ghi mỗi câu một dòng.", longest=LONGEST_WORDS)
    if item.form == "yes_no":
        holds = answers.choice("holds", ("yes", "no"), missing="Ông/bà chọn có hoặc không.")
        values["holds"] = holds == "yes" if holds else None
    if item.form == "limit":
        values["kind"] = answers.choice("kind", _KINDS, missing="Ông/bà chọn cách tính thời hạn.")
        values["verification_days"] = answers.whole("verification_days", 1, service.MOST_DAYS)
    if item.form in ("limit", "days") and values.get("kind") != "same_day":
        in_hours = values.get("kind") in HOUR_KINDS
        most = service.MOST_HOURS if in_hours else service.MOST_DAYS
        missing = f"Ông/bà ghi số {'giờ' if in_hours else 'ngày'}."
        values["days"] = answers.whole("days", 1, most, missing=missing)
    source = answers.text("source", missing="Ghi văn bản, điều khoản hoặc địa chỉ trang đã đọc.", longest=300)
    certainty = answers.choice("certainty", get_args(Certainty), missing="Ông/bà chọn đã đọc ở đâu.")
    starts_on = answers.day("starts_on")
    if starts_on is None or not certainty:
        return None
    return Correction(values, source, cast("Certainty", certainty), starts_on)


def _said(unit: UnitRow, starts_on: date) -> str:
    return f"Đã ghi cho {unit.spoken}: áp dụng với hồ sơ nhận từ ngày {format_date_vi(starts_on)}. Hồ sơ đã nhận giữ ngày hẹn cũ."


def _back(procedure: str, day: date, unit: UnitRow) -> ResponseReturnValue:
    shown: dict[str, Any] = {"ngay": day.isoformat(), "thu-tuc": procedure, "don-vi": unit.name}
    return redirect(url_for(".regulations", **shown))


@blueprint.route("/quy-dinh/rieng/<uuid:override_id>", methods=["GET", "POST"])
@page(permission=Permission.UNITS_MANAGE)
def own_rule(override_id: UUID) -> ResponseReturnValue:
    """Show one own rule, beside what a newer catalogue says; a POST ends it, or keeps it against that."""
    actor, answers = current_actor(), Answers(request.form)
    with transaction(db.session()) as session:
        row = queries.override_by_id(session, override_id)
        if row is None or not actor.may(Permission.UNITS_MANAGE, row.unit_id):
            raise NotFound("Không tìm thấy quy định này. Ông/bà mở lại danh sách.")
        unit = units_by_ids(session, [row.unit_id])[row.unit_id]
    if request.method == "POST":
        try:
            with transaction(db.session()) as session:
                said = _change_own(session, actor, row, answers)
            if not answers.errors:
                flash(said, "success")
                return redirect(url_for(".own_rule", override_id=override_id))
        except NotFound:
            raise
        except Refusal as refusal:
            answers.take(refusal)
    page_text = render_template(
        "administration/own_rule.html",
        row=row,
        unit=unit,
        name=rule_name(row),
        words=_own_words(row),
        procedure=procedure_of(row.procedure),
        beside=queries.shipped_beside(row, clock.today()),
        gone=queries.has_gone(row, clock.today()),
        ended=row.ends_on is not None and row.ends_on < clock.today(),
        values=answers.values or day_values("ends_on", clock.today()),
        errors=answers.errors,
        certainty_words=CERTAINTY_WORDS,
    )
    return page_text, 422 if answers.errors else 200


def _change_own(session: Session, actor: Actor, row: OverrideRow, answers: Answers) -> str:
    if answers.ticked("keep"):
        service.keep_own(session, actor, row.id)
        return "Đã giữ bản của đơn vị. Danh mục đổi lần nữa thì trang này lại nhắc."
    if answers.ticked("take_shipped"):
        last_day = max(clock.today() - timedelta(days=1), row.starts_on)
        service.end_override(session, actor, row.id, last_day)
        return f"Từ ngày {format_date_vi(last_day + timedelta(days=1))} dùng quy định mới của danh mục."
    ends_on = answers.day("ends_on")
    if ends_on is not None:
        service.end_override(session, actor, row.id, ends_on)
        return f"Quy định này áp dụng đến hết ngày {format_date_vi(ends_on)}."
    return ""


def _own_words(row: OverrideRow) -> str:
    """Return the office's value as the page reads it, under the version of its first day."""
    version = queries.with_own_rules(procedure_of(row.procedure).on(row.starts_on), (row,))
    if row.rule == SHORTER_LIMIT:
        return limit_sentence(headline(version))
    item = item_of(version, row.rule)
    return " ".join(item.words) if item else ""
