"""Phiếu yêu cầu bổ sung (M02), phiếu từ chối (M03), thông báo dừng giải quyết (M05).

Each is written from the row that caused it (an asking, the step that ended the case): its day, its reason, its person.
So a reprint carries the words of the first print, and a later asking leaves the slip of an earlier one as it was. Layout
of certainty C: TT 03/2025/TT-VPCP names the forms, their text was not read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from civreg.accounts.queries import names_of
from civreg.accounts.rules import Actor
from civreg.cases.export.office import Office, office_on
from civreg.cases.queries import CasePage, MoveRow, SupplementRow, case_page
from civreg.cases.rules import (
    ENDED,
    KIND_WORDS,
    ROUNDS,
    STOP_TITLES,
    Action,
    AskKind,
    Slip,
    Stage,
    State,
)
from civreg.shared import clock
from civreg.shared.errors import NotFound
from civreg.shared.paper.heading import Signature
from civreg.shared.paper.letter import LetterSheet, render_letter
from civreg.shared.text import format_date_vi, two_digits

COMPLAINT_DAYS = 90
"""Within how many days of receiving a decision a person may complain (Luật Khiếu nại 2011 art 9; B)."""


def supplement_slip(
    session: Session, actor: Actor, case_id: UUID, supplement_id: UUID | None = None
) -> bytes:
    """Return the PDF of one asking for papers: exactly which, why, which round, asked on one day (M02).

    Args:
        session: the open transaction; the reading is logged.
        actor: an officer of the unit.
        case_id: the case.
        supplement_id: which asking; the newest when None.

    Raises:
        NotFound: another unit's case, or no such asking that went out.
        Conflict: no papers were asked for.
    """
    case = case_page(session, actor, case_id)
    case.require_slip(Slip.SUPPLEMENT)
    sent = sorted(((one.sent_at, one) for one in case.supplements if one.sent_at), key=lambda pair: pair[0])
    chosen = [pair for pair in sent if supplement_id in (None, pair[1].id)]
    if not chosen:
        raise NotFound("Không tìm thấy lần yêu cầu bổ sung này ở hồ sơ của ông/bà.")
    sent_at, asking = chosen[-1]
    day = sent_at.astimezone(clock.ZONE).date()
    office = office_on(session, case, day)
    listed = (f"{number}. {title.rstrip('.')}." for number, title in enumerate(asking.papers, start=1))
    words = (
        f"Để giải quyết hồ sơ: {case.rules.title_vi}, {office.name} đề nghị ông/bà bổ sung, hoàn thiện:",
        *listed,
        f"Lý do: {_sentence(asking.reason)}",
        f"Ông/bà đưa giấy tờ khi công chức đến nhà, hoặc mang đến trụ sở {office.name}. Giấy tờ khác đã nộp "
        "không phải nộp lại.",
        f"{_clock_words(case, asking, sent_at)}; khi đó ông/bà được báo ngày hẹn trả kết quả.",
    )
    names = names_of(session, [asking.asked_by]) if asking.asked_by else {}
    return _sheet(
        office,
        case,
        day,
        title="PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ",
        words=words,
        signature=replace(office.officer_signature, name=next(iter(names.values()), "")),
        more=_round_words(asking, [one for moment, one in sent if moment <= sent_at]),
    )


def _clock_words(case: CasePage, asking: SupplementRow, sent_at: datetime) -> str:
    """Return what the asking does to the clock; what is asked while it stands does not stop it anew."""
    if asking.stage == Stage.INTAKE:
        return "Thời hạn giải quyết tính từ khi nhận đủ giấy tờ"
    came = [move.at for move in case.history if move.action == Action.TAKE_PAPERS and move.at <= sent_at]
    stopped = min(
        (
            one.sent_at
            for one in case.supplements
            if one.sent_at
            and one.stage == asking.stage
            and max(came, default=one.sent_at) <= one.sent_at <= sent_at
        ),
        default=sent_at,
    )
    day = format_date_vi(stopped.astimezone(clock.ZONE).date())
    return f"Thời hạn giải quyết tạm dừng từ ngày {day} đến khi nhận đủ giấy tờ trên"


def _round_words(asking: SupplementRow, until: Sequence[SupplementRow]) -> str:
    """Return which round of its stage an asking is; what is no round of its own says what it is.

    Args:
        asking: the asking.
        until: all that went out up to it, itself included.
    """
    rounds = sum(one.stage == asking.stage and one.kind in ROUNDS for one in until)
    kind = AskKind(asking.kind)
    beside = "" if kind in ROUNDS else f" ({KIND_WORDS[kind].lower()})"
    return f"Lần yêu cầu: {two_digits(max(1, rounds))}{beside}"


def refusal_slip(session: Session, actor: Actor, case_id: UUID) -> bytes:
    """Return the PDF of the written refusal, signed by the head, with how to complain (M03).

    Luật Hộ tịch 2014 art 5.2: in writing, with the reason, by the head of the registering body.

    Args:
        session: the open transaction; the reading is logged.
        actor: an officer of the unit.
        case_id: the case.

    Raises:
        NotFound: another unit's case.
        Conflict: the case was not refused.
    """
    case = case_page(session, actor, case_id)
    case.require_slip(Slip.REFUSAL)
    move = _ending(case)
    day = move.at.astimezone(clock.ZONE).date()
    office = office_on(session, case, day)
    words = (
        f"Ngày {format_date_vi(case.taken_at.date())}, {office.name} đã nhận hồ sơ của ông/bà đề nghị giải quyết: "
        f"{case.rules.title_vi}.",
        f"Sau khi xem xét, {office.name} từ chối giải quyết hồ sơ này. Lý do: {_sentence(move.note)}",
        "Giấy tờ ông/bà đã nộp được trả lại cùng phiếu này. Khi lý do trên không còn, ông/bà gửi yêu cầu mới.",
        f"Nếu không đồng ý, trong {COMPLAINT_DAYS} ngày từ ngày nhận được phiếu này, ông/bà có quyền khiếu nại đến "
        f"Chủ tịch {office.name} theo Luật Khiếu nại; hoặc khởi kiện tại Tòa án theo Luật Tố tụng hành chính.",
    )
    title = "PHIẾU TỪ CHỐI TIẾP NHẬN, GIẢI QUYẾT HỒ SƠ"
    return _sheet(office, case, day, title=title, words=words, signature=office.head_signature)


def stop_notice(session: Session, actor: Actor, case_id: UUID) -> bytes:
    """Return the PDF that says the office stops: withdrawn, invited to the office, or another commune's (M05).

    Args:
        session: the open transaction; the reading is logged.
        actor: an officer of the unit.
        case_id: the case.

    Raises:
        NotFound: another unit's case.
        Conflict: the case goes on, or ended another way.
    """
    case = case_page(session, actor, case_id)
    case.require_slip(Slip.STOP)
    move = _ending(case)
    day = move.at.astimezone(clock.ZONE).date()
    office = office_on(session, case, day)
    return _sheet(
        office,
        case,
        day,
        title=STOP_TITLES[case.received_at is not None],
        words=(_what_came(case, office), *_STOPPED[State(case.state)](case, move, office)),
        signature=office.head_signature,
    )


def _what_came(case: CasePage, office: Office) -> str:
    """Return the first sentence: what reached the office, and when."""
    what = "hồ sơ" if case.received_at else "yêu cầu"
    day = (case.received_at or case.requested_at).astimezone(clock.ZONE).date()
    return f"Ngày {format_date_vi(day)}, {office.name} đã nhận {what} của ông/bà: {case.rules.title_vi}."


def _withdrawn(case: CasePage, move: MoveRow, office: Office) -> tuple[str, ...]:
    what = "hồ sơ" if case.received_at else "yêu cầu"
    day = move.at.astimezone(clock.ZONE).date()
    return (
        f"Theo đề nghị của ông/bà, {office.name} dừng giải quyết {what} này từ ngày {format_date_vi(day)}. "
        f"Lý do: {_sentence(move.note)}",
        "Giấy tờ ông/bà đã nộp được trả lại cùng thông báo này." if case.received_at else "",
        f"Khi cần, ông/bà gửi yêu cầu mới.{_still_on_time(case, move)}",
    )


def _declined(case: CasePage, move: MoveRow, office: Office) -> tuple[str, ...]:
    papers = "; ".join(paper.title.rstrip(".") for paper in case.papers)
    where = f" ({office.address})" if office.address else ""
    return (
        f"{office.name} chưa giải quyết yêu cầu này tại nhà được. Lý do: {_sentence(move.note)}",
        f"Mời ông/bà đến trụ sở {office.name}{where} trong giờ làm việc để làm thủ tục."
        f"{_still_on_time(case, move)}",
        f"Ông/bà mang theo: {papers}." if papers else "",
    )


def _transferred(case: CasePage, move: MoveRow, office: Office) -> tuple[str, ...]:
    return (
        f"Việc này thuộc thẩm quyền của nơi khác nên {office.name} thôi giải quyết và đã chuyển yêu cầu. "
        f"Nơi giải quyết và lý do: {_sentence(move.note)}",
        f"Nơi đó gọi cho ông/bà để nhận yêu cầu mới.{_still_on_time(case, move)}",
    )


def _still_on_time(case: CasePage, move: MoveRow) -> str:
    """Return until when the family is on time, where a day is known and still to come."""
    due_on = case.citizen_due_on
    if due_on is None or due_on < move.at.astimezone(clock.ZONE).date():
        return ""
    return f" Đăng ký đến hết ngày {format_date_vi(due_on)} là đúng hạn."


_STOPPED: dict[State, Callable[[CasePage, MoveRow, Office], tuple[str, ...]]] = {
    State.WITHDRAWN: _withdrawn,
    State.HOME_SERVICE_DECLINED: _declined,
    State.TRANSFERRED: _transferred,
}
"""What the notice says for each way a case stops."""


def _sentence(words: str | None) -> str:
    """Return what somebody typed as a reason, with its full stop."""
    typed = (words or "").strip()
    return typed if not typed or typed[-1] in ".!?…" else f"{typed}."


def _ending(case: CasePage) -> MoveRow:
    """Return the step that ended the case."""
    return next(move for move in reversed(case.history) if State(move.to_state) in ENDED)


def _sheet(
    office: Office,
    case: CasePage,
    day: date,
    *,
    title: str,
    words: tuple[str, ...],
    signature: Signature,
    more: str = "",
) -> bytes:
    """Return the PDF of one notice, dated on the day of what it tells."""
    hotline = f"Cần hỏi thêm, xin ông/bà gọi {office.hotline}." if office.hotline else ""
    return render_letter(
        LetterSheet(
            heading=office.heading,
            place=office.unit.bare,
            dated_on=day,
            title=title,
            subtitle=". ".join(filter(None, (f"Mã hồ sơ: {case.code}", more))),
            salutation=f"Kính gửi: Ông/bà {case.requester.full_name}",
            paragraphs=tuple(filter(None, (*words, hotline))),
            signature=signature,
        )
    )
