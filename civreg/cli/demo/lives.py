"""Đời của một hồ sơ mẫu: a generator per kind of story; each `yield` is the moment at which it goes on.

Only services are called, by the people who would call them, at the hours they would.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from civreg.cases import queries as cases
from civreg.cases import service as cases_service
from civreg.cases.rules import DoorForm, EligibilityForm, PersonForm, RequestForm, SigningForm
from civreg.cli.demo.names import BIRTH_PLACES, Family, invent_family
from civreg.cli.demo.stories import (
    CHANGED_STORIES,
    Life,
    Story,
    apologise,
    change_before_print,
    letter_of,
    version,
    working_moment,
)
from civreg.letters import service as letters_service
from civreg.letters.rules import LetterState
from civreg.shared import clock
from civreg.shared.partial_date import PartialDate
from civreg.units.queries import participating_ids
from civreg.visits import queries as visits
from civreg.visits import service as visits_service
from civreg.visits.rules import Book, book_need, likely_book

BIRTH, MARRIAGE = "birth_at_home", "marriage_mobile"
LETTER_STORIES = (
    "held", "twins", "letter_draft", "letter_approved", "with_officer", "letter_returned", *CHANGED_STORIES,
)  # fmt: skip
"""Stories that stop at a letter: their families want one."""

AWAY_DAYS = 16
"""How many days later a couple that is away takes its second visit, so that it still lies ahead when the demo opens."""


def request_form(story: Story, family: Family, asked: datetime) -> RequestForm:
    """Return what this family states."""
    random = story.random
    common = RequestForm(
        procedure=story.procedure,
        unit_id=story.office.unit.id,
        requester_name=family.mother,
        phone=family.phone if random.random() < 0.9 else "",
        hamlet=family.hamlet,
        address=family.house,
        interpreter_wanted=family.ethnic_group == "Khmer" and random.random() < 0.2,
        letter_consent=random.choices(("yes", "later", "no"), (85, 8, 7))[0],
    )
    if story.stops == "callback":
        return replace(common, callback_only=True, letter_consent=None)
    if story.procedure == MARRIAGE:
        year = asked.year - 24
        young = story.stops == "under_age"
        bride_birth = (
            PartialDate.of(asked.date() - timedelta(days=365 * 17 + 200))
            if young
            else PartialDate(year + 1, 5, 9)
        )
        return replace(
            common,
            requester_name=family.father,
            people=(
                _person("groom", family.father, PartialDate(year - 2, 3, 14), "male", family, 1),
                _person("bride", family.mother, bride_birth, "female", family, 1),
            ),
        )
    born = asked.date() - timedelta(days=random.randrange(3, 30) if random.random() < 0.92 else 75)
    girl = random.random() < 0.5
    return replace(
        common,
        requester_relation="mẹ",
        people=(
            PersonForm(
                "child",
                family.daughter if girl else family.son,
                birth=PartialDate.of(born),
                sex="female" if girl else "male",
                ethnic_group=family.ethnic_group,
            ),
            _person("mother", family.mother, PartialDate(asked.year - 27), "female", family),
            *(
                ()
                if story.stops == "held"
                else (_person("father", family.father, PartialDate(asked.year - 30), "male", family),)
            ),
        ),
        father_unknown=story.stops == "held",
        letter_consent="yes" if story.stops in LETTER_STORIES else common.letter_consent,
        event=PartialDate.of(born),
        place_of_event=random.choice(BIRTH_PLACES),
    )


def _person(
    role: str, name: str, birth: PartialDate, sex: str, family: Family, marriage: int | None = None
) -> PersonForm:
    return PersonForm(
        role,
        name,
        birth=birth,
        sex="male" if sex == "male" else "female",
        ethnic_group=family.ethnic_group,
        residence=family.hamlet,
        marriage_ordinal=marriage,
    )


def live(story: Story, asked: datetime) -> Life:
    """Tell one case from the family's phone to its end, or to where it stops."""
    session, officer = story.session, story.officer
    yield asked
    family = invent_family(story.random)
    form = request_form(story, family, asked)
    key = f"demo-{story.office.unit.code}-{asked.isoformat()}"
    case_id = cases_service.submit_request(session, form, request_key=key, body_digest=key).case_id
    if story.stops in ("callback", "under_age", "requested"):
        return
    yield working_moment(story, clock.now(), 0 if asked.hour < 14 else 1, 9 + story.random.randrange(2), 20)
    cases_service.note_call(session, officer, case_id, expected_version=version(story, case_id))
    if story.stops in ("home_service_declined", "withdrawn", "transferred"):
        _close(story, case_id)
        return
    twin_id = _add_twin(story, case_id, family) if story.stops == "twins" else None
    starts_at = _book(story, case_id, "receive")
    if story.stops == "visit_scheduled":
        return
    yield starts_at + timedelta(minutes=25)
    visit_id = visits.planned_visits_of(session, case_id)[0]
    if story.stops == "nobody_home":
        visits_service.record_visit(
            session, officer, visit_id, "nobody_home", "Nhà khoá cửa, hàng xóm hẹn báo lại"
        )
        return
    visits_service.record_visit(session, officer, visit_id, "done")
    _receive(story, case_id)
    if twin_id is not None:
        _receive(story, twin_id)
        _ask_for_paper(story, twin_id, "Giấy chứng sinh của bé thứ hai ghi nhầm giờ sinh; xin bản đúng")
    yield from _register(story, case_id)


