"""Chuyển giao giữa đơn vị: hold an ended unit while it hands over, write the handover, carry the programme and the hamlets on."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from civreg.shared import audit, clock
from civreg.shared.database import new_id
from civreg.units.models import Hamlet, Unit, UnitHandover
from civreg.units.queries import participations_of, runs_past_end, unit_by_id
from civreg.units.service.participating import ParticipationTerms, end_participation, start_participation


def hold_unit(session: Session, unit_id: int) -> None:
    """Let one handover of a unit run at a time; others wait here and then see what is left.

    The weaker row lock: whoever writes a row that points to the unit does not wait for it.
    """
    session.execute(select(Unit.id).where(Unit.id == unit_id).with_for_update(key_share=True))


def note_handover(
    session: Session, old_unit_id: int, new_unit_id: int, on: date, by: UUID | None, reason: str = ""
) -> None:
    """Write that the old unit handed over, once; what is handed over later adds nothing.

    `reason` says why it went to this unit, where several follow.
    """
    session.execute(
        insert(UnitHandover)
        .values(
            old_unit_id=old_unit_id,
            new_unit_id=new_unit_id,
            handed_on=on,
            handed_at=clock.now(),
            handed_by=by,
            reason=reason,
        )
        .on_conflict_do_nothing(index_elements=[UnitHandover.old_unit_id])
    )


def hand_over_participation(session: Session, old_unit_id: int, new_unit_id: int, by: UUID | None) -> int:
    """End the old unit's participation on the day the unit ended and let the new one carry on; return how many ended.

    A new unit that has taken part at any time keeps its own terms. Else it gets the old ones from the day the old
    unit ended, but not the name of who signs: the chair of the old unit signs nothing for the new one.
    """
    old, new = unit_by_id(session, old_unit_id), unit_by_id(session, new_unit_id)
    ended = 0
    for row in participations_of(session, old_unit_id):
        if not runs_past_end(row):
            continue
        end_participation(session, row.id, old.valid_to or row.starts_on, by=by)
        ended += 1
        if not participations_of(session, new_unit_id):
            terms = ParticipationTerms(
                hotline=row.hotline,
                office_address=row.office_address,
                call_within_working_days=row.call_within_working_days,
                saturday_morning=row.saturday_morning,
                signer_title=row.signer_title,
                signer_prefix=row.signer_prefix,
            )
            start_participation(
                session, new_unit_id, max(old.valid_to or new.valid_from, new.valid_from), terms, by=by
            )
    return ended


def hand_over_hamlets(session: Session, old_unit_id: int, new_unit_id: int, by: UUID | None) -> int:
    """Copy the hamlets of an ended unit to the one that follows, each with its old commune; return how many.

    The old list stays: requests of those days are read beside it. A hamlet that came from an even older commune keeps
    that one's name, and what stands in the new list already is left alone.
    """
    old = unit_by_id(session, old_unit_id)
    copied = 0
    for row in session.scalars(select(Hamlet).where(Hamlet.unit_id == old_unit_id).order_by(Hamlet.id)).all():
        copied += (
            session.scalar(
                insert(Hamlet)
                .values(
                    id=new_id(),
                    unit_id=new_unit_id,
                    name=row.name,
                    name_folded=row.name_folded,
                    old_commune=row.old_commune or old.name,
                )
                .on_conflict_do_nothing()
                .returning(Hamlet.id)
            )
            is not None
        )
    if copied:
        audit.record(
            session,
            "hamlet.copied",
            unit_id=new_unit_id,
            actor_id=by,
            subject_type="unit",
            subject_id=None,
            from_unit=old.code,
            hamlets=copied,
        )
    return copied
