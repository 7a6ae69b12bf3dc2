"""Ở cửa nhà, as the case page shows it: the reason for a mobile registration, and how each person signed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from civreg.cases.models import Case, Party, Signing
from civreg.cases.rules import EligibilityForm, signing_sentence
from civreg.procedures.rules import EligibleReason, ProcedureVersion
from civreg.shared import crypto


@dataclass(frozen=True)
class EligibilityRow:
    """Why a registration is mobile, opened for whoever may see the case.

    Attributes:
        reason: with its words and article; None when the procedure's data no longer has it.
    """

    stated: EligibilityForm
    reason: EligibleReason | None


@dataclass(frozen=True)
class SigningRow:
    """How one person signed.

    Attributes:
        sentence: as the slip and the case page say it.
    """

    moment: str
    role: str
    way: str
    read_back: bool
    witness: str
    noted_at: datetime
    noted_by: UUID | None
    sentence: str


def eligibility_of(case: Case, rules: ProcedureVersion) -> EligibilityRow | None:
    """Return the reason of a mobile registration; None when none was stated."""
    packed = crypto.unseal(case.sealed_eligibility, "case_file", case.id, "sealed_eligibility")
    if not packed:
        return None
    stated = EligibilityForm.unpacked(packed)
    return EligibilityRow(stated, rules.reason(stated.reason))


def signings_of(session: Session, case: Case) -> tuple[SigningRow, ...]:
    """Return how each person signed, the declaration before the register."""
    rows = session.execute(
        select(Signing, Party.full_name)
        .outerjoin(Party, (Party.case_id == Signing.case_id) & (Party.role == Signing.role))
        .where(Signing.case_id == case.id)
        .order_by(Signing.moment, Signing.role.desc(), Party.ordinal)
    )
    found: dict[tuple[str, str], SigningRow] = {}
    for row, name in rows:
        sentence = signing_sentence(row.moment, name or "", row.way, row.read_back, row.witness)
        found.setdefault(
            (row.moment, row.role),
            SigningRow(
                moment=row.moment,
                role=row.role,
                way=row.way,
                read_back=row.read_back,
                witness=row.witness,
                noted_at=row.noted_at,
                noted_by=row.noted_by,
                sentence=sentence,
            ),
        )
    return tuple(found.values())
