"""Làm dữ liệu mẫu: fourteen months of services called under a travelling clock, never a row inserted by hand."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count
from random import Random

from sqlalchemy.orm import Session

from civreg.accounts.rules import Permission
from civreg.cases import service as cases_service
from civreg.cases.rules.tidings import TidingForm
from civreg.cli.demo.lives import BIRTH, MARRIAGE, live
from civreg.cli.demo.names import invent_family, invent_staff
from civreg.cli.demo.places import Account, Office, Places, settle
from civreg.cli.demo.stories import CHANGED_STORIES, Life, Story, working_moment
from civreg.deadlines import service as deadlines
from civreg.deadlines.rules import is_working_day
from civreg.letters import queries as letters
from civreg.letters import service as letters_service
from civreg.letters.rules import LetterState
from civreg.shared import clock
from civreg.shared.database import new_id
from civreg.shared.partial_date import PartialDate
from civreg.visits import queries as visits
from civreg.visits import service as visits_service
from civreg.visits.rules import BOOK_WORDS
from civreg.work import run_waiting

MONTHS = 14
SEED = 20261124
CASES_A_YEAR = 9
"""Events a year in the commune whose accounts are printed, about what practice has."""

CASES_A_YEAR_ELSEWHERE = 4
"""In the other communes: enough for the province's table, few enough that `make run` stays short."""

QUIET = 3
"""The office (by position) that has a month without a case, as happens in practice."""

LATE_STORIES = (
    "callback", "requested", "under_age", "visit_scheduled", "visit_scheduled", "nobody_home", "dossier_received",
    "papers_requested", "personal_number_pending", "awaiting_signature", "registered", "letter_draft",
    "letter_approved", "held", "with_officer", "letter_returned", "home_service_declined", "transferred", "withdrawn",
    "refused", "overdue", "slow", "twins", "second_visit", "second_visit", "book_out",
    "annulled", "letter_stopped", "letter_outdated", "apologised", "letter_replaced",
)  # fmt: skip
"""How the stories of the last weeks stop, so that every state is there to look at."""


MARRIED_STORIES = (
    "under_age", "overdue", "slow", "papers_requested", "second_visit", "book_out",
)  # fmt: skip
"""Those of the last weeks that a couple lives through: marriages are the demo's mobile registrations."""


@dataclass
class _Runner:
    """Lets every life go on at its own moment, and the machine's work happen between them."""

    session: Session
    until: datetime
    queue: list[tuple[datetime, int, Life]] = field(default_factory=list)
    order: Iterator[int] = field(default_factory=count)

    def start(self, life: Life) -> None:
        """Let a life begin; it first says when."""
        self._wait(life)

    def _wait(self, life: Life) -> None:
        moment = next(life, None)
        if moment is not None:
            heapq.heappush(self.queue, (moment, next(self.order), life))

    def run(self) -> int:
        """Go through time up to the end; return how many steps were made."""
        steps = 0
        while self.queue and self.queue[0][0] <= self.until:
            moment, _, life = heapq.heappop(self.queue)
            with clock.travelling(moment):
                self._wait(life)
                run_waiting(self.session)
            steps += 1
        return steps


def make_demo(session: Session, months: int = MONTHS) -> tuple[Account, ...]:
    """Make the demo in the caller's transaction; return the accounts to print once.

    The same moment of making gives the same cases; only codes, keys and passwords are drawn anew.
    """
    random = Random(SEED)  # noqa: S311 - invented names, not secrets
    now = clock.now()
    start = _months_before(now.date(), months)
    with clock.travelling(datetime.combine(start, time(8), clock.ZONE)):
        places = settle(session, random, start, now.date())
    runner = _Runner(session, now)
    for position in range(len(places.offices)):
        for life in _ordinary_lives(session, random, places, position, start, now):
            runner.start(life)
    for life in _late_lives(session, random, places, now):
        runner.start(life)
    runner.start(_keeping_of_books(session, places, start, now))
    runner.start(_machine(session, start, now))
    runner.start(_print_shop(session, places, start, now))
    runner.run()
    _tell(session, random, places.offices[0], now)
    session.flush()
    return places.accounts


def _tell(session: Session, random: Random, office: Office, now: datetime) -> None:
    """Let a hamlet head and a pagoda tell of two families of this morning, for the desk of the printed account."""
    told = (("hamlet_head", "birth", 3), ("pagoda", "death", 0))
    for (reporter, occasion, days), hours in zip(told, (2, 1), strict=True):
        family = invent_family(random)
        form = TidingForm(
            unit_id=office.unit.id,
            reporter=reporter,  # type: ignore[arg-type]
            reporter_name=invent_staff(random, women=False),
            reporter_phone=family.phone,
            occasion=occasion,
            family_name=family.mother,
            hamlet=family.hamlet,
            note=family.house,
            event=PartialDate.of(now.date() - timedelta(days=days)),
        )
        with clock.travelling(now - timedelta(hours=hours)):
            key = str(new_id())
            cases_service.tell_tiding(session, form, request_key=key, body_digest=key, address="")


