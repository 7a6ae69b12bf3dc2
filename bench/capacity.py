"""What one machine carries: pages per second through gunicorn, memory of a process, bytes of a case, seconds of a backup.

Pages are asked over HTTP by CLIENTS connections at once from a process of their own, of a real gunicorn with one and
with two workers of four threads, on a database of 20,000 cases; the floor is /healthz of the same server in the same
turn, a page that asks nothing: what is lost against it is our own work, not the server's. Bytes of a case are the
growth of all tables and indexes by cases that went through the services from request to numbered letter, without
photographs. The backup is that of the 20,000 cases, dumped and sealed into a file as the command does; its floor is
the same dump without the seal.

docs/scale.md does its arithmetic with the processor time of a page (web server and database together), which does not
depend on what else the machine does; pages per second do, and the clients take their share of the same cores.
"""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import psycopg
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from bench._scratch import Scratch, fill, scratch_database
from civreg import work
from civreg.accounts import service as accounts
from civreg.accounts.queries import actor_for
from civreg.factory import create_app
from civreg.letters import service as letters
from civreg.letters.queries import letters_of_case
from civreg.shared import clock
from civreg.shared.database import transaction
from civreg.stack import dumping, vault
from civreg.stack.programs import PROJECT
from tests.world import BIRTH, MARRIAGE, MONDAY, PASSWORD, World, ask, receive, register

PEOPLE = int(os.environ.get("BENCH_ROWS", "80000"))
CLIENTS = 8
TURNS = 3
SECONDS = 2.0
CASES = 200
PAGES = {
    "front": "/",
    "question": "/yeu-cau/birth_at_home/goi-lai",
    "desk": "/ban-lam-viec",
    "list": "/ho-so",
}


def main() -> None:
    with scratch_database() as scratch:
        print(f"database_of_1000_cases {_bytes_of_a_case(scratch) / 1_000_000:.1f} MB - -", flush=True)
    with scratch_database() as scratch:
        fill(scratch, PEOPLE)
        cookie = _cookie(scratch)
        for workers in (1, 2):
            with _web(scratch, workers) as (port, pids):
                _print_pages(workers, port, cookie)
                if workers == 2:
                    _print_cost(scratch, port, cookie, pids)
                    print(
                        f"memory_web_worker {statistics.mean(_own_megabytes(pid) for pid in pids):.0f} MB - -"
                    )
        print(f"memory_worker_child {_worker_memory(scratch):.0f} MB - -")
        _print_backup(scratch)


def _print_pages(workers: int, port: int, cookie: str) -> None:
    rates: dict[str, list[float]] = {name: [] for name in ("floor", *PAGES)}
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as clients:
        for _turn in range(TURNS):
            for name, path in (("floor", "/healthz"), *PAGES.items()):
                rates[name].append(clients.submit(_rate, port, path, cookie).result())
    floor = statistics.median(rates["floor"])
    for name in PAGES:
        value = statistics.median(rates[name])
        print(f"web_{name}_{workers} {value:.1f} pages/s {floor:.1f} {value / floor:.2f}")


def _print_cost(scratch: Scratch, port: int, cookie: str, pids: list[int]) -> None:
    """Print the processor time of one page: of the web server's workers, and of the database."""
    server = scratch.server.process
    assert server is not None
    for name, path in PAGES.items():
        web, database = _cpu(pids), _cpu([server.pid, *_children(server.pid)])
        count = sum(_ask_for(1.5, port, path, cookie) for _ in range(2))
        print(f"cpu_{name} {(_cpu(pids) - web) / count * 1000:.1f} ms - -")
        spent = _cpu([server.pid, *_children(server.pid)]) - database
        print(f"cpu_{name}_database {spent / count * 1000:.1f} ms - -")


def _cpu(pids: list[int]) -> float:
    """Return the seconds of processor time that processes took so far, with their ended children."""
    words = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum(sum(map(int, one[11:15])) for one in words) / os.sysconf("SC_CLK_TCK")


def _rate(port: int, path: str, cookie: str) -> float:
    """Ask for a page from several connections for some seconds; return answers per second, all of them good."""

    began = time.monotonic()
    with ThreadPoolExecutor(CLIENTS) as people:
        answered = sum(people.map(lambda _: _ask_for(SECONDS, port, path, cookie), range(CLIENTS)))
    return answered / (time.monotonic() - began)


def _ask_for(seconds: float, port: int, path: str, cookie: str) -> int:
    """Ask for a page again and again; return how often it came."""
    limit = time.monotonic() + seconds
    count, line = 0, http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    while time.monotonic() < limit:
        line.request("GET", path, headers={"Cookie": cookie})
        answer = line.getresponse()
        answer.read()
        assert answer.status == 200, (path, answer.status)
        count += 1
    line.close()
    return count


def _environment(scratch: Scratch) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": scratch.settings.database_url,
        "REDIS_URL": scratch.settings.redis_url,
        "CIVREG_VAR": str(scratch.settings.var),
        "CIVREG_SECRET_KEY": scratch.settings.secret_key,
    }


