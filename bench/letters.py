"""Five hundred different letters with all costs in, against bare ReportLab that draws and stores the same pages.

Ours is what happens in the office: approved as a pile, the letters go through `issue_pile()` (words, sheet, number, QR
code, hash, seal, history, outbox, audit) in one commit for `PILE` (25) of them, then one print run that the clerk gets as one PDF, in one commit. The
floor knows the words and every place beforehand (calls recorded from the kit) and has nothing to lay out, check, number,
seal or log. Both write to the same PostgreSQL with fsync on, in one process, in turns.

* `letters_durable`: separate files; the floor draws each on a canvas of its own and inserts it, one commit each.
* `letters_one_run`: one PDF of all; the floor draws them on one canvas and inserts that, one commit.
* `letters_memory`: most memory of a process that makes one PDF of a thousand letters, one at a time in both.

What limits the ratios stands in docs/scale.md.
"""

from __future__ import annotations

import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import psycopg
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from bench.letters_render import Call, bare, recorded, register_stock_fonts
from civreg import work
from civreg.accounts.rules import SYSTEM
from civreg.cli.system import migrate_database
from civreg.letters import queries
from civreg.letters import service as letters
from civreg.letters.models import Letter
from civreg.letters.queries.sheets import dress_now, number_text, sheet_of
from civreg.letters.rules import LetterKind, usual_layout
from civreg.letters.service.deciding import PILE
from civreg.shared import clock, crypto
from civreg.shared.database import transaction
from civreg.stack.postgres import EmbeddedPostgres
from civreg.units import queries as units
from tests.letters.many import many_drafts
from tests.world import MONDAY, World, build_world

LETTERS = 500
CONFIRM_AT = "https://civreg.example.vn/xac-nhan-thu/"
TURNS = 5


@dataclass(frozen=True)
class Pile:
    """Approved letters, and the drawing of each page for the floor."""

    world: World
    ids: list[UUID]
    drawings: list[list[Call]]


def main() -> None:
    crypto.use_keyring(crypto.Keyring.make())
    register_stock_fonts()
    with (
        tempfile.TemporaryDirectory(prefix="civreg-bench-") as folder,
        EmbeddedPostgres(Path(folder)) as server,
    ):
        migrate_database(server.url("owner"))
        engine = create_engine(server.url("app"))
        pile = _approved_letters(engine)
        with psycopg.connect(server.conninfo("owner")) as connection:
            connection.execute("CREATE TABLE floor_letter (id bigserial PRIMARY KEY, pdf bytea)")
            connection.commit()
            _measure(engine, connection, pile)
        _check(engine)
        engine.dispose()
    ours, floor = (_memory(what) for what in ("ours", "floor"))
    print(f"letters_memory {ours:.0f} MiB {floor:.0f} {ours / floor:.2f}")


def _measure(engine: Engine, connection: psycopg.Connection[tuple[object, ...]], pile: Pile) -> None:
    ours, floor, runs, committing = [], [], [], []
    size = LETTERS // TURNS
    for turn in range(TURNS):
        part = slice(turn * size, (turn + 1) * size)
        drawings, ids = pile.drawings[part], pile.ids[part]
        floor.append(_seconds(lambda: [_insert(connection, [each]) for each in drawings]))  # noqa: B023
        ours.append(_seconds(lambda: [_issue(engine, pile) for pile in _piles(ids)]))  # noqa: B023
        committing.append(_seconds(lambda: [_bare_commit(connection) for _ in range(size)]))
        runs.append(_seconds(lambda: _insert(connection, pile.drawings)))
    printing = _seconds(lambda: _print_run(engine, pile))
    _say("letters_durable", size / statistics.median(ours), size / statistics.median(floor))
    _say("letters_one_run", LETTERS / (sum(ours) + printing), LETTERS / statistics.median(runs))
    print(f"letters_one_run_print {LETTERS / printing:.1f} letters/s - -")
    print(f"letters_durable_commit_only {size / statistics.median(committing):.1f} commits/s - -")


def _say(name: str, value: float, floor: float) -> None:
    print(f"{name} {value:.1f} letters/s {floor:.1f} {value / floor:.2f}", flush=True)


def _approved_letters(engine: Engine) -> Pile:
    """Make approved letters, births, marriages and deaths in turns, no two with the same names."""
    with Session(engine) as session, clock.travelling(MONDAY), transaction(session):
        world = build_world(session)
        unit = units.unit_by_id(session, world.tra_cu)
        _show_number_and_code(session, world)
        drawings: list[list[Call]] = []
        ids: list[UUID] = []
        for row in many_drafts(session, world, LETTERS):
            letters.approve(session, world.head, row.id, expected_version=row.version)
            letter = session.get_one(Letter, row.id)
            today = clock.today()
            dress = dress_now(session, letter, work.LETTER_TEMPLATES, today)
            number, code = number_text(len(ids) + 1, today.year), f"{CONFIRM_AT}{secrets.token_urlsafe(9)}"
            sheet = sheet_of(session, unit, dress.words, dress.paper, today, number, code)
            drawings.append(recorded(sheet))
            ids.append(row.id)
    return Pile(world, ids, drawings)


def _show_number_and_code(session: Session, world: World) -> None:
    """Let every letter print “Số: …” and a QR code, which the usual layout does not."""
    for kind in (LetterKind.CONGRATULATION_BIRTH, LetterKind.CONGRATULATION_MARRIAGE, LetterKind.CONDOLENCE):
        layout = replace(usual_layout(kind), show_number=True, show_code=True)
        letters.set_layout(session, world.head, world.tra_cu, kind, clock.today(), layout)
    session.flush()


def _seconds(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def _piles(ids: list[UUID]) -> list[list[UUID]]:
    return [ids[start : start + PILE] for start in range(0, len(ids), PILE)]


def _issue(engine: Engine, pile: Sequence[UUID]) -> None:
    with Session(engine) as session, transaction(session):
        done = letters.issue_pile(session, pile, work.LETTER_TEMPLATES, CONFIRM_AT)
        assert done == len(pile), "a letter was left"


def _print_run(engine: Engine, pile: Pile) -> None:
    with Session(engine) as session, transaction(session):
        assert letters.print_run(session, pile.world.clerk, [pile.world.tra_cu]).count == LETTERS


def _insert(connection: psycopg.Connection[tuple[object, ...]], drawings: list[list[Call]]) -> None:
    connection.execute("INSERT INTO floor_letter (pdf) VALUES (%s)", (bare(drawings),))
    connection.commit()


def _bare_commit(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    connection.execute("INSERT INTO floor_letter (pdf) VALUES (''::bytea)")
    connection.commit()


def _check(engine: Engine) -> None:
    with Session(engine) as session:
        numbers = session.execute(text("SELECT number FROM letter ORDER BY number")).scalars().all()
        assert numbers == list(range(1, LETTERS + 1)), "a letter is missing"
        hashes = session.execute(text("SELECT count(DISTINCT sha256) FROM letter")).scalar_one()
        assert hashes == LETTERS, "two letters are the same"
        first = session.execute(text("SELECT id FROM letter LIMIT 1")).scalar_one()
        assert queries.letter_pdf(session, SYSTEM, first, work.LETTER_TEMPLATES).startswith(b"%PDF")


def _memory(what: str) -> float:
    """Return the most memory (MiB) that a process of its own had."""
    done = subprocess.run(
        [sys.executable, "-m", "bench._letters_memory", what], check=True, capture_output=True, text=True
    )
    return float(done.stdout)


if __name__ == "__main__":
    main()