def _months_before(day: date, months: int) -> date:
    total = day.year * 12 + day.month - 1 - months
    return date(total // 12, total % 12 + 1, 1)


def _ordinary_lives(
    session: Session, random: Random, places: Places, position: int, start: date, now: datetime
) -> Iterator[Life]:
    office, quiet = places.offices[position], position == QUIET
    quiet_from, quiet_to = _months_before(now.date(), 8), _months_before(now.date(), 6)
    days = (now.date() - start).days - 21
    a_year = CASES_A_YEAR_ELSEWHERE if position else CASES_A_YEAR
    for _ in range(round(a_year * days / 365) + random.randrange(2)):
        asked = datetime.combine(
            start + timedelta(days=1 + random.randrange(days)),
            time(7 + random.randrange(12), random.randrange(60)),
            clock.ZONE,
        )
        if quiet and quiet_from <= asked.date() < quiet_to:
            continue
        procedure = BIRTH if random.random() < 0.65 else MARRIAGE
        stops = random.choices(("", "slow", "withdrawn", "home_service_declined"), (88, 4, 4, 4))[0]
        yield live(Story(session, random, office, places.clerk, procedure, stops), asked)


def _late_lives(session: Session, random: Random, places: Places, now: datetime) -> Iterator[Life]:
    """Yield the stories of the last weeks: two for the commune whose accounts are printed, one each elsewhere."""
    first = places.offices[0]
    for position, stops in enumerate(LATE_STORIES):
        office = first if position % 3 != 2 else places.offices[1 + position % (len(places.offices) - 1)]
        procedure = MARRIAGE if stops in MARRIED_STORIES else BIRTH
        days = (
            1 + position % 3
            if stops in ("callback", "requested", "under_age", "visit_scheduled")
            else 9 + position % 9
        )
        asked = datetime.combine(
            now.date() - timedelta(days=days), time(8 + position % 8, 7 * position % 60), clock.ZONE
        )
        # these draw from their own source: the stories of the others stay as they are
        own = stops in ("twins", "apologised", *CHANGED_STORIES)
        draws = Random(SEED + position) if own else random  # noqa: S311
        yield live(Story(session, draws, office, places.clerk, procedure, stops), asked)


def _machine(session: Session, start: date, now: datetime) -> Life:
    """Sweep the deadlines every working morning and evening, as beat does every minute."""
    day = start
    while day <= now.date():
        for hour in (8, 17):
            moment = datetime.combine(day, time(hour, 5), clock.ZONE)
            if moment > now:
                return
            yield moment
            if is_working_day(day, deadlines.calendar(session)):
                deadlines.sweep(session)
        day += timedelta(days=1)


def _keeping_of_books(session: Session, places: Places, start: date, now: datetime) -> Life:
    """Open the books of every year and kind, and close those of the year that ends (a book that is out stays open)."""
    yield datetime.combine(start, time(7, 30), clock.ZONE)
    _open_books(session, places, start.year)
    for year in range(start.year, now.year):
        yield datetime(year, 12, 31, 17, 40, tzinfo=clock.ZONE)
        for office in places.offices:
            for row in visits.books_of(session, office.officer, clock.today()):
                if row.book.year == year and row.loan is None:
                    visits_service.close_book(session, office.officer, row.id, expected_version=row.version)
        _open_books(session, places, year + 1)


def _open_books(session: Session, places: Places, year: int) -> None:
    for office in places.offices:
        for kind in BOOK_WORDS:
            visits_service.open_book(
                session, office.officer, unit_id=office.unit.id, kind=kind, year=year, label="01"
            )


def _print_shop(session: Session, places: Places, start: date, now: datetime) -> Life:
    """Let the letter clerk print on every working day at half past one what was issued."""
    story = Story(session, Random(SEED), places.offices[0], places.clerk, BIRTH)  # noqa: S311
    moment = datetime.combine(start, time(13, 30), clock.ZONE)
    while moment < now:
        moment = working_moment(story, moment, 1, 13, 30)
        yield moment
        covered = places.clerk.units(Permission.LETTER_PRINT)
        issued = letters.letters(session, places.clerk, state=(LetterState.ISSUED,))
        waiting = [row for row in issued if not row.held_reason and row.outdated_at is None]
        if waiting:
            letters_service.print_run(session, places.clerk, {row.unit_id for row in waiting} & covered)