@contextmanager
def _web(scratch: Scratch, workers: int) -> Iterator[tuple[int, list[int]]]:
    """Run gunicorn as everywhere; give its port and the numbers of its workers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (scratch.settings.var / "web.log").open("wb") as log:
        web = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "app:app", "--bind", f"127.0.0.1:{port}", "--workers", str(workers)],
            cwd=PROJECT, env=_environment(scratch), stdout=log, stderr=log,
        )  # fmt: skip
        try:
            _wait_for(port)
            while len(_children(web.pid)) < workers:  # the port is open before the workers are there
                time.sleep(0.1)
            yield port, _children(web.pid)
        finally:
            web.send_signal(signal.SIGTERM)
            web.wait()


def _wait_for(port: int) -> None:
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the web server does not answer")


def _cookie(scratch: Scratch) -> str:
    """Sign the officer in; return the cookie header of the session."""
    engine = create_engine(scratch.settings.database_url)
    with Session(engine) as session, transaction(session):
        token, _ = accounts.sign_in(session, "officer", PASSWORD)
    engine.dispose()
    app = create_app(scratch.settings)
    client = app.test_client()
    with client.session_transaction() as browser:
        browser["_user_id"], browser["_fresh"] = token, True
    name = app.config["SESSION_COOKIE_NAME"]
    cookie = client.get_cookie(name)
    assert cookie is not None
    return f"{name}={cookie.value}"


def _bytes_of_a_case(scratch: Scratch) -> float:
    """Return by how much the database grows with 1,000 cases that went from request to letter."""
    engine = create_engine(scratch.settings.database_url)
    before = _size(scratch)
    with Session(engine) as session, clock.travelling(MONDAY):
        with transaction(session):
            world = _world(session, scratch)
        for number in range(CASES):
            with transaction(session):
                case_id = ask(session, world, BIRTH if number % 2 else MARRIAGE).case_id
                receive(session, world, case_id)
                register(session, world, case_id, personal_number=f"0843260{number:05d}")
                work.run_waiting(session)
                row = letters_of_case(session, world.head, case_id)[0]
                letters.approve(session, world.head, row.id, expected_version=row.version)
                work.run_waiting(session)
    engine.dispose()
    return (_size(scratch) - before) / CASES * 1000


def _world(session: Session, scratch: Scratch) -> World:
    """Return the people that the scratch database was made with."""
    head = (
        session.connection().exec_driver_sql("SELECT id FROM app_user WHERE username = 'head'").scalar_one()
    )
    nobody = scratch.officer
    return World(
        province=0, tra_cu=scratch.unit_id, dai_an=0, officer=scratch.officer,
        head=actor_for(session, head, clock.today()), clerk=nobody, staff=nobody, administrator=nobody, neighbour=nobody,
        stranger=nobody,
    )  # fmt: skip


def _size(scratch: Scratch) -> int:
    with psycopg.connect(scratch.server.conninfo("superuser", "civreg"), autocommit=True) as connection:
        connection.execute("VACUUM")
        row = connection.execute("SELECT pg_database_size('civreg')").fetchone()
    assert row is not None
    return int(row[0])


def _print_backup(scratch: Scratch) -> None:
    took = {}
    for name in ("floor", "sealed"):
        began = time.monotonic()
        with dumping.connect(scratch.settings.owner_database_url) as connection:
            target = scratch.settings.var / name
            if name == "floor":
                with target.open("wb") as file:
                    file.writelines(dumping.dump(connection))
            else:
                vault.write_sealed(target, "words long enough for a benchmark only", dumping.dump(connection))
        took[name] = time.monotonic() - began
    size = (scratch.settings.var / "sealed").stat().st_size
    cases = PEOPLE // 4
    print(
        f"backup {cases / took['sealed']:.0f} cases/s {cases / took['floor']:.0f} {took['floor'] / took['sealed']:.2f}"
    )
    print(f"backup_of_1000_cases {size / cases * 1000 / 1_000_000:.2f} MB - -")


def _worker_memory(scratch: Scratch) -> float:
    """Start a worker child's process as Celery would (imports, keys, one connection) and weigh it."""
    body = (
        "import workers.letters, workers.statistics, workers.deadlines\nfrom sqlalchemy import text\n"
        "from workers.process import new_session\nwith new_session() as s: s.execute(text('SELECT 1'))\n"
        "print('ready', flush=True)\nimport sys; sys.stdin.read()"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", body], cwd=PROJECT, env=_environment(scratch), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )  # fmt: skip
    assert child.stdout is not None
    assert child.stdin is not None
    assert child.stdout.readline()
    weight = _own_megabytes(child.pid)
    child.stdin.close()
    child.wait()
    child.stdout.close()
    return weight


def _own_megabytes(pid: int) -> float:
    """Return the proportional memory of a process (shared pages divided among those who share them)."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.findall(r"^Pss:\s+(\d+) kB", text, re.M)[0]) / 1000


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


if __name__ == "__main__":
    main()
