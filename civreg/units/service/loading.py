"""Nạp danh mục đơn vị: bring one dated list of the whole country into the tables.

A list only ever adds: rows get an end, new rows begin, successors are written. What neither the list nor its
successors file says is reported and never guessed.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from civreg.shared import audit
from civreg.shared.errors import Conflict, InvalidInput
from civreg.shared.text import format_date_vi
from civreg.units.models import Participation, UnitSnapshot
from civreg.units.rules import (
    KnownUnit,
    ListedSuccessor,
    ListedUnit,
    ListPlan,
    Problem,
    plan_list,
    read_list,
    read_successors,
)
from civreg.units.service import rows as tables
from civreg.units.service.succeeding import Link, links_of

SHIPPED = Path(__file__).parent.parent / "snapshots"
"""The lists that come with civreg."""

_SHIPPED_LISTS: tuple[tuple[date, bool, str | None], ...] = (
    (date(2021, 11, 1), False, None),
    (date(2025, 3, 1), False, None),
    (date(2025, 7, 1), True, "unit_successors_2025-07-01.csv"),
)
"""Day, whether it is the day of an act (NQ 202/2025/QH15 took effect on 1/7/2025), successors file."""

_SHOWN_PROBLEMS = 20
_LOCK = 7_201_202_507
"""Advisory lock: two lists loaded at once would both end the same rows."""


class InvalidList(InvalidInput):
    """The files cannot be used; `problems` say in Vietnamese what to put right, line by line."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        shown = [str(problem) for problem in problems[:_SHOWN_PROBLEMS]]
        if len(problems) > _SHOWN_PROBLEMS:
            shown.append(f"Còn {len(problems) - _SHOWN_PROBLEMS} dòng khác cần sửa.")
        super().__init__("Danh mục chưa nạp được, sửa tệp rồi nạp lại. " + " ".join(shown))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Change:
    """One unit that a list changes: its code, its name before and its name (or successors' names) after."""

    code: str
    before: str
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LoadReport:
    """Kết quả nạp: what a list changed, and what it leaves open for a person to find out.

    Attributes:
        effective_on: the day from which the list holds.
        already_loaded: the same list was there before; nothing changed.
        rows: units in the list.
        unchanged: units that keep their row.
        added, ended: codes that came and went.
        renamed: codes that live on under another name or kind.
        moved: how many codes only changed their parent.
        merged: ended or changed units that went into a unit of another code.
        split: codes of units that went to several.
        without_successor: lowest units that ended and for which nobody says what they became.
        without_predecessor: new lowest units for which nobody says what they were.
        participating_ended: codes of units in the programme that ended; open their successors by hand.
        new_kinds: kinds seen for the first time.
    """

    effective_on: date
    already_loaded: bool = False
    rows: int = 0
    unchanged: int = 0
    added: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()
    renamed: tuple[Change, ...] = ()
    moved: int = 0
    merged: tuple[Change, ...] = ()
    split: tuple[str, ...] = ()
    successors: int = 0
    without_successor: tuple[str, ...] = ()
    without_predecessor: tuple[str, ...] = ()
    participating_ended: tuple[str, ...] = ()
    new_kinds: tuple[str, ...] = ()


def check_files(
    units: bytes, successors: bytes | None = None
) -> tuple[list[ListedUnit], list[ListedSuccessor] | None]:
    """Read an uploaded list and its successors file.

    Raises:
        InvalidList: when a line of either cannot be used.
    """
    rows, problems = read_list(units)
    links: list[ListedSuccessor] | None = None
    if successors is not None:
        links, link_problems = read_successors(successors)
        problems = problems + [
            replace(problem, sentence=f"tệp kế tiếp: {problem.sentence}") for problem in link_problems
        ]
    if problems:
        raise InvalidList(problems)
    return rows, links


def load_shipped(session: Session) -> tuple[LoadReport, ...]:
    """Load the three lists that come with civreg and their successors; run again, it changes nothing."""
    loaded = set(session.scalars(select(UnitSnapshot.effective_on)))
    reports = []
    for effective_on, is_act_date, successors_file in _SHIPPED_LISTS:
        if effective_on in loaded:
            reports.append(LoadReport(effective_on, already_loaded=True))
            continue
        source = f"units_{effective_on.isoformat()}.csv"
        links_bytes = (SHIPPED / successors_file).read_bytes() if successors_file else None
        rows, links = check_files((SHIPPED / source).read_bytes(), links_bytes)
        if links is not None:
            links = links + _tra_vinh_gap(links)
        reports.append(
            load_snapshot(
                session, rows, effective_on, successors=links, is_act_date=is_act_date, source=source
            )
        )
    return tuple(reports)


def _tra_vinh_gap(links: Sequence[ListedSuccessor]) -> list[ListedSuccessor]:
    """Return the successors of old Trà Vinh that the national file lacks (Phường 2 and Phường 6)."""
    known = {link.old_code for link in links}
    with (SHIPPED / "tra_vinh_units.csv").open(encoding="utf-8", newline="") as file:
        return [
            ListedSuccessor(line["old_commune_code"], line["new_commune_code"], False)
            for line in csv.DictReader(file)
            if line["old_commune_code"] not in known
        ]


