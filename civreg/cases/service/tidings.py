"""Báo tin: write down what was told; an officer makes it a request, once, or drops it with a reason."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor, Permission
from civreg.cases.models import Tiding
from civreg.cases.queries.receipts import Receipt, receipt_of
from civreg.cases.queries.tidings import NO_TIDING, TidingReceipt, tiding_receipt
from civreg.cases.rules import RequestForm, clean_line
from civreg.cases.rules.tidings import TidingForm, clean_tiding, new_tiding_code
from civreg.cases.service.requesting import asked_unit, submit_request
from civreg.deadlines import service as deadlines
from civreg.deadlines.rules import working_days_due
from civreg.shared import audit, clock, crypto, throttle
from civreg.shared.database import new_id
from civreg.shared.errors import Conflict, InvalidInput, NotFound, Refusal, TooMany

MOST_FROM_ADDRESS = 20
"""Tidings an hour from one address: a health station behind one line tells of a few births a day."""
WITHIN = timedelta(hours=1)
TOO_MANY = (
    "Từ nơi này đã gửi 20 tin trong một giờ nên xã tạm chưa nhận thêm. Những gì ông/bà đã ghi vẫn còn; "
    "xin chờ một giờ rồi gửi lại, hoặc gọi cho xã."
)
SAME_KEY_OTHER_BODY = (
    "Tin này đã được gửi trước đó với nội dung khác. Ông/bà mở trang báo tin mới để báo thêm một tin."
)
SETTLED = "Tin này vừa có người khác xử lý. Ông/bà mở lại tin để xem."


def tell_tiding(
    session: Session, form: TidingForm, *, request_key: str, body_digest: str, address: str
) -> TidingReceipt:
    """Write a tiding down; the same key again answers with the same receipt.

    Args:
        session: the open transaction.
        form: what was told.
        request_key: made with the page, carried by every sending of it.
        body_digest: a digest of what was told.
        address: of the client; only its blinded form is kept, for an hour's count.

    Raises:
        InvalidInput: answers that cannot be used, each with its sentence; a commune that does not take part.
        Refusal: the same key with another body (422).
        TooMany: too many tidings from this address within an hour.
    """
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(request_key, 1))))
    known = session.scalars(select(Tiding).where(Tiding.request_key == request_key)).first()
    if known is not None:
        if known.body_digest != body_digest:
            raise Refusal(SAME_KEY_OTHER_BODY)
        return tiding_receipt(session, known.id)
    if throttle.count_failures(session, "tiding.address", address, WITHIN) >= MOST_FROM_ADDRESS:
        raise TooMany(TOO_MANY)
    tiding = _write(session, clean_tiding(form), request_key, body_digest)
    throttle.note_failure(session, "tiding.address", address)
    _note(session, tiding, "tiding.told", None, reporter=tiding.reporter)
    return tiding_receipt(session, tiding.id)


def _write(session: Session, form: TidingForm, request_key: str, body_digest: str) -> Tiding:
    now, tiding_id = clock.now(), new_id()
    unit, office = asked_unit(session, form.unit_id, now.date())
    call = working_days_due(now, office.call_within_working_days, deadlines.calendar(session))
    tiding = Tiding(
        id=tiding_id,
        unit_id=unit.id,
        code=new_tiding_code(),
        reporter=form.reporter,
        reporter_name=form.reporter_name,
        sealed_reporter_phone=crypto.seal(form.reporter_phone, "tiding", tiding_id, "sealed_reporter_phone"),
        occasion=form.occasion,
        family_name=form.family_name,
        sealed_family_phone=crypto.seal(form.family_phone, "tiding", tiding_id, "sealed_family_phone"),
        hamlet=form.hamlet,
        sealed_note=crypto.seal(form.note, "tiding", tiding_id, "sealed_note"),
        event_year=form.event.year,
        event_month=form.event.month,
        event_day=form.event.day,
        told_at=now,
        call_by=call.due_on,
        request_key=request_key,
        body_digest=body_digest,
        state="new",
    )
    session.add(tiding)
    session.flush()
    return tiding


def take_tiding(
    session: Session, actor: Actor, tiding_id: UUID, *, expected_version: int, form: RequestForm
) -> Receipt:
    """Make a tiding a request (lập yêu cầu); pressed twice, or by two people at once, it makes one.

    The call is promised from the moment of telling: whoever told was given that day.

    Raises:
        NotFound: no such tiding, or another unit's.
        NotAllowed: the actor sees it but may not ask for a family.
        Conflict: it was dropped, or changed since the page was opened.
        InvalidInput: answers that cannot be used.
    """
    tiding = _load(session, actor, tiding_id)
    if tiding.case_id is not None:
        return receipt_of(session, tiding.case_id)
    _expect(tiding, expected_version)
    if form.unit_id != tiding.unit_id:
        raise InvalidInput("Ông/bà lập yêu cầu ở đơn vị đang giữ tin này.")
    receipt = submit_request(
        session,
        form,
        request_key=f"tiding-{tiding.id}",
        body_digest=crypto.digest(repr(form)),
        actor=actor,
        promised_since=tiding.told_at,
    )
    tiding.case_id = receipt.case_id
    _settle(session, actor, tiding, "taken")
    return receipt


def drop_tiding(
    session: Session, actor: Actor, tiding_id: UUID, *, expected_version: int, reason: str
) -> None:
    """Put a tiding aside with a reason: told twice, nothing to register, another commune.

    Raises:
        NotFound: no such tiding, or another unit's.
        NotAllowed: the actor sees it but may not settle it.
        Conflict: it was settled meanwhile.
        InvalidInput: no reason, or one that is too long.
    """
    tiding = _load(session, actor, tiding_id)
    _expect(tiding, expected_version)
    tiding.dropped_reason = clean_line(reason, "reason", "Lý do")
    if not tiding.dropped_reason:
        raise InvalidInput("Ông/bà ghi lý do bỏ tin.", {"reason": "Ông/bà ghi lý do bỏ tin."})
    _settle(session, actor, tiding, "dropped")


def _load(session: Session, actor: Actor, tiding_id: UUID) -> Tiding:
    tiding = session.scalars(
        select(Tiding)
        .where(Tiding.id == tiding_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if tiding is None or not actor.may(Permission.CASE_VIEW, tiding.unit_id):
        raise NotFound(NO_TIDING)
    actor.require(Permission.CASE_ASK, tiding.unit_id)
    return tiding


def _expect(tiding: Tiding, version: int) -> None:
    if tiding.state != "new" or tiding.version != version:
        raise Conflict(SETTLED)


def _settle(session: Session, actor: Actor, tiding: Tiding, state: str) -> None:
    tiding.state, tiding.settled_by, tiding.settled_at = state, actor.user_id, clock.now()
    tiding.version += 1
    _note(session, tiding, f"tiding.{state}", actor.user_id)


def _note(session: Session, tiding: Tiding, action: str, actor_id: UUID | None, **details: str) -> None:
    audit.record(
        session,
        action,
        unit_id=tiding.unit_id,
        actor_id=actor_id,
        subject_type="tiding",
        subject_id=tiding.id,
        **details,
    )
