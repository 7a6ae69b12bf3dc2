"""Xã Ngãi Xuyên becomes part of xã Trà Cú: its open work and its staff go over, nothing else changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg import succession, work
from civreg.accounts import queries as accounts
from civreg.accounts.rules import Role
from civreg.cases import service as cases
from civreg.cases.queries import case_page, follow, tidings_waiting
from civreg.deadlines.queries import deadlines_of, near_and_missed
from civreg.letters import queries as letters
from civreg.letters import service as letters_service
from civreg.letters.rules import LetterState
from civreg.shared import audit, clock
from civreg.shared.errors import Conflict, NotAllowed, NotFound
from civreg.statistics import queries as statistics
from civreg.statistics.service import rebuild
from civreg.succession import Holdings
from civreg.units import queries as units
from civreg.visits import queries as visits
from tests.letters.flow import letter_of
from tests.succession.merged import AFTER, FORM, REFORM, Merged, actor, build, hand_over, unit_of
from tests.world import ask

EVERYTHING = Holdings(
    cases=4, visits=1, letters=1, apologies=0, tidings=1, roles=4, books=1, participations=1
)


def unit_now(session: Session, case_id: UUID) -> tuple[int, int]:
    row = session.execute(
        text("SELECT received_unit_id, current_unit_id FROM case_file WHERE id = :id"), {"id": case_id}
    ).one()
    return row[0], row[1]


def counts(session: Session) -> list[tuple[object, ...]]:
    rows = session.execute(text("SELECT unit_id, day, line, count FROM daily_count ORDER BY 1, 2, 3"))
    return [tuple(row) for row in rows]


def test_the_plan_counts_what_is_left_and_names_who_follows(country: Session, merged: Merged) -> None:
    plan, other = succession.plans(country, actor(country, merged.administrator), clock.today())
    assert other.old.id == merged.other
    assert (plan.old.id, [unit.id for unit in plan.after]) == (merged.old, [merged.new])
    assert plan.place == "Xã Ngãi Xuyên, huyện Trà Cú, tỉnh Trà Vinh"
    assert plan.holdings == EVERYTHING
    assert (plan.numbered, plan.blocked) == (1, "")
    assert plan.roles[Role.OFFICER] == plan.roles[Role.HEAD] == 1


def test_open_cases_go_over_and_ended_ones_stay(country: Session, merged: Merged) -> None:
    assert hand_over(country, merged) == EVERYTHING
    for case_id in merged.open_cases:
        assert unit_now(country, case_id) == (merged.old, merged.new)
        assert {row.unit_id for row in deadlines_of(country, case_id) if row.state == "open"} <= {merged.new}
    assert unit_now(country, merged.delivered) == (merged.old, merged.old)
    left = succession.plan_of(country, actor(country, merged.administrator), merged.old, clock.today())
    assert left.holdings == Holdings()


def test_the_old_officer_sees_her_cases_at_the_new_unit_and_a_stranger_does_not(
    country: Session, merged: Merged
) -> None:
    hand_over(country, merged)
    officer, stranger = actor(country, merged.people.officer), actor(country, merged.people.neighbour)
    assert [(grant.role, grant.unit_id) for grant in officer.grants] == [(Role.OFFICER, merged.new)]
    for case_id in (*merged.open_cases, merged.delivered):
        assert case_page(country, officer, case_id).id == case_id
        with pytest.raises(NotFound):
            case_page(country, stranger, case_id)
    assert [row.id for row in tidings_waiting(country, officer)] == [merged.tiding]
    assert tidings_waiting(country, stranger) == ()


def test_the_staff_of_the_new_unit_sees_nothing_before_the_plan_is_confirmed(
    country: Session, merged: Merged
) -> None:
    country.execute(
        text("UPDATE role_grant SET unit_id = :new WHERE user_id = :user"),
        {"new": merged.new, "user": merged.people.neighbour.user_id},
    )
    there = actor(country, merged.people.neighbour)
    for case_id in (merged.asked, merged.delivered):
        with pytest.raises(NotFound):
            case_page(country, there, case_id)
    hand_over(country, merged)
    there = actor(country, merged.people.neighbour)
    for case_id in (merged.asked, merged.delivered):
        assert case_page(country, there, case_id).id == case_id


def test_the_history_of_a_case_says_what_happened_and_an_old_page_is_stale(
    country: Session, merged: Merged
) -> None:
    before = case_page(country, actor(country, merged.people.officer), merged.received)
    hand_over(country, merged)
    country.expire_all()
    officer = actor(country, merged.people.officer)
    after = case_page(country, officer, merged.received)
    last = after.history[-1]
    assert (last.action, last.note) == ("change_unit", "Xã Ngãi Xuyên nay thuộc xã Trà Cú")
    assert last.actor_id == merged.administrator.user_id
    assert (after.state, after.code, after.version) == (before.state, before.code, before.version + 1)
    with pytest.raises(Conflict):
        cases.await_personal_number(country, officer, merged.received, expected_version=before.version)
    cases.await_personal_number(country, officer, merged.received, expected_version=after.version)


def test_roles_end_and_begin_on_the_same_day(country: Session, merged: Merged) -> None:
    user_id = merged.people.head.user_id
    assert user_id is not None
    hand_over(country, merged)
    here, there = accounts.grants_of(country, user_id)
    assert (here.unit_id, here.role, here.starts_on, here.ends_on) == (
        merged.new,
        Role.HEAD,
        AFTER.date(),
        None,
    )
    assert (there.unit_id, there.ends_on) == (merged.old, AFTER.date())


def test_the_visit_goes_on_as_it_was_booked(country: Session, merged: Merged) -> None:
    officer = actor(country, merged.people.officer)
    before = visits.visit_page(country, officer, merged.visit)
    hand_over(country, merged)
    officer = actor(country, merged.people.officer)
    after = visits.visit_page(country, officer, merged.visit)
    assert (after.unit_id, after.version) == (merged.new, before.version + 1)
    assert (after.starts_at, after.officer_id) == (before.starts_at, before.officer_id)
    assert [row.id for row in visits.day_plan(country, officer, before.starts_at.date())] == [merged.visit]


def test_a_letter_without_number_names_the_new_unit_and_a_numbered_one_keeps_its_own(
    country: Session, merged: Merged
) -> None:
    numbered = letter_of(country, merged.numbered)
    hand_over(country, merged)
    head, clerk = actor(country, merged.people.head), actor(country, merged.people.clerk)
    draft = letter_of(country, merged.drafted)
    page = letters.letter_page(country, head, draft.id, work.LETTER_TEMPLATES)
    assert draft.unit_id == merged.new
    assert page.words is not None
    words = " ".join(page.words.paragraphs)
    assert "xã Trà Cú" in words
    assert "Ngãi Xuyên" not in words
    letters_service.approve(country, head, draft.id, expected_version=draft.version)
    work.run_waiting(country)
    issued = letter_of(country, merged.drafted)
    assert (issued.state, issued.unit_id, issued.number) == (LetterState.ISSUED, merged.new, "01/2025")
    kept = letter_of(country, merged.numbered)
    assert (kept.unit_id, kept.number, kept.version) == (merged.old, numbered.number, numbered.version)
    run = letters_service.print_run(country, clerk, [merged.old])
    assert run.count == 1


def test_figures_before_stay_and_later_ones_are_the_new_units(country: Session, merged: Merged) -> None:
    staff = actor(country, merged.people.staff)
    june = statistics.month(country, staff, merged.old, 2025, 6)
    before = counts(country)
    hand_over(country, merged)
    assert counts(country) == before
    staff, officer = actor(country, merged.people.staff), actor(country, merged.people.officer)
    assert statistics.month(country, staff, merged.old, 2025, 6) == june
    page = case_page(country, officer, merged.numbered)
    cases.deliver(
        country,
        officer,
        merged.numbered,
        expected_version=page.version,
        delivered_on=AFTER.date(),
        place="home",
    )
    numbered = letter_of(country, merged.numbered)
    clerk = actor(country, merged.people.clerk)
    letters_service.print_run(country, clerk, [merged.old])
    letters_service.sign_many(country, clerk, [numbered.id])
    letters_service.hand_over(
        country,
        officer,
        numbered.id,
        expected_version=letter_of(country, merged.numbered).version,
        to_whom="Thạch Thị Sa Rết",
        relation="mẹ",
        at=clock.now(),
    )
    work.run_waiting(country)
    new = [row for row in counts(country) if row not in before]
    assert new == [
        (merged.new, AFTER.date(), "delivered", 1),
        (merged.new, AFTER.date(), "letter_congratulation_birth", 1),
    ]
    assert rebuild(country) == []


def test_what_is_typed_later_about_a_day_before_counts_for_the_old_unit(
    country: Session, merged: Merged
) -> None:
    hand_over(country, merged)
    officer = actor(country, merged.people.officer)
    page = case_page(country, officer, merged.received)
    cases.enter_numbers(
        country,
        officer,
        merged.received,
        expected_version=page.version,
        register_number="9/2025",
        personal_number="084325012345",
    )
    page = case_page(country, officer, merged.received)
    signed_at = clock.now() - timedelta(days=4)
    cases.sign(country, officer, merged.received, expected_version=page.version, signed_at=signed_at)
    work.run_waiting(country)
    row = country.execute(
        text("SELECT unit_id, day FROM fact WHERE case_id = :case AND line = 'registered'"),
        {"case": merged.received},
    ).one()
    assert tuple(row) == (merged.old, signed_at.date())


def test_what_the_old_staff_does_before_the_plan_counts_for_the_unit_that_holds(
    country: Session, merged: Merged
) -> None:
    officer = actor(country, merged.people.officer)
    page = case_page(country, officer, merged.asked)
    cases.receive_dossier(
        country,
        officer,
        merged.asked,
        expected_version=page.version,
        received_at=clock.now(),
        place="home",
        papers=tuple(paper.code for paper in page.papers),
    )
    work.run_waiting(country)
    row = country.execute(
        text("SELECT unit_id FROM fact WHERE case_id = :case AND line = 'received'"), {"case": merged.asked}
    ).one()
    assert row.unit_id == merged.new
    assert unit_now(country, merged.asked) == (merged.old, merged.old)


def test_the_family_reads_the_number_that_answers_now(country: Session, merged: Merged) -> None:
    with clock.travelling(AFTER - timedelta(days=5)):
        receipt = ask(country, merged.people, FORM, requester_name="Thạch Thị Ba")
    hand_over(country, merged)
    followed = follow(country, receipt.tracking_code, receipt.pin)
    assert followed is not None
    assert (followed.unit_name, followed.hotline) == ("Xã Trà Cú", "0294 3874 079")


def test_the_programme_goes_on_without_the_old_chair(country: Session, merged: Merged) -> None:
    hand_over(country, merged)
    (ended,) = units.participations_of(country, merged.old)
    (begun,) = units.participations_of(country, merged.new)
    assert ended.ends_on == begun.starts_on == REFORM
    assert (begun.hotline, begun.signer_name, begun.ends_on) == ("0294 3874 079", None, None)


def test_both_chains_say_what_was_handed_over(country: Session, merged: Merged) -> None:
    hand_over(country, merged)
    rows = country.execute(
        text("SELECT chain, action, details->>'cases', details->>'from_unit', details->>'to_unit' FROM audit")
    ).all()
    assert (merged.old, "unit.handed_over", "4", "29479", "29461") in [tuple(row) for row in rows]
    assert (merged.new, "unit.taken_over", "4", "29479", "29461") in [tuple(row) for row in rows]
    assert sum(row.action == "case.unit_changed" and row.chain == merged.new for row in rows) == 4
    assert sum(row.action == "role.ended" and row.chain == merged.old for row in rows) == 4
    assert sum(row.action == "role.granted" and row.chain == merged.new for row in rows) == 4
    assert audit.verify(country).ok


def test_the_book_is_closed_where_it_was_written(country: Session, merged: Merged) -> None:
    hand_over(country, merged)
    row = country.execute(text("SELECT unit_id, closed_at IS NOT NULL FROM register_book")).one()
    assert tuple(row) == (merged.old, True)


def test_near_dates_are_on_the_new_desk(country: Session, merged: Merged) -> None:
    hand_over(country, merged)
    later = AFTER + timedelta(days=30)
    found = near_and_missed(country, [merged.new], later)
    assert {row.case_id for row in found} == {merged.received}
    assert near_and_missed(country, [merged.old], later) == []


def test_a_second_time_nothing_happens(country: Session, merged: Merged) -> None:
    who = actor(country, merged.administrator)
    plan = succession.plan_of(country, who, merged.old, clock.today())
    hand_over(country, merged)
    rows = country.execute(text("SELECT count(*) FROM audit")).scalar_one()
    assert succession.carry_out(country, who, merged.old, expected=plan.expected) == Holdings()
    assert country.execute(text("SELECT count(*) FROM audit")).scalar_one() == rows
    assert merged.old not in {plan.old.id for plan in succession.plans(country, who, clock.today())}


def test_what_comes_to_light_later_goes_the_same_way(country: Session, merged: Merged) -> None:
    hand_over(country, merged)
    country.execute(
        text("UPDATE case_file SET current_unit_id = :old WHERE id = :id"),
        {"old": merged.old, "id": merged.asked},
    )
    country.expire_all()
    assert hand_over(country, merged) == Holdings(cases=1)
    assert unit_now(country, merged.asked) == (merged.old, merged.new)
    (row,) = units.handovers(country)
    assert (row.old.id, row.new.id, row.handed_by) == (
        merged.old,
        merged.new,
        merged.administrator.user_id,
    )


def test_a_changed_situation_is_shown_and_nothing_moves(country: Session, merged: Merged) -> None:
    who = actor(country, merged.administrator)
    plan = succession.plan_of(country, who, merged.old, clock.today())
    officer = actor(country, merged.people.officer)
    page = case_page(country, officer, merged.asked)
    cases.withdraw(country, officer, merged.asked, expected_version=page.version, reason="Gia đình đi xa")
    with pytest.raises(succession.SituationChanged) as refused:
        succession.carry_out(country, who, merged.old, expected=plan.expected)
    assert refused.value.sentence == (
        "Số việc đã thay đổi từ lúc ông/bà mở trang. Ông/bà xem lại các số mới dưới đây rồi xác nhận lại; chưa có "
        "gì bị chuyển."
    )
    assert refused.value.plan.holdings == replace(EVERYTHING, cases=3)
    assert unit_now(country, merged.received) == (merged.old, merged.old)


def test_whoever_holds_the_role_there_already_is_given_nothing_twice(
    country: Session, merged: Merged
) -> None:
    user_id = merged.people.officer.user_id
    country.execute(
        text(
            "INSERT INTO role_grant (id, user_id, unit_id, role, starts_on, granted_at)"
            " VALUES (gen_random_uuid(), :user, :unit, 'officer', '2025-07-01', now())"
        ),
        {"user": user_id, "unit": merged.new},
    )
    assert hand_over(country, merged).roles == 4
    assert user_id is not None
    held = [grant for grant in accounts.grants_of(country, user_id) if grant.holds_on(AFTER.date())]
    assert [(grant.unit_id, grant.starts_on) for grant in held] == [(merged.new, date(2025, 7, 1))]


def test_only_the_administrator_of_the_unit_that_receives_may(country: Session, merged: Merged) -> None:
    officer, neighbour = actor(country, merged.people.officer), actor(country, merged.people.neighbour)
    for who in (officer, neighbour, merged.people.stranger):
        assert succession.plans(country, who, clock.today()) == []
        with pytest.raises((NotFound, NotAllowed)):
            succession.carry_out(country, who, merged.old, expected="")


def test_a_unit_nobody_follows_says_what_is_missing(country: Session, merged: Merged) -> None:
    country.execute(text("DELETE FROM unit_successor WHERE old_unit_id = :old"), {"old": merged.old})
    plan, _ = succession.plans(country, actor(country, merged.administrator), clock.today())
    assert plan.blocked == (
        "Xã Ngãi Xuyên kết thúc ngày 1/7/2025 và danh mục chưa ghi đơn vị kế tiếp. Ông/bà nạp danh mục có tệp kế "
        "tiếp rồi mở lại trang này."
    )


def test_a_coming_day_is_shown_and_cannot_be_confirmed_yet(country: Session) -> None:
    merged = build(country)
    with clock.travelling(AFTER - timedelta(days=4)):
        who = accounts.actor_for(country, merged.administrator.user_id or UUID(int=0), REFORM)
        assert succession.plans(country, who, clock.today()) == []
        plan, _ = succession.plans(country, who, REFORM)
        assert plan.blocked == ("Xã Ngãi Xuyên kết thúc ngày 1/7/2025. Ông/bà xác nhận kế hoạch từ ngày đó.")
        with pytest.raises(NotFound):
            succession.carry_out(country, who, merged.old, expected=plan.expected)


def test_a_unit_that_took_over_hands_on_what_it_took(country: Session, merged: Merged) -> None:
    """Thanh Sơn went into Trà Cú too: what a unit has taken over goes on with it, through any number of hands."""
    hand_over(country, merged)
    third = unit_of(country, "29467", REFORM)
    country.execute(
        text(
            "INSERT INTO unit_handover (old_unit_id, new_unit_id, handed_on, handed_at)"
            " VALUES (:old, :new, '2025-07-03', now())"
        ),
        {"old": merged.new, "new": third},
    )
    assert units.covered(country, [third], date(2025, 7, 3)) == {third: {third, merged.new, merged.old}}
    assert units.covered(country, [third], date(2025, 7, 2)) == {third: {third}}