def _add_twin(story: Story, case_id: UUID, family: Family) -> UUID:
    """Write down the other baby; its papers come later, so that the letter of both waits."""
    page = cases.case_page(story.session, story.officer, case_id)
    [first] = [person.full_name for person in page.people if person.role == "child"]
    girl = first != family.daughter
    receipt = visits_service.add_twin(
        story.session,
        story.officer,
        case_id,
        expected_version=page.version,
        request_key=f"demo-twin-{case_id}",
        full_name=family.daughter if girl else family.son,
        sex="female" if girl else "male",
    )
    return receipt.case_id


def _ask_for_paper(story: Story, case_id: UUID, reason: str) -> None:
    page = cases.case_page(story.session, story.officer, case_id)
    cases_service.request_papers(
        story.session,
        story.officer,
        case_id,
        expected_version=page.version,
        papers=(page.papers[0].code,),
        reason=reason,
    )


def _book(story: Story, case_id: UUID, purpose: str) -> datetime:
    officer_id = story.officer.user_id
    assert officer_id is not None
    away = AWAY_DAYS if purpose == "return" and story.stops == "second_visit" else 1
    first = clock.today() + timedelta(days=away)
    book = _book_to_carry(story, case_id) if purpose == "return" else None
    book_id = book.id if book else None
    slots = visits.free_slots(story.session, story.office.unit.id, officer_id, first, 6, book_id=book_id)
    slot = slots[story.random.randrange(len(slots))]
    visits_service.book_visit(
        story.session,
        story.officer,
        case_id=case_id,
        expected_version=version(story, case_id),
        officer_id=officer_id,
        starts_at=slot.starts_at,
        purpose="receive" if purpose == "receive" else "return",
        register_book_id=book_id,
    )
    return slot.starts_at


def _book_to_carry(story: Story, case_id: UUID) -> Book | None:
    """Return the register book that the second visit of a mobile registration brings along."""
    page = cases.case_page(story.session, story.officer, case_id)
    need = book_need(page.rules, page.registered_at)
    books = visits.books_for(story.session, page.unit_id, need) if need else []
    return likely_book(books, page.codes.get("register_book", ""))


def _receive(story: Story, case_id: UUID) -> None:
    page = cases.case_page(story.session, story.officer, case_id)
    cases_service.receive_dossier(
        story.session,
        story.officer,
        case_id,
        expected_version=page.version,
        received_at=clock.now(),
        place="home",
        papers=tuple(paper.code for paper in page.papers),
        door=DoorForm(
            EligibilityForm(page.rules.eligibility[0].code) if page.rules.eligibility else EligibilityForm(),
            _signings(page),
        ),
    )


def _signings(page: cases.CasePage) -> tuple[SigningForm, ...]:
    """Return how everybody signs: every third family reads badly, so that one thumb-print is seen now and then."""
    by_thumb = int(page.code.rpartition("-")[2]) % 3 == 0
    return tuple(
        SigningForm(role, "thumb_print", read_back=True) if by_thumb else SigningForm(role, "signature")
        for role in page.rules.signers
    )


def _close(story: Story, case_id: UUID) -> None:
    expected = version(story, case_id)
    session, officer = story.session, story.officer
    if story.stops == "withdrawn":
        cases_service.withdraw(
            session, officer, case_id, expected_version=expected, reason="Gia đình tự đến trụ sở đăng ký"
        )
    elif story.stops == "transferred":
        others = neighbour_of(story)
        cases_service.transfer(
            session,
            officer,
            case_id,
            expected_version=expected,
            unit_id=others,
            reason="Cha mẹ cư trú ở xã này",
        )
    else:
        cases_service.decline_home_service(
            session,
            officer,
            case_id,
            expected_version=expected,
            reason="Gia đình ở ngay cạnh trụ sở, mời đến làm trong giờ hành chính",
        )


def neighbour_of(story: Story) -> int:
    """Return another commune of the programme."""
    from_programme = participating_ids(story.session, clock.today()) - {story.office.unit.id}
    return min(from_programme)


