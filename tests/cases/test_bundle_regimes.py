"""Liên thông khai sinh under each of its three regimes, from the request to every result; and across the days between."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg.cases import export
from civreg.cases import service as cases
from civreg.cases.queries import case_page
from civreg.deadlines.queries import deadlines_of
from civreg.shared import clock
from civreg.shared.partial_date import PartialDate
from tests.shared.paper_reading import words
from tests.world import BIRTH, World, ask, deliver, receive, register, version

PARTS = ("birth", "residence", "health_insurance")


@dataclass(frozen=True)
class Regime:
    """What law.md section 4a says for papers complete at nine o'clock of a day; the days were counted on a calendar.

    Attributes:
        received: a working Monday.
        code: the procedure on the national portal.
        due: by which day each part is due; None where no text was read.
        promised: the day promised for the whole.
    """

    received: date
    code: str
    due: dict[str, date | None]
    promised: date


REGIMES = (
    # TTLT 05/2015: from the birth certificate 15 days residence, 10 days card; the whole 20 working days
    Regime(
        date(2018, 1, 8),
        "2.000986",
        dict(zip(PARTS, (date(2018, 1, 8), date(2018, 1, 23), date(2018, 1, 18)), strict=True)),
        date(2018, 2, 5),
    ),
    # NĐ 63/2024: 02 working days each, the whole 03
    Regime(
        date(2024, 8, 5),
        "2.002621",
        dict(zip(PARTS, (date(2024, 8, 5), date(2024, 8, 7), date(2024, 8, 7)), strict=True)),
        date(2024, 8, 8),
    ),
    # NĐ 301/2026: the identity card joins; later limits unconfirmed, the whole carried over from NĐ 63
    Regime(
        date(2026, 9, 14),
        "3.000722",
        {**dict.fromkeys((*PARTS, "identity_card")), "birth": date(2026, 9, 14)},
        date(2026, 9, 17),
    ),
)


def at(day: date, hour: int = 9) -> datetime:
    return datetime.combine(day, time(hour), clock.ZONE)


def asked(session: Session, world: World, day: date, left_out: tuple[str, ...] = ()) -> UUID:
    """Ask for the bundle on a day, for a child born a week before; the office has stood since 2016."""
    for table, column in (
        ("unit", "valid_from"),
        ("participation", "starts_on"),
        ("role_grant", "starts_on"),
    ):
        session.execute(text(f"UPDATE {table} SET {column} = '2016-01-01'"))
    born = PartialDate.of(day - timedelta(days=7))
    child, *parents = BIRTH.people
    form = replace(BIRTH, procedure="birth_bundle", event=born, people=(replace(child, birth=born), *parents))
    return ask(session, world, form, left_out_parts=left_out).case_id


@pytest.mark.parametrize("regime", REGIMES, ids=lambda regime: regime.code)
def test_a_bundle_goes_to_its_end_under_each_regime(session: Session, world: World, regime: Regime) -> None:
    with clock.travelling(at(regime.received, 8)):
        case_id = asked(session, world, regime.received)
    with clock.travelling(at(regime.received)):
        receive(session, world, case_id)
        page = case_page(session, world.officer, case_id)
        assert page.rules.portal_codes == (regime.code,)
        assert {part.code: part.due_on for part in page.parts} == regime.due
        assert page.promised_on == regime.promised
        for part in page.parts[1:]:
            submit(session, world, case_id, part.code)
        register(session, world, case_id, f"0843{regime.received:%y}012345")
    with clock.travelling(at(regime.received + timedelta(days=1))):
        for part in page.parts[1:]:
            cases.finish_part(
                session,
                world.officer,
                case_id,
                part.code,
                expected_version=version(session, world, case_id),
                result_number=f"KQ-{part.code}",
                done_at=clock.now(),
            )
        deliver(session, world, case_id)
        page = case_page(session, world.officer, case_id)
    assert (page.state, page.on_time) == ("delivered", True)
    assert {part.state for part in page.parts} == {"done"}


def submit(session: Session, world: World, case_id: UUID, part: str) -> None:
    cases.submit_part(
        session,
        world.officer,
        case_id,
        part,
        expected_version=version(session, world, case_id),
        account="family",
        portal_code=f"000.00.00.G22-{part}",
        submitted_at=clock.now(),
    )


def test_a_case_keeps_the_rules_of_its_reception_when_the_law_changes(session: Session, world: World) -> None:
    friday, thursday = date(2026, 8, 28), date(2026, 9, 3)
    with clock.travelling(at(friday, 8)):
        before, across = asked(session, world, friday), asked(session, world, friday)
    with clock.travelling(at(friday)):
        receive(session, world, before)
    with clock.travelling(at(thursday)):
        receive(session, world, across)
        kept, new = (case_page(session, world.officer, case_id) for case_id in (before, across))
    # 29/8 to 2/9 are off: the third working day is Monday 7/9
    assert (kept.rules.id, kept.promised_on) == ("birth_bundle@2024-07-01", date(2026, 9, 7))
    assert [part.code for part in kept.parts] == list(PARTS)
    # nobody could ask about the identity card in August; it is there to be done or given up
    assert (new.rules.id, new.promised_on) == ("birth_bundle@2026-09-01", date(2026, 9, 8))
    assert [part.code for part in new.parts] == [*PARTS, "identity_card"]


@pytest.mark.parametrize(
    ("day", "left_out", "promised"),
    [
        # TTLT 05/2015: birth and card 15 working days (29/1), with the residence 20 (5/2)
        (date(2018, 1, 8), ("residence",), date(2018, 1, 29)),
        (date(2018, 1, 8), ("health_insurance",), date(2018, 2, 5)),
        # NĐ 63/2024 and what is carried over from it: three working days whatever is left out
        (date(2024, 8, 5), ("residence",), date(2024, 8, 8)),
        (date(2024, 8, 5), ("health_insurance",), date(2024, 8, 8)),
        (date(2026, 9, 14), ("residence", "identity_card"), date(2026, 9, 17)),
    ],
)
@pytest.mark.parametrize("who", ["the family", "the officer"])
def test_a_family_takes_the_birth_with_one_more(
    session: Session, world: World, day: date, left_out: tuple[str, ...], promised: date, who: str
) -> None:
    """Left out when asking, or noted by the officer who calls: the promise is the same."""
    with clock.travelling(at(day, 8)):
        case_id = asked(session, world, day, left_out if who == "the family" else ())
        if who == "the officer":
            give_up(session, world, case_id, *left_out)
    with clock.travelling(at(day)):
        receive(session, world, case_id)
        page = case_page(session, world.officer, case_id)
        due = {row.subject_id for row in deadlines_of(session, case_id) if row.kind == "part"}
        slip = words(export.appointment_slip(session, world.officer, case_id, "https://hotich.example"))
    for part in page.rules.parts:
        assert (part.result_paper in slip) == (part.code not in left_out), "no paper that nobody makes"
    assert page.promised_on == promised
    assert due == {part.id for part in page.parts if part.code not in left_out}


def test_a_bundle_of_which_only_the_birth_is_left_is_promised_as_a_birth(
    session: Session, world: World
) -> None:
    day = date(2018, 1, 8)
    with clock.travelling(at(day, 8)):
        case_id = asked(session, world, day)
        give_up(session, world, case_id, "residence", "health_insurance")
    with clock.travelling(at(day)):
        receive(session, world, case_id)
        assert case_page(session, world.officer, case_id).promised_on == day
        assert [row.kind for row in deadlines_of(session, case_id) if row.state == "open"] == ["part"]


def give_up(session: Session, world: World, case_id: UUID, *codes: str) -> None:
    for code in codes:
        cases.give_up_part(
            session,
            world.officer,
            case_id,
            code,
            expected_version=version(session, world, case_id),
            reason="Gia đình tự làm sau",
        )