def load_snapshot(
    session: Session,
    rows: Sequence[ListedUnit],
    effective_on: date,
    *,
    successors: Sequence[ListedSuccessor] | None = None,
    is_act_date: bool = True,
    source: str,
    by: UUID | None = None,
    check: bool = False,
) -> LoadReport:
    """Bring one list of the whole country into the tables (nạp danh mục) and say what changed.

    With `check` everything is tried inside a savepoint and undone: the report is the one a real run would give.

    Raises:
        Conflict: a list of the same or of a later day was loaded before.
        InvalidList: the successors name units that neither the database nor the list has.
    """
    session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    content_hash = _hash(rows, successors)
    earlier = list(session.scalars(select(UnitSnapshot).order_by(UnitSnapshot.effective_on)))
    if any(one.effective_on == effective_on and one.content_hash == content_hash for one in earlier):
        return LoadReport(effective_on, already_loaded=True, rows=len(rows))
    if earlier and earlier[-1].effective_on >= effective_on:
        latest = format_date_vi(earlier[-1].effective_on)
        raise Conflict(f"Đã có danh mục ngày {latest}; chỉ nạp được danh mục có hiệu lực sau ngày đó.")
    savepoint = session.begin_nested()
    last_seen = earlier[-1].effective_on if earlier else None
    report = _apply(session, rows, effective_on, successors, is_act_date, last_seen)
    session.add(
        UnitSnapshot(
            effective_on=effective_on,
            is_act_date=is_act_date,
            source=source,
            row_count=len(rows),
            content_hash=content_hash,
        )
    )
    session.flush()
    if check:
        savepoint.rollback()
        return report
    savepoint.commit()
    audit.record(
        session,
        "units.list_loaded",
        unit_id=None,
        actor_id=by,
        subject_type="unit_snapshot",
        subject_id=None,
        effective_on=effective_on.isoformat(),
        source=source,
        content_hash=content_hash,
        added=len(report.added),
        ended=len(report.ended),
    )
    return report


def _hash(rows: Sequence[ListedUnit], successors: Sequence[ListedSuccessor] | None) -> str:
    lines = sorted(f"{row.code}\t{row.name}\t{row.kind}\t{row.parent_code or ''}" for row in rows)
    lines += sorted(f"{one.old_code}\t{one.new_code}\t{one.is_split}" for one in successors or ())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _apply(
    session: Session,
    rows: Sequence[ListedUnit],
    effective_on: date,
    successors: Sequence[ListedSuccessor] | None,
    is_act_date: bool,
    last_seen: date | None,
) -> LoadReport:
    known = tables.open_units(session)
    kinds_before = {unit.kind for unit in known.values()}
    plan = plan_list(known, rows)
    closing = [*plan.ended, *(old for old, _ in plan.replaced)]
    participating = _participating(session, {unit.id for unit in closing}, effective_on)
    tables.end_units(session, [unit.id for unit in closing], effective_on, None if is_act_date else last_seen)
    opening = [*plan.added, *(new for _, new in plan.replaced)]
    # Only the very first list may hide an older life: what a later one shows first was not in the one before.
    since_before = last_seen is None and not is_act_date
    tables.insert_units(session, opening, effective_on, since_before=since_before)
    ids = tables.open_ids(session)
    vanished = tables.last_ended(session, {one.old_code for one in successors or ()} - known.keys())
    links, problems = links_of(plan, known, vanished, {row.code: row for row in rows}, ids, successors)
    if problems:
        raise InvalidList(problems)
    tables.insert_successors(session, links, effective_on)
    return _report(effective_on, rows, plan, known, links, participating, kinds_before)


def _participating(session: Session, ending: set[int], on: date) -> set[int]:
    query = select(Participation.unit_id).where(
        (Participation.ends_on.is_(None)) | (Participation.ends_on > on)
    )
    return set(session.scalars(query)) & ending


def _report(
    effective_on: date,
    rows: Sequence[ListedUnit],
    plan: ListPlan,
    known: Mapping[str, KnownUnit],
    links: Sequence[Link],
    participating: set[int],
    kinds_before: set[str],
) -> LoadReport:
    after: dict[str, list[ListedUnit]] = {}
    for link in links:
        after.setdefault(link.old.code, []).append(link.new)
    succeeded_ids = {link.old.id for link in links}
    succeeding_codes = {link.new.code for link in links}
    parents_before = {unit.parent_code for unit in known.values()}
    parents_after = {row.parent_code for row in rows}
    closing = [*plan.ended, *(old for old, _ in plan.replaced)]
    opening = [*plan.added, *(new for _, new in plan.replaced)]
    return LoadReport(
        effective_on=effective_on,
        rows=len(rows),
        unchanged=plan.unchanged,
        added=tuple(row.code for row in plan.added),
        ended=tuple(unit.code for unit in plan.ended),
        renamed=tuple(Change(old.code, old.name, (new.name,)) for old, new in plan.renamed),
        moved=len(plan.moved),
        merged=tuple(
            Change(unit.code, unit.name, tuple(new.name for new in after[unit.code]))
            for unit in closing
            if any(new.code != unit.code for new in after.get(unit.code, ()))
        ),
        split=tuple(sorted({link.old.code for link in links if link.is_split})),
        successors=len(links),
        without_successor=tuple(
            unit.code for unit in closing if unit.code not in parents_before and unit.id not in succeeded_ids
        ),
        without_predecessor=tuple(
            row.code
            for row in opening
            if known and row.code not in parents_after and row.code not in succeeding_codes
        ),
        participating_ended=tuple(unit.code for unit in closing if unit.id in participating),
        new_kinds=tuple(sorted({row.kind for row in rows} - kinds_before)) if known else (),
    )
