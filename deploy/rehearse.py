"""A rehearsal of several hosts on loopback: `python -m deploy.rehearse` (root; Debian: postgresql redis-server haproxy).

Two web servers behind the TLS proxy, two workers, one beat, PostgreSQL and Redis over verified TLS with passwords; then
what must hold: one session on both web servers, each letter once, a killed web server or worker nobody notices, and a
proxy that keeps out what it should. Prints one line per finding and ends with 1 when one does not hold.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import redis

from civreg.letters import queries as letter_queries
from civreg.letters import service as letters
from civreg.shared.database import new_id
from civreg.web.following import MOST_TRIES
from deploy.browser import Browser
from deploy.topology import HTTP, HTTPS, Topology, missing, settle
from tests.live_office import LiveOffice, birth_answers, open_office
from tests.live_stack import wait_until
from tests.world import MARRIAGE, ask, receive, register

SLOWEST_HEAD = 20
"""Seconds that deploy/haproxy.cfg gives a sender (`timeout http-request`)."""
_failures: list[str] = []


def found(what: str, holds: bool, figure: object = "") -> None:
    """Print one finding."""
    if not holds:
        _failures.append(what)
    print(f"{'ok ' if holds else 'NOT'} {what} {figure}".rstrip(), flush=True)


def served_by(hosts: Topology, request_id: str) -> str:
    """Tell which web server logged a request."""
    for name in ("web1", "web2"):
        if any(line.get("request_id") == request_id for line in hosts.lines(name)):
            return name
    return ""


def main() -> int:
    lacking = missing()
    if lacking:
        print(f"missing: {', '.join(lacking)}", file=sys.stderr)
        return 2
    folder = Path(tempfile.mkdtemp(prefix="civreg-hosts-"))
    hosts = Topology(folder)
    try:
        _start(hosts)
        office = open_office(hosts)  # type: ignore[arg-type]
        for step in (
            _tls,
            _door,
            _slow_senders,
            _addresses,
            _one_session,
            _letters_once,
            _web_killed,
            _forms_while_killed,
            _worker_killed,
            _beat,
            _backup,
            _logs,
        ):
            step(hosts, office)
    except BaseException:
        print(f"kept: {folder}", file=sys.stderr)
        raise
    finally:
        hosts.close()
    if _failures:
        print(f"kept: {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


def _start(hosts: Topology) -> None:
    began = time.monotonic()
    hosts.make_secrets()
    hosts.start_postgres()
    hosts.start_redis()
    hosts.once("prepare")
    hosts.once("migrate")
    hosts.names.start()
    for name in ("web1", "web2", "worker1", "worker2", "beat"):
        hosts.start(name)
    hosts.start_proxy()
    browser = Browser(hosts)
    wait_until(lambda: browser.get("/").status == 200, 60, "the first page through the proxy")
    found("started", True, f"{time.monotonic() - began:.1f} s")


def _tls(hosts: Topology, office: LiveOffice) -> None:
    secrets = hosts.folder / "secrets"
    address = (secrets / "database_url").read_text().strip()
    with office.engine.connect() as connection:
        version = connection.exec_driver_sql("SHOW server_version").scalar_one()
    superuser = (secrets / "superuser_url").read_text().strip()
    with psycopg.connect(superuser) as connection:
        query = "SELECT count(*), bool_and(ssl), min(version) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'civreg_app'"
        count, all_tls, least = connection.execute(query).fetchone()  # type: ignore[misc]
    found(
        "every connection of civreg to PostgreSQL is TLS",
        count > 0 and all_tls,
        f"{count}, {least}, server {version}",
    )
    for changed in (
        address.replace("verify-full", "disable"),
        address.replace(str(hosts.ca), str(secrets / "tls.pem")),
    ):
        found(
            "PostgreSQL is refused without TLS or under another authority",
            _refused(lambda a=changed: psycopg.connect(a)),
        )
    found(
        "PostgreSQL is refused without its password",
        _refused(lambda: psycopg.connect(address.split("?")[0].replace("civreg_app:", "civreg_app:x"))),
    )
    broker = (secrets / "redis_url").read_text().strip()
    with redis.Redis.from_url(broker) as client:
        found("Redis answers over verified TLS", client.ping())
        for command in ("FLUSHALL", "SHUTDOWN", "CONFIG GET *", "KEYS *"):
            found(f"Redis refuses {command}", _refused(lambda c=command: client.execute_command(c)))
    found(
        "Redis is refused under another authority",
        _refused(
            lambda: redis.Redis.from_url(
                broker.replace(str(hosts.ca), "/etc/ssl/certs/ca-certificates.crt")
            ).ping()
        ),
    )
    found(
        "Redis is refused without a password",
        _refused(lambda: redis.Redis(port=16379, ssl=True, ssl_ca_certs=str(hosts.ca)).ping()),
    )


def _refused(act: Callable[[], Any]) -> bool:
    try:
        act()
    except (psycopg.OperationalError, redis.RedisError):
        return True
    return False


def _raw(hosts: Topology, request: bytes, *, wait: float = 5) -> tuple[bytes, ssl.SSLSocket]:
    context = ssl.create_default_context(cafile=str(hosts.ca))
    line = context.wrap_socket(socket.create_connection(("127.0.0.1", HTTPS)), server_hostname="localhost")
    line.settimeout(wait)
    line.sendall(request)
    answer = b""
    with contextlib.suppress(TimeoutError, ssl.SSLError):
        while b"</html>" not in answer and (piece := line.recv(65536)):
            answer += piece
    return answer, line


def _door(hosts: Topology, office: LiveOffice) -> None:
    with socket.create_connection(("127.0.0.1", HTTP)) as plain:
        plain.sendall(b"GET /tra-cuu HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answer = plain.recv(4096)
    found("plain HTTP leads to HTTPS", b"301" in answer and b"https://localhost/tra-cuu" in answer)
    asked = ["openssl", "s_client", "-connect", f"127.0.0.1:{HTTPS}", "-cipher", "ALL@SECLEVEL=0"]
    for version, taken in (("-tls1_1", False), ("-tls1_2", True)):
        said = subprocess.run([*asked, version], input=b"", capture_output=True, check=False)
        alert = b"alert protocol version" in said.stderr
        found(
            f"{version[1:]} is {'taken' if taken else 'refused'}",
            (said.returncode == 0) == taken and alert != taken,
        )
    browser = Browser(hosts)
    for path in ("/metrics", "/readyz", "/healthz", "/%6detrics"):
        found(f"{path} is 404 from outside", browser.get(path).status == 404)
    for path, size, status in (
        ("/dang-nhap", 9, b"413"),
        ("/gui-anh", 65, b"413"),
        ("/dang-nhap", None, b"400"),
    ):
        length = f"Content-Length: {size * 2**20}\r\n" if size else ""
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{length}\r\n".encode() + b"x" * (
            40_000 if size else 0
        )
        answer, line = _raw(hosts, head)
        line.close()
        found(
            f"POST {path} of {size} MB is {status.decode()}",
            answer.startswith(b"HTTP/1.1 " + status),
            "in Vietnamese" if b'lang="vi"' in answer else "",
        )
    page = browser.get("/dang-nhap")
    found(
        "a page has HSTS and a __Host- cookie is set over TLS",
        page.status == 200
        and "max-age" in browser.headers["Strict-Transport-Security"]
        and any(c.name.startswith("__Host-") and c.secure for c in browser.cookies),
    )


def _slow_senders(hosts: Topology, office: LiveOffice) -> None:
    begun = b"POST /dang-nhap HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000\r\n\r\nx"
    slow = [_raw(hosts, begun, wait=0.01)[1] for _ in range(100)]
    began = time.monotonic()
    status = Browser(hosts).get("/").status
    seconds = time.monotonic() - began
    found(
        "100 slow senders hold nobody up",
        status == 200 and seconds < SLOWEST_HEAD / 4,
        f"{seconds * 1000:.0f} ms",
    )
    slow[-1].settimeout(2 * SLOWEST_HEAD)
    answer = slow[-1].recv(65536)
    found(
        "a slow sender is told so and cut off",
        answer.startswith(b"HTTP/1.1 408") and b'lang="vi"' in answer,
        f"after {time.monotonic() - began:.0f} s",
    )
    for line in slow:
        line.close()


def _addresses(hosts: Topology, office: LiveOffice) -> None:
    """Tries are counted under the address that the proxy saw, whatever a visitor says about itself."""

    def guess(visitor: Browser) -> int:
        token = visitor.get("/tra-cuu").hidden("csrf_token")
        return visitor.post(
            "/tra-cuu", {"csrf_token": token, "code": f"K7M3P-9QX{new_id().hex[-2:]}", "fact": "0000"}
        ).status

    forger, neighbour = Browser(hosts, "127.0.0.9"), Browser(hosts, "127.0.0.10")
    statuses = []
    for number in range(MOST_TRIES + 1):
        forger.says = {
            "X-Forwarded-For": f"203.0.113.{number}",
            "Forwarded": f"for=203.0.113.{number}",
            "X-Real-IP": f"203.0.113.{number}",
        }
        statuses.append(guess(forger))
    found("a visitor who invents addresses is one visitor", statuses[-1] == 429 not in statuses[:-1])
    neighbour.says = {"X-Forwarded-For": "127.0.0.9"}
    found("and spoils nothing for the next one", guess(neighbour) not in (429, 500))


def _one_session(hosts: Topology, office: LiveOffice) -> None:
    family = Browser(hosts)
    answers = birth_answers(office)
    token = family.get("/yeu-cau/birth_at_home/goi-lai").hidden("csrf_token")
    sent = family.post(
        "/yeu-cau/birth_at_home/xem-lai",
        {**answers, "csrf_token": token, "request_key": new_id().hex + "abcdefgh"},
    )
    found(
        "a family's request through the proxy gives a receipt",
        sent.url.endswith("/yeu-cau/da-gui"),
        served_by(hosts, family.last_request),
    )
    officer = Browser(hosts)
    officer.sign_in(office.username("officer"))
    where = [served_by(hosts, officer.last_request)]
    for _ in range(12):
        page = officer.get("/ban-lam-viec")
        assert page.status == 200
        assert "/dang-nhap" not in page.url
        where.append(served_by(hosts, officer.last_request))
    found(
        "one session is known on both web servers",
        {*where} == {"web1", "web2"},
        f"{where.count('web1')} + {where.count('web2')}",
    )


def _approved(office: LiveOffice, count: int) -> list[Any]:
    """Make letters that wait for their issue; return their ids."""
    with office.session() as session:
        case_ids = [
            ask(session, office.world(), MARRIAGE, key=new_id().hex + "abcdefgh").case_id
            for _ in range(count)
        ]
        for case_id in case_ids:
            receive(session, office.world(), case_id)
            register(session, office.world(), case_id)
    office.wait_for_jobs()
    ids = []
    for case_id in case_ids:
        with office.session() as session:
            row = letter_queries.letters_of_case(session, office.actors["head"], case_id)[0]
            letters.approve(session, office.actors["head"], row.id, expected_version=row.version)
            ids.append(row.id)
    return ids


def _check_letters(office: LiveOffice, what: str) -> None:
    with office.session() as session:
        rows = (
            session.connection()
            .exec_driver_sql(
                "SELECT number, (SELECT count(*) FROM letter_move m WHERE m.letter_id = l.id AND action = 'issue') FROM letter l ORDER BY number"
            )
            .all()
        )
    numbers = [number for number, _ in rows]
    holds = numbers == list(range(1, len(rows) + 1)) and all(moves == 1 for _, moves in rows)
    found(f"{what}: each letter once, no gap", holds, f"{len(rows)} letters")


def _letters_once(hosts: Topology, office: LiveOffice) -> None:
    _approved(office, 20)
    office.wait_for_jobs()
    _check_letters(office, "two workers")
    did = {
        name: sum(line.get("event") == "job done" for line in hosts.lines(name))
        for name in ("worker1", "worker2")
    }
    found("both workers did jobs", min(did.values()) > 0, did)


def _web_killed(hosts: Topology, office: LiveOffice) -> None:
    officer = Browser(hosts)
    officer.sign_in(office.username("officer"))
    for victim in ("web1", "web2"):
        statuses = []

        def ask_again(statuses: list[int] = statuses) -> None:
            statuses.extend(officer.get("/ban-lam-viec").status for _ in range(40))

        with ThreadPoolExecutor(1) as pool:
            asking = pool.submit(ask_again)
            settle(0.3)
            hosts.kill(victim)
            asking.result()
        bad = [status for status in statuses if status != 200]
        found(
            f"{victim} killed -9 while 40 pages are asked: the session goes on",
            len(bad) <= 1 and statuses[-1] == 200,
            f"{len(bad)} of {len(statuses)} broken {bad}",
        )
        hosts.start(victim)
        _both_serve(hosts, officer)
    found("both web servers serve again", True)


def _forms_while_killed(hosts: Topology, office: LiveOffice) -> None:
    """Families press again what was not answered: each gets one case."""
    counted = "SELECT count(*) FROM case_file"
    before = office.scalar(counted)

    def send(number: int) -> int:
        family = Browser(hosts, f"127.0.2.{number}")
        key = new_id().hex + "abcdefgh"
        for attempt in range(1, 9):
            with contextlib.suppress(OSError, http.client.HTTPException, AssertionError):
                token = family.get("/yeu-cau/birth_at_home/goi-lai").hidden("csrf_token")
                answers = birth_answers(office, phone=f"0912 346 {number:03}")
                fields = {**answers, "csrf_token": token, "request_key": key}
                sent = family.post("/yeu-cau/birth_at_home/xem-lai", fields)
                if sent.url.endswith("/yeu-cau/da-gui") and sent.status == 200:
                    return attempt
            settle(0.5)
        return 0

    with ThreadPoolExecutor(4) as pool:
        sending = [pool.submit(send, number) for number in range(1, 41)]
        wait_until(lambda: office.scalar(counted) > before, 60, "the first form")
        hosts.kill("web1")
        attempts = [one.result() for one in sending]
    hosts.start("web1")
    made = office.scalar(counted) - before
    found(
        "web1 killed -9 while 40 forms are sent: each family has one case",
        all(attempts) and made == len(attempts),
        f"{made} cases, {sum(number > 1 for number in attempts)} pressed again",
    )


def _both_serve(hosts: Topology, visitor: Browser) -> None:
    """Wait until the proxy asks both web servers again."""

    def who() -> str:
        visitor.get("/ban-lam-viec")
        return served_by(hosts, visitor.last_request)

    wait_until(lambda: {who() for _ in range(12)} == {"web1", "web2"}, 60, "both web servers")


def _worker_killed(hosts: Topology, office: LiveOffice) -> None:
    _approved(office, 20)
    issued = "SELECT count(*) FROM letter WHERE state = 'issued'"
    before = office.scalar(issued)
    wait_until(lambda: office.scalar(issued) > before, 60, "the first letter")
    hosts.kill("worker1")
    began = time.monotonic()
    office.wait_for_jobs(180)
    _check_letters(office, "worker1 killed -9 in the middle")
    found(
        "what it held was done by the other",
        True,
        f"after {time.monotonic() - began:.0f} s (a lease is 60 s)",
    )
    hosts.start("worker1")


def _beat(hosts: Topology, office: LiveOffice) -> None:
    hosts.kill("beat")
    waiting = "SELECT count(*) FROM outbox WHERE relayed_at IS NULL"
    for _ in range(3):  # a tick that was on its way may still take the first
        with office.session() as session:
            ask(session, office.world(), MARRIAGE, key=new_id().hex + "abcdefgh")
        settle(5)
        if office.scalar(waiting):
            break
    found("without a beat work waits in the database", office.scalar(waiting) > 0)
    hosts.start("beat")
    hosts.start("beat2")
    office.wait_for_jobs()
    _approved(office, 5)
    office.wait_for_jobs()
    _check_letters(office, "beat killed and two started")
    hosts.stop("beat2")


def _backup(hosts: Topology, office: LiveOffice) -> None:
    made = json.loads(hosts.once("flask", "backup", "--out", str(hosts.folder / "backup" / "one"), "--json"))
    found(
        "a backup by the tools service",
        made["rows"] > 0,
        f"{made['rows']} rows, {made['bytes']} bytes, {made['seconds']} s",
    )
    whole = json.loads(hosts.once("flask", "verify-audit", "--json"))
    found("the audit is whole", whole["ok"], f"{whole['rows']} rows")


def _logs(hosts: Topology, office: LiveOffice) -> None:
    text = "".join(file.read_text("utf-8", "replace") for file in (hosts.folder / "logs").glob("*.log"))
    secrets = [
        file.read_text().strip() for file in (hosts.folder / "secrets").iterdir() if file.name != "tls.pem"
    ]
    personal = ["Sa Rết", "Trần Văn Út", "0912 34", "091234", *secrets]
    found(
        "no secret and nothing personal in any log",
        not any(word in text for word in personal),
        f"{len(text)} characters",
    )
    pages = {
        line["request_id"] for name in ("web1", "web2") for line in hosts.lines(name) if "request_id" in line
    }
    work = [
        line
        for name in ("worker1", "worker2")
        for line in hosts.lines(name)
        if line.get("request_id") in pages
    ]
    found("a job's log line names the request that caused it", bool(work), f"{len(work)} lines")


if __name__ == "__main__":
    sys.exit(main())
