"""A thousand letters in one run, once for real: time and memory said, the rest waits for the next run."""

from __future__ import annotations

import io
import time
import tracemalloc

import pikepdf
import pytest
from sqlalchemy.orm import Session

from civreg import work
from civreg.letters import queries
from civreg.letters import service as letters
from civreg.letters.rules import LetterState
from tests.letters.flow import numbers
from tests.letters.many import many_drafts
from tests.world import World

pytestmark = pytest.mark.live


def test_a_thousand_letters_are_one_file_and_the_next_one_waits(
    session: Session, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = many_drafts(session, world, letters.MOST_IN_RUN + 1)
    for row in rows:
        letters.approve(session, world.head, row.id, expected_version=row.version)
        letters.issue(session, row.id, work.LETTER_TEMPLATES)
    assert numbers(session) == list(range(1, len(rows) + 1))
    started = time.perf_counter()
    run = letters.print_run(session, world.clerk, [world.tra_cu])
    took = time.perf_counter() - started
    tracemalloc.start()
    again = queries.print_run_pdf(session, world.clerk, run.id)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert again == run.pdf
    with pikepdf.open(io.BytesIO(run.pdf)) as paper:
        sheets = len(paper.pages)
    assert run.count == letters.MOST_IN_RUN
    assert sheets > letters.MOST_IN_RUN  # the cover in front
    waiting = queries.count_by_state(session, world.clerk)
    assert waiting == {LetterState.PRINTED: letters.MOST_IN_RUN, LetterState.ISSUED: 1}
    with capsys.disabled():
        print(
            f"\n1000 letters: {took:.1f} s, {len(run.pdf) / 1e6:.1f} MB, {sheets} pages, {peak / 1e6:.0f} MB Python peak"
        )
