"""Letters issued per second, durable: `issue()` in one commit each, against bare ReportLab with one INSERT and commit.

Both write to the same PostgreSQL with fsync on, one letter per commit (batch size 1), in turns, in one process.
The floor draws the same page (the calls recorded from the kit, replayed on a stock canvas) and inserts its bytes
into a table of one column; it has no number, no hash, no seal, no history, no audit and no outbox.

What limits the ratio: the commit's fsync is the same for both; issue() adds some fifteen statements (letter, file,
history, outbox, counter, audit chain and its head) whose round trips and ORM work cost more than the drawing.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import psycopg
from alembic import command as alembic
from alembic.config import Config
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from bench.letters import Call, bare, recorded, register_stock_fonts
from civreg import work
from civreg.accounts.rules import SYSTEM
from civreg.letters import queries
from civreg.letters import service as letters
from civreg.letters.models import Letter
from civreg.letters.queries.sheets import sheet_of, words_now
from civreg.shared import clock, crypto
from civreg.shared.database import transaction
from civreg.stack.postgres import EmbeddedPostgres
from tests.letters.flow import approved, registered
from tests.world import BIRTH, MARRIAGE, MONDAY, build_world

MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"
TURNS = 5
PER_TURN = 20


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="civreg-bench-"))
    crypto.use_keyring(crypto.Keyring.make())
    register_stock_fonts()
    with EmbeddedPostgres(folder) as server:
        engine = _prepared(server)
        ids, drawings = _approved_letters(engine, TURNS * PER_TURN)
        ours, floor, committing = [], [], []
        with psycopg.connect(server.conninfo("owner")) as connection:
            connection.execute("CREATE TABLE floor_letter (id bigserial PRIMARY KEY, pdf bytea)")
            connection.commit()
            for turn in range(TURNS):
                part = slice(turn * PER_TURN, (turn + 1) * PER_TURN)
                floor.append(_rate(lambda index: _floor(connection, drawings[index % len(drawings)])))
                mine = ids[part]
                ours.append(_rate(lambda index, mine=mine: _issue(engine, mine[index])))  # type: ignore[misc]
                committing.append(_rate(lambda _: _bare_commit(connection)))
        _check(engine, len(ids))
        engine.dispose()
    value, bottom = statistics.median(ours), statistics.median(floor)
    print(f"letters_durable {value:.1f} letters/s {bottom:.1f} {value / bottom:.2f}")
    print(f"letters_durable_commit_only {statistics.median(committing):.1f} commits/s - -")


def _prepared(server: EmbeddedPostgres) -> Engine:
    configuration = Config(str(MIGRATIONS / "alembic.ini"))
    configuration.set_main_option("script_location", str(MIGRATIONS))
    configuration.attributes["url"] = server.url("owner")
    alembic.upgrade(configuration, "head")
    return create_engine(server.url("app"))


def _approved_letters(engine: Engine, count: int) -> tuple[list[UUID], list[list[Call]]]:
    """Make approved letters through the services; return their ids and the drawing of each page for the floor."""
    with Session(engine) as session, clock.travelling(MONDAY), transaction(session):
        world = build_world(session)
        # approved only when all are registered: each registration lets the waiting jobs run, which issue what is approved
        cases = [registered(session, world, BIRTH if index % 2 else MARRIAGE) for index in range(count)]
        rows = [approved(session, world, case_id) for case_id in cases]
        drawings = []
        for row in rows[:8]:
            letter = session.get_one(Letter, row.id)
            words, _ = words_now(letter, work.LETTER_TEMPLATES)
            drawings.append(recorded(sheet_of(session, letter.unit_id, words, clock.today(), None)))
    return [row.id for row in rows], drawings


def _rate(act: Callable[[int], None]) -> float:
    start = time.perf_counter()
    for index in range(PER_TURN):
        act(index)
    return PER_TURN / (time.perf_counter() - start)


def _issue(engine: Engine, letter_id: UUID) -> None:
    with Session(engine) as session, transaction(session):
        assert letters.issue(session, letter_id, work.LETTER_TEMPLATES), "nothing was left to issue"


def _floor(connection: psycopg.Connection[tuple[object, ...]], drawing: list[Call]) -> None:
    connection.execute("INSERT INTO floor_letter (pdf) VALUES (%s)", (bare(drawing),))
    connection.commit()


def _bare_commit(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    connection.execute("INSERT INTO floor_letter (pdf) VALUES (''::bytea)")
    connection.commit()


def _check(engine: Engine, count: int) -> None:
    with Session(engine) as session:
        numbers = session.execute(text("SELECT number FROM letter ORDER BY number")).scalars().all()
        assert numbers == list(range(1, count + 1)), "a letter is missing"
        first = session.execute(text("SELECT id FROM letter LIMIT 1")).scalar_one()
        assert queries.letter_pdf(session, SYSTEM, first, work.LETTER_TEMPLATES).startswith(b"%PDF")


if __name__ == "__main__":
    main()
