"""Chuyển giao giữa đơn vị: hold an ended unit while it hands over, write the handover, carry the programme and the hamlets on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from civreg.shared import audit, clock
from civreg.shared.database import new_id
from civreg.units.models import Hamlet, Unit, UnitHandover
from civreg.units.queries import participations_of, runs_past_end, unit_by_id, units_by_ids
from civreg.units.rules import Heirs
from civreg.units.service.participating import ParticipationTerms, end_participation, start_participation


def hold_unit(session: Session, unit_id: int) -> None:
    """Let one handover of a unit run at a time; others wait here and then see what is left.

    The weaker row lock: whoever writes a row that points to the unit does not wait for it.
    """
    session.execute(select(Unit.id).where(Unit.id == unit_id).with_for_update(key_share=True))


def note_handover(
    session: Session, old_unit_id: int, heirs: Heirs, on: date, by: UUID | None, reason: str = ""
) -> None:
    """Write that the old unit handed over to each of these, once; what is handed over later adds only new ones.

    The main one of the first time stays the main one. `reason` says why it is that, where several follow.
    """
    for new_unit_id in heirs.units:
        session.execute(
            insert(UnitHandover)
            .values(
                old_unit_id=old_unit_id,
                new_unit_id=new_unit_id,
                is_main=new_unit_id == heirs.main,
                handed_on=on,
                handed_at=clock.now(),
                handed_by=by,
                reason=reason if new_unit_id == heirs.main else "",
            )
            .on_conflict_do_nothing()
        )


def hand_over_participation(session: Session, old_unit_id: int, heirs: Heirs, by: UUID | None) -> int:
    """End the old unit's participation on the day the unit ended and let the new ones carry on; return how many ended.

    A new unit that has taken part at any time keeps its own terms. Else it gets the old ones from the day the old
    unit ended, but not the name of who signs: the chair of the old unit signs nothing for the new one.
    """
    old, new = unit_by_id(session, old_unit_id), units_by_ids(session, heirs.units)
    ended = 0
    for row in participations_of(session, old_unit_id):
        if not runs_past_end(row):
            continue
        end_participation(session, row.id, old.valid_to or row.starts_on, by=by)
        ended += 1
        terms = ParticipationTerms(
            hotline=row.hotline,
            office_address=row.office_address,
            call_within_working_days=row.call_within_working_days,
            saturday_morning=row.saturday_morning,
            signer_title=row.signer_title,
            signer_prefix=row.signer_prefix,
        )
        for heir in new.values():
            if not participations_of(session, heir.id):
                begins = max(old.valid_to or heir.valid_from, heir.valid_from)
                start_participation(session, heir.id, begins, terms, by=by)
    return ended


def hand_over_hamlets(session: Session, old_unit_id: int, goes: Mapping[UUID, int], by: UUID | None) -> int:
    """Copy hamlets of an ended unit to the units that follow, each with its old commune; return how many.

    The old list stays: requests of those days are read beside it. A hamlet that came from an even older commune keeps
    that one's name, and what stands in the new list already is left alone.

    Args:
        session: the transaction.
        old_unit_id: the unit that ended.
        goes: hamlet → the unit it lies in now; one that is not in here is not copied.
        by: who confirmed.
    """
    old, copied = unit_by_id(session, old_unit_id), Counter[int]()
    for row in session.scalars(select(Hamlet).where(Hamlet.unit_id == old_unit_id).order_by(Hamlet.id)).all():
        if row.id not in goes:
            continue
        copied[goes[row.id]] += (
            session.scalar(
                insert(Hamlet)
                .values(
                    id=new_id(),
                    unit_id=goes[row.id],
                    name=row.name,
                    name_folded=row.name_folded,
                    old_commune=row.old_commune or old.name,
                )
                .on_conflict_do_nothing()
                .returning(Hamlet.id)
            )
            is not None
        )
    for unit_id, count in sorted((+copied).items()):
        audit.record(
            session,
            "hamlet.copied",
            unit_id=unit_id,
            actor_id=by,
            subject_type="unit",
            subject_id=None,
            from_unit=old.code,
            hamlets=count,
        )
    return copied.total()