def _register(story: Story, case_id: UUID) -> Life:
    session, officer = story.session, story.officer
    if story.stops == "papers_requested":
        _ask_for_paper(story, case_id, "Bản chụp bị mờ, không đọc được số; xin bản rõ hơn")
        return
    if story.stops in ("dossier_received", "overdue"):
        return
    if story.stops == "apologised":
        yield from apologise(story, case_id)
        return
    if story.procedure == BIRTH and (story.random.random() < 0.3 or story.stops == "personal_number_pending"):
        cases_service.await_personal_number(
            session, officer, case_id, expected_version=version(story, case_id)
        )
        if story.stops == "personal_number_pending":
            return
        yield clock.now() + timedelta(minutes=75)
    if story.stops == "slow":
        yield working_moment(story, clock.now(), 7, 10)
    cases_service.enter_numbers(
        session,
        officer,
        case_id,
        expected_version=version(story, case_id),
        register_number=f"{story.random.randrange(1, 400)}/{clock.today().year}",
        register_book=f"01/{clock.today().year}",
        personal_number=_personal_number(story, case_id) if story.procedure == BIRTH else "",
    )
    if story.stops == "awaiting_signature":
        return
    if story.stops == "refused":
        cases_service.refuse(
            session,
            story.office.head,
            case_id,
            expected_version=version(story, case_id),
            reason="Việc đăng ký thuộc thẩm quyền của xã nơi cha mẹ cư trú",
        )
        return
    cases_service.sign(
        session, officer, case_id, expected_version=version(story, case_id), signed_at=clock.now()
    )
    yield from _letter_and_return(story, case_id)


def _personal_number(story: Story, case_id: UUID) -> str:
    child = next(
        person
        for person in cases.case_page(story.session, story.officer, case_id).people
        if person.role == "child"
    )
    year = child.birth_year or clock.today().year
    return (
        f"0863{year % 100:02d}{story.random.randrange(10**6):06d}"
        if child.sex == "female"
        else (f"0862{year % 100:02d}{story.random.randrange(10**6):06d}")
    )


def _letter_and_return(story: Story, case_id: UUID) -> Life:
    session, officer = story.session, story.officer
    yield working_moment(story, clock.now(), 0, 16, 10)
    letter = letter_of(story, case_id)
    if letter is not None and letter.state is LetterState.DRAFT and story.stops != "letter_draft":
        letters_service.approve(session, story.office.head, letter.id, expected_version=letter.version)
    if story.stops in ("letter_draft", "letter_approved", "twins"):
        return
    if story.stops in CHANGED_STORIES:
        yield from change_before_print(story, case_id)
        return
    yield working_moment(story, clock.now(), 1, 8, 40)
    back = _book(story, case_id, "return")
    if story.stops in ("registered", "second_visit"):
        return
    yield back - timedelta(minutes=15)
    book = _take_book_out(story, case_id)
    letter = letter_of(story, case_id)
    if letter is not None and letter.state is LetterState.PRINTED:
        letters_service.sign_seal(session, story.clerk, letter.id, expected_version=letter.version)
        letter = letter_of(story, case_id)
        assert letter is not None
        letters_service.give_to_officer(
            session, story.clerk, letter.id, expected_version=letter.version, officer_name=officer.full_name
        )
    if story.stops == "with_officer":
        return
    yield back + timedelta(minutes=20)
    visit_id = visits.planned_visits_of(session, case_id)[0]
    visits_service.record_visit(session, officer, visit_id, "done")
    page = cases.case_page(session, officer, case_id)
    cases_service.deliver(
        session,
        officer,
        case_id,
        expected_version=page.version,
        delivered_on=clock.today(),
        place="home",
        signings=_signings(page),
        both_present=page.rules.both_present,
    )
    _hand_over(story, case_id)
    if book is not None and story.stops != "book_out":
        yield clock.now() + timedelta(minutes=25)
        visits_service.bring_back(session, officer, book, expected_version=None)
    if story.stops == "annulled":
        yield working_moment(story, clock.now(), 1, 10, 5)
        _annul(story, case_id)


def _annul(story: Story, case_id: UUID) -> None:
    """The child had been registered elsewhere before: the head takes the registration back out."""
    cases_service.annul_registration(
        story.session,
        story.office.head,
        case_id,
        expected_version=version(story, case_id),
        reason="Bé đã có giấy khai sinh đăng ký ở nơi khác (quyết định hủy bỏ số 12/QĐ-UBND)",
    )


def _take_book_out(story: Story, case_id: UUID) -> UUID | None:
    """Log the book of the next visit out with the officer; a book that never came back is not logged twice."""
    officer_id = story.officer.user_id
    assert officer_id is not None
    trip = visits.visit_page(
        story.session, story.officer, visits.planned_visits_of(story.session, case_id)[0]
    )
    for book in trip.books:
        if visits.book_page(story.session, story.officer, book.id, clock.today()).loan is None:
            visits_service.take_out(
                story.session,
                story.officer,
                book.id,
                expected_version=None,
                officer_id=officer_id,
                visit_id=trip.id,
            )
            return book.id
    return None


def _hand_over(story: Story, case_id: UUID) -> None:
    letter = letter_of(story, case_id)
    if letter is None or letter.state is not LetterState.WITH_OFFICER:
        return
    if story.stops == "letter_returned":
        letters_service.return_letter(
            story.session,
            story.officer,
            letter.id,
            expected_version=letter.version,
            reason="Gia đình xin nhận thư vào dịp khác",
        )
        return
    page = cases.case_page(story.session, story.officer, case_id)
    requester = next(person for person in page.people if person.role == "requester")
    letters_service.hand_over(
        story.session,
        story.officer,
        letter.id,
        expected_version=letter.version,
        to_whom=requester.full_name,
        relation=requester.relation or "người yêu cầu",
        at=clock.now(),
    )
