"""Words, layouts and signers of an ended unit: drafts to be read, plain paper, and nobody's name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from civreg import succession, work
from civreg.accounts.rules import Actor
from civreg.letters import queries
from civreg.letters import service as letters
from civreg.letters.queries.settings import book_state
from civreg.letters.rules import Border, Language, LetterKind, PaperLayout, PaperSize, SigningWay
from civreg.shared import clock
from civreg.shared.errors import NotAllowed
from civreg.succession import Holdings
from tests.succession.merged import AFTER, BEFORE, Merged, actor, build, hand_over

BIRTH, DEATH = LetterKind.CONGRATULATION_BIRTH, LetterKind.CONDOLENCE
VI = Language.VIETNAMESE
TEXT = "[Tiêu đề]\nTHƯ MỪNG\n[Kính gửi]\nKính gửi: {Cha mẹ}\n[Lời thư]\nXã Ngãi Xuyên mừng {các cháu}."
STOCK = PaperLayout(
    size=PaperSize.A5,
    border=Border.LOTUS,
    show_code=True,
    receivers=("- Như trên;", "- Lưu: VT."),
    preprinted=True,
    right_tenths_mm=15,
    down_tenths_mm=-20,
)


@pytest.fixture
def merged(country: Session) -> Iterator[Merged]:
    """Xã Ngãi Xuyên with its own words, stock and signer, on the day after the reform."""
    found = build(country)
    clerk, head = found.people.clerk, found.people.head
    with clock.travelling(BEFORE):
        for body in (TEXT.replace("MỪNG", "CŨ"), TEXT):
            wording_id = letters.write_wording(country, clerk, found.old, BIRTH, VI, body)
            letters.approve_wording(country, head, wording_id, expected_version=1)
        letters.write_wording(country, clerk, found.old, BIRTH, VI, TEXT.replace("MỪNG", "MỚI"))
        for kind, layout in ((BIRTH, STOCK), (DEATH, PaperLayout(PaperSize.A5))):
            letters.set_layout(country, clerk, found.old, kind, BEFORE.date(), layout)
        letters.set_layout(country, clerk, found.old, BIRTH, date(2025, 9, 1), PaperLayout(PaperSize.FOLDED))
        letters.set_desk(country, head, found.old, mourning_days=49, waiting_days=30)
        letters.start_book(country, head, found.old, year=BEFORE.year + 1, first_number=8)
        letters.set_signer(country, head, found.old, BEFORE.date(), SigningWay.CHAIR, name="Sơn Minh Trí")
    with clock.travelling(AFTER):
        yield found


def test_the_plan_counts_texts_layouts_and_signers(country: Session, merged: Merged) -> None:
    plan = succession.plan_of(country, actor(country, merged.administrator), merged.old, clock.today())
    assert (plan.holdings.wordings, plan.holdings.layouts, plan.holdings.settings, plan.signers) == (
        2,
        3,
        1,
        1,
    )


def test_the_text_in_use_and_what_was_written_since_arrive_as_drafts(
    country: Session, merged: Merged
) -> None:
    done = hand_over(country, merged)
    assert (done.wordings, done.layouts, done.settings) == (2, 3, 1)
    head = actor(country, merged.people.head)
    rows = queries.wordings_of(country, head, merged.new)
    assert [(row.number, row.state, row.body) for row in rows] == [
        (2, "draft", TEXT.replace("MỪNG", "MỚI")),
        (1, "draft", TEXT),
    ]
    assert {row.from_unit for row in rows} == {"Xã Ngãi Xuyên"}
    chain = queries.chain_of(country, merged.new, clock.today())
    in_force = queries.wording_in_force(country, chain, BIRTH, VI, work.LETTER_TEMPLATES)
    assert in_force.wording_id is None, "nothing is used before a head of the new unit has read it"
    assert [(unit.id, count) for unit, count in queries.wordings_waiting(country, head)] == [(merged.new, 2)]
    with pytest.raises(NotAllowed):
        letters.approve_wording(country, actor(country, merged.people.clerk), rows[1].id, expected_version=1)
    letters.approve_wording(country, head, rows[1].id, expected_version=1)
    assert queries.wording_in_force(country, chain, BIRTH, VI, work.LETTER_TEMPLATES).body == TEXT
    assert [(unit.id, count) for unit, count in queries.wordings_waiting(country, head)] == [(merged.new, 1)]


def test_a_layout_goes_on_blank_paper_without_what_bears_the_old_name(
    country: Session, merged: Merged
) -> None:
    letters.set_layout(
        country, clerk_at_new(country, merged), merged.new, DEATH, AFTER.date(), PaperLayout(PaperSize.FOLDED)
    )
    hand_over(country, merged)
    day, chain = clock.today(), queries.chain_of(country, merged.new, clock.today())
    now = queries.layout_in_force(country, chain, BIRTH, day)
    assert now.layout == replace(STOCK, receivers=(), preprinted=False, right_tenths_mm=0, down_tenths_mm=0)
    assert (now.starts_on, now.letterhead_file_id) == (day, None)
    assert queries.layout_in_force(country, chain, BIRTH, date(2025, 9, 1)).layout.size is PaperSize.FOLDED
    assert queries.layout_in_force(country, chain, DEATH, day).layout.size is PaperSize.FOLDED, (
        "its own stays"
    )
    assert queries.layout_in_force(country, chain, BIRTH, day - timedelta(days=1)).layout_id is None
    came = queries.layouts_of(country, actor(country, merged.people.head), merged.new)
    assert {(kind, paper.from_unit) for kind, paper in came} == {(BIRTH, "Xã Ngãi Xuyên"), (DEATH, "")}


@pytest.mark.parametrize("own", [False, True])
def test_the_days_of_the_desk_hold_on_where_none_were_set_and_its_book_begins_anew(
    country: Session, merged: Merged, own: bool
) -> None:
    if own:
        country.execute(
            text("INSERT INTO letter_setting VALUES (:unit, 90, 14, now(), NULL)"), {"unit": merged.new}
        )
    hand_over(country, merged)
    now = queries.settings_of(country, merged.new)
    assert (now.mourning_days, now.waiting_days) == ((90, 14) if own else (49, 30))
    assert book_state(country, merged.new, BEFORE.year + 1).first_number == 1
    copied = text("SELECT count(*) FROM audit WHERE chain = :new AND action = 'letter.settings_copied'")
    assert country.scalar(copied, {"new": merged.new}) == (not own)


def clerk_at_new(session: Session, merged: Merged) -> Actor:
    session.execute(
        text("UPDATE role_grant SET unit_id = :new WHERE user_id = :user"),
        {"new": merged.new, "user": merged.people.clerk.user_id},
    )
    return actor(session, merged.people.clerk)


def test_the_signer_stays_and_the_head_is_told_until_one_is_named(country: Session, merged: Merged) -> None:
    hand_over(country, merged)
    head, day = actor(country, merged.people.head), clock.today()
    assert queries.signers_of(country, head, merged.new) == []
    (waiting,) = queries.units_without_signer(country, head, day)
    assert (waiting.old.id, waiting.new.id) == (merged.old, merged.new)
    unit = waiting.new
    assert queries.letterhead_of(country, unit, day).signature.name == ""
    assert queries.units_without_signer(country, actor(country, merged.people.clerk), day) == []
    letters.set_signer(country, head, merged.new, day, SigningWay.CHAIR, name="Thạch Thị Sa Rết")
    assert queries.units_without_signer(country, head, day) == []


def test_a_second_plan_copies_nothing_again(country: Session, merged: Merged) -> None:
    hand_over(country, merged)
    counts = text(
        "SELECT (SELECT count(*) FROM letter_wording), (SELECT count(*) FROM letter_layout),"
        " (SELECT count(*) FROM letter_signer), (SELECT count(*) FROM audit)"
    )
    before = country.execute(counts).one()
    assert before[:3] == (5, 6, 1)
    who = actor(country, merged.administrator)
    plan = succession.plan_of(country, who, merged.old, clock.today())
    assert (plan.holdings, plan.signers) == (Holdings(), 0)
    assert succession.carry_out(country, who, merged.old, expected=plan.expected) == Holdings()
    assert country.execute(counts).one() == before


def test_the_log_of_the_new_unit_says_what_was_copied(country: Session, merged: Merged) -> None:
    hand_over(country, merged)
    rows = country.execute(
        text(
            "SELECT action, count(*) FROM audit WHERE chain = :new AND action LIKE '%.copied'"
            " AND details->>'from_unit' = '29479' GROUP BY action ORDER BY action"
        ),
        {"new": merged.new},
    )
    assert [tuple(row) for row in rows] == [("layout.copied", 3), ("wording.copied", 2)]
