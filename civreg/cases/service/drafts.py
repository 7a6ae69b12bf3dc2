"""Bản nháp của gia đình: unfinished answers, sealed, kept for seven days under a token only the family holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from civreg.cases.models import Draft
from civreg.shared import clock, crypto
from civreg.shared.database import new_id

LIFE = timedelta(days=7)


def save_draft(session: Session, token: str | None, procedure: str, answers: Mapping[str, str]) -> str:
    """Keep all answers so far; start a draft when there is none (or it expired). Return the token."""
    now = clock.now()
    draft = _find(session, token, procedure)
    if draft is None:
        token = crypto.token()
        draft = Draft(id=new_id(), token_digest=crypto.digest(token), procedure=procedure, started_at=now)
        session.add(draft)
    sealed = crypto.seal(json.dumps(dict(answers), ensure_ascii=False), "draft", draft.id, "sealed_answers")
    draft.sealed_answers, draft.saved_at, draft.expires_at = sealed, now, now + LIFE
    return token or ""


def load_draft(session: Session, token: str | None, procedure: str) -> dict[str, str] | None:
    """Return the kept answers; None when there is no draft or it has expired."""
    draft = _find(session, token, procedure)
    if draft is None:
        return None
    answers: dict[str, str] = json.loads(
        crypto.unseal(draft.sealed_answers, "draft", draft.id, "sealed_answers")
    )
    return answers


def forget_draft(session: Session, token: str | None) -> None:
    """Drop a draft after its request was sent."""
    if token:
        session.execute(delete(Draft).where(Draft.token_digest == crypto.digest(token)))


def forget_expired_drafts(session: Session) -> int:
    """Drop every expired draft; return how many."""
    dropped = session.execute(delete(Draft).where(Draft.expires_at < clock.now()).returning(Draft.id))
    return len(dropped.all())


def _find(session: Session, token: str | None, procedure: str) -> Draft | None:
    if not token:
        return None
    return session.scalars(
        select(Draft).where(
            Draft.token_digest == crypto.digest(token),
            Draft.procedure == procedure,
            Draft.expires_at >= clock.now(),
        )
    ).first()
