"""Hoàn cảnh cần lưu ý: the officer notes what changes papers, promise or tone; the cause of death is sealed at once."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.cases.models import Case
from civreg.cases.rules import ENDED, Circumstances, State, clean_circumstances
from civreg.cases.service.moves import load_case, note_audit, version_of
from civreg.shared import crypto
from civreg.shared.errors import Conflict, InvalidInput

_SET_AT_RECEPTION = "Hồ sơ đã nhận: giấy tờ và ngày hẹn đã ghi theo điều này nên không đổi được nữa."
_FIELD_OF = {
    "recognition": "evidence",
    "abandoned": "abandoned",
    "death_paper_by_commune": "death_paper_by_commune",
}


def note_circumstances(
    session: Session, actor: Actor, case_id: UUID, *, expected_version: int, noted: Circumstances
) -> None:
    """Write down the circumstances of a case; those its procedure does not know are left alone.

    What papers and promise depend on is settled at the reception; the rest may be noted until the case ends.

    Raises:
        InvalidInput: names of witnesses missing, or something that the reception has settled; each with its sentence.
        Conflict: a stale page, or a case that has ended.
    """
    case = load_case(session, actor, case_id, Permission.CASE_WORK, expected_version)
    if State(case.state) in ENDED:
        raise Conflict("Hồ sơ đã kết thúc nên không sửa được nữa.")
    noted = clean_circumstances(noted)
    changed = _apply(case, noted, frozenset(version_of(case).circumstances))
    settled = {_FIELD_OF[code]: _SET_AT_RECEPTION for code in changed & set(_FIELD_OF)}
    if case.received_at is not None and settled:
        raise InvalidInput("Ông/bà sửa lại những chỗ được nêu dưới đây.", settled)
    if not changed:
        return
    case.version += 1
    note_audit(session, actor, case, "case.circumstances_noted", fields=sorted(changed))


def _apply(case: Case, noted: Circumstances, known: Collection[str]) -> set[str]:
    """Set what the procedure knows and return which circumstances changed."""
    witnesses = "\n".join(noted.witnesses) if noted.evidence == "two_witnesses" else None
    wanted: dict[str, dict[str, object]] = {
        "recognition": {
            "with_recognition": bool(noted.evidence),
            "recognition_evidence": noted.evidence or None,
            "recognition_witnesses": witnesses,
        },
        "abandoned": {"abandoned": noted.abandoned},
        "lived_under_a_day": {
            "lived_under_a_day": noted.lived_under_a_day,
            "registration_asked": noted.registration_asked,
        },
        "stillborn_sibling": {"stillborn_sibling": noted.stillborn_sibling},
        "parent_detained": {"parent_detained": noted.parent_detained},
        "death_paper_by_commune": {"death_paper_by_commune": noted.death_paper_by_commune},
    }
    changed = set()
    for code in set(known) & set(wanted):
        for column, value in wanted[code].items():
            if getattr(case, column) != value:
                setattr(case, column, value)
                changed.add(code)
    if "cause_of_death" in known and noted.cause != _cause_of(case):
        case.sealed_cause = crypto.seal(noted.cause, "case_file", case.id, "sealed_cause")
        changed.add("cause_of_death")
    return changed


def _cause_of(case: Case) -> str:
    return crypto.unseal(case.sealed_cause, "case_file", case.id, "sealed_cause")
