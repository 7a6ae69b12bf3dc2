"""Ảnh giấy tờ của hồ sơ: the list, one photograph, and all of them as one PDF; each view is logged.

Photographs are opened only by who works on the case (công chức, lãnh đạo of its unit), not by everybody who may
look a case up. What was removed stays in the database for the audit and is shown to nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.cases.models import Case, PaperImage
from civreg.cases.queries.access import visible_to
from civreg.cases.queries.circumstances import codes_of
from civreg.cases.queries.frozen_rules import rules_of
from civreg.cases.rules import ENDED, STOPPED, State
from civreg.cases.rules.photographs import MOST_OF_FAMILY, OTHER_PAPER, OTHER_PAPER_TITLE, papers_for_family
from civreg.cases.rules.photographs import papers_for_staff as _papers_for_staff
from civreg.shared import audit, files
from civreg.shared.errors import Conflict, NotFound
from civreg.shared.paper.album import AlbumSheet, render_album

GONE = "Không tìm thấy ảnh này ở đơn vị của ông/bà."
NOTHING_YET = "Hồ sơ này chưa có ảnh giấy tờ nào. Ông/bà thêm ảnh trước."


@dataclass(frozen=True)
class ImageRow:
    """A photograph in a list.

    Attributes:
        title: of the paper it shows.
        number: place in the PDF, from 1.
        width: in pixels.
        height: in pixels.
        by_family: sent by the family, not taken by staff.
    """

    id: UUID
    paper_code: str
    title: str
    number: int
    width: int
    height: int
    added_at: datetime
    added_by: UUID | None
    by_family: bool


@dataclass(frozen=True)
class CaseImages:
    """The photographs of one case and what may still be photographed.

    Attributes:
        papers: code and title of the papers to choose from.
        closed: the case ended without a registration; nothing is added any more.
    """

    case_id: UUID
    case_code: str
    case_title: str
    papers: tuple[tuple[str, str], ...]
    images: tuple[ImageRow, ...]
    closed: bool = False


@dataclass(frozen=True)
class FamilyImages:
    """What a family may send and how much it has sent; never a photograph.

    Attributes:
        papers: code and title of the papers to choose from; empty when the service takes none.
        sent: photographs this family left and that still stand.
        left: how many more may be sent now; 0 when the case has ended.
    """

    case_id: UUID
    case_code: str
    case_title: str
    papers: tuple[tuple[str, str], ...]
    sent: int
    left: int


def images_of(session: Session, actor: Actor, case_id: UUID) -> CaseImages:
    """Return the photographs of a case in the order of its PDF: as its papers are listed, then as they came.

    Raises:
        NotFound: no such case, another unit's, or not for this person.
    """
    case = _case(session, actor, case_id)
    version = rules_of(session, case)
    papers = version.papers_when(codes_of(case))
    every = (*papers, *version.papers, *version.special_papers)
    titles = {OTHER_PAPER: OTHER_PAPER_TITLE} | {paper.code: paper.title for paper in every}
    order = {paper.code: place for place, paper in enumerate(papers)}
    rows = session.scalars(
        select(PaperImage)
        .where(PaperImage.case_id == case.id, PaperImage.removed_at.is_(None))
        .order_by(PaperImage.ordinal)
    )
    standing = sorted(rows, key=lambda row: (order.get(row.paper_code, len(order)), row.ordinal))
    return CaseImages(
        case_id=case.id,
        case_code=case.code,
        case_title=version.title_vi,
        papers=_papers_for_staff(papers),
        images=tuple(
            ImageRow(
                **{name: getattr(row, name) for name in _PLAIN},
                title=titles.get(row.paper_code, row.paper_code).removesuffix("."),
                number=number,
                by_family=row.added_by is None,
            )
            for number, row in enumerate(standing, 1)
        ),
        closed=State(case.state) in STOPPED,
    )


_PLAIN = ("id", "paper_code", "width", "height", "added_at", "added_by")


def image_bytes(session: Session, actor: Actor, case_id: UUID, image_id: UUID) -> bytes:
    """Return the JPEG of one photograph, and write down who saw it.

    Raises:
        NotFound: no such photograph, removed, another unit's, or not for this person.
    """
    case = _case(session, actor, case_id)
    row = session.get(PaperImage, image_id)
    if row is None or row.case_id != case.id or row.removed_at is not None:
        raise NotFound(GONE)
    return _open(session, actor, row)


def papers_pdf(session: Session, actor: Actor, case_id: UUID) -> bytes:
    """Return one PDF with every photograph of the case on A4, in order; each counts as seen.

    Raises:
        NotFound: no such case, another unit's, or not for this person.
        Conflict: there is no photograph yet.
    """
    case = images_of(session, actor, case_id)
    if not case.images:
        raise Conflict(NOTHING_YET)
    return render_album(case.case_code, _sheets(session, actor, case))


def family_images(session: Session, case_id: UUID) -> FamilyImages:
    """Return what the family of a case may send; the caller has proved that it is this family.

    Raises:
        NotFound: no such case.
    """
    case = session.get(Case, case_id)
    if case is None:
        raise NotFound
    version = rules_of(session, case)
    papers = papers_for_family(
        version.papers_when(codes_of(case)), commune_issues_death_paper=case.death_paper_by_commune
    )
    sent = session.scalar(
        select(func.count()).where(
            PaperImage.case_id == case.id, PaperImage.added_by.is_(None), PaperImage.removed_at.is_(None)
        )
    )
    left = 0 if case.state in ENDED or not papers else max(0, MOST_OF_FAMILY - (sent or 0))
    return FamilyImages(case.id, case.code, version.title_vi, papers, sent or 0, left)


def _case(session: Session, actor: Actor, case_id: UUID) -> Case:
    case = session.scalars(select(Case).where(Case.id == case_id, visible_to(actor))).first()
    if case is None or not actor.may(Permission.CASE_WORK, case.current_unit_id):
        raise NotFound("Không tìm thấy hồ sơ này ở đơn vị của ông/bà.")
    return case


def _sheets(session: Session, actor: Actor, case: CaseImages) -> Iterator[AlbumSheet]:
    """Open one photograph after the other: the memory of a PDF holds each once."""
    for image in case.images:
        row = session.get_one(PaperImage, image.id)
        yield AlbumSheet(image.title, _open(session, actor, row), image.width, image.height)


def _open(session: Session, actor: Actor, row: PaperImage) -> bytes:
    content = files.load(session, row.file_id)
    audit.record_read(
        session, "paper_image", actor_id=actor.user_id, subject_type="paper_image", subject_id=row.id
    )
    return content
