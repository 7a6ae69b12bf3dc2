"""Vé của gia đình: a sealed word in the family's own browser that says "this is my case" for two hours.

Whoever just sent a request, or followed one with code and second fact, gets a ticket and may then send photographs
without typing the code again. A ticket opens nothing else and shows nothing of the case's people. It never stands
in an address.
"""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import UUID

from civreg.shared import clock, crypto
from civreg.shared.database import new_id

LIFE = timedelta(hours=2)


def ticket_for(case_id: UUID) -> str:
    """Return a fresh ticket for a case; the caller has proved that this is the case's family."""
    row = new_id()
    body = json.dumps([(clock.now() + LIFE).timestamp(), case_id.hex])
    return f"{row}.{crypto.seal(body, 'ticket', row, 'case')}"


def case_of(ticket: str) -> UUID | None:
    """Return the case of a ticket; None when it is too old or not ours."""
    row, _, sealed = ticket.partition(".")
    try:
        until, case = json.loads(crypto.unseal(sealed, "ticket", UUID(row), "case") or "null")
        return UUID(case) if until >= clock.now().timestamp() else None
    except (ValueError, TypeError, crypto.SealBroken):
        return None
