"""Hồ sơ liên quan: the cases tied to a case, and the babies of one birth."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor
from civreg.cases.models import Case, CaseLink, Party
from civreg.cases.queries.access import visible_to
from civreg.cases.rules import LINK_WORDS
from civreg.procedures import catalogue
from civreg.procedures.rules import LinkKind


@dataclass(frozen=True)
class LinkRow:
    """One case tied to the case at hand.

    Attributes:
        words: what the other case is to this one.
        meaning: what follows from the tie.
        names: whom the other case is about; empty while nobody is named.
    """

    case_id: UUID
    code: str
    kind: LinkKind
    words: str
    meaning: str
    names: str
    state: str
    title: str


def links_of(session: Session, actor: Actor, case_id: UUID) -> list[LinkRow]:
    """Return the cases tied to one the actor sees, in the order they were asked for; for a page whose read is logged."""
    ties = session.execute(
        select(CaseLink.first_id, CaseLink.second_id, CaseLink.kind).where(_touches(case_id))
    ).all()
    others = {second if first == case_id else first: (kind, first == case_id) for first, second, kind in ties}
    cases = session.scalars(
        select(Case).where(Case.id.in_(others), visible_to(actor)).order_by(Case.id)
    ).all()
    names = _names(session, others)
    return [_row(case, names.get(case.id, ()), *others[case.id]) for case in cases]


def _names(session: Session, case_ids: Iterable[UUID]) -> dict[UUID, tuple[str, ...]]:
    """Return whom each case is about, in the order its title names them."""
    rows = session.execute(
        select(Party.case_id, Party.full_name)
        .where(Party.case_id.in_(case_ids), Party.role.in_(("child", "groom", "bride", "deceased")))
        .order_by(Party.role.desc(), Party.ordinal)
    )
    found: dict[UUID, tuple[str, ...]] = {}
    for case_id, full_name in rows:
        found[case_id] = (*found.get(case_id, ()), full_name)
    return found


def _row(case: Case, names: Iterable[str], tie: str, mine_is_first: bool) -> LinkRow:
    kind = cast(LinkKind, tie)
    words = LINK_WORDS[kind]
    return LinkRow(
        case_id=case.id,
        code=case.code,
        kind=kind,
        words=words.of_second if mine_is_first else words.of_first,
        meaning=words.meaning,
        names=" và ".join(names),
        state=case.state,
        title=catalogue.version_by_id(case.procedure_version).title_vi,
    )


def _touches(case_id: UUID) -> ColumnElement[bool]:
    return or_(CaseLink.first_id == case_id, CaseLink.second_id == case_id)


def tied_to(session: Session, case_id: UUID, *kinds: LinkKind) -> list[UUID]:
    """Return the ids of the cases tied to a case by one of these kinds (by any when none is named), oldest first."""
    ties = session.execute(
        select(CaseLink.first_id, CaseLink.second_id).where(
            _touches(case_id), *([CaseLink.kind.in_(kinds)] if kinds else [])
        )
    )
    return sorted({second if first == case_id else first for first, second in ties})


def babies_of_one_birth(session: Session, case_id: UUID) -> list[UUID]:
    """Return the cases of all babies born with this one, itself among them, in the order they were asked for."""
    found, waiting = {case_id}, [case_id]
    while waiting:
        new = set(tied_to(session, waiting.pop(), "twin")) - found
        found |= new
        waiting += new
    return sorted(found)


def marriage_before(session: Session, case_id: UUID) -> Case | None:
    """Return the marriage that has to be registered before this birth; None when there is none."""
    return session.scalars(
        select(Case)
        .join(CaseLink, CaseLink.first_id == Case.id)
        .where(CaseLink.second_id == case_id, CaseLink.kind == "marriage_before_birth")
    ).first()
