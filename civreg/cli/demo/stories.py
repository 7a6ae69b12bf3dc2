"""Chuyện của hồ sơ mẫu: what a life needs to be told, and the turns that few lives take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from uuid import UUID

from sqlalchemy.orm import Session

from civreg.accounts.rules import Actor
from civreg.cases import queries as cases
from civreg.cases import service as cases_service
from civreg.cli.demo.places import Office
from civreg.deadlines import service as deadlines
from civreg.deadlines.rules import add_working_days, next_working_day
from civreg.letters import queries as letters
from civreg.letters import service as letters_service
from civreg.shared import clock

Life = Iterator[datetime]

CHANGED_STORIES = ("letter_stopped", "letter_outdated", "letter_replaced")
"""Stories in which something changes between the letter's number and the printer."""


@dataclass(frozen=True)
class Story:
    """What a life needs.

    Attributes:
        stops: the step after which nothing more happens ("" for a life to its end); "slow" misses the date.
    """

    session: Session
    random: Random
    office: Office
    clerk: Actor
    procedure: str
    stops: str = ""

    @property
    def officer(self) -> Actor:
        """The officer of the commune."""
        return self.office.officer


def working_moment(story: Story, after: datetime, days: int, hour: int, minute: int = 0) -> datetime:
    """Return an hour of the working day that comes `days` working days later (0: the same, if it is one)."""
    calendar = deadlines.calendar(story.session)
    day = after.date()
    start = next_working_day(day - timedelta(days=1), calendar)
    day = add_working_days(start, days, calendar) if days else start
    moment = datetime.combine(day, time(hour, minute), clock.ZONE)
    return (
        moment
        if moment > after
        else datetime.combine(next_working_day(day, calendar), time(hour, minute), clock.ZONE)
    )


def version(story: Story, case_id: UUID) -> int:
    """Return the version the officer's page carries."""
    return cases.rows_of(story.session, story.officer, [case_id])[case_id].version


def letter_of(story: Story, case_id: UUID) -> letters.LetterRow | None:
    """Return the letter of the case, as the officer's page shows it."""
    found = letters.letters_of_case(story.session, story.officer, case_id)
    return found[0] if found else None


def change_before_print(story: Story, case_id: UUID) -> Life:
    """On the next morning, before the printer: the family wants no letter after all, or its registration is corrected."""
    session, officer = story.session, story.officer
    yield working_moment(story, clock.now(), 1, 9, 15)
    if story.stops == "letter_stopped":
        cases_service.change_case(
            session,
            officer,
            case_id,
            expected_version=version(story, case_id),
            before={"letter_consent": "yes"},
            sent={"letter_consent": "no"},
        )
        return
    cases_service.open_correction(
        session, officer, case_id, expected_version=version(story, case_id), reason="Sai chữ đệm của mẹ"
    )
    yield clock.now() + timedelta(hours=2)
    page = cases.case_page(session, officer, case_id)
    [mother] = [person.full_name for person in page.people if person.role == "mother"]
    right = mother.replace(" Thị ", " ") if " Thị " in mother else mother.replace(" ", " Thị ", 1)
    cases_service.close_correction(
        session,
        officer,
        case_id,
        expected_version=page.version,
        form=cases_service.CorrectionForm(register_number=page.codes["register"], names={"mother": right}),
    )
    if story.stops == "letter_replaced":
        yield clock.now() + timedelta(minutes=20)
        letter = letter_of(story, case_id)
        assert letter is not None
        letters_service.replace_letter(
            session,
            story.office.head,
            letter.id,
            expected_version=letter.version,
            reason="Sai chữ đệm của mẹ, đã sửa ở sổ",
        )


def apologise(story: Story, case_id: UUID) -> Life:
    """The promised day passed: the head signs why and one new day, and the letter that says so goes its way."""
    session, head = story.session, story.office.head
    yield working_moment(story, clock.now(), 3, 9)
    for apology in cases.apologies_of(session, head, case_id):
        cases_service.sign_apology(
            session,
            head,
            apology.id,
            expected_version=apology.version,
            reason="Phần mềm hộ tịch dùng chung ngừng hoạt động hai ngày",
            new_due_on=add_working_days(clock.today(), 8, deadlines.calendar(session)),
        )
    yield clock.now() + timedelta(hours=1)
    letter = letter_of(story, case_id)
    assert letter is not None
    letters_service.approve(session, head, letter.id, expected_version=letter.version)
