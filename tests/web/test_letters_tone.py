"""Tone safety, line by line: each reason to wait stands on the letter's page, and only a person's word releases it.

What has a test elsewhere: an open correction and what comes up after approval (letters/test_rechecked, test_annulled), one
letter for twins or for mother and child (letters/test_shared_letters), the days of an office (letters/test_desk).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from civreg import work
from civreg.accounts.rules import SYSTEM
from civreg.cases.rules import Circumstances, PersonForm
from civreg.letters import queries
from civreg.letters import service as letters
from civreg.letters.rules import LetterState
from civreg.shared.partial_date import PartialDate
from tests.cases.test_circumstances import DEATH, note
from tests.letters.flow import letter_of, registered, state_of
from tests.letters.test_shared_letters import to_register
from tests.web.staff_browser import Browsers, hidden
from tests.world import BIRTH, World, ask, receive

Made = Callable[[Session, World], UUID]


def noted(**circumstances: bool) -> Made:
    """A birth whose circumstances were noted by the officer before it was registered."""

    def make(session: Session, world: World) -> UUID:
        case_id = ask(session, world).case_id
        note(session, world, case_id, Circumstances(**circumstances))
        to_register(session, world, case_id)
        return case_id

    return make


def young_mother(session: Session, world: World) -> UUID:
    people = (BIRTH.people[0], replace(BIRTH.people[1], birth=PartialDate(2010)), BIRTH.people[2])
    return registered(session, world, people=people)


def death_near(session: Session, world: World) -> UUID:
    dead = PersonForm("deceased", "Kim Văn Sơn", birth=PartialDate(1995), sex="male")
    ask(session, world, DEATH, people=(dead,))
    return registered(session, world)


def newborn_twice(session: Session, world: World) -> UUID:
    child = replace(BIRTH.people[0], full_name="Kim Sô Ly")
    people = (child, *BIRTH.people[1:])
    ask(session, world, people=people)
    return registered(session, world, people=people)


def deceased_twice(session: Session, world: World) -> UUID:
    ask(session, world, DEATH)
    return registered(session, world, DEATH)


def infant_and_parent(session: Session, world: World) -> UUID:
    """The newborn's own death is told beside its birth: the same person in two events."""
    dead = PersonForm("deceased", "Kim Sô Ly", birth=PartialDate(2026, 11, 2), sex="female")
    ask(session, world, DEATH, people=(dead,), event=PartialDate(2026, 11, 5))
    child = replace(BIRTH.people[0], full_name="Kim Sô Ly")
    return registered(session, world, people=(child, *BIRTH.people[1:]))


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (
            noted(stillborn_sibling=True),
            "Có bé sinh cùng lần không còn sống khi sinh: người biết gia đình quyết định có gửi thư không.",
        ),
        (
            noted(parent_detained=True),
            "Cha hoặc mẹ đang bị tạm giữ, tạm giam hoặc chấp hành án: người biết gia đình quyết định.",
        ),
        (noted(abandoned=True), "Trẻ bị bỏ rơi: cân nhắc có gửi thư không, gửi cho ai."),
        (young_mother, "Mẹ chưa đủ hoặc chưa chắc đủ 18 tuổi khi sinh: người biết gia đình quyết định."),
        (death_near, "Gia đình vừa có người mất, vừa có trẻ mới sinh: người biết gia đình quyết định."),
        (
            infant_and_parent,
            "Gia đình vừa có người mất, vừa có trẻ mới sinh: người biết gia đình quyết định.",
        ),
        (
            newborn_twice,
            "Có hồ sơ khác cùng loại ghi cùng họ tên, cùng ngày: xem có phải đăng ký hai lần không rồi mới gửi.",
        ),
        (
            deceased_twice,
            "Có hồ sơ khác cùng loại ghi cùng họ tên, cùng ngày: xem có phải đăng ký hai lần không rồi mới gửi.",
        ),
    ],
    ids=[
        "stillborn sibling",
        "detained parent",
        "abandoned child",
        "mother under 18",
        "death in the household",
        "newborn in two events",
        "newborn registered twice",
        "deceased registered twice",
    ],
)
def test_a_letter_waits_with_its_reason_until_a_person_releases_it(
    session: Session, world: World, browse: Browsers, make: Made, sentence: str
) -> None:
    case_id = make(session, world)
    row = letter_of(session, case_id)
    assert row.state is LetterState.HELD
    head, officer = browse("head"), browse("officer")
    for page in (head.get(f"/thu/{row.id}"), head.get("/thu?state=held")):
        assert sentence in page.text
    assert ">Duyệt thư</button>" not in head.get(f"/thu/{row.id}").text
    refused = head.post(f"/thu/{row.id}/duyet", {"expected_version": str(row.version)})
    assert refused.status_code == 409
    form = officer.get(f"/thu/{row.id}/bo-tam-giu")
    assert sentence in form.text
    assert browse("clerk").get(f"/thu/{row.id}/bo-tam-giu").status_code == 404
    released = officer.post(
        f"/thu/{row.id}/bo-tam-giu", {"expected_version": hidden(form, "expected_version")}, follow=True
    )
    assert "Đã bỏ tạm giữ. Thư chờ lãnh đạo duyệt." in released.text
    assert sentence in released.text  # what was decided stays in the history
    row = letter_of(session, case_id)
    letters.approve(session, world.head, row.id, expected_version=row.version)
    work.run_waiting(session)
    assert state_of(session, case_id) is LetterState.ISSUED


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("later", "Gia đình hẹn trả lời sau về việc nhận thư: hỏi lại gia đình."),
        (None, "Chưa hỏi gia đình có muốn nhận thư không: hỏi rồi ghi câu trả lời."),
    ],
    ids=["later", "never asked"],
)
def test_an_unanswered_consent_says_so_and_no_word_releases_it(
    session: Session, world: World, browse: Browsers, answer: str | None, sentence: str
) -> None:
    row = letter_of(session, registered(session, world, letter_consent=answer))
    assert sentence in browse("officer").get(f"/thu/{row.id}").text
    refused = browse("officer").post(f"/thu/{row.id}/bo-tam-giu", {"expected_version": str(row.version)})
    assert refused.status_code == 422
    assert state_of(session, row.case_id) is LetterState.HELD


def test_no_letter_before_the_registration_is_final(session: Session, world: World) -> None:
    """Asked for, received, waiting for the signature: the job that drafts finds nothing to do at any of them."""
    case_id = ask(session, world).case_id
    assert letters.draft_earned_letter(session, case_id) is None
    receive(session, world, case_id)
    assert letters.draft_earned_letter(session, case_id) is None
    work.run_waiting(session)
    assert queries.letters_of_case(session, SYSTEM, case_id) == []
