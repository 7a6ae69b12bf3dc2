"""One round of papers at each stage; a new paper after that waits for the head; what is no round is counted beside."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor
from civreg.cases import service as cases
from civreg.cases.queries import (
    CasePage,
    case_page,
    follow,
    supplement_counts,
    supplements_waiting,
)
from civreg.cases.rules import AskKind, kind_of
from civreg.deadlines import queries as deadlines
from civreg.shared import audit, clock
from civreg.shared.errors import Conflict, InvalidInput, NotAllowed, NotFound
from tests.world import BIRTH, MARRIAGE, MONDAY, World, ask, papers_of, receive, version

BUNDLE = replace(BIRTH, procedure="birth_bundle")


@pytest.fixture
def taken(session: Session, world: World) -> UUID:
    case_id = ask(session, world, MARRIAGE).case_id
    receive(session, world, case_id)
    return case_id


def _page(session: Session, world: World, case_id: UUID) -> CasePage:
    session.flush()
    return case_page(session, world.officer, case_id)


def _ask_for(
    session: Session,
    world: World,
    case_id: UUID,
    papers: tuple[str, ...],
    *,
    by: Actor | None = None,
    reason: str = "Ảnh mờ",
    other_agency: bool = False,
) -> bool:
    return cases.request_papers(
        session,
        by or world.officer,
        case_id,
        expected_version=version(session, world, case_id),
        papers=papers,
        reason=reason,
        other_agency=other_agency,
    )


def _take(session: Session, world: World, case_id: UUID, papers: tuple[str, ...]) -> None:
    cases.take_papers(
        session,
        world.officer,
        case_id,
        expected_version=version(session, world, case_id),
        papers=papers,
    )


def _decide(session: Session, world: World, case_id: UUID, *, agreed: bool, reason: str = "") -> None:
    [waiting] = supplements_waiting(session, world.head)
    cases.decide_supplement(
        session,
        world.head,
        case_id,
        waiting.id,
        expected_version=waiting.case_version,
        agreed=agreed,
        reason=reason,
    )


# rules

_CODES = st.frozensets(st.sampled_from("abcde"), max_size=5)


@given(chosen=_CODES.filter(bool), asked=_CODES, missing=_CODES, had=st.booleans(), agency=st.booleans())
def test_only_a_new_paper_after_the_round_is_a_second_round(
    chosen: frozenset[str], asked: frozenset[str], missing: frozenset[str], had: bool, agency: bool
) -> None:
    missing &= asked
    kind = kind_of(chosen, asked=asked, missing=missing, asked_at_stage=had, other_agency=agency)
    assert (kind is AskKind.SECOND) == (had and not agency and bool(chosen - asked))
    assert (kind is AskKind.FIRST) == (not had and not agency and bool(chosen - asked))
    assert (kind is AskKind.STILL_MISSING) == (not agency and chosen <= missing)


# services


def test_a_new_paper_waits_for_the_head_and_goes_out_on_her_word(
    session: Session, world: World, taken: UUID
) -> None:
    first, second = papers_of(session, world, taken)[:2]
    assert _ask_for(session, world, taken, (first,))
    _take(session, world, taken, (first,))
    assert not _ask_for(session, world, taken, (second,), reason="Mới biết bên nữ từng ly hôn")
    page = _page(session, world, taken)
    assert (page.state, page.supplements[0].state, page.supplements[0].kind) == (
        "dossier_received",
        "proposed",
        "second",
    )
    assert supplements_waiting(session, world.officer) == ()
    assert supplements_waiting(session, world.neighbour) == ()
    with pytest.raises(NotAllowed):
        cases.decide_supplement(
            session,
            world.officer,
            taken,
            page.supplements[0].id,
            expected_version=page.version,
            agreed=True,
        )
    with pytest.raises(NotFound):
        cases.decide_supplement(
            session,
            world.neighbour,
            taken,
            page.supplements[0].id,
            expected_version=page.version,
            agreed=True,
        )
    _decide(session, world, taken, agreed=True)
    page = _page(session, world, taken)
    assert (page.state, page.supplements[0].state) == ("papers_requested", "sent")
    assert page.supplements[0].decided_by == world.head.user_id
    assert [paper.code for paper in page.papers if paper.asked_at and not paper.seen_at] == [second]
    assert [paper.asked_round for paper in page.papers[:2]] == [1, 2]
    assert supplements_waiting(session, world.head) == ()
    with pytest.raises(Conflict, match="đã có người trả lời"):
        cases.decide_supplement(
            session,
            world.head,
            taken,
            page.supplements[0].id,
            expected_version=page.version,
            agreed=True,
        )
    assert audit.verify(session).ok


def test_the_head_says_no_with_a_reason_and_nothing_is_asked(
    session: Session, world: World, taken: UUID
) -> None:
    first, second = papers_of(session, world, taken)[:2]
    _ask_for(session, world, taken, (first,))
    _take(session, world, taken, (first,))
    _ask_for(session, world, taken, (second,))
    with pytest.raises(InvalidInput, match="Ông/bà ghi lý do không đồng ý"):
        _decide(session, world, taken, agreed=False, reason=" ")
    _decide(session, world, taken, agreed=False, reason="Tra cứu được rồi")
    page = _page(session, world, taken)
    assert (page.state, page.supplements[0].state) == ("dossier_received", "declined")
    assert page.supplements[0].decided_reason == "Tra cứu được rồi"
    assert not any(paper.asked_at and not paper.seen_at for paper in page.papers)
    assert not _ask_for(session, world, taken, (second,)), "it still needs the head"


def test_the_head_asks_for_a_new_paper_at_once(session: Session, world: World, taken: UUID) -> None:
    first, second = papers_of(session, world, taken)[:2]
    _ask_for(session, world, taken, (first,))
    _take(session, world, taken, (first,))
    assert _ask_for(session, world, taken, (second,), by=world.head)
    newest = _page(session, world, taken).supplements[0]
    assert (newest.kind, newest.state, newest.decided_by) == ("second", "sent", world.head.user_id)


def test_what_is_still_missing_and_a_wrong_version_are_no_second_round(
    session: Session, world: World, taken: UUID
) -> None:
    first, second = papers_of(session, world, taken)[:2]
    _ask_for(session, world, taken, (first, second))
    with clock.travelling(MONDAY + timedelta(days=2)):
        assert _ask_for(session, world, taken, (second,), reason="Nhắc lại")
        page = _page(session, world, taken)
        assert (page.state, page.supplements[0].kind) == ("papers_requested", "still_missing")
        _take(session, world, taken, (first, second))
        assert _ask_for(session, world, taken, (first,), reason="Bản này hết hạn")
        page = _page(session, world, taken)
        assert (page.state, page.supplements[0].kind) == ("papers_requested", "wrong_version")
        assert page.papers[0].asked_round == 1


def test_the_same_day_s_edit_replaces_what_was_asked_until_the_slip_is_out(
    session: Session, world: World, taken: UUID
) -> None:
    first, second = papers_of(session, world, taken)[:2]
    _ask_for(session, world, taken, (first,))
    assert _page(session, world, taken).edits_supplement
    assert _ask_for(session, world, taken, (second,), reason="Chọn nhầm dòng")
    page = _page(session, world, taken)
    assert [(one.kind, one.codes, one.reason) for one in page.supplements] == [
        ("first", (second,), "Chọn nhầm dòng")
    ]
    assert page.papers[0].seen_at == page.received_at
    assert page.papers[0].asked_at is None
    cases.note_slip_out(session, world.officer, taken)
    assert not _page(session, world, taken).edits_supplement
    assert not _ask_for(session, world, taken, (first, second))


def test_tomorrow_it_is_no_edit_any_more(session: Session, world: World, taken: UUID) -> None:
    first, second = papers_of(session, world, taken)[:2]
    _ask_for(session, world, taken, (first,))
    with clock.travelling(MONDAY + timedelta(days=1)):
        assert not _ask_for(session, world, taken, (first, second))


def test_intake_and_appraisal_have_a_round_each(session: Session, world: World) -> None:
    receipt = ask(session, world, MARRIAGE)
    case_id = receipt.case_id
    first, second = papers_of(session, world, case_id)[:2]
    assert _ask_for(session, world, case_id, (first,), reason="Chưa có tại nhà")
    cases.note_slip_out(session, world.officer, case_id)
    page = _page(session, world, case_id)
    assert (page.state, page.received_at) == ("requested", None)
    assert page.supplements[0].basis == "Luật Hộ tịch 2014 điều 9 khoản 3"
    assert not [row for row in deadlines.deadlines_of(session, case_id) if row.kind == "part"]
    told = follow(session, receipt.tracking_code, receipt.pin)
    assert told is not None
    assert [reason for _, reason in told.papers_wanted] == ["Chưa có tại nhà"]
    assert not _ask_for(session, world, case_id, (second,)), "a second round at intake"
    receive(session, world, case_id)
    assert supplements_waiting(session, world.head) == (), "the dossier is complete: nothing to decide"
    page = _page(session, world, case_id)
    assert [paper.seen_at for paper in page.papers[:2]] == [page.received_at] * 2
    assert _ask_for(session, world, case_id, (second,), reason="Bản án chưa có hiệu lực")
    newest = _page(session, world, case_id).supplements[0]
    assert (newest.stage, newest.kind, newest.state) == ("appraisal", "first", "sent")


def test_a_proposal_of_intake_is_not_sent_when_the_dossier_was_taken(session: Session, world: World) -> None:
    case_id = ask(session, world, MARRIAGE).case_id
    first, second = papers_of(session, world, case_id)[:2]
    _ask_for(session, world, case_id, (first,))
    cases.note_slip_out(session, world.officer, case_id)
    _ask_for(session, world, case_id, (second,))
    receive(session, world, case_id)
    page = _page(session, world, case_id)
    with pytest.raises(Conflict, match="không còn cần nữa"):
        cases.decide_supplement(
            session,
            world.head,
            case_id,
            page.supplements[0].id,
            expected_version=page.version,
            agreed=True,
        )


def test_another_agency_s_request_is_no_round_of_ours(session: Session, world: World) -> None:
    case_id = ask(session, world, BUNDLE).case_id
    receive(session, world, case_id)
    first, second = papers_of(session, world, case_id)[:2]
    _ask_for(session, world, case_id, (first,))
    _take(session, world, case_id, (first,))
    assert _ask_for(session, world, case_id, (second,), other_agency=True, reason="Công an yêu cầu")
    assert _page(session, world, case_id).supplements[0].kind == "other_agency"


def test_one_procedure_alone_has_no_other_agency(session: Session, world: World, taken: UUID) -> None:
    first, second = papers_of(session, world, taken)[:2]
    _ask_for(session, world, taken, (first,))
    _take(session, world, taken, (first,))
    assert not _ask_for(session, world, taken, (second,), other_agency=True)


def test_the_rounds_are_counted_by_unit_and_month(session: Session, world: World, taken: UUID) -> None:
    first, second = papers_of(session, world, taken)[:2]
    _ask_for(session, world, taken, (first,))
    _take(session, world, taken, (first,))
    _ask_for(session, world, taken, (second,), by=world.head)
    with clock.travelling(MONDAY + timedelta(days=20)):
        _ask_for(session, world, taken, (second,))
        other = ask(session, world, MARRIAGE).case_id
        _ask_for(session, world, other, (first,))
        counts = supplement_counts(session, world.head, date(2026, 11, 1))
    assert [(one.unit_id, one.month) for one in counts] == [
        (world.tra_cu, date(2026, 12, 1)),
        (world.tra_cu, date(2026, 11, 1)),
    ]
    december, november = counts
    assert (december.intake, december.appraisal, december.second, december.beside) == (1, 0, 0, 1)
    assert (november.intake, november.appraisal, november.second, november.beside) == (0, 1, 1, 0)
    assert supplement_counts(session, world.head, date(2026, 12, 1)) == (december,)
    for actor in (world.officer, world.neighbour, world.stranger):
        assert supplement_counts(session, actor, date(2026, 11, 1)) == ()


def test_a_reason_stays_out_of_audit_and_outbox(session: Session, world: World, taken: UUID) -> None:
    canary = "Giấy của bà Sơn Thị Na bị ố"
    first, second = papers_of(session, world, taken)[:2]
    _ask_for(session, world, taken, (first,), reason=canary)
    _take(session, world, taken, (first,))
    _ask_for(session, world, taken, (second,), reason=canary)
    _decide(session, world, taken, agreed=False, reason=canary)
    for table in ("audit", "outbox"):
        rows = session.execute(text(f"SELECT row_to_json({table})::text FROM {table}")).scalars().all()
        assert rows
        assert not any(canary in row for row in rows), table
