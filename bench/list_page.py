"""Pages per second of the list of cases (`GET /ho-so`, 50 rows of 2,000) against a bare Flask page with 50 rows.

The floor is what a careful program would need at least: a signed cookie, the session looked up in the database, three
SELECTs (count, page, names of the people) through one psycopg connection, and 50 rows rendered by a Jinja template of
one file. Both run in this process through the WSGI test client on the same PostgreSQL and the same rows, in turns.
BENCH_ROWS (80,000) is the number of people in the database; the page of the officer's commune stays the same.

What limits the ratio: the three parts printed below it take most of our time. The session look-up asks the roles of
the day and the units below each again at every page, so that a role that ended is refused at once; the list asks for
fifteen columns and all names in one statement through SQLAlchemy; the template is a whole page (top bar, filters, a
table that turns into cards on a phone) and not a bare table. The rest is Flask, logging, headers and cookies.
Seen on two quiet cores: 99 pages/s against 304 (0.33); about 10 ms against 3.
"""

from __future__ import annotations

import io
import os
import statistics
import time
from collections.abc import Callable

import psycopg
import structlog
from flask import Flask, abort, render_template
from flask import session as cookie
from flask.testing import FlaskClient
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from bench._scratch import Scratch, fill, scratch_database
from civreg.accounts import service as accounts
from civreg.cases.queries import find_cases
from civreg.cases.rules import STATE_WORDS
from civreg.extensions import db
from civreg.factory import create_app
from civreg.procedures.catalogue import catalogue
from civreg.shared import crypto
from civreg.shared.database import transaction
from tests.world import PASSWORD

ROWS = int(os.environ.get("BENCH_ROWS", "80000"))
TURNS = 7
PER_TURN = 30

_TEMPLATE = """<!doctype html><html lang="vi"><meta charset="utf-8"><title>Hồ sơ</title>
<h1>Hồ sơ</h1><p>{{ total }} hồ sơ</p><table><tr><th>Mã<th>Tên<th>Việc<th>Trạng thái<th>Yêu cầu<th>Hẹn trả</tr>
{% for case in cases %}<tr><td><a href="/ho-so/{{ case[0] }}">{{ case[1] }}</a><td>{{ names[case[0]] }}<br>{{ case[6] }}
<td>{{ case[2] }}<td>{{ case[3] }}<td>{{ case[4].strftime("%d/%m/%Y") }}<td>{{ case[5].strftime("%d/%m/%Y") }}</tr>
{% endfor %}</table><p><a href="?after={{ cases[-1][0] }}">Xem tiếp</a></p></html>"""


def main() -> None:
    with scratch_database() as scratch:
        fill(scratch, ROWS)
        token = _token(scratch)
        with psycopg.connect(scratch.server.conninfo(), autocommit=True) as connection:
            ours, bare = _our_client(scratch, token), _bare_client(connection, token)
            page, floor = _get(ours), _get(bare)
            assert page.count("<tr>") == 51, "not 50 rows and a heading"
            assert floor.count("<tr>") == 51
            kit, bottom = [], []
            for _turn in range(TURNS):
                bottom.append(_rate(lambda: _get(bare)))
                kit.append(_rate(lambda: _get(ours)))
        parts = _parts(ours.application, token)
    value, least = statistics.median(kit), statistics.median(bottom)
    print(f"list_page {value:.1f} pages/s {least:.1f} {value / least:.2f}")
    for name, seconds in parts.items():
        print(f"list_page_{name} {seconds * 1000:.2f} ms - -")


def _token(scratch: Scratch) -> str:
    engine = create_engine(scratch.settings.database_url)
    with Session(engine) as session, transaction(session):
        token, _ = accounts.sign_in(session, "officer", PASSWORD)
    engine.dispose()
    return token


def _our_client(scratch: Scratch, token: str) -> FlaskClient:
    client = create_app(scratch.settings).test_client()
    # log lines are made as always, but do not stand among our figures
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(io.StringIO()))
    with client.session_transaction() as browser:
        browser["_user_id"], browser["_fresh"] = token, True
    return client


def _bare_client(connection: psycopg.Connection[tuple[object, ...]], token: str) -> FlaskClient:
    app = Flask("bare")
    template = app.jinja_env.from_string(_TEMPLATE)  # compiled once, as a file would be
    app.secret_key = "a secret for benchmarks only, long enough"

    @app.get("/ho-so")
    def index() -> str:
        found = connection.execute(
            "SELECT unit_id FROM sign_in JOIN role_grant USING (user_id) WHERE token_digest = %s AND ended_at IS NULL",
            (crypto.digest(cookie["token"]),),
        ).fetchone()
        if found is None:
            abort(401)
        total = connection.execute(
            "SELECT count(*) FROM case_file WHERE current_unit_id = %s", found
        ).fetchone()
        cases = connection.execute(
            "SELECT id, code, procedure, state, requested_at, promised_on, hamlet FROM case_file"
            " WHERE current_unit_id = %s ORDER BY requested_at DESC, id DESC LIMIT 50",
            found,
        ).fetchall()
        people = connection.execute(
            "SELECT case_id, full_name FROM party WHERE case_id = ANY(%s) AND role = 'child'",
            ([case[0] for case in cases],),
        )
        return template.render(total=total[0] if total else 0, cases=cases, names=dict(people))

    client = app.test_client()
    with client.session_transaction() as browser:
        browser["token"] = token
    return client


def _parts(app: Flask, token: str) -> dict[str, float]:
    """Return the seconds that the three largest parts of one page take by themselves."""
    catalogue_rows = [(code, procedure.title_vi) for code, procedure in catalogue().items()]
    with app.test_request_context("/ho-so"):
        cookie["_user_id"], cookie["_fresh"] = token, True
        actor = accounts.actor_of_token(db.session(), token)
        assert actor is not None
        found = find_cases(db.session(), actor)
        shown = {
            "found": found,
            "values": dict.fromkeys(("q", "state", "procedure", "unit"), ""),
            "following": "/ho-so",
        }
        lists = {
            "states": list(STATE_WORDS.items()),
            "procedures": catalogue_rows,
            "units": [],
            "unit_names": {},
        }

        def page() -> str:
            return render_template("cases/index.html", wider=None, is_first_page=True, **shown, **lists)

        ways: dict[str, Callable[[], object]] = {
            "session": lambda: accounts.actor_of_token(db.session(), token),
            "query": lambda: find_cases(db.session(), actor),
            "template": page,
        }
        return {name: 1 / statistics.median(_rate(way) for _ in range(TURNS)) for name, way in ways.items()}


def _get(client: FlaskClient) -> str:
    answer = client.get("/ho-so")
    assert answer.status_code == 200, answer.status_code
    return answer.get_data(as_text=True)


def _rate(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    for _ in range(PER_TURN):
        act()
    return PER_TURN / (time.perf_counter() - start)


if __name__ == "__main__":
    main()
