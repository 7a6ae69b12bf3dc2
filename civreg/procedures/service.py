"""What an office sets beside the shipped catalogue: written with source and author, never over the law."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.procedures import queries
from civreg.procedures.catalogue import version_on
from civreg.procedures.models import ProcedureOverride
from civreg.procedures.rules import (
    HOUR_KINDS,
    SHORTER_LIMIT,
    Certainty,
    ProcedureVersion,
    item_of,
    shorter_limit_problem,
)
from civreg.shared import audit, clock
from civreg.shared.database import new_id
from civreg.shared.errors import InvalidInput, NotFound, Refusal
from civreg.shared.text import format_date_vi, nfc

MOST_DAYS, MOST_HOURS = 90, 720
_LONGEST_SOURCE = 300
_PORTAL_CODE = re.compile(r"[0-9]\.[0-9]{6}")
_ONE_PAPER_EACH = "Ghi {} dòng, mỗi dòng tên giấy tờ của một thủ tục, theo thứ tự: {}."
_NOT_FOUND = "Không tìm thấy quy định này. Ông/bà mở lại danh sách."


@dataclass(frozen=True)
class Decision:
    """Quyết định rút ngắn thời hạn: how many working days, by which decision, from when.

    Attributes:
        days: working days, fewer than the law's.
        number: as printed on the decision ("2661/QĐ-UBND").
        decided_on: the day of the decision.
        starts_on: papers complete from this day on are promised so.
        ends_on: the last such day, or None.
    """

    days: int
    number: str
    decided_on: date
    starts_on: date
    ends_on: date | None = None

    @property
    def source(self) -> str:
        """Return the decision as a reason names it."""
        return f"Quyết định số {nfc(self.number)} ngày {format_date_vi(self.decided_on)}"


def set_shorter_limit(
    session: Session, actor: Actor, *, unit_id: int, procedure: str, decision: Decision
) -> UUID:
    """Write down that a unit promises fewer working days (Lạng Sơn: 03 by QĐ 2661/QĐ-UBND); a later one takes its place.

    Raises:
        InvalidInput: not shorter than the law's term, no number of the decision, or days in a wrong order.
    """
    actor.require(Permission.UNITS_MANAGE, unit_id)
    problems: dict[str, str] = {}
    if not nfc(decision.number):
        problems["number"] = "Ghi số của quyết định, ví dụ 2661/QĐ-UBND."
    if decision.decided_on > decision.starts_on:
        problems["starts_on"] = "Ngày áp dụng không sớm hơn ngày của quyết định."
    version = version_on(procedure, decision.starts_on)
    if decision.days < 1:
        problems["days"] = "Ông/bà ghi từ 1 ngày làm việc."
    elif problem := shorter_limit_problem(version, decision.days):
        problems["days"] = problem
    _hold_period(decision.starts_on, decision.ends_on, problems)
    values = {
        "days": decision.days,
        "number": nfc(decision.number),
        "decided_on": decision.decided_on.isoformat(),
    }
    return _write(
        session,
        actor,
        ProcedureOverride(
            id=new_id(),
            unit_id=unit_id,
            procedure=procedure,
            rule=SHORTER_LIMIT,
            values=values,
            shipped=None,
            source=decision.source,
            starts_on=decision.starts_on,
            ends_on=decision.ends_on,
        ),
        "procedure.limit_set",
        days=decision.days,
    )


@dataclass(frozen=True)
class Correction:
    """Sửa một quy định chưa chắc: another value, where it is written, how sure that is, from when.

    Attributes:
        values: what its `RuleItem.form` asks for: a limit, days, words (codes are words with commas), or whether it `holds`.
        source: document and article, or the address where it stands.
        certainty: how sure the source is.
        starts_on: papers complete from this day on.
    """

    values: Mapping[str, Any]
    source: str
    certainty: Certainty
    starts_on: date


def correct_rule(
    session: Session, actor: Actor, *, unit_id: int, procedure: str, path: str, correction: Correction
) -> UUID:
    """Let a value that the catalogue marks C or D be another one at a unit and below; it ends with the law's version.

    Raises:
        InvalidInput: no source, or a value that does not fit.
        Refusal: the value is confirmed (A, B): the law changes it, not an office.
        NotFound: no such rule on that day.
    """
    actor.require(Permission.UNITS_MANAGE, unit_id)
    version = version_on(procedure, correction.starts_on)
    item = item_of(version, path)
    if item is None or not item.form:
        raise NotFound("Quy định này không sửa ở đây được. Ông/bà mở lại trang quy định.")
    if not item.correctable:
        raise Refusal(
            f"Quy định này đã xác nhận (độ tin cậy {item.certainty}, {item.source}) nên không sửa ở đây được. "
            "Khi luật đổi, danh mục giao kèm có phiên bản mới."
        )
    problems: dict[str, str] = {}
    source = nfc(correction.source)
    if not source:
        problems["source"] = "Ghi văn bản, điều khoản hoặc địa chỉ trang đã đọc."
    elif len(source) > _LONGEST_SOURCE:
        problems["source"] = f"Ô này nhận nhiều nhất {_LONGEST_SOURCE} ký tự. Ông/bà ghi ngắn lại."
    values = _clean_value(item.form, correction.values, problems)
    if path == "results" and len(str(values["words"]).split("\n")) != len(version.parts):
        problems.setdefault("words", _ONE_PAPER_EACH.format(len(version.parts), _titles(version)))
    _hold_period(correction.starts_on, version.effective_to, problems)
    return _write(
        session,
        actor,
        ProcedureOverride(
            id=new_id(),
            unit_id=unit_id,
            procedure=procedure,
            rule=path,
            values={**values, "certainty": correction.certainty},
            shipped=item.snapshot(),
            source=source,
            starts_on=correction.starts_on,
            ends_on=version.effective_to,
        ),
        "procedure.rule_corrected",
        rule=path,
    )


def _clean_value(form: str, given: Mapping[str, Any], problems: dict[str, str]) -> dict[str, Any]:
    if form == "codes":
        codes = [nfc(code) for code in str(given.get("words") or "").rstrip(". ").split(",")]
        if not all(_PORTAL_CODE.fullmatch(code) for code in codes):
            problems["words"] = (
                "Ghi mã như trên Cổng, ví dụ 1.001193; có nhiều mã thì cách nhau bằng dấu phẩy."
            )
        return {"words": ", ".join(codes)}
    if form in ("words", "lines"):
        typed = str(given.get("words") or "")
        lines = [nfc(line) for line in (typed.splitlines() if form == "lines" else [typed])]
        if not any(lines):
            problems["words"] = "Ghi mức hoặc câu thay thế."
        return {"words": "\n".join(f"{line.rstrip('.')}." for line in lines if line)}
    if form == "limit":
        return _clean_limit(given, problems)
    if form == "yes_no":
        if not isinstance(given.get("holds"), bool):
            problems["holds"] = "Ông/bà chọn có hoặc không."
        return {"holds": given.get("holds")}
    days = given.get("days")
    if not isinstance(days, int) or not 1 <= days <= MOST_DAYS:
        problems["days"] = f"Ông/bà ghi số ngày từ 1 đến {MOST_DAYS}."
        return {}
    return {"days": days}


def _titles(version: ProcedureVersion) -> str:
    return ", ".join(part.title_vi for part in version.parts)


def _clean_limit(given: Mapping[str, Any], problems: dict[str, str]) -> dict[str, Any]:
    kind, length, longer = given.get("kind"), given.get("days"), given.get("verification_days")
    nothing = {"kind": kind, "days": None, "hours": None, "verification_days": None}
    if kind == "same_day":
        return nothing
    if kind not in ("working_days", "calendar_days", *HOUR_KINDS):
        problems["kind"] = "Ông/bà chọn cách tính thời hạn."
    if kind in HOUR_KINDS:
        if not isinstance(length, int) or not 1 <= length <= MOST_HOURS:
            problems["days"] = f"Ông/bà ghi số giờ từ 1 đến {MOST_HOURS}."
        if longer is not None and not 1 <= longer <= MOST_DAYS:
            problems["verification_days"] = (
                f"Khi phải xác minh: ghi số ngày làm việc từ 1 đến {MOST_DAYS}, hoặc để trống."
            )
        return nothing | {"hours": length, "verification_days": longer}
    if not isinstance(length, int) or not 1 <= length <= MOST_DAYS:
        problems["days"] = f"Ông/bà ghi số ngày từ 1 đến {MOST_DAYS}."
        return {}
    if longer is not None and not length < longer <= MOST_DAYS:
        problems["verification_days"] = f"Khi phải xác minh: ghi số lớn hơn {length}, hoặc để trống."
    return nothing | {"days": length, "verification_days": longer if kind == "working_days" else None}


def _hold_period(starts_on: date, ends_on: date | None, problems: dict[str, str]) -> None:
    if ends_on is not None and ends_on < starts_on:
        problems["ends_on"] = "Ngày cuối không sớm hơn ngày bắt đầu."
    if problems:
        raise InvalidInput("Chưa ghi được. Ông/bà sửa những chỗ được nêu dưới đây.", problems)


def _write(session: Session, actor: Actor, row: ProcedureOverride, what: str, **details: str | int) -> UUID:
    row.author_id, row.written_at = actor.user_id, clock.now()
    session.add(row)
    session.flush()
    _note(session, actor, row, what, starts_on=row.starts_on.isoformat(), **details)
    return row.id


def _note(session: Session, actor: Actor, row: ProcedureOverride, what: str, **details: str | int) -> None:
    audit.record(
        session,
        what,
        unit_id=row.unit_id,
        actor_id=actor.user_id,
        subject_type="procedure_override",
        subject_id=row.id,
        procedure=row.procedure,
        **details,
    )


def end_override(session: Session, actor: Actor, override_id: UUID, last_day: date) -> None:
    """Let an own rule hold until a day (thôi áp dụng); cases received under it keep it. Also the yes to a newer catalogue.

    Raises:
        NotFound: no such rule, or another unit's.
        InvalidInput: a day before it began, or before yesterday: what was promised by it stays true.
    """
    row = _held_row(session, actor, override_id)
    if last_day < row.starts_on:
        sentence = f"Ghi từ ngày {format_date_vi(row.starts_on)}, ngày quy định này bắt đầu."
        raise InvalidInput(sentence, {"ends_on": sentence})
    yesterday = clock.today() - timedelta(days=1)
    if last_day < max(yesterday, row.starts_on):
        sentence = (
            f"Ghi từ ngày {format_date_vi(yesterday)} trở đi: những ngày trước đã hẹn theo quy định này."
        )
        raise InvalidInput(sentence, {"ends_on": sentence})
    row.ends_on = last_day
    session.flush()
    _note(session, actor, row, "procedure.rule_ended", ends_on=last_day.isoformat())


def keep_own(session: Session, actor: Actor, override_id: UUID) -> None:
    """Keep a correction although a newer catalogue says something else; it is not asked again until that changes too.

    Raises:
        NotFound: no such rule, or another unit's.
        Refusal: the catalogue now says what it said, or it is now confirmed (A, B).
    """
    row = _held_row(session, actor, override_id)
    beside = queries.shipped_beside(queries.row_of(row), clock.today())
    if beside is None:
        raise Refusal("Danh mục giao kèm không khác bản ông/bà đã xem. Ông/bà mở lại trang này.")
    if not beside.correctable:
        raise Refusal(
            f"Danh mục mới đã xác nhận quy định này (độ tin cậy {beside.certainty}). Ông/bà dùng quy định mới."
        )
    row.shipped = beside.snapshot()
    session.flush()
    _note(session, actor, row, "procedure.rule_kept")


def _held_row(session: Session, actor: Actor, override_id: UUID) -> ProcedureOverride:
    row = session.get(ProcedureOverride, override_id, with_for_update=True, populate_existing=True)
    if row is None or not actor.may(Permission.UNITS_MANAGE, row.unit_id):
        raise NotFound(_NOT_FOUND)
    return row


def hand_over_overrides(
    session: Session, actor: Actor, old_unit_id: int, new_unit_id: int, on: date, *, copied: bool
) -> int:
    """End what a unit that ended had set for itself; the unit that follows goes on with it (chuyển giao).

    A rule goes over from the day on with its source and its own last day, unless the new unit has set that
    itself. Where the old unit went to several (`copied` false) it only ends: the decision was for the whole unit.

    Returns:
        How many rules ended.
    """
    rows = session.scalars(
        select(ProcedureOverride)
        .where(
            ProcedureOverride.unit_id == old_unit_id,
            or_(ProcedureOverride.ends_on.is_(None), ProcedureOverride.ends_on >= on),
        )
        .order_by(ProcedureOverride.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    set_there = select(ProcedureOverride.procedure, ProcedureOverride.rule)
    own = {tuple(row) for row in session.execute(set_there.where(ProcedureOverride.unit_id == new_unit_id))}
    for row in rows:
        until, starts_on = row.ends_on, max(on, row.starts_on)
        # A rule that had not begun keeps one day, which lies after the unit's end: nothing is received there any more.
        row.ends_on = max(row.starts_on, on - timedelta(days=1))
        if not copied or (row.procedure, row.rule) in own:
            continue
        session.add(
            ProcedureOverride(
                id=new_id(),
                unit_id=new_unit_id,
                procedure=row.procedure,
                rule=row.rule,
                values=row.values,
                shipped=row.shipped,
                source=row.source,
                starts_on=starts_on,
                ends_on=until,
                author_id=actor.user_id,
                written_at=clock.now(),
            )
        )
    session.flush()
    return len(rows)
