"""Thêm, bỏ ảnh giấy tờ: photographs of a case, each under a key of its own so that sending again makes no double.

The bytes come re-encoded (`shared.imaging`) and are sealed where they lie. A removed photograph is shown to nobody;
its row and the audit stay.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.cases.models import Case, PaperImage
from civreg.cases.queries.circumstances import codes_of
from civreg.cases.queries.frozen_rules import rules_of
from civreg.cases.queries.images import GONE, family_images
from civreg.cases.rules import STOPPED, State
from civreg.cases.rules.photographs import MOST_OF_CASE, MOST_OF_FAMILY, papers_for_staff
from civreg.cases.service.moves import load_case
from civreg.shared import audit, clock, files, throttle
from civreg.shared.database import new_id
from civreg.shared.errors import Conflict, InvalidInput, NotFound, Refusal, TooMany
from civreg.shared.imaging import Picture

FAMILY_TRIES = 24
"""Photographs a family may try to send for one case within `FAMILY_WITHIN`, good or not."""
ADDRESS_TRIES = 120
"""The same for one client address, which a whole hamlet may share."""
FAMILY_WITHIN = timedelta(hours=1)

CHOOSE_PAPER = "Ông/bà chọn ảnh này chụp giấy tờ nào."
BAD_KEY = "Trang này đã cũ. Ông/bà tải lại trang rồi chọn ảnh gửi lại."
OTHER_BODY = "Trang này đã gửi một ảnh khác. Ông/bà tải lại trang rồi chọn ảnh gửi lại."
FAMILY_FULL = f"Ông/bà đã gửi đủ {MOST_OF_FAMILY} ảnh. Còn giấy tờ khác thì đưa cho cán bộ khi đến nhà."
FAMILY_NOT_NEEDED = "Việc này không cần gửi ảnh. Ông/bà để sẵn giấy tờ, cán bộ xem khi đến nhà."
CASE_FULL = f"Hồ sơ đã có {MOST_OF_CASE} ảnh. Ông/bà bỏ bớt ảnh mờ hoặc trùng rồi thêm lại."
CASE_STOPPED = "Hồ sơ đã dừng nên không thêm ảnh nữa. Ông/bà mở lại hồ sơ."
TOO_MANY = "Ông/bà đã gửi ảnh nhiều lần. Xin chờ một giờ rồi gửi tiếp; cần gấp thì gọi xã."

_KEY = re.compile(r"[A-Za-z0-9-]{8,100}")


@dataclass(frozen=True)
class Added:
    """What came of sending one photograph.

    Attributes:
        is_new: False when the same photograph under the same key was there already.
    """

    image_id: UUID
    is_new: bool


def add_image(
    session: Session, actor: Actor, case_id: UUID, *, paper_code: str, upload_key: str, picture: Picture
) -> Added:
    """Keep a photograph that staff took of a paper.

    Raises:
        NotFound: no such case, or another unit's.
        NotAllowed: the actor may look but not work on it.
        InvalidInput: no paper of this case was chosen (an identity card never is one).
        Conflict: the case ended without a registration.
        Refusal: the key is spoilt, was used for another photograph, or the case is full.
    """
    case = load_case(session, actor, case_id, Permission.CASE_WORK)
    if State(case.state) in STOPPED:
        raise Conflict(CASE_STOPPED)
    titles = dict(papers_for_staff(rules_of(session, case).papers_when(codes_of(case))))
    return _add(session, case, actor.user_id, titles, paper_code, upload_key, picture)


def expect_family_image(session: Session, case_id: UUID, address: str) -> None:
    """Count one try of a family before its photograph is decoded; commit it whatever becomes of the try.

    Args:
        session: the open transaction.
        case_id: the case this family has proved to be its own.
        address: of the client.

    Raises:
        TooMany: too many tries for this case or from this address within an hour.
    """
    limits = (("images.case", case_id.hex, FAMILY_TRIES), ("images.address", address, ADDRESS_TRIES))
    if any(throttle.count_failures(session, kind, key, FAMILY_WITHIN) >= most for kind, key, most in limits):
        raise TooMany(TOO_MANY)
    for kind, key, _ in limits:
        throttle.note_failure(session, kind, key)


def add_family_image(
    session: Session, case_id: UUID, *, paper_code: str, upload_key: str, picture: Picture
) -> Added:
    """Keep a photograph that the family sent: of the birth or death paper, nothing else.

    Raises:
        NotFound: no such case.
        InvalidInput: another paper than the family may photograph.
        Refusal: the case has ended or takes no photograph, the family's limit is reached, or the key is spoilt.
    """
    case = session.scalars(select(Case).where(Case.id == case_id).with_for_update()).first()
    if case is None:
        raise NotFound
    offered = family_images(session, case_id)
    known = _by_key(session, case_id, upload_key)
    if known is None and not offered.left:
        raise Refusal(FAMILY_FULL if offered.sent >= MOST_OF_FAMILY else FAMILY_NOT_NEEDED)
    return _add(session, case, None, dict(offered.papers), paper_code, upload_key, picture)


def remove_image(session: Session, actor: Actor, case_id: UUID, image_id: UUID) -> None:
    """Take a photograph out of the case; who did it and which paper it was stay in the audit.

    Raises:
        NotFound: no such photograph, or another unit's.
        NotAllowed: the actor may look but not work on it.
        Conflict: somebody removed it meanwhile.
    """
    case = load_case(session, actor, case_id, Permission.CASE_WORK)
    row = session.get(PaperImage, image_id, populate_existing=True)
    if row is None or row.case_id != case.id:
        raise NotFound(GONE)
    if row.removed_at is not None:
        raise Conflict("Ảnh này đã được bỏ trước đó.")
    row.removed_at = clock.now()
    _note(session, "image_removed", case, actor.user_id, row)


def _by_key(session: Session, case_id: UUID, upload_key: str) -> PaperImage | None:
    return session.scalars(
        select(PaperImage).where(PaperImage.case_id == case_id, PaperImage.upload_key == upload_key)
    ).first()


def _add(
    session: Session,
    case: Case,
    added_by: UUID | None,
    papers: dict[str, str],
    paper_code: str,
    upload_key: str,
    picture: Picture,
) -> Added:
    """Write the row under the lock of the case, which makes key, place and limit safe against a second hand."""
    if not _KEY.fullmatch(upload_key):
        raise Refusal(BAD_KEY)
    if paper_code not in papers:
        raise InvalidInput(CHOOSE_PAPER, {"paper_code": CHOOSE_PAPER})
    known = _by_key(session, case.id, upload_key)
    if known is not None:
        return _same(session, known, added_by, picture)
    standing, last = session.execute(
        select(
            func.count().filter(PaperImage.removed_at.is_(None)),
            func.coalesce(func.max(PaperImage.ordinal), 0),
        ).where(PaperImage.case_id == case.id)
    ).one()
    if standing >= MOST_OF_CASE:
        raise Refusal(CASE_FULL)
    file_id, _ = files.store(session, picture.content, "image/jpeg")
    session.flush()
    row = PaperImage(
        id=new_id(),
        case_id=case.id,
        paper_code=paper_code,
        ordinal=last + 1,
        file_id=file_id,
        width=picture.width,
        height=picture.height,
        upload_key=upload_key,
        added_at=clock.now(),
        added_by=added_by,
    )
    session.add(row)
    _note(session, "image_added", case, added_by, row)
    return Added(row.id, True)


def _same(session: Session, known: PaperImage, added_by: UUID | None, picture: Picture) -> Added:
    """Answer a repetition like the first time; the same key with another photograph is refused."""
    stored = session.get_one(files.StoredFile, known.file_id)
    is_same = stored.sha256 == hashlib.sha256(picture.content).hexdigest()
    if not is_same or (known.added_by is None) != (added_by is None):
        raise Refusal(OTHER_BODY)
    return Added(known.id, False)


def _note(session: Session, action: str, case: Case, actor_id: UUID | None, row: PaperImage) -> None:
    """Append to the audit chain of the unit; the bytes and the name of the file are not in it."""
    audit.record(
        session,
        action,
        unit_id=case.current_unit_id,
        actor_id=actor_id,
        subject_type="case",
        subject_id=case.id,
        image=str(row.id),
        paper=row.paper_code,
        by="family" if row.added_by is None and action == "image_added" else "staff",
    )
