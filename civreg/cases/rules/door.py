"""Ở cửa nhà: what an officer states when the papers are taken, apart from the papers themselves."""

from __future__ import annotations

from dataclasses import dataclass, field

from civreg.cases.rules.eligibility import EligibilityForm, clean_eligibility
from civreg.cases.rules.signing import Moment, SigningForm, clean_signings
from civreg.cases.rules.states import State
from civreg.procedures.rules import ProcedureVersion
from civreg.shared.errors import InvalidInput

DOOR_OPEN = frozenset(
    {State.DOSSIER_RECEIVED, State.PAPERS_REQUESTED, State.PERSONAL_NUMBER_PENDING, State.AWAITING_SIGNATURE}
)
"""States in which it can be put right: from the reception until the registration is final."""


@dataclass(frozen=True)
class DoorForm:
    """Why the registration is mobile, and how the declaration was signed.

    Attributes:
        eligibility: asked for by mobile registrations only.
        signings: of the declaration; a signer left out did not sign.
    """

    eligibility: EligibilityForm = field(default_factory=EligibilityForm)
    signings: tuple[SigningForm, ...] = ()


def clean_door(stated: DoorForm, version: ProcedureVersion) -> DoorForm:
    """Return it cleaned, as the rules of that version want it.

    Raises:
        InvalidInput: one sentence per field, all of them at once.
    """
    problems: dict[str, str] = {}
    eligibility, signings = EligibilityForm(), tuple[SigningForm, ...]()
    try:
        eligibility = clean_eligibility(stated.eligibility, version)
    except InvalidInput as problem:
        problems.update(problem.fields)
    try:
        signings = clean_signings(stated.signings, version.signers, moment=Moment.DECLARATION, required=False)
    except InvalidInput as problem:
        problems.update(problem.fields)
    if problems:
        raise InvalidInput("Ông/bà sửa lại những chỗ được nêu dưới đây.", problems)
    return DoorForm(eligibility, signings)
