"""Giấy tờ, lý do lưu động, chữ ký: what forms at the door start with, and what they send."""

from __future__ import annotations

from flask import request

from civreg.cases.queries import CasePage
from civreg.cases.rules import DoorForm, EligibilityForm, Moment, SigningForm, Way

_PAPER = "paper."
_SIGNING = "signing."


def ticked_papers() -> tuple[str, ...]:
    """Return the codes of the papers that were ticked."""
    return tuple(name.removeprefix(_PAPER) for name in request.form if name.startswith(_PAPER))


def by_pen(case: CasePage) -> dict[str, str]:
    """Return the usual answer for every signer: a pen."""
    return {f"{_SIGNING}{role}.way": Way.SIGNATURE.value for role in case.rules.signers}


def door_values(case: CasePage) -> dict[str, str]:
    """Return what was stated at the door."""
    stated = case.eligibility.stated if case.eligibility else EligibilityForm()
    values = {
        "eligibility": stated.reason,
        "eligibility_decided_by": stated.decided_by,
        "eligibility_note": stated.note,
    }
    values |= {f"{_SIGNING}{role}.way": "none" for role in case.rules.signers}
    for one in case.signings:
        if one.moment == Moment.DECLARATION:
            name = f"{_SIGNING}{one.role}"
            values |= {f"{name}.way": one.way, f"{name}.witness": one.witness}
            values |= {f"{name}.read_back": "1"} if one.read_back else {}
    return values


def typed_door() -> DoorForm:
    """Return what the form states about the reason and the declaration."""
    typed = request.form
    reason = EligibilityForm(
        typed.get("eligibility", ""),
        typed.get("eligibility_decided_by", ""),
        typed.get("eligibility_note", ""),
    )
    return DoorForm(reason, typed_signings())


def typed_signings() -> tuple[SigningForm, ...]:
    """Return how each person signed, as the form states it."""
    roles = [
        name.removeprefix(_SIGNING).removesuffix(".way")
        for name in request.form
        if name.startswith(_SIGNING) and name.endswith(".way")
    ]
    return tuple(
        SigningForm(
            role,
            request.form[f"{_SIGNING}{role}.way"],
            bool(request.form.get(f"{_SIGNING}{role}.read_back")),
            request.form.get(f"{_SIGNING}{role}.witness", ""),
        )
        for role in roles
    )
