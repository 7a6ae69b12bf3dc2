"""Hồ sơ liên quan: tie two cases of a unit together, untie them; twins and the marriage before a birth in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from civreg.accounts.rules import FAMILY, Actor, Permission
from civreg.cases.models import Case, CaseLink, CasePart
from civreg.cases.queries.fields import latest_consent, phone_of
from civreg.cases.queries.links import babies_of_one_birth, marriage_before, tied_to
from civreg.cases.queries.receipts import Receipt
from civreg.cases.rules import ENDED, PartState, PersonForm, RequestForm, State, is_first
from civreg.cases.service import people
from civreg.cases.service.moves import load_case, note_audit, tell, version_of
from civreg.cases.service.receiving import event_of
from civreg.cases.service.requesting import submit_request
from civreg.deadlines import service as deadlines
from civreg.procedures.rules import LinkKind
from civreg.shared import clock, crypto
from civreg.shared.errors import Conflict, InvalidInput, NotFound
from civreg.shared.text import nfc

_NO_SUCH = "Không có hồ sơ mang mã này ở đơn vị của ông/bà. Ông/bà xem lại mã."
_ITSELF = "Đây là mã của chính hồ sơ đang mở. Ông/bà ghi mã của hồ sơ kia."
_TIED = "Hai hồ sơ này đã nối với nhau. Ông/bà bỏ nối trước, nếu muốn nối theo cách khác."
_NO_PARENTS = "Ông/bà ghi họ tên cha và mẹ vào hồ sơ khai sinh trước, rồi làm thủ tục kết hôn."
_HAS_MARRIAGE = "Hồ sơ này đã nối với một hồ sơ kết hôn. Ông/bà mở hồ sơ ấy, hoặc bỏ nối rồi làm lại."
_NO_LONGER = "Hồ sơ này đã kết thúc nên không thêm hồ sơ theo nó được. Ông/bà ghi một yêu cầu mới."
WAITS_FOR_MARRIAGE = (
    "Cha mẹ kết hôn trước: hồ sơ {code} chưa đăng ký xong. Ông/bà đăng ký kết hôn trước; nếu gia đình đổi ý thì "
    "bỏ nối hai hồ sơ, hoặc ghi khai sinh kết hợp nhận cha, mẹ, con khi chưa nhận hồ sơ."
)


def link_cases(
    session: Session, actor: Actor, case_id: UUID, *, expected_version: int, other_code: str, kind: LinkKind
) -> UUID:
    """Tie two cases of the actor's unit together and return the id of the other one.

    Args:
        session: the open transaction.
        actor: the officer.
        case_id: the case whose page she acts from.
        expected_version: of that page.
        other_code: number of the other case, as people read it.
        kind: what the two are to one another.

    Raises:
        InvalidInput: no such case at this unit, the same case, or a tie that does not hold between such cases.
        Conflict: a stale page.
    """
    other_id = session.scalar(select(Case.id).where(Case.code == nfc(other_code).upper()))
    if other_id is None or other_id == case_id:
        sentence = _ITSELF if other_id == case_id else _NO_SUCH
        load_case(session, actor, case_id, Permission.CASE_WORK, expected_version)
        raise InvalidInput(sentence, {"code": sentence})
    case, other = _hold_both(session, actor, case_id, other_id, expected_version)
    if case.current_unit_id != other.current_unit_id:
        raise InvalidInput(_NO_SUCH, {"code": _NO_SUCH})
    older = case.id < other.id
    mine_first = is_first(kind, version_of(case).occasion, version_of(other).occasion, older=older)
    first, second = (case, other) if mine_first else (other, case)
    if other.id in tied_to(session, case.id):
        raise InvalidInput(_TIED, {"code": _TIED})
    _tie(session, actor, first, second, kind)
    return other.id


def unlink_cases(
    session: Session, actor: Actor, case_id: UUID, other_id: UUID, *, expected_version: int
) -> None:
    """Untie two cases; each goes its own way from then on.

    Raises:
        NotFound: they are not tied, or are another unit's.
        Conflict: a stale page.
    """
    case, other = _hold_both(session, actor, case_id, other_id, expected_version)
    gone = session.execute(
        delete(CaseLink)
        .where(CaseLink.first_id.in_((case_id, other_id)), CaseLink.second_id.in_((case_id, other_id)))
        .returning(CaseLink.kind)
    ).scalar()
    if gone is None:
        raise NotFound("Hai hồ sơ này không còn nối với nhau.")
    _after(session, actor, case, other, gone, tied=False)


def _hold_both(
    session: Session, actor: Actor, case_id: UUID, other_id: UUID, expected_version: int
) -> tuple[Case, Case]:
    """Lock both in the order of their ids, so that two officers who tie them from either side do not wait in a ring."""
    held = {}
    for one in sorted((case_id, other_id)):
        asked = expected_version if one == case_id else None
        try:
            held[one] = load_case(session, actor, one, Permission.CASE_WORK, asked)
        except NotFound:
            if one == case_id:
                raise
            raise InvalidInput(_NO_SUCH, {"code": _NO_SUCH}) from None
    return held[case_id], held[other_id]


def _tie(session: Session, actor: Actor, first: Case, second: Case, kind: LinkKind) -> None:
    session.execute(
        insert(CaseLink)
        .values(
            first_id=first.id,
            second_id=second.id,
            kind=kind,
            linked_at=clock.now(),
            linked_by=actor.user_id,
        )
        .on_conflict_do_nothing()
    )
    _after(session, actor, first, second, kind, tied=True)


def _after(session: Session, actor: Actor, one: Case, other: Case, kind: str, *, tied: bool) -> None:
    """Say on both cases that they were tied or untied; a letter already drafted is looked at again."""
    for case in (one, other):
        case.version += 1
        tell(session, case, "case.linked" if tied else "case.unlinked", clock.today())
    action = "case.linked" if tied else "case.unlinked"
    for case, with_case in ((one, other), (other, one)):
        note_audit(session, actor, case, action, kind=kind, other=with_case.code)


def submit_births(
    session: Session,
    forms: Sequence[RequestForm],
    *,
    request_key: str,
    body_digest: str,
    address: str = "",
) -> list[Receipt]:
    """Write down the births of one delivery (một bé, sinh đôi, sinh ba) in the order of birth, tied together.

    The same key again answers with the same receipts; a whole delivery counts as one request of its phone and address.

    Raises:
        InvalidInput, Refusal, TooMany: as `submit_request`.
    """
    receipts = [
        submit_request(
            session,
            form,
            request_key=request_key if place == 1 else f"{request_key}.{place}",
            body_digest=body_digest,
            address=address if place == 1 else "",
        )
        for place, form in enumerate(forms, start=1)
    ]
    first = receipts[0].case_id
    for receipt in receipts[1:]:
        if receipt.case_id not in tied_to(session, first):
            cases = [session.get_one(Case, one) for one in (first, receipt.case_id)]
            _tie(session, FAMILY, cases[0], cases[1], "twin")
    return receipts


def add_twin(
    session: Session,
    actor: Actor,
    case_id: UUID,
    *,
    expected_version: int,
    request_key: str,
    full_name: str,
    sex: str,
    birth_paper_number: str = "",
    event_hour: str = "",
) -> Receipt:
    """Write down one more baby of the same birth: parents, requester and house are copied, never typed twice.

    Args:
        session: the open transaction.
        actor: the officer.
        case_id: the baby that has a case already.
        expected_version: of its page.
        request_key: made with the form; the same key makes one baby.
        full_name: of the other baby; may be empty until the family has chosen.
        sex: male, female, or empty.
        birth_paper_number: its own giấy chứng sinh.
        event_hour: its own hour of birth, as told.

    Raises:
        InvalidInput: a name that cannot be one; a case that is no birth.
        Conflict: a stale page, or a case that has ended without a registration.
    """
    case = load_case(session, actor, case_id, Permission.CASE_WORK, expected_version)
    _refuse_unfit(case, "twin")
    form = _copied(session, case)
    others = tuple(person for person in form.people if person.role != "child")
    baby = PersonForm(
        "child",
        full_name,
        birth=event_of(case),
        sex="female" if sex == "female" else "male" if sex == "male" else None,
        ethnic_group=next((one.ethnic_group for one in form.people if one.role == "child"), ""),
    )
    form = replace(
        form,
        people=(baby, *others),
        birth_paper_number=birth_paper_number,
        event_hour=event_hour or form.event_hour,
    )
    receipt = _ask_beside(session, actor, case, form, request_key)
    twin = session.get_one(Case, receipt.case_id)
    twin.abandoned = case.abandoned
    first = session.get_one(Case, babies_of_one_birth(session, case.id)[0])
    if twin.id not in tied_to(session, first.id):
        _tie(session, actor, first, twin, "twin")
    return receipt


def start_marriage(session: Session, actor: Actor, case_id: UUID, *, expected_version: int) -> Receipt:
    """Write down the marriage of the parents, to be registered before the birth; everything known is copied.

    Raises:
        InvalidInput: father or mother not named, a marriage tied already, or a procedure that knows none.
        Conflict: a stale page, or a birth that is registered already.
    """
    case = load_case(session, actor, case_id, Permission.CASE_WORK, expected_version)
    _refuse_unfit(case, "marriage_before_birth")
    if case.registered_at is not None:
        raise Conflict("Khai sinh đã đăng ký xong nên không làm kết hôn trước được nữa.")
    if marriage_before(session, case.id) is not None:
        raise InvalidInput(_HAS_MARRIAGE)
    form = _copied(session, case)
    named = {person.role: person for person in form.people}
    if not {"father", "mother"} <= set(named):
        raise InvalidInput(_NO_PARENTS)
    couple = (
        replace(named["father"], role="groom", sex="male"),
        replace(named["mother"], role="bride", sex="female"),
    )
    marriage_form = replace(
        form,
        procedure=version_of(case).marriage_first,
        people=couple,
        event=None,
        event_hour="",
        place_of_event="",
        birth_paper_number="",
        father_unknown=False,
        left_out_parts=(),
        requester_relation={"mẹ": "bên nữ", "cha": "bên nam"}.get(form.requester_relation, "người thân"),
        letter_consent=None,
    )
    receipt = _ask_beside(session, actor, case, marriage_form, f"marriage-before-{case.id}")
    _tie(session, actor, session.get_one(Case, receipt.case_id), case, "marriage_before_birth")
    return receipt


def _refuse_unfit(case: Case, kind: LinkKind) -> None:
    if kind not in version_of(case).links:
        raise InvalidInput("Thủ tục này không có cách nối ấy. Ông/bà mở hồ sơ khai sinh.")
    if State(case.state) in ENDED - {State.DELIVERED}:
        raise Conflict(_NO_LONGER)


def _copied(session: Session, case: Case) -> RequestForm:
    """Return what the family stated for a case, to be asked again for another."""
    parties = people.parties_of(session, case.id)
    requester = next((party for party in parties if party.role == "requester"), None)
    wanted = select(CasePart.code).where(CasePart.case_id == case.id, CasePart.state != PartState.ABANDONED)
    kept = set(session.scalars(wanted))
    consent = latest_consent(session, case)
    return RequestForm(
        procedure=case.procedure,
        unit_id=case.current_unit_id,
        requester_name=requester.full_name if requester else "",
        requester_relation=requester.relation if requester else "",
        phone=phone_of(requester) if requester else "",
        hamlet=case.hamlet,
        address=case.address,
        note=case.note,
        interpreter_wanted=case.interpreter_wanted,
        people=tuple(people.as_form(party) for party in parties if party.role != "requester"),
        event=event_of(case),
        event_hour=case.event_hour or "",
        place_of_event=case.place_of_event,
        father_unknown=case.father_unknown,
        left_out_parts=tuple(part.code for part in version_of(case).parts if part.code not in kept),
        letter_consent=consent if consent in ("yes", "no", "later") else None,  # type: ignore[arg-type]
        channel=case.channel,  # type: ignore[arg-type]
    )


def _ask_beside(session: Session, actor: Actor, case: Case, form: RequestForm, request_key: str) -> Receipt:
    """Ask for another case of the family the officer is speaking with; a call already made serves both."""
    digest = crypto.digest(f"{case.id} {form.procedure}")
    receipt = submit_request(session, form, request_key=request_key, body_digest=digest, actor=actor)
    new = session.get_one(Case, receipt.case_id)
    if case.called_at is not None and new.called_at is None:
        new.called_at = case.called_at
        deadlines.meet_deadline(session, new.id, "call", clock.now())
    return receipt


def refuse_before_marriage(session: Session, case: Case) -> None:
    """Let a birth wait for the marriage it is tied to, unless a parent is recognised together with it.

    Raises:
        Conflict: the marriage is not registered yet; says what can be done.
    """
    marriage = None if case.with_recognition else marriage_before(session, case.id)
    if marriage is not None and marriage.registered_at is None:
        raise Conflict(WAITS_FOR_MARRIAGE.format(code=marriage.code))
