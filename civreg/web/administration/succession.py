"""Sáp nhập: which ended units still hold work, and the plan that hands it on, counted before it is confirmed."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from civreg import succession
from civreg.accounts.rules import ROLE_WORDS, Actor, Permission
from civreg.extensions import db
from civreg.procedures.catalogue import catalogue
from civreg.shared import clock
from civreg.shared.database import transaction
from civreg.shared.errors import InvalidInput, NotFound, Refusal
from civreg.succession import Holdings, Plan, Wanted
from civreg.units import queries as units
from civreg.web.access import current_actor, page
from civreg.web.administration.area import blueprint
from civreg.web.forms.answers import Answers, day_values

_COUNTED = {
    "cases": "hồ sơ",
    "visits": "lịch đến nhà",
    "letters": "thư chưa cấp số",
    "apologies": "phiếu xin lỗi chưa gửi",
    "tidings": "tin báo",
    "roles": "vai trò",
    "books": "sổ hộ tịch",
    "participations": "đợt tham gia",
    "complaints": "phản ánh chưa trả lời",
    "hamlets": "ấp, khóm",
    "rules": "quy định riêng",
    "wordings": "lời thư",
    "layouts": "mẫu giấy",
    "settings": "cách làm của bàn thư",
}
_LONGEST_NUMBER = 19
"""No id of the database is longer, and Python refuses to read very long numbers."""
_NOTHING_LEFT = "Không còn gì để chuyển: đơn vị này không còn việc, không còn cán bộ."


@blueprint.get("/sap-nhap")
@page(permission=Permission.UNITS_MANAGE)
def successions() -> ResponseReturnValue:
    """List the ended units that still hold something, as of today or of a day in the address."""
    answers, actor, today = Answers(request.args), current_actor(), clock.today()
    typed = any(answers.values.get(f"ngay_{part}") for part in ("day", "month", "year"))
    day = answers.day("ngay") if typed else today
    with transaction(db.session()) as session:
        rows = succession.plans(session, actor, day) if day else []
        done = [row for row in units.handovers(session) if actor.may(Permission.UNITS_MANAGE, row.new.id)]
    page_text = render_template(
        "administration/successions.html",
        rows=rows,
        done=done,
        day=day,
        values=answers.values if typed else day_values("ngay", today),
        errors=answers.errors,
        holds=_words,
        above=_above,
    )
    return page_text, 422 if answers.errors else 200


@blueprint.get("/sap-nhap/<int:unit_id>")
@page(permission=Permission.UNITS_MANAGE)
def succession_plan(unit_id: int) -> str:
    """Show what an ended unit holds, where each goes, and ask."""
    with transaction(db.session()) as session:
        plan = succession.plan_of(session, current_actor(), unit_id, _seen_on())
    return _page(plan)


@blueprint.post("/sap-nhap/<int:unit_id>")
@page(permission=Permission.UNITS_MANAGE)
def hand_over(unit_id: int) -> ResponseReturnValue:
    """Carry the plan out as it was shown; a changed situation shows the new counts and asks again."""
    actor, answers = current_actor(), Answers(request.form)
    try:
        with transaction(db.session()) as session:
            done = succession.carry_out(
                session,
                actor,
                unit_id,
                expected=request.form.get("expected", ""),
                wanted=_wanted(answers),
            )
            old, handed = units.unit_by_id(session, unit_id), units.handovers_of(session, unit_id)
    except succession.SituationChanged as changed:
        return _page(changed.plan, changed.sentence, answers), changed.status
    except NotFound:
        raise
    except InvalidInput as refusal:
        answers.take(refusal)
        return _page(_plan_now(actor, unit_id), answers=answers), refusal.status
    except Refusal as refusal:
        return _page(_plan_now(actor, unit_id), refusal.sentence), refusal.status
    if done.is_empty:
        flash(_NOTHING_LEFT, "quiet")
    else:
        to = _joined([row.new.spoken for row in handed])
        flash(f"Đã chuyển việc của {old.spoken} sang {to}: {_words(done)}.", "success")
    return redirect(url_for(".successions"))


def _plan_now(actor: Actor, unit_id: int) -> Plan:
    return succession.plan_of(db.session(), actor, unit_id, clock.today())


def _wanted(answers: Answers) -> Wanted:
    """Return what was chosen for a split unit; every answer that is a number may be a unit."""
    chosen = {
        name: int(value)
        for name, value in answers.values.items()
        if value.isascii() and value.isdecimal() and len(value) < _LONGEST_NUMBER
    }
    return Wanted(chosen.get("heir"), answers.values.get("reason", ""), chosen)


def _joined(names: list[str]) -> str:
    """Return names as a sentence lists them: "xã A, xã B và xã C"."""
    return " và ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _seen_on() -> date:
    """Return the day the list was looked at for; a plan of a coming day can be read and not confirmed."""
    return Answers(request.args).day("ngay", optional=True) or clock.today()


def _page(plan: Plan, problem: str = "", answers: Answers | None = None) -> str:
    taking_part = bool(plan.after) and bool(units.participations_of(db.session(), plan.after[0].id))
    return render_template(
        "administration/succession.html",
        plan=plan,
        problem=problem,
        nothing_left=_NOTHING_LEFT,
        new=plan.after[0] if len(plan.after) == 1 else None,
        taking_part=taking_part,
        role_words=_role_words(plan),
        heirs=[(str(unit.id), unit.name) for unit in plan.heirs],
        outside=[unit for unit in plan.after if unit not in plan.heirs],
        procedures={code: procedure.title_vi for code, procedure in catalogue().items()},
        roles=ROLE_WORDS,
        values=answers.values if answers else plan.division.proposed if plan.division else {},
        errors=answers.errors if answers else {},
    )


def _words(holdings: Holdings) -> str:
    """Return the counts in words, without those that are zero: "3 hồ sơ, 2 vai trò"."""
    return ", ".join(f"{count} {_COUNTED[name]}" for name, count in asdict(holdings).items() if count)


def _role_words(plan: Plan) -> str:
    """Return how many roles of each kind, in the order in which roles are listed everywhere."""
    words = [
        (count, name[:1].lower() + name[1:])
        for role, name in ROLE_WORDS.items()
        if (count := plan.roles.get(role))
    ]
    return "; ".join(f"{count} {name}" for count, name in words)


def _above(plan: Plan) -> str:
    """Return where the unit lay, without its own name: "huyện Trà Cú, tỉnh Trà Vinh"."""
    return plan.place.removeprefix(plan.old.name).removeprefix(", ")
